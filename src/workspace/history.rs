//! The code as it was: the tree of a commit of the repository around the working tree.
//!
//! Nothing here touches the working tree, the index or a branch. What Git does not keep (ignored variable files and
//! lock files, installed modules) is taken to have been as it is now: it counts for Terraform on both sides.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid, Repository, Tree, TreeWalkMode, TreeWalkResult};

use super::listing::Wanted;
use super::walk;
use super::{Workspace, data};
use crate::terraform::{Estate, RepoPath, SourceFile};

/// Why the code of a commit cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The working tree is in no Git repository.
    #[error("{}: not in a Git repository: there is nothing to compare with", .0.display())]
    NotARepository(PathBuf),
    /// The repository belongs to another user, and Git does not read it.
    #[error(
        "{}: the repository belongs to another user; make it safe for Git: `git config --global --add safe.directory {}`",
        .0.display(), .0.display()
    )]
    Owner(PathBuf),
    /// There is no such commit.
    #[error(
        "`{0}` is no commit of this repository; fetch it first (`git fetch origin {0}`, or `fetch-depth: 0` of actions/checkout)"
    )]
    NoSuchCommit(String),
    /// Something else that Git said.
    #[error("cannot read {what}: {source}")]
    Git {
        /// What was tried.
        what: String,
        /// What Git said.
        source: git2::Error,
    },
}

/// The code at a commit.
pub struct Base {
    /// The code.
    pub estate: Estate,
    /// The commit.
    pub commit: String,
    /// Files whose text differs from the working tree's, on either side.
    pub changed: BTreeSet<RepoPath>,
    /// What the reader should know about the comparison.
    pub notes: Vec<String>,
}

fn failed(what: impl Into<String>) -> impl FnOnce(git2::Error) -> HistoryError {
    let what = what.into();
    move |source| HistoryError::Git { what, source }
}

/// Opens the repository around a directory; with the directory's path inside of it.
pub(super) fn open(top: &Path) -> Result<(Repository, PathBuf), HistoryError> {
    let repository = Repository::discover(top).map_err(|e| match e.code() {
        ErrorCode::Owner => HistoryError::Owner(top.to_owned()),
        _ => HistoryError::NotARepository(top.to_owned()),
    })?;
    let inside = repository
        .workdir()
        .and_then(|dir| dir.canonicalize().ok())
        .and_then(|dir| top.strip_prefix(dir).ok().map(Path::to_owned))
        .ok_or_else(|| HistoryError::NotARepository(top.to_owned()))?;
    Ok((repository, inside))
}

impl Workspace {
    /// The code where the working tree's history parted from a reference (a branch, a tag, a commit).
    ///
    /// # Errors
    /// There is no Git repository, or no such commit in it.
    pub fn base(&self, reference: &str) -> Result<Base, HistoryError> {
        let (repository, inside) = open(self.top())?;
        let mut notes = Vec::new();
        let wanted = commit_of(&repository, reference)?;
        let base = parting(&repository, wanted, reference, &mut notes)?;
        let commit = repository
            .find_commit(base)
            .map_err(failed(format!("commit {base}")))?;
        let what = format!("the tree of commit {base}");
        let whole = commit.tree().map_err(failed(what.clone()))?;
        let tree = if inside.as_os_str().is_empty() {
            Some(whole)
        } else {
            // The directory may be younger than the commit.
            whole
                .get_path(&inside)
                .ok()
                .and_then(|entry| entry.to_object(&repository).ok())
                .and_then(|object| object.into_tree().ok())
        };
        let mut reader = Reader {
            repository: &repository,
            limit: self.limits.code,
            files: Vec::new(),
        };
        let mut tracked = BTreeSet::new();
        if let Some(tree) = &tree {
            reader.read(tree, &mut tracked).map_err(failed(what))?;
            // What the code names, then or now.
            let mut wanted = data::named_files(&reader.files);
            wanted.extend(
                self.estate()
                    .files()
                    .map(|file| file.path().clone())
                    .filter(data::is_text),
            );
            for path in wanted.difference(&tracked) {
                reader.take(tree, path);
            }
        }
        let untracked = self.estate().files().filter(|file| {
            let path = file.path().as_str();
            // What is known of modules without their code is worked out for each side by itself.
            if path.contains(".terraform/known/") {
                return false;
            }
            let installed = path.split('/').any(|part| part == ".terraform");
            let ignored = || {
                repository
                    .is_path_ignored(inside.join(path))
                    .unwrap_or(false)
            };
            !tracked.contains(file.path()) && (installed || ignored())
        });
        for file in untracked {
            let copy = SourceFile::new(file.path().clone(), file.bytes().to_vec());
            reader.files.push(copy);
        }
        let estate = Estate::new(reader.files).with_states(self.estate().states().cloned());
        Ok(Base {
            changed: changed(self.estate(), &estate),
            estate,
            commit: base.to_string(),
            notes,
        })
    }
}

/// The commit that a person means: a name as Git knows it, else a branch of `origin`.
fn commit_of(repository: &Repository, reference: &str) -> Result<Oid, HistoryError> {
    let names = [reference.to_owned(), format!("origin/{reference}")];
    names
        .iter()
        .filter_map(|name| repository.revparse_single(name).ok())
        .find_map(|object| object.peel_to_commit().ok())
        .map(|commit| commit.id())
        .ok_or_else(|| HistoryError::NoSuchCommit(reference.to_owned()))
}

/// Where the checkout's history and a commit part. A history that is cut off does not show it: then the commit itself.
fn parting(
    repository: &Repository,
    commit: Oid,
    reference: &str,
    notes: &mut Vec<String>,
) -> Result<Oid, HistoryError> {
    let head = repository
        .head()
        .and_then(|head| head.peel_to_commit())
        .map_err(failed("HEAD"))?
        .id();
    if let Ok(base) = repository.merge_base(head, commit) {
        return Ok(base);
    }
    notes.push(format!(
        "the history here does not show where it parted from `{reference}`: compared with `{reference}` itself, so what \
         changed there since counts as changed here"
    ));
    Ok(commit)
}

struct Reader<'r> {
    repository: &'r Repository,
    limit: u64,
    files: Vec<SourceFile>,
}

/// The mode of a symbolic link in a tree.
const LINK: i32 = 0o120_000;

impl Reader<'_> {
    /// Reads what matters to Terraform; every path of the tree goes to `tracked`.
    fn read(
        &mut self,
        tree: &Tree<'_>,
        tracked: &mut BTreeSet<RepoPath>,
    ) -> Result<(), git2::Error> {
        let mut links = Vec::new();
        let mut found = Vec::new();
        tree.walk(TreeWalkMode::PreOrder, |dir, entry| {
            let Ok(name) = entry.name() else {
                return TreeWalkResult::Ok;
            };
            if entry.kind() == Some(ObjectType::Tree) {
                return if walk::is_left_out_name(dir.trim_end_matches('/'), name) {
                    TreeWalkResult::Skip
                } else {
                    TreeWalkResult::Ok
                };
            }
            let path = format!("{dir}{name}");
            let Some(path) = RepoPath::new(&path).filter(|p| p.as_str() == path) else {
                return TreeWalkResult::Ok;
            };
            if entry.kind() == Some(ObjectType::Blob) && walk::wanted(path.as_str()) == Wanted::Code
            {
                if entry.filemode() == LINK {
                    links.push((path.clone(), entry.id()));
                } else {
                    found.push((path.clone(), entry.id()));
                }
            }
            tracked.insert(path);
            TreeWalkResult::Ok
        })?;
        for (path, id) in found {
            self.push(path, id);
        }
        for (path, id) in links {
            let target = self.bytes(id).and_then(|b| String::from_utf8(b).ok());
            let target = target.and_then(|t| path.parent().join(&t));
            let blob = target.and_then(|t| tree.get_path(Path::new(t.as_str())).ok());
            if let Some(blob) = blob.filter(|b| b.kind() == Some(ObjectType::Blob)) {
                self.push(path, blob.id());
            }
        }
        Ok(())
    }

    /// Reads one file that code names, if the commit has it.
    fn take(&mut self, tree: &Tree<'_>, path: &RepoPath) {
        if let Ok(entry) = tree.get_path(Path::new(path.as_str()))
            && entry.kind() == Some(ObjectType::Blob)
            && !self.files.iter().any(|f| f.path() == path)
        {
            self.push(path.clone(), entry.id());
        }
    }

    fn push(&mut self, path: RepoPath, id: Oid) {
        if let Some(bytes) = self.bytes(id) {
            self.files.push(SourceFile::new(path, bytes));
        }
    }

    /// A blob that is not larger than files may be.
    fn bytes(&self, id: Oid) -> Option<Vec<u8>> {
        let blob = self.repository.find_blob(id).ok()?;
        (blob.size() as u64 <= self.limit).then(|| blob.content().to_vec())
    }
}

/// The paths of files that are only on one side, or differ; line ends do not count (`core.autocrlf`).
fn changed(now: &Estate, base: &Estate) -> BTreeSet<RepoPath> {
    let differs = |a: &SourceFile, b: &SourceFile| {
        a.bytes() != b.bytes() && a.text().replace("\r\n", "\n") != b.text().replace("\r\n", "\n")
    };
    let mut changed: BTreeSet<RepoPath> = now
        .files()
        .filter(|file| {
            base.file(file.path())
                .is_none_or(|other| differs(file, other))
        })
        .map(|file| file.path().clone())
        .collect();
    let gone = base.files().filter(|file| now.file(file.path()).is_none());
    changed.extend(gone.map(|file| file.path().clone()));
    changed.retain(|path| !path.as_str().contains(".terraform/known/"));
    changed
}
