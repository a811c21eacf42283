//! From what the stages know to what the output shows.

use super::{EditView, FindingView, Outcome, OutcomeKind, PreviousView, Reason, RollbackView};
use crate::finding::{Finding, InvalidRecord};
use crate::locate::{Located, NotLocated, Target};
use crate::remedy::{Affected, Refusal, Remediation};
use crate::rules::Rule;
use crate::terraform::{Edit, RepoPath};

/// The kebab-case or lower-case name under which an enum serialises.
fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        Self {
            key: finding.key.to_string(),
            source: Some(name(&finding.key.source)),
            control: finding.controls.first().map(|c| c.code.clone()),
            resource: some(&finding.resource.id),
            account: some(&finding.account),
            region: some(&finding.region),
            severity: Some(name(&finding.severity)),
            title: finding.title.clone(),
        }
    }
}

impl From<&InvalidRecord> for FindingView {
    fn from(record: &InvalidRecord) -> Self {
        Self {
            key: format!("record {} of {}", record.place.number, record.place.input),
            source: None,
            control: None,
            resource: None,
            account: None,
            region: None,
            severity: None,
            title: record.problem.clone(),
        }
    }
}

impl From<&Refusal> for Reason {
    fn from(refusal: &Refusal) -> Self {
        Self {
            kind: name(&refusal.kind),
            message: refusal.message.clone(),
            next: refusal.next.clone(),
        }
    }
}

impl From<&Edit> for EditView {
    fn from(edit: &Edit) -> Self {
        match edit {
            Edit::Splice {
                file, range, text, ..
            } => Self {
                file: file.to_string(),
                start: Some(range.start),
                end: Some(range.end),
                text: text.clone(),
            },
            Edit::NewFile { file, text } => Self {
                file: file.to_string(),
                start: None,
                end: None,
                text: text.clone(),
            },
        }
    }
}

impl Reason {
    /// A reason of the pipeline itself.
    #[must_use]
    pub fn new(kind: &str, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
            next: next.into(),
        }
    }
}

/// An instance as seen from the root of the finding: the root is named only when it is another.
fn seen_from(root: &RepoPath, affected: &Affected) -> String {
    if affected.root == *root {
        affected.address.to_string()
    } else {
        format!("{}: {}", affected.root, affected.address)
    }
}

impl Outcome {
    /// An outcome that says nothing but how the finding left.
    #[must_use]
    pub fn bare(finding: FindingView, outcome: OutcomeKind) -> Self {
        Self {
            finding,
            outcome,
            rule: None,
            root: None,
            address: None,
            file: None,
            line: None,
            evidence: None,
            confidence: None,
            impact: None,
            also_changes: Vec::new(),
            edits: Vec::new(),
            diff: None,
            rollback: None,
            change: None,
            reason: None,
            tried: Vec::new(),
            decided_by: None,
            warnings: Vec::new(),
            owners: Vec::new(),
            last_committers: Vec::new(),
        }
    }

    /// A record that could not be read.
    #[must_use]
    pub fn invalid(record: &InvalidRecord) -> Self {
        let reason = Reason::new(
            "invalid-record",
            record.problem.clone(),
            record.expected.clone(),
        );
        Self::bare(record.into(), OutcomeKind::Invalid).because(reason)
    }

    /// With a reason.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// What would have been proposed, but is not: it leaves without its edits.
    #[must_use]
    pub fn instead(mut self, kind: OutcomeKind, reason: Reason) -> Self {
        self.outcome = kind;
        self.edits.clear();
        self.diff = None;
        self.rollback = None;
        self.because(reason)
    }

    /// With the rule that answers it.
    #[must_use]
    pub fn under(mut self, rule: &Rule) -> Self {
        self.rule = Some(rule.id.clone());
        self
    }

    /// With the line of policy that decided.
    #[must_use]
    pub fn decided(mut self, by: impl Into<String>) -> Self {
        self.decided_by = Some(by.into());
        self
    }

    /// With the place in the code. `at` is where the block stands, when there is one.
    #[must_use]
    pub fn at(mut self, located: &Located, at: Option<(&RepoPath, usize)>) -> Self {
        self.root = Some(located.root.to_string());
        self.evidence = Some(name(&located.evidence));
        self.confidence = Some(name(&located.confidence));
        match &located.target {
            Target::Instance(address) => self.address = Some(address.to_string()),
            Target::Home(file) => self.file = Some(file.to_string()),
        }
        if let Some((file, line)) = at {
            self.file = Some(file.to_string());
            self.line = Some(line);
        }
        self
    }

    /// Without a place in the code.
    #[must_use]
    pub fn nowhere(mut self, why: &NotLocated) -> Self {
        self.reason = Some((&why.reason).into());
        self.tried.clone_from(&why.tried);
        self
    }

    /// With a fix, its edits as plain splices, and its own diff.
    #[must_use]
    pub fn fixed(
        mut self,
        remediation: &Remediation,
        edits: &[Edit],
        rule: &Rule,
        diff: String,
    ) -> Self {
        self.file = Some(remediation.file.to_string());
        self.line = Some(remediation.line);
        if self.address.is_none() {
            self.address = Some(remediation.instance.address.to_string());
        }
        self.impact = Some(name(&remediation.impact));
        self.also_changes = remediation
            .also_changes
            .iter()
            .map(|a| seen_from(&remediation.instance.root, a))
            .collect();
        self.edits = edits.iter().map(EditView::from).collect();
        self.diff = Some(diff);
        let truth = &rule.rollback;
        let mut note = format!("Reverting the commit and applying: {}", truth.restores);
        if !truth.does_not_restore.is_empty() {
            note.push_str(" Not restored: ");
            note.push_str(&truth.does_not_restore);
        }
        self.rollback = Some(RollbackView {
            previous: remediation
                .previous
                .iter()
                .map(|p| PreviousView {
                    path: p.path.clone(),
                    value: p.value.clone(),
                })
                .collect(),
            note,
        });
        self.warnings.clone_from(&remediation.warnings);
        self
    }
}
