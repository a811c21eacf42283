variable "bucket_versioning" {
  description = "Versioning of the buckets that the bucket module makes."
  type        = string
  default     = "Enabled"
}

variable "trail_validates_files" {
  type    = bool
  default = false
}

variable "admin_cidrs" {
  description = "Who may log in to the bastion hosts."
  type        = list(string)
  default     = ["10.0.0.0/8"]
}

variable "repositories" {
  type = map(object({
    scan = bool
  }))
  default = {
    api = { scan = false }
    web = { scan = false }
  }
}
