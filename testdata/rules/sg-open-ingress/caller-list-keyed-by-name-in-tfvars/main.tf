variable "ingress_rules" {
  type = list(object({
    name = string
    cidr = string
    port = number
  }))
}

module "network" {
  source        = "./modules/network"
  ingress_rules = var.ingress_rules
}
