locals {
  all = { main = { public = true }, other = { public = false } }

  settings = {
    for name, one in local.all : name =>
    # Whatever it is called.
    one.public == null
    ? { public = false }
    : { public = one.public }
  }
}

resource "aws_db_instance" "main" {
  identifier          = "main"
  publicly_accessible = local.settings["main"].public
}
