variable "databases" {
  type = list(object({
    name   = string
    public = optional(bool, true)
  }))
}

resource "aws_db_instance" "this" {
  for_each            = { for db in var.databases : db.name => db }
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
