//! `remedy "grant"`: members that must not be granted anything, in every form in which Google Cloud's storage grants
//! are written.

use super::entry::Entry;
use super::removal::{self, first_reference};
use super::subject::Subject;
use super::{Affected, Context, Draft, Previous, Refusal, RefusalKind, Verdict, intent, proof};
use crate::rules::{Grant, Impact};
use crate::terraform::edit::Pen;
use crate::terraform::module::{Certainty, Held, Nested};
use crate::terraform::value::{Kind, Origin, Unknown};
use crate::terraform::{Edit, Value};

/// Blocks that grant something on a bucket: type, attribute with the members, whether that is a list.
const FORMS: [(&str, &str, bool); 7] = [
    ("google_storage_bucket_iam_member", "member", false),
    ("google_storage_bucket_iam_binding", "members", true),
    ("google_storage_bucket_access_control", "entity", false),
    (
        "google_storage_default_object_access_control",
        "entity",
        false,
    ),
    ("google_storage_object_access_control", "entity", false),
    ("google_storage_bucket_acl", "role_entity", true),
    ("google_storage_default_object_acl", "role_entity", true),
];
/// The form whose members stand in a data source.
const POLICY: &str = "google_storage_bucket_iam_policy";

/// One member that is granted something.
struct Granted<'c, 'a> {
    /// The block that writes it: the grant, or the data source of a policy.
    holder: Subject<'c, 'a>,
    /// The block that makes it take effect on the bucket.
    by: Subject<'c, 'a>,
    attribute: &'static str,
    /// `None`: the one value of the attribute.
    list: Option<List<'a>>,
    member: String,
    value: Value,
}

/// The list that a member is in.
struct List<'a> {
    /// Nothing else is in it but unwanted members.
    nothing_else: bool,
    /// The `binding` block of a policy.
    binding: Option<Nested<'a>>,
}

struct Reading<'c, 'a> {
    granted: Vec<Granted<'c, 'a>>,
    doubts: Vec<Refusal>,
}

fn read<'c, 'a>(subject: &Subject<'c, 'a>, wanted: &Grant) -> Reading<'c, 'a> {
    let mut reading = Reading {
        granted: Vec::new(),
        doubts: Vec::new(),
    };
    let kind = subject.at.resource.kind;
    if kind == POLICY {
        policy(&mut reading, subject, wanted);
    } else if let Some((_, attribute, list)) = FORMS.iter().find(|(k, _, _)| *k == kind) {
        own(&mut reading, subject, attribute, *list, wanted);
    } else {
        for form in FORMS.iter().map(|(kind, _, _)| *kind).chain([POLICY]) {
            linked(&mut reading, subject, form, wanted);
        }
    }
    reading
}

fn linked<'c, 'a>(
    reading: &mut Reading<'c, 'a>,
    subject: &Subject<'c, 'a>,
    kind: &str,
    wanted: &Grant,
) {
    for link in subject
        .cfg
        .linked(&subject.at, &subject.address, kind, "bucket")
    {
        let holder = Subject {
            cfg: subject.cfg,
            at: link.occurrence,
            address: link.address,
        };
        let mut found = read(&holder, wanted);
        if link.certainty == Certainty::Certain {
            reading.granted.append(&mut found.granted);
            reading.doubts.append(&mut found.doubts);
        } else if !found.granted.is_empty() {
            reading.doubts.push(Refusal::new(
                RefusalKind::ValueNotInCode,
                format!(
                    "`{}` ({}:{}) grants something to everybody and may be about `{}` or not: its `bucket` cannot be told from the code",
                    holder.address,
                    holder.file().path(),
                    holder.line(),
                    subject.address
                ),
                "write its `bucket` as a reference, or change it by hand",
            ));
        }
    }
}

fn is_unwanted(text: &str, wanted: &Grant) -> bool {
    // An ACL entry is `ROLE:entity`.
    let entity = text.rsplit_once(':').map_or(text, |(_, entity)| entity);
    wanted
        .members
        .iter()
        .any(|m| m.eq_ignore_ascii_case(text) || m.eq_ignore_ascii_case(entity))
}

fn own<'c, 'a>(
    reading: &mut Reading<'c, 'a>,
    holder: &Subject<'c, 'a>,
    attribute: &'static str,
    list: bool,
    wanted: &Grant,
) {
    let held = holder.held(&[attribute.to_owned()]);
    let Held::Value(value) = held else { return };
    members(
        reading, holder, holder, attribute, list, None, &value, wanted,
    );
}

#[allow(
    clippy::too_many_arguments,
    reason = "one call for each form of one thing"
)]
fn members<'c, 'a>(
    reading: &mut Reading<'c, 'a>,
    holder: &Subject<'c, 'a>,
    by: &Subject<'c, 'a>,
    attribute: &'static str,
    list: bool,
    binding: Option<Nested<'a>>,
    value: &Value,
    wanted: &Grant,
) {
    let items: Vec<&Value> = match &value.kind {
        Kind::List(items) if list => items.iter().collect(),
        Kind::Null => return,
        _ => vec![value],
    };
    let unwanted = |v: &Value| v.as_text().filter(|t| is_unwanted(t, wanted));
    let nothing_else = items.iter().all(|v| unwanted(v).is_some());
    for item in items {
        if let Some(member) = unwanted(item) {
            reading.granted.push(Granted {
                holder: holder.clone(),
                by: by.clone(),
                attribute,
                list: list.then(|| List {
                    nothing_else,
                    binding: binding.clone(),
                }),
                member,
                value: item.clone(),
            });
        } else if let Kind::Unknown(why @ (Unknown::UnsetVariable(_) | Unknown::Varies(_))) =
            &item.kind
        {
            // What another resource or data source names is an account; only a variable may be everybody.
            reading.doubts.push(Refusal::unknown_value(
                &format!("`{attribute}` of `{}`", holder.address),
                why,
            ));
        }
    }
}

/// The members of an `iam_policy`: those of the data source it takes its policy from.
fn policy<'c, 'a>(reading: &mut Reading<'c, 'a>, holder: &Subject<'c, 'a>, wanted: &Grant) {
    let data = holder
        .expression(&["policy_data".to_owned()])
        .and_then(|e| {
            let reference = holder.cfg.reference_of(&holder.at, &holder.address, e)?;
            Subject::find(holder.cfg, &holder.at.root, &reference.address)
                .filter(|s| s.at.resource.data && s.at.resource.kind == "google_iam_policy")
        });
    let Some(data) = data else {
        reading.doubts.push(Refusal::new(
            RefusalKind::UnsupportedShape,
            format!(
                "the policy of `{}` is not written as a `google_iam_policy` data source",
                holder.address
            ),
            "look at it by hand",
        ));
        return;
    };
    for nested in data.cfg.nested(&data.at, &data.address, &["binding"]) {
        let held = data
            .cfg
            .held_in(&data.at, &data.address, &nested, &["members"]);
        if let Held::Value(value) = held {
            members(
                reading,
                &data,
                holder,
                "members",
                true,
                Some(nested),
                &value,
                wanted,
            );
        }
    }
}

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
    match reading.doubts.into_iter().next() {
        Some(refusal) => Verdict::Unknown(refusal),
        None => Verdict::Safe,
    }
}

/// The edit.
pub(crate) fn fix(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    wanted: &Grant,
    respect_intended_public: bool,
) -> Result<Draft, Refusal> {
    let reading = read(subject, wanted);
    if let Some(refusal) = reading.doubts.into_iter().next() {
        return Err(refusal);
    }
    let mut draft = Draft::of(subject);
    draft.impact = Some(Impact::GrantRemoved);
    let mut words = Vec::new();
    for granted in &reading.granted {
        if respect_intended_public {
            intent::not_intended(&granted.by)?;
            intent::not_intended(&granted.holder)?;
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
    let in_need = |peer: &Subject<'_, '_>| !read(peer, wanted).granted.is_empty();
    let whole = granted.list.as_ref().is_none_or(|l| l.nothing_else);
    if whole && granted.list.as_ref().is_none_or(|l| l.binding.is_none()) {
        let removal = removal::remove(holder, in_need)?;
        note(draft, holder, None, &removal.previous);
        push(draft, removal.edits);
        draft.also(removal.also);
        draft.removed.push(holder.affected());
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
    first_reference(data, &names).filter(|(file, block)| {
        file.path() != by.file().path() || block.span() != by.block().span()
    })
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
        match others(subject, wanted, granted, origin) {
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
) -> Result<Vec<Affected>, String> {
    let mut also = Vec::new();
    for decided in subject.cfg.decided_here(origin) {
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
