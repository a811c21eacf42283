//! Everything of one repository that the pure stages may look at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::edit::{Edit, EditError};
use super::registry;
use super::source::{RepoPath, SourceFile};

/// The files of one repository that matter to Terraform (`.tf`, `.tofu`, `.tf.json`, `.tfvars`, `.auto.tfvars`,
/// `.terraform.lock.hcl`, `.terraform/modules/modules.json`), by path. Cheap to clone.
#[derive(Clone, Default)]
pub struct Estate {
    files: BTreeMap<RepoPath, Arc<SourceFile>>,
    states: Arc<BTreeSet<RepoPath>>,
}

impl Estate {
    /// An estate of these files, with the outlines of the well-known modules that they call (see
    /// [`crate::terraform::registry`]).
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = SourceFile>) -> Self {
        let mut files: BTreeMap<RepoPath, Arc<SourceFile>> = files
            .into_iter()
            .map(|f| (f.path().clone(), Arc::new(f)))
            .collect();
        for outline in registry::furnish(files.values().map(AsRef::as_ref)) {
            files
                .entry(outline.path().clone())
                .or_insert_with(|| Arc::new(outline));
        }
        Self {
            files,
            states: Arc::default(),
        }
    }

    /// With the paths of the state files that lie in the repository: a state beside a directory makes it a root.
    #[must_use]
    pub fn with_states(mut self, states: impl IntoIterator<Item = RepoPath>) -> Self {
        self.states = Arc::new(states.into_iter().collect());
        self
    }

    /// Paths of the state files in the repository, in order.
    pub fn states(&self) -> impl Iterator<Item = &RepoPath> {
        self.states.iter()
    }

    /// The files in path order.
    pub fn files(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.files.values()
    }

    /// The estate without the files that stand directly in these directories (their subdirectories stay).
    #[must_use]
    pub fn without_directories(&self, directories: &std::collections::BTreeSet<RepoPath>) -> Self {
        let mut fewer = self.clone();
        fewer
            .files
            .retain(|path, _| !directories.contains(&path.parent()));
        fewer
    }

    /// The files that stand directly in a directory, in path order.
    pub fn files_in(&self, dir: &RepoPath) -> impl Iterator<Item = &Arc<SourceFile>> {
        // What sorts between a directory's files (`dir-2/x`, `dir/below/x`) is stepped over.
        let (from, prefix, dir) = (dir.clone(), dir.clone(), dir.clone());
        self.files
            .range(from..)
            .take_while(move |(path, _)| path.as_str().starts_with(prefix.as_str()))
            .filter(move |(path, _)| path.parent() == dir)
            .map(|(_, file)| file)
    }

    /// One file.
    #[must_use]
    pub fn file(&self, path: &RepoPath) -> Option<&Arc<SourceFile>> {
        self.files.get(path)
    }

    /// The files of which `keep` says so; what is known of states stays.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&RepoPath) -> bool) -> Self {
        Self {
            files: self
                .files
                .iter()
                .filter(|(path, _)| keep(path))
                .map(|(path, file)| (path.clone(), Arc::clone(file)))
                .collect(),
            states: Arc::clone(&self.states),
        }
    }

    /// The estate as it is after these edits (only the touched files are read anew).
    ///
    /// # Errors
    /// When an edit does not fit its file: see [`EditError`].
    pub fn with_edits(&self, edits: &[Edit]) -> Result<Self, EditError> {
        let mut next = self.clone();
        for (path, bytes) in super::edit::apply(self, edits)? {
            next.files
                .insert(path.clone(), Arc::new(SourceFile::new(path, bytes)));
        }
        Ok(next)
    }
}
