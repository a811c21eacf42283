id            = "ecr-no-scan-on-push"
title         = "ECR repository does not scan pushed images"
action        = "enable image scanning"
severity      = "high"
profile       = "starter"
reversibility = "safe"
impact        = "in-place"
why           = <<-EOT
  A scan on push tells of known vulnerabilities before an image runs anywhere. Basic scanning costs nothing.
EOT
verify        = "The repository, read back, has scanOnPush = true."

controls = {
  security-hub = ["ECR.1"]
  prowler      = ["ecr_repositories_scan_images_on_push_enabled"]
  checkov      = ["CKV_AWS_163"]
  trivy        = ["AVD-AWS-0030", "aws-ecr-enable-image-scans"]
  aws-config   = ["ecr-private-image-scanning-enabled"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "RA-5",
  ]
  source = "AWS Security Hub user guide, control ECR.1"
}

rollback {
  restores         = "Pushed images are not scanned any more."
  does_not_restore = "Scan results that exist stay."
}

remedy "set" {
  types = ["aws_ecr_repository"]

  setting "image_scanning_configuration.scan_on_push" {
    value  = true
    absent = "unsafe"
    since  = "2.34.0"
  }
}
