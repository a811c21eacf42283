terraform {
  source = "../../../modules/db"

  extra_arguments "env" {
    commands           = get_terraform_commands_that_need_vars()
    required_var_files = ["${get_terragrunt_dir()}/../env.tfvars"]
  }
}

inputs = {
  name = "orders"
}
