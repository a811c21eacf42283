ingress_rules = [
  { name = "https", cidr = "0.0.0.0/0", port = 443 },
  { name = "ssh", cidr = "0.0.0.0/0", port = 22 },
  { name = "vpn", cidr = "10.0.0.0/8", port = 1194 },
]
