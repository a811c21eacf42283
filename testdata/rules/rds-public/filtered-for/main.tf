variable "databases" {
  type = map(object({
    enabled  = bool
    settings = map(bool)
  }))
  default = {
    dev  = { enabled = true, settings = { public = true, logs = true } }
    prod = { enabled = true, settings = { public = false } }
    old  = { enabled = false, settings = { public = true } }
  }
}

resource "aws_db_instance" "this" {
  for_each            = { for name, db in var.databases : name => db if db.enabled }
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.settings["public"]
}
