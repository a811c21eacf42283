variable "env" {
  type    = string
  default = "dev"
}

variable "public" {
  type = map(bool)
  default = {
    prod = false
  }
}

resource "aws_db_instance" "this" {
  instance_class      = "db.t4g.small"
  publicly_accessible = lookup(var.public, var.env, true)
}
