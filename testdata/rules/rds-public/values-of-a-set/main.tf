variable "classes" {
  type    = set(string)
  default = ["db.t4g.small", "db.t4g.large"]
}

resource "aws_db_instance" "this" {
  for_each            = var.classes
  instance_class      = each.value
  publicly_accessible = endswith(each.value, "small")
}
