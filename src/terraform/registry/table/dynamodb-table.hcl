#! module terraform-aws-modules/dynamodb-table/aws
#! known 1.0.0 5.5.0

variable "create_table" {
  default = true
}

variable "name" {
  default = null
}

#@ >= 1.2.0 {
variable "autoscaling_enabled" {
  default = false
}
#@ }

#@ >= 3.3.0 {
variable "ignore_changes_global_secondary_index" {
  default = false
}
#@ }

variable "point_in_time_recovery_enabled" {
  default = false
}

variable "tags" {
  default = {}
}

resource "aws_dynamodb_table" "this" {
  count = var.create_table ? 1 : 0                             #@ < 1.2.0
  count = var.create_table && !var.autoscaling_enabled ? 1 : 0 #@ >= 1.2.0

  name = var.name
  tags = var.tags

  point_in_time_recovery {
    enabled = var.point_in_time_recovery_enabled
  }
}

#@ >= 1.2.0 {
resource "aws_dynamodb_table" "autoscaled" {
  count = var.create_table && var.autoscaling_enabled ? 1 : 0                                                #@ < 3.3.0
  count = var.create_table && var.autoscaling_enabled && !var.ignore_changes_global_secondary_index ? 1 : 0 #@ >= 3.3.0

  name = var.name
  tags = var.tags

  point_in_time_recovery {
    enabled = var.point_in_time_recovery_enabled
  }
}
#@ }

#@ >= 3.3.0 {
resource "aws_dynamodb_table" "autoscaled_gsi_ignore" {
  count = var.create_table && var.autoscaling_enabled && var.ignore_changes_global_secondary_index ? 1 : 0

  name = var.name
  tags = var.tags

  point_in_time_recovery {
    enabled = var.point_in_time_recovery_enabled
  }
}
#@ }
