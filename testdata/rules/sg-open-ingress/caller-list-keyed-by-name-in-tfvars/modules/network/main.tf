variable "ingress_rules" {
  type = any
}

module "sg" {
  source = "../sg"
  name   = "network"
  rules  = var.ingress_rules
}
