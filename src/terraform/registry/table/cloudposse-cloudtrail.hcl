#! module cloudposse/cloudtrail/aws
#! known 0.14.0 0.24.0

variable "enabled" {
  default = null
}

variable "name" {
  default = null
}

# Made of namespace, stage, name and the rest of the label.
variable "label_id" {}

variable "enable_log_file_validation" {
  default = true
}

variable "tags" {
  default = {}
}

resource "aws_cloudtrail" "default" {
  count = var.enabled == false ? 0 : 1

  name                       = var.label_id
  enable_log_file_validation = var.enable_log_file_validation
  tags                       = var.tags
}
