//! The statement is written already, in a `dynamic` block that makes none here: what its `for_each` asks for is given.
//!
//! A second statement beside it would stand twice in the policies of those for which it is made, and no two statements may
//! have the same id.

use hcl_edit::Span as _;

use super::assess;
use crate::remedy::asleep::ways;
use crate::remedy::reach::{self, Reached};
use crate::remedy::subject::Subject;
use crate::remedy::{Draft, Previous, Verdict, place, proof};
use crate::terraform::module::Configuration;
use crate::terraform::value::{Kind, Origin, OriginPlace};

/// Lets the statement be made for the subject's policy, which `document` writes; `None` when no small edit does that and
/// nothing else.
pub(super) fn wake(
    subject: &Subject<'_, '_>,
    holder: &Subject<'_, '_>,
    document: &Subject<'_, '_>,
) -> Option<Draft> {
    let cfg = subject.cfg;
    let dynamic = document.block().body.get_blocks("dynamic");
    dynamic
        .filter(|b| b.labels.first().is_some_and(|l| l.as_str() == "statement"))
        .find_map(|block| {
            let all = &block.body.get_attribute("for_each")?.value;
            let value = cfg.evaluate(&document.at, &document.address, all);
            let none = match &value.kind {
                Kind::List(items) => items.is_empty(),
                Kind::Object(map) => map.is_empty(),
                _ => false,
            };
            if !none {
                return None;
            }
            let own = Origin {
                file: document.file().path().clone(),
                span: all.span()?,
                place: OriginPlace::Block,
            };
            ways(document, &value, &own)
                .into_iter()
                .find(|(edits, at, ..)| {
                    let reached = place::reached_from(cfg, [at]);
                    let woken = proof::after(cfg, edits, |after| {
                        let then = Subject::find(after, &subject.at.root, &subject.address);
                        then.is_some_and(|then| assess(&then) == Verdict::Safe)
                            && nothing_else(&[subject, holder, document], after, &reached)
                    });
                    woken == Ok(true)
                })
                .map(|(edits, _, words, previous)| {
                    let mut draft = Draft::of(subject);
                    draft.edits = edits;
                    draft.paths.push("policy".to_owned());
                    draft.previous.push(Previous {
                        path: format!("{}.policy, decided by {words}", holder.name()),
                        value: previous,
                    });
                    draft.summary = format!(
                        "let the statement of `{}` that denies requests without TLS be made for `{}` (decided by {words})",
                        document.name(),
                        subject.address
                    );
                    draft
                })
        })
}

/// Whether nothing changes but the policy, and what it is made of.
fn nothing_else(own: &[&Subject<'_, '_>], after: &Configuration<'_>, reached: &[Reached]) -> bool {
    let cfg = own[0].cfg;
    reached.iter().all(|one| {
        let before = Subject::find(cfg, &one.root, &one.address);
        let then = Subject::find(after, &one.root, &one.address);
        let (Some(before), Some(then)) = (before, then) else {
            return false;
        };
        let is_own = own
            .iter()
            .any(|o| o.at.root == one.root && o.address == one.address);
        let of_policy = one
            .path()
            .first()
            .is_some_and(|name| name == "policy" || name == "statement");
        (is_own && of_policy) || !reach::changes(&before, &then, one.path())
    })
}
