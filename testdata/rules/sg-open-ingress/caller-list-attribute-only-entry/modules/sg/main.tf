variable "name" {
  type = string
}

variable "rules" {
  type = map(object({
    port        = number
    cidr_blocks = optional(list(string), [])
    ipv6        = optional(list(string), [])
  }))
  default = {}
}

resource "aws_security_group" "this" {
  name = var.name

  ingress = [
    for rule in var.rules : {
      description      = ""
      from_port        = rule.port
      to_port          = rule.port
      protocol         = "tcp"
      cidr_blocks      = rule.cidr_blocks
      ipv6_cidr_blocks = rule.ipv6
      prefix_list_ids  = []
      security_groups  = []
      self             = false
    }
  ]
}
