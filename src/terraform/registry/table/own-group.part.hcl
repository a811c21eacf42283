resource "aws_security_group" "this" {
  count = local.create_security_group ? 1 : 0

  name        = var.security_group_use_name_prefix ? null : local.security_group_name
  name_prefix = var.security_group_use_name_prefix ? "${local.security_group_name}-" : null
  tags        = merge(var.tags, { Name = local.security_group_name })
}

output "security_group_id" {
  value = try(aws_security_group.this[0].id, null)
}
