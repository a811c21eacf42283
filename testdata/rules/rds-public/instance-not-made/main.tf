resource "aws_db_instance" "this" {
  for_each            = toset(["eu", "us"])
  identifier          = each.key
  publicly_accessible = true
}
