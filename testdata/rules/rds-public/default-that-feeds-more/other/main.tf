module "legacy" {
  source = "../modules/db"
  extra  = true
}
