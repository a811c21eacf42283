//! What would make the merge a no-op, or worse than the finding, although the edit itself is right.
//!
//! Asked of every draft, whatever remedy made it: who else writes what it writes, what else an apply would replace along
//! with it, whether a plan would stop at a condition of the code itself, and what overrules it. Each answer is a typed
//! refusal or a sentence for the reviewer.

mod condition;
mod denied;
mod held;
mod hidden;
mod overruled;
mod replaced;
#[cfg(test)]
mod samples;
mod second;
mod sender;
mod twin;

use std::collections::BTreeSet;

use super::subject::Subject;
use super::{Affected, Context, Draft, Refusal};
use crate::locate::Located;
use crate::rules::{Remedy, Rule};
use crate::terraform::{Address, Edit, ModuleStep, RepoPath};

/// Looks at a draft before it is proved; warnings go into it.
///
/// # Errors
/// Merging it would do nothing, fail, or replace something.
pub(crate) fn look(
    context: &Context<'_, '_>,
    rule: &Rule,
    located: &Located,
    cured: &Affected,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    held::nowhere_else(rule, located, cured, draft)?;
    draft.warnings.extend(held::rules(rule, located, cured));
    let changed = changed(context, cured, draft);
    for instance in &changed {
        let Some(subject) = Subject::find(context.cfg, &instance.root, &instance.address) else {
            continue;
        };
        // The other remedies know both forms of what they write.
        let one_form = rule
            .remedy_for(&instance.address.kind)
            .is_some_and(|r| matches!(r.remedy, Remedy::Set(_) | Remedy::DropElements(_)));
        if one_form {
            second::not_written_twice(&subject, draft)?;
        }
        twin::is_alone(&subject)?;
        hidden::not_overridden(&subject, draft)?;
        replaced::nothing_along(&subject, draft)?;
        replaced::not_prevented(&subject, draft)?;
        sender::may_use_the_key(context, rule, &subject, draft)?;
        let warnings = [overruled::by(&subject), denied::acl(&subject, draft)];
        for warning in warnings.into_iter().flatten() {
            if !draft.warnings.contains(&warning) {
                draft.warnings.push(warning);
            }
        }
    }
    condition::still_hold(context, &changed, &draft.edits)
}

/// The instances whose blocks an apply changes: the cured one, those that change with it, grants that go or change, and
/// the blocks in which the edits stand (a companion, a rule of the group).
fn changed(context: &Context<'_, '_>, cured: &Affected, draft: &Draft) -> BTreeSet<Affected> {
    let mut all: BTreeSet<Affected> = BTreeSet::from([cured.clone()]);
    all.extend(draft.also_changes.iter().cloned());
    all.extend(draft.removed.iter().cloned());
    all.extend(draft.rules.iter().cloned());
    let mut modules: BTreeSet<(RepoPath, Vec<ModuleStep>, RepoPath)> = all
        .iter()
        .filter_map(|i| Subject::find(context.cfg, &i.root, &i.address))
        .map(|s| {
            let steps = s.address.modules.clone();
            (s.at.root.clone(), steps, s.at.module.clone())
        })
        .collect();
    modules.insert((cured.root.clone(), Vec::new(), cured.root.clone()));
    for edit in &draft.edits {
        let Edit::Splice { file, range, .. } = edit else {
            continue;
        };
        let Some(source) = context.cfg.estate().file(file) else {
            continue;
        };
        let Some(number) = source.block_around(range) else {
            continue;
        };
        let labels = (source.label(number, 0), source.label(number, 1));
        if let ("resource", (Some(kind), Some(name))) = (source.item_name(number), labels) {
            let dir = file.parent();
            let here = modules.iter().filter(|(_, _, module)| *module == dir);
            all.extend(here.map(|(root, steps, _)| Affected {
                root: root.clone(),
                address: Address {
                    modules: steps.clone(),
                    ..Address::new(kind, name)
                },
            }));
        }
    }
    all
}
