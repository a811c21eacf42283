terraform {
  source = "../../modules/db"
}

inputs = {
  name   = "orders"
  public = false
}
