module "bucket" {
  source = "./modules/bucket"
  name   = "logs"

  statements = [
    {
      sid        = "Read"
      actions    = ["s3:GetObject"]
      principals = ["arn:aws:iam::111122223333:root"]
    },
  ]
}
