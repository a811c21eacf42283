data "aws_caller_identity" "current" {}

locals {
  prefix  = "prove-v5"
  account = data.aws_caller_identity.current.account_id

  tags = {
    Estate = "prove"
    Owner  = "platform"
  }
}
