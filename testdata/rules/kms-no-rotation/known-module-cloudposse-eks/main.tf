module "eks" {
  source  = "cloudposse/eks-cluster/aws"
  version = "4.2.0"

  namespace = "eg"
  name      = "eks"

  cluster_encryption_config_kms_key_enable_key_rotation = false
}
