locals {
  public = true
}
