//! The `tfmend` binary: parse, run, exit code.

/// Most of a run is small pieces of trees that are made and dropped on all cores.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tfmend::cli::main()
}
