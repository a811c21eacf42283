resource "aws_vpc" "main" {
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true

  tags = {
    Name = local.prefix
  }
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(var.vpc_cidr, 8, count.index)
  availability_zone = element(["eu-west-1a", "eu-west-1b"], count.index)

  tags = {
    Name = "${local.prefix}-private-${count.index}"
  }
}

# Nobody should use it, so it should let nobody in.
resource "aws_default_security_group" "default" {
  vpc_id = aws_vpc.main.id

  ingress {
    description = "left over from the first week"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# The only way in. The ranges are in terraform.tfvars.
resource "aws_security_group" "bastion" {
  name        = "${local.prefix}-bastion"
  description = "SSH to the bastion"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.bastion_ssh_cidrs
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = merge(local.repo_tags, {
    Name      = "${local.prefix}-bastion"
    git_file  = "live/prod-eu/network.tf"
    yor_trace = "1f0c1c0e-7d36-4b5e-8a0f-9f0f3a1f5a11"
  })
}

# Windows jump host of the accounting department.
resource "aws_security_group" "accounting" {
  name   = "${local.prefix}-accounting"
  vpc_id = aws_vpc.main.id

  tags = {
    Name = "${local.prefix}-accounting"
  }
}

resource "aws_security_group_rule" "accounting_https" {
  type              = "ingress"
  security_group_id = aws_security_group.accounting.id
  from_port         = 443
  to_port           = 443
  protocol          = "tcp"
  cidr_blocks       = [var.vpc_cidr]
}

resource "aws_security_group_rule" "accounting_rdp" {
  type              = "ingress"
  description       = "tax adviser"
  security_group_id = aws_security_group.accounting.id
  from_port         = 3389
  to_port           = 3389
  protocol          = "tcp"
  cidr_blocks       = ["203.0.113.64/27", "0.0.0.0/0"]
}

resource "aws_security_group_rule" "accounting_out" {
  type              = "egress"
  security_group_id = aws_security_group.accounting.id
  from_port         = 0
  to_port           = 0
  protocol          = "-1"
  cidr_blocks       = ["0.0.0.0/0"]
}

# Batch workers.
resource "aws_security_group" "workers" {
  name   = "${local.prefix}-workers"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "workers_metrics" {
  security_group_id = aws_security_group.workers.id
  description       = "prometheus"
  cidr_ipv4         = var.vpc_cidr
  from_port         = 9100
  to_port           = 9100
  ip_protocol       = "tcp"
}

# Debugging a stuck batch at night, 2023-04. Remove?
resource "aws_vpc_security_group_ingress_rule" "workers_ssh" {
  security_group_id = aws_security_group.workers.id
  description       = "ssh"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "workers_out" {
  security_group_id = aws_security_group.workers.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

module "storefront_sg" {
  source = "../../modules/web-sg"

  name   = "${local.prefix}-storefront"
  vpc_id = aws_vpc.main.id
}
