module "public_files" {
  source = "./bucket"
  acl    = "public-read"
}
