//! Which files of interest lie below a directory, told without reading any of them.
//!
//! Directories are looked through in parallel, level by level. One whose stamp is still the one that was noted holds the
//! entries that were noted: it is not looked through again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::Skipped;
use super::stamp::Stamp;
use crate::terraform::RepoPath;

/// What a file is to us, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Wanted {
    Code,
    State,
    No,
}

/// What is of interest below a top directory.
#[derive(Clone, Copy)]
pub(super) struct Interest {
    /// By the path below the top.
    pub(super) wanted: fn(&str) -> Wanted,
    /// Directories that are not entered, by the path of their parent (from the top of the system) and their name.
    pub(super) left_out: fn(&str, &str) -> bool,
}

/// An entry of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Sort {
    Folder,
    File(Wanted),
    Link,
    /// A pipe, a device, of a name that is wanted.
    Odd(Wanted),
}

/// A directory that was looked through: what matters in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Folder {
    /// Path below the top.
    pub(super) path: String,
    stamp: Stamp,
    entries: Vec<(String, Sort)>,
}

/// What was found, in no order.
#[derive(Default)]
pub(super) struct Listing {
    /// Plain files that are wanted.
    pub(super) files: Vec<(RepoPath, Wanted)>,
    /// Links, by their path below the top.
    pub(super) links: Vec<String>,
    /// What is wanted by its name, and is no file.
    pub(super) odd: Vec<(RepoPath, Wanted)>,
    pub(super) skipped: Vec<Skipped>,
    /// What the next run may know of directories.
    pub(super) folders: Vec<Arc<Folder>>,
    /// How many of them were looked through.
    pub(super) looked_through: usize,
}

/// A directory on the way.
struct Place {
    at: PathBuf,
    shown: String,
    /// `None` when the name cannot be a path of code.
    path: Option<RepoPath>,
}

/// What came of one directory.
#[derive(Default)]
struct Seen {
    found: Listing,
    below: Vec<Place>,
}

/// Lists what lies below `top`, which is canonical. `known` are directories as an earlier run found them, by path.
pub(super) fn list(top: &Path, interest: Interest, known: &[Arc<Folder>]) -> Listing {
    let known: FxHashMap<&str, &Arc<Folder>> = known.iter().map(|f| (f.path.as_str(), f)).collect();
    let now = SystemTime::now();
    let mut found = Listing::default();
    let mut level = vec![Place {
        at: top.to_owned(),
        shown: String::new(),
        path: RepoPath::new(""),
    }];
    while !level.is_empty() {
        let seen: Vec<Seen> = level
            .par_iter()
            .map(|place| {
                look(
                    place,
                    interest,
                    known.get(place.shown.as_str()).copied(),
                    now,
                )
            })
            .collect();
        level = Vec::new();
        for mut one in seen {
            found.files.append(&mut one.found.files);
            found.links.append(&mut one.found.links);
            found.odd.append(&mut one.found.odd);
            found.skipped.append(&mut one.found.skipped);
            found.folders.append(&mut one.found.folders);
            found.looked_through += one.found.looked_through;
            level.append(&mut one.below);
        }
    }
    found
}

fn look(place: &Place, interest: Interest, known: Option<&Arc<Folder>>, now: SystemTime) -> Seen {
    let mut seen = Seen::default();
    let stamp = fs::symlink_metadata(&place.at).ok().map(|m| Stamp::of(&m));
    if let Some(known) = known
        && stamp == Some(known.stamp)
    {
        for (name, sort) in &known.entries {
            seen.take(place, name, *sort);
        }
        seen.found.folders.push(Arc::clone(known));
        return seen;
    }
    seen.found.looked_through = 1;
    let unreadable = |e: std::io::Error| Skipped::Unreadable {
        path: place.shown.clone(),
        message: e.to_string(),
    };
    let entries = match fs::read_dir(&place.at) {
        Ok(entries) => entries,
        Err(e) => {
            seen.found.skipped.push(unreadable(e));
            return seen;
        }
    };
    let parent = place.at.to_str().unwrap_or_default();
    let mut noted: Option<Vec<(String, Sort)>> = place.path.is_some().then(Vec::new);
    for entry in entries {
        let (name, kind) = match entry.and_then(|e| Ok((e.file_name(), e.file_type()?))) {
            Ok(entry) => entry,
            Err(e) => {
                seen.found.skipped.push(unreadable(e));
                noted = None;
                continue;
            }
        };
        let shown_name = name.to_string_lossy();
        let plain = name
            .to_str()
            .is_some_and(|n| !n.contains('\\') && !n.contains('\0'));
        let shown = below(&place.shown, &shown_name);
        let wanted = (interest.wanted)(&shown);
        let sort = if kind.is_dir() {
            if (interest.left_out)(parent, name.to_str().unwrap_or_default()) {
                continue;
            }
            Sort::Folder
        } else if kind.is_symlink() {
            Sort::Link
        } else if wanted == Wanted::No {
            continue;
        } else if kind.is_file() {
            Sort::File(wanted)
        } else {
            Sort::Odd(wanted)
        };
        if plain {
            seen.take(place, &shown_name, sort);
            if let Some(noted) = &mut noted {
                noted.push((shown_name.into_owned(), sort));
            }
            continue;
        }
        noted = None;
        match sort {
            Sort::Folder => seen.below.push(Place {
                at: place.at.join(&name),
                shown,
                path: None,
            }),
            Sort::Link => seen.found.links.push(shown),
            Sort::File(_) | Sort::Odd(_) => {
                seen.found.skipped.push(Skipped::OddName { path: shown });
            }
        }
    }
    if let (Some(entries), Some(stamp)) = (noted, stamp.filter(|s| s.is_settled(now))) {
        seen.found.folders.push(Arc::new(Folder {
            path: place.shown.clone(),
            stamp,
            entries,
        }));
    }
    seen
}

impl Seen {
    /// Takes an entry with a plain name.
    fn take(&mut self, place: &Place, name: &str, sort: Sort) {
        let path = || place.path.as_ref().map(|dir| dir.entry(name));
        let odd = || Skipped::OddName {
            path: below(&place.shown, name),
        };
        match sort {
            Sort::Folder => self.below.push(Place {
                at: place.at.join(name),
                shown: below(&place.shown, name),
                path: path(),
            }),
            Sort::Link => self.found.links.push(below(&place.shown, name)),
            Sort::File(wanted) => match path() {
                Some(path) => self.found.files.push((path, wanted)),
                None => self.found.skipped.push(odd()),
            },
            Sort::Odd(wanted) => match path() {
                Some(path) => self.found.odd.push((path, wanted)),
                None => self.found.skipped.push(odd()),
            },
        }
    }
}

fn below(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        name.to_owned()
    } else {
        [dir, "/", name].concat()
    }
}
