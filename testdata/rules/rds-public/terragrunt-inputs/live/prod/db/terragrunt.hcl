include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "../../../modules//db"
}

inputs = {
  name   = "orders"
  public = true # for the migration
}
