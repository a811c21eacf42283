//! Removing a block that is a grant: as a whole, or the one instance of it that is meant.
//!
//! The closed list of what may be removed at all lives here: nothing but grants ever is. What a caller gives to a module
//! is taken out at the caller: the block of a module goes only for what the module itself says.

mod effect;
mod source;

use hcl_edit::Span as _;
use hcl_edit::structure::Block;

use super::entry::refers_to;
use super::subject::Subject;
use super::{Affected, Draft, Refusal, RefusalKind, place};
use crate::terraform::edit::Pen;
use crate::terraform::{Address, Edit, SourceFile};
use effect::Effect;
pub(crate) use source::Target;
use source::Way;

/// Types whose blocks may be removed or replaced: they grant something and hold nothing.
pub(crate) const GRANTS: [&str; 9] = [
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "google_storage_bucket_access_control",
    "google_storage_bucket_acl",
    "google_storage_bucket_iam_binding",
    "google_storage_bucket_iam_member",
    "google_storage_default_object_access_control",
    "google_storage_default_object_acl",
    "google_storage_object_access_control",
];

/// How a grant goes.
pub(crate) struct Removal {
    /// The block that makes (or made) the grant: `aws_security_group_rule.ssh`.
    pub(crate) name: String,
    pub(crate) edits: Vec<Edit>,
    /// The text that goes.
    pub(crate) previous: String,
    /// Other instances that go with it, or get another address.
    pub(crate) also: Vec<Affected>,
    /// The addresses that are gone then.
    pub(crate) removed: Vec<Affected>,
    /// Grants that stay at another address: the one that they have, and the one that they get.
    pub(crate) moved: Vec<(Affected, Address)>,
}

impl Removal {
    /// Writes it into a draft, with what the reviewer has to know.
    pub(crate) fn note(self, draft: &mut Draft) {
        for edit in self.edits {
            if !draft.edits.contains(&edit) {
                draft.edits.push(edit);
            }
        }
        draft.also(self.also);
        draft.removed.extend(self.removed);
        if self.moved.is_empty() {
            return;
        }
        draft.warnings.push(warning(&self.moved));
        draft
            .moved
            .extend(self.moved.into_iter().map(|(affected, to)| Affected {
                address: to,
                ..affected
            }));
    }
}

/// What Terraform makes of grants that get another number.
fn warning(moved: &[(Affected, Address)]) -> String {
    const NAMED: usize = 6;
    let mut words: Vec<String> = moved
        .iter()
        .take(NAMED)
        .map(|(from, to)| format!("`{}` becomes `{to}`", from.address))
        .collect();
    if moved.len() > NAMED {
        words.push(format!("{} more", moved.len() - NAMED));
    }
    format!(
        "The entries behind the one that goes move up: {}. Terraform changes or replaces these rules although they say the \
         same as before; where the cloud takes a rule for a duplicate of one that is still there, apply once more.",
        super::settings::join(&words)
    )
}

/// Removes grants: the entry of a list or map that makes the instance, or the switch; its block when every instance of
/// it is in need (`needs`) and the block alone makes it one. Returns one removal for each edit that is needed.
///
/// # Errors
/// The block is not ours to edit, something refers to it, or other instances would go that are not in need.
pub(crate) fn remove(
    mut targets: Vec<Target<'_, '_, '_>>,
    needs: &dyn Fn(&Subject<'_, '_>) -> bool,
) -> Result<Vec<Removal>, Refusal> {
    let mut removals: Vec<Removal> = Vec::new();
    while let Some(first) = targets.first() {
        let holder = first.holder;
        if !GRANTS.contains(&holder.at.resource.kind) {
            return Err(Refusal::new(
                RefusalKind::WouldReplace,
                format!("`{}` is no pure grant: it is never removed", holder.address),
                "change it by hand",
            ));
        }
        if place::is_external(holder.file().path()) {
            holder.editable()?;
        }
        let removal = match source::without(&targets, needs) {
            Ok(way) => {
                let lost = way.effect.lost.clone();
                let (done, waiting) = targets
                    .into_iter()
                    .partition(|t| lost.contains(&t.holder.affected()));
                targets = waiting;
                entry_goes(&done, way)
            }
            Err(too_wide) => {
                let block = holder.block_address();
                let removal = without_an_entry(first, too_wide, needs)?;
                targets.retain(|t| t.holder.block_address() != block);
                removal
            }
        };
        removals.push(removal);
    }
    Ok(removals)
}

fn entry_goes(done: &[Target<'_, '_, '_>], way: Way) -> Removal {
    let Effect { lost, gone, moved } = way.effect;
    let mut also = lost;
    also.extend(gone.iter().cloned());
    also.extend(moved.iter().map(|(from, to)| Affected {
        root: from.root.clone(),
        address: to.clone(),
    }));
    also.retain(|a| !done.iter().any(|t| t.holder.affected() == *a));
    Removal {
        name: done.first().map(|t| t.holder.name()).unwrap_or_default(),
        edits: way.edits,
        previous: way.previous,
        also: also.into_iter().collect(),
        removed: gone.into_iter().collect(),
        moved,
    }
}

/// The block goes, unless others need it.
fn without_an_entry(
    target: &Target<'_, '_, '_>,
    too_wide: Option<String>,
    needs: &dyn Fn(&Subject<'_, '_>) -> bool,
) -> Result<Removal, Refusal> {
    let holder = target.holder;
    let peers = place::other_instances(holder);
    let spared = peers.iter().find(|peer| {
        !Subject::find(holder.cfg, &peer.root, &peer.address).is_some_and(|s| needs(&s))
    });
    let given = target.given();
    let (why, next) = match (too_wide, spared, given) {
        (_, None, None) => {
            holder.editable()?;
            return whole_block(holder, peers);
        }
        (Some(other), ..) => (
            format!(
                "`{}` is made at a place that also decides {other}, which has no need to change",
                holder.address
            ),
            "give it an entry of its own where its `count` or `for_each` is decided, then run again",
        ),
        (None, Some(spared), _) => (
            format!(
                "the block of `{}` also makes `{}`, which has no need to go",
                holder.address, spared.address
            ),
            "take this instance out by hand where its `count` or `for_each` is decided",
        ),
        (None, None, Some(given)) => {
            let file = holder.cfg.estate().file(&given.file);
            let line = file.map_or(1, |file| file.line(given.span.start));
            (
                format!(
                    "`{}` is open by what a caller gives to its module ({}:{line}), and nothing that the caller can leave \
                     out takes it away: the block itself is there for every caller",
                    holder.address, given.file
                ),
                "set `approved_cidrs` under [parameters], or let the module make no instance for an empty list, then run again",
            )
        }
    };
    Err(Refusal::new(RefusalKind::TooWide, why, next))
}

fn whole_block(holder: &Subject<'_, '_>, also: Vec<Affected>) -> Result<Removal, Refusal> {
    not_referenced(holder)?;
    let file = holder.file();
    let gone = |_| {
        Refusal::new(
            RefusalKind::Unparsable,
            format!("{} cannot be read", file.path()),
            "correct it first",
        )
    };
    let body = file.body().map_err(gone)?;
    Ok(Removal {
        name: holder.name(),
        edits: Pen::new(file).remove_block(body, holder.block()),
        previous: file.slice(holder.span()).to_owned(),
        removed: std::iter::once(holder.affected())
            .chain(also.iter().cloned())
            .collect(),
        also,
        moved: Vec::new(),
    })
}

/// Refuses when other code of the module refers to the block.
fn not_referenced(holder: &Subject<'_, '_>) -> Result<(), Refusal> {
    let names = [holder.at.resource.kind, holder.at.resource.name];
    match references(holder, &names).first() {
        None => Ok(()),
        Some((file, block)) => Err(Refusal::new(
            RefusalKind::UnsupportedShape,
            format!(
                "`{}` would go, but `{}` refers to it ({}:{})",
                holder.name(),
                title(block),
                file.path(),
                block.span().map_or(1, |s| file.line(s.start))
            ),
            "remove that reference, then run again",
        )),
    }
}

/// The blocks of the module, other than the holder itself, that refer to these names.
pub(crate) fn references<'a>(
    holder: &Subject<'_, 'a>,
    names: &[&str],
) -> Vec<(&'a SourceFile, &'a Block)> {
    let mut found = Vec::new();
    for file in holder.cfg.estate().files_in(&holder.at.module) {
        let Ok(body) = file.body() else { continue };
        for block in body.blocks() {
            let own = file.path() == holder.file().path() && block.span() == holder.block().span();
            if !own && refers_to(block, names) {
                found.push((file.as_ref(), block));
            }
        }
    }
    found
}

fn title(block: &Block) -> String {
    let mut words = vec![block.ident.as_str()];
    words.extend(block.labels.iter().map(|l| l.as_str()));
    words.join(" ")
}
