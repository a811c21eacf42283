variable "create" {
  type    = bool
  default = true
}

variable "exposure" {
  type    = string
  default = "public"
}

resource "aws_db_instance" "this" {
  count               = var.create ? 1 : 0
  instance_class      = "db.t4g.small"
  publicly_accessible = var.create && var.exposure == "public"
}
