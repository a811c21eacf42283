//! `remedy "companion"`: a resource that must stand beside the subject, or the same settings inline.
//!
//! The writer that exists already is edited; a second one is never added. Where there is none, the form follows the
//! provider's generation and what the configuration already uses.

use serde_json::Value as Json;

use super::asleep;
use super::dormant::{self, Dormant};
use super::draft::Draft;
use super::place;
use super::settings;
use super::subject::Subject;
use super::{Affected, Context, Previous, Refusal, RefusalKind, Verdict, judge, literal};
use crate::rules::{Companion, Inline, Setting};
use crate::terraform::edit::{NewBlock, Pen, quote};
use crate::terraform::module::{Certainty, ProviderVersion};
use crate::terraform::{Address, InstanceKey};

/// The blocks of a type whose attribute refers to the subject.
///
/// # Errors
/// One may or may not refer to it, or stands in a file that cannot be read: nobody can tell.
pub(crate) fn linked<'c, 'a>(
    subject: &Subject<'c, 'a>,
    kind: &str,
    attribute: &str,
) -> Result<Vec<Subject<'c, 'a>>, Refusal> {
    subject.all_read(kind)?;
    let mut found = Vec::new();
    for link in subject
        .cfg
        .linked(&subject.at, &subject.address, kind, attribute)
    {
        let other = Subject {
            cfg: subject.cfg,
            at: link.occurrence,
            address: link.address,
        };
        if link.certainty != Certainty::Certain {
            return Err(Refusal::new(
                RefusalKind::SecondWriter,
                format!(
                    "`{}` ({}:{}) may be about `{}` or not: its `{attribute}` cannot be told from the code",
                    other.address,
                    other.file().path(),
                    other.line(),
                    subject.address
                ),
                format!("write its `{attribute}` as a reference, or change it by hand"),
            ));
        }
        found.push(other);
    }
    Ok(found)
}

/// Types whose names are unique in the whole world, and the attribute that holds the name: a block of another root that
/// names one is about the same object.
const GLOBAL: [(&str, &str); 2] = [
    ("aws_s3_bucket", "bucket"),
    ("google_storage_bucket", "name"),
];

/// The blocks of a type in other roots that are about the subject by its name. A root that makes a bucket of that name
/// itself is another owner, which locating finds; its blocks are about its own.
pub(crate) fn elsewhere<'c, 'a>(
    subject: &Subject<'c, 'a>,
    kind: &str,
    attribute: &str,
) -> Vec<Subject<'c, 'a>> {
    let cfg = subject.cfg;
    let own = subject.at.resource.kind;
    let Some((_, holds)) = GLOBAL.iter().find(|(kind, _)| *kind == own) else {
        return Vec::new();
    };
    let held = subject.held(&[(*holds).to_owned()]);
    let Some(name) = held.value().and_then(crate::terraform::Value::as_str) else {
        return Vec::new();
    };
    let mut found = cfg.naming(kind, attribute, name, &subject.at.root);
    if !found.is_empty() {
        let owners: Vec<_> = cfg
            .occurrences(own)
            .into_iter()
            .filter(|o| o.root != subject.at.root)
            .filter(|o| {
                let held = cfg.held(o, &o.address.unkeyed(), &[*holds]);
                held.value().and_then(crate::terraform::Value::as_str) == Some(name)
            })
            .map(|o| o.root)
            .collect();
        found.retain(|(at, _)| !owners.contains(&at.root));
    }
    found
        .into_iter()
        .map(|(at, address)| Subject { cfg, at, address })
        .collect()
}

/// The refusal to write what a block of another root writes already.
pub(crate) fn written_elsewhere(subject: &Subject<'_, '_>, other: &Subject<'_, '_>) -> Refusal {
    Refusal::new(
        RefusalKind::SecondWriter,
        format!(
            "`{}` is configured by `{}` in {} ({}:{})",
            subject.address,
            other.address,
            super::root_in_words(&other.at.root),
            other.file().path(),
            other.line()
        ),
        "change it there, or move it beside the resource and run again",
    )
}

/// What writes a companion's settings for a subject.
enum Writer<'c, 'a> {
    Companion(Box<Subject<'c, 'a>>),
    /// In another root.
    Elsewhere(Box<Subject<'c, 'a>>),
    Inline,
    /// One that is written and not made.
    Dormant(Box<Dormant<'c, 'a>>),
    Nobody,
}

fn writer<'c, 'a>(
    subject: &Subject<'c, 'a>,
    companion: &Companion,
) -> Result<Writer<'c, 'a>, Refusal> {
    let mut found = linked(subject, &companion.resource, &companion.link)?;
    let inline = companion
        .inline
        .as_ref()
        .is_some_and(|inline| writes_inline(subject, inline));
    let beyond = elsewhere(subject, &companion.resource, &companion.link);
    if found.len() + beyond.len() > 1 {
        found.extend(beyond);
        let names: Vec<String> = found
            .iter()
            .map(|s| format!("`{}` ({}:{})", s.address, s.file().path(), s.line()))
            .collect();
        return Err(Refusal::new(
            RefusalKind::SecondWriter,
            format!(
                "`{}` has {} `{}`: {}",
                subject.address,
                names.len(),
                companion.resource,
                names.join(", ")
            ),
            "leave one of them; they overwrite each other on every apply",
        ));
    }
    if let Some(other) = beyond.into_iter().next() {
        return if inline {
            Err(written_elsewhere(subject, &other))
        } else {
            Ok(Writer::Elsewhere(Box::new(other)))
        };
    }
    match (found.pop(), inline) {
        (Some(one), true) => Err(Refusal::new(
            RefusalKind::SecondWriter,
            format!(
                "`{}` is configured inline and by `{}` ({}:{})",
                subject.address,
                one.address,
                one.file().path(),
                one.line()
            ),
            "leave one of the two; they overwrite each other on every apply",
        )),
        (Some(one), false) => Ok(Writer::Companion(Box::new(one))),
        (None, true) => Ok(Writer::Inline),
        (None, false) => match dormant::find(subject, companion) {
            None => Ok(Writer::Nobody),
            Some(found) => Ok(Writer::Dormant(Box::new(found))),
        },
    }
}

/// The block that has a companion's settings for a subject, and these settings in the form it writes them; `None` when
/// nobody does, or nobody can tell.
pub(crate) fn written_by<'c, 'a, 's>(
    subject: &Subject<'c, 'a>,
    companion: &'s Companion,
) -> Option<(Subject<'c, 'a>, &'s [Setting])> {
    match (writer(subject, companion), &companion.inline) {
        (Ok(Writer::Companion(other) | Writer::Elsewhere(other)), _) => {
            Some((*other, &companion.settings))
        }
        (Ok(Writer::Inline), Some(inline)) => Some((subject.clone(), &inline.settings)),
        _ => None,
    }
}

fn writes_inline(subject: &Subject<'_, '_>, inline: &Inline) -> bool {
    let body = &subject.block().body;
    body.get_blocks(&inline.block).next().is_some()
        || body.get_attribute(&inline.block).is_some()
        || body
            .get_blocks("dynamic")
            .any(|b| b.labels.first().is_some_and(|l| l.as_str() == inline.block))
}

/// The predicate.
pub(crate) fn assess(subject: &Subject<'_, '_>, companion: &Companion, with: &Json) -> Verdict {
    match (writer(subject, companion), &companion.inline) {
        (Err(refusal), _) => Verdict::Unknown(refusal),
        (Ok(Writer::Companion(other) | Writer::Elsewhere(other)), _) => {
            settings::assess_all(&other, &companion.settings, with)
        }
        (Ok(Writer::Inline), Some(inline)) => settings::assess_all(subject, &inline.settings, with),
        (Ok(Writer::Dormant(found)), _) => found.verdict(subject),
        (Ok(Writer::Inline | Writer::Nobody), _) => Verdict::Unsafe(format!(
            "there is no `{}` for it in the code",
            companion.resource
        )),
    }
}

/// The edit.
pub(crate) fn fix(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    companion: &Companion,
    with: &Json,
) -> Result<Draft, Refusal> {
    let written = match writer(subject, companion)? {
        // The one that is written for others may only need an entry.
        Writer::Nobody => match asleep::wake(subject, companion, with) {
            Some(draft) => return Ok(draft),
            None => Writer::Nobody,
        },
        other => other,
    };
    let draft = match (written, &companion.inline) {
        (Writer::Companion(other), _) => {
            let mut draft = settings::ensure(context, &other, &companion.settings, with)?;
            draft.summary = format!("{} in `{}`", draft.summary, other.name());
            draft
        }
        (Writer::Elsewhere(other), _) => return Err(written_elsewhere(subject, &other)),
        (Writer::Inline, Some(inline)) => {
            generation_takes_inline(subject, inline)?;
            settings::ensure(context, subject, &inline.settings, with)?
        }
        (Writer::Dormant(found), _) => {
            // Of several entries the subject's own is given what it lacks; a switch may be that of all.
            let several = subject.address.key.is_some()
                || subject
                    .address
                    .modules
                    .iter()
                    .any(|step| step.key.is_some());
            let own = || asleep::wake(subject, companion, with);
            let switch = || dormant::wake(context, subject, &found, companion, with);
            let woken = match several {
                true => own().or_else(switch),
                false => switch().or_else(own),
            };
            match woken {
                Some(draft) => draft,
                // The block has instances for others: this one may get its own.
                None if !found.alone => write_new(context, subject, companion)?,
                None => return Err(dormant::refused(subject, &found.other)),
            }
        }
        (Writer::Inline | Writer::Nobody, inline) => {
            if let Some(inline) = inline
                && new_goes_inline(subject, companion, inline)?
            {
                settings::ensure(context, subject, &inline.settings, with)?
            } else {
                write_new(context, subject, companion)?
            }
        }
    };
    Ok(Draft {
        instance: subject.affected(),
        ..draft
    })
}

/// The provider's versions 4.0 to 4.8 read the inline arguments and refuse to have them set.
fn generation_takes_inline(subject: &Subject<'_, '_>, inline: &Inline) -> Result<(), Refusal> {
    let refused = match subject.provider_version() {
        ProviderVersion::Exact(version) => version
            .strip_prefix("4.")
            .and_then(|rest| rest.split('.').next()?.parse::<u32>().ok())
            .is_some_and(|minor| minor < 9),
        _ => false,
    };
    if refused {
        return Err(Refusal::new(
            RefusalKind::ProviderGeneration,
            format!(
                "`{}` has `{}` inline, which the locked provider version does not accept",
                subject.address, inline.block
            ),
            "move it to a resource of its own (`terraform plan` says which), then run again",
        ));
    }
    Ok(())
}

/// Whether a setting that nobody writes yet goes into the subject's own block.
fn new_goes_inline(
    subject: &Subject<'_, '_>,
    companion: &Companion,
    inline: &Inline,
) -> Result<bool, Refusal> {
    // Types that came with the split are used: then the provider is of that generation.
    let in_root = |kind: &str| {
        subject
            .cfg
            .occurrences_in(&subject.at.root, kind)
            .into_iter()
            .next()
    };
    let split = in_root(&companion.resource);
    match subject.major() {
        Some(major) if inline.provider.contains(major) => match split {
            Some(other) => Err(Refusal::new(
                RefusalKind::ProviderGeneration,
                format!(
                    "the provider of `{}` is pinned to version {major}, but `{}` ({}) needs a newer one",
                    subject.address,
                    other.address,
                    other.resource.file.path()
                ),
                "correct `required_providers` or the lock file, then run again",
            )),
            None => Ok(true),
        },
        Some(_) => Ok(false),
        None => {
            let kind = subject.at.resource.kind;
            let others_inline = subject
                .cfg
                .occurrences_in(&subject.at.root, kind)
                .into_iter()
                .any(|o| {
                    o.resource
                        .block
                        .body
                        .get_blocks(&inline.block)
                        .next()
                        .is_some()
                });
            Ok(others_inline && split.is_none())
        }
    }
}

/// The sentence for the reviewer where the constraints also allow a provider that does not have the companion yet.
fn may_be_too_old(subject: &Subject<'_, '_>, companion: &Companion) -> Option<String> {
    let inline = companion.inline.as_ref()?;
    let version = subject.provider_version();
    let ProviderVersion::Constraint(constraints) = &version else {
        return None;
    };
    let least = u32::try_from(version.major_range()?.least?).ok()?;
    inline.provider.contains(least).then(|| {
        format!(
            "`{}` needs a provider of version {}; the constraint (`{}`) also allows older ones, and no lock file says \
             which is used.",
            companion.resource,
            inline.provider.beyond(),
            constraints.join("`, `")
        )
    })
}

/// Writes a new companion behind the subject's block.
fn write_new(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    companion: &Companion,
) -> Result<Draft, Refusal> {
    subject.editable()?;
    let mut draft = Draft::of(subject);
    let shape = shape(subject, companion)?;
    draft.warnings.extend(may_be_too_old(subject, companion));
    let mut block = NewBlock::resource(&companion.resource, &shape.name);
    for (name, text) in &shape.meta {
        block = block.attribute(name, text);
    }
    let mut nested = Vec::new();
    let mut lines = Vec::new();
    let major = subject.major();
    for setting in settings::relevant(&companion.settings, &Json::Null, major) {
        let value = judge::wanted(setting, context.parameters)?;
        let text = literal::text(&value);
        match setting.path.split_last() {
            Some((name, [])) => lines.push((name.clone(), text)),
            Some((name, parents)) => settings::put(&mut nested, parents, name, &text),
            None => {}
        }
        draft.warnings.extend(setting.warning.clone());
    }
    block = block.gap().attribute(&companion.link, &shape.link);
    if !lines.is_empty() {
        block = block.gap();
    }
    for (name, text) in lines {
        block = block.attribute(&name, &text);
    }
    for inner in nested {
        block = block.block(inner);
    }
    draft.edits = Pen::new(subject.file()).insert_after(subject.block(), &block);
    draft.paths.push(companion.resource.clone());
    draft.previous.push(Previous {
        path: format!("{}.{}", companion.resource, shape.name),
        value: None,
    });
    draft.summary = format!(
        "add `{}.{}` for `{}`",
        companion.resource, shape.name, shape.owner
    );
    draft.also(shape.also);
    Ok(draft)
}

/// How a new companion is repeated, linked and named.
pub(crate) struct Shape {
    pub(crate) name: String,
    /// `count`, `for_each`, `provider`, as the subject has them.
    pub(crate) meta: Vec<(String, String)>,
    pub(crate) link: String,
    /// The subject in words: the block, or the one instance.
    pub(crate) owner: String,
    pub(crate) also: Vec<Affected>,
}

pub(crate) fn shape(subject: &Subject<'_, '_>, companion: &Companion) -> Result<Shape, Refusal> {
    let own = subject.name();
    let others = place::other_instances(subject);
    let mut covered = Vec::new();
    for other in &others {
        let other = Subject::find(subject.cfg, &other.root, &other.address);
        if let Some(other) = other
            && matches!(
                writer(&other, companion)?,
                Writer::Companion(_) | Writer::Elsewhere(_)
            )
        {
            covered.push(other.affected());
        }
    }
    let provider: Vec<(String, String)> = subject
        .source_of("provider")
        .map(|text| ("provider".to_owned(), text.to_owned()))
        .into_iter()
        .collect();
    if covered.is_empty() {
        let mut meta = Vec::new();
        let mut index = "";
        for (name, key) in [("count", "[count.index]"), ("for_each", "[each.key]")] {
            if let Some(text) = subject.source_of(name) {
                meta.push((name.to_owned(), text.to_owned()));
                index = key;
            }
        }
        meta.extend(provider);
        return Ok(Shape {
            name: free_name(subject, &companion.resource, subject.at.resource.name),
            meta,
            link: format!("{own}{index}.{}", companion.to),
            owner: own,
            also: others,
        });
    }
    // Some instances have theirs: this one gets its own, if its key can be written and no other module instance
    // would get one as well.
    let elsewhere = others
        .iter()
        .find(|o| o.root != subject.at.root || o.address.modules != subject.address.modules);
    let made_of = subject.cfg.repeated_by(&subject.at, &subject.address);
    let key_of_a_caller = made_of.first().and_then(|all| {
        let parts = all.as_list().into_iter().flatten();
        let entries = all.as_object().into_iter().flat_map(|o| o.values());
        subject.given_from_outside(std::iter::once(all).chain(parts).chain(entries))
    });
    if let Some(given) = key_of_a_caller {
        return Err(Refusal::new(
            RefusalKind::TooWide,
            format!(
                "`{}` is an entry that a caller gives to its module ({}): a `{}` for it alone would name, in the module, \
                 a key that other callers do not have",
                subject.address, given.file, companion.resource
            ),
            "let the module make one for every entry, then run again",
        ));
    }
    let (Some(key), None) = (&subject.address.key, elsewhere) else {
        return Err(Refusal::new(
            RefusalKind::TooWide,
            format!(
                "a `{}` in the module of `{}` would also be one for `{}`, which has its own",
                companion.resource, subject.address, covered[0].address
            ),
            "write it by hand where only this instance gets it",
        ));
    };
    let (index, suffix) = match key {
        InstanceKey::Index(n) => (n.to_string(), n.to_string()),
        InstanceKey::Name(n) => (quote(n), identifier(n)),
    };
    let name = format!("{}_{suffix}", subject.at.resource.name);
    Ok(Shape {
        name: free_name(subject, &companion.resource, &name),
        meta: provider,
        link: format!("{own}[{index}].{}", companion.to),
        owner: format!("{own}[{index}]"),
        also: Vec::new(),
    })
}

/// A name that no block of this type in the module has.
fn free_name(subject: &Subject<'_, '_>, kind: &str, wanted: &str) -> String {
    let mut name = wanted.to_owned();
    let mut number = 1;
    loop {
        let address = Address {
            kind: kind.to_owned(),
            name: name.clone(),
            key: None,
            ..subject.address.clone()
        };
        if subject
            .cfg
            .occurrence(&subject.at.root, &address.block())
            .is_none()
        {
            return name;
        }
        number += 1;
        name = format!("{wanted}_{number}");
    }
}

/// A key as part of a name.
fn identifier(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect()
}
