variable "public" {
  type = bool

  validation {
    condition     = var.public == true
    error_message = "This module is for public databases."
  }
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = var.public
}
