terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/../modules/db"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl"))
}

inputs = {
  name   = "orders-${local.env.locals.name}"
  public = true
}
