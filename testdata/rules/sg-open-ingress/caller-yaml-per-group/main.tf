locals {
  groups = yamldecode(file("${path.module}/groups.yaml"))
}

module "sg" {
  source   = "./modules/sg"
  for_each = local.groups

  name  = each.key
  rules = each.value.rules
}
