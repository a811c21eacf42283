variable "databases" {
  type = map(object({
    class  = string
    public = bool
  }))
}

resource "aws_db_instance" "this" {
  for_each            = var.databases
  identifier          = each.key
  instance_class      = each.value.class
  publicly_accessible = each.value.public
}
