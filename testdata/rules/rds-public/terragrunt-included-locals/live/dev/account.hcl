locals {
  public = false
}
