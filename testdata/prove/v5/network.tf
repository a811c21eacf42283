resource "aws_vpc" "main" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "main" {
  count = 2

  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = "us-east-1${["a", "b"][count.index]}"
}

# The scanner calls a database public only when the way to it is open as well.
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table_association" "public" {
  count = 2

  subnet_id      = aws_subnet.main[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group" "rds_public" {
  name        = "prove-database"
  description = "The database port"
  vpc_id      = aws_vpc.main.id

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# The only inline rule is the open one: taking the block away would change nothing.
resource "aws_security_group" "sg_inline_only" {
  name        = "prove-inline-only"
  description = "SSH from anywhere"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# Open and closed rules side by side, v4 and v6.
resource "aws_security_group" "sg_inline_mixed" {
  name        = "prove-inline-mixed"
  description = "Web and remote desktop"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "web"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }

  ingress {
    description      = "remote desktop" # asked for by the service desk
    from_port        = 3389
    to_port          = 3389
    protocol         = "tcp"
    cidr_blocks      = ["10.0.0.0/8", "0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

# A range that holds the port.
resource "aws_security_group" "sg_inline_range" {
  name        = "prove-inline-range"
  description = "A range that holds SSH"
  vpc_id      = aws_vpc.main.id

  ingress = [
    {
      description      = "legacy"
      from_port        = 20
      to_port          = 25
      protocol         = "tcp"
      cidr_blocks      = ["0.0.0.0/0"]
      ipv6_cidr_blocks = []
      prefix_list_ids  = []
      security_groups  = []
      self             = false
    },
  ]
}

# The CIDRs come from terraform.tfvars.
resource "aws_security_group" "sg_variable" {
  name        = "prove-variable"
  description = "SSH from the admin networks"
  vpc_id      = aws_vpc.main.id

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.admin_cidrs
  }
}

resource "aws_security_group" "sg_rule" {
  name        = "prove-rule"
  description = "Rules as resources of their own"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group_rule" "sg_rule_ssh" {
  type              = "ingress"
  description       = "ssh"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0", "10.0.0.0/8"]
  security_group_id = aws_security_group.sg_rule.id
}

resource "aws_security_group_rule" "sg_rule_rdp" {
  type              = "ingress"
  description       = "rdp"
  from_port         = 3389
  to_port           = 3389
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
  security_group_id = aws_security_group.sg_rule.id
}

resource "aws_security_group" "sg_ingress_rule" {
  name        = "prove-ingress-rule"
  description = "Rules in the newest form"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "sg_ingress_rule_ssh" {
  security_group_id = aws_security_group.sg_ingress_rule.id
  description       = "ssh"
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_ingress_rule" "sg_ingress_rule_rdp_v6" {
  security_group_id = aws_security_group.sg_ingress_rule.id
  description       = "rdp"
  from_port         = 3389
  to_port           = 3389
  ip_protocol       = "tcp"
  cidr_ipv6         = "::/0"
}

resource "aws_default_security_group" "sg_default" {
  vpc_id = aws_vpc.main.id

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
