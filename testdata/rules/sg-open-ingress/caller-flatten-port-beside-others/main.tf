module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = [
    {
      name  = "web"
      ports = [22, 80, 443]
      cidrs = ["10.0.0.0/8", "0.0.0.0/0"]
    },
  ]
}
