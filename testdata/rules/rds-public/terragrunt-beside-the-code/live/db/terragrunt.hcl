inputs = {
  name   = "orders"
  public = true
}
