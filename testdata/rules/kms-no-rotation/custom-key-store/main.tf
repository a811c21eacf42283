resource "aws_kms_custom_key_store" "hsm" {
  cloud_hsm_cluster_id = "cluster-1"
}

resource "aws_kms_key" "main" {
  custom_key_store_id = aws_kms_custom_key_store.hsm.id
}
