module "s" {
  source = "./modules/s"

  snapshots = {
    a = { accounts = ["all"] }
    b = { accounts = ["111122223333"] }
  }
}
