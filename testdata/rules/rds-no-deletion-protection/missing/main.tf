resource "aws_db_instance" "main" {
  identifier     = "orders"
  instance_class = "db.t4g.small"

  tags = {
    team = "orders"
  }
}
