module "sg" {
  source = "./modules/sg"
  name   = "app"
  ports  = [443, 22, 8443]
  cidrs  = ["0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/8"]
}
