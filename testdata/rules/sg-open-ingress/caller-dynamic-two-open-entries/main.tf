module "sg" {
  source = "./modules/sg"
  name   = "app"
  ports  = [443, 22, 3389]
}
