variable "public" {
  type    = bool
  default = true

  validation {
    condition     = var.public
    error_message = "Partners connect from the internet."
  }
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = var.public
}
