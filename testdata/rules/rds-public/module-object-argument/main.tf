module "db" {
  source = "./db"
  settings = {
    class = "db.t4g.small"
  }
}

module "safe" {
  source = "./db"
  settings = {
    class  = "db.t4g.small"
    public = false
  }
}
