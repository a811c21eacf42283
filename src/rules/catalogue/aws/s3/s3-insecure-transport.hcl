id            = "s3-insecure-transport"
title         = "S3 bucket answers requests without TLS"
action        = "deny requests without TLS"
severity      = "medium"
profile       = "standard"
reversibility = "care"
impact        = "in-place"
why           = <<-EOT
  A request over plain HTTP can be read and changed on its way, and signed requests can be replayed. A policy statement
  that denies them costs nothing: every current SDK uses TLS.
EOT
verify        = "The bucket's policy, read back, denies requests with aws:SecureTransport = false."

controls = {
  security-hub = ["S3.5"]
  prowler      = ["s3_bucket_secure_transport_policy"]
  checkov      = ["CKV_AWS_379"]
  aws-config   = ["s3-bucket-ssl-requests-only"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AC-17(2)", "AC-4", "IA-5(1)", "SC-12(3)", "SC-13", "SC-23", "SC-23(3)", "SC-7(4)", "SC-8", "SC-8(1)", "SC-8(2)",
    "SI-7(6)",
  ]
  source = "AWS Security Hub user guide, control S3.5"
}

rollback {
  restores         = "The bucket's previous policy (or none)."
  does_not_restore = "Requests that were denied in between."
}

remedy "policy-statement" {
  types    = ["aws_s3_bucket"]
  sid      = "DenyInsecureTransport"
  warnings = ["Clients that still use plain HTTP are denied at once."]
}
