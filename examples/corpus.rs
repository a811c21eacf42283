//! Tries the edit engine on directories of real Terraform code, with `terraform fmt` as the judge.
//!
//! ```text
//! cargo run --release --example corpus -- [--seed N] [--edits N] DIR …
//! ```
//!
//! Every file is parsed (or reported), gets random edits of every kind, and each result must re-parse, say what the
//! edit says and nothing else, be reachable by plain splices that only move spaces elsewhere, and stay as
//! `terraform fmt` leaves it where the file was so before. Nothing is written into the directories. Ends with
//! status 1 if anything did not hold.
#![allow(
    clippy::print_stdout,
    reason = "a tool for the terminal: its result is what it prints"
)]

#[path = "../tests/random_edits/mod.rs"]
mod random_edits;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use random_edits::{Rng, change, outline, random_edit};
use rayon::prelude::*;
use tfmend::terraform::edit::{apply, settle};
use tfmend::terraform::{Edit, Estate, RepoPath, SourceFile};

fn main() -> anyhow::Result<ExitCode> {
    let mut seed = 1;
    let mut edits = 2;
    let mut dirs = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || -> anyhow::Result<u64> {
            let text = arguments.next().context("a number is missing")?;
            Ok(text.parse()?)
        };
        match argument.as_str() {
            "--seed" => seed = number()?,
            "--edits" => edits = number()?,
            _ => dirs.push(PathBuf::from(argument)),
        }
    }
    anyhow::ensure!(
        !dirs.is_empty(),
        "usage: corpus [--seed N] [--edits N] DIR …"
    );
    let mut good = true;
    for dir in dirs {
        good &= tree(&dir, seed, edits)?;
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What came out for one file.
#[derive(Default)]
struct Tried {
    made: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
    results: Vec<Vec<u8>>,
}

fn tree(dir: &Path, seed: u64, edits: u64) -> anyhow::Result<bool> {
    let mut paths = Vec::new();
    walk(dir, &mut paths)?;
    paths.sort();

    let started = Instant::now();
    let files: Vec<(PathBuf, SourceFile)> = paths
        .into_par_iter()
        .filter_map(|path| {
            let bytes = std::fs::read(&path).ok()?;
            let name = path.strip_prefix(dir).ok()?.to_string_lossy().into_owned();
            Some((path, SourceFile::new(RepoPath::new(&name)?, bytes)))
        })
        .collect();
    let read = started.elapsed();
    let unparsed: Vec<&SourceFile> = files
        .par_iter()
        .map(|(_, f)| f)
        .filter(|f| f.body().is_err())
        .collect();
    let parsed = started.elapsed();
    let bytes: usize = files.iter().map(|(_, f)| f.bytes().len()).sum();

    let started = Instant::now();
    let (crooked, rejected) = fmt(dir)?;
    let judged = started.elapsed();

    let started = Instant::now();
    let tried: Vec<Tried> = files
        .par_iter()
        .enumerate()
        .map(|(n, (_, file))| try_edits(file, seed ^ (n as u64) << 20, edits))
        .collect();
    let tried_in = started.elapsed();

    let out = Results::new()?;
    let mut of_clean = 0;
    for (n, ((path, file), tried)) in files.iter().zip(&tried).enumerate() {
        let end = if file.path().file_name().ends_with(".tfvars") {
            "tfvars"
        } else {
            "tf"
        };
        if crooked.contains(path) || rejected.contains(path) {
            continue;
        }
        for (k, result) in tried.results.iter().enumerate() {
            of_clean += 1;
            std::fs::write(out.0.join(format!("{n}-{k}.{end}")), result)?;
        }
    }
    let (spoilt, refused) = fmt(&out.0)?;

    println!("{}", dir.display());
    println!(
        "  {} files, {:.1} MB: read in {}, read and parsed in {}; terraform fmt -check -recursive: {} ({:.0} times)",
        files.len(),
        bytes as f64 / 1e6,
        seconds(read),
        seconds(parsed),
        seconds(judged),
        judged.as_secs_f64() / parsed.as_secs_f64(),
    );
    println!(
        "  not formatted before: {}; rejected by terraform: {}; not read by us: {}",
        crooked.len(),
        rejected.len(),
        unparsed.len()
    );
    for file in &unparsed {
        if let Err(problem) = file.body() {
            let both = rejected.contains(&dir.join(file.path().as_str()));
            println!(
                "    {problem}{}",
                if both { " (nor by terraform)" } else { "" }
            );
        }
    }
    let mut made = BTreeMap::new();
    for (kind, n) in tried.iter().flat_map(|t| &t.made) {
        *made.entry(*kind).or_insert(0) += n;
    }
    let sum: usize = made.values().sum();
    println!(
        "  {sum} edits in {}, {of_clean} of them in formatted files: {made:?}",
        seconds(tried_in)
    );
    let wrong: Vec<&String> = tried.iter().flat_map(|t| &t.wrong).collect();
    println!(
        "  wrong: {}; no longer formatted: {}; no longer read by terraform: {}",
        wrong.len(),
        spoilt.len(),
        refused.len()
    );
    for message in wrong.iter().take(5) {
        println!("    {message}");
    }
    for path in spoilt.iter().chain(&refused).take(5) {
        let name = path
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let number = name.split('-').next().and_then(|n| n.parse::<usize>().ok());
        let source = number
            .and_then(|n| files.get(n))
            .map(|(p, _)| p.display().to_string());
        println!("    {} as {}", source.unwrap_or_default(), path.display());
        println!("{}", fmt_diff(path));
    }
    Ok(wrong.is_empty() && spoilt.is_empty() && refused.is_empty())
}

/// A directory for results, removed when nothing is left to look at.
struct Results(PathBuf);

impl Results {
    fn new() -> anyhow::Result<Self> {
        let dir = std::env::temp_dir().join(format!("tfmend-corpus-{}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        Ok(Self(dir))
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        if std::env::var_os("TFMEND_KEEP").is_none() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = entry.path();
        let name = entry.file_name();
        // `terraform fmt -recursive` does not descend into hidden directories either.
        if kind.is_dir() && !name.as_encoded_bytes().starts_with(b".") {
            walk(&path, out)?;
        } else if kind.is_file() && path.extension().is_some_and(|e| e == "tf" || e == "tfvars") {
            out.push(path);
        }
    }
    Ok(())
}

/// The files that `terraform fmt` would change, and those it rejects.
fn fmt(dir: &Path) -> anyhow::Result<(BTreeSet<PathBuf>, BTreeSet<PathBuf>)> {
    let out = Command::new("terraform")
        .args(["fmt", "-check", "-recursive", "-list=true", "-no-color"])
        .current_dir(dir)
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .output()
        .context("terraform is needed on PATH")?;
    let listed = String::from_utf8_lossy(&out.stdout)
        .lines()
        .map(|name| dir.join(name))
        .collect();
    let said = String::from_utf8_lossy(&out.stderr);
    let rejected = said
        .lines()
        .filter_map(|line| {
            let (_, rest) = line.split_once(" on ")?;
            let (path, _) = rest.split_once(" line ")?;
            Some(dir.join(path))
        })
        .collect();
    Ok((listed, rejected))
}

fn fmt_diff(path: &Path) -> String {
    Command::new("terraform")
        .args(["fmt", "-diff", "-check", "-no-color"])
        .arg(path)
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .output()
        .map(|o| String::from_utf8_lossy(&o.stdout).into_owned())
        .unwrap_or_default()
}

fn try_edits(file: &SourceFile, seed: u64, edits: u64) -> Tried {
    let mut tried = Tried::default();
    if file.body().is_err() {
        return tried;
    }
    let mut rng = Rng(seed);
    let before = outline(file);
    let copy = SourceFile::new(file.path().clone(), file.bytes().to_vec());
    let estate = Estate::new([copy]);
    for _ in 0..edits * 4 {
        if tried.results.len() as u64 >= edits {
            break;
        }
        let Some(random) = random_edit(file, &mut rng) else {
            continue;
        };
        *tried.made.entry(random.kind).or_default() += 1;
        let problem = match apply(&estate, &random.edits) {
            Err(error) => Some(error.to_string()),
            Ok(result) => {
                let new = result
                    .into_values()
                    .next()
                    .unwrap_or_else(|| file.bytes().to_vec());
                let after = outline(&SourceFile::new(file.path().clone(), new.clone()));
                let found = change(&before, &after);
                let problem = if found == random.expected {
                    elsewhere(&estate, file, &random.edits, &new)
                } else {
                    Some(format!("changed {found:?}, not {:?}", random.expected))
                };
                tried.results.push(new);
                problem
            }
        };
        if let Some(problem) = problem {
            tried
                .wrong
                .push(format!("{}: {}: {problem}", file.path(), random.kind));
        }
    }
    tried
}

/// What is wrong with the bytes outside of the edits.
fn elsewhere(estate: &Estate, file: &SourceFile, wanted: &[Edit], new: &[u8]) -> Option<String> {
    let settled = match settle(estate, wanted) {
        Ok(settled) => settled,
        Err(error) => return Some(error.to_string()),
    };
    let mut plain = file.bytes().to_vec();
    for edit in settled.iter().rev() {
        let Edit::Splice { range, text, .. } = edit else {
            continue;
        };
        let asked = wanted.iter().any(|w| {
            matches!(w, Edit::Splice { range: r, .. } if r.start <= range.end && range.start <= r.end)
        });
        let spaces =
            plain[range.clone()].iter().all(|b| *b == b' ') && text.bytes().all(|b| b == b' ');
        if !asked && !spaces {
            return Some(format!("bytes {range:?} changed, which no edit asked for"));
        }
        plain.splice(range.clone(), text.bytes());
    }
    (plain != new).then(|| "the plain splices give another file".to_owned())
}
