variable "name" {}

variable "extras" {
  type    = bool
  default = false
}

resource "aws_dynamodb_table" "this" {
  name           = var.name
  hash_key       = "id"
  stream_enabled = var.extras

  point_in_time_recovery {
    enabled = var.extras
  }
}
