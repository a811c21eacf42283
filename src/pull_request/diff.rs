//! What a change does to the files, as a reviewer sees it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::terraform::{Estate, RepoPath, edit};

/// Lower-case hex of a SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// Unified diff of one file with three lines of context; `before` is `None` for a new file. Empty when nothing
/// changes. Line ends are shown as LF.
#[must_use]
pub fn unified(path: &RepoPath, before: Option<&[u8]>, after: &[u8]) -> String {
    let old = before.map(shown);
    edit::unified(
        path.as_str(),
        old.as_deref().map(str::as_bytes),
        shown(after).as_bytes(),
    )
}

/// The diff of all touched files, in path order.
#[must_use]
pub fn of_change(estate: &Estate, after: &BTreeMap<RepoPath, Vec<u8>>) -> String {
    after
        .iter()
        .map(|(path, bytes)| unified(path, estate.file(path).map(|f| f.bytes()), bytes))
        .collect()
}

/// Added and removed lines of a unified diff.
#[must_use]
pub fn count(diff: &str) -> (usize, usize) {
    let (mut added, mut removed) = (0, 0);
    for line in diff.lines() {
        if line.starts_with('+') && !line.starts_with("+++ ") {
            added += 1;
        } else if line.starts_with('-') && !line.starts_with("--- ") {
            removed += 1;
        }
    }
    (added, removed)
}

/// Identity of a diff that does not change when lines move: the hunks with their context, without line numbers.
/// It changes when the edit changes and when somebody edits the code right beside it.
#[must_use]
pub fn content_hash(diff: &str) -> String {
    let mut hash = Sha256::new();
    for line in diff.lines().filter(|l| !l.starts_with("@@ ")) {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize()[..8]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

fn shown(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    };
    if text.contains('\r') {
        text.replace("\r\n", "\n")
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> RepoPath {
        RepoPath::new("a/main.tf").unwrap()
    }

    #[test]
    fn crlf_files_show_only_what_changed() {
        let diff = unified(&path(), Some(b"a = 1\r\nb = 2\r\n"), b"a = 1\r\nb = 3\r\n");
        assert_eq!(
            diff,
            "--- a/a/main.tf\n+++ b/a/main.tf\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\n"
        );
        assert_eq!(count(&diff), (1, 1));
    }

    #[test]
    fn a_new_file_comes_from_nothing() {
        let diff = unified(&path(), None, b"a = 1\n");
        assert!(
            diff.starts_with("--- /dev/null\n+++ b/a/main.tf\n"),
            "{diff}"
        );
        assert_eq!(count(&diff), (1, 0));
    }

    #[test]
    fn moving_lines_keeps_the_hash_and_touching_the_neighbourhood_changes_it() {
        let block = "x = 1\ny = 2\nz = 3\nbad = true\nu = 1\nv = 2\nw = 3\n";
        let fixed = block.replace("true", "false");
        let here = unified(&path(), Some(block.as_bytes()), fixed.as_bytes());
        let above = "# far\n".repeat(5);
        let moved = unified(
            &path(),
            Some(format!("{above}{block}").as_bytes()),
            format!("{above}{fixed}").as_bytes(),
        );
        assert_ne!(here, moved);
        assert_eq!(content_hash(&here), content_hash(&moved));
        let touched = unified(
            &path(),
            Some(block.replace("z = 3", "z = 4").as_bytes()),
            fixed.replace("z = 3", "z = 4").as_bytes(),
        );
        assert_ne!(content_hash(&here), content_hash(&touched));
    }
}
