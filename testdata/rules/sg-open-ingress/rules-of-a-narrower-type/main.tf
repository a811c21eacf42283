module "api" {
  source = "./mod"

  services = {
    api = {
      security_group_ingress_rules = {
        http = {
          from_port = 8000
          cidr_ipv4 = "10.0.0.0/16"
        }
        ssh = {
          from_port = 22
          cidr_ipv4 = "0.0.0.0/0"
        }
      }
    }
    worker = {}
  }
}
