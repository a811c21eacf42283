module "db" {
  public = true
}
