id            = "sg-open-ingress"
title         = "Security group is open to everybody on administration ports"
action        = "close ports open to the internet"
severity      = "high"
profile       = "standard"
reversibility = "care"
impact        = "in-place"
why           = <<-EOT
  SSH and RDP that answer the whole internet are tried by strangers all day. One weak password, one leaked key or one
  unpatched daemon is then enough.
EOT
verify        = "The group's rules, read back, let in no public address on these ports."

controls = {
  security-hub = [
    { code = "EC2.13", with = { ports = [22] } },
    { code = "EC2.14", with = { ports = [3389] } },
    { code = "EC2.19", with = { ports = [20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300] } },
    { code = "EC2.53", with = { ports = [22, 3389], protocols = ["tcp", "udp"], families = ["ipv4"] } },
    { code = "EC2.54", with = { ports = [22, 3389], protocols = ["tcp", "udp"], families = ["ipv6"] } },
  ]
  prowler = [
    { code = "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22", with = { ports = [22] } },
    { code = "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389", with = { ports = [3389] } },
    { code = "ec2_securitygroup_allow_ingress_from_internet_to_all_ports", with = { ports = [22, 3389] } },
  ]
  checkov = [
    { code = "CKV_AWS_24", with = { ports = [22] } },
    { code = "CKV_AWS_25", with = { ports = [3389] } },
  ]
  trivy = ["AVD-AWS-0107"]
  aws-config = [
    { code = "restricted-ssh", with = { ports = [22] } },
  ]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AC-4", "AC-4(21)", "CM-7", "SC-7", "SC-7(11)", "SC-7(16)", "SC-7(21)", "SC-7(4)", "SC-7(5)",
  ]
  source = "AWS Security Hub user guide, control EC2.13"
}

rollback {
  restores         = "The rules as they were: the ports are open to everybody again."
  does_not_restore = "Connections that broke in between, and the ids of rules that were removed (they get new ones)."
}

remedy "ingress" {
  types                   = ["aws_security_group", "aws_default_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"]
  ports                   = [22, 3389]
  respect_intended_public = true
  warnings                = ["Whoever comes in by these ports over the internet loses access: make sure that there is another way (a VPN, Session Manager, approved addresses)."]
}
