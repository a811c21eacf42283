//! Walking a working tree in parallel and reading what matters to Terraform.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{Limits, Skipped};
use crate::terraform::{RepoPath, SourceFile};

/// What a walk found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) files: Vec<SourceFile>,
    pub(super) states: Vec<RepoPath>,
    pub(super) skipped: Vec<Skipped>,
}

enum Item {
    File(Box<SourceFile>),
    State(RepoPath),
    Skipped(Skipped),
}

/// What a file is to us, by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Code,
    State,
    No,
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

/// Directories that hold no code of the repository's own.
fn is_left_out(entry: &DirEntry) -> bool {
    if !entry.file_type().is_some_and(|t| t.is_dir()) {
        return false;
    }
    let name = entry.file_name().to_str().unwrap_or_default();
    let parent = entry.path().parent().and_then(Path::to_str);
    is_left_out_name(parent.unwrap_or_default(), name)
}

/// As `is_left_out`, by the paths of the directory's parent and its name.
pub(super) fn is_left_out_name(parent: &str, name: &str) -> bool {
    // Below `.terraform` only installed modules matter (to read; they are never edited).
    let in_data = parent.rsplit('/').next() == Some(".terraform");
    matches!(name, ".git" | "node_modules" | ".terragrunt-cache") || (in_data && name != "modules")
}

/// Walks the tree below `top`, which is canonical. `.gitignore` is not asked: variable files and lock files are
/// often ignored by Git and count for Terraform all the same.
pub(super) fn walk(top: &Path, limits: Limits) -> Found {
    let (sender, receiver) = mpsc::channel();
    WalkBuilder::new(top)
        .standard_filters(false)
        .follow_links(false)
        .filter_entry(|entry| !is_left_out(entry))
        .build_parallel()
        .run(|| {
            let sender = sender.clone();
            Box::new(move |entry| {
                let item = match entry {
                    Ok(entry) => visit(top, &entry, limits),
                    Err(error) => Some(Item::Skipped(Skipped::Unreadable {
                        path: failed_path(top, &error),
                        message: error
                            .io_error()
                            .map_or_else(|| error.to_string(), ToString::to_string),
                    })),
                };
                match item.map(|item| sender.send(item)) {
                    // Nobody listens any more.
                    Some(Err(_)) => WalkState::Quit,
                    _ => WalkState::Continue,
                }
            })
        });
    drop(sender);
    let mut found = Found::default();
    for item in receiver {
        match item {
            Item::File(file) => found.files.push(*file),
            Item::State(path) => found.states.push(path),
            Item::Skipped(skipped) => found.skipped.push(skipped),
        }
    }
    found
}

fn failed_path(top: &Path, error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { path, .. } => shown(top, path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            failed_path(top, err)
        }
        _ => String::new(),
    }
}

fn shown(top: &Path, path: &Path) -> String {
    path.strip_prefix(top)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}

fn visit(top: &Path, entry: &DirEntry, limits: Limits) -> Option<Item> {
    let path = entry.path();
    let below = path.strip_prefix(top).ok()?;
    let kind = entry.file_type()?;
    if kind.is_dir() {
        return None;
    }
    let shown_path = shown(top, path);
    let wanted = wanted(&shown_path);
    if kind.is_symlink() {
        return link(top, path, shown_path, wanted, limits);
    }
    if wanted == Wanted::No {
        return None;
    }
    let Some(repo_path) = below.to_str().and_then(RepoPath::new) else {
        return Some(Item::Skipped(Skipped::OddName { path: shown_path }));
    };
    if wanted == Wanted::State || !kind.is_file() {
        return Some(take(top, &repo_path, wanted, limits));
    }
    // Neither it nor a directory above it is a link: the walk follows none.
    Some(match opened(path, &repo_path, limits.code) {
        Ok(bytes) => Item::File(Box::new(SourceFile::new(repo_path, bytes))),
        Err(skipped) => Item::Skipped(skipped),
    })
}

fn take(top: &Path, path: &RepoPath, wanted: Wanted, limits: Limits) -> Item {
    if wanted == Wanted::State {
        return Item::State(path.clone());
    }
    match bytes(top, path, limits.code) {
        Ok(bytes) => Item::File(Box::new(SourceFile::new(path.clone(), bytes))),
        Err(skipped) => Item::Skipped(skipped),
    }
}

/// A link to a file of the repository is read under its own name; everything else is reported.
fn link(top: &Path, path: &Path, shown: String, wanted: Wanted, limits: Limits) -> Option<Item> {
    let target = match path.canonicalize() {
        Ok(target) => target,
        Err(_) if wanted == Wanted::No => return None,
        Err(_) => return Some(Item::Skipped(Skipped::BrokenLink { path: shown })),
    };
    let directory = target.is_dir();
    if wanted == Wanted::No && !directory {
        return None;
    }
    Some(if !target.starts_with(top) {
        Item::Skipped(Skipped::LeavesRepository { path: shown })
    } else if directory {
        Item::Skipped(Skipped::LinkedDirectory { path: shown })
    } else {
        match RepoPath::new(&shown).filter(|p| p.as_str() == shown) {
            Some(repo_path) => take(top, &repo_path, wanted, limits),
            None => Item::Skipped(Skipped::OddName { path: shown }),
        }
    })
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
    // Asked before it is opened: opening a pipe would wait for a writer.
    match target.metadata() {
        Ok(metadata) if metadata.is_file() => opened(&target, path, limit),
        Ok(_) => Err(Skipped::NotAFile {
            path: path.as_str().to_owned(),
        }),
        Err(e) => Err(unreadable(path, &e)),
    }
}

/// Reads the regular file at a place of the disk, which is `path` in the repository.
fn opened(place: &Path, path: &RepoPath, limit: u64) -> Result<Vec<u8>, Skipped> {
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
    Ok(bytes)
}

fn unreadable(path: &RepoPath, error: &std::io::Error) -> Skipped {
    Skipped::Unreadable {
        path: path.as_str().to_owned(),
        message: error.to_string(),
    }
}
