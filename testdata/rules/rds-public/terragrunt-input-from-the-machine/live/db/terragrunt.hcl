terraform {
  source = "../../modules/db"
}

inputs = {
  name   = "orders"
  public = get_env("PUBLIC", "true")
}
