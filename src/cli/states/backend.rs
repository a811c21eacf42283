//! `--state-from-backend`: the states of S3 backends, read as the repository's own backend configuration says.
//!
//! A partial backend is completed by what the configuration names (`[states.backend_config]`), else by the files that
//! usually lie beside it (`*.tfbackend`, `backend.hcl`): each that completes it is an environment with a state of its
//! own. Nothing is written and nothing is locked.

use std::collections::BTreeMap;

use super::{Given, Unread};
use crate::cli::Stop;
use crate::config::Config;
use crate::terraform::module::Configuration;
use crate::terraform::state::backend::{Backend, BackendError, S3Backend};
use crate::terraform::{RepoPath, SourceFile};
use crate::workspace::Workspace;

/// Largest file that may complete a backend, bytes.
const LARGEST: u64 = 64 << 10;
/// Directories beside a root in which such files lie.
const FOLDERS: [&str; 7] = [
    "",
    "backend",
    "backends",
    "config",
    "env",
    "envs",
    "environments",
];

/// The states of these roots: directories, each with the name of one of its runs.
pub(super) fn read(
    tree: &Workspace,
    configuration: &Configuration<'_>,
    roots: &BTreeMap<RepoPath, RepoPath>,
    config: &Config,
    given: &mut Given,
) -> Result<(), Stop> {
    let mut known: BTreeMap<S3Backend, Vec<RepoPath>> = BTreeMap::new();
    for (home, root) in roots {
        for backend in of_root(tree, configuration, home, root, config) {
            match backend {
                Ok(backend) => known.entry(backend).or_default().push(home.clone()),
                Err(problem) => given.take(Err(Unread::new(
                    &format!("backend of {home}"),
                    Some(home.clone()),
                    problem.to_string(),
                ))),
            }
        }
    }
    fetch(known, given)
}

/// The places of a root's states; none for a root that keeps its state beside itself.
fn of_root(
    tree: &Workspace,
    configuration: &Configuration<'_>,
    home: &RepoPath,
    root: &RepoPath,
    config: &Config,
) -> Vec<Result<S3Backend, BackendError>> {
    let written =
        Backend::of_unit(tree.estate(), home).or_else(|| Backend::of(configuration, root));
    let Some(mut written) = written else {
        return Vec::new();
    };
    let root = home;
    written.root.clone_from(root);
    if written.kind != "s3" {
        return vec![written.s3()];
    }
    let dir = if root.as_str().is_empty() {
        "."
    } else {
        root.as_str()
    };
    if let Some(named) = config.states.backend_config.get(dir) {
        return vec![completed(tree, root, &written, named).and_then(|b| b.s3())];
    }
    if written.is_complete() {
        return vec![written.s3()];
    }
    let files: Vec<SourceFile> = FOLDERS
        .iter()
        .filter_map(|folder| root.join(folder))
        .flat_map(|dir| usual_files(tree, &dir))
        .collect();
    let complete: Vec<Result<S3Backend, BackendError>> = files
        .iter()
        .filter_map(|file| written.with_file(file).ok())
        .filter(Backend::is_complete)
        .map(|backend| backend.s3())
        .collect();
    if !complete.is_empty() {
        return complete;
    }
    // None completes it alone: perhaps all of them together do.
    let together = files
        .iter()
        .try_fold(written.clone(), |backend, file| backend.with_file(file));
    vec![together.unwrap_or(written).s3()]
}

/// With what the configuration names: `name=value`, or a file from the root's directory.
fn completed(
    tree: &Workspace,
    root: &RepoPath,
    written: &Backend,
    named: &[String],
) -> Result<Backend, BackendError> {
    let mut backend = written.clone();
    for entry in named {
        if let Some(next) = backend.with_pair(entry) {
            backend = next;
            continue;
        }
        let problem = |why: &str| {
            BackendError::File(format!(
                "[states.backend_config] of `{root}`: `{entry}` {why}"
            ))
        };
        let path = root
            .join(entry)
            .ok_or_else(|| problem("does not lie inside the repository"))?;
        let file = file(tree, &path).ok_or_else(|| problem("cannot be read"))?;
        backend = backend.with_file(&file)?;
    }
    Ok(backend)
}

/// Files of a directory whose names say that they complete a backend, in order.
fn usual_files(tree: &Workspace, dir: &RepoPath) -> Vec<SourceFile> {
    let Ok(entries) = std::fs::read_dir(tree.top().join(dir.as_str())) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            let hcl = [".hcl", ".conf", ".config"]
                .iter()
                .any(|end| name.ends_with(end));
            name.ends_with(".tfbackend") || (hcl && name.contains("backend"))
        })
        .collect();
    names.sort();
    names
        .iter()
        .filter_map(|name| file(tree, &dir.join(name)?))
        .collect()
}

/// A small file of the repository; a link that leads out of it is none.
fn file(tree: &Workspace, path: &RepoPath) -> Option<SourceFile> {
    let real = tree.top().join(path.as_str()).canonicalize().ok()?;
    if !real.starts_with(tree.top()) {
        return None;
    }
    let about = std::fs::metadata(&real).ok()?;
    if !about.is_file() || about.len() > LARGEST {
        return None;
    }
    let bytes = std::fs::read(&real).ok()?;
    Some(SourceFile::new(path.clone(), bytes))
}

#[cfg(feature = "aws")]
fn fetch(known: BTreeMap<S3Backend, Vec<RepoPath>>, given: &mut Given) -> Result<(), Stop> {
    use crate::cloud::state_bucket::{self, Access, StatePlace};
    use crate::terraform::state::State;

    let mut places = Vec::with_capacity(known.len());
    let mut owners = Vec::with_capacity(known.len());
    for (backend, roots) in known {
        // One place that several roots claim is told apart by what the state holds.
        let root = match roots.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        };
        owners.push((root, roots));
        places.push(StatePlace {
            bucket: backend.bucket,
            key: backend.key,
            workspace_prefix: backend.workspace_key_prefix,
            access: Access {
                region: backend.region,
                profile: backend.profile,
                role: backend.role_arn,
                external_id: backend.external_id,
                endpoint: backend.endpoint,
                path_style: backend.use_path_style,
            },
        });
    }
    let mut fetched = Vec::new();
    state_bucket::fetch(&places, |object| {
        let (root, roots) = &owners[object.place];
        let read = object
            .bytes
            .map_err(|e| format!("{}: {e}", object.name))
            .and_then(|bytes| {
                State::read(&object.name, &bytes, root.clone()).map_err(|e| e.to_string())
            });
        fetched.push(match read {
            Ok(mut state) => {
                state.workspace = object.workspace;
                (object.name, vec![Ok(state)])
            }
            Err(problem) => {
                let unread = roots
                    .iter()
                    .map(|root| {
                        let problem = format!("{problem} (the backend of {})", named(root));
                        Err(Unread::new(&object.name, Some(root.clone()), problem))
                    })
                    .collect();
                (object.name, unread)
            }
        });
    });
    // They come as the network has them.
    fetched.sort_by(|a, b| a.0.cmp(&b.0));
    for read in fetched.into_iter().flat_map(|(_, read)| read) {
        given.take(read);
    }
    Ok(())
}

#[cfg(feature = "aws")]
fn named(root: &RepoPath) -> String {
    if root.as_str().is_empty() {
        "the top directory".to_owned()
    } else {
        format!("`{root}`")
    }
}

#[cfg(not(feature = "aws"))]
fn fetch(_: BTreeMap<S3Backend, Vec<RepoPath>>, _: &mut Given) -> Result<(), Stop> {
    Err(Stop::Usage(anyhow::anyhow!(
        "this tfmend was built without AWS (feature `aws`): pass states with --state or --state-cmd, or use another build"
    )))
}
