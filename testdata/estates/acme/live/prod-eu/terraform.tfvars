environment = "prod"
vpc_cidr    = "10.20.0.0/16"

# Office Berlin, VPN. The last one was for the December migration.
bastion_ssh_cidrs = ["198.51.100.0/24", "203.0.113.17/32", "0.0.0.0/0"]

bastion_ami = "ami-12c6146b"
