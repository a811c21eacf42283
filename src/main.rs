//! The `tfmend` binary: parse, run, exit code.

fn main() -> std::process::ExitCode {
    tfmend::cli::main()
}
