id            = "rds-snapshot-public"
title         = "RDS snapshot is shared with everybody"
action        = "stop public sharing"
severity      = "critical"
profile       = "standard"
reversibility = "care"
impact        = "grant-removed"
why           = <<-EOT
  A snapshot shared with `all` can be restored by any AWS account: the whole database, credentials tables included,
  is public.
EOT
verify        = "The snapshot's `restore` attribute, read back, does not hold `all`."

controls = {
  security-hub = ["RDS.1"]
  prowler      = ["rds_snapshots_public_access"]
  checkov      = ["CKV_AWS_302"]
  aws-config   = ["rds-snapshots-public-prohibited"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AC-21", "AC-3", "AC-3(7)", "AC-4", "AC-4(21)", "AC-6", "SC-7", "SC-7(11)", "SC-7(16)", "SC-7(20)",
    "SC-7(21)", "SC-7(3)", "SC-7(4)", "SC-7(9)",
  ]
  source = "AWS Security Hub user guide, control RDS.1"
}

rollback {
  restores         = "The snapshot is shared with everybody again."
  does_not_restore = "Copies that other accounts made while it was public stay with them."
}

remedy "drop-elements" {
  types    = ["aws_db_snapshot", "aws_db_cluster_snapshot", "aws_db_snapshot_copy", "aws_rds_cluster_snapshot_copy"]
  path     = "shared_accounts"
  elements = ["all"]
  warnings = ["Treat what was in the snapshot as disclosed: copies that others made stay theirs."]
}
