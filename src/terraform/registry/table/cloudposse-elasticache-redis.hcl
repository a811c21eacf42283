#! module cloudposse/elasticache-redis/aws
#! known 0.41.0 2.1.0
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
  default = "Security group for Elasticache Redis"
}

variable "cloudwatch_metric_alarms_enabled" {
  default = false
}

variable "alarm_actions" {
  default = []
}

variable "ok_actions" {
  default = []
}

variable "notification_topic_arn" {
  default = ""
}

variable "port" {
  default = 6379
}

#@ >= 1.1.0 {
variable "target_security_group_id" {
  default = []
}

variable "preserve_security_group_id" {
  default = false
}

variable "inline_rules_enabled" {
  default = false
}
#@ }

module "aws_security_group" {
  source = "./security-group-1" #@ < 1.1.0
  source = "./security-group-2" #@ >= 1.1.0

  enabled                    = var.enabled != false && (var.use_existing_security_groups == null ? var.create_security_group : !var.use_existing_security_groups)
  target_security_group_id   = var.target_security_group_id #@ >= 1.1.0
  security_group_name        = var.security_group_name
  security_group_description = var.security_group_description
  create_before_destroy      = var.security_group_create_before_destroy
  preserve_security_group_id = var.preserve_security_group_id #@ >= 1.1.0
  inline_rules_enabled       = var.inline_rules_enabled       #@ >= 1.1.0
  rules_map                  = { extra = var.additional_security_group_rules }
  rule_matrix = [{
    key         = "in"
    cidr_blocks = var.allowed_cidr_blocks
    rules       = [{ key = "in", type = "ingress", protocol = "tcp", from_port = var.port, to_port = var.port }]
  }]
  tags = var.tags
}

# Whom it tells of itself.
resource "aws_elasticache_replication_group" "default" {
  count = var.enabled != false ? 1 : 0

  notification_topic_arn = var.notification_topic_arn
}

resource "aws_cloudwatch_metric_alarm" "cache_cpu" {
  count = var.enabled != false && var.cloudwatch_metric_alarms_enabled ? 1 : 0

  alarm_actions = var.alarm_actions
  ok_actions    = var.ok_actions
}

output "security_group_id" {
  value = module.aws_security_group.id
}
