//! Which directories are modules, and what lies beside them.

use rayon::prelude::*;

use rustc_hash::FxHashSet;

use super::declaration::Module;
use super::tree::{Evidence, Manifest};
use super::{terragrunt, tfvars};
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

/// What a file is to Terraform.
enum Sort {
    Code,
    Variables,
    Unit,
    Other,
}

impl Sort {
    fn of(path: &RepoPath) -> Self {
        if is_code(path) {
            Self::Code
        } else if tfvars::is_variable_file(path) {
            Self::Variables
        } else if path.file_name() == terragrunt::UNIT {
            Self::Unit
        } else {
            Self::Other
        }
    }
}

/// The files of an estate by what they are to Terraform, each sort in path order.
#[derive(Default)]
pub(super) struct Sorted<'a> {
    /// Configuration.
    pub(super) code: Vec<&'a SourceFile>,
    /// Variable files.
    pub(super) variables: Vec<&'a SourceFile>,
    /// Terragrunt units.
    pub(super) units: Vec<&'a SourceFile>,
    /// Lock files, manifests, data.
    pub(super) others: Vec<&'a SourceFile>,
}

impl<'a> Sorted<'a> {
    pub(super) fn of(estate: &'a Estate) -> Self {
        let files: Vec<&'a SourceFile> = estate.files().map(AsRef::as_ref).collect();
        let sorts: Vec<Sort> = files.par_iter().map(|f| Sort::of(f.path())).collect();
        let mut sorted = Self::default();
        for (file, sort) in files.into_iter().zip(sorts) {
            let same = match sort {
                Sort::Code => &mut sorted.code,
                Sort::Variables => &mut sorted.variables,
                Sort::Unit => &mut sorted.units,
                Sort::Other => &mut sorted.others,
            };
            same.push(file);
        }
        sorted
    }

    /// Those that Terraform (or Terragrunt) reads, in no order.
    pub(super) fn read(&self) -> impl ParallelIterator<Item = &'a SourceFile> {
        let all = self.code.par_iter().chain(&self.variables);
        all.chain(&self.units).copied()
    }
}

/// A directory with code, and its files.
pub(super) type Directory<'a> = (RepoPath, Vec<&'a SourceFile>);

/// Every directory that holds code, in path order.
pub(super) fn directories<'a>(files: &[&'a SourceFile]) -> Vec<Directory<'a>> {
    let mut code: Vec<(&str, &'a SourceFile)> = files
        .par_iter()
        .filter(|f| is_code(f.path()))
        .map(|f| (f.path().parent_str(), *f))
        .collect();
    // The files of one directory stay in their order.
    code.par_sort_by_key(|(dir, _)| *dir);
    code.chunk_by(|(a, _), (b, _)| a == b)
        .map(|files| {
            let dir = files[0].1.path().parent();
            (dir, files.iter().map(|(_, file)| *file).collect())
        })
        .collect()
}

/// Reads every directory that holds code, in path order.
pub(super) fn modules<'a>(files: &[&'a SourceFile]) -> Vec<Module<'a>> {
    read(directories(files))
}

/// Reads these directories.
pub(super) fn read(directories: Vec<Directory<'_>>) -> Vec<Module<'_>> {
    directories
        .into_par_iter()
        .map(|(dir, files)| {
            let is_tofu = |f: &&SourceFile| {
                let name = f.path().file_name();
                name.ends_with(".tofu") || name.ends_with(".tofu.json")
            };
            if !files.iter().any(is_tofu) {
                return Module::read(dir, &files);
            }
            let names: FxHashSet<&str> = files.iter().map(|f| f.path().file_name()).collect();
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
pub(super) fn evidence(estate: &Estate, files: &Sorted<'_>) -> Evidence {
    let mut evidence = Evidence::default();
    for file in &files.variables {
        evidence.beside.insert(file.path().parent());
    }
    for file in &files.others {
        let path = file.path();
        if path.file_name() == ".terraform.lock.hcl" {
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
