variable "settings" {
  type = object({
    class  = string
    public = optional(bool, true)
  })
}

resource "aws_db_instance" "this" {
  instance_class      = var.settings.class
  publicly_accessible = var.settings.public
}
