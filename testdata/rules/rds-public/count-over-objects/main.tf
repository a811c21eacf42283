locals {
  databases = [
    { class = "db.t4g.small", public = false },
    { class = "db.t4g.small", public = true }, # for the migration
  ]
}

resource "aws_db_instance" "this" {
  count               = length(local.databases)
  instance_class      = local.databases[count.index].class
  publicly_accessible = local.databases[count.index].public
}
