variable "public" {
  type    = bool
  default = true
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "root"
  password            = "hunter2hunter2"
  publicly_accessible = var.public
  skip_final_snapshot = true
}
