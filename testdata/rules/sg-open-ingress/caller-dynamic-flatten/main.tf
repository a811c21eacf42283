module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = [
    {
      ports = [80, 22, 443]
      cidrs = ["0.0.0.0/0"]
    },
    {
      ports = [5432]
      cidrs = ["10.0.0.0/8"]
    },
  ]
}
