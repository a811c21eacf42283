variable "public" {
  type    = bool
  default = true

  validation {
    condition     = contains([true, false], var.public)
    error_message = "true or false."
  }
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = var.public
}
