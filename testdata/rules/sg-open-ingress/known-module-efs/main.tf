module "efs" {
  source  = "terraform-aws-modules/efs/aws"
  version = "~> 1.6"

  name = "shared"

  mount_targets = {
    "eu-west-1a" = { subnet_id = "subnet-1" }
  }

  security_group_rules = {
    vpc = {
      cidr_blocks = ["10.0.0.0/16"]
    }
    all = {
      from_port   = 0
      to_port     = 65535
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
