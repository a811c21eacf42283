//! The walk: parallel, bounded, link-safe.

use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};

use super::{CODE_LIMIT, Tree, WorkspaceError, io};
use crate::terraform::{Estate, RepoPath, SourceFile};

/// Directories in which nobody keeps Terraform code of their own.
const SKIPPED: [&str; 4] = [".git", "node_modules", ".venv", "__pycache__"];

/// What a file is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    State,
    Other,
}

fn part(path: &str) -> Part {
    let name = path.rsplit('/').next().unwrap_or(path);
    let code_endings = [".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json"];
    let code_names = [
        ".terraform.lock.hcl",
        ".terraform-version",
        ".opentofu-version",
        "terragrunt.hcl",
        "CODEOWNERS",
    ];
    if name.ends_with(".tfstate") {
        Part::State
    } else if code_endings.iter().any(|e| name.ends_with(e))
        || code_names.contains(&name)
        || path.ends_with(".terraform/modules/modules.json")
    {
        Part::Code
    } else {
        Part::Other
    }
}

/// Below `.terraform` only the module manifest and the sources of fetched modules are of interest.
fn wanted_directory(name: &str, parent: &Path) -> bool {
    let inside_terraform = parent.file_name().is_some_and(|n| n == ".terraform");
    !SKIPPED.contains(&name) && (!inside_terraform || name == "modules")
}

#[derive(Default)]
struct Found {
    files: Vec<SourceFile>,
    states: Vec<RepoPath>,
    problems: Vec<String>,
}

/// Reads the tree. Files that Git ignores are read too: variable files and states often are.
///
/// # Errors
/// There is no such directory. Anything below it that cannot be read is reported in [`Tree::problems`].
pub fn read(top: &Path) -> Result<Tree, WorkspaceError> {
    if !top.is_dir() {
        return Err(WorkspaceError::NoDirectory(top.to_owned()));
    }
    let top = top.canonicalize().map_err(io(top))?;
    let found = Mutex::new(Found::default());
    WalkBuilder::new(&top)
        .standard_filters(false)
        .follow_links(false)
        .threads(std::thread::available_parallelism().map_or(2, |n| n.get().min(8)))
        .filter_entry(|entry| {
            let is_directory = entry.file_type().is_some_and(|t| t.is_dir());
            let parent = entry.path().parent().unwrap_or(Path::new(""));
            entry.depth() == 0
                || !is_directory
                || entry.file_name().to_str().is_none_or(|n| wanted_directory(n, parent))
        })
        .build_parallel()
        .run(|| {
            Box::new(|entry| {
                let mut one = Found::default();
                match entry {
                    Ok(entry) => visit(&top, &entry, &mut one),
                    Err(e) => one.problems.push(format!("{e}; it is left out")),
                }
                // A poisoned lock means a panic on another thread, which the scope reports.
                if let Ok(mut all) = found.lock() {
                    all.files.append(&mut one.files);
                    all.states.append(&mut one.states);
                    all.problems.append(&mut one.problems);
                }
                WalkState::Continue
            })
        });
    let mut found = found.into_inner().unwrap_or_default();
    found.states.sort();
    found.problems.sort();
    Ok(Tree { top, estate: Estate::new(found.files), states: found.states, problems: found.problems })
}

fn visit(top: &Path, entry: &ignore::DirEntry, found: &mut Found) {
    let Ok(relative) = entry.path().strip_prefix(top) else {
        return;
    };
    let shown = relative.display();
    let Some(kind) = entry.file_type() else {
        return;
    };
    if kind.is_dir() {
        return;
    }
    let Some(path) = relative.to_str().and_then(RepoPath::new) else {
        if part(&relative.to_string_lossy()) != Part::Other {
            found.problems.push(format!("{shown}: the name is not valid UTF-8 or holds a backslash; it is left out"));
        }
        return;
    };
    let part = part(path.as_str());
    if kind.is_symlink() {
        link(top, entry.path(), &path, part, found);
        return;
    }
    if part == Part::Other || !kind.is_file() {
        return;
    }
    match part {
        Part::State => found.states.push(path),
        _ => match entry.metadata() {
            Ok(metadata) => load(entry.path(), path, &metadata, found),
            Err(e) => found.problems.push(format!("{path}: {e}; it is left out")),
        },
    }
}

/// A link inside the tree to a file of the tree is read as a file of its own (Terraform does); all others are reported.
fn link(top: &Path, on_disk: &Path, path: &RepoPath, part: Part, found: &mut Found) {
    let target = match on_disk.canonicalize() {
        Ok(target) => target,
        Err(e) => {
            if part != Part::Other {
                found.problems.push(format!("{path}: the link cannot be followed ({e}); it is left out"));
            }
            return;
        }
    };
    if target.is_dir() {
        if !target.starts_with(top) && holds_code(&target) {
            found.problems.push(format!("{path}: a link to a directory outside of the repository; it is left out"));
        }
        return;
    }
    if part != Part::Code {
        return;
    }
    if !target.starts_with(top) {
        found.problems.push(format!("{path}: a link to a file outside of the repository; it is left out"));
        return;
    }
    match fs::metadata(&target) {
        Ok(metadata) => load(&target, path.clone(), &metadata, found),
        Err(e) => found.problems.push(format!("{path}: {e}; it is left out")),
    }
}

fn holds_code(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|entries| {
        entries.flatten().any(|e| e.file_name().to_str().is_some_and(|n| part(n) == Part::Code))
    })
}

fn load(on_disk: &Path, path: RepoPath, metadata: &Metadata, found: &mut Found) {
    if metadata.len() > CODE_LIMIT {
        found.problems.push(format!(
            "{path}: {} MiB is more than the {} MiB that are read of a code file; it is left out",
            metadata.len() >> 20,
            CODE_LIMIT >> 20
        ));
        return;
    }
    match fs::read(on_disk) {
        Ok(bytes) => found.files.push(SourceFile::new(path, bytes)),
        Err(e) => found.problems.push(format!("{path}: {e}; it is left out")),
    }
}
