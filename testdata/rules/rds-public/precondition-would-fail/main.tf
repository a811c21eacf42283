locals {
  public = true
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = local.public

  lifecycle {
    precondition {
      condition     = local.public || local.vpn
      error_message = "Either public or reached through the VPN."
    }
  }
}

locals {
  vpn = false
}
