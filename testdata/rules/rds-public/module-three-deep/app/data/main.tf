variable "public" {}

module "db" {
  source = "../../modules/db"
  name   = "orders"
  public = var.public
}
