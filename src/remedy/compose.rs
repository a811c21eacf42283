//! Several fixes in one run: their union must apply, and none may undo another.

use super::{Affected, Context, Fix, Refusal, RefusalKind, Verdict, assess, proof};
use crate::terraform::Edit;

/// Goes through fixes in order and keeps those whose edits apply together with the edits of all kept before; what is
/// kept is still safe on the union. A later one that does not fit becomes `refused: conflict`, with the earlier one
/// named. Everything that is no remediation passes through.
#[must_use]
pub fn compose(context: &Context<'_, '_>, fixes: Vec<Fix>) -> Vec<Fix> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut kept: Vec<(String, Affected)> = Vec::new();
    let mut out = Vec::with_capacity(fixes.len());
    for fix in fixes {
        let Fix::Remediation(remediation) = fix else {
            out.push(fix);
            continue;
        };
        if remediation.edits.iter().all(|e| edits.contains(e)) {
            // The same change answers another finding.
            out.push(Fix::Remediation(remediation));
            continue;
        }
        let mut union = edits.clone();
        union.extend(
            remediation
                .edits
                .iter()
                .filter(|e| !edits.contains(e))
                .cloned(),
        );
        kept.push((remediation.rule.clone(), remediation.instance.clone()));
        let spoiled = proof::after(context.cfg, &union, |cfg| {
            let edited = Context { cfg, ..*context };
            kept.iter()
                .find(|(rule, instance)| {
                    context
                        .catalogue
                        .rule(rule)
                        .is_some_and(|rule| still_open(context, &edited, rule, instance))
                })
                .cloned()
        });
        match spoiled {
            Ok(None) => {
                edits = union;
                out.push(Fix::Remediation(remediation));
            }
            Ok(Some((rule, instance))) => {
                kept.pop();
                out.push(Fix::Refused(conflict(format!(
                    "together with the fix of `{rule}` for `{}`, this one does not reach the safe state",
                    instance.address
                ))));
            }
            Err(refusal) => {
                kept.pop();
                out.push(Fix::Refused(conflict(refusal.message)));
            }
        }
    }
    out
}

/// Whether a rule finds an instance unsafe on the union, in a way that it did not before.
fn still_open(
    before: &Context<'_, '_>,
    after: &Context<'_, '_>,
    rule: &crate::rules::Rule,
    instance: &Affected,
) -> bool {
    let whole = serde_json::Value::Null;
    match assess(after, instance, rule, &whole) {
        Verdict::Safe => false,
        // A control may ask for a part of the rule only: what was wrong before may stay so.
        Verdict::Unsafe(why) => match assess(before, instance, rule, &whole) {
            Verdict::Unsafe(earlier) => why == earlier,
            _ => true,
        },
        Verdict::Unknown(_) => true,
    }
}

fn conflict(message: String) -> Refusal {
    Refusal::new(
        RefusalKind::Conflict,
        format!("another fix of this run changes the same code: {message}"),
        "merge that one first, then run again",
    )
}
