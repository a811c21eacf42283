module "table" {
  source = "./table"
  name   = "orders"
}
