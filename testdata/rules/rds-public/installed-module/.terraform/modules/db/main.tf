variable "identifier" {}

variable "publicly_accessible" {
  default = false
}

module "db_instance" {
  source              = "./modules/db_instance"
  identifier          = var.identifier
  publicly_accessible = var.publicly_accessible
}
