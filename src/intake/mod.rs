//! Findings from outside: files, standard input (`-`), directories with everything in them, and Security Hub.
//!
//! Adapter. Every source hands the same records to the same sink.

pub mod event;
#[cfg(feature = "aws")]
pub mod security_hub;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::finding::{self, InputFormat, ReadError, Record, Tally};

/// How deep directories are followed.
const DEPTH: usize = 32;
/// What a directory's files must be called.
const EXTENSIONS: [&str; 3] = ["json", "ndjson", "jsonl"];

/// Findings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// No such file, or it may not be read.
    #[error(
        "cannot open findings `{path}`: {source}; give a file, a directory or `-` for standard input"
    )]
    Open {
        /// As the user gave it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A directory could not be listed.
    #[error("cannot list directory `{path}`: {source}")]
    List {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A directory without a file of findings.
    #[error(
        "no findings in directory `{0}`: expected files that end with .json, .ndjson or .jsonl"
    )]
    Empty(PathBuf),
    /// An event of GitHub that cannot be used.
    #[error("event `{path}`: {problem}")]
    Event {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Reading stopped in the middle.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The files that `input` stands for: itself, or all that a directory holds, sorted. Symbolic links inside a
/// directory are not followed, so nothing outside it is read and no loop is entered.
///
/// # Errors
/// When the path does not exist, a directory cannot be listed or holds no findings.
pub fn files(input: &Path) -> Result<Vec<PathBuf>, IntakeError> {
    let open = |source| IntakeError::Open {
        path: input.to_owned(),
        source,
    };
    let metadata = fs::metadata(input).map_err(open)?;
    if !metadata.is_dir() {
        return Ok(vec![input.to_owned()]);
    }
    let mut found = Vec::new();
    collect(input, DEPTH, &mut found)?;
    if found.is_empty() {
        return Err(IntakeError::Empty(input.to_owned()));
    }
    found.sort();
    Ok(found)
}

fn collect(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), IntakeError> {
    let list = |source| IntakeError::List {
        path: directory.to_owned(),
        source,
    };
    for entry in fs::read_dir(directory).map_err(list)? {
        let entry = entry.map_err(list)?;
        let path = entry.path();
        let kind = entry.file_type().map_err(list)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && !hidden && depth > 0 {
            collect(&path, depth - 1, found)?;
        } else if kind.is_file() {
            let wanted = path
                .extension()
                .and_then(|e| e.to_str())
                .is_some_and(|e| EXTENSIONS.iter().any(|known| e.eq_ignore_ascii_case(known)));
            if wanted {
                found.push(path);
            }
        }
    }
    Ok(())
}

/// Reads all findings of `input` (a file, a directory, `-`) into `sink`, file after file in sorted order.
///
/// # Errors
/// When a file cannot be opened or read to its end; broken records are no error and reach the sink.
pub fn read(
    input: &Path,
    format: Option<InputFormat>,
    now: Timestamp,
    sink: &mut dyn FnMut(Record),
) -> Result<Tally, IntakeError> {
    if input.as_os_str() == "-" {
        return Ok(finding::read(io::stdin(), "-", format, now, sink)?);
    }
    let mut sum = Tally::default();
    for path in files(input)? {
        let file = File::open(&path).map_err(|source| IntakeError::Open {
            path: path.clone(),
            source,
        })?;
        let tally = finding::read(file, &path.to_string_lossy(), format, now, sink)?;
        sum.records += tally.records;
        sum.invalid += tally.invalid;
        sum.bytes += tally.bytes;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_directory_is_read_in_order_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.json"), "{\"a\":1}").unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        for name in ["b.ndjson", "a.asff.json", "sub/c.JSONL", "notes.txt"] {
            fs::write(dir.path().join(name), "{\"a\":1}").unwrap();
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), dir.path().join("link")).unwrap();
            std::os::unix::fs::symlink(dir.path(), dir.path().join("sub/loop")).unwrap();
        }
        let mut inputs = Vec::new();
        let tally = read(dir.path(), None, now(), &mut |record| {
            inputs.push(record.unwrap_err().place.input.to_string());
        })
        .unwrap();
        let names: Vec<_> = inputs
            .iter()
            .map(|i| i.rsplit('/').next().unwrap_or_default())
            .collect();
        assert_eq!(names, ["a.asff.json", "b.ndjson", "c.JSONL"]);
        assert_eq!((tally.records, tally.invalid), (3, 3));
    }

    #[test]
    fn errors_name_the_path() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("missing.json");
        let error = read(&missing, None, now(), &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains("missing.json"), "{error}");
        let error = read(dir.path(), None, now(), &mut |_| {}).unwrap_err();
        assert!(matches!(error, IntakeError::Empty(_)), "{error}");
    }
}
