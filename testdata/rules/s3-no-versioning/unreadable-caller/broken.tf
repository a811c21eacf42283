resource "aws_s3_bucket_versioning" "this" {
  bucket = module.logs.id
  bucket = module.logs.id

  versioning_configuration {
    status = "Suspended"
  }
}
