id            = "imds-v1"
title         = "Instance metadata answers without a session token (IMDSv1)"
action        = "require IMDSv2"
severity      = "high"
profile       = "standard"
reversibility = "care"
impact        = "in-place"
why           = <<-EOT
  Version 1 of the metadata service answers any plain GET: one server-side request forgery in an application is enough
  to read the credentials of the instance's role. Version 2 asks for a token that such a request cannot get.
EOT
verify        = "The instance's metadata options (or the template's default version), read back, have HttpTokens = required."

controls = {
  security-hub = ["EC2.8", "EC2.170"]
  prowler      = ["ec2_instance_imdsv2_enabled", "ec2_launch_template_imdsv2_required"]
  checkov      = ["CKV_AWS_79"]
  trivy        = ["AVD-AWS-0028", "AVD-AWS-0130", "aws-ec2-enforce-http-token-imds", "aws-ec2-enforce-launch-config-http-token-imds"]
  aws-config   = ["ec2-imdsv2-check"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AC-3", "AC-3(15)", "AC-3(7)", "AC-6",
  ]
  source = "AWS Security Hub user guide, control EC2.8"
}

rollback {
  restores = "Requests without a token are answered again."
}

remedy "set" {
  types = ["aws_instance"]
  warnings = [
    "Software that speaks IMDSv1 only stops getting credentials: the CloudWatch metric MetadataNoToken shows whether there is any.",
    "Containers with bridge networking need `http_put_response_hop_limit = 2`.",
  ]

  safe_when "metadata_options.http_endpoint" {
    one_of = ["disabled"]
  }

  setting "metadata_options.http_endpoint" {
    value             = "enabled"
    only_in_new_block = true
    absent            = "safe"
  }

  setting "metadata_options.http_tokens" {
    value  = "required"
    absent = "unsafe"
    since  = "2.55.0"
  }
}

remedy "set" {
  types = ["aws_launch_template"]
  warnings = [
    "Instances that run already are not changed; those launched from the new version are.",
    "Whoever pins a version of the template must move to the new one; `update_default_version` decides whether the default moves.",
    "Containers with bridge networking need `http_put_response_hop_limit = 2`.",
  ]

  safe_when "metadata_options.http_endpoint" {
    one_of = ["disabled"]
  }

  setting "metadata_options.http_endpoint" {
    value             = "enabled"
    only_in_new_block = true
    absent            = "safe"
  }

  setting "metadata_options.http_tokens" {
    value  = "required"
    absent = "unsafe"
    since  = "2.55.0"
  }
}
