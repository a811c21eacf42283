id            = "iam-weak-password-policy"
title         = "IAM password policy is weak or missing"
action        = "strengthen the password policy"
severity      = "medium"
profile       = "standard"
reversibility = "care"
impact        = "in-place"
scope         = "account"
why           = <<-EOT
  Console passwords of IAM users are guessed, sprayed and reused. Length, variety, expiry and a memory of old passwords
  are what AWS lets an account demand. Settings that are stricter already stay as they are.
EOT
verify        = "The account's password policy, read back, has every setting at or beyond the demanded value."

controls = {
  security-hub = [
    "IAM.7",
    "IAM.10",
    { code = "IAM.11", with = { settings = ["require_uppercase_characters"] } },
    { code = "IAM.12", with = { settings = ["require_lowercase_characters"] } },
    { code = "IAM.13", with = { settings = ["require_symbols"] } },
    { code = "IAM.14", with = { settings = ["require_numbers"] } },
    { code = "IAM.15", with = { settings = ["minimum_password_length"] } },
    { code = "IAM.16", with = { settings = ["password_reuse_prevention"] } },
    { code = "IAM.17", with = { settings = ["max_password_age"] } },
  ]
  prowler = [
    { code = "iam_password_policy_uppercase", with = { settings = ["require_uppercase_characters"] } },
    { code = "iam_password_policy_lowercase", with = { settings = ["require_lowercase_characters"] } },
    { code = "iam_password_policy_symbol", with = { settings = ["require_symbols"] } },
    { code = "iam_password_policy_number", with = { settings = ["require_numbers"] } },
    { code = "iam_password_policy_minimum_length_14", with = { settings = ["minimum_password_length"] } },
    { code = "iam_password_policy_reuse_24", with = { settings = ["password_reuse_prevention"] } },
    { code = "iam_password_policy_expires_passwords_within_90_days_or_less", with = { settings = ["max_password_age"] } },
  ]
  checkov = [
    { code = "CKV_AWS_15", with = { settings = ["require_uppercase_characters"] } },
    { code = "CKV_AWS_11", with = { settings = ["require_lowercase_characters"] } },
    { code = "CKV_AWS_14", with = { settings = ["require_symbols"] } },
    { code = "CKV_AWS_12", with = { settings = ["require_numbers"] } },
    { code = "CKV_AWS_10", with = { settings = ["minimum_password_length"] } },
    { code = "CKV_AWS_13", with = { settings = ["password_reuse_prevention"] } },
    { code = "CKV_AWS_9", with = { settings = ["max_password_age"] } },
  ]
  trivy = [
    { code = "AVD-AWS-0061", with = { settings = ["require_uppercase_characters"] } },
    { code = "aws-iam-require-uppercase-in-passwords", with = { settings = ["require_uppercase_characters"] } },
    { code = "AVD-AWS-0058", with = { settings = ["require_lowercase_characters"] } },
    { code = "aws-iam-require-lowercase-in-passwords", with = { settings = ["require_lowercase_characters"] } },
    { code = "AVD-AWS-0060", with = { settings = ["require_symbols"] } },
    { code = "aws-iam-require-symbols-in-passwords", with = { settings = ["require_symbols"] } },
    { code = "AVD-AWS-0059", with = { settings = ["require_numbers"] } },
    { code = "aws-iam-require-numbers-in-passwords", with = { settings = ["require_numbers"] } },
    { code = "AVD-AWS-0063", with = { settings = ["minimum_password_length"] } },
    { code = "aws-iam-set-minimum-password-length", with = { settings = ["minimum_password_length"] } },
    { code = "AVD-AWS-0056", with = { settings = ["password_reuse_prevention"] } },
    { code = "aws-iam-no-password-reuse", with = { settings = ["password_reuse_prevention"] } },
    { code = "AVD-AWS-0062", with = { settings = ["max_password_age"] } },
    { code = "aws-iam-set-max-password-age", with = { settings = ["max_password_age"] } },
  ]
  aws-config = ["iam-password-policy"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AC-2(1)", "AC-2(3)", "AC-3(15)", "IA-5(1)",
  ]
  source = "AWS Security Hub user guide, control IAM.7"
}

rollback {
  restores         = "The previous policy; without a block before, AWS returns to its default policy."
  does_not_restore = "Passwords that users had to change."
}

remedy "set" {
  types = ["aws_iam_account_password_policy"]

  setting "minimum_password_length" {
    value     = 14
    parameter = "password_min_length"
    at_least  = 14
    absent    = "unsafe"
    warning   = "Passwords that exist stay valid; a longer one is asked for at the next change."
  }

  setting "require_lowercase_characters" {
    value  = true
    absent = "unsafe"
  }

  setting "require_uppercase_characters" {
    value  = true
    absent = "unsafe"
  }

  setting "require_numbers" {
    value  = true
    absent = "unsafe"
  }

  setting "require_symbols" {
    value  = true
    absent = "unsafe"
  }

  setting "max_password_age" {
    value     = 90
    parameter = "password_max_age"
    at_most   = 90
    absent    = "unsafe"
    warning   = "Users whose password is older than the new limit must change it at their next sign-in."
  }

  setting "password_reuse_prevention" {
    value     = 24
    parameter = "password_reuse_prevention"
    at_least  = 24
    absent    = "unsafe"
  }
}
