module "sg" {
  source = "./modules/sg"
  name   = "app"
  cidrs  = ["10.0.0.0/8", "0.0.0.0/0", "::/0"]
}
