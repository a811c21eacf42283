//! What a verdict stands on: the blocks that write the state, and the places that decide it.
//!
//! [`super::assess`] says that an instance is unsafe; whoever has to change it asks where. Comments that silence a
//! control count at each of these blocks, and at the module calls that lead to them.

use serde_json::Value as Json;

use super::subject::Subject;
use super::{
    Affected, Context, companion, elements, grant, ingress, judge, policy_document, settings,
};
use crate::rules::{Remedy, Rule, Setting};
use crate::terraform::module::Held;
use crate::terraform::value::Origin;
use crate::terraform::{RepoPath, Value};

/// A block that writes (a part of) the state, and what decides it there.
#[derive(Clone)]
pub struct Basis<'c, 'a> {
    /// The block: the instance's own, its companion's, a rule's of its group.
    pub holder: Subject<'c, 'a>,
    /// The innermost place that decides the value; `None` where nothing is written.
    pub origin: Option<Origin>,
}

impl<'c, 'a> Basis<'c, 'a> {
    pub(crate) fn new(holder: Subject<'c, 'a>, value: Option<&Value>) -> Self {
        Self {
            origin: value.and_then(deciding),
            holder,
        }
    }

    /// File and 1-based line to look at: of the deciding place, else of the block.
    #[must_use]
    pub fn place(&self) -> (RepoPath, usize) {
        let decided = self.origin.as_ref().and_then(|origin| {
            let file = self.holder.cfg.estate().file(&origin.file)?;
            Some((origin.file.clone(), file.line(origin.span.start)))
        });
        decided.unwrap_or_else(|| (self.holder.file().path().clone(), self.holder.line()))
    }
}

/// The place that decides a value, or the first of those that decide its parts.
fn deciding(value: &Value) -> Option<Origin> {
    value
        .decided_by
        .first()
        .or_else(|| value.via.first())
        .or_else(|| value.all_origins().into_iter().next())
        .cloned()
}

/// What the verdict of a rule on one instance stands on, worst first; empty when the instance has no block.
#[must_use]
pub fn basis<'c, 'a>(
    context: &Context<'c, 'a>,
    instance: &Affected,
    rule: &Rule,
    with: &Json,
) -> Vec<Basis<'c, 'a>> {
    let Some(subject) = Subject::find(context.cfg, &instance.root, &instance.address) else {
        return Vec::new();
    };
    let Some(remedy) = rule.remedy_for(&instance.address.kind) else {
        return Vec::new();
    };
    let mut found = match &remedy.remedy {
        Remedy::Set(wanted) => match &wanted.on {
            None => of_settings(&subject, &wanted.settings, with),
            Some(on) => companion::linked(&subject, &on.resource, &on.link)
                .unwrap_or_default()
                .iter()
                .flat_map(|holder| of_settings(holder, &wanted.settings, with))
                .collect(),
        },
        Remedy::Companion(wanted) => companion::written_by(&subject, wanted)
            .map(|(holder, settings)| of_settings(&holder, settings, with))
            .unwrap_or_default(),
        Remedy::DropElements(wanted) => elements::basis(&subject, wanted),
        Remedy::Ingress(wanted) => ingress::basis(&subject, wanted, with),
        Remedy::PolicyStatement(_) => policy_document::basis(&subject),
        Remedy::Grant(wanted) => grant::basis(&subject, wanted),
        Remedy::Advice { .. } => Vec::new(),
    };
    if found.is_empty() {
        found.push(Basis::new(subject, None));
    }
    found
}

/// The settings of a block that are not safe, those with a value first.
fn of_settings<'c, 'a>(
    holder: &Subject<'c, 'a>,
    all: &[Setting],
    with: &Json,
) -> Vec<Basis<'c, 'a>> {
    let major = holder.major();
    let mut found: Vec<Basis<'c, 'a>> = settings::relevant(all, with, major)
        .filter(|s| !s.only_in_new_block)
        .filter(|s| judge::judge(holder, s, major) != judge::Judgement::Safe)
        .map(|setting| match holder.held(&setting.path) {
            Held::Value(value) => Basis::new(holder.clone(), Some(&value)),
            Held::Absent | Held::Dynamic(_) => Basis::new(holder.clone(), None),
        })
        .collect();
    found.sort_by_key(|basis| basis.origin.is_none());
    if found.is_empty() {
        found.push(Basis::new(holder.clone(), None));
    }
    found
}
