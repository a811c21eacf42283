//! Acknowledging findings in Security Hub: a finding whose pull request is open says so where its owners look.
//!
//! Opt-in. The workflow status becomes NOTIFIED (from NEW only; In Progress in the newer Security Hub), and the link of
//! the pull request is left in a user-defined field and a note. Never RESOLVED, never SUPPRESSED: that is for a
//! verified read, or for a person. A finding that fails again after it was resolved is set back to NEW by Security Hub
//! itself, and is then acknowledged again.
//!
//! What people wrote stays: their note is not replaced, their user-defined fields are sent along, because a write
//! replaces all of them. The calls go to the region in which the finding was read: there the identifiers are known,
//! also in an aggregation region. Both are in the closed list [`crate::cloud::WRITES`] (invariant 6).

use std::collections::BTreeMap;

use aws_sdk_securityhub::Client;
use aws_sdk_securityhub::types::{
    AwsSecurityFindingIdentifier, NoteUpdate, OcsfFindingIdentifier, WorkflowStatus, WorkflowUpdate,
};

use crate::cloud::{Call, CloudError, Generation, Session, explain};
use crate::finding::{COMMENT_START, FindingKey, LINK_FIELD, Tracking, WRITER};

/// The IAM action of both calls.
const ACTION: &str = "securityhub:BatchUpdateFindings";
/// Findings a call.
const BATCH: usize = 100;
/// Characters of a note or comment.
const NOTE: usize = 512;
/// Characters of a user-defined field, and how many there may be.
const FIELD: usize = 1024;
const FIELDS: usize = 50;
/// `status_id` of "In Progress" in OCSF.
const IN_PROGRESS: i32 = 2;

/// One finding that has a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The finding.
    pub key: FindingKey,
    /// How its service tracks it.
    pub tracking: Tracking,
    /// The pull request.
    pub link: String,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Findings that now carry the link.
    pub done: Vec<FindingKey>,
    /// Findings that Security Hub did not take, and why.
    pub left: Vec<(FindingKey, String)>,
    /// Why no more were tried.
    pub error: Option<CloudError>,
}

/// What one call writes: findings with the same are written together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Write {
    notified: bool,
    note: Option<String>,
    fields: Option<BTreeMap<String, String>>,
}

impl Write {
    /// What is to be written to a finding of this generation; `None` when it carries everything already.
    fn of(wanted: &Acknowledgement, generation: Generation) -> Option<Self> {
        let Acknowledgement { tracking, link, .. } = wanted;
        if tracking.carries(link) && !tracking.is_new() {
            return None;
        }
        let text = match generation {
            Generation::Cspm => format!("Pull request: {link}"),
            Generation::V2 => format!("{COMMENT_START}pull request {link}"),
        };
        let fits = text.chars().count() <= NOTE && !text.contains(char::is_control);
        let write = Self {
            notified: tracking.is_new(),
            note: (fits && !tracking.foreign_note).then_some(text),
            fields: match generation {
                Generation::Cspm => fields(tracking, link),
                Generation::V2 => None,
            },
        };
        (write.notified || write.note.is_some() || write.fields.is_some()).then_some(write)
    }
}

fn fields(tracking: &Tracking, link: &str) -> Option<BTreeMap<String, String>> {
    let mut fields = tracking.fields.clone();
    fields.insert(LINK_FIELD.to_owned(), link.to_owned());
    (fields.len() <= FIELDS && link.chars().count() <= FIELD).then_some(fields)
}

/// Writes to every finding that does not carry its link yet, in the session's region. An error of a call ends it: what
/// was written stays, the next run goes on.
#[must_use]
pub fn run(session: &Session, generation: Generation, wanted: &[Acknowledgement]) -> Report {
    let mut report = Report::default();
    let region = match session.region_for(ACTION) {
        Ok(region) => region,
        Err(error) => {
            report.error = Some(error);
            return report;
        }
    };
    let mut writes: BTreeMap<Write, BTreeMap<&FindingKey, &Tracking>> = BTreeMap::new();
    for one in wanted {
        if let Some(write) = Write::of(one, generation) {
            let same = writes.entry(write).or_default();
            same.insert(&one.key, &one.tracking);
        }
    }
    let client = Client::new(session.config());
    for (write, findings) in &writes {
        let findings: Vec<(&FindingKey, &Tracking)> =
            findings.iter().map(|(k, t)| (*k, *t)).collect();
        for batch in findings.chunks(BATCH) {
            let call = Call {
                action: ACTION,
                region,
            };
            tracing::debug!(
                target: "tfmend::cloud::write",
                action = ACTION,
                region,
                findings = batch.len(),
                "before"
            );
            let left = match generation {
                Generation::Cspm => session.block_on(cspm(&client, call, write, batch)),
                Generation::V2 => session.block_on(v2(&client, call, write, batch)),
            };
            tracing::debug!(
                target: "tfmend::cloud::write",
                action = ACTION,
                region,
                ok = left.is_ok(),
                "after"
            );
            match left {
                Ok(left) => report.take(batch, &left),
                Err(error) => {
                    report.error = Some(error);
                    return report;
                }
            }
        }
    }
    report
}

impl Report {
    fn take(&mut self, batch: &[(&FindingKey, &Tracking)], left: &BTreeMap<String, String>) {
        for (key, _) in batch {
            match left.get(&key.id) {
                Some(why) => self.left.push(((*key).clone(), why.clone())),
                None => self.done.push((*key).clone()),
            }
        }
    }
}

/// Finding id → why it was not taken.
type Left = BTreeMap<String, String>;

fn why(code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (one, other) => one.or(other).unwrap_or("no reason given").to_owned(),
    }
}

async fn cspm(
    client: &Client,
    call: Call<'_>,
    write: &Write,
    batch: &[(&FindingKey, &Tracking)],
) -> Result<Left, CloudError> {
    let mut request = client.batch_update_findings();
    for (key, tracking) in batch {
        let identifier = AwsSecurityFindingIdentifier::builder()
            .id(&key.id)
            .product_arn(&tracking.product)
            .build();
        request = request.finding_identifiers(identifier);
    }
    if write.notified {
        let status = WorkflowStatus::Notified;
        request = request.workflow(WorkflowUpdate::builder().status(status).build());
    }
    if let Some(text) = &write.note {
        let note = NoteUpdate::builder().text(text).updated_by(WRITER);
        request = request.note(note.build());
    }
    for (name, value) in write.fields.iter().flatten() {
        request = request.user_defined_fields(name, value);
    }
    let answer = request.send().await.map_err(|e| explain(call, &e))?;
    let mut left = Left::new();
    for unprocessed in answer.unprocessed_findings() {
        if let Some(id) = unprocessed.finding_identifier().and_then(|i| i.id()) {
            let reason = why(unprocessed.error_code(), unprocessed.error_message());
            left.insert(id.to_owned(), reason);
        }
    }
    Ok(left)
}

async fn v2(
    client: &Client,
    call: Call<'_>,
    write: &Write,
    batch: &[(&FindingKey, &Tracking)],
) -> Result<Left, CloudError> {
    let mut request = client.batch_update_findings_v2();
    for (key, tracking) in batch {
        let identifier = OcsfFindingIdentifier::builder()
            .cloud_account_uid(&key.account)
            .finding_info_uid(&key.id)
            .metadata_product_uid(&tracking.product)
            .build();
        request = request.finding_identifiers(identifier);
    }
    if write.notified {
        request = request.status_id(IN_PROGRESS);
    }
    if let Some(text) = &write.note {
        request = request.comment(text);
    }
    let answer = request.send().await.map_err(|e| explain(call, &e))?;
    let mut left = Left::new();
    for unprocessed in answer.unprocessed_findings() {
        let identifier = unprocessed.finding_identifier();
        if let Some(id) = identifier.and_then(|i| i.finding_info_uid()) {
            let code = unprocessed.error_code().map(|c| c.as_str());
            left.insert(id.to_owned(), why(code, unprocessed.error_message()));
        }
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Source;

    const LINK: &str = "https://github.com/acme/infra/pull/7";

    fn wanted(tracking: Tracking) -> Acknowledgement {
        Acknowledgement {
            key: FindingKey {
                source: Source::SecurityHubAsff,
                product: "aws/securityhub".to_owned(),
                account: "111122223333".to_owned(),
                id: "arn:x".to_owned(),
            },
            tracking,
            link: LINK.to_owned(),
        }
    }

    fn new() -> Tracking {
        Tracking {
            workflow: "NEW".to_owned(),
            ..Tracking::default()
        }
    }

    #[test]
    fn a_new_finding_gets_status_note_and_field() {
        let write = Write::of(&wanted(new()), Generation::Cspm).unwrap();
        assert!(write.notified);
        assert_eq!(write.note.unwrap(), format!("Pull request: {LINK}"));
        assert_eq!(write.fields.unwrap()[LINK_FIELD], LINK);
    }

    #[test]
    fn what_people_wrote_stays() {
        let mut tracking = new();
        tracking.foreign_note = true;
        tracking.workflow = "NOTIFIED".to_owned();
        tracking.fields = BTreeMap::from([("owner".to_owned(), "ann".to_owned())]);
        let write = Write::of(&wanted(tracking), Generation::Cspm).unwrap();
        assert!(!write.notified && write.note.is_none());
        let fields = write.fields.unwrap();
        assert_eq!((fields["owner"].as_str(), fields.len()), ("ann", 2));
    }

    #[test]
    fn what_carries_the_link_is_written_again_only_when_it_is_new_again() {
        let mut tracking = new();
        tracking.workflow = "NOTIFIED".to_owned();
        tracking
            .fields
            .insert(LINK_FIELD.to_owned(), LINK.to_owned());
        assert_eq!(Write::of(&wanted(tracking.clone()), Generation::Cspm), None);
        tracking.workflow = "NEW".to_owned();
        assert!(
            Write::of(&wanted(tracking), Generation::Cspm)
                .unwrap()
                .notified
        );
    }

    #[test]
    fn full_fields_and_long_links_are_left_out() {
        let mut tracking = new();
        tracking.fields = (0..FIELDS)
            .map(|n| (n.to_string(), String::new()))
            .collect();
        let mut long = wanted(tracking);
        long.link = format!("https://x/{}", "y".repeat(600));
        let write = Write::of(&long, Generation::Cspm).unwrap();
        assert!(write.notified && write.note.is_none() && write.fields.is_none());
    }

    #[test]
    fn in_the_newer_generation_a_foreign_comment_stays_and_is_enough() {
        let mut tracking = new();
        let write = Write::of(&wanted(tracking.clone()), Generation::V2).unwrap();
        assert_eq!(write.note.unwrap(), format!("tfmend: pull request {LINK}"));
        assert_eq!(write.fields, None);
        tracking.foreign_note = true;
        tracking.workflow = "In Progress".to_owned();
        assert_eq!(Write::of(&wanted(tracking), Generation::V2), None);
    }
}
