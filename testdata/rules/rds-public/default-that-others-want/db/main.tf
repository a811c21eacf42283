variable "settings" {
  type = object({
    class  = string
    dms    = optional(bool, false)
    public = optional(bool, true)
  })
}

resource "aws_db_instance" "this" {
  count               = var.settings.dms ? 0 : 1
  instance_class      = var.settings.class
  publicly_accessible = var.settings.public
}

resource "aws_dms_replication_instance" "this" {
  count                      = var.settings.dms ? 1 : 0
  replication_instance_class = var.settings.class
  replication_instance_id    = "dms"
  publicly_accessible        = var.settings.public
}
