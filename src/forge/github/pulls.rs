//! Opening, updating and closing one pull request.
//!
//! GitHub takes one open pull request for a branch and a base, and refuses a second: that refusal, not a list, tells
//! that it is there. Closing writes the state and our sign in the text in one request, so that there is no moment in
//! which our closing looks like a person's.

use std::collections::BTreeSet;

use http::Method;
use serde::Serialize;

use super::commit::ATTEMPTS;
use super::error::GitHubError;
use super::labels;
use super::place::GitHubForge;
use super::proposals::{as_proposal, state_of};
use super::wire::{Pull, cut, names, same_text};
use crate::forge::{ForgeError, Opened};
use crate::pull_request::body::BODY_LIMIT;
use crate::pull_request::escape::prose;
use crate::pull_request::{Note, ProposalState, Text};

/// Last line of the text of a pull request that we closed.
const CLOSED: &str = "<!-- tfmend:closed -->";
/// How often a list is asked for what GitHub says is there.
const LOOKS: u32 = 6;

#[derive(Serialize)]
struct NewPull<'a> {
    title: &'a str,
    head: &'a str,
    base: &'a str,
    body: &'a str,
    draft: bool,
}

#[derive(Serialize)]
struct NewText<'a> {
    title: &'a str,
    body: &'a str,
}

#[derive(Serialize)]
struct Closing<'a> {
    state: &'a str,
    body: &'a str,
}

/// Whether the text of a closed pull request says that we closed it. Only the last line counts: code that is quoted
/// above may hold anything.
pub(super) fn closed_by_us(body: &str) -> bool {
    body.trim_end().lines().next_back().map(str::trim) == Some(CLOSED)
}

/// The text with our sign.
fn with_sign(body: &str) -> String {
    if closed_by_us(body) {
        return body.to_owned();
    }
    let room = BODY_LIMIT - CLOSED.len() - 2;
    format!("{}\n\n{CLOSED}", cut(body.trim_end(), room))
}

impl GitHubForge {
    pub(super) fn open_pull(
        &mut self,
        branch: &str,
        head: &str,
        text: &Text,
        labels: &BTreeSet<String>,
    ) -> Result<Opened, ForgeError> {
        let pull = match self.open_one(branch)? {
            Some(pull) => pull,
            None => self.create_pull(branch, text)?,
        };
        self.bring_up(&pull, Some(head), text, labels)
    }

    /// The open pull request of a branch, as far as the list knows.
    fn open_one(&self, branch: &str) -> Result<Option<Pull>, ForgeError> {
        let mut open = self.pulls_of(branch, "open")?;
        if let Some(at) = open.iter().position(|p| p.base.branch == self.base.branch) {
            return Ok(Some(open.swap_remove(at)));
        }
        match open.pop() {
            None => Ok(None),
            Some(other) => Err(ForgeError::PullForOtherBase {
                branch: branch.to_owned(),
                number: other.number,
                theirs: other.base.branch,
                ours: self.base.branch.clone(),
            }),
        }
    }

    fn create_pull(&self, branch: &str, text: &Text) -> Result<Pull, ForgeError> {
        let route = self.route("pulls");
        let mut draft = text.draft;
        let mut lost = 0;
        loop {
            let new = NewPull {
                title: &text.title,
                head: branch,
                base: &self.base.branch,
                body: &text.body,
                draft,
            };
            let error = match self.client.write(Method::POST, &route, &new) {
                Ok(pull) => return Ok(pull),
                Err(error) => error,
            };
            let refused = error.status() == Some(422);
            if refused && error.says("already exists") {
                return self.look_for(branch, LOOKS)?.ok_or_else(|| error.into());
            } else if refused && error.says("no commits between") {
                return Err(ForgeError::NothingChanges(branch.to_owned()));
            } else if refused && draft && error.says("draft") {
                // Private repositories of some plans have no drafts.
                draft = false;
            } else if error.is_unanswered() && lost < ATTEMPTS {
                lost += 1;
                if let Some(pull) = self.look_for(branch, 2)? {
                    return Ok(pull);
                }
            } else {
                return Err(error.into());
            }
        }
    }

    /// Looks for the open pull request of a branch until the list has it.
    fn look_for(&self, branch: &str, looks: u32) -> Result<Option<Pull>, ForgeError> {
        for look in 0..looks {
            if let Some(pull) = self.open_one(branch)? {
                return Ok(Some(pull));
            }
            if look + 1 < looks {
                self.wait(look);
            }
        }
        Ok(None)
    }

    /// Title, text and labels as they shall be; writes only what differs.
    pub(super) fn bring_up(
        &mut self,
        pull: &Pull,
        head: Option<&str>,
        text: &Text,
        labels: &BTreeSet<String>,
    ) -> Result<Opened, ForgeError> {
        let opened = Opened {
            number: pull.number,
            url: pull.html_url.clone(),
        };
        if !pull.is_open() {
            // Closed or merged since it was read: a person's word, which the next run will hear.
            self.remember(as_proposal(pull, state_of(pull)));
            return Ok(opened);
        }
        if pull.title != text.title || !same_text(pull.text(), &text.body) {
            let body = NewText {
                title: &text.title,
                body: &text.body,
            };
            self.client.write::<_, serde::de::IgnoredAny>(
                Method::PATCH,
                &self.route(&format!("pulls/{}", pull.number)),
                &body,
            )?;
        }
        labels::bring_up(self, pull.number, &names(&pull.labels), labels)?;
        let mut proposal = as_proposal(pull, ProposalState::Open);
        if let Some(before) = self.known.as_ref().and_then(|k| k.get(&pull.number)) {
            proposal.notes.clone_from(&before.notes);
        }
        proposal.title.clone_from(&text.title);
        proposal.labels.clone_from(labels);
        proposal.marker = Some(text.marker.clone());
        proposal.rebuild_requested = false;
        proposal.mergeable = Some(true);
        if let Some(head) = head {
            proposal.head = Some(head.to_owned());
        }
        self.remember(proposal);
        Ok(opened)
    }

    pub(super) fn close_pull(&mut self, number: u64, why: &str) -> Result<(), ForgeError> {
        let pull = self.pull(number)?;
        let known = self.known.as_ref().and_then(|k| k.get(&number)).cloned();
        let branch = pull.head.branch.clone();
        if pull.is_open() {
            let head = super::branch::head(&self.client, &branch)?;
            let seen = known.as_ref().and_then(|p| p.head.clone());
            if seen.is_some() && head.is_some() && seen != head {
                return Err(ForgeError::Moved(branch));
            }
            let text = format!(
                "Closed, because it is not needed any more: {}. The branch is deleted.",
                prose(why.trim_end_matches('.'))
            );
            self.comment_once(number, "obsolete", &text)?;
            let body = with_sign(pull.text());
            self.client.write::<_, serde::de::IgnoredAny>(
                Method::PATCH,
                &self.route(&format!("pulls/{number}")),
                &Closing {
                    state: "closed",
                    body: &body,
                },
            )?;
            if head.is_some() {
                self.delete_branch(&branch)?;
            }
        }
        if let Some(mut proposal) = known {
            proposal.state = match state_of(&pull) {
                ProposalState::Open => ProposalState::ClosedByUs,
                other => other,
            };
            proposal.head = None;
            self.remember(proposal);
        }
        Ok(())
    }

    /// Makes a comment that is there at most once; `word` tells its kind.
    pub(super) fn comment_once(
        &self,
        number: u64,
        word: &str,
        text: &str,
    ) -> Result<(), ForgeError> {
        super::comments::once(self, number, word, text)
    }
}

/// The notes by their words.
pub(super) fn note(word: &str) -> Option<Note> {
    [Note::HumanCommits, Note::Closed, Note::NoLongerProposed]
        .into_iter()
        .find(|n| n.word() == word)
}

/// Whether GitHub says that a new object is there already.
pub(super) fn exists(error: &GitHubError) -> bool {
    error.status() == Some(422) && (error.says("already_exists") || error.says("already exists"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_sign_is_the_last_line_and_fits() {
        let signed = with_sign("<!-- tfmend:v1 {} -->\n\ntext\n");
        assert!(closed_by_us(&signed));
        assert!(closed_by_us(&format!(
            "{}\r\n",
            signed.replace('\n', "\r\n")
        )));
        assert_eq!(with_sign(&signed), signed);
        assert!(!closed_by_us(&format!("{CLOSED}\ntext")), "quoted above");
        assert!(!closed_by_us(""));
        let long = with_sign(&"ü\n".repeat(40_000));
        assert!(long.chars().count() <= BODY_LIMIT && closed_by_us(&long));
    }

    #[test]
    fn every_note_is_known_by_its_word() {
        for known in [Note::HumanCommits, Note::Closed, Note::NoLongerProposed] {
            assert_eq!(note(known.word()), Some(known));
        }
        assert_eq!(note("obsolete"), None);
    }
}
