locals {
  buckets = {
    logs   = { public = false, days = 30 }
    assets = { public = true, days = 7 }
  }
  names = ["b", "a", "c"]
}

module "each" {
  source   = "./modules/outer"
  for_each = local.buckets
  name     = each.key
  settings = each.value
}

module "set" {
  source   = "./modules/inner"
  for_each = toset([for n in local.names : n if n != "c"])
  name     = each.value
}

module "count" {
  source = "./modules/inner"
  count  = length(local.names)
  name   = local.names[count.index]
}

module "none" {
  source = "./modules/inner"
  count  = 0
  name   = "never"
}

module "one" {
  source = "./modules/outer"
  name   = module.count[0].name
}

resource "terraform_data" "each" {
  for_each = local.buckets
  input    = { key = each.key, days = each.value.days }
}

resource "terraform_data" "count" {
  count = 2
  input = "n-${count.index}"
}

resource "terraform_data" "of_each" {
  for_each = terraform_data.each
  input    = each.value.input.days
}

resource "terraform_data" "of_module" {
  for_each = { for k, m in module.each : k => m.summary if m.summary.public }
  input    = each.value.text
}

resource "terraform_data" "set" {
  for_each = setunion(["x"], module.set["a"].names)
  input    = upper(each.key)
}
