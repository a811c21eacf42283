resource "aws_rds_cluster" "main" {
  cluster_identifier  = "aurora"
  deletion_protection = false
  engine              = "aurora-postgresql"
}
