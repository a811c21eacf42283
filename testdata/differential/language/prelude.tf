variable "env" {
  type    = string
  default = "dev"
}

variable "flag" {
  type    = bool
  default = "true"
}

variable "untyped" {
  default = { a = 1, b = "x", c = true }
}

variable "names" {
  type    = set(string)
  default = ["b", "a", "b"]
}

variable "ports" {
  type    = list(string)
  default = [22, 443]
}

variable "service" {
  type = object({
    name    = string
    port    = optional(number, 80)
    public  = optional(bool)
    tags    = optional(map(string), { team = "none" })
    nested  = optional(object({ depth = optional(number, 3) }), {})
  })
  default = { name = "api", extra = "dropped", public = "false" }
}

variable "mixed_list" {
  type    = list(any)
  default = ["a", 1, true]
}

variable "nothing" {
  type     = string
  default  = null
}

variable "from_file" {
  type    = map(number)
  default = {}
}

variable "not_null" {
  type     = string
  default  = "given"
  nullable = false
}

locals {
  prefix  = "acme-${var.env}"
  list    = ["x", "y", "z"]
  buckets = {
    logs   = { public = false, days = 30 }
    assets = { public = true, days = 7 }
  }
  nested  = { a = { b = [{ c = "deep" }] } }
  empty   = {}
  heredoc = <<-EOT
    first ${local.prefix}
      second $${kept} %%{kept}

    third \n not an escape
  EOT
  flush = <<EOT
  two spaces
tab	here
EOT
}

module "inner" {
  source   = "./modules/inner"
  for_each = local.buckets
  name     = "${local.prefix}-${each.key}"
  public   = each.value.public
}

module "single" {
  source = "./modules/inner"
  name   = upper(var.env)
  public = var.not_null == "given"
}

module "counted" {
  source = "./modules/inner"
  count  = 2
  name   = "n${count.index}"
  public = null
}

locals {
  short_blank = <<-EOT
      a
   
      b
    EOT
  starts_with_hole = <<-EOT
    ${var.env} a
      b
    EOT
  hole_after_spaces = <<-EOT
      a
    ${var.env}
  EOT
  tabs = <<-EOT
		a
	  b
  EOT
  unindented_hole = <<-EOT
      a
${var.env}
      b
  EOT
  directive = <<-EOT
    a
    %{ if var.flag }
      yes
    %{ endif }
    b
  EOT
  multiline_hole = <<-EOT
    a ${join(",", [
  "x",
  "y",
])} b
      c
  EOT
  only_blank = <<-EOT

  EOT
  one_line = <<-EOT
    a
  EOT
  trailing_spaces = <<-EOT
    a  
   	
    b
  EOT
  no_lines = <<-EOT
  EOT
  long_blank = <<-EOT
    a
          
						
      b
  EOT
  tab_and_space = <<-EOT
	  a
  	b
    c
  EOT
  dollars = <<EOT
$${a} $$${var.env} $ % %% $$ 
EOT
}
