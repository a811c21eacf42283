variable "env" {
  type = string
}

locals {
  env = {
    dev = {
      db = { class = "db.t4g.small", public = true }
    }
    prod = {
      db = { class = "db.m7g.large", public = false }
    }
  }
}

resource "aws_db_instance" "this" {
  instance_class      = local.env[var.env].db.class
  publicly_accessible = local.env[var.env].db.public
}
