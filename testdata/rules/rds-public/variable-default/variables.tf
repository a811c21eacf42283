variable "db_public" {
  description = "Whether the database has a public address."
  type        = bool
  default     = true
}
