data "terraform_remote_state" "shared" {
  backend = "s3"
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = data.terraform_remote_state.shared.outputs.public
}
