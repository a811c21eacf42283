module "workers" {
  source  = "cloudposse/eks-workers/aws"
  version = "1.2.0"

  namespace           = "eg"
  name                = "workers"
  allowed_cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
}
