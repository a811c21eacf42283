module "orders_db" {
  source = "../../modules/service-db"

  name           = "${local.prefix}-orders"
  instance_class = var.orders_db_class
  password       = var.db_password
  subnet_ids     = aws_subnet.private[*].id

  tags = { Service = "orders" }
}

module "reporting_db" {
  source = "../../modules/service-db"

  name                = "${local.prefix}-reporting"
  password            = var.db_password
  subnet_ids          = aws_subnet.private[*].id
  publicly_accessible = var.reporting_db_public
  deletion_protection = true

  tags = { Service = "reporting" }
}

# Bought with the CRM company. Not worth moving into the module any more, it goes away in summer.
resource "aws_db_instance" "crm" {
  identifier          = "crm-production"
  engine              = "mysql"
  engine_version      = "8.0.36"
  instance_class      = "db.t3.medium"
  allocated_storage   = 100
  storage_encrypted   = true
  username            = "crm"
  password            = var.db_password
  publicly_accessible = true # consultants
  deletion_protection = true
  skip_final_snapshot = true

  lifecycle {
    ignore_changes = [password]
  }
}

resource "aws_db_snapshot" "crm_handover" {
  db_instance_identifier = aws_db_instance.crm.identifier
  db_snapshot_identifier = "crm-handover-2024-02"
  shared_accounts        = ["all"]
}
