//! The rules as predicates over a repository, no findings needed: `tfmend check`.
//!
//! Every instance of every type that a rule is about, in every root, is judged once by each rule: the four verdicts add
//! up to the number of checks. Beside a base (what the code was before a change) only what became unsafe counts, so
//! that a repository with a past can adopt the check today.

mod compare;
mod judge;
mod view;

use serde_json::Value as Json;

use crate::finding::Severity;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::remedy::{Affected, Context};
use crate::rules::{Catalogue, Profile, Remedy, Rule};
use crate::terraform::RepoPath;

pub use compare::{Since, compare};
pub use judge::check;
pub use view::{BaseView, CheckOutput, CheckResult, LeftOut, PlaceView, Unseen, Verdict};

/// Which rules are asked.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only these, by id; empty for all of the profile. A rule that is named counts whatever the profile.
    pub rules: Vec<String>,
    /// The widest profile.
    pub profile: Option<Profile>,
    /// The least severity.
    pub severity: Option<Severity>,
}

/// The rules that are asked, and those that code alone cannot answer.
pub struct Asked<'r> {
    /// In id order.
    pub rules: Vec<&'r Rule>,
    /// Rules that would be asked, with the reason why they are not.
    pub left_out: Vec<LeftOut>,
}

/// Chooses the rules.
#[must_use]
pub fn choose<'r>(catalogue: &'r Catalogue, wanted: &Wanted) -> Asked<'r> {
    let mut asked = Asked {
        rules: Vec::new(),
        left_out: Vec::new(),
    };
    for rule in catalogue.rules() {
        let named = wanted.rules.contains(&rule.id);
        let chosen = if wanted.rules.is_empty() {
            wanted.profile.is_none_or(|profile| rule.profile <= profile)
        } else {
            named
        };
        if !chosen || wanted.severity.is_some_and(|least| rule.severity < least) {
            continue;
        }
        if rule.remedies.iter().any(|r| tells(&r.remedy)) {
            asked.rules.push(rule);
        } else {
            asked.left_out.push(LeftOut {
                rule: rule.id.clone(),
                why: "only the live resource shows whether it applies".to_owned(),
            });
        }
    }
    asked
}

/// Whether the code shows if a remedy's state is unsafe: an access key that nobody uses looks like any other.
fn tells(remedy: &Remedy) -> bool {
    match remedy {
        Remedy::Advice { .. } => false,
        Remedy::Set(settings) => settings.evidence.is_empty(),
        _ => true,
    }
}

/// What is checked.
pub struct Question<'q, 'c, 'a> {
    /// The code and all rules.
    pub context: Context<'c, 'a>,
    /// What the configuration leaves alone.
    pub policy: &'q Policy,
    /// The rules that are asked.
    pub rules: &'q [&'q Rule],
    /// Only the root modules in these directories and below; empty for all.
    pub roots: &'q [RepoPath],
    /// The time of the run.
    pub now: jiff::Timestamp,
}

impl Question<'_, '_, '_> {
    /// Whether a root is asked about.
    #[must_use]
    pub fn concerns(&self, root: &RepoPath) -> bool {
        self.roots.is_empty()
            || self.roots.iter().any(|dir| {
                let (dir, root) = (dir.as_str(), root.as_str());
                dir.is_empty()
                    || root == dir
                    || root
                        .strip_prefix(dir)
                        .is_some_and(|rest| rest.starts_with('/'))
            })
    }
}

/// What became of one rule on one instance.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// Safe.
    Safe,
    /// Unsafe; why, complaint by complaint.
    Unsafe(Vec<String>),
    /// Cannot be told.
    Unknown(Refusal),
    /// Left alone: a comment, a line of the configuration, or code that says that it is meant.
    Suppressed(Left),
    /// An error of tfmend itself, with its message.
    Failed(String),
}

/// Why something unsafe (or not known) is left alone.
#[derive(Debug, Clone, PartialEq)]
pub enum Left {
    /// The code says so.
    InCode(Refusal),
    /// The configuration says so: why, and which line.
    ByPolicy {
        /// Why, one sentence.
        why: String,
        /// Which line.
        by: String,
    },
}

/// One rule on one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Rule id.
    pub rule: String,
    /// The instance; without a key where `count` or `for_each` is not known.
    pub instance: Affected,
    /// Whether the instance stands for all that a `count` or `for_each` makes which is not known.
    pub any: bool,
    /// The answer.
    pub judged: Judged,
    /// File and line of the block.
    pub block: (RepoPath, usize),
    /// File and line of what decides it; for safe ones, that of the block.
    pub decided: (RepoPath, usize),
    /// The source text of the block, without its labels: the same under another name.
    pub body: String,
}

/// Everything that was checked.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// In order of root, address and rule.
    pub checks: Vec<Check>,
    /// Instances that were judged by at least one rule.
    pub instances: usize,
    /// Roots that were looked at.
    pub roots: usize,
}

/// The whole rule, not the part that one control asks for.
const WHOLE: Json = Json::Null;
