//! The object is in no state: does that say anything, and what does it say about the code?
//!
//! With the states of every root that may stand on the account, an object that none of them holds was made by
//! something else. A block of the same name was then never applied: an edit of it would change nothing that exists,
//! and applying it would collide with the object. With fewer states only the root's own state speaks against its
//! block.

use std::collections::HashMap;
use std::sync::Arc;

use crate::finding::Finding;
use crate::refusal::{Refusal, RefusalKind};
use crate::terraform::RepoPath;
use crate::terraform::identity::{Arn, Scope, Sought};
use crate::terraform::state::{Made, StateHit};

use super::candidate::{Candidate, and};
use super::ground::Standing;
use super::subject::Subject;
use super::{Confidence, Evidence, Locator, list, place, root_name};

/// A state that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadState {
    /// The root it belongs to, where that is known.
    pub root: Option<RepoPath>,
    /// The state: a path, or bucket and key.
    pub state: String,
    /// Why it could not be read.
    pub why: String,
}

/// What the states at hand say of an account.
pub(super) struct Known {
    /// Roots that somebody applies, that may stand on it, and of which a state is missing.
    missing: Vec<RepoPath>,
    /// Whether one of the roots with a state may stand on it.
    stands: bool,
}

/// By account.
pub(super) type Cache = HashMap<String, Arc<Known>>;

impl Locator<'_> {
    /// An object that another one of a state made beside itself: a VPC's default group, an instance's volume.
    pub(super) fn made_beside(&self, finding: &Finding, subjects: &[Subject]) -> Option<Refusal> {
        let sought = subjects.iter().flat_map(|s| &s.sought);
        let keys = sought
            .flat_map(|s| [&s.id, &s.arn])
            .flatten()
            .map(String::as_str)
            .chain([finding.resource.id.trim()]);
        let mut found: Vec<(StateHit<'_>, &Made)> = Vec::new();
        for key in keys {
            for (hit, made) in self.states.makers(key) {
                if !found.contains(&(hit, made)) {
                    found.push((hit, made));
                }
            }
        }
        let (hit, made) = *found.first()?;
        let maker = match hit.root.root() {
            Some(root) => place(root, &hit.resource.address),
            None => format!("`{}`", hit.resource.address),
        };
        let message = format!(
            "`{}` was made along with {maker} (`{}` in the state `{}`), and no state holds a block that manages it",
            finding.resource.id, made.attribute, hit.state.name
        );
        let kind = made.kind.as_ref();
        Some(match made.attribute.split_once('.') {
            Some((block, _)) => Refusal::new(
                RefusalKind::UnsupportedShape,
                message,
                format!("change the block `{block}` of `{}`", hit.resource.address),
            ),
            None if kind.starts_with("aws_default_") => Refusal::new(
                RefusalKind::InNoState,
                message,
                format!(
                    "take it into code: a block `{kind}` for `{}` in that root adopts it, and then this finding has a place",
                    hit.resource.address
                ),
            ),
            None => Refusal::new(
                RefusalKind::InNoState,
                message,
                format!("change `{}`, which decides how it is", hit.resource.address),
            ),
        })
    }

    /// The refusal for an object that no state of the account's roots holds; `None` when states are missing.
    pub(super) fn in_no_state(
        &self,
        finding: &Finding,
        subjects: &[Subject],
        candidates: &[Candidate],
        tried: &mut Vec<String>,
    ) -> Option<Refusal> {
        let states = self.states.states().count();
        let accepted = self.options.min_confidence == Confidence::Low && !candidates.is_empty();
        if states == 0 || accepted {
            return None;
        }
        // A block that its state holds as another object was applied: that is told as weak evidence.
        let known = |c: &Candidate| self.states.holding(&c.root, &c.address).is_some();
        if candidates.iter().any(known) {
            return None;
        }
        let known = self.known_of(account_of(finding));
        let mut missing: Vec<&RepoPath> = known.missing.iter().collect();
        for candidate in candidates {
            if !self.has_state(&candidate.root) && !missing.contains(&&candidate.root) {
                missing.push(&candidate.root);
            }
        }
        if !missing.is_empty() {
            let named: Vec<String> = missing.iter().map(|root| root_name(root)).collect();
            tried.push(format!("state: none was given for {}", and(&named)));
            return None;
        }
        let anywhere = |unread: &UnreadState| unread.root.is_none();
        if !known.stands || self.options.unread_states.iter().any(anywhere) {
            return None;
        }
        let id = &finding.resource.id;
        // Of a part (an access key) the finding may only name the owner, which a state may well hold.
        let is_owner = subjects
            .iter()
            .all(|subject| subject.sought.is_empty() && subject.owner.is_some());
        if is_owner {
            let kinds: Vec<&str> = subjects.iter().map(|s| s.kind.as_str()).collect();
            let kinds = list(&kinds);
            return Some(Refusal::new(
                RefusalKind::InNoState,
                format!(
                    "none of the {states} state(s) of this repository's roots holds {kinds} of `{id}`"
                ),
                "find out who made it: import it (`import` block), fix it where it was made, or pass the state that holds it with `--state`, if there is another one",
            ));
        }
        let message = format!(
            "`{id}` exists, but none of the {states} state(s) of this repository's roots holds it"
        );
        Some(match candidates {
            [] => Refusal::new(
                RefusalKind::InNoState,
                message,
                "find out who made it: take it into code with an `import` block, fix it where it was made, or pass the state that holds it with `--state`, if there is another one",
            ),
            [one] => Refusal::new(
                RefusalKind::InNoState,
                format!(
                    "{message}; {} has its name but was never applied: applying it would collide with what exists",
                    place(&one.root, &one.address)
                ),
                format!(
                    "if that block is meant to manage it, import it first: an `import` block with `to = {}` and `id = \"{}\"` in {}, or pass a current state",
                    one.address,
                    import_id(finding, &one.address.kind),
                    root_name(&one.root)
                ),
            ),
            several => {
                let named: Vec<String> =
                    several.iter().map(|c| place(&c.root, &c.address)).collect();
                Refusal::new(
                    RefusalKind::InNoState,
                    format!(
                        "{message}; {} may be meant to have its name, but were never applied as this object",
                        and(&named)
                    ),
                    "import it into the block that is meant to manage it (`import` block), or pass current states",
                )
            }
        })
    }

    /// A candidate from names and tags whose root has a state that does not hold it is not exact.
    pub(super) fn weakened(&self, mut candidate: Candidate) -> Candidate {
        let unapplied = matches!(candidate.evidence, Evidence::Identifier | Evidence::Tag)
            && !candidate.imported
            && self.has_state(&candidate.root)
            && !self.is_unread(&candidate.root)
            && self
                .states
                .holding(&candidate.root, &candidate.address)
                .is_none();
        if unapplied && candidate.confidence > Confidence::Low {
            candidate.confidence = Confidence::Low;
            candidate.because.push_str(
                "; but the state of its root does not hold it: the block was never applied, or that state is old",
            );
        }
        candidate
    }

    /// Whether a state of a root could not be read, or not wholly: it says nothing of what it does not hold.
    fn is_unread(&self, root: &RepoPath) -> bool {
        let home = self.configuration.home_of(root);
        let unread = &self.options.unread_states;
        unread.iter().any(|u| u.root.as_ref() == Some(&home))
    }

    /// What could not be read and may hold it.
    pub(super) fn say_unread(&self, finding: &Finding, tried: &mut Vec<String>) {
        const NAMED: usize = 3;
        let account = account_of(finding);
        let concerned: Vec<&UnreadState> = self
            .options
            .unread_states
            .iter()
            .filter(|unread| {
                let mut roots = self.configuration.roots().iter();
                unread.root.as_ref().is_none_or(|home| {
                    roots.any(|r| r.home == *home && self.may_stand_on(&r.dir, account))
                })
            })
            .collect();
        for unread in concerned.iter().take(NAMED) {
            let root = unread
                .root
                .as_ref()
                .map_or_else(String::new, |root| format!(" of {}", root_name(root)));
            tried.push(format!(
                "state: `{}`{root} could not be read: {}",
                unread.state, unread.why
            ));
        }
        if concerned.len() > NAMED {
            tried.push(format!(
                "state: {} more could not be read",
                concerned.len() - NAMED
            ));
        }
    }

    /// What the states at hand say of an account, worked out once.
    fn known_of(&self, account: &str) -> Arc<Known> {
        if let Ok(all) = self.absent.lock()
            && let Some(known) = all.get(account)
        {
            return Arc::clone(known);
        }
        let unread = &self.options.unread_states;
        let of = |home: &RepoPath| unread.iter().any(|u| u.root.as_ref() == Some(home));
        let roots = self.configuration.roots();
        let known = Arc::new(Known {
            missing: roots
                .iter()
                .filter(|root| !self.has_state(&root.dir) || of(&root.home))
                .filter(|root| of(&root.home) || self.is_applied(&root.dir))
                .map(|root| &root.dir)
                .filter(|root| self.may_stand_on(root, account))
                .cloned()
                .collect(),
            stands: self.states.knows_account(account)
                || roots
                    .iter()
                    .any(|root| self.has_state(&root.dir) && self.may_stand_on(&root.dir, account)),
        });
        if let Ok(mut all) = self.absent.lock() {
            all.insert(account.to_owned(), Arc::clone(&known));
        }
        known
    }

    /// Whether one of a root's provider configurations is not known to be for another account.
    fn may_stand_on(&self, root: &RepoPath, account: &str) -> bool {
        if account.is_empty() {
            return true;
        }
        let sought = Sought {
            account: Some(account.to_owned()),
            ..Sought::default()
        };
        let mut configured: Vec<String> = self
            .configuration
            .providers(root)
            .into_iter()
            .filter_map(|(_, block)| {
                let name = block.labels.first()?.as_str();
                let alias = block.body.get_attribute("alias");
                Some(match alias.and_then(|a| a.value.as_str()) {
                    Some(alias) => format!("{name}.{alias}"),
                    None => name.to_owned(),
                })
            })
            .collect();
        if !configured.iter().any(|p| !p.contains('.')) {
            configured.push("aws".to_owned());
        }
        configured.iter().any(|provider| {
            !matches!(
                self.ground(root, provider)
                    .standing(Scope::Account, &sought),
                Standing::Refuted(_)
            )
        })
    }
}

/// The account of the object: as its ARN says, else as the finding does.
fn account_of(finding: &Finding) -> &str {
    Arn::parse(finding.resource.id.trim())
        .map(|arn| arn.account)
        .filter(|account| !account.is_empty())
        .unwrap_or(&finding.account)
}

/// The id by which Terraform imports an object of this type: its name or the id that the cloud gave, else the ARN.
fn import_id(finding: &Finding, kind: &str) -> String {
    let read = crate::terraform::identity::of(kind).and_then(|row| row.read(&finding.resource.id));
    let by_arn = matches!(
        kind,
        "aws_sns_topic"
            | "aws_lb"
            | "aws_alb"
            | "aws_lb_target_group"
            | "aws_secretsmanager_secret"
    );
    let id = match read {
        Some(read) if kind == "aws_sqs_queue" => queue_url(&read),
        Some(read) if !by_arn => read.id.or(read.name),
        _ => None,
    };
    let id = id.unwrap_or_else(|| finding.resource.id.trim().to_owned());
    // It is shown as Terraform would read it.
    id.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("${", "$${")
}

/// Terraform imports a queue by its URL.
fn queue_url(queue: &Sought) -> Option<String> {
    Some(format!(
        "https://sqs.{}.amazonaws.com/{}/{}",
        queue.region.as_deref()?,
        queue.account.as_deref()?,
        queue.name.as_deref()?
    ))
}
