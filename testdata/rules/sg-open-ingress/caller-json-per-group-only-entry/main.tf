module "sg" {
  source   = "./modules/sg"
  for_each = jsondecode(file("${path.module}/groups.json"))

  name  = each.key
  rules = each.value.rules
}
