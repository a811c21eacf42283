resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = true
}

resource "aws_instance" "app" {
  ami           = "ami-12345678"
  instance_type = "t3.small"

  lifecycle {
    replace_triggered_by = [aws_db_instance.main.engine_version]
  }
}
