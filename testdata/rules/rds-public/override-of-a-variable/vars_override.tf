variable "public" {
  default = true
}
