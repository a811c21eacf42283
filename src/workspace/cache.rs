//! What the next run may know without reading every file again.
//!
//! One file for each tree, in a directory of the user's. It holds, for every file of interest, its stamp, the SHA-256 of
//! its bytes and what is noted of them: the outline of code, the identities of a state (invariant 11: nothing else of
//! it), never the text. A note counts while the file has the same stamp, or the same bytes. Whatever cannot be read, is
//! damaged, or was written by another build is not there.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::data::Asked;
use super::listing::Folder;
use super::notes::Kept;
use super::stamp::Stamp;
use crate::terraform::RepoPath;
use crate::terraform::source::About;
use crate::terraform::state::State;

/// First bytes of every file; another form gets another number.
const MAGIC: &[u8; 16] = b"tfmend notes  1\n";
/// Largest file that is written or read, bytes.
const LARGEST: u64 = 256 << 20;
/// How many trees are kept, and how many bytes of them; the oldest go.
const MOST_TREES: usize = 64;
const MOST_BYTES: u64 = 1 << 30;
/// Trees with fewer files are read anew: that is quick.
const FEWEST: usize = 100;
/// Notes in one part of the file: parts are read in parallel.
const PART: usize = 256;

/// Where notes are kept.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    dir: Option<PathBuf>,
}

impl Cache {
    /// Nothing is kept, nothing is known.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Notes in this directory, which need not exist yet.
    #[must_use]
    pub fn at(dir: PathBuf) -> Self {
        Self { dir: Some(dir) }
    }

    /// Opens what is noted of a tree; `what` tells apart several uses of one directory.
    pub(super) fn open(&self, top: &Path, what: &str) -> Option<Store> {
        let dir = self.dir.as_ref()?;
        let mut name = sha2::Sha256::new();
        name.update(what.as_bytes());
        name.update([0]);
        name.update(top.as_os_str().as_encoded_bytes());
        let name: String = name.finalize()[..16]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let file = dir.join(format!("{name}.notes"));
        let written = Written::open(&file);
        let folders = written.as_ref().map(Written::folders).unwrap_or_default();
        Some(Store {
            dir: dir.clone(),
            file,
            folders,
            written,
            notes: OnceLock::new(),
        })
    }
}

/// What is noted of a file's bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Note {
    /// Code, or a file that code names.
    Code {
        /// What it says.
        about: Arc<About>,
        /// What it asks for.
        asked: Arc<[Asked]>,
    },
    /// A state.
    State(Box<State>),
}

/// A note and what it is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) path: RepoPath,
    pub(super) stamp: Stamp,
    pub(super) note: Note,
}

/// The notes of one tree.
pub(super) struct Store {
    dir: PathBuf,
    file: PathBuf,
    /// Directories as they were found.
    pub(super) folders: Vec<Arc<Folder>>,
    written: Option<Written>,
    notes: OnceLock<Notes>,
}

/// Notes by path, each to be given away once.
type Notes = FxHashMap<RepoPath, Mutex<Option<(Stamp, Note)>>>;

impl Store {
    /// Reads the notes. Before that nothing is known: whoever asks on several threads must not wait for one that reads.
    pub(super) fn read(&self) {
        self.notes.get_or_init(|| {
            let written = self.written.as_ref();
            written.map(Written::notes).unwrap_or_default()
        });
    }

    /// The note about a file, given away.
    pub(super) fn take(&self, path: &RepoPath) -> Option<(Stamp, Note)> {
        let slot = self.notes.get()?.get(path)?;
        slot.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The stamp of the file that the note is about.
    pub(super) fn stamp(&self, path: &RepoPath) -> Option<Stamp> {
        let slot = self.notes.get()?.get(path)?;
        let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().map(|(stamp, _)| *stamp)
    }

    /// Whether it is worth writing: `files` are there, and of so many files and directories too little was known.
    pub(super) fn is_worth(files: usize, unknown: usize) -> bool {
        files >= FEWEST && unknown > (files / 50).max(32)
    }

    /// Writes new notes in the place of the old ones. That it cannot be done is no failure of the run.
    pub(super) fn save(&self, folders: &[Arc<Folder>], notes: &[Kept]) {
        if let Err(error) = self.write(folders, notes) {
            tracing::warn!(file = %self.file.display(), %error, "what is known of the files is not kept");
        }
    }

    fn write(&self, folders: &[Arc<Folder>], notes: &[Kept]) -> std::io::Result<()> {
        let mut parts: Vec<Vec<u8>> = notes
            .par_chunks(PART)
            .map(|part| packed(&part.iter().map(Kept::noted).collect::<Vec<Noted>>()))
            .collect::<std::io::Result<_>>()?;
        let listed: Vec<Vec<u8>> = folders
            .par_chunks(PART)
            .map(packed)
            .collect::<std::io::Result<_>>()?;
        let first = listed.len();
        parts.splice(0..0, listed);
        let mut head = Vec::new();
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&build());
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX).to_le_bytes();
        head.extend_from_slice(&count(first));
        head.extend_from_slice(&count(parts.len()));
        for part in &parts {
            head.extend_from_slice(&count(part.len()));
            head.extend_from_slice(&crc32fast::hash(part).to_le_bytes());
        }
        head.extend_from_slice(&crc32fast::hash(&head).to_le_bytes());
        let size = head.len() + parts.iter().map(Vec::len).sum::<usize>();
        if size as u64 > LARGEST {
            return Err(std::io::Error::other("more than the limit"));
        }
        private_dir(&self.dir)?;
        let temporary = self
            .file
            .with_extension(format!("{}.tmp", std::process::id()));
        let written = private_file(&temporary)
            .and_then(|mut file| {
                let mut all = std::iter::once(&head).chain(&parts);
                all.try_for_each(|part| file.write_all(part))
            })
            .and_then(|()| fs::rename(&temporary, &self.file));
        if written.is_err() {
            // Perhaps it was not even made.
            let _ = fs::remove_file(&temporary);
        }
        prune(&self.dir, &self.file);
        written
    }
}

/// Some records as bytes.
fn packed<T: Serialize>(records: &[T]) -> std::io::Result<Vec<u8>> {
    postcard::to_stdvec(records).map_err(std::io::Error::other)
}

/// What tells this build from others: its version, and the size and time of its file.
fn build() -> [u8; 32] {
    let mut build = sha2::Sha256::new();
    build.update(env!("CARGO_PKG_VERSION"));
    let own = std::env::current_exe().and_then(fs::metadata);
    if let Ok(found) = own {
        // Not when its own entry changed: a new link to it is no new build.
        build.update(Stamp::of(&found).content());
    }
    build.finalize().into()
}

/// A file of notes that this build wrote: where its parts are.
struct Written {
    file: fs::File,
    /// Parts with directories, and those with notes.
    parts: [Vec<Part>; 2],
}

/// Place and CRC-32 of a part.
struct Part {
    at: u64,
    length: usize,
    sum: u32,
}

/// Bytes before the heads of the parts.
const FIXED: usize = MAGIC.len() + 32 + 8 + 8;
/// Bytes of the head of a part.
const HEAD: usize = 8 + 4;

impl Written {
    /// `None` when it is not there, or not as this build would have written it.
    fn open(path: &Path) -> Option<Self> {
        let file = fs::File::open(path).ok()?;
        let about = file.metadata().ok()?;
        if !about.is_file() || about.len() > LARGEST {
            return None;
        }
        let fixed = read_at(&file, 0, FIXED)?;
        let number = |bytes: &[u8]| -> Option<usize> {
            let bytes: [u8; 8] = bytes.get(..8)?.try_into().ok()?;
            usize::try_from(u64::from_le_bytes(bytes)).ok()
        };
        let (magic, rest) = fixed.split_at_checked(MAGIC.len())?;
        let (build_of, counts) = rest.split_at_checked(32)?;
        if magic != MAGIC || build_of != build() {
            return None;
        }
        let (first, count) = (number(counts)?, number(&counts[8..])?);
        let heads = count
            .checked_mul(HEAD)
            .filter(|h| *h as u64 <= about.len())?;
        let heads = read_at(&file, FIXED as u64, heads.checked_add(4)?)?;
        let (heads, sum) = heads.split_at_checked(heads.len() - 4)?;
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&fixed);
        hasher.update(heads);
        if hasher.finalize().to_le_bytes() != sum || first > count {
            return None;
        }
        let mut at = (FIXED + heads.len() + 4) as u64;
        let mut parts = [Vec::new(), Vec::new()];
        for (i, head) in heads.chunks_exact(HEAD).enumerate() {
            let length = number(head)?;
            let sum = u32::from_le_bytes(head[8..].try_into().ok()?);
            parts[usize::from(i >= first)].push(Part { at, length, sum });
            at = at.checked_add(length as u64)?;
        }
        (at == about.len()).then_some(Self { file, parts })
    }

    /// What a part holds; nothing when it is damaged.
    fn part<T: DeserializeOwned>(&self, part: &Part) -> Vec<T> {
        read_at(&self.file, part.at, part.length)
            .filter(|bytes| crc32fast::hash(bytes) == part.sum)
            .and_then(|bytes| postcard::from_bytes(&bytes).ok())
            .unwrap_or_default()
    }

    fn folders(&self) -> Vec<Arc<Folder>> {
        let parts = self.parts[0].par_iter();
        parts.flat_map_iter(|part| self.part(part)).collect()
    }

    fn notes(&self) -> Notes {
        let parts = self.parts[1].par_iter();
        let parts: Vec<Vec<Noted>> = parts.map(|part| self.part(part)).collect();
        let mut notes = Notes::default();
        notes.reserve(parts.iter().map(Vec::len).sum());
        for noted in parts.into_iter().flatten() {
            notes.insert(noted.path, Mutex::new(Some((noted.stamp, noted.note))));
        }
        notes
    }
}

/// Bytes of a file; `None` when they are not there.
fn read_at(file: &fs::File, at: u64, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    #[cfg(unix)]
    std::os::unix::fs::FileExt::read_exact_at(file, &mut bytes, at).ok()?;
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < length {
            let read = std::os::windows::fs::FileExt::seek_read(
                file,
                &mut bytes[done..],
                at + done as u64,
            );
            done += read.ok().filter(|n| *n > 0)?;
        }
    }
    Some(bytes)
}

/// Makes the directory, for its owner alone.
fn private_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(dir)
}

/// A new file for its owner alone.
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Removes the oldest files when there are too many; `newest` stays.
fn prune(dir: &Path, newest: &Path) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    let mut files: Vec<(std::time::SystemTime, u64, PathBuf)> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "notes") && path != newest)
        .filter_map(|path| {
            let about = fs::metadata(&path).ok()?;
            Some((about.modified().ok()?, about.len(), path))
        })
        .collect();
    files.sort_by(|a, b| b.cmp(a));
    let mut bytes = fs::metadata(newest).map_or(0, |m| m.len());
    for (number, (_, size, path)) in files.iter().enumerate() {
        bytes += size;
        if number + 1 >= MOST_TREES || bytes > MOST_BYTES {
            // Somebody else may have removed it.
            let _ = fs::remove_file(path);
        }
    }
}
