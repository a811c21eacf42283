//! State files: each is read, taken apart and forgotten but for what identifies its objects; or recalled.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::cache::{Cache, Note, Store};
use super::listing::{self, Folder, Interest, Wanted};
use super::notes::Kept;
use super::stamp::Stamp;
use super::walk;
use crate::terraform::RepoPath;
use crate::terraform::state::State;

/// A state file.
pub(super) struct File<'f> {
    pub(super) top: &'f Path,
    /// Below the top.
    pub(super) path: &'f RepoPath,
    /// As the user knows it.
    pub(super) name: &'f str,
    pub(super) root: Option<RepoPath>,
    pub(super) limit: u64,
    /// Whether it has to lie inside of the top, whatever links say.
    pub(super) inside: bool,
    /// Its stamp now.
    pub(super) now: Option<Stamp>,
}

/// What came of one.
pub(super) struct Known {
    pub(super) state: State,
    /// `None` = nothing may be noted of it.
    pub(super) stamp: Option<Stamp>,
}

/// What the system says of a file now.
pub(super) fn stamp(place: &Path) -> Option<Stamp> {
    place.symlink_metadata().ok().map(|m| Stamp::of(&m))
}

pub(super) fn read(file: &File<'_>, store: Option<&Store>) -> Result<Known, String> {
    let place = file.top.join(file.path.as_str());
    let noted = store.and_then(|store| store.take(file.path));
    if let Some((stamp, Note::State(state))) = noted
        && state.name == file.name
        && state.root == file.root
        && file.now == Some(stamp)
    {
        return Ok(Known {
            state: *state,
            stamp: Some(stamp),
        });
    }
    let began = std::time::SystemTime::now();
    let (bytes, stamp) = if file.inside {
        let target = walk::resolve(file.top, file.path).map_err(|e| e.to_string())?;
        walk::plain(&target, file.path).map_err(|e| e.to_string())?;
        walk::opened(&target, file.path, file.limit).map_err(|e| e.to_string())?
    } else {
        let named = RepoPath::new(file.name).unwrap_or_else(|| file.path.clone());
        walk::opened(&place, &named, file.limit).map_err(|e| e.to_string())?
    };
    let state =
        State::read(file.name, &bytes, file.root.clone()).map_err(|error| error.to_string())?;
    Ok(Known {
        state,
        stamp: stamp.is_settled(began).then_some(stamp),
    })
}

/// A directory of states that the user named.
pub struct StateFolder {
    /// As it was named.
    named: PathBuf,
    /// Where it is.
    top: PathBuf,
    limit: u64,
    store: Option<Store>,
    /// With what the system says of each.
    files: Vec<(RepoPath, Option<Stamp>)>,
    folders: Vec<Arc<Folder>>,
    /// For the next run, when there is enough that is new.
    kept: Option<Mutex<Vec<Kept>>>,
}

/// State files by their names: `*.tfstate` and `*.json`.
fn wanted(path: &str) -> Wanted {
    let end = Path::new(path).extension();
    if end.is_some_and(|end| end == "tfstate" || end == "json") {
        Wanted::State
    } else {
        Wanted::No
    }
}

impl StateFolder {
    /// Lists the states in a directory, which is there; links in it are not followed.
    ///
    /// # Errors
    /// It cannot be found.
    pub fn open(named: &Path, limit: u64, cache: &Cache) -> std::io::Result<Self> {
        let top = named.canonicalize()?;
        let store = cache.open(&top, "states");
        let interest = Interest {
            wanted,
            left_out: |_, _| false,
        };
        let known = store.as_ref().map_or(&[][..], |store| &store.folders);
        let (listing, ()) = rayon::join(
            || listing::list(&top, interest, known),
            || {
                store.as_ref().map(Store::read);
            },
        );
        let mut files: Vec<RepoPath> = listing.files.into_iter().map(|(path, _)| path).collect();
        files.sort_by(|a, b| Path::new(a.as_str()).cmp(Path::new(b.as_str())));
        let files: Vec<(RepoPath, Option<Stamp>)> = files
            .into_par_iter()
            .map(|path| {
                let now = store.as_ref().and_then(|_| stamp(&top.join(path.as_str())));
                (path, now)
            })
            .collect();
        let kept = store.as_ref().and_then(|store| {
            let new = files
                .iter()
                .filter(|(path, now)| store.stamp(path) != *now)
                .count();
            Store::is_worth(files.len(), listing.looked_through + new).then(Mutex::default)
        });
        Ok(Self {
            named: named.to_owned(),
            top,
            limit,
            store,
            files,
            folders: listing.folders,
            kept,
        })
    }

    /// The files in it, in path order.
    pub fn files(&self) -> impl Iterator<Item = &RepoPath> {
        self.files.iter().map(|(path, _)| path)
    }

    /// Where a file really is.
    #[must_use]
    pub fn place(&self, file: &RepoPath) -> PathBuf {
        self.top.join(file.as_str())
    }

    /// As the user would name a file.
    #[must_use]
    pub fn name(&self, file: &RepoPath) -> String {
        self.named.join(file.as_str()).display().to_string()
    }

    /// One of the files, by its number in their order; to which root it belongs is told by its path and its addresses.
    ///
    /// # Errors
    /// One sentence: it cannot be read, is too large, or is no state.
    pub fn state(&self, number: usize) -> Result<State, String> {
        let Some((path, now)) = self.files.get(number) else {
            return Err(format!("{}: no such state", self.named.display()));
        };
        let name = self.name(path);
        let file = File {
            top: &self.top,
            path,
            name: &name,
            root: None,
            limit: self.limit,
            inside: false,
            now: *now,
        };
        let known = read(&file, self.store.as_ref())?;
        if let (Some(kept), Some(stamp)) = (&self.kept, known.stamp) {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(Kept::state(path, stamp, &known.state));
        }
        Ok(known.state)
    }

    /// Notes what was read for the next run.
    pub fn note(self) {
        if let (Some(store), Some(kept)) = (&self.store, self.kept) {
            let kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
            store.save(&self.folders, &kept);
        }
    }
}
