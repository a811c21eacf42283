resource "aws_db_instance" "replica" {
  count = 2

  identifier = "replica-${count.index}"
}
