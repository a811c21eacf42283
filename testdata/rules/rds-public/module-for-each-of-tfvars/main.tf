variable "databases" {
  type = map(object({
    public = optional(bool, false)
  }))
}

module "db" {
  source   = "./modules/db"
  for_each = var.databases
  name     = each.key
  public   = each.value.public
}
