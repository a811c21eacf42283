//! Unified diffs of edits.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::terraform::estate::Estate;

use super::{Edit, EditError, changes};

/// What the edits change, as one unified diff over all files in path order (`a/…`, `b/…`).
///
/// # Errors
/// As [`apply`].
pub fn diff(estate: &Estate, edits: &[Edit]) -> Result<String, EditError> {
    let changes: Vec<_> = changes(estate, edits)?.into_iter().collect();
    let diffs: Vec<String> = changes
        .into_par_iter()
        .with_min_len(16)
        .map(|(path, change)| {
            let before = estate.file(&path).map(|f| f.bytes());
            unified(path.as_str(), before, change.contents().bytes())
        })
        .collect();
    Ok(diffs.concat())
}

/// The unified diff of one file; empty when nothing changed. Bytes that are no UTF-8 show as U+FFFD.
#[must_use]
pub fn unified(path: &str, before: Option<&[u8]>, after: &[u8]) -> String {
    let old = shown(before.unwrap_or_default());
    let new = shown(after);
    if before.is_some() && old == new {
        return String::new();
    }
    let from = if before.is_some() {
        format!("a/{path}")
    } else {
        "/dev/null".to_owned()
    };
    similar::TextDiff::from_lines(old.as_ref(), new.as_ref())
        .unified_diff()
        .context_radius(3)
        .header(&from, &format!("b/{path}"))
        .to_string()
}

/// Nearly every file is UTF-8, which is found out much faster than where it is not.
fn shown(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}
