locals {
  subnets = ["subnet-2", "subnet-1", "subnet-2"]
  sizes   = { small = "20", large = 100 }
}

variable "port" {
  type    = string
  default = "5432"
}

variable "ports" {
  default = ["443", 80, "443"]
}

resource "aws_vpc" "main" {
  cidr_block         = "10.0.0.0/16"
  enable_dns_support = "true"
  tags = {
    Name  = "main"
    Count = 3
    On    = true
    Empty = ""
    None  = null
  }
}

resource "aws_vpc" "bare" {
  cidr_block = "10.1.0.0/16"
  tags       = {}
}

resource "aws_subnet" "counted" {
  count             = "2"
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = count.index == 0 ? "us-east-1a" : "us-east-1b"
  tags              = merge(aws_vpc.bare.tags == null ? {} : {}, { Index = count.index })
}

resource "aws_db_instance" "db" {
  identifier              = "orders"
  instance_class          = "db.t3.micro"
  engine                  = "postgres"
  engine_version          = 16
  allocated_storage       = local.sizes.small
  max_allocated_storage   = 0
  port                    = var.port
  username                = "orders"
  password                = "not-a-secret-1"
  multi_az                = "false"
  publicly_accessible     = false
  vpc_security_group_ids  = local.subnets
  backup_retention_period = "07"
  skip_final_snapshot     = true
  iops                    = null
  license_model           = ""
}

resource "aws_db_instance" "kept" {
  identifier          = "kept"
  instance_class      = "db.t3.micro"
  engine              = "postgres"
  allocated_storage   = 20
  username            = "orders"
  password            = "not-a-secret-1"
  skip_final_snapshot = true
  tags                = { Name = "kept" }

  lifecycle {
    ignore_changes = [allocated_storage, tags["Name"]]
  }
}

resource "aws_lb" "web" {
  name               = "web"
  internal           = "true"
  load_balancer_type = "network"
  subnets            = concat(local.subnets, ["subnet-0"])
  idle_timeout       = "60"
}

resource "aws_security_group" "web" {
  name        = "web"
  description = ""
  vpc_id      = aws_vpc.main.id

  ingress {
    from_port   = "443"
    to_port     = 443
    protocol    = "TCP"
    cidr_blocks = ["10.0.0.0/8"]
  }

  egress = []
}

resource "aws_security_group_rule" "ports" {
  for_each          = { for port in toset(var.ports) : "p${port}" => port }
  security_group_id = aws_security_group.web.id
  type              = "ingress"
  protocol          = "TCP"
  from_port         = each.value
  to_port           = each.value
  cidr_blocks       = toset(["10.2.0.0/16", "10.1.0.0/16"])
}

resource "aws_iam_role" "reader" {
  name = "reader"
  path = "/apps/"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
  max_session_duration = "3600"
}

resource "aws_iam_policy" "read" {
  name   = "read"
  policy = <<-EOT
    { "Version": "2012-10-17",
      "Statement": [ { "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*" } ] }
  EOT
}

resource "aws_route53_zone" "zone" {
  name          = "Example.com."
  force_destroy = "1"
}

resource "aws_route53_record" "www" {
  zone_id = aws_route53_zone.zone.zone_id
  name    = "www"
  type    = "A"
  ttl     = "300"
  records = ["10.0.0.2", "10.0.0.1", "10.0.0.2"]
}

resource "aws_instance" "app" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  user_data              = "#!/bin/sh\necho hello\n"
  vpc_security_group_ids = ["sg-b", "sg-a"]
  monitoring             = 1 == 1

  root_block_device {
    volume_size = "20"
    encrypted   = "true"
  }

  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 10
  }
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "cpu"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = "2"
  metric_name         = "CPUUtilization"
  namespace           = "AWS/EC2"
  period              = 120
  statistic           = "Average"
  threshold           = "80.5"
  alarm_actions       = ["arn:aws:sns:us-east-1:111122223333:b", "arn:aws:sns:us-east-1:111122223333:a"]
  dimensions = {
    InstanceId = "i-12345678"
    Shard      = 7
  }
}

resource "aws_acm_certificate" "www" {
  domain_name               = "example.com"
  validation_method         = "DNS"
  subject_alternative_names = ["www.example.com", "api.example.com"]
}

resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  cpu                      = 256
  memory                   = 512
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE", "EC2"]
  container_definitions    = "[ {\"name\": \"app\", \"image\": \"app\", \"essential\": true} ]"
}

resource "aws_s3_bucket" "logs" {
  bucket        = "logs-111122223333"
  force_destroy = "false"
  tags          = { Size = local.sizes["small"], Id = aws_vpc.main.id }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.bucket

  rule {
    id     = "all"
    status = "Enabled"

    filter {}

    expiration {
      days = "30"
    }
  }
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.web.id
  cidr_ipv4         = "10.0.0.0/8"
  from_port         = tostring(443)
  to_port           = "443"
  ip_protocol       = "TCP"
}

resource "terraform_data" "summary" {
  input = {
    port  = aws_db_instance.db.port
    zones = aws_lb.web.subnets
    tags  = aws_vpc.main.tags
  }
}

resource "terraform_data" "each" {
  for_each = aws_lb.web.subnets
  input    = each.key
}
