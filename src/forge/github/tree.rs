//! The base's directories as GitHub shows them, read one at a time along a path.
//!
//! A recursive listing may be cut short by GitHub, and says so; then it is not used. A single directory that is cut
//! short is an error when the answer depends on what is missing. Ids of new trees are computed here, so that it is
//! known before the first write whether a branch holds a change already.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use git2::{ObjectType, Oid};

use super::client::Client;
use super::error::GitHubError;
use super::wire::{Blob, Tree, TreeEntry};
use crate::forge::ForgeError;

const DIRECTORY: &str = "040000";

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum At {
    /// Nothing.
    Nothing,
    /// A plain file.
    File {
        /// `100644` or `100755`.
        mode: String,
        /// Its blob.
        sha: String,
    },
    /// A link, a directory or a submodule.
    Other,
    /// A link or a file where the path needs a directory.
    Blocked,
}

/// A file to be put into a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Put {
    pub(super) mode: String,
    pub(super) sha: String,
}

/// Directories that were read, by tree id: trees never change.
#[derive(Default)]
pub(super) struct Trees {
    read: RefCell<BTreeMap<String, Rc<Tree>>>,
}

impl Trees {
    fn read(&self, client: &Client, sha: &str) -> Result<Rc<Tree>, ForgeError> {
        if let Some(tree) = self.read.borrow().get(sha) {
            return Ok(Rc::clone(tree));
        }
        let route = client.repository().route(&format!("git/trees/{sha}"));
        let tree: Rc<Tree> = Rc::new(client.get(&route)?);
        self.read
            .borrow_mut()
            .insert(sha.to_owned(), Rc::clone(&tree));
        Ok(tree)
    }

    /// What stands at a path below a tree.
    pub(super) fn look(&self, client: &Client, root: &str, path: &str) -> Result<At, ForgeError> {
        let mut tree = self.read(client, root)?;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let Some(entry) = tree.tree.iter().find(|e| e.path == part) else {
                if tree.truncated {
                    return Err(ForgeError::TooManyEntries(path.to_owned()));
                }
                return Ok(At::Nothing);
            };
            let directory = entry.mode == DIRECTORY;
            if parts.peek().is_none() {
                return Ok(at(entry));
            }
            if !directory {
                return Ok(At::Blocked);
            }
            let sha = entry.sha.clone();
            tree = self.read(client, &sha)?;
        }
        Ok(At::Nothing)
    }

    /// Every file below a tree with its entry, when GitHub lists them all at once.
    pub(super) fn everything(
        client: &Client,
        root: &str,
    ) -> Result<Option<BTreeMap<String, TreeEntry>>, ForgeError> {
        let route = client
            .repository()
            .route(&format!("git/trees/{root}?recursive=1"));
        let tree: Tree = client.get(&route)?;
        Ok((!tree.truncated).then(|| tree.tree.into_iter().map(|e| (e.path.clone(), e)).collect()))
    }

    /// The id of a tree after files were put into it; `None` when it cannot be computed from what GitHub shows.
    pub(super) fn with(
        &self,
        client: &Client,
        root: &str,
        files: &BTreeMap<String, Put>,
    ) -> Result<Option<String>, ForgeError> {
        let files: Vec<(&str, &Put)> = files.iter().map(|(p, f)| (p.as_str(), f)).collect();
        self.put(client, Some(root), &files)
    }

    fn put(
        &self,
        client: &Client,
        tree: Option<&str>,
        files: &[(&str, &Put)],
    ) -> Result<Option<String>, ForgeError> {
        let mut entries: BTreeMap<String, (String, String)> = BTreeMap::new();
        if let Some(sha) = tree {
            let tree = self.read(client, sha)?;
            if tree.truncated {
                return Ok(None);
            }
            for e in &tree.tree {
                entries.insert(e.path.clone(), (e.mode.clone(), e.sha.clone()));
            }
        }
        let mut below: BTreeMap<&str, Vec<(&str, &Put)>> = BTreeMap::new();
        for (path, put) in files {
            match path.split_once('/') {
                None => {
                    entries.insert((*path).to_owned(), (put.mode.clone(), put.sha.clone()));
                }
                Some((directory, rest)) => below.entry(directory).or_default().push((rest, put)),
            }
        }
        for (directory, files) in below {
            let present = entries
                .get(directory)
                .filter(|(mode, _)| mode == DIRECTORY)
                .map(|(_, sha)| sha.clone());
            let Some(sha) = self.put(client, present.as_deref(), &files)? else {
                return Ok(None);
            };
            entries.insert(directory.to_owned(), (DIRECTORY.to_owned(), sha));
        }
        Ok(tree_id(&entries))
    }

    /// The bytes of a blob.
    pub(super) fn blob(client: &Client, sha: &str) -> Result<Vec<u8>, ForgeError> {
        let route = client.repository().route(&format!("git/blobs/{sha}"));
        let blob: Blob = client.get(&route)?;
        let wrong = |problem: String| GitHubError::Unexpected {
            route: route.clone(),
            problem,
        };
        let bytes = match blob.encoding.as_str() {
            "utf-8" => blob.content.into_bytes(),
            "base64" => {
                let packed: String = blob.content.split_ascii_whitespace().collect();
                base64::engine::general_purpose::STANDARD
                    .decode(packed)
                    .map_err(|e| wrong(e.to_string()))?
            }
            other => return Err(wrong(format!("encoding {other:?}")).into()),
        };
        if blob_id(&bytes).as_deref() != Some(sha) {
            return Err(wrong("the content is not that of this blob".to_owned()).into());
        }
        Ok(bytes)
    }
}

fn at(entry: &TreeEntry) -> At {
    match entry.mode.as_str() {
        "100644" | "100755" => At::File {
            mode: entry.mode.clone(),
            sha: entry.sha.clone(),
        },
        // Git still reads the group-writable mode of its first days, and never writes it.
        "100664" => At::File {
            mode: "100644".to_owned(),
            sha: entry.sha.clone(),
        },
        _ => At::Other,
    }
}

/// The id that Git gives these bytes as a blob.
pub(super) fn blob_id(bytes: &[u8]) -> Option<String> {
    Oid::hash_object(ObjectType::Blob, bytes)
        .ok()
        .map(|id| id.to_string())
}

/// The id of a directory with these entries (name → mode and id).
fn tree_id(entries: &BTreeMap<String, (String, String)>) -> Option<String> {
    let mut sorted: Vec<(&String, &(String, String))> = entries.iter().collect();
    sorted.sort_by(|a, b| git_order(a.0, &a.1.0, b.0, &b.1.0));
    let mut bytes = Vec::new();
    for (name, (mode, sha)) in sorted {
        bytes.extend_from_slice(mode.trim_start_matches('0').as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(Oid::from_str(sha).ok()?.as_bytes());
    }
    Oid::hash_object(ObjectType::Tree, &bytes)
        .ok()
        .map(|id| id.to_string())
}

/// Git sorts a directory as if its name ended in a slash.
fn git_order(a: &str, a_mode: &str, b: &str, b_mode: &str) -> Ordering {
    let slash = |mode: &str| (mode == DIRECTORY).then_some(b'/');
    a.bytes()
        .chain(slash(a_mode))
        .cmp(b.bytes().chain(slash(b_mode)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn tree_ids_are_those_of_git() {
        let dir = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init(dir.path()).unwrap();
        for name in ["a.tf", "a-b.tf", "a/x.tf", "a0", "ü.tf"] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        let mut index = repository.index().unwrap();
        index
            .add_all(["."], git2::IndexAddOption::DEFAULT, None)
            .unwrap();
        let id = index.write_tree().unwrap();
        let tree = repository.find_tree(id).unwrap();
        let entries = tree
            .iter()
            .map(|e| {
                let name = String::from_utf8(e.name_bytes().to_vec()).unwrap();
                (name, (format!("{:06o}", e.filemode()), e.id().to_string()))
            })
            .collect();
        assert_eq!(tree_id(&entries), Some(id.to_string()));
        assert_eq!(
            blob_id(b"a.tf"),
            tree.get_name("a.tf").map(|e| e.id().to_string())
        );
    }
}
