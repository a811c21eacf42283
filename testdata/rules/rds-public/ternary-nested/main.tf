resource "aws_db_instance" "this" {
  for_each            = toset(["dev", "prod", "stage"])
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.key == "prod" ? false : (each.key == "dev" ? true : false)
}
