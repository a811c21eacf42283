//! How many cores work on a run is nothing that its answer tells.

#![allow(clippy::unwrap_used)] // a test may stop here

use std::path::Path;
use std::process::{Command, Stdio};

fn answer(threads: &str, extra: &[&str]) -> (Vec<u8>, Option<i32>) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/estates");
    let output = Command::new(env!("CARGO_BIN_EXE_tfmend"))
        .arg("plan")
        .arg("--repo")
        .arg(data.join("acme"))
        .arg("--findings")
        .arg(data.join("acme-findings"))
        .args(["--format", "json"])
        .args(extra)
        .env("RAYON_NUM_THREADS", threads)
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .stderr(Stdio::null())
        .output()
        .unwrap();
    (output.stdout, output.status.code())
}

#[test]
fn one_core_and_many_give_the_same_bytes() {
    for extra in [&[][..], &["--min-confidence", "low"]] {
        let one = answer("1", extra);
        assert!(one.0.len() > 10_000, "{}", one.0.len());
        assert_eq!(one.1, Some(0));
        for threads in ["2", "7"] {
            assert!(
                answer(threads, extra) == one,
                "{threads} threads, {extra:?}"
            );
        }
    }
}
