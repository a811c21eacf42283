databases = {
  orders = {
    public = true
  }
  users = {}
}
