//! The spine: records → admit → locate → fix → compose → dispose → change sets → outcomes.
//!
//! Invariant 1 (every record leaves as exactly one outcome) and 12 (one failed finding never voids the run) live here.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::finding::{Finding, InvalidRecord, Record, Standing, State, unify};
use crate::locate::{Located, Locator, NotLocated};
use crate::outcome::{Outcome, OutcomeKind, Reason};
use crate::policy::{Admission, Policy};
use crate::pull_request::{Fate, Fixed};
use crate::remedy::{self, Context, Fix};
use crate::rules::{Catalogue, Rule};

mod caught;
mod ending;
mod settle;

use caught::caught;
use ending::{end, fate};

/// What the stages work with.
pub struct Stages<'c, 'a> {
    /// The code, the rules, the parameters.
    pub context: Context<'c, 'a>,
    /// Finds the code of findings.
    pub locator: &'c Locator<'c>,
    /// What may happen.
    pub policy: &'c Policy,
    /// The time of the run.
    pub now: jiff::Timestamp,
}

/// What became of one finding before pull requests are made.
enum Fared<'r> {
    Gone(OutcomeKind, Reason),
    NoRule,
    Stopped(&'r Rule, OutcomeKind, Reason, String),
    Nowhere(&'r Rule, NotLocated),
    Found(&'r Rule, Box<Located>, Fix, String),
    Failed(Option<&'r Rule>, String),
}

/// A run: outcomes in the order of the records, and the fixes for pull requests.
pub struct Run {
    /// One per record. [`Run::settle`] fills in change sets.
    pub outcomes: Vec<Outcome>,
    /// What is to be proposed.
    pub fixed: Vec<Fixed>,
    /// How findings without a fix ended, by key: evidence for closing obsolete pull requests.
    pub fates: BTreeMap<String, Fate>,
}

/// Takes every record through all stages up to the change sets.
#[must_use]
pub fn run(records: Vec<Record>, stages: &Stages<'_, '_>) -> Run {
    let mut findings: Vec<Finding> = Vec::with_capacity(records.len());
    let mut order: Vec<Result<usize, InvalidRecord>> = Vec::with_capacity(records.len());
    for record in records {
        order.push(record.map(|finding| {
            findings.push(finding);
            findings.len() - 1
        }));
    }
    let catalogue = stages.context.catalogue;
    let standings = unify(&findings, |f| subject(catalogue, f));
    let mut fared: Vec<Option<Fared<'_>>> = findings
        .par_iter()
        .zip(&standings)
        .map(|(finding, standing)| match standing {
            Standing::Duplicate { .. } => None,
            Standing::Stands | Standing::Beside => Some(guarded(finding, stages)),
        })
        .collect();
    compose(&mut fared, stages);
    let mut twins: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, standing) in standings.iter().enumerate() {
        if let Standing::Duplicate { of, .. } = standing {
            twins.entry(*of).or_default().push(index);
        }
    }
    let mut run = Run {
        outcomes: Vec::new(),
        fixed: Vec::new(),
        fates: BTreeMap::new(),
    };
    let outcomes: Vec<Outcome> = findings
        .par_iter()
        .enumerate()
        .map(
            |(index, finding)| match (&fared[index], &standings[index]) {
                (Some(fared), _) => caught(|| end(finding, fared, stages))
                    .unwrap_or_else(|panic| end(finding, &Fared::Failed(None, panic), stages)),
                (None, Standing::Duplicate { key, .. }) => {
                    Outcome::bare(finding.into(), OutcomeKind::Duplicate).because(Reason::new(
                        "duplicate",
                        format!("the same problem as {key}"),
                        "",
                    ))
                }
                (None, _) => Outcome::bare(finding.into(), OutcomeKind::Failed),
            },
        )
        .collect();
    let mut ended: Vec<Outcome> = Vec::with_capacity(findings.len());
    for ((index, finding), outcome) in findings.iter().enumerate().zip(outcomes) {
        if let (OutcomeKind::Proposed, Some(Fared::Found(_, located, Fix::Remediation(fix), _))) =
            (outcome.outcome, &fared[index])
        {
            run.fixed.push(Fixed {
                findings: std::iter::once(index)
                    .chain(twins.remove(&index).unwrap_or_default())
                    .map(|i| findings[i].clone())
                    .collect(),
                located: (**located).clone(),
                remediation: (**fix).clone(),
            });
        } else if let Some(fate) = fate(&outcome) {
            // The twins' keys stand in the same pull requests.
            for twin in twins.remove(&index).unwrap_or_default() {
                run.fates
                    .insert(findings[twin].key.to_string(), fate.clone());
            }
            run.fates.insert(finding.key.to_string(), fate);
        }
        ended.push(outcome);
    }
    let mut ended = ended.into_iter();
    run.outcomes = order
        .into_iter()
        .filter_map(|slot| match slot {
            Ok(_) => ended.next(),
            Err(record) => Some(Outcome::invalid(&record)),
        })
        .collect();
    run
}

/// Findings of one rule with the same arguments are one problem.
fn subject(catalogue: &Catalogue, finding: &Finding) -> Option<String> {
    let (rule, control) = catalogue.by_controls(&finding.controls)?;
    Some(format!("{} {}", rule.id, control.with))
}

/// One finding's way, and never more than this finding's failure.
fn guarded<'r>(finding: &Finding, stages: &Stages<'r, '_>) -> Fared<'r> {
    let span = tracing::info_span!("finding", key = %finding.key);
    let _entered = span.enter();
    let rule = stages.context.catalogue.by_controls(&finding.controls);
    caught(|| walk(finding, stages))
        .unwrap_or_else(|panic| Fared::Failed(rule.map(|(rule, _)| rule), panic))
}

fn walk<'r>(finding: &Finding, stages: &Stages<'r, '_>) -> Fared<'r> {
    match &finding.state {
        State::Failed => {}
        State::Passed => {
            let reason = Reason::new("passed", "the scanner says that it passed", "");
            return Fared::Gone(OutcomeKind::Passed, reason);
        }
        State::Suppressed(how) => {
            return Fared::Gone(
                OutcomeKind::Suppressed,
                Reason::new("suppressed-in-scanner", how, ""),
            );
        }
        State::Resolved(how) => {
            return Fared::Gone(
                OutcomeKind::Resolved,
                Reason::new("resolved-in-scanner", how, ""),
            );
        }
    }
    let Some((rule, control)) = stages.context.catalogue.by_controls(&finding.controls) else {
        return Fared::NoRule;
    };
    let ruling = stages.policy.admit(finding, rule, stages.now);
    let by = ruling.decided_by.to_string();
    let stopped = match ruling.answer {
        // What is only to be advised is worked out all the same: the note says what would change.
        Admission::Proceed | Admission::Advise => None,
        Admission::Suppressed => Some((OutcomeKind::Suppressed, "ignored", "")),
        Admission::Ignored => Some((OutcomeKind::Suppressed, "policy", "")),
        Admission::Paused => Some((
            OutcomeKind::Deferred,
            "paused",
            "take the stage out of [stages] paused",
        )),
        Admission::ProfileTooNarrow => Some((
            OutcomeKind::Deferred,
            "profile",
            "widen it: --profile, or `profile` in the configuration",
        )),
    };
    if let Some((kind, reason, next)) = stopped {
        return Fared::Stopped(rule, kind, Reason::new(reason, ruling.why, next), by);
    }
    match stages.locator.locate(finding, &rule.subjects, rule.scope) {
        Err(why) => Fared::Nowhere(rule, why),
        Ok(located) => {
            let (with, width) = (&control.with, stages.policy.width());
            let fix = remedy::fix_within(&stages.context, &located, rule, with, finding, width);
            Fared::Found(rule, Box::new(located), fix, by)
        }
    }
}

/// All fixes of a run have to fit together.
fn compose(fared: &mut [Option<Fared<'_>>], stages: &Stages<'_, '_>) {
    let fix_of = |f: &mut Option<Fared<'_>>| match f {
        Some(Fared::Found(_, _, fix, _)) => Some(fix.clone()),
        _ => None,
    };
    let fixes: Vec<Fix> = fared.iter_mut().filter_map(fix_of).collect();
    // All of them together failed: none is proposed, and every other outcome stands.
    let composed = match caught(|| remedy::compose(&stages.context, fixes)) {
        Ok(composed) => composed,
        Err(panic) => {
            for slot in fared.iter_mut().flatten() {
                if let Fared::Found(rule, _, Fix::Remediation(_), _) = slot {
                    *slot = Fared::Failed(Some(rule), panic.clone());
                }
            }
            return;
        }
    };
    let mut composed = composed.into_iter();
    for slot in fared.iter_mut() {
        if let Some(Fared::Found(_, _, fix, _)) = slot
            && let Some(next) = composed.next()
        {
            *fix = next;
        }
    }
}
