//! The text of a pull request: what fails, what changes, how sure we are, how to go back, how to say no.
//!
//! Invariant 10 lives here: everything that comes from a finding, from code or from state passes through
//! [`super::escape`]. The text quotes code only; it depends on nothing but the change, so that the same change
//! always has the same text.

use std::collections::BTreeSet;

use crate::finding::Severity;
use crate::locate::Confidence;
use crate::ownership::Ownership;
use crate::rules::{Catalogue, Impact};

use super::diff::{self, sha256};
use super::marker::Marker;
use super::sections::visible_text;
use super::title::{self, CommitStyle};
use super::{ChangeSet, identity};

/// The longest body GitHub takes, in characters. Bytes are counted, which is stricter.
pub const BODY_LIMIT: usize = 65_536;

/// How texts are written.
#[derive(Debug, Clone)]
pub struct Writing {
    /// Version of tfmend, for the marker.
    pub version: String,
    /// Title style of the repository.
    pub style: CommitStyle,
    /// Page of the run, when there is one.
    pub run_url: Option<String>,
    /// Confidence below which a pull request is opened as a draft (drafts do not notify code owners).
    pub draft_below: Confidence,
    /// Open changes with an interruption as drafts.
    pub draft_disruptive: bool,
    /// Longest body in bytes.
    pub budget: usize,
    /// Whose code it is.
    pub ownership: Ownership,
    /// Whether the long texts are written: `false` where no pull request is made and nobody reads them.
    pub bodies: bool,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            style: CommitStyle::default(),
            run_url: None,
            draft_below: Confidence::High,
            draft_disruptive: true,
            budget: BODY_LIMIT,
            ownership: Ownership::default(),
            bodies: true,
        }
    }
}

/// All texts of one pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Title.
    pub title: String,
    /// Body, marker included.
    pub body: String,
    /// Message of the commit.
    pub commit_message: String,
    /// Labels.
    pub labels: BTreeSet<String>,
    /// Open as a draft.
    pub draft: bool,
    /// The marker in the body.
    pub marker: Marker,
}

/// How much of the text is left away to keep the budget: each step drops what the one before it keeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    Full,
    NoDiff,
    NoCompliance,
    Short,
    Least,
}

impl Detail {
    const ALL: [Self; 5] = [
        Self::Full,
        Self::NoDiff,
        Self::NoCompliance,
        Self::Short,
        Self::Least,
    ];

    pub(super) fn rows(self) -> usize {
        match self {
            Self::Full | Self::NoDiff | Self::NoCompliance => 50,
            Self::Short => 15,
            Self::Least => 5,
        }
    }

    pub(super) fn quote(self) -> usize {
        match self {
            Self::Full | Self::NoDiff | Self::NoCompliance => 8_000,
            Self::Short => 1_500,
            Self::Least => 300,
        }
    }
}

/// Writes all texts of a change; without [`Writing::bodies`] those alone that are short: title, labels, whether it is
/// a draft.
#[must_use]
pub fn write(change: &ChangeSet, catalogue: &Catalogue, writing: &Writing) -> Text {
    let text = Text {
        title: change.title.clone(),
        body: String::new(),
        commit_message: String::new(),
        labels: labels(change),
        draft: is_draft(change, writing),
        marker: Marker::default(),
    };
    if !writing.bodies {
        return text;
    }
    let mut marker = Marker {
        version: writing.version.clone(),
        identity: change.identity.clone(),
        rules: title::rules_of(&change.members),
        address: title::subject_of(&change.members),
        members: change
            .members
            .iter()
            .map(identity::of_member)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        files: change
            .after
            .iter()
            .map(|(path, bytes)| (path.to_string(), sha256(bytes)))
            .collect(),
        content: diff::content_hash(&change.diff),
        title: change.title.clone(),
        ..Marker::default()
    }
    .with_keys(change.keys());
    // The hash of the text is not known yet, but its length is.
    marker.text = "0".repeat(16);
    let room = writing.budget.saturating_sub(marker.emit().len() + 2);
    let mut visible = String::new();
    for detail in Detail::ALL {
        visible = visible_text(change, catalogue, writing, detail, true);
        if visible.len() <= room {
            break;
        }
    }
    if visible.len() > room {
        visible = cut(&visible, room);
    }
    // Line numbers and the diff move with the code around; they are no reason to edit a text that people read.
    let lasting = visible_text(change, catalogue, writing, Detail::NoDiff, false);
    marker.text = sha256(format!("{}\n{lasting}", change.title).as_bytes())[..16].to_owned();
    Text {
        body: format!("{}\n\n{visible}", marker.emit()),
        commit_message: title::commit_message(&change.title, &change.members),
        marker,
        ..text
    }
}

fn is_draft(change: &ChangeSet, writing: &Writing) -> bool {
    change.confidence() < writing.draft_below
        || match change.impact() {
            Impact::InPlace | Impact::GrantRemoved => false,
            Impact::Disruptive => writing.draft_disruptive,
            Impact::ForcesReplacement => true,
        }
}

/// The longest start that fits, ended at a line.
fn cut(visible: &str, room: usize) -> String {
    const NOTE: &str = "\n\n*The rest does not fit into a pull request.*\n";
    let mut end = room.saturating_sub(NOTE.len()).min(visible.len());
    while !visible.is_char_boundary(end) {
        end -= 1;
    }
    let start = &visible[..end];
    let start = start.rfind("\n\n").map_or(start, |i| &start[..i]);
    format!("{start}{NOTE}")
}

fn labels(change: &ChangeSet) -> BTreeSet<String> {
    let mut labels: BTreeSet<String> = ["security", "tfmend"].map(str::to_owned).into();
    labels.insert(format!("severity:{}", severity_word(change.severity())));
    match change.impact() {
        Impact::InPlace => {}
        Impact::GrantRemoved => {
            labels.insert("impact:grant-removed".to_owned());
        }
        Impact::Disruptive => {
            labels.insert("impact:interruption".to_owned());
        }
        Impact::ForcesReplacement => {
            labels.insert("impact:replacement".to_owned());
        }
    }
    labels
}

pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "informational",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
