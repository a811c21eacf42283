#! module cloudposse/ec2-bastion-server/aws
#! known 0.25.0 0.31.1
#! include cloudposse-security-group.hcl at 0.3.3 in security-group

#! lines cloudposse-label.part.hcl

variable "metadata_http_endpoint_enabled" {
  default = true
}

variable "metadata_http_tokens_required" {
  default = true
}

#@ >= 0.28.0 {
#! lines cloudposse-group-of-rules.part.hcl

variable "security_group_description" {
  default = "Bastion host security group"
}

variable "security_group_rules" {
  default = [
    {
      type        = "egress"
      from_port   = 0
      to_port     = 0
      protocol    = -1
      cidr_blocks = ["0.0.0.0/0"]
      description = "Allow all outbound traffic"
    },
    {
      type        = "ingress"
      protocol    = "tcp"
      from_port   = 22
      to_port     = 22
      cidr_blocks = ["0.0.0.0/0"]
      description = "Allow all inbound to SSH"
    }
  ]
}
#@ }

resource "aws_instance" "default" {
  count = var.enabled != false ? 1 : 0

  tags = merge({ Name = var.label_id }, var.tags)

  metadata_options {
    http_endpoint = var.metadata_http_endpoint_enabled ? "enabled" : "disabled"
    http_tokens   = var.metadata_http_tokens_required ? "required" : "optional"
  }
}
