"""The kinds of roots that a generated estate is made of.

Each writes its code, what its state holds, and the unsafe objects with the address that made them. The unsafe value
stands where people put it: in the block, in a variable's default, in tfvars, in a local map, in a module's argument or
default, in one entry of a `for_each`, in a `dynamic` block, or nowhere at all.
"""

from .estate_parts import attributes, files_of_root, held, text


def bucket_arn(name):
    return f"arn:aws:s3:::{name}"


def storage(estate, place):
    """Buckets of its own: literal names, a template, a set, and one that was renamed."""
    stem = f"{place.team}-{place.environment}-{place.account[-4:]}-{estate.next()}"
    files_of_root(estate, place, {"retention_days": "number"}, {"retention_days": "90"})
    estate.write(f"{place.root}/locals.tf", text(f"""
        locals {{
          stem = "{stem}"
          zones = {{
            raw   = {{ expire = 30 }}
            clean = {{ expire = var.retention_days }}
          }}
        }}
    """))
    estate.write(f"{place.root}/buckets.tf", text(f"""
        # Uploads of customers, kept for the auditors.
        resource "aws_s3_bucket" "uploads" {{
          bucket = "{stem}-uploads"
        }}

        resource "aws_s3_bucket_public_access_block" "uploads" {{
          bucket = aws_s3_bucket.uploads.id

          block_public_acls       = true
          block_public_policy     = false # the website reads from here
          ignore_public_acls      = true
          restrict_public_buckets = false
        }}

        resource "aws_s3_bucket" "exports" {{
          bucket        = "${{local.stem}}-exports"
          force_destroy = false
        }}

        resource "aws_s3_bucket" "zone" {{
          for_each = local.zones

          bucket = "${{local.stem}}-${{each.key}}"
        }}

        resource "aws_s3_bucket_versioning" "zone" {{
          for_each = aws_s3_bucket.zone

          bucket = each.value.id

          versioning_configuration {{
            status = "Suspended"
          }}
        }}

        resource "aws_s3_bucket_lifecycle_configuration" "zone" {{
          for_each = local.zones

          bucket = aws_s3_bucket.zone[each.key].id

          rule {{
            id     = "expire"
            status = "Enabled"

            expiration {{
              days = each.value.expire
            }}
          }}
        }}
    """))
    estate.write(f"{place.root}/archive.tf", text(f"""
        resource "aws_s3_bucket" "archive" {{
          bucket = "{stem}-archive"

          lifecycle {{
            prevent_destroy = true
          }}
        }}

        moved {{
          from = aws_s3_bucket.old
          to   = aws_s3_bucket.archive
        }}
    """))
    estate.write(f"{place.root}/outputs.tf", text("""
        output "uploads" {
          description = "Where uploads go."
          value       = aws_s3_bucket.uploads.arn
        }

        output "zones" {
          description = "The buckets of the zones."
          value       = { for name, bucket in aws_s3_bucket.zone : name => bucket.arn }
        }
    """))
    for address, name, control in (
        ("aws_s3_bucket.uploads", f"{stem}-uploads", "S3.8"),
        ("aws_s3_bucket.exports", f"{stem}-exports", "S3.8"),
        ('aws_s3_bucket.zone["raw"]', f"{stem}-raw", "S3.14"),
        ('aws_s3_bucket.zone["clean"]', f"{stem}-clean", "S3.14"),
    ):
        held(estate, place, address, attributes(name, bucket_arn(name), bucket=name, region=place.region))
        estate.subject(place, control, "AwsS3Bucket", bucket_arn(name), address)
    # The state still knows it under its old address.
    name = f"{stem}-archive"
    held(estate, place, "aws_s3_bucket.old", attributes(name, bucket_arn(name), bucket=name, region=place.region))
    estate.subject(place, "S3.8", "AwsS3Bucket", bucket_arn(name), "aws_s3_bucket.archive")


def database(estate, place):
    """Databases by a module: the value in tfvars, in the module's default object, and in a count."""
    files_of_root(
        estate, place,
        {"db_public": "bool", "replicas": "number"},
        {"db_public": "true", "replicas": "2"},
    )  # fmt: skip
    stem = f"{place.component}-{estate.next()}"
    estate.write(f"{place.root}/main.tf", text(f"""
        module "orders" {{
          source = "../../../../modules/database"

          identifier = "{stem}-orders"
          public     = var.db_public
        }}

        module "history" {{
          source = "../../../../modules/database"

          identifier     = "{stem}-history"
          instance_class = "db.t4g.large"

          settings = {{
            deletion_protection = false
            backup_days         = 14
          }}
        }}

        resource "aws_db_instance" "replica" {{
          count = var.replicas

          identifier          = "{stem}-replica-${{count.index}}"
          replicate_source_db = "{stem}-orders"
          instance_class      = "db.t4g.medium"
          publicly_accessible = true
          skip_final_snapshot = true
        }}
    """))
    estate.write(f"{place.root}/alarms.tf", text("""
        resource "aws_cloudwatch_metric_alarm" "cpu" {
          for_each = toset(["orders", "history"])

          alarm_name          = "cpu-${each.key}"
          namespace           = "AWS/RDS"
          metric_name         = "CPUUtilization"
          comparison_operator = "GreaterThanThreshold"
          evaluation_periods  = 3
          period              = 300
          statistic           = "Average"
          threshold           = 80
        }
    """))
    estate.write(f"{place.root}/outputs.tf", text("""
        output "orders" {
          description = "Where orders are."
          value       = module.orders.endpoint
        }
    """))
    for address, name, control in (
        ("module.orders.aws_db_instance.this", f"{stem}-orders", "RDS.2"),
        ("module.history.aws_db_instance.this", f"{stem}-history", "RDS.8"),
        ("aws_db_instance.replica[0]", f"{stem}-replica-0", "RDS.2"),
        ("aws_db_instance.replica[1]", f"{stem}-replica-1", "RDS.2"),
    ):
        arn = f"arn:aws:rds:{place.region}:{place.account}:db:{name}"
        held(estate, place, address, attributes(f"db-{estate.hexadecimal(12).upper()}", arn, identifier=name))
        estate.subject(place, control, "AwsRdsDbInstance", arn, address)


def network(estate, place):
    """Security groups: inline, rules of their own, and a dynamic block over a list."""
    files_of_root(estate, place, {"office": "list(string)"}, {"office": '["198.51.100.0/24"]'})
    vpc = f"vpc-{estate.hexadecimal(17)}"
    estate.write(f"{place.root}/locals.tf", text(f"""
        locals {{
          vpc_id = "{vpc}"
          open = [
            {{ port = 443, from = ["0.0.0.0/0"] }},
            {{ port = 22, from = ["0.0.0.0/0"] }},
            {{ port = 5432, from = var.office }},
          ]
        }}
    """))
    estate.write(f"{place.root}/groups.tf", text("""
        resource "aws_security_group" "bastion" {
          name        = "bastion"
          description = "People."
          vpc_id      = local.vpc_id

          ingress {
            description = "SSH"
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = ["0.0.0.0/0", "198.51.100.0/24"]
          }

          egress {
            from_port   = 0
            to_port     = 0
            protocol    = "-1"
            cidr_blocks = ["0.0.0.0/0"]
          }
        }

        resource "aws_security_group" "edge" {
          name        = "edge"
          description = "Everybody."
          vpc_id      = local.vpc_id

          dynamic "ingress" {
            for_each = local.open

            content {
              from_port   = ingress.value.port
              to_port     = ingress.value.port
              protocol    = "tcp"
              cidr_blocks = ingress.value.from
            }
          }
        }
    """))
    estate.write(f"{place.root}/rules.tf", text("""
        resource "aws_security_group" "hosts" {
          name        = "hosts"
          description = "Machines."
          vpc_id      = local.vpc_id
        }

        resource "aws_vpc_security_group_ingress_rule" "remote" {
          security_group_id = aws_security_group.hosts.id
          description       = "Remote desktop"
          from_port         = 3389
          to_port           = 3389
          ip_protocol       = "tcp"
          cidr_ipv4         = "0.0.0.0/0"
        }

        resource "aws_vpc_security_group_egress_rule" "all" {
          security_group_id = aws_security_group.hosts.id
          ip_protocol       = "-1"
          cidr_ipv4         = "0.0.0.0/0"
        }
    """))
    estate.write(f"{place.root}/outputs.tf", text("""
        output "bastion" {
          description = "Group of the bastion."
          value       = aws_security_group.bastion.id
        }
    """))
    for address, control in (
        ("aws_security_group.bastion", "EC2.13"),
        ("aws_security_group.edge", "EC2.13"),
        ("aws_security_group.hosts", "EC2.14"),
    ):
        group = f"sg-{estate.hexadecimal(17)}"
        arn = f"arn:aws:ec2:{place.region}:{place.account}:security-group/{group}"
        held(estate, place, address, attributes(group, arn, name=address.rsplit(".", 1)[1], vpc_id=vpc))
        estate.subject(place, control, "AwsEc2SecurityGroup", arn, address)


def keys(estate, place):
    """Keys: a missing argument, one that says false, and one per name of a set."""
    files_of_root(estate, place, {"rotate": "bool"}, {"rotate": "false"})
    estate.write(f"{place.root}/keys.tf", text("""
        resource "aws_kms_key" "main" {
          description             = "Everything that has no key of its own"
          deletion_window_in_days = 30
        }

        resource "aws_kms_alias" "main" {
          name          = "alias/main"
          target_key_id = aws_kms_key.main.key_id
        }

        resource "aws_kms_key" "backup" {
          description         = "Backups"
          enable_key_rotation = var.rotate
        }

        resource "aws_kms_key" "tenant" {
          for_each = toset(["north", "south", "west"])

          description         = "Tenants in the ${each.key}"
          enable_key_rotation = each.key != "south"
        }
    """))
    estate.write(f"{place.root}/policies.tf", text(f"""
        data "aws_iam_policy_document" "use" {{
          statement {{
            sid       = "Use"
            actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
            resources = ["*"]

            principals {{
              type        = "AWS"
              identifiers = ["arn:aws:iam::{place.account}:root"]
            }}
          }}
        }}

        resource "aws_iam_policy" "use" {{
          name   = "use-keys"
          policy = data.aws_iam_policy_document.use.json
        }}
    """))
    estate.write(f"{place.root}/outputs.tf", text("""
        output "main" {
          description = "The key of everything."
          value       = aws_kms_key.main.arn
        }
    """))
    for address, unsafe in (
        ("aws_kms_key.main", True),
        ("aws_kms_key.backup", True),
        ('aws_kms_key.tenant["north"]', False),
        ('aws_kms_key.tenant["south"]', True),
        ('aws_kms_key.tenant["west"]', False),
    ):
        key = "-".join(estate.hexadecimal(n) for n in (8, 4, 4, 4, 12))
        arn = f"arn:aws:kms:{place.region}:{place.account}:key/{key}"
        held(estate, place, address, attributes(key, arn, key_id=key))
        if unsafe:
            estate.subject(place, "KMS.4", "AwsKmsKey", arn, address)


def tables(estate, place):
    """Tables from a map of objects: the entry says no, or the object's default does."""
    files_of_root(estate, place, {}, {})
    stem = f"{place.team}-{place.environment}-{place.component}"
    estate.write(f"{place.root}/tables.tf", text(f"""
        module "tables" {{
          source = "../../../../modules/table"

          tables = {{
            "{stem}-sessions" = {{
              hash_key = "session"
              recovery = false
            }}
            "{stem}-carts" = {{
              hash_key = "cart"
            }}
          }}
        }}

        resource "aws_dynamodb_table" "locks" {{
          name         = "{stem}-locks"
          billing_mode = "PAY_PER_REQUEST"
          hash_key     = "LockID"

          attribute {{
            name = "LockID"
            type = "S"
          }}
        }}
    """))
    estate.write(f"{place.root}/roles.tf", text(f"""
        resource "aws_iam_role" "reader" {{
          name = "{stem}-reader"

          assume_role_policy = jsonencode({{
            Version = "2012-10-17"
            Statement = [
              {{
                Effect    = "Allow"
                Action    = "sts:AssumeRole"
                Principal = {{ Service = "lambda.amazonaws.com" }}
              }},
            ]
          }})
        }}

        resource "aws_iam_role_policy_attachment" "reader" {{
          role       = aws_iam_role.reader.name
          policy_arn = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
        }}
    """))
    estate.write(f"{place.root}/outputs.tf", text("""
        output "tables" {
          description = "ARNs of the tables."
          value       = module.tables.arns
        }
    """))
    for address, name, unsafe in (
        (f'module.tables.aws_dynamodb_table.this["{stem}-sessions"]', f"{stem}-sessions", True),
        (f'module.tables.aws_dynamodb_table.this["{stem}-carts"]', f"{stem}-carts", False),
        ("aws_dynamodb_table.locks", f"{stem}-locks", True),
    ):
        arn = f"arn:aws:dynamodb:{place.region}:{place.account}:table/{name}"
        held(estate, place, address, attributes(name, arn, name=name))
        if unsafe:
            estate.subject(place, "DynamoDB.2", "AwsDynamoDbTable", arn, address)


def services(estate, place):
    """Services: a module that calls a module, and a launch template of its own."""
    files_of_root(estate, place, {"scan": "bool"}, {"scan": "false"})
    name = f"{place.team}-{place.component}"
    estate.write(f"{place.root}/service.tf", text(f"""
        module "api" {{
          source = "../../../../modules/service"

          name        = "{name}-api"
          scan_images = var.scan
        }}

        module "worker" {{
          source   = "../../../../modules/service"
          for_each = toset(["mail", "reports"])

          name        = "{name}-${{each.key}}"
          scan_images = each.key == "mail"
        }}
    """))
    estate.write(f"{place.root}/machines.tf", text("""
        resource "aws_launch_template" "workers" {
          name_prefix   = "workers-"
          image_id      = "ami-0123456789abcdef0"
          instance_type = "t4g.small"

          metadata_options {
            http_endpoint = "enabled"
            http_tokens   = "optional"
          }
        }

        resource "aws_instance" "runner" {
          ami           = "ami-0123456789abcdef0"
          instance_type = "t4g.small"

          tags = {
            Name = "runner"
          }
        }
    """))
    estate.write(f"{place.root}/logs.tf", text("""
        module "logs" {
          source = "../../../../modules/bucket"

          name       = local.log_bucket
          versioning = false
        }

        resource "aws_cloudwatch_log_group" "audit" {
          name              = "/audit"
          retention_in_days = 365
        }
    """))
    logs = f"{name}-{place.environment}-logs-{estate.next()}"
    estate.write(f"{place.root}/locals.tf", text(f"""
        locals {{
          log_bucket = "{logs}"
        }}
    """))
    estate.write(f"{place.root}/outputs.tf", text("""
        output "roles" {
          description = "Roles of the workers."
          value       = { for name, worker in module.worker : name => worker.role_arn }
        }
    """))
    for address, repository, unsafe in (
        ("module.api.module.images.aws_ecr_repository.this", f"{name}-api/app", True),
        ('module.worker["mail"].module.images.aws_ecr_repository.this', f"{name}-mail/app", False),
        ('module.worker["reports"].module.images.aws_ecr_repository.this', f"{name}-reports/app", True),
    ):
        arn = f"arn:aws:ecr:{place.region}:{place.account}:repository/{repository}"
        held(estate, place, address, attributes(repository, arn, name=repository))
        if unsafe:
            estate.subject(place, "ECR.1", "AwsEcrRepository", arn, address)
    held(estate, place, "module.logs.aws_s3_bucket.this", attributes(logs, bucket_arn(logs), bucket=logs))
    estate.subject(place, "S3.14", "AwsS3Bucket", bucket_arn(logs), "module.logs.aws_s3_bucket.this")
    instance = f"i-{estate.hexadecimal(17)}"
    arn = f"arn:aws:ec2:{place.region}:{place.account}:instance/{instance}"
    held(estate, place, "aws_instance.runner", attributes(instance, arn))
    estate.subject(place, "EC2.8", "AwsEc2Instance", arn, "aws_instance.runner")
    # Made by hand in the console: no code, no state.
    stray = f"{name}-{place.environment}-console-{estate.next()}"
    estate.subject(place, "S3.8", "AwsS3Bucket", bucket_arn(stray), None)


KINDS = (
    ("storage", storage),
    ("database", database),
    ("network", network),
    ("keys", keys),
    ("tables", tables),
    ("services", services),
)
