//! Whose code a change touches: the owners that `CODEOWNERS` names, and who changed the block last.
//!
//! Pure: the text of the file and what Git says come in as values. Names are shown, mail addresses of committers never
//! are, and nobody is notified by being named: GitHub asks the owners for a review by itself.

mod codeowners;
mod pattern;

use std::collections::BTreeMap;

use crate::terraform::{Edit, Estate, RepoPath};

pub use codeowners::{Codeowners, Owners, PLACES};

/// Somebody who changed lines of a block.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Committer {
    /// The account on GitHub, where the address gives it; else the name as the commit has it.
    pub name: String,
    /// The day of the newest of these changes (`2026-10-02`).
    pub day: String,
}

impl Committer {
    /// A committer from a commit's author, unless it is a machine or has no name.
    #[must_use]
    pub fn of(name: &str, mail: &str, day: String) -> Option<Self> {
        let is_machine = |text: &str| text.contains("[bot]") || text.contains("noreply.invalid");
        if is_machine(name) || is_machine(mail) {
            return None;
        }
        // `12345+login@users.noreply.github.com`, or without the number.
        let login = mail
            .strip_suffix("@users.noreply.github.com")
            .map(|local| local.split_once('+').map_or(local, |(_, login)| login));
        let name = login.unwrap_or(name).trim();
        // Some write their address as their name.
        let name = name.split('@').next().unwrap_or_default().trim();
        (!name.is_empty()).then(|| Self {
            name: name.to_owned(),
            day,
        })
    }
}

/// Lines of a file, from 1, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lines {
    /// The file.
    pub file: RepoPath,
    /// The first line.
    pub first: usize,
    /// The last line.
    pub last: usize,
}

/// What is known about whose code it is.
#[derive(Debug, Clone, Default)]
pub struct Ownership {
    /// The repository's `CODEOWNERS`.
    pub codeowners: Option<Codeowners>,
    /// Who changed these lines last, newest first.
    pub committers: BTreeMap<Lines, Vec<Committer>>,
}

impl Ownership {
    /// The owners of these files, each once, in order.
    #[must_use]
    pub fn owners<'f>(&self, files: impl IntoIterator<Item = &'f RepoPath>) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let Some(codeowners) = &self.codeowners else {
            return found;
        };
        for owners in files.into_iter().filter_map(|f| codeowners.of(f.as_str())) {
            for name in owners.names {
                if !found.contains(name) {
                    found.push(name.clone());
                }
            }
        }
        found
    }

    /// Who changed the blocks of these edits last, newest first, each once.
    #[must_use]
    pub fn committers(&self, estate: &Estate, edits: &[Edit]) -> Vec<Committer> {
        if self.committers.is_empty() {
            return Vec::new();
        }
        let all: Vec<Committer> = blocks(estate, edits)
            .iter()
            .filter_map(|lines| self.committers.get(lines))
            .flatten()
            .cloned()
            .collect();
        newest(all)
    }
}

/// The newest of these, each person once, at most [`SHOWN`].
#[must_use]
pub fn newest(mut all: Vec<Committer>) -> Vec<Committer> {
    all.sort_by(|a, b| (&b.day, &a.name).cmp(&(&a.day, &b.name)));
    let mut seen: Vec<String> = Vec::new();
    all.retain(|c| {
        let new = !seen.contains(&c.name);
        seen.push(c.name.clone());
        new
    });
    all.truncate(SHOWN);
    all
}

/// As many committers are named.
pub const SHOWN: usize = 3;

/// The lines of the blocks in which edits stand (of the block that a new one is written behind), each once. In a
/// variable file these are the lines of the entry.
#[must_use]
pub fn blocks(estate: &Estate, edits: &[Edit]) -> Vec<Lines> {
    let mut found: Vec<Lines> = Vec::new();
    for edit in edits {
        let Edit::Splice { file, range, .. } = edit else {
            continue;
        };
        let Some(source) = estate.file(file).filter(|f| f.has_spans()) else {
            continue;
        };
        let whole = source.item_places().and_then(|places| {
            let before = places.partition_point(|place| place.start <= range.start);
            places.into_iter().nth(before.checked_sub(1)?)
        });
        let span = whole.unwrap_or_else(|| range.clone());
        let end = span.end.max(span.start + 1);
        let lines = Lines {
            file: file.clone(),
            first: source.line(span.start),
            last: source.line(end - 1),
        };
        if !found.contains(&lines) {
            found.push(lines);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::SourceFile;

    #[test]
    fn a_name_without_an_address() {
        let of = |name: &str, mail: &str| Committer::of(name, mail, String::new()).map(|c| c.name);
        assert_eq!(of("Ann Lee", "ann@example.com").as_deref(), Some("Ann Lee"));
        assert_eq!(
            of("Ann Lee", "123+annlee@users.noreply.github.com").as_deref(),
            Some("annlee")
        );
        assert_eq!(
            of("Ann", "annlee@users.noreply.github.com").as_deref(),
            Some("annlee")
        );
        assert_eq!(
            of("ann@example.com", "ann@example.com").as_deref(),
            Some("ann")
        );
        for machine in ["renovate[bot]", "tfmend[bot]"] {
            assert_eq!(of(machine, "x@example.com"), None);
        }
        assert_eq!(
            of("x", "49699333+dependabot[bot]@users.noreply.github.com"),
            None
        );
        assert_eq!(of(" ", "x@example.com"), None);
    }

    #[test]
    fn the_lines_of_the_block_around_an_edit() {
        let text =
            "# head\nresource \"a\" \"b\" {\n  c = 1\n}\n\nresource \"a\" \"d\" {\n  c = 2\n}\n";
        let path = RepoPath::new("main.tf").unwrap();
        let tfvars = RepoPath::new("x.tfvars").unwrap();
        let estate = Estate::new([
            SourceFile::new(path.clone(), text.into()),
            SourceFile::new(tfvars.clone(), "a = 1\nb = {\n  c = 2\n}\n".into()),
        ]);
        let at = |file: &RepoPath, start: usize| {
            let edit = Edit::Splice {
                file: file.clone(),
                base: String::new(),
                range: start..start,
                text: "x".into(),
            };
            let lines = blocks(&estate, &[edit]);
            (lines[0].first, lines[0].last)
        };
        assert_eq!(at(&path, text.find("c = 1").unwrap()), (2, 4));
        assert_eq!(at(&path, text.find("c = 2").unwrap()), (6, 8));
        // A new block behind the first.
        assert_eq!(at(&path, text.find("\n\nres").unwrap() + 1), (2, 4));
        assert_eq!(at(&tfvars, 4), (1, 1));
        assert_eq!(at(&tfvars, 16), (2, 4));
    }
}
