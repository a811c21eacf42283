id            = "rds-no-deletion-protection"
title         = "RDS database can be deleted by one call"
action        = "enable deletion protection"
severity      = "low"
profile       = "starter"
reversibility = "safe"
impact        = "in-place"
why           = <<-EOT
  With deletion protection, a mistaken `terraform destroy`, a stray API call or stolen credentials need a second, visible
  step before the data is gone.
EOT
verify        = "The instance or cluster, read back, has DeletionProtection = true."

controls = {
  security-hub = ["RDS.8", "RDS.7"]
  prowler      = ["rds_instance_deletion_protection", "rds_cluster_deletion_protection"]
  checkov      = ["CKV_AWS_293", "CKV_AWS_139"]
  trivy        = ["AVD-AWS-0177", "aws-rds-enable-deletion-protection"]
  aws-config   = ["rds-instance-deletion-protection-enabled", "rds-cluster-deletion-protection-enabled"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "CM-3", "SC-5(2)", "SI-13(5)",
  ]
  source = "AWS Security Hub user guide, controls RDS.8, RDS.7"
}

rollback {
  restores = "The database can be deleted by one call again."
}

remedy "set" {
  types    = ["aws_db_instance", "aws_rds_cluster"]
  warnings = ["Removing the database later takes two applies: protection off first."]

  setting "deletion_protection" {
    value  = true
    absent = "unsafe"
  }
}
