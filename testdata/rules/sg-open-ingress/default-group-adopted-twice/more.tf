resource "aws_default_security_group" "again" {
  vpc_id = aws_vpc.main.id
}
