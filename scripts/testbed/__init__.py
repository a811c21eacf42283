"""The proof loop's parts: pinned tools, the emulator, Terraform, the scanner, the local forge."""
