//! Rule + block → the smallest edit, or a typed refusal.
//!
//! Invariant 3: an edit is kept only if the rule, run again on the edited code, finds the safe state and no other
//! rule finds a new unsafe one. Invariant 4: the value is changed where it is decided.

mod account;
mod asleep;
mod basis;
mod call;
mod companion;
mod compose;
mod danger;
mod dormant;
mod draft;
mod dynamic;
mod elements;
mod entry;
mod exposure;
mod grant;
mod ingress;
mod intent;
mod json_block;
mod judge;
mod literal;
mod network;
mod place;
mod policy_document;
mod proof;
mod reach;
mod removal;
mod settings;
mod subject;
mod written;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::finding::Finding;
use crate::locate::{Located, Target};
use crate::rules::{Catalogue, EvidenceNeeded, Impact, Remedy, Reversibility, Rule};
use crate::terraform::module::Configuration;
use crate::terraform::{Address, Edit, RepoPath};

pub use crate::refusal::{Refusal, RefusalKind};
pub use basis::{Basis, basis};
pub use compose::compose;
pub use draft::Draft;
pub use intent::{Silence, intended_public, silence};
pub use place::Width;
// What a live change judges by the same words as an edit of the code.
pub use subject::Subject;
#[cfg_attr(not(feature = "emergency"), allow(unused_imports))]
pub(crate) use {
    ingress::{Asked, approved},
    intent::{says_public, tag_says_public},
    network::{Family, Protocol, Traffic, family, is_public},
};

/// An instance of some root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Affected {
    /// Root module directory.
    pub root: RepoPath,
    /// Instance.
    pub address: Address,
}

/// The parameters of the configuration (`[parameters]`), by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters(pub BTreeMap<String, Json>);

impl Parameters {
    /// The value of a parameter, if it is configured.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name)
    }
}

/// What the remedies work on.
#[derive(Clone, Copy)]
pub struct Context<'c, 'a> {
    /// The code.
    pub cfg: &'c Configuration<'a>,
    /// All rules: an edit must not make another rule fail.
    pub catalogue: &'c Catalogue,
    /// `[parameters]`.
    pub parameters: &'c Parameters,
}

/// The exact text that was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Attribute or block path in code, e.g. `aws_db_instance.main.publicly_accessible`.
    pub path: String,
    /// Source text before the edit; `null` when nothing was written.
    pub value: Option<String>,
}

/// The change that makes one instance safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remediation {
    /// Rule id.
    pub rule: String,
    /// The instance in the finding (or the address the new block will have).
    pub instance: Affected,
    /// File and 1-based line where the reader should look: the first edit's.
    pub file: RepoPath,
    /// See `file`.
    pub line: usize,
    /// The block whose change this is, inside its module (`aws_s3_bucket.this`): part of the change's identity.
    pub block: String,
    /// Attribute path that is changed: part of the change's identity.
    pub path: String,
    /// What changes, one line in the imperative: ``set `publicly_accessible` to `false` ``.
    pub summary: String,
    /// The edits, against the estate's files.
    pub edits: Vec<Edit>,
    /// What an apply does.
    pub impact: Impact,
    /// Every other instance that changes.
    pub also_changes: Vec<Affected>,
    /// What was there.
    pub previous: Vec<Previous>,
    /// Warnings for the reviewer, each one sentence.
    pub warnings: Vec<String>,
}

/// What a rule says of one instance in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The code is safe.
    Safe,
    /// The code is unsafe; why, one sentence.
    Unsafe(String),
    /// Cannot be told; why and what to do.
    Unknown(Refusal),
}

/// What the remedy stage makes of a located finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// A change.
    Remediation(Box<Remediation>),
    /// The code is safe already (not applied yet, or drift); why.
    AlreadySafe(String),
    /// No edit by design: what a human would do (Markdown).
    Advice(String),
    /// No edit; why.
    Refused(Refusal),
}

/// What a rule says of one instance in code. `with` are the arguments of the control in question; `null` asks for the
/// whole rule.
#[must_use]
pub fn assess(context: &Context<'_, '_>, instance: &Affected, rule: &Rule, with: &Json) -> Verdict {
    let Some(subject) = Subject::find(context.cfg, &instance.root, &instance.address) else {
        return Verdict::Unknown(no_block(instance));
    };
    let Some(remedy) = rule.remedy_for(&instance.address.kind) else {
        return Verdict::Unknown(other_type(instance, rule));
    };
    match &remedy.remedy {
        Remedy::Set(wanted) => settings::assess(&subject, wanted, with),
        Remedy::Companion(wanted) => companion::assess(&subject, wanted, with),
        Remedy::DropElements(wanted) => elements::assess(&subject, wanted),
        Remedy::Ingress(wanted) => ingress::assess(&subject, wanted, with),
        Remedy::PolicyStatement(_) => policy_document::assess(&subject),
        Remedy::Grant(wanted) => grant::assess(&subject, wanted),
        Remedy::Advice { .. } => Verdict::Unknown(Refusal::new(
            RefusalKind::Precondition,
            format!("code alone does not tell whether `{}` applies", rule.id),
            "look at the live resource",
        )),
    }
}

/// The smallest change that makes a located finding's instance safe, proved on the edited code; or why there is none.
#[must_use]
pub fn fix(
    context: &Context<'_, '_>,
    located: &Located,
    rule: &Rule,
    with: &Json,
    finding: &Finding,
) -> Fix {
    fix_within(context, located, rule, with, finding, Width::default())
}

/// As [`fix`], where policy says how many other instances a change may reach: of several places that would do, one
/// that reaches no more is taken. Where there is none, the change is wide all the same, and says so: policy judges it.
#[must_use]
pub fn fix_within(
    context: &Context<'_, '_>,
    located: &Located,
    rule: &Rule,
    with: &Json,
    finding: &Finding,
    width: Width,
) -> Fix {
    let case = call::Case {
        located,
        rule,
        with,
        finding,
        width,
    };
    match call::fix(context, &case) {
        Ok(fix) => fix,
        Err(refusal) => Fix::Refused(refusal),
    }
}

fn try_fix(
    context: &Context<'_, '_>,
    located: &Located,
    rule: &Rule,
    with: &Json,
    finding: &Finding,
    width: Width,
) -> Result<Fix, Refusal> {
    let (draft, warnings) = match &located.target {
        Target::Home(home) => {
            let Some(Remedy::Set(wanted)) = rule.remedies.first().map(|r| &r.remedy) else {
                return Err(Refusal::new(
                    RefusalKind::NoHome,
                    format!("rule `{}` does not know how to write a new block", rule.id),
                    "write it by hand",
                ));
            };
            let draft = account::fix(context, &located.root, home, rule, wanted)?;
            (draft, &rule.remedies[0].warnings)
        }
        Target::Instance(address) => {
            let instance = Affected {
                root: located.root.clone(),
                address: address.clone(),
            };
            let Some(subject) = Subject::find(context.cfg, &instance.root, address) else {
                return Err(no_block(&instance));
            };
            let Some(remedy) = rule.remedy_for(&address.kind) else {
                return Err(other_type(&instance, rule));
            };
            exists(&subject)?;
            if let Remedy::Advice { text } = &remedy.remedy {
                return Ok(Fix::Advice(text.clone()));
            }
            if assess(context, &instance, rule, with) == Verdict::Safe {
                return Ok(Fix::AlreadySafe(format!(
                    "`{address}` is safe in the code: not applied yet, or changed outside of Terraform"
                )));
            }
            intent::not_silenced(&subject, rule, with)?;
            if remedy.respect_intended_public {
                intent::not_intended(&subject)?;
            }
            let draft = match &remedy.remedy {
                Remedy::Set(wanted) => {
                    for evidence in &wanted.evidence {
                        shown(evidence, with, finding, context.parameters)?;
                    }
                    settings::fix(context, &subject, wanted, with, width)?
                }
                Remedy::Companion(wanted) => companion::fix(context, &subject, wanted, with)?,
                Remedy::DropElements(wanted) => elements::fix(&subject, wanted)?,
                Remedy::Ingress(wanted) => ingress::fix(context, &subject, rule, wanted, with)?,
                Remedy::PolicyStatement(wanted) => policy_document::fix(&subject, wanted)?,
                Remedy::Grant(wanted) => grant::fix(context, &subject, rule, wanted, with)?,
                Remedy::Advice { text } => return Ok(Fix::Advice(text.clone())),
            };
            (draft, &remedy.warnings)
        }
    };
    finish(context, rule, with, draft, warnings, located)
}

/// Proves a draft and makes it a remediation.
fn finish(
    context: &Context<'_, '_>,
    rule: &Rule,
    with: &Json,
    mut draft: Draft,
    warnings: &[String],
    located: &Located,
) -> Result<Fix, Refusal> {
    let cured = match &located.target {
        Target::Home(_) => draft.instance.clone(),
        Target::Instance(address) => Affected {
            root: located.root.clone(),
            address: address.clone(),
        },
    };
    // Whatever a remedy worked out: what Terraform installs, and what is known of it, is nobody's to edit here.
    if let Some(edit) = draft.edits.iter().find(|e| place::is_external(e.file())) {
        return Err(Refusal::new(
            RefusalKind::ExternalModule,
            format!(
                "the change of `{}` would go into a module whose source is not in this repository ({})",
                cured.address,
                edit.file()
            ),
            "set the module's input for it at the call, if it has one; else ask its owner",
        ));
    }
    let mut touched = vec![cured.clone()];
    // What only gets another address is as safe as it was.
    let others = draft.also_changes.iter();
    touched.extend(others.filter(|a| !draft.moved.contains(a)).cloned());
    danger::look(context, rule, located, &cured, &mut draft)?;
    proof::check(context, rule, with, &draft, &cured, &touched)?;
    let impact = draft.impact.map_or(rule.impact, |i| i.max(rule.impact));
    if impact == Impact::ForcesReplacement || rule.reversibility == Reversibility::NeverAuto {
        return Err(Refusal::new(
            RefusalKind::WouldReplace,
            format!("the change of `{}` would replace it", cured.address),
            "plan the replacement by hand",
        ));
    }
    draft.edits = context.cfg.estate().without_links(draft.edits);
    let Some((file, line)) = draft.edits.first().map(|e| first_line(context, e)) else {
        return Err(Refusal::new(
            RefusalKind::UnsupportedShape,
            format!("nothing can be edited for `{}`", cured.address),
            "change it by hand",
        ));
    };
    let mut all_warnings = draft.warnings;
    all_warnings.extend(warnings.iter().cloned());
    Ok(Fix::Remediation(Box::new(Remediation {
        rule: rule.id.clone(),
        instance: cured,
        file,
        line,
        block: draft.block,
        path: draft.paths.join(", "),
        summary: draft.summary,
        edits: draft.edits,
        impact,
        also_changes: draft.also_changes,
        previous: draft.previous,
        warnings: all_warnings,
    })))
}

fn first_line(context: &Context<'_, '_>, edit: &Edit) -> (RepoPath, usize) {
    match edit {
        Edit::Splice { file, range, .. } => {
            let line = context
                .cfg
                .estate()
                .file(file)
                .map_or(1, |f| f.line(range.start));
            (file.clone(), line)
        }
        Edit::NewFile { file, .. } => (file.clone(), 1),
    }
}

/// Refuses unless the finding carries the fact, at the number asked for: the parameter's, else the control's own,
/// else the rule's.
fn shown(
    needed: &EvidenceNeeded,
    with: &Json,
    finding: &Finding,
    parameters: &Parameters,
) -> Result<(), Refusal> {
    let limit = needed
        .parameter
        .as_ref()
        .and_then(|name| parameters.get(name).or_else(|| with.get(name))?.as_f64())
        .unwrap_or(needed.at_least);
    let fact = finding
        .facts
        .get(&needed.fact)
        .and_then(|text| text.trim().parse::<f64>().ok());
    match fact {
        Some(number) if number >= limit => Ok(()),
        Some(number) => Err(Refusal::new(
            needed.refusal,
            format!("{} ({number} days, asked for are {limit})", needed.message),
            needed.next.clone(),
        )),
        None => Err(Refusal::new(
            needed.refusal,
            needed.message.clone(),
            needed.next.clone(),
        )),
    }
}

fn no_block(instance: &Affected) -> Refusal {
    Refusal::new(
        RefusalKind::StateWithoutCode,
        format!(
            "`{}` has no block in {}",
            instance.address,
            root_in_words(&instance.root)
        ),
        "look for a `moved` or `removed` block, or another branch that holds it",
    )
}

/// Refuses when the block is there, but makes no instance of this address: the state is ahead of the code, or behind.
fn exists(subject: &Subject<'_, '_>) -> Result<(), Refusal> {
    let instances = subject.cfg.instances(&subject.at);
    let made = instances.known.iter().any(|a| a.could_be(&subject.address));
    if made || instances.unknown.is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::StateWithoutCode,
        format!(
            "`{}` ({}:{}) makes no instance `{}`: its `count` or `for_each` does not have it",
            subject.name(),
            subject.file().path(),
            subject.line(),
            subject.address
        ),
        "apply what is merged already, or look at the branch that made the instance",
    ))
}

/// A root's directory as a reader knows it.
pub(crate) fn root_in_words(root: &RepoPath) -> String {
    if root.as_str().is_empty() {
        "the root module at the top of the repository".to_owned()
    } else {
        format!("root module `{root}`")
    }
}

fn other_type(instance: &Affected, rule: &Rule) -> Refusal {
    Refusal::new(
        RefusalKind::UnsupportedShape,
        format!(
            "rule `{}` does not know `{}` ({})",
            rule.id, instance.address.kind, instance.address
        ),
        "change it by hand",
    )
}
