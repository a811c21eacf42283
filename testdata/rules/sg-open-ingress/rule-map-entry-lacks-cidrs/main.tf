locals {
  rules = {
    https = { port = 443 }
    ssh   = { port = 22 }
  }
}

resource "aws_security_group" "app" {
  name = "app"
}

resource "aws_security_group_rule" "this" {
  for_each          = local.rules
  type              = "ingress"
  security_group_id = aws_security_group.app.id
  from_port         = each.value.port
  to_port           = each.value.port
  protocol          = "tcp"
  cidr_blocks       = try(each.value.cidrs, ["0.0.0.0/0"])
}
