#! module cloudposse/elasticache-memcached/aws
#! known 0.14.0 0.20.0
#! include cloudposse-security-group.hcl at 1.0.1 in security-group-1
#! include cloudposse-security-group.hcl at 2.2.0 in security-group-2

#! lines cloudposse-label.part.hcl

#! lines cloudposse-own-group.part.hcl

variable "use_existing_security_groups" {
  default = null
}

variable "security_group_create_before_destroy" {
  default = true
}

variable "security_group_description" {
  default = "Security group for Elasticache Memcached"
}

variable "cloudwatch_metric_alarms_enabled" {
  default = false
}

variable "alarm_actions" {
  default = []
}

variable "notification_topic_arn" {
  default = ""
}

module "aws_security_group" {
  source = "./security-group-1" #@ < 0.18.0
  source = "./security-group-2" #@ >= 0.18.0

  enabled                    = var.enabled != false && (var.use_existing_security_groups == null ? var.create_security_group : !var.use_existing_security_groups)
  security_group_name        = var.security_group_name
  security_group_description = var.security_group_description
  create_before_destroy      = var.security_group_create_before_destroy
  rules_map                  = { extra = var.additional_security_group_rules }
  tags                       = var.tags
}

# Whom it tells of itself.
resource "aws_elasticache_cluster" "default" {
  count = var.enabled != false ? 1 : 0

  notification_topic_arn = var.notification_topic_arn
}

resource "aws_cloudwatch_metric_alarm" "cache_cpu" {
  count = var.enabled != false && var.cloudwatch_metric_alarms_enabled ? 1 : 0

  alarm_actions = var.alarm_actions
}

output "security_group_id" {
  value = module.aws_security_group.id
}
