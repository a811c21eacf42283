resource "aws_rds_cluster_instance" "node" {
  identifier         = "node"
  cluster_identifier = "aurora"
  instance_class     = "db.t4g.medium"
  engine             = "aurora-postgresql"
}
