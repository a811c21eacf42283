module "sg" {
  source    = "./modules/sg"
  name      = "app"
  ssh_cidrs = ["0.0.0.0/0"]
}
