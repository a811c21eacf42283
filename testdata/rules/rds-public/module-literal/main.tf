module "orders" {
  source   = "./modules/db"
  for_each = toset(["a", "b"])
  name     = "orders-${each.key}"
}
