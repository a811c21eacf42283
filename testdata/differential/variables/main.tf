variable "string_of_number" {
  type    = string
  default = 1.50
}
variable "string_of_bool" {
  type    = string
  default = true
}
variable "number_of_string" {
  type    = number
  default = "0443"
}
variable "bool_of_string" {
  type    = bool
  default = "true"
}
variable "list_any" {
  type    = list(any)
  default = ["a", 1, true]
}
variable "list_of_list" {
  type    = list(list(string))
  default = [[1], ["x", true], []]
}
variable "set_of_number" {
  type    = set(number)
  default = ["3", 1, 3, 2]
}
variable "map_any" {
  type    = map(any)
  default = { a = 1, b = "x" }
}
variable "map_of_object" {
  type = map(object({
    port    = number
    cidrs   = optional(list(string), ["10.0.0.0/8"])
    enabled = optional(bool)
    nested  = optional(object({ a = optional(string, "deep"), b = optional(number) }), {})
  }))
  default = { web = { port = "80" }, db = { port = 5432, cidrs = null, enabled = "false", nested = { b = "2" }, extra = 1 } }
}
variable "object" {
  type    = object({ a = string, b = list(number) })
  default = { a = 1, b = ["1"], c = "dropped" }
}
variable "tuple" {
  type    = tuple([string, number, bool])
  default = [1, "2", "false"]
}
variable "any" {
  type    = any
  default = { a = [1, "x"], b = null }
}
variable "untyped" {
  default = ["a", 1]
}
variable "null_default" {
  type    = string
  default = null
}
variable "null_list" {
  type    = list(string)
  default = null
}
variable "not_null" {
  type     = string
  default  = "kept"
  nullable = false
}
variable "from_tfvars" {
  type = map(list(number))
}
variable "from_auto" {
  type    = number
  default = 1
}
variable "set_of_object" {
  type    = set(object({ name = string, port = optional(number, 1) }))
  default = [{ name = "b" }, { name = "a", port = 2 }, { name = "b", port = "1" }]
}
variable "checked" {
  type    = number
  default = 5
  validation {
    condition     = var.checked > 3
    error_message = "Too small."
  }
}
variable "secret" {
  type      = string
  default   = "s3cret"
  sensitive = true
}
variable "list_of_any_objects" {
  type    = list(any)
  default = [{ a = 1 }, { a = "x" }]
}
variable "optional_any" {
  type    = object({ a = optional(any, {}), b = optional(map(any)) })
  default = { b = { x = 1, y = "z" } }
}
variable "deep" {
  type = object({
    rules = optional(list(object({
      from  = number
      to    = optional(number)
      proto = optional(string, "tcp")
    })), [{ from = 1 }])
  })
  default = {}
}
