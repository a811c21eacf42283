//! What would be done, exactly, and what it means: made from the live state by reading alone.

use jiff::Timestamp;
use serde_json::json;

use super::change::{LiveAction, Observed};
use super::history::Case;
use super::ingress::{self, Wish};
use super::public_access;
use super::trigger::{Kind, Target};
use super::{EmergencyError, Place, Refused, RefusedKind, Scene};
use crate::approval::{PlanHash, Request};
use crate::cloud::CloudError;
use crate::cloud::buckets::Buckets;
use crate::cloud::security_groups::{LiveIngress, SecurityGroups};

/// One live change as it would be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The finding's key.
    pub finding: String,
    /// The rule.
    pub rule: String,
    /// What is done.
    pub action: LiveAction,
    /// Where and as whom.
    pub place: Place,
    /// Exactly the calls that are left to make, in order.
    pub calls: Vec<String>,
    /// Who loses access, each one sentence.
    pub loses: Vec<String>,
    /// What else is to be known.
    pub notes: Vec<String>,
    /// When the live state was read.
    pub read_at: Timestamp,
    /// The receipt of an earlier run that this one goes on with.
    pub resumes: Option<String>,
}

/// The hash of an action at a place: whatever changes what would be done changes it.
#[must_use]
pub fn hash(action: &LiveAction, place: &Place) -> PlanHash {
    // Structures of ours in a fixed order of fields: the text is the same for the same plan.
    let text = json!({ "version": 1, "action": action, "place": place }).to_string();
    PlanHash::of(text.as_bytes())
}

impl Plan {
    /// The plan's hash.
    #[must_use]
    pub fn hash(&self) -> PlanHash {
        hash(&self.action, &self.place)
    }

    /// What has to be approved.
    #[must_use]
    pub fn request(&self, reason: Option<&str>) -> Request {
        Request {
            plan: self.hash(),
            resource: self.action.resource().to_owned(),
            read_at: self.read_at,
            reason: reason.map(str::to_owned),
        }
    }

    /// The calls that would bring the state before it back.
    #[must_use]
    pub fn undo_calls(&self) -> Vec<String> {
        undo_calls(&self.action, &self.place)
    }

    /// Goes on with what an earlier run began.
    #[must_use]
    pub fn resumed(
        case: &Case,
        action: LiveAction,
        place: &Place,
        now: &Observed,
        read_at: Timestamp,
    ) -> Self {
        let calls = action.calls(now, place);
        let left = match calls.len() {
            0 => "All of its calls were made; only the receipt is missing.",
            _ => "Some of its calls may have been made; those that are left are below.",
        };
        Self {
            finding: case.finding.clone(),
            rule: case.rule.clone(),
            calls,
            loses: Vec::new(),
            notes: vec![format!(
                "An earlier run ({}) began this and did not end. {left}",
                case.id
            )],
            action,
            place: place.clone(),
            read_at,
            resumes: Some(case.id.clone()),
        }
    }
}

/// The calls that undo an action, from the state after it. Rules that it makes have no ids yet.
#[must_use]
pub fn undo_calls(action: &LiveAction, place: &Place) -> Vec<String> {
    let after = match action {
        LiveAction::BlockPublicAccess(change) | LiveAction::RestorePublicAccess(change) => {
            Observed::Access(change.after)
        }
        LiveAction::CloseIngress(change) | LiveAction::RestoreIngress(change) => Observed::Ingress(
            change
                .after()
                .into_iter()
                .map(|rule| LiveIngress {
                    rule,
                    id: "(its id)".to_owned(),
                })
                .collect(),
        ),
    };
    action.undo().calls(&after, place)
}

/// Reads the live state and works out what would be done.
///
/// # Errors
/// When it cannot be read. What is not to be done is a refusal.
pub fn propose(
    target: &Target,
    wish: Option<&Wish>,
    scene: &Scene<'_>,
    read_at: Timestamp,
) -> Result<Result<Plan, Refused>, EmergencyError> {
    let made = match target.kind {
        Kind::BlockPublicAccess => {
            let buckets = Buckets::new(scene.session(), scene.config(), &target.place.account);
            match buckets.read(&target.resource) {
                Err(e) if e.code() == Some("NoSuchBucket") => Err(not_found(target, "bucket")),
                Err(e) => return Err(e.into()),
                Ok(bucket) => {
                    public_access::choose(&bucket, &target.place.region).map(|(change, effect)| {
                        let now = Observed::Access(bucket.block);
                        let action = LiveAction::BlockPublicAccess(change);
                        (action, now, effect.loses, effect.notes)
                    })
                }
            }
        }
        Kind::CloseIngress => {
            let groups = SecurityGroups::new(scene.session(), scene.config());
            match (groups.read(&target.resource), wish) {
                (Err(e), _) if is_no_group(&e) => Err(not_found(target, "security group")),
                (Err(e), _) => return Err(e.into()),
                (Ok(group), _)
                    if !group.owner.is_empty() && group.owner != target.place.account =>
                {
                    Err(Refused::new(
                        RefusedKind::OtherAccount,
                        format!(
                            "security group `{}` belongs to account {}",
                            group.id, group.owner
                        ),
                        "act in the account that owns it",
                    ))
                }
                (Ok(_), None) => Err(Refused::new(
                    RefusedKind::RecordIncomplete,
                    "the finding says no ports",
                    "act by hand",
                )),
                (Ok(group), Some(wish)) => ingress::choose(&group, wish).map(|choice| {
                    let now = Observed::Ingress(group.ingress.clone());
                    let action = LiveAction::CloseIngress(choice.change);
                    (action, now, choice.loses, choice.notes)
                }),
            }
        }
    };
    Ok(made.map(|(action, now, loses, notes)| Plan {
        finding: target.finding.clone(),
        rule: target.rule.clone(),
        calls: action.calls(&now, &target.place),
        action,
        place: target.place.clone(),
        loses,
        notes,
        read_at,
        resumes: None,
    }))
}

fn is_no_group(error: &CloudError) -> bool {
    matches!(
        error.code(),
        Some(
            "InvalidGroup.NotFound"
                | "InvalidGroupId.Malformed"
                | "InvalidSecurityGroupID.NotFound"
        )
    )
}

fn not_found(target: &Target, what: &str) -> Refused {
    Refused::new(
        RefusedKind::NotFound,
        format!(
            "there is no {what} `{}` in account {}, {}",
            target.resource, target.place.account, target.place.region
        ),
        "nothing to do; the finding follows when the scanner looks again",
    )
}
