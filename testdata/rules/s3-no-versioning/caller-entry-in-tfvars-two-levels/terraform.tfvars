buckets = {
  logs = {
    versioning = false
    owner      = "platform"
  }
  data = {
    versioning = true
  }
}
