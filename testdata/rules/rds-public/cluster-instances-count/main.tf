resource "aws_rds_cluster_instance" "nodes" {
  count               = 2
  identifier          = "node-${count.index}"
  cluster_identifier  = "aurora"
  publicly_accessible = true
}
