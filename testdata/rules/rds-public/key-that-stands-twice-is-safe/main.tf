locals {
  main = { public = true, size = 10, public = false }
}

resource "aws_db_instance" "main" {
  identifier          = "main"
  publicly_accessible = local.main.public
}
