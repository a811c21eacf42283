//! A second writer that only a state shows: the code that manages it is not at hand, or gone.

use super::second;
use crate::locate::{HeldPart, Located};
use crate::remedy::{Affected, Draft, Refusal, RefusalKind};
use crate::rules::{Remedy, Rule};

/// Refuses to write what a state holds as a resource of its own, somewhere else.
pub(super) fn nowhere_else(
    rule: &Rule,
    located: &Located,
    cured: &Affected,
    draft: &Draft,
) -> Result<(), Refusal> {
    let Some(part) = located
        .held_parts
        .iter()
        .find(|part| writes_the_same(rule, cured, draft, &part.address.kind))
    else {
        return Ok(());
    };
    Err(if part.root.as_ref() == Some(&located.root) {
        gone(part, cured)
    } else {
        elsewhere(part, cured)
    })
}

/// Whether the draft writes what a resource of this type is for.
fn writes_the_same(rule: &Rule, cured: &Affected, draft: &Draft, kind: &str) -> bool {
    let own = cured.address.kind.as_str();
    match rule.remedy_for(own).map(|r| &r.remedy) {
        Some(Remedy::Companion(companion)) => companion.resource == kind,
        Some(Remedy::PolicyStatement(_)) => kind == second::BUCKET_POLICY,
        Some(Remedy::Set(_)) => second::splits(own)
            .any(|(argument, split)| split == kind && second::is_written(draft, argument)),
        _ => false,
    }
}

/// Rules of a group that only states show: each a sentence for the reviewer, because the change leaves them as they are.
pub(super) fn rules(rule: &Rule, located: &Located, cured: &Affected) -> Vec<String> {
    const RULES: [&str; 2] = [
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
    ];
    let remedy = rule.remedy_for(&cured.address.kind).map(|r| &r.remedy);
    if !matches!(remedy, Some(Remedy::Ingress(_))) {
        return Vec::new();
    }
    let parts = located.held_parts.iter();
    parts
        .filter(|part| RULES.contains(&part.address.kind.as_str()))
        .map(|part| {
            format!(
                "The state `{}` holds `{}`, a rule of the same group whose code is not here: it stays as it is.",
                part.state, part.address
            )
        })
        .collect()
}

fn elsewhere(part: &HeldPart, cured: &Affected) -> Refusal {
    let code = match &part.root {
        Some(root) => crate::remedy::root_in_words(root),
        None => "code that is not in this repository".to_owned(),
    };
    Refusal::new(
        RefusalKind::SecondWriter,
        format!(
            "`{}` has its `{}` already: the state `{}` holds it as `{}` ({code})",
            cured.address, part.address.kind, part.state, part.address
        ),
        "change it in the code that the state belongs to; a second one would be overwritten, and overwrite, on every apply",
    )
}

/// Terraform destroys what has no block any more, in no order to what is new: the object would be left without.
fn gone(part: &HeldPart, cured: &Affected) -> Refusal {
    Refusal::new(
        RefusalKind::StateWithoutCode,
        format!(
            "the state `{}` still holds `{}` of `{}`, whose block is gone from the code: an apply would destroy it, and \
             perhaps the new one with it",
            part.state, part.address, cured.address
        ),
        "apply what is merged already, or put its block back (a `moved` block, if it was renamed), and run again",
    )
}
