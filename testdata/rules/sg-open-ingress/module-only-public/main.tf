module "a" {
  source = "./sg"
  cidrs  = ["0.0.0.0/0"]
}

module "b" {
  source = "./sg"
  cidrs  = ["10.0.0.0/8"]
}
