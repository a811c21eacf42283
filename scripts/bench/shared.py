"""The modules of the generated estate, which many roots call."""

from textwrap import dedent


def text(written):
    return dedent(written).lstrip("\n")


def write(estate):
    for name, files in MODULES.items():
        for file, written in files.items():
            estate.write(f"modules/{name}/{file}", text(written))


VERSIONS = """
    terraform {
      required_version = ">= 1.5"

      required_providers {
        aws = {
          source  = "hashicorp/aws"
          version = ">= 5.0"
        }
      }
    }
"""

MODULES = {
    "bucket": {
        "versions.tf": VERSIONS,
        "variables.tf": """
            variable "name" {
              description = "Name of the bucket."
              type        = string
            }

            variable "versioning" {
              description = "Keep old versions of objects."
              type        = bool
              default     = true
            }

            variable "block_public_access" {
              description = "Refuse public ACLs and policies."
              type        = bool
              default     = true
            }

            variable "tags" {
              description = "Tags of everything in this module."
              type        = map(string)
              default     = {}
            }
        """,
        "main.tf": """
            locals {
              tags = merge(var.tags, { Module = "bucket" })
            }

            resource "aws_s3_bucket" "this" {
              bucket = var.name
              tags   = local.tags
            }

            resource "aws_s3_bucket_versioning" "this" {
              bucket = aws_s3_bucket.this.id

              versioning_configuration {
                status = var.versioning ? "Enabled" : "Suspended"
              }
            }

            resource "aws_s3_bucket_public_access_block" "this" {
              bucket = aws_s3_bucket.this.id

              block_public_acls       = var.block_public_access
              block_public_policy     = var.block_public_access
              ignore_public_acls      = var.block_public_access
              restrict_public_buckets = var.block_public_access
            }
        """,
        "outputs.tf": """
            output "id" {
              description = "Name of the bucket."
              value       = aws_s3_bucket.this.id
            }

            output "arn" {
              description = "ARN of the bucket."
              value       = aws_s3_bucket.this.arn
            }
        """,
    },
    "database": {
        "versions.tf": VERSIONS,
        "variables.tf": """
            variable "identifier" {
              description = "Identifier of the instance."
              type        = string
            }

            variable "public" {
              description = "Reachable from outside of the VPC."
              type        = bool
              default     = false
            }

            variable "instance_class" {
              description = "Size of the instance."
              type        = string
              default     = "db.t4g.medium"
            }

            variable "settings" {
              description = "Less common settings."
              type = object({
                backup_days         = optional(number, 7)
                deletion_protection = optional(bool, true)
                engine_version      = optional(string, "16.3")
              })
              default = {}
            }
        """,
        "main.tf": """
            resource "aws_db_subnet_group" "this" {
              name       = var.identifier
              subnet_ids = ["subnet-11111111", "subnet-22222222"]
            }

            resource "aws_db_instance" "this" {
              identifier                  = var.identifier
              engine                      = "postgres"
              engine_version              = var.settings.engine_version
              instance_class              = var.instance_class
              allocated_storage           = 50
              storage_encrypted           = true
              username                    = "main"
              manage_master_user_password = true
              db_subnet_group_name        = aws_db_subnet_group.this.name
              publicly_accessible         = var.public
              deletion_protection         = var.settings.deletion_protection
              backup_retention_period     = var.settings.backup_days
              skip_final_snapshot         = true
            }
        """,
        "outputs.tf": """
            output "endpoint" {
              description = "Host and port."
              value       = aws_db_instance.this.endpoint
            }
        """,
    },
    "table": {
        "versions.tf": VERSIONS,
        "variables.tf": """
            variable "tables" {
              description = "Tables by name."
              type = map(object({
                hash_key = string
                recovery = optional(bool, true)
              }))
            }
        """,
        "main.tf": """
            resource "aws_dynamodb_table" "this" {
              for_each = var.tables

              name         = each.key
              billing_mode = "PAY_PER_REQUEST"
              hash_key     = each.value.hash_key

              attribute {
                name = each.value.hash_key
                type = "S"
              }

              point_in_time_recovery {
                enabled = each.value.recovery
              }
            }
        """,
        "outputs.tf": """
            output "arns" {
              description = "ARNs by table."
              value       = { for name, table in aws_dynamodb_table.this : name => table.arn }
            }
        """,
    },
    "repository": {
        "versions.tf": VERSIONS,
        "variables.tf": """
            variable "name" {
              description = "Name of the repository."
              type        = string
            }

            variable "scan" {
              description = "Scan images when they are pushed."
              type        = bool
              default     = true
            }
        """,
        "main.tf": """
            resource "aws_ecr_repository" "this" {
              name                 = var.name
              image_tag_mutability = "IMMUTABLE"

              image_scanning_configuration {
                scan_on_push = var.scan
              }
            }
        """,
        "outputs.tf": """
            output "url" {
              description = "Where images are pushed to."
              value       = aws_ecr_repository.this.repository_url
            }
        """,
    },
    "service": {
        "versions.tf": VERSIONS,
        "variables.tf": """
            variable "name" {
              description = "Name of the service."
              type        = string
            }

            variable "scan_images" {
              description = "Scan images when they are pushed."
              type        = bool
              default     = true
            }
        """,
        "main.tf": """
            module "images" {
              source = "../repository"

              name = "${var.name}/app"
              scan = var.scan_images
            }

            resource "aws_cloudwatch_log_group" "this" {
              name              = "/service/${var.name}"
              retention_in_days = 90
            }

            resource "aws_iam_role" "this" {
              name = "${var.name}-task"

              assume_role_policy = jsonencode({
                Version = "2012-10-17"
                Statement = [
                  {
                    Effect    = "Allow"
                    Action    = "sts:AssumeRole"
                    Principal = { Service = "ecs-tasks.amazonaws.com" }
                  },
                ]
              })
            }
        """,
        "outputs.tf": """
            output "role_arn" {
              description = "ARN of the task's role."
              value       = aws_iam_role.this.arn
            }
        """,
    },
}
