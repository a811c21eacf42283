  name        = var.launch_template_use_name_prefix ? null : local.launch_template_name
  name_prefix = var.launch_template_use_name_prefix ? "${local.launch_template_name}-" : null
  tags        = var.tags

  dynamic "metadata_options" {
    for_each = var.metadata_options != null ? [var.metadata_options] : []     #@ < 18.26.2
    for_each = length(var.metadata_options) > 0 ? [var.metadata_options] : [] #@ >= 18.26.2, < 21.0.0
    for_each = [var.metadata_options]                                         #@ >= 21.0.0

    content {
      http_endpoint               = lookup(metadata_options.value, "http_endpoint", null)               #@ < 21.0.0
      http_tokens                 = lookup(metadata_options.value, "http_tokens", null)                 #@ < 21.0.0
      http_put_response_hop_limit = lookup(metadata_options.value, "http_put_response_hop_limit", null) #@ < 21.0.0
      http_endpoint               = metadata_options.value.http_endpoint                                #@ >= 21.0.0
      http_tokens                 = metadata_options.value.http_tokens                                  #@ >= 21.0.0
      http_put_response_hop_limit = metadata_options.value.http_put_response_hop_limit                  #@ >= 21.0.0
    }
  }
}

#@ < 19.0.0 {
resource "aws_security_group" "this" {
  count = local.create_security_group ? 1 : 0

  name        = var.security_group_use_name_prefix ? null : local.security_group_name
  name_prefix = var.security_group_use_name_prefix ? "${local.security_group_name}-" : null
  tags        = merge(var.tags, { Name = local.security_group_name })
}

resource "aws_security_group_rule" "this" {
  for_each = { for k, v in var.security_group_rules : k => v if local.create_security_group }

  security_group_id        = aws_security_group.this[0].id
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  type                     = each.value.type
  description              = try(each.value.description, null)
  cidr_blocks              = try(each.value.cidr_blocks, null)
  ipv6_cidr_blocks         = try(each.value.ipv6_cidr_blocks, null)
  prefix_list_ids          = try(each.value.prefix_list_ids, [])
  self                     = try(each.value.self, null)
  source_security_group_id = try(each.value.source_security_group_id, null)
}
#@ }

#@ >= 21.0.0 {
resource "aws_security_group" "this" {
  count = local.create_security_group ? 1 : 0

  name        = var.security_group_use_name_prefix ? null : local.security_group_name
  name_prefix = var.security_group_use_name_prefix ? "${local.security_group_name}-" : null
  tags        = merge(var.tags, { Name = local.security_group_name })
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = { for k, v in local.ingress_rules : k => v if local.create_security_group }

  security_group_id            = aws_security_group.this[0].id
  ip_protocol                  = each.value.ip_protocol
  cidr_ipv4                    = each.value.cidr_ipv4
  cidr_ipv6                    = each.value.cidr_ipv6
  description                  = each.value.description
  from_port                    = each.value.from_port
  prefix_list_id               = each.value.prefix_list_id
  referenced_security_group_id = each.value.self ? aws_security_group.this[0].id : each.value.referenced_security_group_id
  to_port                      = try(coalesce(each.value.to_port, each.value.from_port), null)
}
#@ }
