//! When the change is known: a pull request, a note, a refusal, or nothing?

use jiff::Timestamp;

use crate::config::{PolicyDecision, Stage};
use crate::finding::Finding;
use crate::locate::Confidence;
use crate::remedy::{Refusal, RefusalKind, Remediation, Width};
use crate::rules::{Impact, Reversibility, Rule};
use crate::terraform::Edit;

use super::admit::reason;
use super::matching::Decided;
use super::{DecidedBy, Disposition, Policy, Ruling};

/// What is known when a change is judged.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The finding it answers.
    pub finding: &'a Finding,
    /// The rule.
    pub rule: &'a Rule,
    /// How sure the location is.
    pub confidence: Confidence,
    /// Now, for ignores that end.
    pub now: Timestamp,
}

impl Policy {
    /// How many other instances a change may reach: remedies look for a narrower place before policy refuses a wide one.
    #[must_use]
    pub fn width(&self) -> Width {
        Width::at_most(self.max_also_changes.0 as usize)
    }

    /// May this change be proposed? Built-in bars come first (never-automatic rules, replacement, weak evidence, too
    /// many other instances), then ignores, policy rules and paused stages.
    #[must_use]
    pub fn dispose(&self, change: &Remediation, context: &Context<'_>) -> Ruling<Disposition> {
        let Context {
            finding,
            rule,
            confidence,
            now,
        } = *context;
        let ruling = |answer, why: String, decided_by: &DecidedBy| Ruling {
            answer,
            why,
            decided_by: decided_by.clone(),
        };
        let built_in = DecidedBy::default_setting();
        if rule.reversibility == Reversibility::NeverAuto {
            let why = format!("rule `{}` is never proposed as a diff", rule.id);
            return ruling(Disposition::Advise, why, &built_in);
        }
        if change.impact.max(rule.impact) == Impact::ForcesReplacement {
            let why = "applying it would replace the resource".to_owned();
            return ruling(Disposition::Advise, why, &built_in);
        }
        let (wanted, by) = &self.min_confidence;
        if confidence < *wanted {
            let why = format!("the location is {confidence:?}, and {wanted:?} is asked for")
                .to_lowercase();
            let refusal = Refusal {
                kind: RefusalKind::ConfidenceTooLow,
                message: why.clone(),
                next: "give the state file of the root (--state), or lower --min-confidence"
                    .to_owned(),
            };
            return ruling(Disposition::Refuse(refusal), why, by);
        }
        let (most, by) = &self.max_also_changes;
        if change.also_changes.len() > *most as usize {
            let why = format!(
                "it would change {} other instances, and at most {most} are allowed",
                change.also_changes.len()
            );
            let refusal = Refusal {
                kind: RefusalKind::TooWide,
                message: why.clone(),
                next: "raise limits.max_also_changes, or fix the instances one by one".to_owned(),
            };
            return ruling(Disposition::Refuse(refusal), why, by);
        }
        let paths = paths(change);
        if let Some(ignore) = self.ignored(finding, &rule.id, &paths, now) {
            let why = format!("ignored until {}: {}", ignore.until, ignore.reason);
            return ruling(Disposition::Ignore, why, &ignore.by);
        }
        // Every file counts: a restriction on any of them restricts the change; auto-merge needs all of them.
        let mut may_merge = true;
        let mut widened = true;
        let mut decided: Option<(String, &DecidedBy)> = None;
        for path in &paths {
            match self.decide(finding, &rule.id, Some(path)) {
                Decided::Rule {
                    rule: line,
                    certain,
                } => {
                    let why = reason(line.reason.as_deref(), line.decision, certain);
                    match line.decision {
                        PolicyDecision::Ignore if certain => {
                            return ruling(Disposition::Ignore, why, &line.by);
                        }
                        PolicyDecision::Ignore | PolicyDecision::Advise => {
                            return ruling(Disposition::Advise, why, &line.by);
                        }
                        PolicyDecision::Propose => {
                            may_merge &= line.auto_merge;
                            widened &= line.rule.is_some();
                            decided.get_or_insert((why, &line.by));
                        }
                    }
                }
                Decided::Nothing | Decided::NeedsPath(_) => (may_merge, widened) = (false, false),
            }
        }
        let (profile, by) = &self.profile;
        if rule.profile > *profile && !widened {
            let why = format!(
                "rule `{}` is not in the profile, and no policy rule proposes it here",
                rule.id
            );
            let refusal = Refusal {
                kind: RefusalKind::Policy,
                message: why.clone(),
                next: "widen the profile, or propose the rule for this path".to_owned(),
            };
            return ruling(Disposition::Refuse(refusal), why, by);
        }
        if let Some(by) = self.paused(Stage::PullRequest) {
            return ruling(
                Disposition::Defer,
                "stage `pull-request` is paused".to_owned(),
                by,
            );
        }
        let harmless = change.impact.max(rule.impact) == Impact::InPlace
            && confidence == Confidence::Exact
            && rule.reversibility == Reversibility::Safe
            && change.also_changes.is_empty();
        let named = self.class(&finding.account).is_some();
        let answer = Disposition::Propose {
            draft: confidence < Confidence::Exact,
            auto_merge: may_merge && harmless && named && !paths.is_empty(),
        };
        match decided {
            Some((why, by)) => ruling(answer, why, by),
            None => ruling(
                answer,
                "no policy rule speaks about it".to_owned(),
                &built_in,
            ),
        }
    }
}

/// Every file the change touches, without repetition.
fn paths(change: &Remediation) -> Vec<&str> {
    let mut paths = vec![change.file.as_str()];
    for edit in &change.edits {
        let (Edit::Splice { file, .. } | Edit::NewFile { file, .. }) = edit;
        if !paths.contains(&file.as_str()) {
            paths.push(file.as_str());
        }
    }
    paths
}
