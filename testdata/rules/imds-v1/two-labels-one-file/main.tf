module "web" {
  source   = "./lt"
  metadata = { http_endpoint = "enabled", http_tokens = "optional" }
}
