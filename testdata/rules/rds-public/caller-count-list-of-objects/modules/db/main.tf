variable "databases" {
  type = list(object({
    name   = string
    public = optional(bool)
  }))
}

resource "aws_db_instance" "this" {
  count = length(var.databases)

  identifier          = var.databases[count.index].name
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  publicly_accessible = coalesce(var.databases[count.index].public, true)
}
