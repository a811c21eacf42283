locals {
  groups = {
    web = {
      rules = [
        { rule = "https-443-tcp", cidr_blocks = "0.0.0.0/0" },
        { rule = "ssh-tcp", cidr_blocks = "0.0.0.0/0" },
      ]
    }
    db = {
      rules = [
        { rule = "postgresql-tcp", cidr_blocks = "10.0.0.0/8" },
      ]
    }
  }
}

module "app" {
  source   = "terraform-aws-modules/security-group/aws"
  version  = "5.1.0"
  for_each = local.groups

  name                     = each.key
  ingress_with_cidr_blocks = each.value.rules
}
