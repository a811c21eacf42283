//! Reads a file when somebody looks at its text, and says so when it is no longer the file that is known.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use sha2::Digest as _;

use super::walk;
use crate::terraform::RepoPath;
use crate::terraform::source::Later;

/// Reads files of one working tree.
pub(super) struct Reader {
    top: PathBuf,
    limit: u64,
    changed: Mutex<BTreeSet<RepoPath>>,
}

impl Reader {
    /// Of the tree below `top`, files of at most `limit` bytes.
    pub(super) fn new(top: PathBuf, limit: u64) -> Self {
        Self {
            top,
            limit,
            changed: Mutex::default(),
        }
    }

    /// The first file that had other bytes than those that are known.
    pub(super) fn changed(&self) -> Option<RepoPath> {
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.first().cloned()
    }
}

impl Later for Reader {
    fn read(&self, path: &RepoPath, digest: &[u8; 32]) -> Vec<u8> {
        let place = self.top.join(path.as_str());
        // Wherever a link has come to lead since: only bytes that were of this repository are taken.
        let bytes = walk::plain(&place, path)
            .and_then(|()| walk::opened(&place, path, self.limit))
            .map(|(bytes, _)| bytes)
            .unwrap_or_default();
        if sha2::Sha256::digest(&bytes).as_slice() != digest {
            let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
            changed.insert(path.clone());
            return Vec::new();
        }
        bytes
    }
}
