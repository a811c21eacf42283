#! module cloudposse/ecs-alb-service-task/aws
#! known 0.63.0 0.78.0

#! lines cloudposse-label.part.hcl

variable "network_mode" {
  default = "awsvpc"
}

variable "security_group_enabled" {
  default = true
}

variable "use_nlb_cidr_blocks" {
  default = false
}

variable "nlb_container_port" {
  default = 80
}

variable "nlb_cidr_blocks" {
  default = []
}

locals {
  own_group = var.enabled != false && var.network_mode == "awsvpc" && var.security_group_enabled
}

resource "aws_security_group" "ecs_service" {
  count = local.own_group ? 1 : 0

  name = var.label_id
  tags = var.tags
}

resource "aws_security_group_rule" "nlb" {
  count = local.own_group && var.use_nlb_cidr_blocks ? 1 : 0

  security_group_id = aws_security_group.ecs_service[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.nlb_container_port
  to_port           = var.nlb_container_port
  cidr_blocks       = var.nlb_cidr_blocks
}

output "service_security_group_id" {
  value = try(aws_security_group.ecs_service[0].id, "")
}
