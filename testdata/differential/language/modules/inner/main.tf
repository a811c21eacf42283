variable "name" {
  type = string
}

variable "public" {
  type     = bool
  default  = true
  nullable = false
}

output "name" {
  value = var.name
}

output "summary" {
  value = { name = var.name, public = var.public, path = path.module }
}
