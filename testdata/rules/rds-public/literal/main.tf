# The orders database.
resource "aws_db_instance" "main" {
  identifier          = "orders"
  engine              = "postgres"
  instance_class      = "db.t4g.small"
  publicly_accessible = true # for the migration, remove later
  skip_final_snapshot = true
}

resource "aws_db_instance" "other" {
  identifier          = "other"
  publicly_accessible = true
}
