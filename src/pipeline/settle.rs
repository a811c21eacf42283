//! What the pull requests' plan means for the outcomes.

use std::collections::BTreeMap;

use super::Run;
use crate::outcome::{ChangeView, OutcomeKind, Reason};
use crate::pull_request::{Plan, Planned, Proposal, Step};
use crate::remedy::{Refusal, RefusalKind};

/// How the plan ends a finding's way.
struct End {
    change: Option<String>,
    /// Set when it is not proposed after all.
    instead: Option<(OutcomeKind, Reason)>,
}

impl End {
    fn instead(kind: OutcomeKind, reason: Reason) -> Self {
        Self {
            change: None,
            instead: Some((kind, reason)),
        }
    }
}

impl Run {
    /// Writes what became of the fixes into the outcomes, and gives the change sets as the output shows them.
    #[must_use]
    pub fn settle(&mut self, plan: &Plan, proposals: &[Proposal]) -> Vec<ChangeView> {
        let mut ends: BTreeMap<String, End> = BTreeMap::new();
        for planned in &plan.steps {
            let Some(request) = &planned.request else {
                continue;
            };
            let later = match &planned.step {
                Step::Defer(why) if plan.withheld.is_some() => Some((
                    OutcomeKind::Deferred,
                    Reason::new(
                        "public-repository",
                        why,
                        "make the repository private, or set `public = \"allow\"` under [github]",
                    ),
                )),
                Step::Defer(why) => Some((OutcomeKind::Deferred, Reason::new("limit", why, ""))),
                _ => None,
            };
            for key in request.change.keys() {
                let change = Some(planned.id.clone());
                ends.insert(
                    key,
                    End {
                        change,
                        instead: later.clone(),
                    },
                );
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
                ends.insert(key, End::instead(OutcomeKind::Suppressed, reason.clone()));
            }
        }
        for unfit in &plan.unfit {
            let refusal = Refusal::new(
                RefusalKind::Conflict,
                unfit.reason.to_string(),
                "merge the other change first, then run again",
            );
            for key in unfit.fixed.keys() {
                ends.insert(key, End::instead(OutcomeKind::Refused, (&refusal).into()));
            }
        }
        for outcome in &mut self.outcomes {
            let Some(end) = ends.get(&outcome.finding.key) else {
                continue;
            };
            outcome.change.clone_from(&end.change);
            if let (Some((kind, reason)), OutcomeKind::Proposed) = (&end.instead, outcome.outcome) {
                let diff = outcome.diff.take();
                *outcome = outcome.clone().instead(*kind, reason.clone());
                // What only waits for a limit is shown: whoever raises the limit wants to see it first.
                if *kind == OutcomeKind::Deferred && plan.withheld.is_none() {
                    outcome.diff = diff;
                }
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
        error: None,
    }
}
