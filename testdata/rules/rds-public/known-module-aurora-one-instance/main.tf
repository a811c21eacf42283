module "cluster" {
  source  = "terraform-aws-modules/rds-aurora/aws"
  version = "8.5.0"

  name = "orders"

  instances = {
    one = {}
    two = {
      publicly_accessible = true
    }
  }
}
