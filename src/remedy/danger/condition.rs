//! Conditions that the code itself sets: `validation` of variables, `precondition`, `postcondition`.
//!
//! A plan stops at a condition that is false. What is known to hold before the edit and known to fail after it is
//! refused; what cannot be told stays the plan's business.

use std::collections::BTreeSet;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::remedy::subject::Subject;
use crate::remedy::{Affected, Context, Refusal, RefusalKind, proof};
use crate::terraform::module::Configuration;
use crate::terraform::{Edit, RepoPath, SourceFile};

/// A condition that is known to fail.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Broken {
    /// `validation of variable "public"`.
    what: String,
    file: RepoPath,
    line: usize,
}

/// Refuses edits after which a condition fails that did not fail before.
pub(super) fn still_hold(
    context: &Context<'_, '_>,
    changed: &BTreeSet<Affected>,
    edits: &[Edit],
) -> Result<(), Refusal> {
    if !any_conditions(context.cfg, changed) {
        return Ok(());
    }
    let before = broken(context.cfg, changed);
    let after = proof::after(context.cfg, edits, |cfg| broken(cfg, changed))?;
    let names: BTreeSet<&str> = before.iter().map(|b| b.what.as_str()).collect();
    match after.iter().find(|b| !names.contains(b.what.as_str())) {
        None => Ok(()),
        Some(new) => Err(Refusal::new(
            RefusalKind::Precondition,
            format!(
                "after the edit, the {} ({}:{}) would fail, and with it every plan",
                new.what, new.file, new.line
            ),
            "correct the condition, then run again",
        )),
    }
}

/// Directories of the modules that hold the changed blocks, and of their roots.
fn modules(cfg: &Configuration<'_>, changed: &BTreeSet<Affected>) -> BTreeSet<RepoPath> {
    changed
        .iter()
        .filter_map(|i| Subject::find(cfg, &i.root, &i.address))
        .flat_map(|s| [s.at.module.clone(), s.at.root.clone()])
        .collect()
}

/// Most code sets no conditions: then nothing is worked out twice.
fn any_conditions(cfg: &Configuration<'_>, changed: &BTreeSet<Affected>) -> bool {
    const WORDS: [&str; 3] = ["validation", "precondition", "postcondition"];
    modules(cfg, changed)
        .iter()
        .flat_map(|dir| cfg.estate().files_in(dir))
        .any(|file| WORDS.iter().any(|word| file.text().contains(word)))
}

fn broken(cfg: &Configuration<'_>, changed: &BTreeSet<Affected>) -> BTreeSet<Broken> {
    let mut found = BTreeSet::new();
    let mut roots: BTreeSet<&RepoPath> = BTreeSet::new();
    for instance in changed {
        let Some(subject) = Subject::find(cfg, &instance.root, &instance.address) else {
            continue;
        };
        let own = |expression: &Expression| {
            cfg.evaluate(&subject.at, &subject.address, expression)
                .as_bool()
        };
        for kind in ["precondition", "postcondition"] {
            let lifecycles = subject.block().body.get_blocks("lifecycle");
            for block in lifecycles.flat_map(|l| l.body.get_blocks(kind)) {
                note(&mut found, &subject, block, subject.file(), kind, &own);
            }
        }
        for (file, body) in bodies(cfg, &subject.at.module) {
            validations(&mut found, &subject, file, body, &own);
        }
        if subject.at.module != subject.at.root && roots.insert(&instance.root) {
            for (file, body) in bodies(cfg, &subject.at.root) {
                let of_root = |expression: &Expression| {
                    cfg.evaluate_in_root(&subject.at.root, file, expression)
                        .as_bool()
                };
                validations(&mut found, &subject, file, body, &of_root);
            }
        }
    }
    found
}

fn bodies<'a>(
    cfg: &Configuration<'a>,
    dir: &RepoPath,
) -> impl Iterator<Item = (&'a SourceFile, &'a Body)> {
    cfg.estate()
        .files_in(dir)
        .filter(|file| file.has_spans() && file.text().contains("validation"))
        .filter_map(|file| Some((file.as_ref(), file.body().ok()?)))
}

fn validations(
    found: &mut BTreeSet<Broken>,
    subject: &Subject<'_, '_>,
    file: &SourceFile,
    body: &Body,
    evaluate: &dyn Fn(&Expression) -> Option<bool>,
) {
    for variable in body.get_blocks("variable") {
        let name = variable.labels.first().map_or("", |l| l.as_str());
        for validation in variable.body.get_blocks("validation") {
            let what = format!("validation of variable `{name}`");
            note(found, subject, validation, file, &what, evaluate);
        }
    }
}

fn note(
    found: &mut BTreeSet<Broken>,
    subject: &Subject<'_, '_>,
    block: &Block,
    file: &SourceFile,
    what: &str,
    evaluate: &dyn Fn(&Expression) -> Option<bool>,
) {
    let Some(condition) = block.body.get_attribute("condition") else {
        return;
    };
    if evaluate(&condition.value) != Some(false) {
        return;
    }
    let what = match what {
        "precondition" | "postcondition" => format!("{what} of `{}`", subject.name()),
        other => other.to_owned(),
    };
    found.insert(Broken {
        what,
        file: file.path().clone(),
        line: block.span().map_or(1, |s| file.line(s.start)),
    });
}
