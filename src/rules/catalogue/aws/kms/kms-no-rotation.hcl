id            = "kms-no-rotation"
title         = "KMS key does not rotate"
action        = "enable key rotation"
severity      = "medium"
profile       = "starter"
reversibility = "safe"
impact        = "in-place"
why           = <<-EOT
  Rotation bounds what one leaked or worn key generation can decrypt. Old generations stay for decryption, so nothing
  has to be encrypted again.
EOT
verify        = "The key's rotation status, read back, is enabled."

controls = {
  security-hub = ["KMS.4"]
  prowler      = ["kms_cmk_rotation_enabled"]
  checkov      = ["CKV_AWS_7"]
  trivy        = ["AVD-AWS-0065", "aws-kms-auto-rotate-keys"]
  aws-config   = ["cmk-backing-key-rotation-enabled"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "SC-12", "SC-12(2)", "SC-28(3)",
  ]
  source = "AWS Security Hub user guide, control KMS.4"
}

rollback {
  restores         = "The key does not rotate any more."
  does_not_restore = "Generations that were made in between stay and are used; nothing has to be done about them."
}

remedy "set" {
  types = ["aws_kms_key"]

  require "customer_master_key_spec" {
    one_of    = ["SYMMETRIC_DEFAULT"]
    or_absent = true
    message   = "automatic rotation exists for symmetric encryption keys only, and this key is of another kind"
    next      = "rotate it by hand: a new key behind the same alias"
  }

  require "key_usage" {
    one_of    = ["ENCRYPT_DECRYPT"]
    or_absent = true
    message   = "automatic rotation exists for symmetric encryption keys only, and this key has another use"
    next      = "rotate it by hand: a new key behind the same alias"
  }

  require "custom_key_store_id" {
    present = false
    message = "keys in a custom key store cannot rotate automatically"
    next    = "rotate it by hand: a new key behind the same alias"
  }

  setting "enable_key_rotation" {
    value  = true
    absent = "unsafe"
  }
}
