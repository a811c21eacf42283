//! Removing a block that is a grant: as a whole, or the one instance of it that is meant.
//!
//! The closed list of what may be removed at all lives here: nothing but grants ever is.

use hcl_edit::Span as _;
use hcl_edit::structure::Block;

use super::entry::{Entry, refers_to};
use super::subject::Subject;
use super::{Affected, Refusal, RefusalKind, place};
use crate::terraform::edit::Pen;
use crate::terraform::value::Kind;
use crate::terraform::{Edit, InstanceKey, SourceFile, Value};

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
    pub(crate) edits: Vec<Edit>,
    /// The text that goes.
    pub(crate) previous: String,
    /// Other instances that go with it.
    pub(crate) also: Vec<Affected>,
}

/// Removes a grant: its block when every instance of it is in need (`needs`), else the entry of `for_each` that makes
/// this instance.
///
/// # Errors
/// The block is not ours to edit, something refers to it, or other instances would go that are not in need.
pub(crate) fn remove(
    holder: &Subject<'_, '_>,
    needs: impl Fn(&Subject<'_, '_>) -> bool,
) -> Result<Removal, Refusal> {
    if !GRANTS.contains(&holder.at.resource.kind) {
        return Err(Refusal::new(
            RefusalKind::WouldReplace,
            format!("`{}` is no pure grant: it is never removed", holder.address),
            "change it by hand",
        ));
    }
    holder.editable()?;
    let peers = place::other_instances(holder);
    let spared = peers.iter().find(|peer| {
        !Subject::find(holder.cfg, &peer.root, &peer.address).is_some_and(|s| needs(&s))
    });
    let Some(spared) = spared else {
        return whole_block(holder, peers);
    };
    one_instance(holder).ok_or_else(|| {
        Refusal::new(
            RefusalKind::TooWide,
            format!(
                "the block of `{}` also makes `{}`, which has no need to go",
                holder.address, spared.address
            ),
            "take this instance out by hand where its `count` or `for_each` is decided",
        )
    })
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
        edits: Pen::new(file).remove_block(body, holder.block()),
        previous: file.slice(holder.span()).to_owned(),
        also,
    })
}

/// Takes the entry out of the list or map that makes this instance.
fn one_instance(holder: &Subject<'_, '_>) -> Option<Removal> {
    let InstanceKey::Name(key) = holder.address.key.as_ref()? else {
        return None;
    };
    let all = &holder.block().body.get_attribute("for_each")?.value;
    let all = holder.cfg.evaluate(&holder.at, &holder.address, all);
    let item: &Value = match &all.kind {
        Kind::Object(map) => map.get(key)?,
        Kind::List(items) => items.iter().find(|i| i.as_str() == Some(key))?,
        _ => return None,
    };
    item.decided_by.iter().chain(&item.via).find_map(|origin| {
        let entry = Entry::at(holder.cfg, origin)?;
        // That the other instances exist does not depend on this entry.
        let only_this = holder.cfg.decided_here(origin).iter().all(|d| {
            d.occurrence.root == holder.at.root
                && (d.address == holder.address
                    || (d.path == ["for_each"] && d.occurrence.address == holder.at.address))
        });
        only_this.then(|| Removal {
            edits: entry.remove(),
            previous: entry.text().to_owned(),
            also: Vec::new(),
        })
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
