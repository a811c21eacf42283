locals {
  public = false
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = local.public
}
