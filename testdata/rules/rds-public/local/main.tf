locals {
  name   = "orders"
  public = true
}

resource "aws_db_instance" "main" {
  identifier          = local.name
  publicly_accessible = local.public
}
