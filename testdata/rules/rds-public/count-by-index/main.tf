resource "aws_db_instance" "this" {
  count               = 3
  instance_class      = "db.t4g.small"
  publicly_accessible = count.index == 0
}
