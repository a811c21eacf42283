id            = "iam-access-key-unused"
title         = "IAM access key is active but unused"
action        = "deactivate the unused access key"
severity      = "medium"
profile       = "standard"
reversibility = "care"
impact        = "in-place"
why           = <<-EOT
  A key that nobody uses is missed by nobody when it leaks, and its use by a stranger is noticed late. Deactivating it
  costs nothing and is undone in a second; deleting it would not be.
EOT
verify        = "The key's status, read back, is Inactive."

controls = {
  security-hub = [
    "IAM.3",
    "IAM.8",
    { code = "IAM.22", with = { unused_days = 45 } },
  ]
  prowler = [
    "iam_rotate_access_key_90_days",
    { code = "iam_user_accesskey_unused", with = { unused_days = 45 } },
  ]
  aws-config = ["iam-user-unused-credentials-check"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AC-2", "AC-2(1)", "AC-2(3)", "AC-3", "AC-3(15)", "AC-3(7)", "AC-6",
  ]
  source = "AWS Security Hub user guide, control IAM.8"
}

rollback {
  restores = "The key becomes Active again, with the same id and secret."
}

remedy "set" {
  types    = ["aws_iam_access_key"]
  warnings = ["Whoever still uses this key is denied from the apply on."]

  setting "status" {
    value  = "Inactive"
    absent = "unsafe"
  }

  evidence "access-key.unused-days" {
    at_least  = 90
    parameter = "unused_days"
    refusal   = "key-in-use-unknown"
    message   = "the finding does not show that the key has been unused for long enough"
    next      = "look at the key's last use (`aws iam get-access-key-last-used`); set `status = \"Inactive\"` by hand when it is unused"
  }
}

remedy "set" {
  types = ["aws_iam_user"]
  warnings = [
    "The finding names the user, not the key: make sure that the unused key is this one.",
    "Whoever still uses this key is denied from the apply on.",
  ]

  on {
    resource = "aws_iam_access_key"
    link     = "user"
    to       = "name"
    missing  = "the user has no `aws_iam_access_key` in this configuration: the key was made outside of the code"
    next     = "deactivate it with `aws iam update-access-key --status Inactive`, after a look at its last use"
  }

  setting "status" {
    value  = "Inactive"
    absent = "unsafe"
  }

  evidence "access-key.unused-days" {
    at_least  = 90
    parameter = "unused_days"
    refusal   = "key-in-use-unknown"
    message   = "the finding does not show that the key has been unused for long enough"
    next      = "look at the key's last use (`aws iam get-access-key-last-used`); set `status = \"Inactive\"` by hand when it is unused"
  }
}
