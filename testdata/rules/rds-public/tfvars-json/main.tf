variable "databases" {
  type = map(object({
    class  = string
    public = optional(bool, true)
  }))
}

variable "note" {
  type    = bool
  default = true
}

resource "aws_db_instance" "this" {
  for_each            = var.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
