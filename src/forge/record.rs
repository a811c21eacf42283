//! The record of one pull request of the local forge: `pull-requests/<n>.json`.
//!
//! The record is the truth, pages are drawn from it. A person closes a pull request by setting `"state": "closed"`,
//! or by deleting its branch; `closed_by` tells our own closings from theirs.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ForgeError;
use crate::pull_request::Note;
use crate::pull_request::identity::{BRANCH_PREFIX, slug};

/// Who closes when we do.
pub(super) const US: &str = "tfmend";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RecordState {
    Open,
    Closed,
    Merged,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Comment {
    /// RFC 3339.
    pub(super) at: String,
    pub(super) by: String,
    #[serde(default)]
    pub(super) note: Option<Note>,
    pub(super) body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) number: u64,
    pub(super) state: RecordState,
    #[serde(default)]
    pub(super) closed_by: Option<String>,
    #[serde(default)]
    pub(super) draft: bool,
    pub(super) title: String,
    pub(super) branch: String,
    pub(super) base: String,
    pub(super) head: String,
    #[serde(default)]
    pub(super) labels: BTreeSet<String>,
    /// RFC 3339.
    pub(super) created: String,
    /// RFC 3339.
    pub(super) updated: String,
    pub(super) body: String,
    #[serde(default)]
    pub(super) comments: Vec<Comment>,
}

impl Record {
    /// `<n>-<slug>`: name of the pages. It follows the branch, which never changes.
    pub(super) fn page_name(&self) -> String {
        let tail = self
            .branch
            .strip_prefix(BRANCH_PREFIX)
            .unwrap_or(&self.branch);
        format!("{}-{}", self.number, slug(tail, 80))
    }

    pub(super) fn notes(&self) -> BTreeSet<Note> {
        self.comments.iter().filter_map(|c| c.note).collect()
    }

    pub(super) fn path(&self, directory: &Path) -> PathBuf {
        directory.join(format!("{}.json", self.number))
    }

    pub(super) fn save(&self, directory: &Path) -> Result<(), ForgeError> {
        let path = self.path(directory);
        let mut json = serde_json::to_vec_pretty(self).map_err(|e| ForgeError::Record {
            path: path.clone(),
            problem: e.to_string(),
        })?;
        json.push(b'\n');
        write_atomically(&path, &json)
    }
}

/// All records, by number.
///
/// # Errors
/// One cannot be read: going on without it could open its pull request twice.
pub(super) fn load_all(directory: &Path) -> Result<Vec<Record>, ForgeError> {
    let io = |source| ForgeError::Io {
        path: directory.to_owned(),
        source,
    };
    let mut records: Vec<Record> = Vec::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let number = path
            .file_name()
            .and_then(|n| n.to_str())
            .and_then(|n| n.strip_suffix(".json"))
            .and_then(|n| n.parse::<u64>().ok());
        let Some(number) = number else { continue };
        let text = fs::read(&path).map_err(|source| ForgeError::Io {
            path: path.clone(),
            source,
        })?;
        let problem = |problem: String| ForgeError::Record {
            path: path.clone(),
            problem,
        };
        let record: Record = serde_json::from_slice(&text).map_err(|e| problem(e.to_string()))?;
        if record.number != number {
            return Err(problem(format!(
                "it says that it is number {}",
                record.number
            )));
        }
        records.push(record);
    }
    records.sort_by_key(|r| r.number);
    Ok(records)
}

/// Writes a file so that whoever reads it, or a crash, finds the old or the new content. A file that has this content
/// is not touched.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), ForgeError> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let io = |source| ForgeError::Io {
        path: path.to_owned(),
        source,
    };
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy())
        .unwrap_or_default();
    let temporary = path.with_file_name(format!(".{name}.tmp"));
    let mut file = fs::File::create(&temporary).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.sync_all().map_err(io)?;
    fs::rename(&temporary, path).map_err(io)
}
