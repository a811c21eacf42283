locals {
  main = {
    public = false
    size   = 10
    public = true
  }
}

resource "aws_db_instance" "main" {
  identifier          = "main"
  publicly_accessible = local.main.public
}
