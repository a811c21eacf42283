//! The configuration's word on code without a finding: what `tfmend check` leaves alone.
//!
//! The code names no account, region or tags that a scanner recorded: what depends on them cannot be judged and leaves
//! nothing out (invariant 9). An ignore of one finding is about that finding alone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::matching::Decided;
use super::{Policy, Ruling, today};
use crate::config::PolicyDecision;
use crate::finding::{CloudResource, Finding, FindingKey, RecordPlace, Source, State};
use crate::rules::Rule;

/// Where an unsafe state stands in the code.
#[derive(Debug, Clone, Copy)]
pub struct CodePlace<'p> {
    /// Addresses and names of the instance.
    pub names: &'p [&'p str],
    /// The files of the block and of the places that decide.
    pub paths: &'p [&'p str],
}

impl Policy {
    /// The line of the configuration that leaves an unsafe state in the code alone, if there is one.
    #[must_use]
    pub fn leaves(&self, rule: &Rule, place: CodePlace<'_>, now: Timestamp) -> Option<Ruling<()>> {
        let today = today(now);
        let ignored = self.ignores.iter().find(|ignore| {
            let holds = |set: &Option<globset::GlobSet>, texts: &[&str]| {
                set.as_ref()
                    .is_none_or(|set| texts.iter().any(|text| set.is_match(text)))
            };
            today <= ignore.until
                && ignore.finding.is_none()
                && holds(&ignore.rule, &[&rule.id])
                && holds(&ignore.resource, place.names)
                && holds(&ignore.path, place.paths)
        });
        if let Some(ignore) = ignored {
            return Some(Ruling {
                answer: (),
                why: format!("ignored until {}: {}", ignore.until, ignore.reason),
                decided_by: ignore.by.clone(),
            });
        }
        let asked = unrecorded(rule);
        let path = place.paths.first().copied().unwrap_or("");
        match self.decide(&asked, &rule.id, Some(path)) {
            Decided::Rule {
                rule: decision,
                certain: true,
            } if decision.decision == PolicyDecision::Ignore => Some(Ruling {
                answer: (),
                why: super::admit::reason(decision.reason.as_deref(), decision.decision, true),
                decided_by: decision.by.clone(),
            }),
            _ => None,
        }
    }
}

/// A finding of which nothing is recorded but its rule's severity.
fn unrecorded(rule: &Rule) -> Finding {
    Finding {
        key: FindingKey {
            source: Source::SecurityHubAsff,
            product: String::new(),
            account: String::new(),
            id: String::new(),
        },
        controls: Vec::new(),
        threat: None,
        resource: CloudResource {
            id: String::new(),
            kind: String::new(),
            aliases: Vec::new(),
            tags: BTreeMap::new(),
        },
        account: String::new(),
        region: String::new(),
        severity: rule.severity,
        state: State::Failed,
        title: String::new(),
        description: String::new(),
        url: None,
        first_seen: None,
        updated_at: None,
        facts: BTreeMap::new(),
        tracking: None,
        record: RecordPlace {
            input: "".into(),
            number: 0,
        },
    }
}
