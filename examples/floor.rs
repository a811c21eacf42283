//! The floor of every measurement: walks trees with all cores and reads the bytes of every Terraform file and state, and
//! does nothing with them: `cargo run --release --example floor -- DIR …`.
#![allow(
    clippy::print_stdout,
    reason = "a tool for the terminal: its result is what it prints"
)]

use std::sync::atomic::{AtomicU64, Ordering};

use ignore::{WalkBuilder, WalkState};

fn main() {
    let mut tops = std::env::args().skip(1);
    let Some(top) = tops.next() else {
        println!("usage: floor DIR …");
        return;
    };
    let (files, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
    let mut walk = WalkBuilder::new(top);
    tops.for_each(|top| {
        walk.add(top);
    });
    walk.standard_filters(false).build_parallel().run(|| {
        Box::new(|entry| {
            let Ok(entry) = entry else {
                return WalkState::Continue;
            };
            let name = entry.file_name().to_str().unwrap_or_default();
            let wanted = [".tf", ".tofu", ".tfvars", ".tf.json", ".hcl", ".tfstate"];
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
