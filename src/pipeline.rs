//! The spine: records → admit → locate → fix → compose → dispose → change sets → outcomes.
//!
//! Invariant 1 (every record leaves as exactly one outcome) and 12 (one failed finding never voids the run) live here.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use hcl_edit::Span as _;

use crate::finding::{Finding, InvalidRecord, Record, Standing, State, unify};
use crate::locate::{Located, Locator, NotLocated, Target};
use crate::outcome::{ChangeView, Outcome, OutcomeKind, Reason};
use crate::policy::{self, Admission, Disposition, Policy};
use crate::pull_request::{Fate, Fixed, Plan, Planned, Proposal, Step};
use crate::remedy::{self, Context, Fix, Refusal, Remediation};
use crate::rules::{Catalogue, Rule};
use crate::terraform::RepoPath;
use crate::terraform::edit;

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
    Failed(&'r Rule, String),
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
        .iter()
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
    let mut ended: Vec<Outcome> = Vec::with_capacity(findings.len());
    for (index, finding) in findings.iter().enumerate() {
        let outcome = match (&fared[index], &standings[index]) {
            (Some(fared), _) => end(finding, fared, stages),
            (None, Standing::Duplicate { key, .. }) => {
                Outcome::bare(finding.into(), OutcomeKind::Duplicate).because(Reason::new(
                    "duplicate",
                    format!("the same problem as {key}"),
                    "",
                ))
            }
            (None, _) => Outcome::bare(finding.into(), OutcomeKind::Failed),
        };
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
    let walked = catch_unwind(AssertUnwindSafe(|| walk(finding, stages)));
    match (walked, rule) {
        (Ok(fared), _) => fared,
        (Err(panic), Some((rule, _))) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text
                .or(panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            Fared::Failed(rule, text.to_owned())
        }
        (Err(_), None) => Fared::NoRule,
    }
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
            let fix = remedy::fix(&stages.context, &located, rule, &control.with, finding);
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
    let mut composed = remedy::compose(&stages.context, fixes).into_iter();
    for slot in fared.iter_mut() {
        if let Some(Fared::Found(_, _, fix, _)) = slot
            && let Some(next) = composed.next()
        {
            *fix = next;
        }
    }
}

fn end(finding: &Finding, fared: &Fared<'_>, stages: &Stages<'_, '_>) -> Outcome {
    let leave = |kind| Outcome::bare(finding.into(), kind);
    match fared {
        Fared::Gone(kind, reason) => leave(*kind).because(reason.clone()),
        Fared::NoRule => leave(OutcomeKind::NoRule),
        Fared::Stopped(rule, kind, reason, by) => {
            leave(*kind).under(rule).because(reason.clone()).decided(by)
        }
        Fared::Nowhere(rule, why) => leave(OutcomeKind::NotLocated).under(rule).nowhere(why),
        Fared::Failed(rule, text) => leave(OutcomeKind::Failed).under(rule).because(Reason::new(
            "internal-error",
            text,
            "please report it with the finding and the block reduced to the least that fails",
        )),
        Fared::Found(rule, located, fix, by) => {
            let stands = stands(located, stages);
            let at = |kind| {
                leave(kind)
                    .under(rule)
                    .at(located, stands.as_ref().map(|(f, l)| (f, *l)))
            };
            match fix {
                Fix::Remediation(remediation) => dispose(
                    at(OutcomeKind::Proposed),
                    remediation,
                    rule,
                    located,
                    finding,
                    stages,
                ),
                Fix::AlreadySafe(why) => at(OutcomeKind::AlreadySafe).because(Reason::new(
                    "already-safe",
                    why,
                    "apply the code, or look for drift",
                )),
                Fix::Advice(text) => at(OutcomeKind::Advice)
                    .because(Reason::new("advice", text, ""))
                    .decided(by),
                Fix::Refused(refusal) => at(OutcomeKind::Refused).because(refusal.into()),
            }
        }
    }
}

fn dispose(
    outcome: Outcome,
    remediation: &Remediation,
    rule: &Rule,
    located: &Located,
    finding: &Finding,
    stages: &Stages<'_, '_>,
) -> Outcome {
    let diff = edit::diff(stages.context.cfg.estate(), &remediation.edits);
    let diff = match diff {
        Ok(diff) => diff,
        Err(e) => {
            return outcome.instead(
                OutcomeKind::Failed,
                Reason::new("internal-error", e.to_string(), "run again"),
            );
        }
    };
    let known = policy::Context {
        finding,
        rule,
        confidence: located.confidence,
        now: stages.now,
    };
    let ruling = stages.policy.dispose(remediation, &known);
    let fixed = outcome
        .fixed(remediation, rule, diff)
        .decided(ruling.decided_by.to_string());
    let why = ruling.why;
    match ruling.answer {
        Disposition::Propose { .. } => fixed,
        Disposition::Advise => {
            let text = format!("{why}. By hand: {}", remediation.summary);
            fixed.instead(OutcomeKind::Advice, Reason::new("policy", text, ""))
        }
        Disposition::Refuse(refusal) => fixed.instead(OutcomeKind::Refused, (&refusal).into()),
        Disposition::Ignore => {
            fixed.instead(OutcomeKind::Suppressed, Reason::new("ignored", why, ""))
        }
        Disposition::Defer => fixed.instead(OutcomeKind::Deferred, Reason::new("paused", why, "")),
    }
}

/// File and line of the located block.
fn stands(located: &Located, stages: &Stages<'_, '_>) -> Option<(RepoPath, usize)> {
    let Target::Instance(address) = &located.target else {
        return None;
    };
    let at = stages
        .context
        .cfg
        .occurrence(&located.root, &address.block())?;
    let line = at.resource.block.span().map_or(0, |s| s.start);
    Some((at.resource.file.path().clone(), at.resource.file.line(line)))
}

fn fate(outcome: &Outcome) -> Option<Fate> {
    let why = outcome
        .reason
        .as_ref()
        .map_or_else(String::new, |r| r.message.clone());
    Some(match outcome.outcome {
        OutcomeKind::AlreadySafe => Fate::Safe(why),
        OutcomeKind::Passed | OutcomeKind::Resolved => Fate::Resolved(why),
        OutcomeKind::Suppressed => Fate::Suppressed(why),
        OutcomeKind::Refused | OutcomeKind::NotLocated | OutcomeKind::Advice => Fate::Stuck(why),
        _ => return None,
    })
}

impl Run {
    /// Writes what became of the fixes into the outcomes, and gives the change sets as the output shows them.
    #[must_use]
    pub fn settle(&mut self, plan: &Plan, proposals: &[Proposal]) -> Vec<ChangeView> {
        let mut ends: BTreeMap<String, (Option<String>, Option<(OutcomeKind, Reason)>)> =
            BTreeMap::new();
        for planned in &plan.steps {
            let Some(request) = &planned.request else {
                continue;
            };
            let later = match &planned.step {
                Step::Defer(why) => Some((OutcomeKind::Deferred, Reason::new("limit", why, ""))),
                _ => None,
            };
            for key in request.change.keys() {
                ends.insert(key, (Some(planned.id.clone()), later.clone()));
            }
        }
        for turned_down in &plan.remembered {
            let why = format!(
                "pull request #{} was closed without merging",
                turned_down.number
            );
            let reason = Reason::new(
                "closed-by-person",
                why,
                "reopen it, or delete it, to be asked again",
            );
            for key in turned_down.fixed.keys() {
                ends.insert(key, (None, Some((OutcomeKind::Suppressed, reason.clone()))));
            }
        }
        for unfit in &plan.unfit {
            let refusal = Refusal::new(
                remedy::RefusalKind::Conflict,
                unfit.reason.to_string(),
                "merge the other change first, then run again",
            );
            for key in unfit.fixed.keys() {
                ends.insert(key, (None, Some((OutcomeKind::Refused, (&refusal).into()))));
            }
        }
        for outcome in &mut self.outcomes {
            let Some((change, instead)) = ends.get(&outcome.finding.key) else {
                continue;
            };
            outcome.change.clone_from(change);
            if let (Some((kind, reason)), OutcomeKind::Proposed) = (instead, outcome.outcome) {
                *outcome = outcome.clone().instead(*kind, reason.clone());
            }
        }
        let seen = |p: &Planned| proposals.iter().find(|q| Some(q.number) == p.proposal);
        plan.steps
            .iter()
            .map(|planned| change_view(planned, seen(planned)))
            .collect()
    }
}

fn change_view(planned: &Planned, proposal: Option<&Proposal>) -> ChangeView {
    let change = planned.request.as_ref().map(|r| &r.change);
    let title = planned.request.as_ref().map(|r| r.text.title.clone());
    ChangeView {
        id: planned.id.clone(),
        title: title
            .or_else(|| proposal.map(|p| p.title.clone()))
            .unwrap_or_default(),
        findings: change.iter().flat_map(|c| c.keys()).collect(),
        files: change
            .iter()
            .flat_map(|c| c.files.iter().map(ToString::to_string))
            .collect(),
        step: planned.step.word().to_owned(),
        reason: planned.step.reason().map(str::to_owned),
        pull_request: proposal.map(|p| p.url.clone()),
    }
}
