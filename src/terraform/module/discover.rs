//! Which directories are modules, and what lies beside them.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;

use super::declaration::Module;
use super::tfvars;
use super::tree::{Evidence, Manifest};
use crate::terraform::estate::Estate;
use crate::terraform::source::{RepoPath, SourceFile};

/// Whether Terraform reads the file as configuration.
pub(super) fn is_code(path: &RepoPath) -> bool {
    let name = path.file_name();
    !name.starts_with('.')
        && [".tf", ".tofu", ".tf.json", ".tofu.json"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// Reads every directory that holds code, in path order.
pub(super) fn modules<'a>(files: &[&'a SourceFile]) -> Vec<Module<'a>> {
    let mut by_dir: BTreeMap<RepoPath, Vec<&'a SourceFile>> = BTreeMap::new();
    for file in files.iter().copied().filter(|f| is_code(f.path())) {
        by_dir.entry(file.path().parent()).or_default().push(file);
    }
    by_dir
        .into_par_iter()
        .map(|(dir, files)| {
            let names: HashSet<&str> = files.iter().map(|f| f.path().file_name()).collect();
            // OpenTofu reads `x.tofu` instead of `x.tf`.
            let counted: Vec<&SourceFile> = files
                .iter()
                .copied()
                .filter(|f| {
                    let name = f.path().file_name();
                    let tofu = name
                        .strip_suffix(".tf")
                        .map(|stem| format!("{stem}.tofu"))
                        .or_else(|| {
                            name.strip_suffix(".tf.json")
                                .map(|stem| format!("{stem}.tofu.json"))
                        });
                    tofu.is_none_or(|tofu| !names.contains(tofu.as_str()))
                })
                .collect();
            Module::read(dir, &counted)
        })
        .collect()
}

/// What lies beside the code that tells a root.
pub(super) fn evidence(estate: &Estate, files: &[&SourceFile]) -> Evidence {
    let mut evidence = Evidence::default();
    for file in files {
        let path = file.path();
        if path.file_name() == ".terraform.lock.hcl" || tfvars::is_variable_file(path) {
            evidence.beside.insert(path.parent());
        } else if let Some(root) = path
            .as_str()
            .strip_suffix(".terraform/modules/modules.json")
            && let Some(root) = RepoPath::new(root)
        {
            let manifest = manifest(&root, file.text());
            evidence.manifests.insert(root, manifest);
        }
    }
    evidence
        .beside
        .extend(estate.states().map(RepoPath::parent));
    evidence
}

/// The installed modules below a root. What cannot be read counts as not installed.
fn manifest(root: &RepoPath, text: &str) -> Manifest {
    #[derive(serde::Deserialize)]
    struct Installed {
        #[serde(rename = "Modules", default)]
        modules: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        #[serde(rename = "Key", default)]
        key: String,
        #[serde(rename = "Dir", default)]
        dir: String,
    }
    serde_json::from_str::<Installed>(text)
        .map(|installed| {
            installed
                .modules
                .into_iter()
                .filter(|e| !e.key.is_empty())
                .filter_map(|e| Some((e.key, root.join(&e.dir)?)))
                .collect()
        })
        .unwrap_or_default()
}
