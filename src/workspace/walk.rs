//! Walking a working tree in parallel and reading what matters to Terraform.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use rayon::prelude::*;

use super::cache::{Note, Store};
use super::data::{self, Asked};
use super::later::Reader;
use super::listing::{self, Folder, Interest, Wanted};
use super::notes::Kept;
use super::stamp::Stamp;
use super::{Limits, Skipped};
use crate::terraform::source::About;
use crate::terraform::{RepoPath, SourceFile};

/// What a walk found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) files: Vec<Read>,
    pub(super) states: Vec<RepoPath>,
    pub(super) skipped: Vec<Skipped>,
    /// Links to files of the repository, with these.
    pub(super) links: Vec<(RepoPath, RepoPath)>,
    /// What the next run may know of directories.
    pub(super) folders: Vec<Arc<Folder>>,
}

/// A file that was read, or recalled.
pub(super) struct Read {
    pub(super) file: Arc<SourceFile>,
    /// What it asks for.
    pub(super) asked: Arc<[Asked]>,
    /// `None` = nothing may be noted of it.
    pub(super) stamp: Option<Stamp>,
}

pub(super) fn wanted(path: &str) -> Wanted {
    let name = path.rsplit('/').next().unwrap_or(path);
    let code = [
        ".tf",
        ".tofu",
        ".tf.json",
        ".tofu.json",
        ".tfvars",
        ".tfvars.json",
    ];
    let names = [
        ".terraform.lock.hcl",
        ".terraform-version",
        ".opentofu-version",
        "terragrunt.hcl",
        "CODEOWNERS",
    ];
    let installed = path.split('/').any(|part| part == ".terraform");
    let manifest = path.ends_with(".terraform/modules/modules.json");
    if manifest || code.iter().any(|end| name.ends_with(end)) {
        Wanted::Code
    } else if installed {
        Wanted::No
    } else if names.contains(&name) {
        Wanted::Code
    } else if name.ends_with(".tfstate") {
        Wanted::State
    } else {
        Wanted::No
    }
}

/// Whether a directory holds no code of the repository's own, by the path of its parent and its name.
pub(super) fn is_left_out_name(parent: &str, name: &str) -> bool {
    // Below `.terraform` only installed modules matter (to read; they are never edited).
    let in_data = parent.rsplit('/').next() == Some(".terraform");
    matches!(name, ".git" | "node_modules" | ".terragrunt-cache") || (in_data && name != "modules")
}

impl Read {
    /// What may be noted of it.
    pub(super) fn kept(&self) -> Option<Kept> {
        Some(Kept::code(&self.file, self.stamp?, Arc::clone(&self.asked)))
    }
}

/// Reads files below one top directory, and recalls those that are known.
pub(super) struct Walker<'w> {
    pub(super) top: &'w Path,
    pub(super) limits: Limits,
    pub(super) store: Option<&'w Store>,
    pub(super) later: &'w Arc<Reader>,
    /// When reading began.
    pub(super) began: SystemTime,
    /// Files and directories of which nothing was known.
    pub(super) unknown: AtomicUsize,
}

impl Walker<'_> {
    /// Walks the tree below the top, which is canonical. `.gitignore` is not asked: variable files and lock files are
    /// often ignored by Git and count for Terraform all the same.
    pub(super) fn walk(&self) -> Found {
        let interest = Interest {
            wanted,
            left_out: is_left_out_name,
        };
        let known = self.store.map_or(&[][..], |store| &store.folders);
        // The notes are read meanwhile.
        let (mut listing, ()) = rayon::join(
            || listing::list(self.top, interest, known),
            || {
                self.store.map(Store::read);
            },
        );
        self.unknown
            .fetch_add(listing.looked_through, Ordering::Relaxed);
        let mut found = Found {
            skipped: std::mem::take(&mut listing.skipped),
            folders: std::mem::take(&mut listing.folders),
            ..Found::default()
        };
        for shown in listing.links {
            let wanted = wanted(&shown);
            let place = self.top.join(&shown);
            let path = RepoPath::new(&shown);
            if let Some(item) = self.link(&place, shown, wanted) {
                if let (Item::File(_), Some(path), Some(real)) = (&item, path, self.real(&place)) {
                    // Not a name of code: nothing else reads it.
                    if self::wanted(real.as_str()) != Wanted::Code {
                        found.take(self.take(&real, Wanted::Code));
                    }
                    found.links.push((path, real));
                }
                found.take(item);
            }
        }
        let odd = listing.odd.into_iter();
        for (path, wanted) in odd {
            found.take(self.take(&path, wanted));
        }
        let (states, code): (Vec<_>, Vec<_>) = listing
            .files
            .into_iter()
            .partition(|(_, wanted)| *wanted == Wanted::State);
        found
            .states
            .extend(states.into_iter().map(|(path, _)| path));
        // Neither it nor a directory above it is a link: the walk follows none.
        let read: Vec<Result<Read, Skipped>> = code
            .into_par_iter()
            .map(|(path, _)| {
                self.read(path, self.limits.code, |place, path, limit| {
                    opened(place, path, limit)
                })
            })
            .collect();
        for item in read {
            match item {
                Ok(read) => found.files.push(read),
                Err(skipped) => found.skipped.push(skipped),
            }
        }
        found
    }

    /// A file by its name: links on the way are followed inside of the repository.
    pub(super) fn named(&self, path: RepoPath, limit: u64) -> Result<Read, Skipped> {
        resolve(self.top, &path)?;
        self.read(path, limit, |_, path, limit| {
            let target = resolve(self.top, path)?;
            plain(&target, path)?;
            opened(&target, path, limit)
        })
    }

    /// Recalls a file, or reads it with `open`.
    fn read(
        &self,
        path: RepoPath,
        limit: u64,
        open: impl Fn(&Path, &RepoPath, u64) -> Result<(Vec<u8>, Stamp), Skipped>,
    ) -> Result<Read, Skipped> {
        let place = self.top.join(path.as_str());
        let noted = match self.store.and_then(|store| store.take(&path)) {
            Some((stamp, Note::Code { about, asked })) => {
                let now = place.symlink_metadata().ok().map(|m| Stamp::of(&m));
                if now == Some(stamp) {
                    let later = Arc::clone(self.later) as _;
                    return Ok(Read {
                        file: Arc::new(SourceFile::recalled(path, about, later)),
                        asked,
                        stamp: Some(stamp),
                    });
                }
                Some((about, asked))
            }
            _ => None,
        };
        self.unknown.fetch_add(1, Ordering::Relaxed);
        let (bytes, stamp) = open(&place, &path, limit)?;
        let (file, asked) = with_note(path, bytes, noted);
        Ok(Read {
            file,
            asked,
            stamp: stamp.is_settled(self.began).then_some(stamp),
        })
    }

    fn take(&self, path: &RepoPath, wanted: Wanted) -> Item {
        if wanted == Wanted::State {
            return Item::State(path.clone());
        }
        match bytes(self.top, path, self.limits.code) {
            Ok(bytes) => {
                let (file, asked) = with_note(path.clone(), bytes, None);
                Item::File(Box::new(Read {
                    file,
                    asked,
                    stamp: None,
                }))
            }
            Err(skipped) => Item::Skipped(skipped),
        }
    }

    /// Where a link of the repository really leads.
    fn real(&self, link: &Path) -> Option<RepoPath> {
        let target = link.canonicalize().ok()?;
        let below = target.strip_prefix(self.top).ok()?.to_str()?;
        RepoPath::new(below).filter(|path| path.as_str() == below)
    }

    /// A link to a file of the repository is read under its own name; everything else is reported.
    fn link(&self, path: &Path, shown: String, wanted: Wanted) -> Option<Item> {
        let target = match path.canonicalize() {
            Ok(target) => target,
            Err(_) if wanted == Wanted::No => return None,
            Err(_) => return Some(Item::Skipped(Skipped::BrokenLink { path: shown })),
        };
        let directory = target.is_dir();
        if wanted == Wanted::No && !directory {
            return None;
        }
        Some(if !target.starts_with(self.top) {
            Item::Skipped(Skipped::LeavesRepository { path: shown })
        } else if directory {
            Item::Skipped(Skipped::LinkedDirectory { path: shown })
        } else {
            match RepoPath::new(&shown).filter(|p| p.as_str() == shown) {
                Some(repo_path) => self.take(&repo_path, wanted),
                None => Item::Skipped(Skipped::OddName { path: shown }),
            }
        })
    }
}

enum Item {
    File(Box<Read>),
    State(RepoPath),
    Skipped(Skipped),
}

impl Found {
    fn take(&mut self, item: Item) {
        match item {
            Item::File(file) => self.files.push(*file),
            Item::State(path) => self.states.push(path),
            Item::Skipped(skipped) => self.skipped.push(skipped),
        }
    }
}

/// A file of these bytes, with what is noted of the same bytes.
fn with_note(
    path: RepoPath,
    bytes: Vec<u8>,
    noted: Option<(Arc<About>, Arc<[Asked]>)>,
) -> (Arc<SourceFile>, Arc<[Asked]>) {
    if let Some((about, asked)) = noted
        && about.is_of(&bytes)
    {
        return (Arc::new(SourceFile::known(path, bytes, about)), asked);
    }
    let file = SourceFile::new(path, bytes);
    let asked = data::asked(&file).into();
    (Arc::new(file), asked)
}

/// Where a path of the repository really is; never outside of it.
pub(super) fn resolve(top: &Path, path: &RepoPath) -> Result<PathBuf, Skipped> {
    let shown = || path.as_str().to_owned();
    let target = top
        .join(path.as_str())
        .canonicalize()
        .map_err(|e| Skipped::Unreadable {
            path: shown(),
            message: e.to_string(),
        })?;
    if target.starts_with(top) {
        Ok(target)
    } else {
        Err(Skipped::LeavesRepository { path: shown() })
    }
}

/// Reads a file of the repository, at most `limit` bytes.
pub(super) fn bytes(top: &Path, path: &RepoPath, limit: u64) -> Result<Vec<u8>, Skipped> {
    let target = resolve(top, path)?;
    plain(&target, path)?;
    opened(&target, path, limit).map(|(bytes, _)| bytes)
}

/// Refuses what is no file. Asked before it is opened: opening a pipe would wait for a writer.
pub(super) fn plain(target: &Path, path: &RepoPath) -> Result<(), Skipped> {
    match target.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err(Skipped::NotAFile {
            path: path.as_str().to_owned(),
        }),
        Err(e) => Err(unreadable(path, &e)),
    }
}

/// Reads the regular file at a place of the disk, which is `path` in the repository.
pub(super) fn opened(
    place: &Path,
    path: &RepoPath,
    limit: u64,
) -> Result<(Vec<u8>, Stamp), Skipped> {
    let failed = |e: std::io::Error| unreadable(path, &e);
    let file = File::open(place).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(Skipped::NotAFile {
            path: path.as_str().to_owned(),
        });
    }
    let too_large = |size| Skipped::TooLarge {
        path: path.as_str().to_owned(),
        size,
        limit,
    };
    if metadata.len() > limit {
        return Err(too_large(metadata.len()));
    }
    // One byte more than it says: then the first read finds the end as well.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    // It may have grown since it was asked.
    if bytes.len() as u64 > limit {
        return Err(too_large(bytes.len() as u64));
    }
    Ok((bytes, Stamp::of(&metadata)))
}

fn unreadable(path: &RepoPath, error: &std::io::Error) -> Skipped {
    Skipped::Unreadable {
        path: path.as_str().to_owned(),
        message: error.to_string(),
    }
}
