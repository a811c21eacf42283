rules = [
  {
    description = "HTTPS"
    port        = 443
    cidr_blocks = ["0.0.0.0/0"]
  },
  {
    description = "SSH"
    port        = 22
    cidr_blocks = [
      "0.0.0.0/0",
      "10.0.0.0/8",
    ]
  },
]
