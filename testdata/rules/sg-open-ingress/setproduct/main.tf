resource "aws_security_group" "app" {
  dynamic "ingress" {
    for_each = var.rules
    iterator = rule

    content {
      from_port   = rule.value["from"]
      to_port     = rule.value["to"]
      protocol    = lookup(rule.value, "protocol", "tcp")
      cidr_blocks = lookup(rule.value, "cidrs", ["0.0.0.0/0"])
    }
  }
}

variable "rules" {
  default = [
    { from = 22, to = 22 },
    { from = 443, to = 443 },
  ]
}
