variable "bucket" {
  type    = string
  default = "acme-other"
}
