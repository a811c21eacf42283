variable "internal" {
  type    = bool
  default = false
}

variable "stage" {
  default = "dev"
}

resource "aws_db_instance" "this" {
  instance_class      = "db.t4g.small"
  publicly_accessible = var.internal || var.stage == "prod" ? null : true
}
