tables = {
  orders = {
    key = "id"
  }
  carts = {
    key  = "id"
    pitr = true
  }
}
