resource "aws_db_subnet_group" "main" {
  name       = "prove-main"
  subnet_ids = aws_subnet.main[*].id
}

resource "aws_db_instance" "rds_public" {
  identifier             = "prove-public"
  engine                 = "postgres"
  engine_version         = "15.4"
  instance_class         = "db.t3.micro"
  allocated_storage      = 20
  username               = "app"
  password               = "not-a-secret-in-an-emulator"
  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [aws_security_group.rds_public.id]
  publicly_accessible    = true
  skip_final_snapshot    = true
  apply_immediately      = true
}

resource "aws_rds_cluster" "rds_cluster_unprotected" {
  cluster_identifier   = "prove-cluster"
  engine               = "aurora-postgresql"
  master_username      = "app"
  master_password      = "not-a-secret-in-an-emulator"
  db_subnet_group_name = aws_db_subnet_group.main.name
  deletion_protection  = false
  skip_final_snapshot  = true
  apply_immediately    = true

  lifecycle {
    ignore_changes = [scaling_configuration] # the emulator reports an empty one
  }
}

# Of a database that was there before the code.
resource "aws_db_snapshot" "rds_snapshot_public" {
  db_instance_identifier = "prove-by-hand"
  db_snapshot_identifier = "prove-public-snapshot"
  shared_accounts        = ["all"]
}

resource "aws_dynamodb_table" "dynamodb_absent" {
  name         = "prove-absent"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_dynamodb_table" "dynamodb_disabled" {
  name         = "prove-disabled"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = false
  }
}
