//! Who changed certain lines last, and the owners' file of the repository around the working tree.
//!
//! Asked for proposed changes only, and bounded: a history of any length costs a second or two at most, and one that is
//! cut off (a shallow clone) says nothing rather than naming whoever made the cut.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use git2::{Blame, BlameOptions, Oid, Repository, Sort};

use super::Workspace;
use super::history;
use crate::terraform::RepoPath;

/// Histories up to this many commits are asked whole.
const WHOLE: usize = 5_000;
/// Of longer ones, this many of the main line.
const RECENT: usize = 1_500;

/// The author of a change of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// As the commit (or `.mailmap`) has it.
    pub name: String,
    /// The address; never to be shown.
    pub mail: String,
    /// Seconds since 1970.
    pub time: i64,
}

/// Answers questions about lines until its time is up.
pub struct Lookup {
    repository: Repository,
    inside: PathBuf,
    oldest: Option<Oid>,
    until: Instant,
}

impl Workspace {
    /// Opens the history for questions, as long as `budget` lasts; `None` when there is no history that can be trusted.
    #[must_use]
    pub fn lookup(&self, budget: Duration) -> Option<Lookup> {
        let until = Instant::now() + budget;
        let (repository, inside) = history::open(self.top()).ok()?;
        if repository.is_shallow() {
            return None;
        }
        let oldest = horizon(&repository).ok()?;
        Some(Lookup {
            repository,
            inside,
            oldest,
            until,
        })
    }

    /// Path and text of the file of code owners when the working tree is a directory below the top of its repository,
    /// with the directory's path; `None` at the top, where the file is part of the estate.
    #[must_use]
    pub fn codeowners_above(&self, places: &[&str]) -> Option<(String, String, String)> {
        let (repository, inside) = history::open(self.top()).ok()?;
        let inside = inside.to_str().filter(|i| !i.is_empty())?.to_owned();
        let top = repository.workdir()?.to_owned();
        places.iter().find_map(|place| {
            let file = top.join(place);
            let metadata = std::fs::symlink_metadata(&file).ok()?;
            if !metadata.is_file() || metadata.len() > self.limits.code {
                return None;
            }
            let text = std::fs::read(&file).ok()?;
            let text = String::from_utf8_lossy(&text).into_owned();
            Some(((*place).to_owned(), text, inside.clone()))
        })
    }
}

/// The oldest commit that is looked at; `None` when the history is short enough to be asked whole.
fn horizon(repository: &Repository) -> Result<Option<Oid>, git2::Error> {
    let mut walk = repository.revwalk()?;
    walk.push_head()?;
    if walk.take(WHOLE + 1).count() <= WHOLE {
        return Ok(None);
    }
    let mut walk = repository.revwalk()?;
    walk.push_head()?;
    walk.set_sorting(Sort::TOPOLOGICAL)?;
    walk.simplify_first_parent()?;
    walk.take(RECENT).last().transpose()
}

impl Lookup {
    /// The authors of the newest changes of lines of a file (from 1, both ends included), newest first, each commit once.
    /// Lines that are not committed have none; nothing when Git cannot tell, or the time is up.
    #[must_use]
    pub fn authors(&self, file: &RepoPath, now: &[u8], first: usize, last: usize) -> Vec<Author> {
        if Instant::now() >= self.until {
            return Vec::new();
        }
        let path = self.inside.join(file.as_str());
        self.blame(&path, now, first, last).unwrap_or_default()
    }

    fn blame(
        &self,
        path: &Path,
        now: &[u8],
        first: usize,
        last: usize,
    ) -> Result<Vec<Author>, git2::Error> {
        let repository = &self.repository;
        let head = repository.head()?.peel_to_commit()?;
        let entry = head.tree()?.get_path(path)?;
        let committed = repository.find_blob(entry.id())?;
        let same = committed.content() == now;
        let mut options = BlameOptions::new();
        options.newest_commit(head.id()).use_mailmap(true);
        if let Some(oldest) = self.oldest {
            options.first_parent(true).oldest_commit(oldest);
        }
        if same {
            options.min_line(first).max_line(last);
        }
        let blame = repository.blame_file(path, Some(&mut options))?;
        if same {
            return Ok(self.of_lines(&blame, first, last));
        }
        let present = blame.blame_buffer(now)?;
        Ok(self.of_lines(&present, first, last))
    }

    fn of_lines(&self, blame: &Blame<'_>, first: usize, last: usize) -> Vec<Author> {
        let mut commits: Vec<Oid> = Vec::new();
        let mailmap = self.repository.mailmap().ok();
        for hunk in blame.iter() {
            let (start, id) = (hunk.final_start_line(), hunk.final_commit_id());
            let end = start + hunk.lines_in_hunk();
            let cut_off = self.oldest.is_some() && hunk.is_boundary();
            if start <= last && first < end && !id.is_zero() && !cut_off && !commits.contains(&id) {
                commits.push(id);
            }
        }
        let mut authors: Vec<Author> = commits
            .into_iter()
            .filter_map(|id| self.repository.find_commit(id).ok())
            .filter_map(|commit| {
                let author = match &mailmap {
                    Some(mailmap) => commit.author_with_mailmap(mailmap).ok()?,
                    None => commit.author().to_owned(),
                };
                Some(Author {
                    name: String::from_utf8_lossy(author.name_bytes()).into_owned(),
                    mail: String::from_utf8_lossy(author.email_bytes()).into_owned(),
                    time: author.when().seconds(),
                })
            })
            .collect();
        authors.sort_by_key(|author| std::cmp::Reverse(author.time));
        authors
    }
}
