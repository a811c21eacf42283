//! Walking and writing on real directories.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use tempfile::TempDir;

use super::*;

fn put(dir: &Path, path: &str, bytes: &[u8]) {
    let full = dir.join(path);
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    fs::write(full, bytes).unwrap();
}

fn names(tree: &Tree) -> Vec<String> {
    tree.estate.files().map(|f| f.path().to_string()).collect()
}

#[test]
fn reads_what_matters_and_also_what_git_ignores() {
    let dir = TempDir::new().unwrap();
    for path in [
        "live/main.tf",
        "live/terraform.tfvars",
        "live/.terraform.lock.hcl",
        "live/terraform.tfstate",
        "live/.terraform/modules/modules.json",
        "live/.terraform/providers/x/main.tf",
        "node_modules/x/main.tf",
        ".git/main.tf",
        "live/README.md",
        "m/gen.tf.json",
    ] {
        put(dir.path(), path, b"");
    }
    put(dir.path(), ".gitignore", b"*.tfvars\n*.tfstate\n");
    let tree = read(dir.path()).unwrap();
    assert_eq!(
        names(&tree),
        [
            "live/.terraform.lock.hcl",
            "live/.terraform/modules/modules.json",
            "live/main.tf",
            "live/terraform.tfvars",
            "m/gen.tf.json",
        ]
    );
    assert_eq!(tree.states, [RepoPath::new("live/terraform.tfstate").unwrap()]);
    assert!(tree.problems.is_empty(), "{:?}", tree.problems);
}

#[test]
fn links_that_leave_or_loop_are_reported_and_not_followed() {
    let dir = TempDir::new().unwrap();
    let outside = TempDir::new().unwrap();
    put(outside.path(), "secret.tf", b"locals {}");
    put(dir.path(), "a/main.tf", b"locals {}");
    symlink(outside.path().join("secret.tf"), dir.path().join("a/out.tf")).unwrap();
    symlink(outside.path(), dir.path().join("a/outside")).unwrap();
    symlink(dir.path(), dir.path().join("a/loop")).unwrap();
    symlink("b.tf", dir.path().join("a/b.tf")).unwrap();
    symlink("main.tf", dir.path().join("a/same.tf")).unwrap();
    let tree = read(dir.path()).unwrap();
    assert_eq!(names(&tree), ["a/main.tf", "a/same.tf"]);
    assert_eq!(tree.problems.len(), 3, "{:?}", tree.problems);
    assert!(tree.problems.iter().any(|p| p.starts_with("a/out.tf: a link to a file outside")));
}

#[test]
fn a_huge_or_unreadable_file_is_left_out_by_name() {
    let dir = TempDir::new().unwrap();
    put(dir.path(), "main.tf", b"locals {}");
    let big = fs::File::create(dir.path().join("big.tf")).unwrap();
    big.set_len(20 << 20).unwrap();
    let tree = read(dir.path()).unwrap();
    assert_eq!(names(&tree), ["main.tf"]);
    assert!(tree.problems[0].starts_with("big.tf: 20 MiB"), "{:?}", tree.problems);
}

#[test]
fn writes_keep_the_mode_and_refuse_links_and_changed_files() {
    let dir = TempDir::new().unwrap();
    let outside = TempDir::new().unwrap();
    put(dir.path(), "main.tf", b"one");
    put(outside.path(), "x.tf", b"x");
    fs::set_permissions(dir.path().join("main.tf"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink(outside.path(), dir.path().join("gone")).unwrap();
    let tree = read(dir.path()).unwrap();
    let change = |path: &str| BTreeMap::from([(RepoPath::new(path).unwrap(), b"two".to_vec())]);
    write(&tree, &change("main.tf")).unwrap();
    assert_eq!(fs::read(dir.path().join("main.tf")).unwrap(), b"two");
    let mode = fs::metadata(dir.path().join("main.tf")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    // The tree was read before: now its bytes are others.
    assert!(matches!(write(&tree, &change("main.tf")), Err(WorkspaceError::Changed(_))));
    assert!(matches!(write(&tree, &change("gone/x.tf")), Err(WorkspaceError::Escape(_))));
    assert_eq!(fs::read(outside.path().join("x.tf")).unwrap(), b"x");
    write(&tree, &change("new/dir/a.tf")).unwrap();
    assert!(dir.path().join("new/dir/a.tf").is_file());
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|n| !n.to_string_lossy().contains("tfmend-")), "{left:?}");
}
