variable "public" {}

module "data" {
  source = "./data"
  public = var.public
}
