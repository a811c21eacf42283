//! Reading a working tree and writing it back.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;

use tfmend::terraform::RepoPath;
use tfmend::terraform::module::Configuration;
use tfmend::workspace::{Limits, Skipped, Workspace, WriteError};

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let at = dir.path().join(name);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, bytes).unwrap();
    }
    dir
}

fn names(workspace: &Workspace) -> Vec<&str> {
    workspace
        .estate()
        .files()
        .map(|f| f.path().as_str())
        .collect()
}

#[test]
fn what_matters_is_read_ignored_or_not() {
    let dir = tree(&[
        (".gitignore", b"*.tfvars\n.terraform*\n"),
        ("main.tf", b""),
        ("prod.auto.tfvars", b""),
        (".terraform.lock.hcl", b""),
        (".terraform/providers/x.tf", b""),
        (".terraform/modules/modules.json", b"{}"),
        (".terraform/modules/vpc/main.tf", b""),
        (".terraform/modules/vpc/node_modules/a.tf", b""),
        (".git/config.tf", b""),
        ("node_modules/a/main.tf", b""),
        (".github/CODEOWNERS", b"* @acme/infra\n"),
        (
            "terraform.tfstate",
            br#"{"version": 4, "serial": 7, "resources": []}"#,
        ),
        ("terraform.tfstate.backup", b"{}"),
        ("README.md", b"x"),
        ("live/x.tf.json", b"{}"),
    ]);
    let workspace = Workspace::read(dir.path(), Limits::default()).unwrap();
    assert_eq!(
        names(&workspace),
        [
            ".github/CODEOWNERS",
            ".terraform.lock.hcl",
            ".terraform/modules/modules.json",
            ".terraform/modules/vpc/main.tf",
            "live/x.tf.json",
            "main.tf",
            "prod.auto.tfvars",
        ]
    );
    let states: Vec<&RepoPath> = workspace.estate().states().collect();
    assert_eq!(states, [&path("terraform.tfstate")]);
    assert_eq!(workspace.state(states[0]).unwrap().serial, 7);
    assert_eq!(workspace.skipped(), []);
}

#[cfg(unix)]
#[test]
fn links_that_leave_or_loop_are_reported() {
    use std::os::unix::fs::symlink;
    let outside = tree(&[("secret.tf", b"locals {}")]);
    let dir = tree(&[("common/provider.tf", b"# shared\n"), ("live/main.tf", b"")]);
    symlink("../common/provider.tf", dir.path().join("live/provider.tf")).unwrap();
    symlink(outside.path(), dir.path().join("out")).unwrap();
    symlink(
        outside.path().join("secret.tf"),
        dir.path().join("secret.tf"),
    )
    .unwrap();
    symlink(dir.path(), dir.path().join("live/loop")).unwrap();
    symlink("a.tf", dir.path().join("a.tf")).unwrap();
    symlink("nowhere", dir.path().join("harmless")).unwrap();
    let workspace = Workspace::read(dir.path(), Limits::default()).unwrap();
    assert_eq!(
        names(&workspace),
        ["common/provider.tf", "live/main.tf", "live/provider.tf"]
    );
    let skipped: Vec<String> = workspace
        .skipped()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        skipped,
        [
            "out: left out: the link leads out of the repository",
            "secret.tf: left out: the link leads out of the repository",
            "a.tf: left out: the link leads nowhere or in a circle",
            "live/loop: not followed: the link leads to a directory of this repository",
        ]
    );

    // Written through the link: the link stays, its target changes.
    let new = BTreeMap::from([(path("live/provider.tf"), b"# new\n".to_vec())]);
    workspace.write(&new).unwrap();
    assert!(dir.path().join("live/provider.tf").is_symlink());
    assert_eq!(
        fs::read(dir.path().join("common/provider.tf")).unwrap(),
        b"# new\n"
    );

    // A new file below a linked directory would land outside.
    let escape = BTreeMap::from([(path("out/new.tf"), Vec::new())]);
    assert!(matches!(
        workspace.write(&escape),
        Err(WriteError::Outside(_))
    ));
    assert!(!outside.path().join("new.tf").exists());
}

#[test]
fn a_huge_file_is_left_out_and_said() {
    let huge = vec![b'#'; 9 << 20];
    let dir = tree(&[("huge.tf", &huge), ("main.tf", b"locals {}\n")]);
    let workspace = Workspace::read(dir.path(), Limits::default()).unwrap();
    assert_eq!(names(&workspace), ["main.tf"]);
    assert_eq!(
        workspace.skipped(),
        [Skipped::TooLarge {
            path: "huge.tf".into(),
            size: 9 << 20,
            limit: 8 << 20
        }]
    );
}

#[cfg(unix)]
#[test]
fn odd_files_leave_the_rest_unharmed() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tree(&[
        ("a.tf", b"locals {"),
        ("b.tf", b"\xef\xbb\xbflocals {}\r\n"),
        ("c.tf", b"# \xff\xfe\nlocals {}\n"),
    ]);
    fs::write(
        dir.path().join(std::ffi::OsStr::from_bytes(b"\xff.tf")),
        b"",
    )
    .unwrap();
    fs::create_dir(dir.path().join("dir.tf")).unwrap();
    std::process::Command::new("mkfifo")
        .arg(dir.path().join("pipe.tf"))
        .status()
        .unwrap();
    let workspace = Workspace::read(dir.path(), Limits::default()).unwrap();
    assert_eq!(names(&workspace), ["a.tf", "b.tf", "c.tf"]);
    let skipped: Vec<String> = workspace
        .skipped()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert!(skipped.iter().any(|s| s.contains("no regular file")));
    assert!(skipped.iter().any(|s| s.contains("not UTF-8")));
    let configuration = Configuration::new(workspace.estate());
    let broken: Vec<&str> = configuration
        .problems()
        .iter()
        .map(|p| p.path.as_str())
        .collect();
    assert_eq!(broken, ["a.tf"]);
}

#[cfg(unix)]
#[test]
fn writing_is_all_or_nothing_and_keeps_the_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tree(&[("a.tf", b"a"), ("b.tf", b"b")]);
    let mode = |name: &str| {
        fs::metadata(dir.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    fs::set_permissions(dir.path().join("a.tf"), fs::Permissions::from_mode(0o640)).unwrap();
    let workspace = Workspace::read(dir.path(), Limits::default()).unwrap();
    let new = BTreeMap::from([
        (path("a.tf"), b"A".to_vec()),
        (path("b.tf"), b"B".to_vec()),
        (path("deep/er/c.tf"), b"C".to_vec()),
    ]);
    fs::write(dir.path().join("b.tf"), b"changed meanwhile").unwrap();
    assert!(matches!(workspace.write(&new), Err(WriteError::Changed(p)) if p == path("b.tf")));
    assert_eq!(fs::read(dir.path().join("a.tf")).unwrap(), b"a");
    assert!(!dir.path().join("deep").exists());

    fs::write(dir.path().join("b.tf"), b"b").unwrap();
    workspace.write(&new).unwrap();
    assert_eq!(fs::read(dir.path().join("a.tf")).unwrap(), b"A");
    assert_eq!(fs::read(dir.path().join("deep/er/c.tf")).unwrap(), b"C");
    assert_eq!(mode("a.tf"), 0o640);
    let left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .filter(|e| {
            e.as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .contains("tmp")
        })
        .collect();
    assert!(left.is_empty());

    // The file that was new is there now.
    let again = BTreeMap::from([(path("deep/er/c.tf"), b"D".to_vec())]);
    assert!(matches!(
        workspace.write(&again),
        Err(WriteError::Exists(_))
    ));
    let installed = BTreeMap::from([(path(".terraform/modules/x/main.tf"), b"D".to_vec())]);
    assert!(matches!(
        workspace.write(&installed),
        Err(WriteError::Installed(_))
    ));
}

#[test]
fn of_many_files_none_is_written_when_one_cannot_be() {
    let dir = tempfile::tempdir().unwrap();
    let name = |i: usize| format!("live/{i:03}.tf");
    fs::create_dir(dir.path().join("live")).unwrap();
    for i in 0..300 {
        fs::write(dir.path().join(name(i)), format!("a = {i}\n")).unwrap();
    }
    let workspace = Workspace::read(dir.path(), Limits::default()).unwrap();
    let mut new: BTreeMap<_, _> = (0..300)
        .map(|i| (path(&name(i)), format!("b = {i}\n").into_bytes()))
        .collect();
    let mut count = 0;
    let mut all_hold = |first: &str| {
        let entries = fs::read_dir(dir.path().join("live")).unwrap();
        for entry in entries {
            let entry = entry.unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            assert!(text.starts_with(first), "{entry:?}: {text}");
            count += 1;
        }
        std::mem::take(&mut count)
    };
    // No file system takes such names, and both wait behind many that could be written.
    let too_long = |first: char| path(&format!("live/{first}{}.tf", "x".repeat(300)));
    for first in ['2', '1'] {
        new.insert(too_long(first), b"c = 1\n".to_vec());
    }
    let error = workspace.write(&new).unwrap_err();
    assert!(
        matches!(&error, WriteError::System { path, .. } if *path == too_long('1')),
        "the first in order: {error}"
    );
    assert_eq!(
        all_hold("a"),
        300,
        "nothing changed, nothing is left behind"
    );

    new.retain(|path, _| path.file_name().len() < 100);
    workspace.write(&new).unwrap();
    assert_eq!(all_hold("b"), 300);
}

#[test]
fn a_missing_directory_is_an_error_with_its_name() {
    let error = Workspace::read(std::path::Path::new("no/such/place"), Limits::default())
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.starts_with("no/such/place: cannot be opened"),
        "{error}"
    );
}
