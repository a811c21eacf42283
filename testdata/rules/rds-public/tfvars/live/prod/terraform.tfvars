# Values of production.
region    = "eu-west-1"
db_public = true
db_size   = "db.m6g.large"
