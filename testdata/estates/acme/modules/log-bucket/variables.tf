variable "name" {
  description = "Name of the bucket, unique in the world."
  type        = string
}

variable "suffix" {
  description = "Added to the name where one account has several log buckets."
  type        = string
  default     = ""
}

variable "versioning" {
  description = "Enabled or Suspended."
  type        = string
  default     = "Enabled"
}

variable "tags" {
  type    = map(string)
  default = {}
}
