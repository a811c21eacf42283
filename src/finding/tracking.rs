//! How a finding is tracked in the service that keeps it: what acknowledging it needs to know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The user-defined field of a finding that holds the link of its pull request.
pub const LINK_FIELD: &str = "tfmend_pull_request";
/// Who writes notes of ours.
pub const WRITER: &str = "tfmend";
/// How a comment of ours begins.
pub const COMMENT_START: &str = "tfmend: ";

/// Where a finding stands in its service, as the record says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// `ProductArn` (ASFF) or `metadata.product.uid` (OCSF): with account and id it names the finding.
    pub product: String,
    /// `Workflow.Status` (ASFF) or `status` (OCSF).
    pub workflow: String,
    /// The user-defined fields. A write replaces them all, so all are kept.
    pub fields: BTreeMap<String, String>,
    /// Somebody else than us wrote the note (ASFF) or the comment (OCSF).
    pub foreign_note: bool,
    /// The note or comment, when it is ours.
    pub comment: String,
}

/// What Security Hub allows, characters: a record beyond it never was there, and is not kept at length.
const PRODUCT_LIMIT: usize = 2048;
const FIELDS_LIMIT: usize = 50;
const FIELD_LIMIT: usize = 1024;
const NOTE_LIMIT: usize = 512;

impl Tracking {
    /// The tracking, unless something in it is larger than Security Hub allows.
    #[must_use]
    pub(super) fn within_limits(self) -> Option<Self> {
        let long = |text: &str, limit: usize| text.chars().nth(limit).is_some();
        let fits = !long(&self.product, PRODUCT_LIMIT)
            && !long(&self.workflow, NOTE_LIMIT)
            && !long(&self.comment, NOTE_LIMIT)
            && self.fields.len() <= FIELDS_LIMIT
            && self
                .fields
                .iter()
                .all(|(name, value)| !long(name, FIELD_LIMIT) && !long(value, FIELD_LIMIT));
        fits.then_some(self)
    }

    /// Nobody has looked at it yet, by its status.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.workflow.is_empty() || self.workflow.eq_ignore_ascii_case("new")
    }

    /// Was this link written to the finding before?
    #[must_use]
    pub fn carries(&self, link: &str) -> bool {
        self.fields.get(LINK_FIELD).is_some_and(|f| f == link)
            || self.comment.split_whitespace().any(|word| word == link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_in_the_field_or_in_our_comment() {
        let link = "https://example.com/pull/1";
        let mut tracking = Tracking::default();
        assert!(tracking.is_new() && !tracking.carries(link));
        tracking
            .fields
            .insert(LINK_FIELD.to_owned(), link.to_owned());
        assert!(tracking.carries(link));
        assert!(!tracking.carries("https://example.com/pull/12"));
        let commented = Tracking {
            comment: format!("{COMMENT_START}{link}"),
            workflow: "In Progress".to_owned(),
            ..Tracking::default()
        };
        assert!(commented.carries(link) && !commented.is_new());
        assert!(!commented.carries("https://example.com/pull/"));
    }
}
