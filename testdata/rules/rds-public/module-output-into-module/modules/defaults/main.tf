output "public" {
  value = true
}
