//! Everything of one repository that the pure stages may look at.
//!
//! An estate is a *base* that never changes and the few files that edits put over it, so that an estate after an edit
//! costs what the edit touches. A file's tree is made when somebody looks at it, and is shared by what was not edited.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::edit::{Edit, EditError};
use super::registry;
use super::source::{Contents, RepoPath, SourceFile};

/// The files of one repository that matter to Terraform (`.tf`, `.tofu`, `.tf.json`, `.tfvars`, `.auto.tfvars`,
/// `.terraform.lock.hcl`, `.terraform/modules/modules.json`), by path. Cheap to clone.
#[derive(Clone, Default)]
pub struct Estate {
    /// In path order.
    base: Arc<[Arc<Contents>]>,
    /// One slot for each file of the base.
    view: Arc<[OnceLock<Arc<SourceFile>>]>,
    /// Files that are other than in the base, or new.
    over: BTreeMap<RepoPath, Arc<SourceFile>>,
    states: Arc<BTreeSet<RepoPath>>,
    names: Arc<Names>,
    links: Arc<Links>,
}

/// Links to files, by path: all names of one file, where it really is first.
type Links = BTreeMap<RepoPath, Arc<[RepoPath]>>;

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
    /// An estate of these files, with the outlines of the well-known modules that they call (see
    /// [`crate::terraform::registry`]).
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = SourceFile>) -> Self {
        Self::of(files.into_iter().map(Arc::new).collect())
    }

    /// As [`Estate::new`], of files that others may hold as well.
    #[must_use]
    pub fn of(mut files: Vec<Arc<SourceFile>>) -> Self {
        let outlines = registry::furnish(files.iter().map(AsRef::as_ref));
        // What is there counts before an outline, and of two files with one path the last.
        files.reverse();
        files.extend(outlines.into_iter().map(Arc::new));
        files.par_sort_by(|a, b| a.path().cmp(b.path()));
        files.dedup_by(|b, a| a.path() == b.path());
        Self {
            base: files.iter().map(|f| Arc::clone(f.contents())).collect(),
            view: files.into_iter().map(OnceLock::from).collect(),
            over: BTreeMap::new(),
            states: Arc::default(),
            names: Arc::default(),
            links: Arc::default(),
        }
    }

    /// With what is known of links: each with the file to which it leads. An edit of the one is an edit of the other.
    #[must_use]
    pub fn with_links(mut self, links: impl IntoIterator<Item = (RepoPath, RepoPath)>) -> Self {
        let mut files: BTreeMap<RepoPath, BTreeSet<RepoPath>> = BTreeMap::new();
        for (link, file) in links {
            if self.file(&link).is_some() && self.file(&file).is_some() {
                files.entry(file).or_default().insert(link);
            }
        }
        let mut all = Links::new();
        for (file, links) in files {
            let names: Arc<[RepoPath]> = std::iter::once(file).chain(links).collect();
            all.extend(names.iter().map(|name| (name.clone(), Arc::clone(&names))));
        }
        self.links = Arc::new(all);
        self
    }

    /// The names that a file has besides this one, through links.
    pub fn other_names(&self, path: &RepoPath) -> impl Iterator<Item = &RepoPath> {
        let names = self.links.get(path).map_or(&[][..], |names| names);
        names.iter().filter(move |name| *name != path)
    }

    /// The same edits with each file where it really is: a link is nothing that a commit could change.
    #[must_use]
    pub fn without_links(&self, edits: Vec<Edit>) -> Vec<Edit> {
        if self.links.is_empty() {
            return edits;
        }
        let mut all: Vec<Edit> = Vec::new();
        for mut edit in edits {
            if let Edit::Splice { file, .. } = &mut edit
                && let Some([real, ..]) = self.links.get(file).map(AsRef::as_ref)
            {
                *file = real.clone();
            }
            if !all.contains(&edit) {
                all.push(edit);
            }
        }
        all
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
        if self.file(path).is_some() || self.names.files.contains(path) {
            return Some(true);
        }
        // To ask for a directory is an error in Terraform.
        let prefix = format!("{path}/");
        let is_directory = |found: &RepoPath| found.as_str().starts_with(prefix.as_str());
        let from = path.clone()..;
        if self.names.files.range(from).take(1_000).any(is_directory)
            || self.names.listed.contains(path)
            || self.files_in(path).next().is_some()
        {
            return None;
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
        let mut over = self.over.values().peekable();
        let mut base = (0..self.base.len())
            .filter(|i| self.over.is_empty() || !self.over.contains_key(self.base[*i].path()))
            .peekable();
        std::iter::from_fn(move || {
            let edited_first = match (over.peek(), base.peek()) {
                (Some(edited), Some(i)) => edited.path() < self.base[*i].path(),
                (Some(_), None) => true,
                (None, _) => false,
            };
            if edited_first {
                over.next()
            } else {
                base.next().map(|i| self.slot(i))
            }
        })
    }

    fn slot(&self, number: usize) -> &Arc<SourceFile> {
        self.view[number].get_or_init(|| Arc::new(SourceFile::of(Arc::clone(&self.base[number]))))
    }

    /// The estate without the files that stand directly in these directories (their subdirectories stay).
    #[must_use]
    pub fn without_directories(&self, directories: &BTreeSet<RepoPath>) -> Self {
        self.only(|path| !directories.contains(&path.parent()))
    }

    /// The files that stand directly in a directory, in path order.
    pub fn files_in(&self, dir: &RepoPath) -> impl Iterator<Item = &Arc<SourceFile>> {
        let prefix = match dir.as_str() {
            "" => String::new(),
            dir => format!("{dir}/"),
        };
        let directly = |path: &RepoPath| {
            let rest = path.as_str().strip_prefix(prefix.as_str());
            rest.is_some_and(|rest| !rest.contains('/'))
        };
        let mut found: Vec<&Arc<SourceFile>> = Vec::new();
        let mut at = self.first_from(&prefix);
        while let Some(contents) = self.base.get(at) {
            let path = contents.path();
            let Some(rest) = path.as_str().strip_prefix(prefix.as_str()) else {
                break;
            };
            match rest.split_once('/') {
                // A directory below is stepped over as a whole: `0` comes behind `/`.
                Some((below, _)) => at = self.first_from(&format!("{prefix}{below}0")).max(at + 1),
                None => {
                    if !self.over.contains_key(path) {
                        found.push(self.slot(at));
                    }
                    at += 1;
                }
            }
        }
        let edited = self.over.values().filter(|f| directly(f.path()));
        let before = found.len();
        found.extend(edited);
        if found.len() > before {
            found.sort_by(|a, b| a.path().cmp(b.path()));
        }
        found.into_iter()
    }

    /// The number of the first file of the base whose path is not before this text.
    fn first_from(&self, text: &str) -> usize {
        self.base.partition_point(|c| c.path().as_str() < text)
    }

    /// One file.
    #[must_use]
    pub fn file(&self, path: &RepoPath) -> Option<&Arc<SourceFile>> {
        if let Some(file) = self.over.get(path) {
            return Some(file);
        }
        let number = self.base.binary_search_by(|c| c.path().cmp(path)).ok()?;
        Some(self.slot(number))
    }

    /// The files of which `keep` says so; what is known of states stays.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&RepoPath) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.base.len())
            .filter(|i| keep(self.base[*i].path()))
            .collect();
        let view = |i: &usize| {
            let slot = &self.view[*i];
            slot.get()
                .map_or_else(OnceLock::new, |f| OnceLock::from(Arc::clone(f)))
        };
        Self {
            base: kept.iter().map(|i| Arc::clone(&self.base[*i])).collect(),
            view: kept.iter().map(view).collect(),
            over: self
                .over
                .iter()
                .filter(|(path, _)| keep(path))
                .map(|(path, file)| (path.clone(), Arc::clone(file)))
                .collect(),
            states: Arc::clone(&self.states),
            names: Arc::clone(&self.names),
            links: Arc::clone(&self.links),
        }
    }

    /// The estate as it is after these edits (only the touched files are read anew).
    ///
    /// # Errors
    /// When an edit does not fit its file: see [`EditError`].
    pub fn with_edits(&self, edits: &[Edit]) -> Result<Self, EditError> {
        let mut next = self.clone();
        let real;
        let edits = if self.links.is_empty() {
            edits
        } else {
            real = self.without_links(edits.to_vec());
            &real
        };
        for file in super::edit::files_after(self, edits)? {
            for name in self.other_names(file.path()) {
                let linked = SourceFile::new(name.clone(), file.bytes().to_vec());
                next.over.insert(name.clone(), Arc::new(linked));
            }
            next.over.insert(file.path().clone(), Arc::new(file));
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    fn file(at: &str) -> SourceFile {
        SourceFile::new(path(at), b"a = 1\n".to_vec())
    }

    fn names<'f>(files: impl Iterator<Item = &'f Arc<SourceFile>>) -> Vec<&'f str> {
        files.map(|f| f.path().as_str()).collect()
    }

    const FILES: [&str; 8] = [
        "a.tf",
        "live-2/x.tf",
        "live.tf",
        "live/a/x.tf",
        "live/a0.tf",
        "live/b.tf",
        "live/b/c/d.tf",
        "z.tf",
    ];

    #[test]
    fn a_directory_holds_what_stands_directly_in_it() {
        let estate = Estate::new(FILES.map(file));
        assert_eq!(names(estate.files()), FILES);
        assert_eq!(
            names(estate.files_in(&path(""))),
            ["a.tf", "live.tf", "z.tf"]
        );
        assert_eq!(
            names(estate.files_in(&path("live"))),
            ["live/a0.tf", "live/b.tf"]
        );
        assert_eq!(names(estate.files_in(&path("live/b"))), Vec::<&str>::new());
        assert_eq!(names(estate.files_in(&path("live/b/c"))), ["live/b/c/d.tf"]);
        assert!(estate.file(&path("live/b.tf")).is_some());
        assert!(estate.file(&path("live/b")).is_none());
    }

    #[test]
    fn edits_lie_over_the_base_and_leave_it() {
        let estate = Estate::new(FILES.map(file));
        let new = |at: &str| Edit::NewFile {
            file: path(at),
            text: "b = 2\n".to_owned(),
        };
        let splice = Edit::Splice {
            file: path("live/b.tf"),
            base: estate.file(&path("live/b.tf")).unwrap().hash(),
            range: 4..5,
            text: "3".to_owned(),
        };
        let edited = estate
            .with_edits(&[new("live/0.tf"), new("0.tf"), splice])
            .unwrap();
        assert_eq!(
            names(edited.files_in(&path("live"))),
            ["live/0.tf", "live/a0.tf", "live/b.tf"]
        );
        assert_eq!(names(edited.files()).len(), FILES.len() + 2);
        assert!(names(edited.files()).is_sorted());
        let text = |e: &Estate| e.file(&path("live/b.tf")).unwrap().text().to_owned();
        assert_eq!(
            (text(&edited), text(&estate)),
            ("a = 3\n".into(), "a = 1\n".into())
        );
        // What was not touched is shared, with its tree.
        let at = path("z.tf");
        let same = |a: &Estate, b: &Estate| Arc::ptr_eq(a.file(&at).unwrap(), b.file(&at).unwrap());
        assert!(same(&edited, &estate));
        let fewer = edited.only(|p| p.as_str().starts_with("live/"));
        assert_eq!(names(fewer.files()).len(), 5);
    }
}
