//! Well-known modules: what they make of their inputs, without their code at hand.
//!
//! Half of the modules that real code calls come from a registry or another repository, and their code is there only
//! after `terraform init`. For the best known ones a table says what a rule has to know: which resources they make,
//! which inputs decide, and with which version a default turned. The table is written in Terraform's own language
//! ([`outline`]), so that a call of such a module is evaluated, located and judged like one of a module in the
//! repository. [`furnish`] lays the outlines beside the code, below `.terraform/`, where nothing is ever edited: what is
//! changed is the call. Installed code counts before the table.
//!
//! What the table does not know, it does not guess: a version that is too new or too old is no known module.

mod included;
mod origin;
mod outline;
mod part;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use include_dir::{Dir, include_dir};
use rayon::prelude::*;

pub use origin::{ModuleSource, Reference};
pub use outline::{Answer, Outline, OutlineError, issues};
pub use version::{Allowed, Version};

use super::source::{RepoPath, SourceFile};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/terraform/registry/table");

/// Where the outlines lie in an estate.
const HOME: &str = ".terraform/known";

/// Outlines by module and the directory inside of it.
static TABLE: LazyLock<BTreeMap<(String, String), Arc<Outline>>> = LazyLock::new(|| {
    // A file that cannot be read is a module that is not known; a test sees to it that there is none.
    embedded()
        .into_iter()
        .flat_map(|(file, _)| read(file).unwrap_or_default())
        .map(|o| ((o.name.clone(), o.inside.clone()), Arc::new(o)))
        .collect()
});

/// Reads one file of the table, with those that it includes.
fn read(file: &str) -> Result<Vec<Outline>, OutlineError> {
    let text = |name: &str| EMBEDDED.get_file(name)?.contents_utf8();
    let whole = part::taken_in(file, text(file).unwrap_or_default(), &text)?;
    let included = |other: &str| {
        let one = (other != file).then(|| read(other).ok()).flatten()?;
        one.into_iter().next().map(Arc::new)
    };
    Outline::read(file, &whole, &included)
}

/// The outlines of the table: name of the file, text.
fn embedded() -> Vec<(&'static str, &'static str)> {
    fn collect(dir: &'static Dir<'static>, files: &mut Vec<(&'static str, &'static str)>) {
        files.extend(
            dir.files()
                .filter_map(|f| Some((f.path().to_str()?, f.contents_utf8()?))),
        );
        dir.dirs().for_each(|inner| collect(inner, files));
    }
    let mut files = Vec::new();
    collect(&EMBEDDED, &mut files);
    files.retain(|(file, _)| !part::is_part(file));
    files.sort_unstable();
    files
}

/// Every outline of the table, by name.
pub fn outlines() -> impl Iterator<Item = &'static Outline> {
    TABLE.values().map(AsRef::as_ref)
}

/// The outline of a module by its name in the registry and the directory inside of it.
#[must_use]
pub fn outline(name: &str, inside: &str) -> Option<&'static Outline> {
    TABLE
        .get(&(name.to_owned(), inside.to_owned()))
        .map(AsRef::as_ref)
}

/// A module of the table, at the versions that a call may mean.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// What is known of it.
    pub outline: &'static Outline,
    /// First step (see [`Outline::steps`]) that the call may mean.
    pub from: usize,
    /// Last one: the one that a fresh `terraform init` would take.
    pub to: usize,
}

impl Known {
    /// The module that a call means by `source` and `version`. `None` when it is not in the table, or when none of the
    /// versions that it may be is.
    #[must_use]
    pub fn called(source: &str, version: Option<&str>) -> Option<Self> {
        let source = ModuleSource::read(source)?;
        let allowed = source.allowed(version)?;
        Self::of(&source, allowed)
    }

    fn of(source: &ModuleSource, allowed: Allowed) -> Option<Self> {
        let outline = TABLE.get(&(source.name.clone(), source.inside.clone()))?;
        let steps = outline.meeting(allowed);
        Some(Self {
            outline,
            from: *steps.first()?,
            to: *steps.last()?,
        })
    }

    /// The module whose outline lies in a directory of the estate.
    #[must_use]
    pub fn at(dir: &RepoPath) -> Option<Self> {
        let rest = dir.as_str().strip_prefix(HOME)?.strip_prefix('/')?;
        outlines().find_map(|outline| {
            let rest = rest.strip_prefix(&outline.name)?.strip_prefix('/')?;
            let rest = match outline.inside.as_str() {
                "" => rest,
                inside => rest.strip_prefix(inside)?.strip_prefix('/')?,
            };
            let slug = rest.split('/').next()?;
            let (from, to) = slug.split_once('-').unwrap_or((slug, slug));
            let step = |text: &str| {
                let version = Version::read(text)?;
                outline.steps.iter().position(|s| *s == version)
            };
            Some(Self {
                outline,
                from: step(from)?,
                to: step(to)?,
            })
        })
    }

    /// Its directory in the estate.
    #[must_use]
    pub fn dir(&self) -> Option<RepoPath> {
        let Outline {
            name,
            inside,
            steps,
            ..
        } = self.outline;
        let inside = if inside.is_empty() {
            String::new()
        } else {
            format!("/{inside}")
        };
        let slug = if self.from == self.to {
            steps[self.to].to_string()
        } else {
            format!("{}-{}", steps[self.from], steps[self.to])
        };
        RepoPath::new(&format!("{HOME}/{name}{inside}/{slug}"))
    }

    /// Its files as of one step: path in the estate, text.
    #[must_use]
    pub fn files(&self, step: usize) -> Vec<(RepoPath, String)> {
        let Some(dir) = self.dir() else {
            return Vec::new();
        };
        self.outline
            .files(step)
            .into_iter()
            .filter_map(|(part, text)| {
                let path = if part.is_empty() {
                    "main.tf".to_owned()
                } else {
                    format!("{part}/main.tf")
                };
                Some((dir.join(&path)?, text))
            })
            .collect()
    }

    /// The versions of a step in words: `1.6.0 to 3.8.x`.
    #[must_use]
    pub fn versions(&self, step: usize) -> String {
        let steps = &self.outline.steps;
        match (steps.get(step), steps.get(step + 1)) {
            (Some(from), Some(next)) => format!("{from} up to, but not including, {next}"),
            (Some(from), None) => format!("{from} and later"),
            (None, _) => String::new(),
        }
    }
}

/// The directory with the outline of the module that a call means, if it is well known.
#[must_use]
pub fn home(source: &str, version: Option<&str>) -> Option<RepoPath> {
    Known::called(source, version)?.dir()
}

/// Whether some version of the module that a `source` names is known.
#[must_use]
pub fn knows(source: &str) -> bool {
    ModuleSource::read(source).is_some_and(|s| TABLE.contains_key(&(s.name, s.inside)))
}

/// The outlines that these files may call: files to lay beside them.
#[must_use]
pub fn furnish<'f>(files: impl IntoIterator<Item = &'f SourceFile>) -> Vec<SourceFile> {
    let files: Vec<&SourceFile> = files.into_iter().collect();
    let dirs: BTreeSet<&RepoPath> = files
        .into_par_iter()
        .flat_map_iter(SourceFile::known_modules)
        .collect();
    dirs.into_iter()
        .filter_map(Known::at)
        .flat_map(|known| known.files(known.to))
        .map(|(path, text)| SourceFile::new(path, text.into_bytes()))
        .collect()
}

/// The directories of the outlines that a text may call; it is looked into only when it names the owner of a known
/// module.
#[must_use]
pub(crate) fn mentioned(text: &str) -> Vec<RepoPath> {
    if !OWNERS
        .iter()
        .any(|owner| owner.find(text.as_bytes()).is_some())
    {
        return Vec::new();
    }
    let dirs: BTreeSet<RepoPath> = named(text).iter().filter_map(Known::dir).collect();
    dirs.into_iter().collect()
}

/// What tells at once that a text names none: the owners of known modules.
static OWNERS: LazyLock<Vec<memchr::memmem::Finder<'static>>> = LazyLock::new(|| {
    let owners: BTreeSet<&str> = outlines()
        .filter_map(|outline| outline.name.split('/').next())
        .collect();
    owners
        .into_iter()
        .map(|owner| memchr::memmem::Finder::new(owner).into_owned())
        .collect()
});

/// Every known module that some quoted text names, at each version that some quoted text may be.
fn named(text: &str) -> Vec<Known> {
    let quoted: BTreeSet<&str> = text
        .lines()
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect();
    let sources: Vec<ModuleSource> = quoted
        .iter()
        .filter_map(|text| ModuleSource::read(text))
        .filter(|s| TABLE.contains_key(&(s.name.clone(), s.inside.clone())))
        .collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let constraints: Vec<&str> = quoted
        .into_iter()
        .filter(|text| Allowed::read(text).is_some())
        .collect();
    let mut known = Vec::new();
    for source in &sources {
        let versions = std::iter::once(None).chain(constraints.iter().map(|c| Some(*c)));
        known.extend(
            versions
                .filter_map(|version| source.allowed(version))
                .filter_map(|allowed| Known::of(source, allowed)),
        );
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_table_reads_and_parses_at_every_version() {
        assert!(!embedded().is_empty());
        let mut number = 0;
        for (file, _) in embedded() {
            for outline in read(file).unwrap_or_else(|e| panic!("{e}")) {
                number += 1;
                assert!(outline.first < outline.last, "{file}");
                for step in 0..outline.steps.len() {
                    for (part, text) in outline.files(step) {
                        let path = RepoPath::new("main.tf").unwrap();
                        let source = SourceFile::new(path, text.clone().into_bytes());
                        assert!(
                            source.body().is_ok(),
                            "{file} {part} at {}: {:?}\n{text}",
                            outline.steps[step],
                            source.body().err()
                        );
                    }
                }
            }
        }
        assert_eq!(outlines().count(), number, "no module twice");
    }

    #[test]
    fn a_directory_leads_back_to_its_module() {
        for outline in outlines() {
            for from in 0..outline.steps.len() {
                for to in from..outline.steps.len() {
                    let known = Known { outline, from, to };
                    let dir = known.dir().unwrap();
                    let back = Known::at(&dir).unwrap();
                    assert_eq!((back.from, back.to), (from, to), "{dir}");
                    assert_eq!(back.outline.name, outline.name);
                    assert_eq!(back.outline.inside, outline.inside);
                    assert!(Known::at(&dir.join("modules/x").unwrap()).is_some());
                }
            }
        }
        assert!(Known::at(&RepoPath::new("modules/bucket").unwrap()).is_none());
    }

    #[test]
    fn only_outlines_that_are_called_are_laid_beside_the_code() {
        let file = |text: &str| {
            SourceFile::new(RepoPath::new("main.tf").unwrap(), text.as_bytes().to_vec())
        };
        let call = "module \"b\" {\n  source  = \"terraform-aws-modules/s3-bucket/aws\"\n  version = \"~> 4.0\"\n}\n";
        let dirs: Vec<String> = furnish([&file(call)])
            .iter()
            .map(|f| f.path().parent().to_string())
            .collect();
        let home = home("terraform-aws-modules/s3-bucket/aws", Some("~> 4.0")).unwrap();
        assert!(dirs.contains(&home.to_string()), "{dirs:?}");
        assert!(furnish([&file("module \"b\" {\n  source = \"../s3-bucket\"\n}\n")]).is_empty());
    }
}
