terraform {
  source = "../../modules/db"
}

inputs = {
  name   = "other"
  public = false
}
