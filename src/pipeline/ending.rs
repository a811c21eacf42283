//! From how a finding fared to its outcome; policy has its second word here.

use super::{Fared, Stages};
use crate::finding::Finding;
use crate::locate::{self, Located, Target};
use crate::outcome::{Outcome, OutcomeKind, Reason};
use crate::policy::{self, Disposition};
use crate::pull_request::Fate;
use crate::remedy::{Fix, Remediation};
use crate::rules::Rule;
use crate::terraform::{RepoPath, edit};

pub(super) fn end(finding: &Finding, fared: &Fared<'_>, stages: &Stages<'_, '_>) -> Outcome {
    let leave = |kind| Outcome::bare(finding.into(), kind);
    match fared {
        Fared::Gone(kind, reason) => leave(*kind).because(reason.clone()),
        Fared::NoRule => leave(OutcomeKind::NoRule),
        Fared::Stopped(rule, kind, reason, by) => {
            leave(*kind).under(rule).because(reason.clone()).decided(by)
        }
        Fared::Nowhere(rule, why) => leave(OutcomeKind::NotLocated).under(rule).nowhere(why),
        Fared::Failed(rule, text) => {
            let failed = leave(OutcomeKind::Failed).because(Reason::new(
                "internal-error",
                text,
                "please report it with the finding and the block reduced to the least that fails",
            ));
            match rule {
                Some(rule) => failed.under(rule),
                None => failed,
            }
        }
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
    let estate = stages.context.cfg.estate();
    let edits = edit::settle(estate, &remediation.edits);
    let settled = edits.and_then(|edits| Ok((edit::diff(estate, &edits)?, edits)));
    let (diff, edits) = match settled {
        Ok(settled) => settled,
        Err(e) => {
            let reason = Reason::new("internal-error", e.to_string(), "run again");
            return outcome.instead(OutcomeKind::Failed, reason);
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
        .fixed(remediation, &edits, rule, diff)
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
    Some(locate::stands(stages.context.cfg, &at))
}

pub(super) fn fate(outcome: &Outcome) -> Option<Fate> {
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
