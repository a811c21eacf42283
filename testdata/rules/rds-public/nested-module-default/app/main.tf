variable "public" {
  type    = bool
  default = true
}

module "db" {
  source = "../db"
  public = var.public
}

module "dms" {
  source = "../dms"
  public = var.public
}
