databases = [
  {
    name   = "dev"
    public = true
  },
  {
    name   = "prod"
    public = false
  },
]
