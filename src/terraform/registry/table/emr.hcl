#! module terraform-aws-modules/emr/aws
#! known 1.0.0 3.2.0

variable "create" {
  default = true
}

variable "name" {
  default = ""
}

variable "is_private_cluster" {
  default = true
}

variable "create_managed_security_groups" {
  default = true
}

variable "managed_security_group_name" {
  default = null
}

variable "managed_security_group_use_name_prefix" {
  default = true
}

#@ >= 3.0.0 {
variable "master_security_group_ingress_rules" {
#! lines ingress-type.part.hcl
  default = null
}

variable "slave_security_group_ingress_rules" {
#! lines ingress-type.part.hcl
  default = null
}

variable "service_security_group_ingress_rules" {
#! lines ingress-type.part.hcl
  default = null
}
#@ }

#@ < 3.0.0 {
variable "master_security_group_rules" {
  default = {
    "default" = {
      type             = "egress"
      from_port        = 0
      to_port          = 0
      protocol         = "-1"
      cidr_blocks      = ["0.0.0.0/0"]
      ipv6_cidr_blocks = ["::/0"]
    }
  }
}

variable "slave_security_group_rules" {
  default = {
    "default" = {
      type             = "egress"
      from_port        = 0
      to_port          = 0
      protocol         = "-1"
      cidr_blocks      = ["0.0.0.0/0"]
      ipv6_cidr_blocks = ["::/0"]
    }
  }
}

variable "service_security_group_rules" {
  default = {}
}
#@ }

variable "tags" {
  default = {}
}

locals {
  create_master  = var.create && var.create_managed_security_groups
  create_slave   = var.create && var.create_managed_security_groups
  create_service = var.create && var.create_managed_security_groups && var.is_private_cluster
  groups_name    = try(coalesce(var.managed_security_group_name, var.name), "")
}

resource "aws_security_group" "master" {
  count = local.create_master ? 1 : 0

  name        = var.managed_security_group_use_name_prefix ? null : "${local.groups_name}-master"
  name_prefix = var.managed_security_group_use_name_prefix ? "${local.groups_name}-master-" : null
  tags        = merge(var.tags, { Name = "${local.groups_name}-master" })
}

resource "aws_security_group" "slave" {
  count = local.create_slave ? 1 : 0

  name        = var.managed_security_group_use_name_prefix ? null : "${local.groups_name}-slave"
  name_prefix = var.managed_security_group_use_name_prefix ? "${local.groups_name}-slave-" : null
  tags        = merge(var.tags, { Name = "${local.groups_name}-slave" })
}

resource "aws_security_group" "service" {
  count = local.create_service ? 1 : 0

  name        = var.managed_security_group_use_name_prefix ? null : "${local.groups_name}-service"
  name_prefix = var.managed_security_group_use_name_prefix ? "${local.groups_name}-service-" : null
  tags        = merge(var.tags, { Name = "${local.groups_name}-service" })
}

# EMR adds rules of its own to these groups; they are not in the code.
#@ < 3.0.0 {
#! lines emr-rules-of-any.part.hcl with GROUP = master
#! lines emr-rules-of-any.part.hcl with GROUP = slave
#! lines emr-rules-of-any.part.hcl with GROUP = service
#@ }

#@ >= 3.0.0 {
#! lines emr-ingress.part.hcl with GROUP = master
#! lines emr-ingress.part.hcl with GROUP = slave
#! lines emr-ingress.part.hcl with GROUP = service
#@ }
