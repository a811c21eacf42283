#! module cloudposse/dynamodb/aws
#! known 0.23.0 0.37.0

#! lines cloudposse-label.part.hcl

#@ >= 0.36.0 {
variable "table_name" {
  default = null
}
#@ }

variable "enable_point_in_time_recovery" {
  default = true
}

resource "aws_dynamodb_table" "default" {
  count = var.enabled != false ? 1 : 0

  name = var.label_id                                                                    #@ < 0.36.0
  name = var.table_name != null && var.table_name != "" ? var.table_name : var.label_id #@ >= 0.36.0
  tags = var.tags

  point_in_time_recovery {
    enabled = var.enable_point_in_time_recovery
  }
}
