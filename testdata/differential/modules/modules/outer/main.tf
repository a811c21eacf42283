variable "name" {
  type = string
}

variable "settings" {
  type    = object({ public = optional(bool, false), days = optional(number, 1) })
  default = {}
}

module "inner" {
  source = "../inner"
  name   = "${var.name}-inner"
}

output "inner" {
  value = module.inner
}

output "summary" {
  value = merge(var.settings, { text = "${module.inner.name}:${var.settings.days}", path = path.module })
}
