variable "name" {
  type = string
}

locals {
  names = toset([var.name, upper(var.name)])
}

resource "terraform_data" "this" {
  count = var.name == "b" ? 1 : 0
  input = var.name
}

output "name" {
  value = "x-${var.name}"
}

output "names" {
  value = sort(local.names)
}
