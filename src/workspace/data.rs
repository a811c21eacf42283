//! Files that code reads by name: `file("${path.module}/policy.json")`, `fileset(path.module, "rules/*.yaml")`.
//!
//! Only what some Terraform file names is read, and only text of the kinds that code is written in, so that a
//! repository's other data (and its keys) stay where they are. Where a name is put together
//! (`"${path.module}/policies/${each.key}.json"`) the directory in front of it is looked through.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::walk::{self, Read, Walker};
use crate::terraform::estate::Names;
use crate::terraform::{RepoPath, SourceFile};

/// Largest data file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// How many data files are read, and how many bytes of them.
const MOST_FILES: usize = 5_000;
const MOST_BYTES: u64 = 64 << 20;

/// How many names one directory may hold below it to be looked through.
const MOST_NAMES: usize = 20_000;

/// Kinds of text that code reads.
const KINDS: [&str; 26] = [
    "cfg",
    "conf",
    "config",
    "csv",
    "graphql",
    "htm",
    "html",
    "ini",
    "j2",
    "js",
    "json",
    "list",
    "md",
    "policy",
    "properties",
    "py",
    "sh",
    "sql",
    "template",
    "tftpl",
    "tmpl",
    "toml",
    "tpl",
    "txt",
    "yaml",
    "yml",
];

// The patterns are constants: a failure to compile would show in every test.
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(file(?:exists|base64|md5|sha\d+|base64sha\d+)?|templatefile|fileset)\(\s*([^,)\n]*)(?:,\s*([^,)\n]*))?")
        .ok()
});

/// What the code of one place asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Asked {
    /// One file, by its whole name.
    File(RepoPath),
    /// Files below a directory.
    Below(RepoPath),
}

/// What a file asks for.
pub(super) fn asked(file: &SourceFile) -> Vec<Asked> {
    if memchr::memmem::find(file.text().as_bytes(), b"file").is_some() {
        calls(file)
    } else {
        Vec::new()
    }
}

/// The data files that these files name, as far as they lie in the repository, and which names are known.
pub(super) fn data_files(walker: &Walker<'_>, files: &[Read]) -> (Vec<Read>, Names) {
    let top = walker.top;
    let asked: BTreeSet<&Asked> = files.iter().flat_map(|read| read.asked.iter()).collect();
    if asked.is_empty() {
        return (Vec::new(), Names::default());
    }
    let have: HashSet<&RepoPath> = files.iter().map(|read| read.file.path()).collect();
    let mut names = Names::default();
    let mut wanted = BTreeSet::new();
    for one in asked {
        match one {
            Asked::Below(dir) if !names.listed.contains(dir) => {
                if let Some(found) = below(top, dir) {
                    wanted.extend(found.iter().cloned());
                    names.files.extend(found);
                    names.listed.insert(dir.clone());
                }
            }
            Asked::Below(_) => {}
            Asked::File(path) => match is_file(top, path) {
                Some(true) => {
                    names.files.insert(path.clone());
                    wanted.insert(path.clone());
                }
                Some(false) => {
                    names.absent.insert(path.clone());
                }
                None => {}
            },
        }
    }
    let mut read = Vec::new();
    let mut left = MOST_BYTES;
    for path in wanted {
        if read.len() >= MOST_FILES || have.contains(&path) || !is_text(&path) {
            continue;
        }
        // One that is not there, or is no plain file, stays unknown to the code as well.
        if let Ok(one) = walker.named(path, LARGEST.min(left)) {
            let size = one.stamp.map(|stamp| stamp.size());
            left -= size
                .unwrap_or_else(|| one.file.bytes().len() as u64)
                .min(left);
            read.push(one);
        }
    }
    (read, names)
}

/// Whether it is named like text of a kind that code reads.
pub(super) fn is_text(path: &RepoPath) -> bool {
    path.file_name()
        .rsplit_once('.')
        .is_some_and(|(_, end)| KINDS.contains(&end.to_ascii_lowercase().as_str()))
}

/// The data files that these files name in full.
pub(super) fn named_files<'f>(
    files: impl IntoIterator<Item = &'f SourceFile>,
) -> BTreeSet<RepoPath> {
    files
        .into_iter()
        .flat_map(asked)
        .filter_map(|asked| match asked {
            Asked::File(path) => Some(path),
            Asked::Below(_) => None,
        })
        .filter(is_text)
        .collect()
}

fn calls(file: &SourceFile) -> Vec<Asked> {
    let Some(pattern) = CALL.as_ref() else {
        return Vec::new();
    };
    let dir = file.path().parent();
    let text = |m: Option<regex::Match<'_>>| m.map_or(String::new(), |m| m.as_str().to_owned());
    pattern
        .captures_iter(file.text())
        .flat_map(|found| {
            let function = text(found.get(1));
            let argument = text(found.get(2));
            if function == "fileset" {
                let base = literal(argument.trim(), &dir);
                return match base {
                    Some(Asked::File(path) | Asked::Below(path)) => vec![Asked::Below(path)],
                    None => Vec::new(),
                };
            }
            literal(argument.trim(), &dir).into_iter().collect()
        })
        .collect()
}

/// The path that an argument names: `"…"` with `path.module` in front, or `path.module` alone.
fn literal(argument: &str, dir: &RepoPath) -> Option<Asked> {
    if matches!(argument, "path.module" | "path.root" | "path.cwd") {
        return Some(Asked::Below(dir.clone()));
    }
    let inner = argument.strip_prefix('"')?;
    let inner = ["${path.module}", "${path.root}", "${path.cwd}"]
        .iter()
        .find_map(|start| inner.strip_prefix(start))
        .map_or(inner, |rest| rest.trim_start_matches('/'));
    let end = inner.find(['"', '$', '%', '\\'])?;
    let (plain, rest) = inner.split_at(end);
    if rest.starts_with('"') {
        return dir.join(plain).map(Asked::File);
    }
    // Something is put in: the directory in front of it is looked through, never the whole repository.
    let (before, _) = plain.rsplit_once('/')?;
    dir.join(before)
        .filter(|d| !d.as_str().is_empty())
        .map(Asked::Below)
}

/// Whether a path is a plain file of the repository; `None` when that cannot be said.
fn is_file(top: &Path, path: &RepoPath) -> Option<bool> {
    match fs::symlink_metadata(top.join(path.as_str())) {
        Ok(found) if found.is_file() => walk::resolve(top, path).is_ok().then_some(true),
        Ok(found) if found.is_dir() => None,
        Ok(_) => None,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(false),
        Err(_) => None,
    }
}

/// Every file below a directory; `None` when not all of them can be told.
fn below(top: &Path, dir: &RepoPath) -> Option<BTreeSet<RepoPath>> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![dir.clone()];
    walk::resolve(top, dir).ok()?;
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(top.join(dir.as_str())).ok()? {
            let entry = entry.ok()?;
            let kind = entry.file_type().ok()?;
            let name = entry.file_name();
            let name = name.to_str()?;
            if kind.is_dir() && matches!(name, ".git" | ".terraform" | "node_modules") {
                continue;
            }
            let path = dir.join(name).filter(|p| p.file_name() == name)?;
            if kind.is_dir() {
                waiting.push(path);
            } else if kind.is_file() {
                found.insert(path);
            } else {
                // A link: what it leads to is not told here.
                return None;
            }
            if found.len() > MOST_NAMES {
                return None;
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    fn asked(text: &str) -> Vec<Asked> {
        let path = RepoPath::new("modules/x/main.tf").unwrap();
        calls(&SourceFile::new(path, text.as_bytes().to_vec()))
    }

    #[test]
    fn names_are_found_where_code_gives_them() {
        let file = |p: &str| Asked::File(RepoPath::new(p).unwrap());
        let below = |p: &str| Asked::Below(RepoPath::new(p).unwrap());
        for (text, wanted) in [
            (
                r#"file("${path.module}/a.json")"#,
                vec![file("modules/x/a.json")],
            ),
            (
                r#"jsondecode(file("./b/c.yaml"))"#,
                vec![file("modules/x/b/c.yaml")],
            ),
            (
                r#"templatefile("${path.module}/t.tftpl", { a = 1 })"#,
                vec![file("modules/x/t.tftpl")],
            ),
            (
                r#"fileexists("${path.module}/../y/a.txt")"#,
                vec![file("modules/y/a.txt")],
            ),
            (
                r#"file("${path.module}/policies/${each.key}.json")"#,
                vec![below("modules/x/policies")],
            ),
            (
                r#"fileset(path.module, "*.yaml")"#,
                vec![below("modules/x")],
            ),
            (
                r#"fileset("${path.module}/d", "*.yaml")"#,
                vec![below("modules/x/d")],
            ),
            (r#"filebase64sha256("x.py")"#, vec![file("modules/x/x.py")]),
            (r#"file(var.path)"#, vec![]),
            (r#"file("${var.dir}/x.json")"#, vec![]),
            (r#"file("../../../etc/passwd")"#, vec![]),
            (r#"file("/etc/passwd")"#, vec![]),
            (r#"profile("a.json")"#, vec![]),
        ] {
            assert_eq!(asked(text), wanted, "{text}");
        }
    }

    #[test]
    fn keys_and_archives_are_not_read() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.json", "key.pem", "x.zip", "id_rsa", "B.YAML"] {
            fs::write(dir.path().join(name), "{}").unwrap();
        }
        let code = [
            "a.json",
            "key.pem",
            "x.zip",
            "id_rsa",
            "B.YAML",
            "none.json",
        ]
        .map(|n| format!("x = file(\"{n}\")\n"))
        .concat();
        fs::write(dir.path().join("main.tf"), code).unwrap();
        let tree = Workspace::read(dir.path(), crate::workspace::Limits::default()).unwrap();
        let read: Vec<&str> = tree.estate().files().map(|f| f.path().as_str()).collect();
        assert_eq!(read, ["B.YAML", "a.json", "main.tf"]);
        let exists = |name: &str| tree.estate().exists(&RepoPath::new(name).unwrap());
        assert_eq!(exists("key.pem"), Some(true));
        assert_eq!(exists("none.json"), Some(false));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_directory_leaves_its_names_open() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("d")).unwrap();
        fs::write(dir.path().join("d/a.json"), "{}").unwrap();
        let names = |dir: &Path| below(dir, &RepoPath::new("d").unwrap());
        assert_eq!(names(dir.path()).map(|n| n.len()), Some(1));
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("d/b.json")).unwrap();
        assert_eq!(names(dir.path()), None);
    }
}
