variable "databases" {
  type = map(object({
    class  = string
    public = optional(bool, true)
  }))
  default = {
    dev  = { class = "db.t4g.small" }
    prod = { class = "db.m7g.large", public = false }
  }
}

resource "aws_db_instance" "this" {
  for_each            = var.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}

module "other" {
  source = "./other"
}
