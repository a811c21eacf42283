#! module terraform-aws-modules/eks/aws//modules/eks-managed-node-group
#! known 18.0.0 21.19.0
#! set imds-v1: metadata_options = { http_endpoint = "enabled", http_tokens = "required", http_put_response_hop_limit = 2 }

variable "create" {
  default  = true
  nullable = false #@ >= 21.0.0
}

variable "cluster_name" {
  default = null #@ < 21.0.0
  default = ""   #@ >= 21.0.0
}

variable "name" {
  default = ""
}

variable "create_launch_template" {
  default  = true
  nullable = false #@ >= 21.0.0
}

#@ >= 19.0.0 {
variable "use_custom_launch_template" {
  default  = true
  nullable = false #@ >= 21.0.0
}
#@ }

variable "launch_template_name" {
  default = ""   #@ < 19.0.0
  default = null #@ >= 19.0.0
}

#! lines eks-node-group-inputs.part.hcl

#! lines eks-node-group-names.part.hcl with GROUP = eks-node-group

resource "aws_launch_template" "this" {
  count = var.create && var.create_launch_template ? 1 : 0                                   #@ < 19.0.0
  count = var.create && var.create_launch_template && var.use_custom_launch_template ? 1 : 0 #@ >= 19.0.0

#! lines eks-node-group.part.hcl
