module "files" {
  source = "./bucket"
  acl    = "public-read"
}
