  dynamic "ingress" {
    for_each = local.within

    content {
      protocol         = ingress.value.what.protocol
      from_port        = ingress.value.what.from_port
      to_port          = ingress.value.what.to_port
      description      = try(ingress.value.what.description, "Managed by Terraform")
      cidr_blocks      = try(ingress.value.whom.cidr_blocks, [])
      ipv6_cidr_blocks = try(ingress.value.whom.ipv6_cidr_blocks, [])
      prefix_list_ids  = try(ingress.value.whom.prefix_list_ids, [])
      security_groups  = try(ingress.value.whom.source_security_group_ids, [])
      self             = try(ingress.value.what.self, null) == true ? true : null
    }
  }
