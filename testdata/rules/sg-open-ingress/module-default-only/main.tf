module "a" {
  source = "./sg"
}
