//! `commits = "git"`: commits made in a clone and pushed, for servers and rules that do not let the API write.
//!
//! They are not signed by GitHub. Everything else (what is checked, when a branch may move) is as with the API.

use std::path::PathBuf;

use git2::{Oid, Repository};
use tempfile::TempDir;

use super::client::Client;
use crate::forge::git::git;
use crate::forge::store::Store;
use crate::forge::{Base, ForgeError, NewCommit};

/// A clone of the base in a directory of its own, gone with this value.
pub(super) struct LocalClone {
    directory: TempDir,
    store: Store,
}

impl LocalClone {
    /// Clones the base branch.
    pub(super) fn make(client: &Client, base: &Base, prefix: &str) -> Result<Self, ForgeError> {
        let directory = directory()?;
        let path = directory.path().join("clone");
        client.clone_into(&path, Some(&base.branch))?;
        let failed = || git("cannot open the clone".to_owned());
        let repository = Repository::open(&path).map_err(failed())?;
        let wanted = Oid::from_str(&base.commit).map_err(failed())?;
        if repository.find_commit(wanted).is_err() {
            return Err(ForgeError::Moved(base.branch.clone()));
        }
        Ok(Self {
            store: Store::over(repository, base.clone(), prefix.to_owned()),
            directory,
        })
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("clone")
    }

    /// Checks the files against the base and writes the tree.
    pub(super) fn prepare(&self, new: &NewCommit<'_>) -> Result<Oid, ForgeError> {
        self.store.base_tree_with(new)
    }

    pub(super) fn commit(
        &self,
        tree: &str,
        message: &str,
        seconds: i64,
    ) -> Result<String, ForgeError> {
        let tree = Oid::from_str(tree).map_err(git("the tree has no id".to_owned()))?;
        Ok(self.store.commit(tree, message, seconds)?.to_string())
    }
}

/// A directory that goes away with the value.
pub(super) fn directory() -> Result<TempDir, ForgeError> {
    tempfile::Builder::new()
        .prefix("tfmend-")
        .tempdir()
        .map_err(|source| ForgeError::Io {
            path: std::env::temp_dir(),
            source,
        })
}

/// Clones a branch into a directory of its own, to plan on.
///
/// # Errors
/// It cannot be cloned, or the directory not be made.
pub fn checkout(client: &Client, branch: &str) -> Result<Cloned, ForgeError> {
    let directory = directory()?;
    let path = directory.path().join("checkout");
    client.clone_into(&path, Some(branch))?;
    Ok(Cloned { directory })
}

/// A checkout in a directory that goes away with this value.
pub struct Cloned {
    directory: TempDir,
}

impl Cloned {
    /// Where the files are.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("checkout")
    }
}
