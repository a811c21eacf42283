variable "databases" {
  type = map(object({
    engine = string
    public = optional(bool, true)
  }))
}

resource "aws_db_instance" "this" {
  for_each = var.databases

  identifier          = each.key
  engine              = each.value.engine
  instance_class      = "db.t3.micro"
  publicly_accessible = each.value.public
}
