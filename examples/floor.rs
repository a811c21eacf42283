//! The floor of every measurement: walks a tree with all cores and reads the bytes of every Terraform file, and does
//! nothing with them: `cargo run --release --example floor -- DIR`.
#![allow(
    clippy::print_stdout,
    reason = "a tool for the terminal: its result is what it prints"
)]

use std::sync::atomic::{AtomicU64, Ordering};

use ignore::{WalkBuilder, WalkState};

fn main() {
    let Some(top) = std::env::args().nth(1) else {
        println!("usage: floor DIR");
        return;
    };
    let (files, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
    WalkBuilder::new(top)
        .standard_filters(false)
        .build_parallel()
        .run(|| {
            Box::new(|entry| {
                let Ok(entry) = entry else {
                    return WalkState::Continue;
                };
                let name = entry.file_name().to_str().unwrap_or_default();
                let wanted = [".tf", ".tofu", ".tfvars", ".tf.json", ".hcl"];
                if wanted.iter().any(|end| name.ends_with(end))
                    && let Ok(read) = std::fs::read(entry.path())
                {
                    files.fetch_add(1, Ordering::Relaxed);
                    bytes.fetch_add(read.len() as u64, Ordering::Relaxed);
                }
                WalkState::Continue
            })
        });
    println!(
        "{} files, {} bytes",
        files.load(Ordering::Relaxed),
        bytes.load(Ordering::Relaxed)
    );
}
