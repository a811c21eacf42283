variable "enabled" {
  default = null
}

variable "name" {
  default = null
}

# Made of namespace, stage, name and the rest of the label.
variable "label_id" {}

variable "tags" {
  default = {}
}
