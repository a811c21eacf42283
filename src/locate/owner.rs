//! Evidence by state: who owns the object?

use crate::finding::Finding;
use crate::refusal::{Refusal, RefusalKind};
use crate::terraform::identity::{self, Sought};
use crate::terraform::state::{RootChoice, StateHit};
use crate::terraform::{Address, InstanceKey};

use super::candidate::{Candidate, and, several};
use super::subject::Subject;
use super::{Confidence, Evidence, Located, Locator, Step, Target, list, place, root_name};

impl Locator<'_> {
    pub(super) fn by_state(&self, finding: &Finding, subjects: &[Subject]) -> Step {
        if self.states.states().next().is_none() {
            return Step::Nothing("no state was given, and none stands beside a root".to_owned());
        }
        let direct = self.first_hits(subjects, |subject, sought| {
            self.states.find(&subject.kind, sought)
        });
        let (hits, is_part) = if direct.is_empty() {
            (self.parts(subjects), true)
        } else {
            (direct, false)
        };
        if hits.is_empty() {
            if let Some(refusal) = self.made_beside(finding, subjects) {
                return Step::Stop(refusal);
            }
            return self.held_as_something_else(finding, subjects);
        }
        let mut hits = hits;
        if !is_part {
            hits.extend(self.rivals(subjects));
        }
        let mut owners: Vec<Owned<'_>> = Vec::new();
        for hit in hits {
            let address = match hit.root {
                RootChoice::One(root) => self.moved(root, &hit.resource.address),
                _ => hit.resource.address.clone(),
            };
            let owner = Owned { hit, address };
            if !owners.iter().any(|known| known.is_same(&owner)) {
                owners.push(owner);
            }
        }
        owners.sort_by(|a, b| a.place().cmp(&b.place()));
        match owners.as_slice() {
            [one] => self.owned(one.hit, one.address.clone(), is_part, finding),
            several => {
                let hits: Vec<StateHit<'_>> = several.iter().map(|owner| owner.hit).collect();
                Step::Stop(too_many(&hits, finding, is_part))
            }
        }
    }

    /// The same object as a type that the rule is not about: what one state creates another may have adopted.
    fn rivals(&self, subjects: &[Subject]) -> Vec<StateHit<'_>> {
        let mut hits: Vec<StateHit<'_>> = Vec::new();
        let mut asked: Vec<&str> = subjects.iter().map(|s| s.kind.as_str()).collect();
        for subject in subjects {
            for kind in identity::rivals(&subject.kind) {
                if asked.contains(&kind) {
                    continue;
                }
                asked.push(kind);
                for sought in &subject.sought {
                    let found = self.states.find(kind, sought);
                    hits.extend(found.into_iter().filter(|hit| hit.proved));
                }
            }
        }
        hits
    }

    /// The hits of the first identifier of each subject that has any: what the finding's own id finds counts before
    /// its aliases.
    fn first_hits<'s>(
        &'s self,
        subjects: &[Subject],
        find: impl Fn(&Subject, &Sought) -> Vec<StateHit<'s>>,
    ) -> Vec<StateHit<'s>> {
        let deepest = subjects.iter().map(|s| s.sought.len()).max().unwrap_or(0);
        for i in 0..deepest {
            let mut hits: Vec<StateHit<'s>> = Vec::new();
            for subject in subjects {
                let found = subject
                    .sought
                    .get(i)
                    .map(|sought| find(subject, sought))
                    .unwrap_or_default();
                for hit in found {
                    if !hits.contains(&hit) {
                        hits.push(hit);
                    }
                }
            }
            if !hits.is_empty() {
                return hits;
            }
        }
        Vec::new()
    }

    /// Parts of the object that the finding is about: the access keys of a user.
    fn parts(&self, subjects: &[Subject]) -> Vec<StateHit<'_>> {
        let mut hits: Vec<StateHit<'_>> = Vec::new();
        for subject in subjects {
            let Some(owner) = &subject.owner else {
                continue;
            };
            let found = owner
                .sought
                .iter()
                .map(|sought| self.states.find_parts(&subject.kind, sought))
                .find(|found| !found.is_empty());
            for hit in found.unwrap_or_default() {
                if !hits.contains(&hit) {
                    hits.push(hit);
                }
            }
        }
        hits
    }

    /// One owner: where is it in code?
    fn owned(&self, hit: StateHit<'_>, address: Address, is_part: bool, finding: &Finding) -> Step {
        let state = &hit.state.name;
        let recorded = &hit.resource.address;
        let root = match hit.root {
            RootChoice::One(root) => root,
            RootChoice::Several(roots) => {
                let candidates: Vec<Candidate> = roots
                    .iter()
                    .map(|root| Candidate {
                        root: root.clone(),
                        address: recorded.clone(),
                        evidence: Evidence::State,
                        confidence: Confidence::Low,
                        because: format!("the state `{state}` fits this root"),
                        imported: false,
                    })
                    .collect();
                let mut refusal = several(&candidates);
                refusal.next = format!(
                    "say which root the state belongs to: put `{state}` under a path that ends with the root's directory, or beside the root"
                );
                return Step::Stop(refusal);
            }
            RootChoice::Unmatched => {
                return Step::Stop(Refusal {
                    kind: RefusalKind::StateWithoutCode,
                    message: format!(
                        "the state `{state}` holds `{}` as `{recorded}`, but no root of this repository has the blocks of that state",
                        finding.resource.id
                    ),
                    next: "run this in the repository that the state belongs to".to_owned(),
                });
            }
        };
        let block = address.block();
        if let Some(refusal) = self.outside(root, &block) {
            return Step::Stop(refusal);
        }
        let gone = |what: &str| {
            Step::Stop(Refusal {
                kind: RefusalKind::StateWithoutCode,
                message: format!(
                    "the state `{state}` holds `{}` as `{recorded}`, but {what} in {}",
                    finding.resource.id,
                    root_name(root)
                ),
                next: "the code was removed or renamed and not applied: apply it, add a `moved` block, or fix the resource in the branch that still has it".to_owned(),
            })
        };
        let Some(occurrence) = self.configuration.occurrence(root, &block) else {
            return gone(&format!("there is no block `{block}`"));
        };
        let instances = self.configuration.instances(&occurrence);
        let Some(address) = present(&address, &instances.known, instances.unknown.is_some()) else {
            return gone(&format!("`{block}` has no such instance any more"));
        };
        let mut because = format!("the state `{state}` holds it as `{recorded}`");
        if address != *recorded {
            because.push_str(&format!(", which the code calls `{address}` today"));
        }
        let mut confidence = Confidence::Exact;
        if !hit.proved {
            confidence = Confidence::Low;
            because.push_str(", by its name only: account and region are not proved");
        }
        if is_part && is_one_of_several_keys(finding) {
            confidence = Confidence::Low;
            because.push_str("; but the user has several active keys, and the finding does not say which one it is about");
        }
        Step::Found(Box::new(Located {
            root: root.clone(),
            target: Target::Instance(address),
            evidence: Evidence::State,
            confidence,
            because,
            workspace: hit.state.workspace.clone(),
            held_parts: Vec::new(),
        }))
    }

    /// The object may be in a state as a type that the rule is not about.
    fn held_as_something_else(&self, finding: &Finding, subjects: &[Subject]) -> Step {
        let mut holding = self.states.holders(finding.resource.id.trim());
        for hit in self.rivals(subjects) {
            if !holding.iter().any(|h| h.resource == hit.resource) {
                holding.push(hit);
            }
        }
        let holders: Vec<String> = holding
            .iter()
            .filter(|hit| !is_owner_or_part(&hit.resource.address.kind, subjects))
            .map(|hit| {
                format!(
                    "`{}` in the state `{}`",
                    hit.resource.address, hit.state.name
                )
            })
            .collect();
        if holders.is_empty() {
            return Step::Nothing(format!(
                "none of {} state(s) holds it",
                self.states.states().count()
            ));
        }
        let kinds: Vec<&str> = subjects.iter().map(|s| s.kind.as_str()).collect();
        Step::Stop(Refusal {
            kind: RefusalKind::UnsupportedShape,
            message: format!(
                "it is {}, which is no {}: the rule does not know that type",
                and(&holders),
                list(&kinds)
            ),
            next: "fix it by hand, or write a rule for that type".to_owned(),
        })
    }
}

/// Whether a type is that of the subjects' owner, which holds no part that is not there; or is a part itself, which
/// has its owner's ARN (`aws_sns_topic_policy`).
fn is_owner_or_part(kind: &str, subjects: &[Subject]) -> bool {
    let row = identity::of(kind);
    let named_after =
        |owner: &str| row.is_none() && kind.strip_prefix(owner).is_some_and(|r| r.starts_with('_'));
    subjects.iter().any(|subject| {
        let owner = subject.row.and_then(|row| row.owner);
        let part_of = row.and_then(|row| row.owner).map(|(_, owner)| owner);
        owner.is_some_and(|(_, owner)| owner == kind)
            || part_of == Some(identity::canonical(&subject.kind))
            || named_after(&subject.kind)
    })
}

/// An object in a state, under the address that it has in the code of today.
struct Owned<'s> {
    hit: StateHit<'s>,
    address: Address,
}

impl Owned<'_> {
    fn place(&self) -> (Option<&str>, &Address, &str) {
        let root = self.hit.root.root().map(crate::terraform::RepoPath::as_str);
        (root, &self.address, &self.hit.state.name)
    }

    /// Whether two states speak of one owner: copies of one root's state in one workspace. States of no known root
    /// are owners of their own, whatever their addresses.
    fn is_same(&self, other: &Self) -> bool {
        let (a, b) = (self.hit.state, other.hit.state);
        if a.name == b.name && self.hit.root == other.hit.root {
            return self.address == other.address;
        }
        let (RootChoice::One(root), RootChoice::One(other_root)) = (self.hit.root, other.hit.root)
        else {
            return false;
        };
        let differ =
            |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
        root == other_root
            && self.address == other.address
            && !differ(&a.lineage, &b.lineage)
            && !differ(&a.workspace, &b.workspace)
    }
}

/// The facts say that the user has more than one active key, and no key is named.
fn is_one_of_several_keys(finding: &Finding) -> bool {
    finding
        .facts
        .get("access-key.active-count")
        .and_then(|count| count.parse::<u32>().ok())
        .is_some_and(|count| count > 1)
}

/// The instance of the code that an address of a state is; Terraform itself moves between "no `count`" and `[0]`.
fn present(address: &Address, known: &[Address], more: bool) -> Option<Address> {
    if let Some(found) = known.iter().find(|a| *a == address) {
        return Some(found.clone());
    }
    let turned = Address {
        key: match &address.key {
            None => Some(InstanceKey::Index(0)),
            Some(InstanceKey::Index(0)) => None,
            Some(_) => return more.then(|| address.clone()),
        },
        ..address.clone()
    };
    if let Some(found) = known.iter().find(|a| **a == turned) {
        return Some(found.clone());
    }
    more.then(|| address.clone())
}

fn too_many(hits: &[StateHit<'_>], finding: &Finding, is_part: bool) -> Refusal {
    let named: Vec<String> = hits
        .iter()
        .map(|hit| {
            let place = match hit.root {
                RootChoice::One(root) => place(root, &hit.resource.address),
                _ => format!("`{}`", hit.resource.address),
            };
            match &hit.state.workspace {
                Some(workspace) => {
                    format!(
                        "{place} (state `{}`, workspace `{workspace}`)",
                        hit.state.name
                    )
                }
                None => format!("{place} (state `{}`)", hit.state.name),
            }
        })
        .collect();
    let id = &finding.resource.id;
    if is_part {
        return Refusal {
            kind: RefusalKind::SeveralCandidates,
            message: format!("`{id}` has several parts in state: {}", and(&named)),
            next: "fix the one that is meant by hand; the finding does not say which it is"
                .to_owned(),
        };
    }
    if hits.iter().all(|hit| hit.proved) {
        return Refusal {
            kind: RefusalKind::TwoOwners,
            message: format!("`{id}` is owned twice: by {}", and(&named)),
            next: "decide which code owns it and take it out of the other state (`terraform state rm`, `removed` block)"
                .to_owned(),
        };
    }
    Refusal {
        kind: RefusalKind::SeveralCandidates,
        message: format!("several objects in state have that name: {}", and(&named)),
        next: "pass states whose resources carry their ARN, so that account and region tell them apart".to_owned(),
    }
}
