databases = {
  eu = { class = "db.t4g.small", public = true }
  us = { class = "db.t4g.small", public = false }
}
