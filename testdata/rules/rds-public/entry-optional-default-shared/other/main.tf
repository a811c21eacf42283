variable "databases" {
  type = map(object({
    class  = string
    public = optional(bool, true)
  }))
  default = {}
}
