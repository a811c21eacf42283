//! The answer of `tfmend check` as others read it: version 1, keys may be added and never changed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, Check, Checked, Judged, Left, Since};
use crate::outcome::Reason;
use crate::rules::{Catalogue, Rule};

/// How a check ended. The counts of the five add up to the number of checks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The code is unsafe.
    Unsafe,
    /// The code is unsafe, and was so on the base (only with `--changed-since`).
    Existing,
    /// Cannot be told from the code.
    Unknown,
    /// A comment or a line of the configuration leaves it alone.
    Suppressed,
    /// The code is safe.
    Safe,
}

impl Verdict {
    /// Every verdict, in the order of the summary.
    pub const ALL: [Self; 5] = [
        Self::Unsafe,
        Self::Existing,
        Self::Unknown,
        Self::Suppressed,
        Self::Safe,
    ];

    /// The key used in JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Unsafe => "unsafe",
            Self::Existing => "existing",
            Self::Unknown => "unknown",
            Self::Suppressed => "suppressed",
            Self::Safe => "safe",
        }
    }
}

/// A line of the code.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct PlaceView {
    /// Path inside the repository.
    pub file: String,
    /// 1-based line.
    pub line: usize,
}

/// One rule on one instance. Safe ones are listed only when asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// How it ended.
    pub verdict: Verdict,
    /// Rule id.
    pub rule: String,
    /// The rule in one line: the bad state.
    pub title: String,
    /// The rule's severity, lower case.
    pub severity: String,
    /// The controls of Security Hub that the rule answers.
    pub controls: Vec<String>,
    /// Directory of the root module; empty at the top of the repository.
    pub root: String,
    /// Address of the instance. Without a key where `every_instance` says so.
    pub address: String,
    /// `count` or `for_each` is not known: the answer is about every instance that it makes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub every_instance: bool,
    /// File of the block.
    pub file: String,
    /// Line of the block, from 1.
    pub line: usize,
    /// Where the value is decided: a variable file, a module's argument, the block itself.
    pub decided_at: PlaceView,
    /// What is unsafe, one sentence each; empty when nothing is.
    pub why: Vec<String>,
    /// Why it is not known, or left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The line of the configuration that leaves it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// Beside a base: it was not so there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// Beside a base: the change touches the block, or the file that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touched: Option<bool>,
}

/// A rule that was not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// Rule id.
    pub rule: String,
    /// Why.
    pub why: String,
}

/// A module call whose code is not in the repository: what it makes was not checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unseen {
    /// Directory of the root module.
    pub root: String,
    /// The calls from the root: `module.a.module.b`.
    pub call: String,
    /// `source`, when it is plain text.
    pub source: Option<String>,
    /// Where the call stands.
    pub at: PlaceView,
}

/// What the code is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaseView {
    /// As it was given.
    pub reference: String,
    /// The commit: where the history of the two parts.
    pub commit: String,
    /// Files that differ, in path order.
    pub changed: Vec<String>,
    /// What the reader should know about the comparison.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The whole answer of `check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckOutput {
    /// Version of this format.
    pub version: u32,
    /// Counts: `roots`, `rules`, `instances`, `checks` (one a rule and instance), and each verdict; the verdicts add up to
    /// the checks.
    pub summary: BTreeMap<String, usize>,
    /// In order of root, address and rule.
    pub results: Vec<CheckResult>,
    /// What it was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseView>,
    /// Rules that code alone cannot answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Module calls that lead out of the repository.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<Unseen>,
    /// Files that could not be read or parsed, one sentence each: what they hold was not checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

impl CheckOutput {
    /// The answer. `since` is how each check stands to the base, when there is one; `all` lists the safe ones too.
    #[must_use]
    pub fn new(
        checked: &Checked,
        since: Option<&[Since]>,
        asked: &Asked<'_>,
        catalogue: &Catalogue,
        all: bool,
    ) -> Self {
        let mut summary: BTreeMap<String, usize> = Verdict::ALL
            .iter()
            .map(|v| (v.key().to_owned(), 0))
            .collect();
        let mut results = Vec::new();
        for (i, check) in checked.checks.iter().enumerate() {
            let since = since.map(|s| s[i]);
            let verdict = verdict(check, since);
            *summary.entry(verdict.key().to_owned()).or_default() += 1;
            if (all || verdict != Verdict::Safe)
                && let Some(rule) = catalogue.rule(&check.rule)
            {
                results.push(result(check, verdict, since, rule));
            }
        }
        for (name, number) in [
            ("checks", checked.checks.len()),
            ("instances", checked.instances),
            ("roots", checked.roots),
            ("rules", asked.rules.len()),
        ] {
            summary.insert(name.to_owned(), number);
        }
        Self {
            version: 1,
            summary,
            results,
            base: None,
            left_out: asked.left_out.clone(),
            unseen: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// A count of the summary.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.summary.get(verdict.key()).copied().unwrap_or(0)
    }

    /// Whether tfmend itself failed on some check.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.results
            .iter()
            .filter_map(|r| r.reason.as_ref())
            .any(|reason| reason.kind == FAILED)
    }
}

/// The reason of a check on which tfmend itself failed.
const FAILED: &str = "internal-error";

fn verdict(check: &Check, since: Option<Since>) -> Verdict {
    match &check.judged {
        Judged::Safe => Verdict::Safe,
        Judged::Unsafe(_) => match since {
            None | Some(Since::New) => Verdict::Unsafe,
            Some(Since::Existing | Since::Touched) => Verdict::Existing,
        },
        Judged::Unknown(_) | Judged::Failed(_) => Verdict::Unknown,
        Judged::Suppressed(_) => Verdict::Suppressed,
    }
}

fn result(check: &Check, verdict: Verdict, since: Option<Since>, rule: &Rule) -> CheckResult {
    let (why, reason, decided_by) = match &check.judged {
        Judged::Safe => (Vec::new(), None, None),
        Judged::Unsafe(why) => (why.clone(), None, None),
        Judged::Unknown(refusal) | Judged::Suppressed(Left::InCode(refusal)) => {
            (Vec::new(), Some(Reason::from(refusal)), None)
        }
        Judged::Suppressed(Left::ByPolicy { why, by }) => {
            let reason = Reason::new("ignored", why, "");
            (Vec::new(), Some(reason), Some(by.clone()))
        }
        Judged::Failed(message) => {
            let next = "please report it with the block reduced to the least that fails";
            (Vec::new(), Some(Reason::new(FAILED, message, next)), None)
        }
    };
    let severity = serde_json::to_value(rule.severity).ok();
    let hub = rule
        .controls
        .iter()
        .filter(|c| c.control.catalogue == crate::finding::ControlCatalogue::SecurityHub);
    CheckResult {
        verdict,
        rule: rule.id.clone(),
        title: rule.title.clone(),
        severity: severity
            .and_then(|s| s.as_str().map(str::to_owned))
            .unwrap_or_default(),
        controls: hub.map(|c| c.control.code.clone()).collect(),
        root: check.instance.root.to_string(),
        address: check.instance.address.to_string(),
        every_instance: check.any,
        file: check.block.0.to_string(),
        line: check.block.1,
        decided_at: PlaceView {
            file: check.decided.0.to_string(),
            line: check.decided.1,
        },
        why,
        reason,
        decided_by,
        new: since.map(|s| s == Since::New),
        touched: since.map(|s| s != Since::Existing),
    }
}
