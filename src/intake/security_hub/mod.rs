//! Findings from AWS Security Hub: both generations, page after page, as the service sent them.
//!
//! The bytes of each page go to [`finding::read`] as they came, so nothing is lost on the way through the SDK's types.
//! The region that is asked says nothing about a finding: in an aggregation region it is the finding's own region
//! that counts downstream, and the format readers take it from the record. Only the newer state of a finding that is
//! seen in two places stands; [`finding::unify`] sees to that.

mod filter;
mod page;
mod query;

use std::collections::HashSet;

use jiff::Timestamp;

pub use filter::{Compliance, FilterError, Filters, KEYS, Workflow};

use crate::cloud::{CloudError, Generation, Hub, Session};
use crate::finding::{self, FindingKey, ReadError, Record};
use page::Pages;

/// The IAM action of GetFindings and GetFindingsV2.
const ACTION: &str = "securityhub:GetFindings";

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// All that pass the filters.
    Filters(&'a Filters),
    /// These, in whatever state.
    Ids(&'a [String]),
}

/// What a source gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Records handed over.
    pub records: u64,
    /// There are more, but the cap was reached.
    pub capped: bool,
    /// Ids that Security Hub does not know.
    pub unknown: Vec<String>,
}

/// Security Hub could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SecurityHubError {
    /// The cloud said no, or nothing.
    #[error(transparent)]
    Cloud(CloudError),
    /// Not switched on there.
    #[error(
        "Security Hub is not switched on in {region} for this account ({message}): switch it on there, or name the \
         region that aggregates your findings with --from security-hub:REGION; the newer Security Hub is read with \
         --from security-hub-v2:REGION"
    )]
    NotSubscribed {
        /// The region that was asked.
        region: String,
        /// What AWS said.
        message: String,
    },
    /// Denied, or the newer Security Hub is not there: AWS gives one answer for both.
    #[error("{0}; the same answer comes where the newer Security Hub is not switched on")]
    Newer(CloudError),
    /// A page could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl SecurityHubError {
    fn of(error: CloudError, generation: Generation) -> Self {
        match (generation, error) {
            (
                _,
                CloudError::Refused {
                    region,
                    code,
                    message,
                    ..
                },
            ) if code == "InvalidAccessException" => Self::NotSubscribed { region, message },
            (Generation::V2, error @ CloudError::Denied { .. }) => Self::Newer(error),
            (_, error) => Self::Cloud(error),
        }
    }
}

/// Reads what is asked for into `sink`, at most `most` records. Records are numbered over all pages; their input is
/// called after the hub and the region that was asked, `security-hub:eu-west-1`.
///
/// # Errors
/// When the service denies it, is not switched on or does not answer; what came before was handed over.
pub fn read(
    session: &Session,
    hub: &Hub,
    asked: Asked<'_>,
    most: u64,
    now: Timestamp,
    sink: &mut dyn FnMut(Record),
) -> Result<Seen, SecurityHubError> {
    let region = session
        .region_for(ACTION)
        .map_err(SecurityHubError::Cloud)?;
    let name = Hub {
        generation: hub.generation,
        region: Some(region.to_owned()),
    }
    .to_string();
    let mut intake = Intake {
        name,
        now,
        most,
        seen: Seen::default(),
        known: HashSet::new(),
        sink,
    };
    let pages = Pages::new(session, region);
    match (hub.generation, asked) {
        (Generation::Cspm, Asked::Filters(filters)) => {
            for query in query::cspm(filters, now) {
                intake.all(hub, |token| pages.cspm(query.clone(), token))?;
            }
        }
        (Generation::V2, Asked::Filters(filters)) => {
            let query = query::v2(filters, now);
            intake.all(hub, |token| pages.v2(query.clone(), token))?;
        }
        (generation, Asked::Ids(ids)) => {
            for ids in ids.chunks(filter::VALUES) {
                intake.seen.unknown.extend(ids.iter().cloned());
                match generation {
                    Generation::Cspm => {
                        let query = query::cspm_by_id(ids);
                        intake.all(hub, |token| pages.cspm(query.clone(), token))?;
                    }
                    Generation::V2 => {
                        let query = query::v2_by_id(ids);
                        intake.all(hub, |token| pages.v2(query.clone(), token))?;
                    }
                }
            }
        }
    }
    Ok(intake.seen)
}

/// One page as it came.
struct Page {
    body: Vec<u8>,
    findings: usize,
    next: Option<String>,
}

/// Hands pages over as records.
struct Intake<'s> {
    name: String,
    now: Timestamp,
    most: u64,
    seen: Seen,
    /// Keys of earlier queries: one source gives a finding once, whichever of its queries found it.
    known: HashSet<FindingKey>,
    sink: &'s mut dyn FnMut(Record),
}

impl Intake<'_> {
    /// All pages of one query.
    fn all(
        &mut self,
        hub: &Hub,
        mut ask: impl FnMut(Option<String>) -> Result<Page, CloudError>,
    ) -> Result<(), SecurityHubError> {
        let mut token: Option<String> = None;
        let mut new: Vec<FindingKey> = Vec::new();
        while !self.seen.capped {
            let page = ask(token.clone()).map_err(|e| SecurityHubError::of(e, hub.generation))?;
            tracing::debug!(
                source = self.name,
                findings = page.findings,
                more = page.next.is_some(),
                "page"
            );
            if page.findings > 0 {
                self.hand_over(&page, &mut new)?;
            }
            if self.seen.records >= self.most && page.next.is_some() {
                self.seen.capped = true;
            }
            // A token that comes again would be asked for without end.
            if page.next.is_none() || page.next == token {
                break;
            }
            token = page.next;
        }
        self.known.extend(new);
        Ok(())
    }

    fn hand_over(&mut self, page: &Page, new: &mut Vec<FindingKey>) -> Result<(), ReadError> {
        let Self {
            name,
            now,
            most,
            seen,
            known,
            sink,
        } = self;
        if !seen.unknown.is_empty() {
            let text = String::from_utf8_lossy(&page.body);
            seen.unknown.retain(|id| !holds(&text, id));
        }
        finding::read(&page.body[..], name, None, *now, &mut |record| {
            if let Ok(finding) = &record {
                if known.contains(&finding.key) {
                    return;
                }
                new.push(finding.key.clone());
            }
            if seen.records >= *most {
                seen.capped = true;
                return;
            }
            seen.records += 1;
            (*sink)(numbered(record, seen.records));
        })?;
        Ok(())
    }
}

/// Is the id a text of this JSON?
fn holds(page: &str, id: &str) -> bool {
    serde_json::to_string(id).is_ok_and(|quoted| page.contains(&quoted))
}

fn numbered(record: Record, number: u64) -> Record {
    match record {
        Ok(mut finding) => {
            finding.record.number = number;
            Ok(finding)
        }
        Err(mut invalid) => {
            invalid.place.number = number;
            Err(invalid)
        }
    }
}
