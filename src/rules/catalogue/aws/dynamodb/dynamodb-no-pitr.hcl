id            = "dynamodb-no-pitr"
title         = "DynamoDB table cannot be restored to a point in time"
action        = "enable point-in-time recovery"
severity      = "medium"
profile       = "standard"
reversibility = "safe"
impact        = "in-place"
why           = <<-EOT
  Point-in-time recovery is the way back from a bad deployment or a deleted set of items: any second of the last 35 days.
EOT
verify        = "The table's continuous backups, read back, have point-in-time recovery enabled."

controls = {
  security-hub = ["DynamoDB.2"]
  prowler      = ["dynamodb_tables_pitr_enabled"]
  checkov      = ["CKV_AWS_28"]
  trivy        = ["AVD-AWS-0024", "aws-dynamodb-enable-recovery"]
  aws-config   = ["dynamodb-pitr-enabled"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "CP-10", "CP-6(2)", "CP-9", "SC-5(2)", "SI-12", "SI-13(5)",
  ]
  source = "AWS Security Hub user guide, control DynamoDB.2"
}

rollback {
  restores         = "No continuous backups are kept any more."
  does_not_restore = "The window of restorable seconds: it is lost at once and starts anew when enabled again."
}

remedy "set" {
  types    = ["aws_dynamodb_table"]
  warnings = ["Continuous backups are billed by the size of the table."]

  setting "point_in_time_recovery.enabled" {
    value  = true
    absent = "unsafe"
  }
}
