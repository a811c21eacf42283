module "q" {
  source = "./modules/q"

  queues = {
    a = null
    b = { encrypted = true }
  }
}
