variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "admin_cidrs" {
  description = "Who may open a shell on the web servers."
  type        = list(string)
  default     = ["10.0.0.0/8", "0.0.0.0/0"] # FIXME: drop the second once the VPN is out
}
