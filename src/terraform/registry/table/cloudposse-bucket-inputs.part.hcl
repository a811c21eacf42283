variable "versioning_enabled" {
  default = $VERSIONING
}

variable "sse_algorithm" {
  default = "AES256"
}

variable "allow_ssl_requests_only" {
  default = true
}

variable "block_public_acls" {
  default = true
}

variable "block_public_policy" {
  default = true
}

variable "ignore_public_acls" {
  default = true
}

variable "restrict_public_buckets" {
  default = true
}
