//! The files that a `terragrunt.hcl` includes or reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::terraform::{RepoPath, SourceFile};

/// The last words of a path to an HCL file, as Terragrunt's files name each other: `"account.hcl"`,
/// `"${get_repo_root()}/_envcommon/vpc.hcl"`.
static HCL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"([^"{}$\\]*[A-Za-z0-9_.-]+\.hcl)""#).ok());

/// The files that Terragrunt's files may name and that are not known yet: each name is looked for in every directory
/// upwards, as `find_in_parent_folders` does.
pub(super) fn terragrunt_files(known: &BTreeMap<RepoPath, &SourceFile>) -> BTreeSet<RepoPath> {
    let Some(pattern) = HCL.as_ref() else {
        return BTreeSet::new();
    };
    let mut wanted = BTreeSet::new();
    for (path, file) in known {
        let name = path.file_name();
        if !name.ends_with(".hcl") || name.starts_with('.') {
            continue;
        }
        let names: BTreeSet<&str> = pattern
            .captures_iter(file.text())
            .filter_map(|found| found.get(1))
            .map(|found| found.as_str().trim_start_matches('/'))
            .collect();
        for name in names {
            let mut dir = path.parent();
            loop {
                wanted.extend(dir.join(name).filter(|p| !known.contains_key(p)));
                if dir.as_str().is_empty() {
                    break;
                }
                dir = dir.parent();
            }
        }
    }
    wanted
}
