variable "name" {}
variable "rotate" {}

module "key" {
  source = "../key"
  rotate = var.rotate
}
