locals {
  enabled = true
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = local.enabled
  multi_az            = local.enabled
}
