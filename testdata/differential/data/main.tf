locals {
  json = jsondecode(file("${path.module}/files/settings.json"))
  yaml = yamldecode(file("${path.module}/files/buckets.yaml"))
  sub  = { for name in fileset("${path.module}/files/sub", "*.yaml") : trimsuffix(name, ".yaml") => yamldecode(file("${path.module}/files/sub/${name}")) }
}

output "json" {
  value = local.json
}

output "json_value" {
  value = local.json.buckets[1].tags["team"]
}

output "yaml" {
  value = local.yaml
}

output "csv" {
  value = { for row in csvdecode(file("${path.module}/files/hosts.csv")) : row.name => row }
}

output "sub" {
  value = local.sub
}

output "exists" {
  value = [
    fileexists("${path.module}/files/settings.json"), fileexists("files/none.json"), fileexists("${path.root}/main.tf"),
  ]
}

output "sets" {
  value = [
    fileset(path.module, "files/*.json"), fileset("files", "**/*.yaml"), fileset("files", "sub/*"), fileset("files", "*.none"),
    fileset("files", "{settings,none}.json"),
  ]
}

output "text" {
  value = file("files/text.txt")
}

output "hashes" {
  value = [
    filemd5("files/text.txt"), filesha1("files/text.txt"), filesha256("files/text.txt"), filesha512("files/text.txt"),
    filebase64sha256("files/text.txt"), filebase64sha512("files/text.txt"), filebase64("files/text.txt"), sha256(file("files/text.txt")),
  ]
}

output "template" {
  value = templatefile("${path.module}/files/users.tftpl", { users = ["ann", "bob"], admin = true, port = 8080, name = "x" })
}

output "template_json" {
  value = jsondecode(templatefile("${path.module}/files/policy.json.tpl", { arns = ["a", "b"], env = "dev" }))
}

output "template_alone" {
  value = templatefile("${path.module}/files/alone.tftpl", { x = [1, 2] })
}

output "if_there" {
  value = fileexists("${path.module}/files/none.yaml") ? yamldecode(file("${path.module}/files/none.yaml")) : { none = true }
}

resource "terraform_data" "bucket" {
  for_each = { for b in local.yaml.buckets : b.name => b }
  input    = try(each.value.versioning, false)
}

resource "terraform_data" "file" {
  for_each = fileset("${path.module}/files/sub", "*.yaml")
  input    = yamldecode(file("${path.module}/files/sub/${each.value}")).kind
}
