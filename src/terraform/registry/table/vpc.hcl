#! module terraform-aws-modules/vpc/aws
#! known 2.44.0 6.6.0

variable "create_vpc" {
  default = true
}

variable "name" {
  default = ""
}

variable "manage_default_security_group" {
  default = false #@ < 4.0.0
  default = true  #@ >= 4.0.0
}

variable "default_security_group_name" {
  default = "default" #@ < 3.11.3
  default = null      #@ >= 3.11.3
}

variable "default_security_group_ingress" {
  default = null #@ < 3.11.3
  default = []   #@ >= 3.11.3
}

variable "tags" {
  default = {}
}

resource "aws_default_security_group" "this" {
  count = var.create_vpc && var.manage_default_security_group ? 1 : 0

  tags = merge({ Name = var.default_security_group_name != null ? var.default_security_group_name : "${var.name}-default" }, var.tags)

  dynamic "ingress" {
    for_each = var.default_security_group_ingress != null ? var.default_security_group_ingress : [] #@ < 3.11.3
    for_each = var.default_security_group_ingress                                                  #@ >= 3.11.3

    content {
      self             = lookup(ingress.value, "self", null)
      cidr_blocks      = compact(split(",", lookup(ingress.value, "cidr_blocks", "")))
      ipv6_cidr_blocks = compact(split(",", lookup(ingress.value, "ipv6_cidr_blocks", "")))
      prefix_list_ids  = compact(split(",", lookup(ingress.value, "prefix_list_ids", "")))
      security_groups  = compact(split(",", lookup(ingress.value, "security_groups", "")))
      description      = lookup(ingress.value, "description", null)
      from_port        = lookup(ingress.value, "from_port", 0)
      to_port          = lookup(ingress.value, "to_port", 0)
      protocol         = lookup(ingress.value, "protocol", "-1")
    }
  }
}

output "default_security_group_id" {
  value = try(aws_default_security_group.this[0].id, null)
}
