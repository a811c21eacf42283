//! What the next run may know without reading every file again.
//!
//! One file for each tree, in a directory of the user's. It holds, for every file of interest, its stamp, the SHA-256 of
//! its bytes and what is noted of them: the outline of code, the identities of a state (invariant 11: nothing else of
//! it), never the text. A note counts while the file has the same stamp, or the same bytes. Whatever cannot be read, is
//! damaged, or was written by another build is not there.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

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
        let read = read(&file).unwrap_or_default();
        Some(Store {
            dir: dir.clone(),
            file,
            folders: read.folders,
            notes: read.notes,
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
    notes: FxHashMap<RepoPath, Mutex<Option<(Stamp, Note)>>>,
}

#[derive(Default)]
struct Read {
    folders: Vec<Arc<Folder>>,
    notes: FxHashMap<RepoPath, Mutex<Option<(Stamp, Note)>>>,
}

impl Store {
    /// The note about a file, given away.
    pub(super) fn take(&self, path: &RepoPath) -> Option<(Stamp, Note)> {
        let slot = self.notes.get(path)?;
        slot.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The stamp of the file that the note is about.
    pub(super) fn stamp(&self, path: &RepoPath) -> Option<Stamp> {
        let slot = self.notes.get(path)?;
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
            head.extend_from_slice(&sha2::Sha256::digest(part));
        }
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

fn unpacked<T: DeserializeOwned>(part: &[u8]) -> Option<Vec<T>> {
    postcard::from_bytes(part).ok()
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

/// Takes bytes from the front.
fn front<'b>(bytes: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn number(bytes: &mut &[u8]) -> Option<usize> {
    let taken = front(bytes, 8)?.try_into().ok()?;
    usize::try_from(u64::from_le_bytes(taken)).ok()
}

/// Everything in a file of notes; `None` when any part of it is not as it was written.
fn read(file: &Path) -> Option<Read> {
    let about = fs::metadata(file).ok()?;
    if !about.is_file() || about.len() > LARGEST {
        return None;
    }
    let whole = fs::read(file).ok()?;
    let mut rest = whole.as_slice();
    if front(&mut rest, MAGIC.len())? != MAGIC || front(&mut rest, 32)? != build() {
        return None;
    }
    let first = number(&mut rest)?;
    let count = number(&mut rest)?;
    let mut heads: Vec<(usize, [u8; 32])> = Vec::new();
    for _ in 0..count {
        let length = number(&mut rest)?;
        heads.push((length, front(&mut rest, 32)?.try_into().ok()?));
    }
    let mut parts: Vec<(&[u8], [u8; 32])> = Vec::with_capacity(heads.len());
    for (length, digest) in heads {
        parts.push((front(&mut rest, length)?, digest));
    }
    if !rest.is_empty() || first > parts.len() {
        return None;
    }
    enum Part {
        Folders(Vec<Arc<Folder>>),
        Notes(Vec<Noted>),
    }
    let parts: Option<Vec<Part>> = parts
        .par_iter()
        .enumerate()
        .map(|(number, (part, digest))| {
            if sha2::Sha256::digest(part).as_slice() != digest {
                return None;
            }
            if number < first {
                unpacked(part).map(Part::Folders)
            } else {
                unpacked(part).map(Part::Notes)
            }
        })
        .collect();
    let mut read = Read::default();
    read.notes
        .reserve(count.saturating_sub(first).min(1 << 16) * PART);
    for part in parts? {
        match part {
            Part::Folders(mut folders) => read.folders.append(&mut folders),
            Part::Notes(notes) => read.notes.extend(
                notes
                    .into_iter()
                    .map(|n| (n.path, Mutex::new(Some((n.stamp, n.note))))),
            ),
        }
    }
    Some(read)
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
