resource "aws_db_instance" "this" {
  count               = 2
  instance_class      = "db.t4g.small"
  publicly_accessible = true
}
