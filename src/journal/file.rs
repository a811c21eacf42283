//! The file sink.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Entry, JournalError};

/// An open journal; one writer at a time.
pub struct Journal {
    path: PathBuf,
    file: File,
    previous: String,
}

/// What reading a journal back found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The entries, in order.
    pub entries: Vec<Entry>,
    /// Bytes of a torn last line, 0 when there is none.
    pub torn: usize,
}

fn hash(line: &[u8]) -> String {
    Sha256::digest(line).iter().map(|b| format!("{b:02x}")).collect()
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> JournalError + '_ {
    |source| JournalError::Io { path: path.to_owned(), source }
}

impl Journal {
    /// Opens or creates a journal for appending. A torn last line is moved to `<path>.torn`.
    ///
    /// # Errors
    /// The file cannot be opened, or a line of it was changed.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = io(path);
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(&failed)?;
        }
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(path)
            .map_err(&failed)?;
        file.lock().map_err(&failed)?;
        let read = scan(path, &file)?;
        if read.torn > 0 {
            let length = file.seek(SeekFrom::End(0)).map_err(&failed)?;
            let whole = length - read.torn as u64;
            let bytes = std::fs::read(path).map_err(&failed)?;
            let aside = path.with_extension("torn");
            let tail = bytes.get(usize::try_from(whole).unwrap_or(usize::MAX)..).unwrap_or_default();
            std::fs::write(&aside, tail).map_err(io(&aside))?;
            file.set_len(whole).map_err(&failed)?;
            tracing::warn!(path = %path.display(), aside = %aside.display(), "the last line was torn and is kept aside");
        }
        Ok(Self { path: path.to_owned(), file, previous: read.last })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends entries in one durable write.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, entries: impl IntoIterator<Item = Entry>) -> Result<(), JournalError> {
        let failed = io(&self.path);
        let mut text = Vec::new();
        let mut previous = self.previous.clone();
        for mut entry in entries {
            entry.previous.clone_from(&previous);
            let line = serde_json::to_vec(&entry).map_err(|e| failed(e.into()))?;
            previous = hash(&line);
            text.extend(line);
            text.push(b'\n');
        }
        self.file.write_all(&text).map_err(&failed)?;
        self.file.sync_data().map_err(&failed)?;
        self.previous = previous;
        Ok(())
    }
}

struct Scan {
    entries: Vec<Entry>,
    last: String,
    torn: usize,
}

fn scan(path: &Path, file: &File) -> Result<Scan, JournalError> {
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(0)).map_err(io(path))?;
    let mut scan = Scan { entries: Vec::new(), last: String::new(), torn: 0 };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(io(path))? == 0 {
            break;
        }
        let Some(text) = line.strip_suffix(b"\n") else {
            scan.torn = line.len();
            break;
        };
        let entry: Option<Entry> = serde_json::from_slice(text).ok();
        match entry {
            Some(entry) if entry.previous == scan.last => {
                scan.last = hash(text);
                scan.entries.push(entry);
            }
            _ => return Err(JournalError::Broken { path: path.to_owned(), line: number }),
        }
    }
    Ok(scan)
}

/// Reads a journal back and checks that every line follows from the one before.
///
/// # Errors
/// It cannot be read, or a line was changed or taken out.
pub fn verify(path: &Path) -> Result<Verified, JournalError> {
    let file = File::open(path).map_err(io(path))?;
    let scan = scan(path, &file)?;
    Ok(Verified { entries: scan.entries, torn: scan.torn })
}

#[cfg(test)]
mod tests {
    use super::super::Stage;
    use super::*;

    fn entry(what: &str) -> Entry {
        Entry::new(jiff::Timestamp::UNIX_EPOCH, Stage::Decide, what)
    }

    #[test]
    fn lines_follow_from_each_other_over_several_runs() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("deep/journal.ndjson");
        Journal::open(&path).unwrap().append([entry("a"), entry("b")]).unwrap();
        Journal::open(&path).unwrap().append([entry("c")]).unwrap();
        let read = verify(&path).unwrap();
        let what: Vec<&str> = read.entries.iter().map(|e| e.what.as_str()).collect();
        assert_eq!(what, ["a", "b", "c"]);
        assert_eq!(read.entries[0].previous, "");
        assert_eq!(read.entries[2].previous.len(), 64);
    }

    #[test]
    fn a_changed_or_missing_line_shows() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("j");
        Journal::open(&path).unwrap().append([entry("a"), entry("b"), entry("c")]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen("\"a\"", "\"x\"", 1)).unwrap();
        assert!(matches!(verify(&path), Err(JournalError::Broken { line: 2, .. })));
        let without: Vec<&str> = text.lines().filter(|l| !l.contains("\"b\"")).collect();
        std::fs::write(&path, without.join("\n") + "\n").unwrap();
        assert!(matches!(Journal::open(&path), Err(JournalError::Broken { line: 2, .. })));
    }

    #[test]
    fn a_torn_last_line_is_kept_aside_and_the_record_goes_on() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("j.ndjson");
        Journal::open(&path).unwrap().append([entry("a")]).unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"at\":\"19").unwrap();
        assert_eq!(verify(&path).unwrap().torn, 9);
        Journal::open(&path).unwrap().append([entry("b")]).unwrap();
        let read = verify(&path).unwrap();
        assert_eq!((read.entries.len(), read.torn), (2, 0));
        assert_eq!(std::fs::read(path.with_extension("torn")).unwrap(), b"{\"at\":\"19");
    }
}
