terraform {
  source = "../../modules/db"
}

dependency "flags" {
  config_path = "../flags"

  mock_outputs = {
    public = false
  }
}

inputs = {
  name   = "orders"
  public = dependency.flags.outputs.public
}
