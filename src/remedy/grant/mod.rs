//! `remedy "grant"`: members that must not be granted anything, in every form in which Google Cloud's storage grants
//! are written.

mod reading;

use serde_json::Value as Json;

use super::basis::Basis;
use super::entry::Entry;
use super::removal::{self, Target, references};
use super::subject::Subject;
use super::{
    Affected, Context, Draft, Previous, Refusal, RefusalKind, Verdict, companion, intent, proof,
    reach,
};
use crate::rules::{Grant, Impact, Rule};
use crate::terraform::Edit;
use crate::terraform::edit::Pen;
use crate::terraform::module::Held;
use crate::terraform::value::Origin;
use reading::{Granted, read};

/// The predicate.
pub(crate) fn assess(subject: &Subject<'_, '_>, wanted: &Grant) -> Verdict {
    if let Held::Value(value) = subject.held(&["public_access_prevention".to_owned()])
        && value.as_str() == Some("enforced")
    {
        return Verdict::Safe;
    }
    let reading = read(subject, wanted);
    if !reading.granted.is_empty() {
        let mut words: Vec<String> = reading
            .granted
            .iter()
            .map(|g| format!("`{}` is granted to `{}`", g.by.address, g.member))
            .collect();
        words.dedup();
        return Verdict::Unsafe(words.join("; "));
    }
    let doubt = reading.doubts.into_iter().next();
    match doubt.or_else(|| granted_elsewhere(subject, wanted)) {
        Some(refusal) => Verdict::Unknown(refusal),
        None => Verdict::Safe,
    }
}

/// The refusal for a bucket on which nothing is granted in its own root, but in another one.
fn granted_elsewhere(subject: &Subject<'_, '_>, wanted: &Grant) -> Option<Refusal> {
    let grant = reading::FORMS
        .iter()
        .flat_map(|(kind, ..)| companion::elsewhere(subject, kind, "bucket"))
        .find(|grant| !read(grant, wanted).granted.is_empty())?;
    Some(companion::written_elsewhere(subject, &grant))
}

/// The blocks that grant it, with the member.
pub(crate) fn basis<'c, 'a>(subject: &Subject<'c, 'a>, wanted: &Grant) -> Vec<Basis<'c, 'a>> {
    read(subject, wanted)
        .granted
        .into_iter()
        .map(|granted| Basis::new(granted.by, Some(&granted.value)))
        .collect()
}

/// The edit.
pub(crate) fn fix(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    rule: &Rule,
    wanted: &Grant,
    with: &Json,
) -> Result<Draft, Refusal> {
    let reading = read(subject, wanted);
    if let Some(refusal) = reading.doubts.into_iter().next() {
        return Err(refusal);
    }
    if reading.granted.is_empty()
        && let Some(refusal) = granted_elsewhere(subject, wanted)
    {
        return Err(refusal);
    }
    let mut draft = Draft::of(subject);
    draft.impact = Some(Impact::GrantRemoved);
    let mut words = Vec::new();
    for granted in &reading.granted {
        for block in [&granted.by, &granted.holder] {
            intent::not_intended(block)?;
            intent::not_silenced(block, rule, with)?;
        }
        granted.holder.not_ignored(granted.attribute)?;
        withdraw(context, subject, wanted, granted, &mut draft)?;
        let word = format!("`{}` of `{}`", granted.member, granted.by.name());
        if !words.contains(&word) {
            words.push(word);
        }
    }
    draft.summary = format!("withdraw {}", super::settings::join(&words));
    Ok(draft)
}

fn withdraw(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    wanted: &Grant,
    granted: &Granted<'_, '_>,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    let holder = &granted.holder;
    if granted.attribute == "predefined_acl" {
        return make_private(wanted, granted, draft);
    }
    let in_need = |peer: &Subject<'_, '_>| !read(peer, wanted).granted.is_empty();
    let whole = granted.list.as_ref().is_none_or(|l| l.nothing_else);
    if whole && granted.list.as_ref().is_none_or(|l| l.binding.is_none()) {
        let target = Target {
            holder,
            because: vec![&granted.value],
        };
        for removal in removal::remove(vec![target], &in_need)? {
            note(draft, holder, None, &removal.previous);
            removal.note(draft);
        }
        return Ok(());
    }
    if holder.at.resource.data
        && let Some((file, _)) = shared(holder, &granted.by)
    {
        return Err(Refusal::new(
            RefusalKind::TooWide,
            format!(
                "`{}` is used elsewhere as well ({})",
                holder.address,
                file.path()
            ),
            "give this bucket a policy of its own, then run again",
        ));
    }
    if whole
        && let Some(nested) = granted.list.as_ref().and_then(|l| l.binding.as_ref())
        && nested.dynamic.is_none()
        && nested.file.path() == holder.file().path()
    {
        holder.editable()?;
        let pen = Pen::new(holder.file());
        note(
            draft,
            holder,
            Some("binding"),
            holder.file().slice(nested.span.clone()),
        );
        push(draft, pen.remove_block(holder.block(), nested.block));
        draft.also(super::place::other_instances(holder));
        return Ok(());
    }
    let (edits, previous, also) = element(context, subject, wanted, granted)?;
    note(draft, holder, Some(granted.attribute), &previous);
    push(draft, edits);
    draft.also(also);
    Ok(())
}

/// A canned ACL becomes `private`, where the block itself writes it.
fn make_private(
    wanted: &Grant,
    granted: &Granted<'_, '_>,
    draft: &mut Draft,
) -> Result<(), Refusal> {
    use hcl_edit::Span as _;
    let holder = &granted.holder;
    holder.editable()?;
    let peers = super::place::other_instances(holder);
    let spared = peers.iter().find(|peer| {
        Subject::find(holder.cfg, &peer.root, &peer.address)
            .is_none_or(|s| read(&s, wanted).granted.is_empty())
    });
    if let Some(spared) = spared {
        return Err(Refusal::new(
            RefusalKind::TooWide,
            format!(
                "the block of `{}` also makes `{}`, which has no need to change",
                holder.address, spared.address
            ),
            "give this instance an ACL of its own, then run again",
        ));
    }
    let path = [granted.attribute.to_owned()];
    if let Some(span) = holder.expression(&path).and_then(|e| e.span()) {
        note(
            draft,
            holder,
            Some(granted.attribute),
            holder.file().slice(span),
        );
    }
    let pen = Pen::new(holder.file());
    push(
        draft,
        pen.set_attribute(holder.block(), granted.attribute, "\"private\""),
    );
    draft.also(peers);
    Ok(())
}

/// Other code than the grant that uses a data source.
fn shared<'a>(
    data: &Subject<'_, 'a>,
    by: &Subject<'_, 'a>,
) -> Option<(
    &'a crate::terraform::SourceFile,
    &'a hcl_edit::structure::Block,
)> {
    use hcl_edit::Span as _;
    let names = ["data", data.at.resource.kind, data.at.resource.name];
    references(data, &names)
        .into_iter()
        .find(|(file, block)| file.path() != by.file().path() || block.span() != by.block().span())
}

fn push(draft: &mut Draft, edits: Vec<Edit>) {
    for edit in edits {
        if !draft.edits.contains(&edit) {
            draft.edits.push(edit);
        }
    }
}

fn note(draft: &mut Draft, holder: &Subject<'_, '_>, path: Option<&str>, previous: &str) {
    let path = path.map_or_else(|| holder.name(), |p| format!("{}.{p}", holder.name()));
    if !draft.paths.contains(&path) {
        draft.paths.push(path.clone());
        draft.previous.push(Previous {
            path,
            value: Some(previous.to_owned()),
        });
    }
}

/// Takes one member out of the list in which it is decided.
fn element(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    wanted: &Grant,
    granted: &Granted<'_, '_>,
) -> Result<(Vec<Edit>, String, Vec<Affected>), Refusal> {
    let before = read(subject, wanted).granted.len();
    let mut too_wide = None;
    for origin in granted.value.decided_by.iter().chain(&granted.value.via) {
        let Some(entry) = Entry::at(context.cfg, origin) else {
            continue;
        };
        let edits = entry.remove();
        let helps = proof::after(context.cfg, &edits, |cfg| {
            Subject::find(cfg, &subject.at.root, &subject.address)
                .is_some_and(|s| read(&s, wanted).granted.len() < before)
        });
        if helps != Ok(true) {
            continue;
        }
        match others(subject, wanted, granted, origin, &edits) {
            Ok(also) => return Ok((edits, entry.text().to_owned(), also)),
            Err(other) => too_wide = Some(other),
        }
    }
    Err(match too_wide {
        Some(other) => Refusal::new(
            RefusalKind::TooWide,
            format!(
                "`{}` of `{}` is decided at a place that also decides {other}",
                granted.member, granted.holder.address
            ),
            "give this grant a list of its own, then run again",
        ),
        None => Refusal::new(
            RefusalKind::UnsupportedShape,
            format!(
                "`{}` of `{}` is not written as an element of a list that can be edited",
                granted.member, granted.holder.address
            ),
            "change it by hand",
        ),
    })
}

fn others(
    subject: &Subject<'_, '_>,
    wanted: &Grant,
    granted: &Granted<'_, '_>,
    origin: &Origin,
    edits: &[Edit],
) -> Result<Vec<Affected>, String> {
    let mut also = Vec::new();
    for decided in reach::changed_by(subject.cfg, origin, edits) {
        let other = Subject {
            cfg: subject.cfg,
            at: decided.occurrence,
            address: decided.address,
        };
        let affected = other.affected();
        if affected == granted.holder.affected() || affected == granted.by.affected() {
            continue;
        }
        if read(&other, wanted).granted.is_empty() {
            return Err(format!(
                "`{}` of `{}`",
                decided.path.join("."),
                affected.address
            ));
        }
        also.push(affected);
    }
    Ok(also)
}
