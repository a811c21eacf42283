resource "aws_launch_template" "web" {
  name = "web"

  metadata_options {
    http_endpoint = "disabled"
  }
}
