"""What `make bench` is made of: a generated estate with its truth, the tools beside tfmend, and the clock."""
