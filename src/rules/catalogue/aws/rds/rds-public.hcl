id            = "rds-public"
title         = "RDS instance is publicly accessible"
action        = "disable public access"
severity      = "critical"
profile       = "standard"
reversibility = "care"
impact        = "in-place"
why           = <<-EOT
  A publicly accessible instance has a public address: its security group is all that stands between the internet and
  a log-in prompt.
EOT
verify        = "The instance, read back, has PubliclyAccessible = false."

controls = {
  security-hub = ["RDS.2"]
  prowler      = ["rds_instance_no_public_access"]
  checkov      = ["CKV_AWS_17"]
  trivy        = ["AVD-AWS-0180"]
  aws-config   = ["rds-instance-public-access-check"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AC-4", "AC-4(21)", "SC-7", "SC-7(11)", "SC-7(16)", "SC-7(21)", "SC-7(4)", "SC-7(5)",
  ]
  source = "AWS Security Hub user guide, control RDS.2"
}

rollback {
  restores         = "The public address: the endpoint's name resolves to a public address again, which may be another one."
  does_not_restore = "Connections from outside of the VPC that broke in between."
}

remedy "set" {
  types    = ["aws_db_instance"]
  warnings = ["Clients outside of the VPC (and its peers) lose access; those inside must resolve the endpoint anew."]

  setting "publicly_accessible" {
    value  = false
    absent = "safe"
  }
}

remedy "set" {
  types    = ["aws_rds_cluster_instance"]
  warnings = ["Clients outside of the VPC (and its peers) lose access; those inside must resolve the endpoint anew."]

  # Where nothing is written, RDS decides by the subnets of the cluster.
  setting "publicly_accessible" {
    value  = false
    absent = "unknown"
  }
}
