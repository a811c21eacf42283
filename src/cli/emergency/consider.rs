//! From a finding to a plan or a refusal: policy, the code, an earlier run, the live state. In this order, so that
//! the cloud is asked only about what may be changed at all.

use std::collections::BTreeMap;

use crate::cli::Stop;
use crate::cli::session::Session;
use crate::emergency::trigger::{self, Allowances, Kind, Target};
use crate::emergency::{
    Case, EmergencyError, History, Phase, Plan, Refused, RefusedKind, Scene, Standing, plan,
};
use crate::finding::Finding;
use crate::outcome::{Outcome, OutcomeKind};
use crate::policy::{LiveChange, Ruling};

/// What the code says about a finding.
#[derive(Debug, Clone)]
pub(super) struct InCode {
    /// What becomes of it by a pull request, one sentence.
    pub(super) words: String,
    /// Whether a pull request can bring the code along.
    pub(super) follows: bool,
}

/// A plan that is allowed by policy.
pub(super) struct Ready {
    pub(super) plan: Plan,
    pub(super) ruling: Ruling<LiveChange>,
    pub(super) code: InCode,
    /// An earlier run that this one ends.
    pub(super) ends: Option<Ends>,
}

/// How an earlier run that did not end is ended.
#[derive(Debug, Clone)]
pub(super) enum Ends {
    /// None of its calls had an effect.
    Void(Box<Case>),
    /// All of its calls were made: only the receipt is missing.
    Settle(Box<Case>),
    /// The rest is done.
    GoOn,
}

/// The run's knowledge.
pub(super) struct Desk<'d> {
    pub(super) session: &'d Session,
    pub(super) history: &'d History,
    pub(super) allowances: Allowances,
    pub(super) keep_others: bool,
    /// Outcomes of the code's side, by finding key.
    outcomes: BTreeMap<String, Outcome>,
}

impl<'d> Desk<'d> {
    /// Takes the findings and works out what becomes of them in the code.
    pub(super) fn open(
        session: &'d Session,
        history: &'d History,
        allowances: Allowances,
        keep_others: bool,
    ) -> Result<(Self, Vec<Finding>), Stop> {
        let findings = session.findings();
        let worked = session.work(|run, stages| Ok::<_, Stop>(stages.without_forge(run)))?;
        let outcomes = worked
            .output
            .outcomes
            .into_iter()
            .map(|o| (o.finding.key.clone(), o))
            .collect();
        let desk = Self {
            session,
            history,
            allowances,
            keep_others,
            outcomes,
        };
        Ok((desk, findings))
    }

    /// Whether it may be done at all; asks nobody.
    pub(super) fn may(&self, finding: &Finding) -> Result<(Target, Ruling<LiveChange>), Refused> {
        let rule = self.session.catalogue().by_controls(&finding.controls);
        let now = self.session.now;
        let (target, ruling) = trigger::target(
            finding,
            rule.map(|(rule, _)| rule),
            |rule| self.session.policy().live_change(finding, &rule.id, now),
            self.session.emergency_role(&finding.account),
        )?;
        self.code_allows(finding)?;
        Ok((target, ruling))
    }

    /// What the code, or an ignore with a path, says against any change.
    fn code_allows(&self, finding: &Finding) -> Result<(), Refused> {
        let Some(outcome) = self.outcomes.get(&finding.key.to_string()) else {
            return Ok(());
        };
        let Some(reason) = &outcome.reason else {
            return Ok(());
        };
        let kind = match (outcome.outcome, reason.kind.as_str()) {
            (OutcomeKind::Suppressed, _) | (OutcomeKind::Refused, "suppressed-in-code") => {
                RefusedKind::Ignored
            }
            (OutcomeKind::Refused, "intended-public") => RefusedKind::IntendedPublic,
            _ => return Ok(()),
        };
        let mut refused = Refused::new(kind, &reason.message, &reason.next);
        refused.decided_by.clone_from(&outcome.decided_by);
        Err(refused)
    }

    fn code(&self, finding: &Finding) -> InCode {
        let key = finding.key.to_string();
        let Some(outcome) = self.outcomes.get(&key) else {
            return InCode {
                words: "nothing is known about the code".to_owned(),
                follows: false,
            };
        };
        let place = match (&outcome.file, outcome.line) {
            (Some(file), Some(line)) => format!(" at {file}:{line}"),
            _ => String::new(),
        };
        let address = outcome.address.as_deref().unwrap_or("the code");
        match outcome.outcome {
            OutcomeKind::Proposed => InCode {
                words: format!("a pull request changes {address}{place} in the same way"),
                follows: true,
            },
            OutcomeKind::Duplicate => InCode {
                words: "the pull request of the same problem's other finding brings the code along"
                    .to_owned(),
                follows: true,
            },
            OutcomeKind::AlreadySafe => InCode {
                words: format!(
                    "{address}{place} is safe already: the next apply would do the same"
                ),
                follows: true,
            },
            kind => {
                let why = outcome
                    .reason
                    .as_ref()
                    .map_or_else(String::new, |r| format!(": {}", r.message));
                InCode {
                    words: format!(
                        "NO PULL REQUEST CAN FOLLOW ({}{why}); a later apply of the code may undo the change",
                        kind.words()
                    ),
                    follows: false,
                }
            }
        }
    }

    /// Reads the live state and makes the plan, or finds the earlier run that has to end first.
    pub(super) fn plan(
        &self,
        finding: &Finding,
        target: &Target,
        ruling: Ruling<LiveChange>,
        scene: &Scene<'_>,
        read_at: jiff::Timestamp,
    ) -> Result<Result<Ready, Refused>, EmergencyError> {
        let mut ends = None;
        if let Some(case) = self.history.unfinished(&target.resource, &target.place) {
            match self.earlier(case, target, scene, read_at)? {
                Err(refused) => return Ok(Err(refused)),
                Ok(Earlier::Void) => ends = Some(Ends::Void(Box::new(case.clone()))),
                Ok(Earlier::Left(plan, how)) => {
                    return Ok(Ok(Ready {
                        plan: *plan,
                        ruling,
                        code: self.code(finding),
                        ends: Some(how),
                    }));
                }
            }
        }
        let wish = match target.kind {
            Kind::BlockPublicAccess => None,
            Kind::CloseIngress => {
                let found = self.session.catalogue().by_controls(&finding.controls);
                let Some((rule, control)) = found else {
                    return Ok(Err(Refused::new(
                        RefusedKind::NoLiveAction,
                        "no rule answers its controls",
                        "use a pull request (`tfmend pr`), or change it by hand",
                    )));
                };
                let parameters = self.session.parameters();
                match trigger::wish(rule, control, parameters, self.allowances) {
                    Ok(wish) => Some(wish),
                    Err(refused) => return Ok(Err(refused)),
                }
            }
        };
        let made = plan::propose(target, wish.as_ref(), scene, read_at)?;
        Ok(made.map(|plan| Ready {
            plan,
            ruling,
            code: self.code(finding),
            ends,
        }))
    }

    /// What an earlier run left behind: the live state decides.
    fn earlier(
        &self,
        case: &Case,
        target: &Target,
        scene: &Scene<'_>,
        read_at: jiff::Timestamp,
    ) -> Result<Result<Earlier, Refused>, EmergencyError> {
        let unfinished = |message: String, next: String| {
            Ok(Err(Refused::new(RefusedKind::Unfinished, message, next)))
        };
        if case.phase == Phase::UndoBegun {
            return unfinished(
                format!("the rollback of {} was begun and did not end", case.id),
                format!("end it first: tfmend emergency rollback {}", case.id),
            );
        }
        let mut action = case.receipt.action.clone();
        let now = action.observe(scene)?;
        let mut standing = action.standing(&now);
        if matches!(standing, Standing::Elsewhere(_)) && self.keep_others {
            action = action.among(&now);
            standing = action.standing(&now);
        }
        let how = match standing {
            Standing::Before => return Ok(Ok(Earlier::Void)),
            // The hash covers the place: the role that the configuration names now is what is confirmed.
            Standing::Between => Ends::GoOn,
            Standing::After => Ends::Settle(Box::new(case.clone())),
            Standing::Elsewhere(differences) => {
                return unfinished(
                    format!(
                        "an earlier run ({}) did not end, and `{}` is neither as before it nor as planned: {}",
                        case.id,
                        action.resource(),
                        differences.join("; ")
                    ),
                    format!(
                        "see `tfmend emergency show {}`; --keep-others leaves alone what others changed",
                        case.id
                    ),
                );
            }
        };
        let plan = Plan::resumed(case, action, &target.place, &now, read_at);
        Ok(Ok(Earlier::Left(Box::new(plan), how)))
    }
}

enum Earlier {
    /// Nothing.
    Void,
    /// This is left to do, or to write down.
    Left(Box<Plan>, Ends),
}

/// What stopped one finding, when nothing is wrong with it: a refusal stays one, an error is the run's.
pub(super) enum Stopped {
    /// It is not to be done.
    Refused(Refused),
    /// Something failed.
    Failed(EmergencyError),
}

impl From<Refused> for Stopped {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl<E: Into<EmergencyError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
