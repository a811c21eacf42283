//! `local:DIR`: pull requests without a server. A bare repository, a record for each pull request, pages to open.
//!
//! ```text
//! DIR/repository.git              branches as a forge would have them; refs/pull/<n>/head keeps every proposal
//! DIR/pull-requests/<n>.json      the record: state, text, labels, comments
//! DIR/pull-requests/<n>-….html    the page (and .md beside it)
//! DIR/index.html  dashboard.html  dashboard.md
//! ```
//!
//! Invariant 8. One run at a time holds `DIR/.lock`. The branch is written before its record, the record before its
//! pages; closing writes the record before it deletes the branch. So after a kill between any two writes: a branch
//! of ours without a record is a left-over and is removed, an obsolete record's branch is removed, and pages are
//! drawn again from their records. An open record without a branch means that a person deleted the branch.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use git2::Oid;
use jiff::Timestamp;

use super::git::Checkout;
use super::page;
use super::record::{Comment, Record, RecordState, US, load_all, write_atomically};
use super::store::Store;
use super::{Base, Forge, ForgeError, NewCommit, Opened};
use crate::pull_request::dashboard::{Dashboard, Line};
use crate::pull_request::identity::BRANCH_PREFIX;
use crate::pull_request::proposal::rebuild_ticked;
use crate::pull_request::{Marker, Note, Proposal, ProposalState, Text};

/// Pull requests in a directory.
pub struct LocalForge {
    directory: PathBuf,
    store: Store,
    subjects: Vec<String>,
    now: Timestamp,
    /// Held for as long as the forge is open.
    _lock: File,
}

impl LocalForge {
    /// Opens (or creates) the forge for a checkout. Waits while another run has it open. `now` dates commits and
    /// records.
    ///
    /// # Errors
    /// The checkout is no Git repository with a commit, or is behind the forge; files cannot be written.
    pub fn open(directory: &Path, checkout: &Path, now: Timestamp) -> Result<Self, ForgeError> {
        let checkout = Checkout::open(checkout)?;
        let records = directory.join("pull-requests");
        fs::create_dir_all(&records).map_err(io(&records))?;
        let directory = directory.canonicalize().map_err(io(directory))?;
        let lock_path = directory.join(".lock");
        let lock = File::create(&lock_path).map_err(io(&lock_path))?;
        if lock.try_lock().is_err() {
            tracing::info!(path = %lock_path.display(), "waiting for another run");
            lock.lock().map_err(io(&lock_path))?;
        }
        let store = Store::sync(&directory.join("repository.git"), &checkout)?;
        let forge = Self {
            subjects: checkout.recent_subjects(50)?,
            directory,
            store,
            now,
            _lock: lock,
        };
        forge.recover()?;
        Ok(forge)
    }

    /// Where the forge is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Ends what an interrupted run left half done.
    fn recover(&self) -> Result<(), ForgeError> {
        let records = self.records()?;
        let ours = &self.store.base().branch;
        if let Some(other) = records
            .iter()
            .find(|r| r.state == RecordState::Open && r.base != *ours)
        {
            return Err(ForgeError::OtherBase {
                directory: self.directory.clone(),
                theirs: other.base.clone(),
                ours: ours.clone(),
            });
        }
        for branch in self.store.branches(BRANCH_PREFIX)? {
            // The newest record speaks: a branch name may come back after a merge.
            let record = records.iter().rfind(|r| r.branch == branch);
            let left_over = match record {
                None => true,
                Some(r) => r.state == RecordState::Closed && r.closed_by.as_deref() == Some(US),
            };
            if left_over && self.store.branch(&branch)?.is_some_and(|b| b.only_ours) {
                self.store.delete(&branch)?;
            }
        }
        for record in &records {
            self.draw(record)?;
        }
        self.draw_index()
    }

    fn records_dir(&self) -> PathBuf {
        self.directory.join("pull-requests")
    }

    fn records(&self) -> Result<Vec<Record>, ForgeError> {
        load_all(&self.records_dir())
    }

    fn record(&self, number: u64) -> Result<Record, ForgeError> {
        self.records()?
            .into_iter()
            .find(|r| r.number == number)
            .ok_or(ForgeError::NoSuchProposal(number))
    }

    fn now(&self) -> String {
        self.now.to_string()
    }

    fn page_path(&self, record: &Record, kind: &str) -> PathBuf {
        self.records_dir()
            .join(format!("{}.{kind}", record.page_name()))
    }

    fn save(&self, record: &Record) -> Result<(), ForgeError> {
        record.save(&self.records_dir())?;
        self.draw(record)?;
        self.draw_index()
    }

    fn draw(&self, record: &Record) -> Result<(), ForgeError> {
        let markdown = self.page_path(record, "md");
        // A ticked box in the Markdown file is a person's request; it is read before it is drawn over.
        let ticked = record.state == RecordState::Open
            && fs::read_to_string(&markdown).is_ok_and(|text| rebuild_ticked(&text));
        if !ticked {
            write_atomically(&markdown, page::pull_request_markdown(record).as_bytes())?;
        }
        let store = self.store.path().to_string_lossy();
        write_atomically(
            &self.page_path(record, "html"),
            page::pull_request(record, &store).as_bytes(),
        )
    }

    fn draw_index(&self) -> Result<(), ForgeError> {
        write_atomically(
            &self.directory.join("index.html"),
            page::index(&self.records()?).as_bytes(),
        )
    }

    fn opened(&self, record: &Record) -> Opened {
        Opened {
            number: record.number,
            url: self
                .page_path(record, "html")
                .to_string_lossy()
                .into_owned(),
        }
    }

    /// What the record says, corrected by what happened to its branch; the correction is saved.
    fn proposal(&self, mut record: Record) -> Result<Proposal, ForgeError> {
        let rebuild_requested = rebuild_ticked(&record.body)
            || fs::read_to_string(self.page_path(&record, "md"))
                .is_ok_and(|text| rebuild_ticked(&text));
        let branch = if record.state == RecordState::Open {
            self.store.branch(&record.branch)?
        } else {
            None
        };
        if record.state == RecordState::Open {
            let merged = match &branch {
                Some(b) => b.merged,
                None => match Oid::from_str(&record.head) {
                    Ok(head) => self.store.is_merged(head)?,
                    Err(_) => false,
                },
            };
            if merged {
                record.state = RecordState::Merged;
            } else if branch.is_none() && !rebuild_requested {
                record.state = RecordState::Closed;
                record.closed_by = None;
            }
            if record.state != RecordState::Open {
                record.updated = self.now();
                self.save(&record)?;
            }
        }
        let head = branch.as_ref().map(|b| b.head.to_string());
        if let Some(head) = &head
            && *head != record.head
        {
            // Somebody pushed, or a run was cut short between branch and record.
            record.head.clone_from(head);
            self.store.keep(record.number, head)?;
            self.save(&record)?;
        }
        Ok(Proposal {
            number: record.number,
            url: self.opened(&record).url,
            head,
            base: record.base.clone(),
            state: match record.state {
                RecordState::Open => ProposalState::Open,
                RecordState::Merged => ProposalState::Merged,
                RecordState::Closed if record.closed_by.as_deref() == Some(US) => {
                    ProposalState::ClosedByUs
                }
                RecordState::Closed => ProposalState::ClosedByPerson,
            },
            only_ours: branch.as_ref().is_none_or(|b| b.only_ours),
            mergeable: branch.as_ref().map(|b| b.mergeable),
            landed: branch.as_ref().is_some_and(|b| b.landed),
            marker: Marker::parse(&record.body),
            rebuild_requested,
            notes: record.notes(),
            branch: record.branch,
            title: record.title,
            labels: record.labels,
        })
    }
}

impl Forge for LocalForge {
    fn base(&self) -> &Base {
        self.store.base()
    }

    fn recent_subjects(&self, most: usize) -> Result<Vec<String>, ForgeError> {
        Ok(self.subjects.iter().take(most).cloned().collect())
    }

    fn proposals(&mut self) -> Result<Vec<Proposal>, ForgeError> {
        self.records()?
            .into_iter()
            .map(|record| self.proposal(record))
            .collect()
    }

    fn push(&mut self, commit: &NewCommit<'_>) -> Result<String, ForgeError> {
        self.store
            .push(commit, self.now.as_second())
            .map(|id| id.to_string())
    }

    fn open(
        &mut self,
        branch: &str,
        head: &str,
        text: &Text,
        labels: &BTreeSet<String>,
    ) -> Result<Opened, ForgeError> {
        let records = self.records()?;
        if let Some(present) = records
            .iter()
            .find(|r| r.branch == branch && r.state == RecordState::Open)
        {
            return self.update(present.number, Some(head), text, labels);
        }
        let record = Record {
            number: records.last().map_or(1, |r| r.number + 1),
            state: RecordState::Open,
            closed_by: None,
            draft: text.draft,
            title: text.title.clone(),
            branch: branch.to_owned(),
            base: self.store.base().branch.clone(),
            head: head.to_owned(),
            labels: labels.clone(),
            created: self.now(),
            updated: self.now(),
            body: text.body.clone(),
            comments: Vec::new(),
        };
        self.store.keep(record.number, head)?;
        self.save(&record)?;
        Ok(self.opened(&record))
    }

    fn update(
        &mut self,
        number: u64,
        head: Option<&str>,
        text: &Text,
        labels: &BTreeSet<String>,
    ) -> Result<Opened, ForgeError> {
        let mut record = self.record(number)?;
        record.title.clone_from(&text.title);
        record.body.clone_from(&text.body);
        record.labels.clone_from(labels);
        record.updated = self.now();
        if let Some(head) = head {
            self.store.keep(number, head)?;
            head.clone_into(&mut record.head);
            // The request of a ticked box is met: the Markdown file may be drawn over.
            write_atomically(
                &self.page_path(&record, "md"),
                page::pull_request_markdown(&record).as_bytes(),
            )?;
        }
        self.save(&record)?;
        Ok(self.opened(&record))
    }

    fn close(&mut self, number: u64, why: &str) -> Result<(), ForgeError> {
        let mut record = self.record(number)?;
        if record.state == RecordState::Open {
            record.state = RecordState::Closed;
            record.closed_by = Some(US.to_owned());
            record.updated = self.now();
            record.comments.push(Comment {
                at: self.now(),
                by: US.to_owned(),
                note: None,
                body: format!(
                    "Closed, because it is not needed any more: {}. The branch is deleted.",
                    crate::pull_request::escape::prose(why.trim_end_matches('.'))
                ),
            });
            self.save(&record)?;
        }
        self.store.delete(&record.branch)
    }

    fn comment(&mut self, number: u64, note: Note, text: &str) -> Result<(), ForgeError> {
        let mut record = self.record(number)?;
        if record.notes().contains(&note) {
            return Ok(());
        }
        record.comments.push(Comment {
            at: self.now(),
            by: US.to_owned(),
            note: Some(note),
            body: text.to_owned(),
        });
        self.save(&record)
    }

    fn publish(&mut self, dashboard: &Dashboard) -> Result<String, ForgeError> {
        let prefix = format!("{}/", self.directory.to_string_lossy());
        let near = |lines: &[Line]| -> Vec<Line> {
            lines
                .iter()
                .map(|line| Line {
                    // Pages stand below the dashboard: the links hold when the directory is moved.
                    url: line
                        .url
                        .as_deref()
                        .map(|u| u.strip_prefix(&prefix).unwrap_or(u).to_owned()),
                    ..line.clone()
                })
                .collect()
        };
        let markdown = Dashboard {
            open: near(&dashboard.open),
            waiting: near(&dashboard.waiting),
            needs_human: near(&dashboard.needs_human),
            no_rule: near(&dashboard.no_rule),
            suppressed: near(&dashboard.suppressed),
            closed: near(&dashboard.closed),
        }
        .markdown();
        write_atomically(&self.directory.join("dashboard.md"), markdown.as_bytes())?;
        let page = self.directory.join("dashboard.html");
        write_atomically(&page, page::dashboard(&markdown).as_bytes())?;
        Ok(page.to_string_lossy().into_owned())
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ForgeError {
    let path = path.to_owned();
    move |source| ForgeError::Io { path, source }
}
