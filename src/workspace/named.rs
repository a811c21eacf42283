//! The files that a `terragrunt.hcl` includes or reads.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::walk::Read;
use crate::terraform::{RepoPath, SourceFile};

/// The last words of a path to an HCL file, as Terragrunt's files name each other: `"account.hcl"`,
/// `"${get_repo_root()}/_envcommon/vpc.hcl"`.
static HCL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"([^"{}$\\]*[A-Za-z0-9_.-]+\.hcl)""#).ok());

/// The files that Terragrunt's files may name and that are not known yet: each name is looked for in every directory
/// upwards, as `find_in_parent_folders` does.
pub(super) fn terragrunt_files(files: &[Read]) -> BTreeSet<RepoPath> {
    let is_terragrunts = |file: &&SourceFile| {
        let name = file.path().file_name();
        name.ends_with(".hcl") && !name.starts_with('.')
    };
    let all = || files.iter().map(|read| read.file.as_ref());
    let mut naming = all().filter(is_terragrunts).peekable();
    let (Some(pattern), Some(_)) = (HCL.as_ref(), naming.peek()) else {
        return BTreeSet::new();
    };
    let known: HashSet<&RepoPath> = all().map(SourceFile::path).collect();
    let mut wanted = BTreeSet::new();
    for file in naming {
        let path = file.path();
        let names: BTreeSet<&str> = pattern
            .captures_iter(file.text())
            .filter_map(|found| found.get(1))
            .map(|found| found.as_str().trim_start_matches('/'))
            .collect();
        for name in names {
            let mut dir = path.parent();
            loop {
                wanted.extend(dir.join(name).filter(|p| !known.contains(p)));
                if dir.as_str().is_empty() {
                    break;
                }
                dir = dir.parent();
            }
        }
    }
    wanted
}
