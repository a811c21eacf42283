resource "aws_iam_instance_profile" "bastion" {
  name = "${local.prefix}-bastion"
  role = aws_iam_role.bastion.name
}

resource "aws_instance" "bastion" {
  ami                    = var.bastion_ami
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private[0].id
  vpc_security_group_ids = [aws_security_group.bastion.id]
  iam_instance_profile   = aws_iam_instance_profile.bastion.name

  root_block_device {
    volume_size = 20
    encrypted   = true
  }

  tags = {
    Name = "${local.prefix}-bastion"
  }
}

resource "aws_launch_template" "workers" {
  name          = "${local.prefix}-workers"
  image_id      = var.bastion_ami
  instance_type = "c6i.large"

  vpc_security_group_ids = [aws_security_group.workers.id]

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional" # old SDK in the PDF renderer
  }

  tag_specifications {
    resource_type = "instance"
    tags = {
      Name = "${local.prefix}-worker"
    }
  }
}
