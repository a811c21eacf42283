resource "aws_iam_account_password_policy" "this" {
  minimum_password_length        = var.password_min_length
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = false
  max_password_age               = 365
  password_reuse_prevention      = 3
  allow_users_to_change_password = true
}

# ci-deployer pushes images. Until the runners can assume a role.
resource "aws_iam_user" "ci_deployer" {
  name = "ci-deployer"
}

resource "aws_iam_access_key" "ci_deployer" {
  user = aws_iam_user.ci_deployer.name
}

# The FTP bridge was switched off in 2023.
resource "aws_iam_user" "ftp_bridge" {
  name = "ftp-bridge"
}

resource "aws_iam_access_key" "ftp_bridge" {
  user   = aws_iam_user.ftp_bridge.name
  status = "Active"
}

data "aws_iam_policy_document" "ec2_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "account_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_iam_role" "bastion" {
  name               = "${local.prefix}-bastion"
  assume_role_policy = data.aws_iam_policy_document.ec2_assume.json
}

resource "aws_iam_role" "warehouse" {
  name               = "${local.prefix}-warehouse"
  assume_role_policy = data.aws_iam_policy_document.account_assume.json
}

resource "aws_iam_role" "partner_upload" {
  name               = "${local.prefix}-partner-upload"
  assume_role_policy = data.aws_iam_policy_document.account_assume.json
}

resource "aws_iam_role" "migration_2022" {
  name                 = "migration-2022"
  description          = "Data move out of Frankfurt"
  assume_role_policy   = data.aws_iam_policy_document.account_assume.json
  max_session_duration = 43200
}
