//! A fix at the call: what to do about a block of a module whose code is not this repository's.
//!
//! The places at which a value is decided are tried as for any block ([`super::place`]); those inside of the module are
//! passed over, and the call's arguments remain. Two things come in addition. A well-known module may have an input that
//! answers the rule although no written value can be changed ([`inputs`]). And where the version is not pinned to one
//! that behaves in one way, the change has to be right at every version that the call may mean ([`versions`]).

mod ingress;
mod inputs;
mod installed;
mod versions;

use super::subject::Subject;
use super::{Context, Draft, Fix, Refusal, RefusalKind, Remediation, Width, try_fix};
use crate::finding::Finding;
use crate::locate::{External, Located, Target};
use crate::rules::{Remedy, Rule};
use crate::terraform::Address;
use serde_json::Value as Json;

/// One finding's fix: everything that [`super::fix`] is asked with.
#[derive(Clone, Copy)]
pub(super) struct Case<'q> {
    pub(super) located: &'q Located,
    pub(super) rule: &'q Rule,
    pub(super) with: &'q Json,
    pub(super) finding: &'q Finding,
    pub(super) width: Width,
}

/// What a fix comes to.
type Tried = Result<Fix, Refusal>;

/// The fix of a located finding, in this repository's code or at the call of somebody else's.
pub(super) fn fix(context: &Context<'_, '_>, case: &Case<'_>) -> Tried {
    let Target::Instance(address) = &case.located.target else {
        return attempt(context, case);
    };
    let modules = address.block().modules;
    let Some(external) = External::of(context.cfg, &case.located.root, &modules) else {
        return attempt(context, case);
    };
    let found = Subject::find(context.cfg, &case.located.root, address);
    if found.is_none() && (external.dir.is_none() || external.outline().is_some()) {
        return Err(external.unread(context.cfg, &format!("`{address}`")));
    }
    let tried = match external.outline() {
        Some(known) if known.from < known.to => {
            versions::fix(context, case, address, &external, known)
        }
        _ => at_one_version(context, case, address, &external),
    };
    match tried {
        Ok(Fix::Remediation(remediation)) => Ok(Fix::Remediation(Box::new(Remediation {
            block: beside_the_call(&remediation.block, &external),
            ..*remediation
        }))),
        Err(refusal) => Err(worded(refusal, &external, case.rule, address)),
        other => other,
    }
}

fn attempt(context: &Context<'_, '_>, case: &Case<'_>) -> Tried {
    try_fix(
        context,
        case.located,
        case.rule,
        case.with,
        case.finding,
        case.width,
    )
}

/// The fix with the module as it is read now: where its values are decided, else by an input that answers the rule.
fn at_one_version(
    context: &Context<'_, '_>,
    case: &Case<'_>,
    address: &Address,
    external: &External<'_>,
) -> Tried {
    let refusal = match attempt(context, case) {
        Err(refusal) if may_have_an_input(refusal.kind) => refusal,
        tried => return tried,
    };
    if let Some(fix) = inputs::fix(context, case, address, external) {
        return Ok(fix);
    }
    let is_installed = external.dir.is_some() && external.outline().is_none();
    if is_installed && let Some(fix) = installed::fix(context, case, address, external) {
        return Ok(fix);
    }
    let remedy = case.rule.remedy_for(&address.kind).map(|r| &r.remedy);
    let Some(Remedy::Ingress(wanted)) = remedy else {
        return Err(refusal);
    };
    match ingress::fix(context, case, wanted, address, external) {
        Some(tried) => tried,
        None if refusal.kind == RefusalKind::ExternalModule => {
            Err(ingress::refusal(external, address))
        }
        None => Err(refusal),
    }
}

/// Whether a refusal says that no written value can be changed, and nothing against a change as such.
fn may_have_an_input(kind: RefusalKind) -> bool {
    matches!(
        kind,
        RefusalKind::ExternalModule
            | RefusalKind::UnsupportedShape
            | RefusalKind::ValueNotInCode
            | RefusalKind::ValueFromRemoteState
            | RefusalKind::ProviderGeneration
            | RefusalKind::SecondWriter
            | RefusalKind::NotProved
            | RefusalKind::TooWide
    )
}

/// The block's name together with the call's: the same block of two calls in one file is two changes.
fn beside_the_call(block: &str, external: &External<'_>) -> String {
    let prefix = format!("module.{}.", external.call.name);
    if block.starts_with(&prefix) {
        return block.to_owned();
    }
    format!("{prefix}{block}")
}

/// A refusal about a block of a module from elsewhere, in the words of its call: file and line of code that the reader
/// does not have say nothing.
fn worded(refusal: Refusal, external: &External<'_>, rule: &Rule, address: &Address) -> Refusal {
    let message = without_paths(&refusal.message);
    let label = external.path.join(".");
    if refusal.kind == RefusalKind::WouldReplace && external.outline().is_some() {
        let next = format!(
            "plan that replacement by hand; or let module `{label}` keep what would be replaced, if it has an input for that, apply that first, and run again"
        );
        return Refusal::new(refusal.kind, message, next);
    }
    let without_input = match refusal.kind {
        RefusalKind::ExternalModule => external.outline().is_none() || !is_about_versions(&refusal),
        RefusalKind::UnsupportedShape => rule.remedy_for(&address.kind).is_some(),
        _ => false,
    };
    if !without_input {
        return Refusal { message, ..refusal };
    }
    Refusal::new(
        RefusalKind::ExternalModule,
        format!(
            "{message}; no input of module `{label}` ({}) is known that decides it",
            external.source_in_words()
        ),
        format!(
            "set the input of module `{label}` for it, if a version of the module has one; else {}",
            external.ask_its_owner()
        ),
    )
}

/// Whether a refusal asks for a version already.
fn is_about_versions(refusal: &Refusal) -> bool {
    refusal.next.starts_with("pin the version")
}

/// A message without the places of outlines (`.terraform/known/…/main.tf:12`), which are no files of the reader.
fn without_paths(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some(at) = rest.find(".terraform/known/") {
        let end = rest[at..]
            .find([' ', ')', ',', ';', '`'])
            .map_or(rest.len(), |end| at + end);
        out.push_str(&rest[..at]);
        out.push_str("in the module");
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// A draft of this case, proved.
fn finish(context: &Context<'_, '_>, case: &Case<'_>, draft: Draft, warnings: &[String]) -> Tried {
    super::finish(context, case.rule, case.with, draft, warnings, case.located)
}

#[cfg(test)]
mod tests {
    use super::without_paths;

    #[test]
    fn places_in_outlines_are_no_places_of_the_reader() {
        assert_eq!(
            without_paths("`a` (.terraform/known/x/y/z/1.0.0/main.tf:12) and b"),
            "`a` (in the module) and b"
        );
        assert_eq!(without_paths("`a` (main.tf:3)"), "`a` (main.tf:3)");
    }
}
