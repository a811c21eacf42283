resource "aws_kms_key" "main" {
  description              = "Orders"
  multi_region             = true
  customer_master_key_spec = "SYMMETRIC_DEFAULT"

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": []
    }
  EOT
}
