//! Which block made the resource that the finding names?
//!
//! By state, by identifier, by tag, by line. Invariants 4 and 5: below the asked confidence nothing is edited
//! and the outcome says which evidence was missing; two candidates or two owners are named, never guessed.

mod absent;
mod account;
mod candidate;
mod code;
mod external;
mod ground;
mod import;
mod name;
mod owner;
mod part;
mod subject;
mod tag;

use std::sync::{Mutex, OnceLock};

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::refusal::{Refusal, RefusalKind};
use crate::rules::Scope;
use crate::terraform::module::Configuration;
use crate::terraform::state::{State, StateIndex};
use crate::terraform::{Address, RepoPath};

pub use absent::UnreadState;
use candidate::Candidate;
pub(crate) use external::{External, reader_sees, stands};
pub use part::HeldPart;

/// How we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A state file holds the object.
    State,
    /// An identifier in code evaluates to the object's.
    Identifier,
    /// A tag on the object names the code.
    Tag,
    /// The scanner named file and line.
    Line,
    /// `[placement]` of the configuration, or the one root whose state proves the account (account-level rules).
    Placement,
}

/// How sure, ascending.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Anything else.
    Low,
    /// A tag, or a pattern with one candidate.
    High,
    /// State with a single owner; or a known, globally unique identifier with one candidate; or an account-scoped
    /// name whose root's account is proved.
    Exact,
}

/// Where the finding was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// Directory of the root module.
    pub root: RepoPath,
    /// What is there.
    pub target: Target,
    /// How we know.
    pub evidence: Evidence,
    /// How sure.
    pub confidence: Confidence,
    /// One sentence for the pull request: which evidence, from which state or code.
    pub because: String,
    /// The workspace whose state holds it, where the state says so; `None` for the default workspace, and where
    /// nothing tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// Parts of the object that states hold and the code of this root does not have: somebody else writes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_parts: Vec<HeldPart>,
}

/// A block that exists, or the home of one that has to be written (account-level rules).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// An instance of a block.
    Instance(Address),
    /// No block yet; it belongs into this file (which may not exist yet).
    Home(RepoPath),
}

/// Why no block was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotLocated {
    /// Kind, message and next step.
    pub reason: crate::refusal::Refusal,
    /// Every evidence that was tried, with what it gave.
    pub tried: Vec<String>,
}

/// Where account-level settings of an account belong, as the configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// AWS account id or Google project.
    pub account: String,
    /// Region; `None` = every region, and what has no region.
    pub region: Option<String>,
    /// Directory of the root module.
    pub root: RepoPath,
    /// File for a new block; `None` = `security.tf` in the root.
    pub file: Option<RepoPath>,
}

/// What the caller decides about locating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Below it nothing is located.
    pub min_confidence: Confidence,
    /// Homes of account-level settings.
    pub placements: Vec<Placement>,
    /// `owner/name` of the repository, where it is known: a `git_repo` tag that names another one does not count.
    pub repository: Option<String>,
    /// States that there are but that could not be read.
    pub unread_states: Vec<UnreadState>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            min_confidence: Confidence::Exact,
            placements: Vec::new(),
            repository: None,
            unread_states: Vec::new(),
        }
    }
}

/// An index over the states, each matched with the root of this configuration that it belongs to.
#[must_use]
pub fn index_states(configuration: &Configuration<'_>, states: Vec<State>) -> StateIndex {
    code::index_states(configuration, states)
}

/// Finds the code of findings. Made once for a run; names in code and facts about roots are kept between findings.
pub struct Locator<'a> {
    configuration: &'a Configuration<'a>,
    states: &'a StateIndex,
    options: &'a Options,
    names: Mutex<name::Cache>,
    grounds: Mutex<ground::Cache>,
    tags: Mutex<tag::Cache>,
    absent: Mutex<absent::Cache>,
    evident: Mutex<std::collections::HashMap<RepoPath, bool>>,
    /// Roots with `import` blocks.
    importing: OnceLock<Vec<RepoPath>>,
}

/// What one kind of evidence gave.
enum Step {
    /// Nothing; the sentence goes to [`NotLocated::tried`].
    Nothing(String),
    /// One place.
    Found(Box<Located>),
    /// Evidence that rules out any place, or leaves several.
    Stop(Refusal),
}

impl<'a> Locator<'a> {
    /// A locator over this code and these states.
    #[must_use]
    pub fn new(
        configuration: &'a Configuration<'a>,
        states: &'a StateIndex,
        options: &'a Options,
    ) -> Self {
        Self {
            configuration,
            states,
            options,
            names: Mutex::default(),
            grounds: Mutex::default(),
            tags: Mutex::default(),
            absent: Mutex::default(),
            evident: Mutex::default(),
            importing: OnceLock::new(),
        }
    }

    /// Where the finding was made. `subjects` and `scope` are the rule's: the Terraform types that a finding of it
    /// is about, and whether it is about an account.
    ///
    /// # Errors
    /// [`NotLocated`] is no failure but an answer: why no block is named, what was tried, and what would help.
    pub fn locate(
        &self,
        finding: &Finding,
        subjects: &[String],
        scope: Scope,
    ) -> Result<Located, NotLocated> {
        let mut tried = Vec::new();
        let step = match scope {
            Scope::Resource => self.resource(finding, subjects, &mut tried),
            Scope::Account => self.account_level(finding, subjects, &mut tried),
        };
        let stop = |reason, tried| Err(NotLocated { reason, tried });
        match step {
            Step::Found(found) if found.confidence >= self.options.min_confidence => Ok(*found),
            Step::Found(found) => {
                let reason = self.too_low(&found);
                tried.push(format!(
                    "{}: {} confidence",
                    found.because,
                    found.confidence.word()
                ));
                stop(reason, tried)
            }
            Step::Stop(reason) => stop(reason, tried),
            Step::Nothing(message) => {
                let reason = Refusal {
                    kind: RefusalKind::NotInCode,
                    message,
                    next: self.missing_evidence(finding),
                };
                stop(reason, tried)
            }
        }
    }

    fn resource(&self, finding: &Finding, kinds: &[String], tried: &mut Vec<String>) -> Step {
        let subjects = subject::subjects(finding, kinds);
        if subjects.is_empty() {
            return Step::Nothing(format!(
                "`{}` is not an id of {}",
                finding.resource.id,
                list(kinds)
            ));
        }
        match self.resource_of(finding, kinds, &subjects, tried) {
            Step::Found(mut found) => {
                found.held_parts = self.held_parts(&found, &subjects);
                Step::Found(found)
            }
            other => other,
        }
    }

    fn resource_of(
        &self,
        finding: &Finding,
        kinds: &[String],
        subjects: &[subject::Subject],
        tried: &mut Vec<String>,
    ) -> Step {
        match self.by_state(finding, subjects) {
            Step::Nothing(why) => {
                tried.push(format!("state: {why}"));
                self.say_unread(finding, tried);
            }
            other => return other,
        }
        let mut by_name = self.by_import(subjects, tried);
        if by_name.is_empty() {
            by_name = self.by_name(subjects, tried);
        }
        let by_tag = self.by_tag(finding, subjects, tried);
        if !by_name.iter().any(|c| c.imported) {
            let named: Vec<Candidate> = by_name.iter().chain(&by_tag).cloned().collect();
            if let Some(refusal) = self.in_no_state(finding, subjects, &named, tried) {
                return Step::Stop(refusal);
            }
        }
        let best = match candidate::agree(by_name, by_tag) {
            Ok(Some(best)) => best,
            Ok(None) => match self.by_name_tag(finding, subjects, tried) {
                Ok(Some(best)) => best,
                Ok(None) => {
                    return Step::Nothing(format!(
                        "no {} of this repository is `{}`",
                        list(kinds),
                        finding.resource.id
                    ));
                }
                Err(reason) => return Step::Stop(reason),
            },
            Err(reason) => return Step::Stop(reason),
        };
        self.settle(best)
    }

    /// A candidate from the code becomes the answer, unless its code is not this repository's.
    fn settle(&self, best: Candidate) -> Step {
        let best = self.weakened(best);
        if let Some(refusal) = self.outside(&best.root, &best.address.block()) {
            return Step::Stop(refusal);
        }
        Step::Found(Box::new(Located {
            root: best.root,
            target: Target::Instance(best.address),
            evidence: best.evidence,
            confidence: best.confidence,
            because: best.because,
            workspace: None,
            held_parts: Vec::new(),
        }))
    }

    fn too_low(&self, found: &Located) -> Refusal {
        let place = match &found.target {
            Target::Instance(address) => place(&found.root, address),
            Target::Home(file) => format!("`{file}`"),
        };
        let lift = match (found.evidence, self.has_state(&found.root)) {
            (Evidence::State, _) => {
                "pass a state whose resources carry their ARN, so that account and region are proved"
            }
            (_, false) => {
                "pass the state of that root (`--state`), or set `allowed_account_ids` and `region` in its provider where the name is known"
            }
            (_, true) => {
                "pass a current state of that root (`--state`): the one at hand does not hold the resource"
            }
        };
        Refusal {
            kind: RefusalKind::ConfidenceTooLow,
            message: format!(
                "{place} is the only candidate, but with {} confidence, and {} is asked for: {}",
                found.confidence.word(),
                self.options.min_confidence.word(),
                found.because
            ),
            next: format!(
                "{lift}; or accept it with `--min-confidence {}`",
                found.confidence.word()
            ),
        }
    }

    fn missing_evidence(&self, finding: &Finding) -> String {
        let mut ways = Vec::new();
        if !self.options.unread_states.is_empty() {
            ways.push(
                "make the states readable that could not be read (what was tried names them)",
            );
        }
        if self.states.states().next().is_none() {
            ways.push("pass the Terraform state with `--state` (no state was given)");
        } else {
            ways.push("pass the state that holds it with `--state`, if there is another one");
        }
        if subject::is_opaque(&finding.resource.id) {
            ways.push(
                "an id like this one stands in no code: only a state, or a tag such as `yor_trace`, can tell",
            );
        }
        ways.push(
            "if nobody wrote it in code, import it (`import` block) or fix it where it was made",
        );
        ways.join("; ")
    }

    fn has_state(&self, root: &RepoPath) -> bool {
        self.states.of_root(root).next().is_some()
    }
}

impl Confidence {
    /// As the command line writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
            Self::Exact => "exact",
        }
    }
}

/// `` `a.b` in `live/prod` ``.
fn place(root: &RepoPath, address: &Address) -> String {
    format!("`{address}` in {}", root_name(root))
}

fn root_name(root: &RepoPath) -> String {
    if root.as_str().is_empty() {
        "the top directory".to_owned()
    } else {
        format!("`{root}`")
    }
}

/// `` `a`, `b` or `c` ``.
fn list<T: std::fmt::Display>(items: &[T]) -> String {
    let quoted: Vec<String> = items.iter().map(|i| format!("`{i}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
