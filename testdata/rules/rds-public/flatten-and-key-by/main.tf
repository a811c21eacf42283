locals {
  regions = {
    eu = {
      databases = [{ name = "dev", public = true }, { name = "prod", public = false }]
    }
    us = {
      databases = [{ name = "dev", public = false }]
    }
  }
  flat = flatten([
    for region, settings in local.regions : [
      for db in settings.databases : {
        region = region
        name   = db.name
        public = db.public
      }
    ]
  ])
}

resource "aws_db_instance" "this" {
  for_each            = { for db in local.flat : "${db.region}/${db.name}" => db }
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
