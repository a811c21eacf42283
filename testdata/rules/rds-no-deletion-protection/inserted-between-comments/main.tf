resource "aws_db_instance" "main" {
  # --- naming ---------------------------------------------
  identifier = "orders" # do not rename

  # --- size -----------------------------------------------
  instance_class    = "db.t4g.small"
  allocated_storage = 20 # GiB

  # --- what stays last ------------------------------------
  tags = {
    team = "orders"
  }
}
