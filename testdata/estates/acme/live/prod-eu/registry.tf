resource "aws_ecr_repository" "storefront" {
  name                 = "acme/storefront"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = false
  }
}

resource "aws_ecr_repository" "payments" {
  name                 = "acme/payments"
  image_tag_mutability = "IMMUTABLE"
}
