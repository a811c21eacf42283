//! The journal: an append-only record of every decision and action of every stage.
//!
//! One JSON object a line. Each line holds the SHA-256 of the line before it, so a line that was changed or taken out
//! is seen. A process may be killed in the middle of a line (invariant 12): the torn end is kept aside in
//! `<file>.torn` when the journal is opened again, and never voids the rest. Values read from state never enter, and
//! secrets never do (invariant 11): records carry addresses, keys and sentences; of the live cloud only the receipts of
//! emergency changes hold what was there before.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `prev` of the first line.
const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// A longer text of a record is cut: a line stays small enough to be written at once.
const TEXT_LIMIT: usize = 2000;

/// What happened. Times come from the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The stage: `intake`, `policy`, `locate`, `remedy`, `pull-request`, `forge`.
    pub stage: String,
    /// What was decided or done, kebab-case: `located`, `refused`, `opened`.
    pub what: String,
    /// Why, one sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The finding's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// The rule's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The address in code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The change (branch) it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// What a live change needs to be undone: the setting before and after, who did it. Never shortened; no other
    /// stage writes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<serde_json::Value>,
}

impl Entry {
    /// An entry about nothing in particular yet.
    #[must_use]
    pub fn new(at: Timestamp, stage: &str, what: &str) -> Self {
        Self {
            at,
            stage: stage.to_owned(),
            what: what.to_owned(),
            why: String::new(),
            finding: None,
            rule: None,
            address: None,
            change: None,
            receipt: None,
        }
    }

    fn shortened(&self) -> Self {
        let mut short = self.clone();
        let optional = [
            &mut short.finding,
            &mut short.rule,
            &mut short.address,
            &mut short.change,
        ];
        for text in [&mut short.why, &mut short.what, &mut short.stage]
            .into_iter()
            .chain(optional.into_iter().flatten())
        {
            if text.len() > TEXT_LIMIT {
                let end = (0..=TEXT_LIMIT).rev().find(|at| text.is_char_boundary(*at));
                text.truncate(end.unwrap_or_default());
                text.push('…');
            }
        }
        short
    }
}

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    seq: u64,
    prev: String,
    #[serde(flatten)]
    entry: FlatEntry,
}

/// [`Entry`] without `deny_unknown_fields`, which does not go with `flatten`.
type FlatEntry = serde_json::Map<String, serde_json::Value>;

/// The journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Opening, reading or writing failed.
    #[error("cannot {action} journal `{path}`: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file's last line is not a line of a journal.
    #[error(
        "`{path}` is no journal of tfmend: line {line}: {problem}; choose another file, nothing was written"
    )]
    NotAJournal {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// An entry cannot be written as JSON.
    #[error("cannot write an entry of stage `{stage}` as JSON: {source}")]
    Entry {
        /// The stage.
        stage: String,
        /// Why.
        source: serde_json::Error,
    },
}

/// An open journal file.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    next: u64,
    prev: String,
    torn: Option<PathBuf>,
}

impl Journal {
    /// Opens or creates the journal at `path` for appending. A torn last line is moved to `<path>.torn`.
    ///
    /// # Errors
    /// When the file cannot be opened, locked or written, or is no journal.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let io = |action: &'static str| {
            move |source| JournalError::Io {
                action,
                path: path.to_owned(),
                source,
            }
        };
        let made = make_directory(path).map_err(io("create the directory of"))?;
        let is_new = !path.exists();
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(io("open"))?;
        // An entry is durable only if the name of its file is.
        if is_new {
            for directory in &made {
                sync_directory(directory).map_err(io("flush the directory of"))?;
            }
        }
        // Two writers would fork the chain. The lock goes with the process, however it ends.
        file.lock().map_err(io("lock"))?;
        let torn = set_aside(&mut file, path)?;
        file.seek(SeekFrom::Start(0)).map_err(io("read"))?;
        let (mut next, mut prev) = (0, FIRST.to_owned());
        for (number, line) in (1..).zip(BufReader::new(&file).lines()) {
            let line = line.map_err(io("read"))?;
            let parsed: Line =
                serde_json::from_str(&line).map_err(|error| JournalError::NotAJournal {
                    path: path.to_owned(),
                    line: number,
                    problem: error.to_string(),
                })?;
            next = parsed.seq + 1;
            prev = digest(&line);
        }
        Ok(Self {
            file,
            path: path.to_owned(),
            next,
            prev,
            torn,
        })
    }

    /// Where the torn end of an interrupted run was put, if there was one.
    #[must_use]
    pub fn torn(&self) -> Option<&Path> {
        self.torn.as_deref()
    }

    /// Appends one entry; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written or made durable.
    pub fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.append_all(std::slice::from_ref(entry))
    }

    /// Appends several entries with one flush to the disk.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn append_all(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        let mut text = String::new();
        let (mut next, mut prev) = (self.next, self.prev.clone());
        for entry in entries {
            let failed = |source| JournalError::Entry {
                stage: entry.stage.clone(),
                source,
            };
            let value = serde_json::to_value(entry.shortened()).map_err(failed)?;
            let serde_json::Value::Object(entry) = value else {
                continue;
            };
            let line = serde_json::to_string(&Line {
                seq: next,
                prev,
                entry,
            })
            .map_err(failed)?;
            prev = digest(&line);
            next += 1;
            text.push_str(&line);
            text.push('\n');
        }
        let io = |action: &'static str| {
            let path = self.path.clone();
            move |source| JournalError::Io {
                action,
                path,
                source,
            }
        };
        self.file
            .write_all(text.as_bytes())
            .map_err(io("append to"))?;
        self.file.sync_data().map_err(io("flush"))?;
        (self.next, self.prev) = (next, prev);
        Ok(())
    }
}

/// Makes the directory of a file; gives every directory that has got a new name in it, or may have: the file's own and
/// those that held a new one.
fn make_directory(path: &Path) -> io::Result<Vec<PathBuf>> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut changed = vec![directory.to_owned()];
    let mut at = directory;
    while !at.exists() {
        at = match at.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        changed.push(at.to_owned());
    }
    fs::create_dir_all(directory)?;
    Ok(changed)
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file; its entries are durable with the file.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Moves what follows the last line end to `<path>.torn` and cuts it off.
fn set_aside(file: &mut File, path: &Path) -> Result<Option<PathBuf>, JournalError> {
    let io = |action: &'static str| {
        move |source| JournalError::Io {
            action,
            path: path.to_owned(),
            source,
        }
    };
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0)).map_err(io("read"))?;
    file.read_to_end(&mut text).map_err(io("read"))?;
    let whole = text
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    if whole == text.len() {
        return Ok(None);
    }
    // A file without a single line end that does not begin like a journal belongs to somebody else.
    if whole == 0 && !b"{\"seq\":0,\"prev\":\"".starts_with(&text[..text.len().min(17)]) {
        let problem = "expected {\"seq\":0,…".to_owned();
        return Err(JournalError::NotAJournal {
            path: path.to_owned(),
            line: 1,
            problem,
        });
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".torn");
    let aside = PathBuf::from(name);
    let mut kept = OpenOptions::new()
        .append(true)
        .create(true)
        .open(&aside)
        .map_err(io("keep the torn end of"))?;
    kept.write_all(&text[whole..])
        .and_then(|()| kept.write_all(b"\n"))
        .and_then(|()| kept.sync_data())
        .map_err(io("keep the torn end of"))?;
    file.set_len(whole as u64)
        .map_err(io("cut the torn end of"))?;
    file.sync_data().map_err(io("flush"))?;
    Ok(Some(aside))
}

fn digest(line: &str) -> String {
    Sha256::digest(line.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What reading a journal back found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The entries, in order.
    pub entries: Vec<Entry>,
    /// Lines that do not fit the chain, each with its number and what is wrong. Empty: nothing was altered.
    pub breaks: Vec<(u64, String)>,
    /// The file ends inside a line: a run was killed while it wrote.
    pub torn: bool,
}

/// Reads a journal back and verifies its chain. The file is not changed.
///
/// # Errors
/// When the file cannot be read.
pub fn read(path: &Path) -> Result<Account, JournalError> {
    let text = fs::read(path).map_err(|source| JournalError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    let mut account = Account::default();
    let (mut next, mut prev) = (0, FIRST.to_owned());
    let mut lines: Vec<&[u8]> = text.split(|b| *b == b'\n').collect();
    account.torn = lines.pop().is_some_and(|rest| !rest.is_empty());
    for (index, line) in lines.into_iter().enumerate() {
        let number = index as u64 + 1;
        let text = String::from_utf8_lossy(line);
        let parsed = serde_json::from_str::<Line>(&text).and_then(|line| {
            let entry = serde_json::from_value(serde_json::Value::Object(line.entry))?;
            Ok((line.seq, line.prev, entry))
        });
        match parsed {
            Ok((seq, before, entry)) => {
                if before != prev || seq != next {
                    let problem = format!(
                        "entry {seq} does not follow entry {}: a line before it was changed, added or taken out",
                        next.wrapping_sub(1) as i64
                    );
                    account.breaks.push((number, problem));
                }
                next = seq + 1;
                account.entries.push(entry);
            }
            Err(error) => account
                .breaks
                .push((number, format!("not an entry: {error}"))),
        }
        prev = digest(&text);
    }
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(what: &str) -> Entry {
        let mut entry = Entry::new("2026-03-01T00:00:00Z".parse().unwrap(), "policy", what);
        entry.why = "a \"reason\"\nin two lines".to_owned();
        entry
    }

    fn written(entries: u32) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/journal.ndjson");
        for number in 0..entries {
            Journal::open(&path)
                .unwrap()
                .append(&entry(&format!("e{number}")))
                .unwrap();
        }
        (dir, path)
    }

    #[test]
    fn what_was_written_is_read_back_and_verified() {
        let (_dir, path) = written(3);
        let account = read(&path).unwrap();
        let names: Vec<_> = account.entries.iter().map(|e| e.what.as_str()).collect();
        assert_eq!(names, ["e0", "e1", "e2"]);
        assert_eq!(account.entries[0], entry("e0"));
        assert!(account.breaks.is_empty() && !account.torn);
    }

    #[test]
    fn a_kill_at_any_byte_loses_at_most_the_last_line() {
        let (_dir, path) = written(2);
        let text = fs::read(&path).unwrap();
        let first = text.iter().position(|b| *b == b'\n').unwrap() + 1;
        for end in first..text.len() {
            fs::write(&path, &text[..end]).unwrap();
            let account = read(&path).unwrap();
            assert_eq!(
                (account.entries.len(), account.torn),
                (1, end > first),
                "cut at {end}"
            );
            let mut journal = Journal::open(&path).unwrap();
            assert_eq!(journal.torn().is_some(), end > first);
            journal.append(&entry("again")).unwrap();
            let account = read(&path).unwrap();
            assert_eq!(account.entries.len(), 2);
            assert!(
                account.breaks.is_empty() && !account.torn,
                "cut at {end}: {account:?}"
            );
        }
        for end in 1..first {
            fs::write(&path, &text[..end]).unwrap();
            Journal::open(&path)
                .unwrap()
                .append(&entry("again"))
                .unwrap();
            assert_eq!(read(&path).unwrap().entries.len(), 1, "cut at {end}");
        }
    }

    #[test]
    fn a_changed_or_missing_line_is_seen() {
        let (_dir, path) = written(4);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"e1\"", "\"x1\"")).unwrap();
        assert_eq!(read(&path).unwrap().breaks[0].0, 3);
        let without: Vec<_> = text
            .lines()
            .enumerate()
            .filter(|(i, _)| *i != 1)
            .map(|(_, l)| l)
            .collect();
        fs::write(&path, without.join("\n") + "\n").unwrap();
        let account = read(&path).unwrap();
        assert_eq!((account.breaks.len(), account.entries.len()), (1, 3));
    }

    #[test]
    fn somebody_elses_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["hello", "{\"a\":1}\n", "hello\n"] {
            let path = dir.path().join("notes");
            fs::write(&path, text).unwrap();
            let error = Journal::open(&path).unwrap_err();
            assert!(matches!(error, JournalError::NotAJournal { .. }), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn long_texts_are_cut() {
        let (_dir, path) = written(0);
        let mut long = entry("long");
        long.why = "ä".repeat(5000);
        Journal::open(&path)
            .unwrap()
            .append_all(&[long, entry("next")])
            .unwrap();
        let account = read(&path).unwrap();
        assert!(account.entries[0].why.len() <= TEXT_LIMIT + 3);
        assert!(account.breaks.is_empty());
    }
}
