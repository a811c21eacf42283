module "logs" {
  source = "../modules/logs"
}
