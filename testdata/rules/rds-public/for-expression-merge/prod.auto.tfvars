databases = {
  dev  = { class = "db.t4g.medium", public = true }
  prod = { class = "db.m7g.large", public = false }
}
