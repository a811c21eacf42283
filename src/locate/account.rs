//! Settings of an account and region: there may be no block yet.
//!
//! A block that exists in the root that is proved to stand on the account is the place. Else `[placement]` of the
//! configuration names a home, else the one root whose state proves the account. Nothing is guessed: a second block
//! for one setting would fight with the first.

use crate::finding::Finding;
use crate::refusal::{Refusal, RefusalKind};
use crate::terraform::identity::{self, Scope, Sought};
use crate::terraform::module::Occurrence;
use crate::terraform::state::StateHit;
use crate::terraform::{Address, RepoPath};

use super::candidate::{Candidate, and, several};
use super::ground::Standing;
use super::{
    Confidence, Evidence, Located, Locator, Placement, Step, Target, list, place, root_name,
};

/// File for new account-level blocks, inside the root.
const HOME: &str = "security.tf";

/// Types whose setting holds for the whole account, whatever the region.
const ACCOUNT_WIDE: [&str; 4] = [
    "aws_iam_",
    "aws_s3_account_",
    "aws_account_",
    "aws_organizations_",
];

/// A block of the setting's type, and how its root stands to the account sought.
struct Existing {
    candidate: Candidate,
    proved: bool,
}

impl Locator<'_> {
    pub(super) fn account_level(
        &self,
        finding: &Finding,
        kinds: &[String],
        tried: &mut Vec<String>,
    ) -> Step {
        let scope = if kinds
            .iter()
            .all(|k| ACCOUNT_WIDE.iter().any(|p| k.starts_with(p)))
        {
            Scope::Account
        } else {
            Scope::Region
        };
        let Some(sought) = sought(finding) else {
            return Step::Stop(no_home(
                "the finding does not say which account it is about",
                "fix the setting by hand",
            ));
        };
        let held = self.held_at(kinds, scope, &sought);
        let existing = self.existing(kinds, scope, &sought, &held, tried);
        let (proved, open): (Vec<Existing>, Vec<Existing>) =
            existing.into_iter().partition(|e| e.proved);
        if let Some(refusal) = self.managed_elsewhere(&held, scope, &sought, &proved) {
            return Step::Stop(refusal);
        }
        match proved.as_slice() {
            [one] => return self.settle(one.candidate.clone()),
            [] => {}
            _ => return Step::Stop(several(&candidates(&proved))),
        }
        if let Some(placement) = self.placement(scope, &sought) {
            return self.placed(placement, &open);
        }
        tried.push(format!(
            "placement: the configuration names no home for account {}",
            place_of(scope, &sought)
        ));
        match open.as_slice() {
            [] => self.home_by_state(kinds, scope, &sought, tried),
            [one] => self.settle(one.candidate.clone()),
            _ => Step::Stop(several(&candidates(&open))),
        }
    }

    /// The settings of these types that states prove to be of the account and region sought.
    fn held_at(&self, kinds: &[String], scope: Scope, sought: &Sought) -> Vec<StateHit<'_>> {
        let hits = kinds
            .iter()
            .flat_map(|kind| self.states.of_kind_at(kind, scope, sought));
        hits.filter(|hit| hit.proved).collect()
    }

    /// Whether what a state holds is this instance of the code.
    fn is_held_as(&self, hit: &StateHit<'_>, root: &RepoPath, address: &Address) -> bool {
        hit.root.root() == Some(root) && address.could_be(&self.moved(root, &hit.resource.address))
    }

    /// A state proves that the setting is managed, and not by one of the blocks in `proved`: a second block would
    /// fight with that one.
    fn managed_elsewhere(
        &self,
        held: &[StateHit<'_>],
        scope: Scope,
        sought: &Sought,
        proved: &[Existing],
    ) -> Option<Refusal> {
        let elsewhere: Vec<&StateHit<'_>> = held
            .iter()
            .filter(|hit| {
                !proved
                    .iter()
                    .any(|e| self.is_held_as(hit, &e.candidate.root, &e.candidate.address))
            })
            .collect();
        if elsewhere.is_empty() {
            return None;
        }
        let wanted = place_of(scope, sought);
        let holders: Vec<String> = elsewhere
            .iter()
            .map(|hit| {
                let at = match hit.root.root() {
                    Some(root) => place(root, &hit.resource.address),
                    None => format!("`{}`", hit.resource.address),
                };
                format!("{at} (state `{}`)", hit.state.name)
            })
            .collect();
        if !proved.is_empty() {
            let mut owners: Vec<String> = proved
                .iter()
                .map(|e| place(&e.candidate.root, &e.candidate.address))
                .collect();
            owners.extend(holders);
            return Some(Refusal {
                kind: RefusalKind::TwoOwners,
                message: format!("this setting of account {wanted} is managed twice: by {}", and(&owners)),
                next: "decide which code owns it and take it out of the other state (`terraform state rm`, `removed` block)"
                    .to_owned(),
            });
        }
        let gone = elsewhere.iter().any(|hit| hit.root.root().is_some());
        Some(if gone {
            Refusal {
                kind: RefusalKind::StateWithoutCode,
                message: format!(
                    "this setting of account {wanted} is held as {}, but the code of today has no such block for it",
                    and(&holders)
                ),
                next: "the code was removed or renamed and not applied: apply it, or fix the setting in the branch that still has it".to_owned(),
            }
        } else {
            Refusal {
                kind: RefusalKind::SecondWriter,
                message: format!(
                    "this setting of account {wanted} is managed already: as {}, whose code is not in this repository; a second block would fight with it",
                    and(&holders)
                ),
                next: "change it in the repository that the state belongs to".to_owned(),
            }
        })
    }

    /// Blocks of these types that are not proved to be for another account or region.
    fn existing(
        &self,
        kinds: &[String],
        scope: Scope,
        sought: &Sought,
        held: &[StateHit<'_>],
        tried: &mut Vec<String>,
    ) -> Vec<Existing> {
        let mut found = Vec::new();
        for kind in kinds {
            for occurrence in self.configuration.occurrences(kind) {
                let instances = self.configuration.instances(&occurrence);
                let mut addresses = instances.known;
                if addresses.is_empty() && instances.unknown.is_some() {
                    addresses.push(occurrence.address.unkeyed());
                }
                for address in addresses {
                    match self.stands(&occurrence, &address, scope, sought) {
                        Standing::Refuted(why) => tried.push(format!(
                            "code: {} does not count: {why}",
                            place(&occurrence.root, &address)
                        )),
                        Standing::Proved(by) => found.push(Existing {
                            candidate: self.written(&occurrence.root, address, Some(&by), sought),
                            proved: true,
                        }),
                        // What the code leaves open, the state that holds this very block may tell.
                        Standing::Open => {
                            let by = held
                                .iter()
                                .find(|hit| self.is_held_as(hit, &occurrence.root, &address))
                                .map(|hit| format!("the state `{}`", hit.state.name));
                            let root = &occurrence.root;
                            found.push(Existing {
                                candidate: self.written(root, address, by.as_deref(), sought),
                                proved: by.is_some(),
                            });
                        }
                    }
                }
            }
        }
        if found.is_empty() {
            tried.push(format!(
                "code: no {} is written for that account",
                list(kinds)
            ));
        }
        found
    }

    fn stands(
        &self,
        occurrence: &Occurrence<'_>,
        address: &Address,
        scope: Scope,
        sought: &Sought,
    ) -> Standing {
        let mut ground = (*self.ground_of(occurrence)).clone();
        if let Some(region) = self.own_region(occurrence, address) {
            ground.region = region.map(|r| (r, format!("`region` of `{address}`")));
        }
        ground.standing(scope, sought)
    }

    fn written(
        &self,
        root: &RepoPath,
        address: Address,
        proof: Option<&str>,
        sought: &Sought,
    ) -> Candidate {
        let account = sought.account.as_deref().unwrap_or_default();
        let in_state = self.states.holding(root, &address);
        let (evidence, confidence, because) = match (proof, in_state) {
            (Some(by), Some(state)) if by == format!("the state `{}`", state.name) => (
                Evidence::State,
                Confidence::Exact,
                format!("{by} holds the setting, and its objects are of account {account}"),
            ),
            (Some(by), Some(state)) => (
                Evidence::State,
                Confidence::Exact,
                format!(
                    "the state `{}` holds the setting, and {by} proves account {account}",
                    state.name
                ),
            ),
            (Some(by), None) => (
                Evidence::Placement,
                Confidence::Exact,
                format!("its root has the setting, and {by} proves account {account}"),
            ),
            (None, _) => (
                Evidence::Placement,
                Confidence::Low,
                format!(
                    "its root has the setting, but nothing proves that it is account {account}"
                ),
            ),
        };
        Candidate {
            root: root.clone(),
            address,
            evidence,
            confidence,
            because,
            imported: false,
        }
    }

    fn placement(&self, scope: Scope, sought: &Sought) -> Option<&Placement> {
        let fits = |p: &&Placement| Some(&p.account) == sought.account.as_ref();
        let placements = || self.options.placements.iter().filter(fits);
        // A home for the region comes before one for the whole account.
        placements()
            .find(|p| p.region.is_some() && p.region == sought.region)
            .or_else(|| placements().find(|p| p.region.is_none()))
            .or_else(|| {
                (scope == Scope::Account)
                    .then(|| placements().next())
                    .flatten()
            })
    }

    fn placed(&self, placement: &Placement, open: &[Existing]) -> Step {
        let known = self
            .configuration
            .roots()
            .iter()
            .any(|root| root.dir == placement.root);
        if !known {
            return Step::Stop(no_home(
                &format!(
                    "`[placement]` names {}, which is no root module of this repository",
                    root_name(&placement.root)
                ),
                "correct `[placement]` in the configuration",
            ));
        }
        let there: Vec<&Existing> = open
            .iter()
            .filter(|e| e.candidate.root == placement.root)
            .collect();
        let because = format!(
            "`[placement]` of the configuration names {} for account {}",
            root_name(&placement.root),
            placement.account
        );
        match there.as_slice() {
            [] => self.home(placement.root.clone(), placement.file.clone(), because),
            // What is not proved rests on its place already: only how sure it is changes.
            [one] => self.settle(Candidate {
                confidence: Confidence::Exact,
                because,
                ..one.candidate.clone()
            }),
            _ => {
                let named: Vec<Candidate> = there.iter().map(|e| e.candidate.clone()).collect();
                Step::Stop(several(&named))
            }
        }
    }

    fn home_by_state(
        &self,
        kinds: &[String],
        scope: Scope,
        sought: &Sought,
        tried: &mut Vec<String>,
    ) -> Step {
        let provider = kinds
            .first()
            .and_then(|kind| kind.split('_').next())
            .unwrap_or("aws");
        let proved: Vec<(RepoPath, String)> = self
            .configuration
            .roots()
            .iter()
            .filter_map(|root| {
                let ground = self.ground(&root.dir, provider);
                match ground.standing(scope, sought) {
                    Standing::Proved(by) if ground.by_state => Some((root.dir.clone(), by)),
                    _ => None,
                }
            })
            .collect();
        let wanted = place_of(scope, sought);
        match proved.as_slice() {
            [(root, by)] => self.home(
                root.clone(),
                None,
                format!(
                    "{} is the only root whose state proves account {wanted} ({by})",
                    root_name(root)
                ),
            ),
            [] => {
                tried.push(format!("state: none proves account {wanted}"));
                Step::Stop(no_home(
                    &format!(
                        "nobody wrote this setting of account {wanted} in code, and no state proves which root stands on it"
                    ),
                    &placement_hint(sought),
                ))
            }
            several => {
                let roots: Vec<String> = several.iter().map(|(root, _)| root_name(root)).collect();
                Step::Stop(no_home(
                    &format!(
                        "nobody wrote this setting of account {wanted} in code, and several roots stand on it: {}",
                        and(&roots)
                    ),
                    &placement_hint(sought),
                ))
            }
        }
    }

    fn home(&self, root: RepoPath, file: Option<RepoPath>, because: String) -> Step {
        let Some(file) = file.or_else(|| root.join(HOME)) else {
            return Step::Stop(no_home(
                &format!("{} is no place for a file", root_name(&root)),
                "correct `[placement]` in the configuration",
            ));
        };
        Step::Found(Box::new(Located {
            root,
            target: Target::Home(file),
            evidence: Evidence::Placement,
            confidence: Confidence::Exact,
            because,
            workspace: None,
            held_parts: Vec::new(),
        }))
    }
}

fn candidates(existing: &[Existing]) -> Vec<Candidate> {
    existing.iter().map(|e| e.candidate.clone()).collect()
}

/// The account and region of the finding; `None` without an account.
fn sought(finding: &Finding) -> Option<Sought> {
    let own = identity::Arn::parse(finding.resource.id.trim());
    let bare = finding
        .resource
        .id
        .rsplit(':')
        .next()
        .filter(|id| identity::is_account_id(id));
    let account = Some(finding.account.as_str())
        .filter(|a| !a.is_empty())
        .or_else(|| own.map(|arn| arn.account).filter(|a| !a.is_empty()))
        .or(bare)?;
    let region = Some(finding.region.as_str())
        .filter(|r| !r.is_empty() && *r != "global")
        .or_else(|| own.map(|arn| arn.region).filter(|r| !r.is_empty()));
    Some(Sought {
        account: Some(account.to_owned()),
        region: region.map(str::to_owned),
        partition: own.map(|arn| arn.partition.to_owned()),
        ..Sought::default()
    })
}

fn place_of(scope: Scope, sought: &Sought) -> String {
    let account = sought.account.as_deref().unwrap_or_default();
    match (scope, sought.region.as_deref()) {
        (Scope::Region, Some(region)) => format!("{account} in {region}"),
        _ => account.to_owned(),
    }
}

fn placement_hint(sought: &Sought) -> String {
    format!(
        "name its home in the configuration: `[placement.\"{}\".\"{}\"]` with `root` and `file`",
        sought.account.as_deref().unwrap_or_default(),
        sought.region.as_deref().unwrap_or("*")
    )
}

fn no_home(message: &str, next: &str) -> Refusal {
    Refusal {
        kind: RefusalKind::NoHome,
        message: message.to_owned(),
        next: next.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(account: &str, region: Option<&str>) -> Sought {
        Sought {
            account: Some(account.to_owned()),
            region: region.map(str::to_owned),
            ..Sought::default()
        }
    }

    #[test]
    fn a_place_names_the_region_only_where_it_matters() {
        let here = at("111122223333", Some("eu-west-1"));
        assert_eq!(place_of(Scope::Region, &here), "111122223333 in eu-west-1");
        assert_eq!(place_of(Scope::Account, &here), "111122223333");
        assert_eq!(
            place_of(Scope::Region, &at("111122223333", None)),
            "111122223333"
        );
    }
}
