#! module terraform-aws-modules/rds/aws
#! known 2.0.0 7.2.0

variable "create_db_instance" {
  default = true
}

variable "identifier" {}

#@ >= 4.5.0 {
variable "instance_use_identifier_prefix" {
  default = false
}
#@ }

variable "engine" {
  default = null
}

variable "publicly_accessible" {
  default = false
}

variable "deletion_protection" {
  default = false
}

variable "tags" {
  default = {}
}

module "db_instance" {
  source = "./modules/db_instance"

  create                = var.create_db_instance
  identifier            = var.identifier
  use_identifier_prefix = var.instance_use_identifier_prefix #@ >= 4.5.0
  engine                = var.engine
  publicly_accessible   = var.publicly_accessible
  deletion_protection   = var.deletion_protection
  tags                  = var.tags
}
#! file modules/db_instance
variable "create" {
  default = true
}

variable "identifier" {}

variable "use_identifier_prefix" {
  default = false
}

variable "engine" {
  default = null
}

variable "publicly_accessible" {
  default = false
}

variable "deletion_protection" {
  default = false
}

variable "tags" {
  default = {}
}

#@ < 4.0.0 {
locals {
  is_mssql = try(element(split("-", var.engine), 0), "") == "sqlserver"
}
#@ }

resource "aws_db_instance" "this" {
  count = var.create && !local.is_mssql ? 1 : 0 #@ < 4.0.0
  count = var.create ? 1 : 0                    #@ >= 4.0.0

  identifier        = var.use_identifier_prefix ? null : var.identifier
  identifier_prefix = var.use_identifier_prefix ? "${var.identifier}-" : null

  publicly_accessible = var.publicly_accessible
  deletion_protection = var.deletion_protection
  tags                = var.tags
}

#@ < 4.0.0 {
resource "aws_db_instance" "this_mssql" {
  count = var.create && local.is_mssql ? 1 : 0

  identifier          = var.identifier
  publicly_accessible = var.publicly_accessible
  deletion_protection = var.deletion_protection
  tags                = var.tags
}
#@ }
