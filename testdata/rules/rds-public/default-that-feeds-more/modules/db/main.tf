variable "public" {
  type    = bool
  default = true
}

variable "extra" {
  type    = bool
  default = false
}

resource "aws_db_instance" "this" {
  identifier          = "orders"
  publicly_accessible = var.public
}

resource "aws_vpc_endpoint_service" "extra" {
  count               = var.extra ? 1 : 0
  acceptance_required = var.public
}
