module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = [
    {
      name  = "admin"
      ports = [22]
      cidrs = ["10.0.0.0/8", "0.0.0.0/0"]
    },
    {
      name  = "web"
      ports = [80, 443]
      cidrs = ["0.0.0.0/0"]
    },
  ]
}
