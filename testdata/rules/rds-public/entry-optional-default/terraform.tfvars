databases = {
  dev = {
    class = "db.t4g.small"
  }
  prod = {
    class  = "db.m7g.large"
    public = false
  }
}
