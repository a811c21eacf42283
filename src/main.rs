//! The `tfmend` binary.
fn main() {}
