//! The bare repository of a forge: make one commit, move one branch.
//!
//! Blobs are written directly, without filters: line ends, file modes and symbolic links stay as they are. A branch
//! only moves by compare and swap.

use std::path::{Path, PathBuf};

use git2::{
    ErrorCode, FileMode, ObjectType, Oid, Repository, Signature, Time, build::TreeUpdateBuilder,
};
use sha2::{Digest as _, Sha256};

use super::git::{Checkout, EMAIL, NAME, git, is_ours};
use super::stale;
use super::{Base, ForgeError, NewCommit};
use crate::terraform::RepoPath;

/// What a branch is, seen from the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BranchState {
    /// Its commit.
    pub(super) head: Oid,
    /// Every commit that the base lacks is ours.
    pub(super) only_ours: bool,
    /// It merges without conflict.
    pub(super) mergeable: bool,
    /// The base holds the commit itself.
    pub(super) merged: bool,
    /// Merging it would change nothing.
    pub(super) landed: bool,
}

/// The bare repository of a forge.
pub(super) struct Store {
    repository: Repository,
    path: PathBuf,
    base: Base,
    prefix: String,
}

impl Store {
    /// A repository that has the base's commit, such as a fresh clone.
    #[cfg(feature = "github")]
    pub(super) fn over(repository: Repository, base: Base, prefix: String) -> Self {
        Self {
            path: repository.path().to_owned(),
            repository,
            base,
            prefix,
        }
    }

    /// Writes one commit on the base, without a branch. `seconds` is its date (Unix).
    ///
    /// # Errors
    /// Git cannot write it.
    pub(super) fn commit(&self, tree: Oid, message: &str, seconds: i64) -> Result<Oid, ForgeError> {
        let failed = || git("cannot write the commit".to_owned());
        let base = self.base_commit()?;
        let base = self.repository.find_commit(base).map_err(failed())?;
        let tree = self.repository.find_tree(tree).map_err(failed())?;
        let signature = Signature::new(NAME, EMAIL, &Time::new(seconds, 0)).map_err(failed())?;
        self.repository
            .commit(None, &signature, &signature, message, &tree, &[&base])
            .map_err(failed())
    }

    /// Opens or creates the bare repository and brings its base branch to the checkout's commit.
    ///
    /// # Errors
    /// The base branch has commits that the checkout lacks; or Git fails.
    pub(super) fn sync(path: &Path, checkout: &Checkout) -> Result<Self, ForgeError> {
        let failed = |what: &str| git(format!("{}: {what}", path.display()));
        stale::clear(path)?;
        let repository = match Repository::open_bare(path) {
            Ok(repository) => repository,
            Err(e) if e.code() == ErrorCode::Owner => {
                return Err(ForgeError::Owner(path.to_owned()));
            }
            // Nothing there, or an initialisation that was cut short: initialising again is safe.
            Err(_) => {
                Repository::init_bare(path).map_err(failed("cannot create the bare repository"))?
            }
        };
        let (from, reference) = &checkout.source;
        let from = from
            .to_str()
            .ok_or_else(|| ForgeError::NotARepository(from.clone()))?;
        repository
            .remote_anonymous(from)
            .and_then(|mut remote| {
                remote.fetch(&[format!("+{reference}:refs/tfmend/checkout")], None, None)
            })
            .map_err(failed("cannot fetch the checkout's commits"))?;
        let store = Self {
            repository,
            path: path.to_owned(),
            base: checkout.base.clone(),
            prefix: checkout.prefix.clone(),
        };
        store.advance(checkout)?;
        Ok(store)
    }

    fn advance(&self, checkout: &Checkout) -> Result<(), ForgeError> {
        let failed = || {
            git(format!(
                "{}: cannot bring the base branch up to date",
                self.path.display()
            ))
        };
        let new = self.base_commit()?;
        let base = format!("refs/heads/{}", self.base.branch);
        let synced = format!("refs/tfmend/synced/{}", self.base.branch);
        let old = self.repository.refname_to_id(&base).ok();
        let last = self.repository.refname_to_id(&synced).ok();
        if let Some(old) = old
            && old != new
        {
            let forward = self
                .repository
                .graph_descendant_of(new, old)
                .map_err(failed())?;
            // Nobody merged here since the last run, so whatever the checkout did to its history is the truth.
            let untouched = last == Some(old);
            if !forward && !untouched {
                return Err(ForgeError::Behind {
                    store: self.path.clone(),
                    branch: self.base.branch.clone(),
                    checkout: checkout.directory.clone(),
                });
            }
        }
        for name in [&base, &synced] {
            self.repository
                .reference(name, new, true, "tfmend: follow the checkout")
                .map_err(failed())?;
        }
        self.repository.set_head(&base).map_err(failed())
    }

    /// The base.
    #[must_use]
    pub(super) fn base(&self) -> &Base {
        &self.base
    }

    /// Where the repository is.
    #[must_use]
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn base_commit(&self) -> Result<Oid, ForgeError> {
        Oid::from_str(&self.base.commit).map_err(git("the base commit is not an id".to_owned()))
    }

    /// State of a branch; `None` when there is none.
    ///
    /// # Errors
    /// Git cannot read it.
    pub(super) fn branch(&self, name: &str) -> Result<Option<BranchState>, ForgeError> {
        let failed = || git(format!("cannot read branch {name}"));
        let head = match self.repository.refname_to_id(&format!("refs/heads/{name}")) {
            Ok(id) => id,
            Err(e) if matches!(e.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => {
                return Ok(None);
            }
            Err(e) => return Err(failed()(e)),
        };
        let base = self.base_commit()?;
        let base = self.repository.find_commit(base).map_err(failed())?;
        let commit = self.repository.find_commit(head).map_err(failed())?;
        let mut walk = self.repository.revwalk().map_err(failed())?;
        walk.push(head).map_err(failed())?;
        walk.hide(base.id()).map_err(failed())?;
        let mut only_ours = true;
        for id in walk {
            let commit = self
                .repository
                .find_commit(id.map_err(failed())?)
                .map_err(failed())?;
            only_ours &= is_ours(&commit);
        }
        let merged = self.is_merged(head)?;
        let mut index = self
            .repository
            .merge_commits(&base, &commit, None)
            .map_err(failed())?;
        let mergeable = !index.has_conflicts();
        let landed =
            mergeable && index.write_tree_to(&self.repository).map_err(failed())? == base.tree_id();
        Ok(Some(BranchState {
            head,
            only_ours,
            mergeable,
            merged,
            landed,
        }))
    }

    /// Whether the base holds this commit.
    ///
    /// # Errors
    /// Git cannot read it.
    pub(super) fn is_merged(&self, commit: Oid) -> Result<bool, ForgeError> {
        let base = self.base_commit()?;
        if base == commit {
            return Ok(true);
        }
        match self.repository.graph_descendant_of(base, commit) {
            Ok(held) => Ok(held),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(false),
            Err(e) => Err(git("cannot compare with the base branch".to_owned())(e)),
        }
    }

    /// All branches whose name starts with a prefix.
    ///
    /// # Errors
    /// Git cannot list them.
    pub(super) fn branches(&self, prefix: &str) -> Result<Vec<String>, ForgeError> {
        let failed = || git("cannot list the branches".to_owned());
        let mut names = Vec::new();
        for reference in self
            .repository
            .references_glob(&format!("refs/heads/{prefix}*"))
            .map_err(failed())?
        {
            let reference = reference.map_err(failed())?;
            if let Some(name) = reference
                .name()
                .ok()
                .and_then(|n| n.strip_prefix("refs/heads/"))
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Makes the commit and moves the branch; see [`super::Forge::push`]. `seconds` is the commit's date (Unix).
    ///
    /// # Errors
    /// See [`super::Forge::push`].
    pub(super) fn push(&self, new: &NewCommit<'_>, seconds: i64) -> Result<Oid, ForgeError> {
        let failed = || git(format!("cannot write branch {}", new.branch));
        let base = self.base_commit()?;
        let base = self.repository.find_commit(base).map_err(failed())?;
        let tree = self.tree(&base, new)?;
        if tree == base.tree_id() {
            return Err(ForgeError::NothingChanges(new.branch.to_owned()));
        }
        let present = self.branch(new.branch)?;
        let present_head = present.as_ref().map(|b| b.head.to_string());
        match (new.expected_head, &present) {
            (Some(expected), _) if present_head.as_deref() != Some(expected) => {
                return Err(ForgeError::Moved(new.branch.to_owned()));
            }
            (None, Some(state)) if !state.only_ours => {
                return Err(ForgeError::BranchTaken(new.branch.to_owned()));
            }
            _ => {}
        }
        if let Some(state) = &present {
            let commit = self.repository.find_commit(state.head).map_err(failed())?;
            let same = commit.tree_id() == tree
                && commit.parent_ids().eq([base.id()])
                && commit.message_bytes() == new.message.as_bytes()
                && is_ours(&commit);
            if same {
                return Ok(state.head);
            }
        }
        let commit = self.commit(tree, new.message, seconds)?;
        let reference = format!("refs/heads/{}", new.branch);
        let moved = match present {
            Some(state) => self.repository.reference_matching(
                &reference,
                commit,
                true,
                state.head,
                "tfmend: make the change anew",
            ),
            None => {
                self.repository
                    .reference(&reference, commit, false, "tfmend: propose a change")
            }
        };
        match moved {
            Ok(_) => Ok(commit),
            Err(e) if matches!(e.code(), ErrorCode::Modified | ErrorCode::Exists) => {
                Err(ForgeError::Moved(new.branch.to_owned()))
            }
            Err(e) => Err(failed()(e)),
        }
    }

    /// The tree of a commit that is to be made; see [`super::Forge::push`].
    ///
    /// # Errors
    /// See [`super::Forge::push`].
    #[cfg(feature = "github")]
    pub(super) fn base_tree_with(&self, new: &NewCommit<'_>) -> Result<Oid, ForgeError> {
        let base = self.base_commit()?;
        let base = self
            .repository
            .find_commit(base)
            .map_err(git("cannot read the base commit".to_owned()))?;
        self.tree(&base, new)
    }

    /// Keeps a commit reachable under `refs/pull/<number>/head`, whatever becomes of its branch.
    ///
    /// # Errors
    /// Git cannot write it.
    pub(super) fn keep(&self, number: u64, commit: &str) -> Result<(), ForgeError> {
        let failed = || git(format!("cannot write refs/pull/{number}/head"));
        let id = Oid::from_str(commit).map_err(failed())?;
        self.repository
            .reference(&format!("refs/pull/{number}/head"), id, true, "tfmend")
            .map(drop)
            .map_err(failed())
    }

    /// Deletes a branch if it is there.
    ///
    /// # Errors
    /// Git cannot delete it.
    pub(super) fn delete(&self, name: &str) -> Result<(), ForgeError> {
        let failed = || git(format!("cannot delete branch {name}"));
        match self
            .repository
            .find_reference(&format!("refs/heads/{name}"))
        {
            Ok(mut reference) => reference.delete().map_err(failed()),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(()),
            Err(e) => Err(failed()(e)),
        }
    }

    /// The base's tree with the new files.
    ///
    /// # Errors
    /// See [`super::Forge::push`].
    fn tree(&self, base: &git2::Commit<'_>, new: &NewCommit<'_>) -> Result<Oid, ForgeError> {
        let failed = || git(format!("cannot write the files of {}", new.branch));
        let tree = base.tree().map_err(failed())?;
        let mut update = TreeUpdateBuilder::new();
        for (path, bytes) in new.after {
            let in_the_way = |problem| ForgeError::InTheWay {
                file: path.clone(),
                problem,
                commit: short(base.id()),
            };
            let full = self
                .full_path(path)
                .ok_or_else(|| in_the_way("the path is inside .git"))?;
            for (at, _) in full.match_indices('/') {
                let above = tree.get_path(Path::new(&full[..at]));
                if above.is_ok_and(|e| e.kind() != Some(ObjectType::Tree)) {
                    return Err(in_the_way("a directory above is a link or a file"));
                }
            }
            let entry = tree.get_path(Path::new(&full)).ok();
            let expected = new.before.get(path).and_then(Option::as_deref);
            let (bytes, mode) = match (expected, entry) {
                (None, None) => (bytes.clone(), FileMode::Blob),
                (None, Some(_)) => return Err(in_the_way("the file to create exists")),
                (Some(_), None) => {
                    return Err(ForgeError::Uncommitted {
                        file: path.clone(),
                        commit: short(base.id()),
                    });
                }
                (Some(expected), Some(entry)) => {
                    let mode = match entry.filemode() {
                        0o100_644 => FileMode::Blob,
                        0o100_664 => FileMode::BlobGroupWritable,
                        0o100_755 => FileMode::BlobExecutable,
                        _ => return Err(in_the_way("a link or a submodule is in this place")),
                    };
                    let blob = self.repository.find_blob(entry.id()).map_err(failed())?;
                    let bytes = as_committed(blob.content(), expected, bytes).ok_or_else(|| {
                        ForgeError::Uncommitted {
                            file: path.clone(),
                            commit: short(base.id()),
                        }
                    })?;
                    (bytes, mode)
                }
            };
            let blob = self.repository.blob(&bytes).map_err(failed())?;
            update.upsert(full, blob, mode);
        }
        update
            .create_updated(&self.repository, &tree)
            .map_err(failed())
    }

    fn full_path(&self, path: &RepoPath) -> Option<String> {
        let path = path.as_str();
        let full = if self.prefix.is_empty() {
            path.to_owned()
        } else {
            format!("{}/{path}", self.prefix)
        };
        let fine = !path.is_empty()
            && full
                .split('/')
                .all(|part| !part.eq_ignore_ascii_case(".git"));
        fine.then_some(full)
    }
}

/// The new bytes as they belong into the repository, when the change was made on this blob: as it is, or as a
/// checkout with line-end conversion shows it.
pub(super) fn as_committed(blob: &[u8], expected: &str, new: &[u8]) -> Option<Vec<u8>> {
    if hex(blob) == expected {
        return Some(new.to_vec());
    }
    let converted = !blob.contains(&b'\r') && hex(&with_crlf(blob)) == expected;
    converted.then(|| without_cr(new))
}

fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    for b in bytes {
        if *b == b'\n' {
            out.push(b'\r');
        }
        out.push(*b);
    }
    out
}

fn without_cr(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().peekable();
    while let Some(b) = rest.next() {
        if *b != b'\r' || rest.peek() != Some(&&b'\n') {
            out.push(*b);
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

pub(super) fn short(id: Oid) -> String {
    id.to_string()[..12].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_converted_checkout_goes_back_to_the_committed_line_ends() {
        let blob = b"a = 1\nb = 2\n";
        let seen = hex(b"a = 1\r\nb = 2\r\n");
        assert_eq!(
            as_committed(blob, &seen, b"a = 1\r\nb = 3\r\n").as_deref(),
            Some(&b"a = 1\nb = 3\n"[..])
        );
        assert_eq!(as_committed(blob, &hex(b"other"), b"x"), None);
        let crlf = b"a = 1\r\n";
        assert_eq!(
            as_committed(crlf, &hex(crlf), b"a = 2\r\n").as_deref(),
            Some(&b"a = 2\r\n"[..])
        );
    }
}
