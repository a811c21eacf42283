//! Calls whose version leaves several behaviours open: a change counts when it is right at each of them.
//!
//! Terraform locks providers, not modules: what `~> 3.0` meant at the last apply is not written down. A default that
//! turned between two versions makes the same call safe or not. Writing the input down is right at both.

use hcl_edit::structure::Body;

use super::super::subject::Subject;
use super::super::{
    Affected, Context, Fix, Refusal, RefusalKind, Remediation, Verdict, assess, proof,
};
use super::{Case, Tried, at_one_version};
use crate::locate::External;
use crate::terraform::edit::Pen;
use crate::terraform::module::Configuration;
use crate::terraform::registry::Known;
use crate::terraform::{Address, Edit};

/// The fix that is right at every version that the call may mean.
pub(super) fn fix(
    context: &Context<'_, '_>,
    case: &Case<'_>,
    address: &Address,
    external: &External<'_>,
    known: Known,
) -> Tried {
    let instance = Affected {
        root: case.located.root.clone(),
        address: address.clone(),
    };
    // A version that does not make the block is not the one that was applied.
    let possible: Vec<usize> = (known.from..=known.to)
        .rev()
        .filter(|step| {
            proof::after(context.cfg, &as_of(context.cfg, known, *step), |cfg| {
                makes(cfg, &instance)
            })
            .unwrap_or(false)
        })
        .collect();
    let mut tried: Vec<(usize, Tried)> = Vec::new();
    for step in &possible {
        let swap = as_of(context.cfg, known, *step);
        let outcome = proof::after(context.cfg, &swap, |cfg| {
            at_one_version(&Context { cfg, ..*context }, case, address, external)
        })?;
        if let Ok(Fix::Remediation(fix)) = &outcome {
            let right = possible
                .iter()
                .all(|other| holds(context, case, &instance, external, known, *other, fix));
            if right {
                let same = possible
                    .iter()
                    .map(|step| before(context, case, &instance, known, *step))
                    .all(|verdict| matches!(verdict, Some(Verdict::Unsafe(_))));
                let fix = if same {
                    (**fix).clone()
                } else {
                    noted(fix, external, known)
                };
                return Ok(Fix::Remediation(Box::new(fix)));
            }
        }
        tried.push((*step, outcome));
    }
    agreed(context, case, address, external, known, tried)
}

/// What is left when no change is right everywhere: an answer that all versions give, or a request to pin one.
fn agreed(
    context: &Context<'_, '_>,
    case: &Case<'_>,
    address: &Address,
    external: &External<'_>,
    known: Known,
    tried: Vec<(usize, Tried)>,
) -> Tried {
    let kinds = |tried: &Tried| match tried {
        Ok(Fix::Remediation(_)) => 0,
        Ok(Fix::AlreadySafe(_)) => 1,
        Ok(_) => 2,
        Err(_) => 3,
    };
    let mut all = tried.into_iter();
    let Some((_, first)) = all.next() else {
        // No version of the table makes it: what is read is the newest.
        return at_one_version(context, case, address, external);
    };
    let rest: Vec<(usize, Tried)> = all.collect();
    let same = rest.iter().all(|(_, other)| kinds(other) == kinds(&first));
    if same && kinds(&first) != 0 {
        return first;
    }
    let steps: Vec<String> = (known.from..=known.to)
        .map(|step| known.outline.steps[step].to_string())
        .collect();
    Err(Refusal::new(
        RefusalKind::ExternalModule,
        format!(
            "`{address}` is made inside of module `{}`, and which version of {} that is cannot be told: it behaves differently from {} on",
            external.path.join("."),
            external.source_in_words(),
            super::super::settings::join(&steps[1..]),
        ),
        format!(
            "pin the version that is applied (`version = \"{}\"`, say; `.terraform/modules/modules.json` tells which), then run again",
            known.outline.last
        ),
    ))
}

/// What the rule says of the unchanged code with the module as of one step.
fn before(
    context: &Context<'_, '_>,
    case: &Case<'_>,
    instance: &Affected,
    known: Known,
    step: usize,
) -> Option<Verdict> {
    proof::after(context.cfg, &as_of(context.cfg, known, step), |cfg| {
        assess(&Context { cfg, ..*context }, instance, case.rule, case.with)
    })
    .ok()
}

/// Whether a change is right with the module as of one step.
fn holds(
    context: &Context<'_, '_>,
    case: &Case<'_>,
    instance: &Affected,
    external: &External<'_>,
    known: Known,
    step: usize,
    fix: &Remediation,
) -> bool {
    let mut edits = as_of(context.cfg, known, step);
    edits.extend(fix.edits.iter().cloned());
    let before = names(external.call.block.body.clone());
    let safe = proof::after(context.cfg, &edits, |cfg| {
        let edited = Context { cfg, ..*context };
        // An input that a version does not have is an error there.
        let accepted = cfg
            .call_at(&instance.root, &external.path)
            .is_some_and(|call| {
                names(call.block.body.clone())
                    .iter()
                    .filter(|name| !before.contains(name))
                    .all(|name| cfg.has_input(&instance.root, &external.path, name))
            });
        accepted && assess(&edited, instance, case.rule, case.with) == Verdict::Safe
    });
    safe.unwrap_or(false)
}

fn names(body: Body) -> Vec<String> {
    body.attributes()
        .map(|a| a.key.as_str().to_owned())
        .collect()
}

/// Edits of the outline's files, which make it the module as of another step. They never leave this stage.
pub(super) fn as_of(cfg: &Configuration<'_>, known: Known, step: usize) -> Vec<Edit> {
    known
        .files(step)
        .into_iter()
        .filter_map(|(path, text)| {
            let file = cfg.estate().file(&path)?;
            (file.text() != text).then(|| Pen::new(file).splice(0..file.text().len(), text))
        })
        .collect()
}

fn makes(cfg: &Configuration<'_>, instance: &Affected) -> bool {
    Subject::find(cfg, &instance.root, &instance.address).is_some_and(|subject| {
        let instances = cfg.instances(&subject.at);
        instances.unknown.is_some()
            || instances
                .known
                .iter()
                .any(|a| a.could_be(&instance.address))
    })
}

fn noted(fix: &Remediation, external: &External<'_>, known: Known) -> Remediation {
    let mut fix = fix.clone();
    fix.warnings.push(format!(
        "Whether module `{}` ({}) is safe without this depends on its version, which is not pinned to one: the change is right from {} on, as far as its versions are known (up to {}).",
        external.path.join("."),
        external.source_in_words(),
        known.outline.steps[known.from],
        known.outline.last
    ));
    fix
}
