//! Everything of one repository that the pure stages may look at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::edit::{Edit, EditError};
use super::source::{RepoPath, SourceFile};

/// The files of one repository that matter to Terraform (`.tf`, `.tofu`, `.tf.json`, `.tfvars`, `.auto.tfvars`,
/// `.terraform.lock.hcl`, `.terraform/modules/modules.json`), by path. Cheap to clone.
#[derive(Clone, Default)]
pub struct Estate {
    files: BTreeMap<RepoPath, Arc<SourceFile>>,
    states: Arc<BTreeSet<RepoPath>>,
    names: Arc<Names>,
}

/// Which files there are, also those that are not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Directories of which every file below is known by name.
    pub listed: BTreeSet<RepoPath>,
    /// The files below them.
    pub files: BTreeSet<RepoPath>,
    /// Paths that were looked for and are no file.
    pub absent: BTreeSet<RepoPath>,
}

impl Estate {
    /// An estate of these files.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = SourceFile>) -> Self {
        Self {
            files: files
                .into_iter()
                .map(|f| (f.path().clone(), Arc::new(f)))
                .collect(),
            states: Arc::default(),
            names: Arc::default(),
        }
    }

    /// With the paths of the state files that lie in the repository: a state beside a directory makes it a root.
    #[must_use]
    pub fn with_states(mut self, states: impl IntoIterator<Item = RepoPath>) -> Self {
        self.states = Arc::new(states.into_iter().collect());
        self
    }

    /// With what is known of the names of files that are not read.
    #[must_use]
    pub fn with_names(mut self, names: Names) -> Self {
        self.names = Arc::new(names);
        self
    }

    /// Whether there is a file at this path; `None` when that is not known.
    #[must_use]
    pub fn exists(&self, path: &RepoPath) -> Option<bool> {
        if self.files.contains_key(path) || self.names.files.contains(path) {
            return Some(true);
        }
        (self.names.absent.contains(path) || self.is_listed(path)).then_some(false)
    }

    /// The files below a directory in path order; `None` when they are not all known.
    #[must_use]
    pub fn names_below(&self, dir: &RepoPath) -> Option<impl Iterator<Item = &RepoPath>> {
        let listed = self.names.listed.contains(dir) || self.is_listed(dir);
        listed.then(|| {
            self.names.files.iter().filter(|path| {
                dir.as_str().is_empty()
                    || path
                        .as_str()
                        .strip_prefix(dir.as_str())
                        .is_some_and(|rest| rest.starts_with('/'))
            })
        })
    }

    /// Whether a directory above the path is listed.
    fn is_listed(&self, path: &RepoPath) -> bool {
        let mut dir = path.clone();
        while !dir.as_str().is_empty() {
            dir = dir.parent();
            if self.names.listed.contains(&dir) {
                return true;
            }
        }
        false
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
            names: Arc::clone(&self.names),
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
