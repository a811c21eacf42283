//! Files that code reads by name: `file("${path.module}/policy.json")`.
//!
//! Only JSON that some Terraform file names literally is read, so that a repository's other data stays where it is.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::terraform::{RepoPath, SourceFile};

// The pattern is a constant: a failure to compile would show in every test.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\bfile\(\s*"(?:\$\{path\.(?:module|root|cwd)\}/|\./)?([^"$%\\]+\.json)"\s*\)"#)
        .ok()
});

/// The JSON files that these files name, as far as they lie in the repository.
pub(super) fn json_files<'f>(
    files: impl IntoIterator<Item = &'f SourceFile>,
) -> BTreeSet<RepoPath> {
    let Some(pattern) = NAMED.as_ref() else {
        return BTreeSet::new();
    };
    files
        .into_iter()
        .filter(|f| f.text().contains(".json\""))
        .flat_map(|f| {
            let directory = f.path().parent();
            pattern
                .captures_iter(f.text())
                .filter_map(|found| directory.join(found.get(1)?.as_str()))
                .collect::<Vec<_>>()
        })
        .collect()
}
