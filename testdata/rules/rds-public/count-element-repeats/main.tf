locals {
  public = [true, false]
}

resource "aws_db_instance" "this" {
  count               = 4
  instance_class      = "db.t4g.small"
  publicly_accessible = element(local.public, count.index)
}
