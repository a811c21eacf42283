//! `remedy "set"`: settings in a block of its own, nested blocks included.

use hcl_edit::Span as _;
use serde_json::Value as Json;

use super::draft::Draft;
use super::judge::{self, Judgement};
use super::place::{self, Wanted, Width};
use super::subject::Subject;
use super::{Context, Previous, Refusal, RefusalKind, Verdict, dynamic, json_block, literal};
use crate::rules::{On, Setting, Settings};
use crate::terraform::Edit;
use crate::terraform::edit::{NewBlock, Pen};
use crate::terraform::module::{Held, ProviderVersion};

/// The settings that a finding is about: those of the provider's generation, and of the control's `with.settings` when
/// it names some.
pub(crate) fn relevant<'s>(
    settings: &'s [Setting],
    with: &'s Json,
    major: Option<u32>,
) -> impl Iterator<Item = &'s Setting> {
    let named = with.get("settings").and_then(Json::as_array);
    settings.iter().filter(move |setting| {
        let generation = setting
            .provider
            .is_none_or(|range| range.contains(major.unwrap_or(u32::MAX)));
        let path = setting.path.join(".");
        generation && named.is_none_or(|n| n.iter().any(|p| p.as_str() == Some(&path)))
    })
}

/// The predicate.
pub(crate) fn assess(subject: &Subject<'_, '_>, settings: &Settings, with: &Json) -> Verdict {
    let holder;
    let subject = match &settings.on {
        None => subject,
        Some(on) => match holder_of(subject, on) {
            Ok(found) => {
                holder = found;
                &holder
            }
            Err(refusal) => return Verdict::Unknown(refusal),
        },
    };
    let mut in_doubt = None;
    for condition in &settings.safe_when {
        match judge::holds(subject, condition) {
            Ok(true) => return Verdict::Safe,
            Ok(false) => {}
            Err(refusal) => in_doubt = Some(refusal),
        }
    }
    let verdict = assess_all(subject, &settings.settings, with);
    match (verdict, in_doubt) {
        // The settings look unsafe, but something that cannot be told may make the resource safe.
        (Verdict::Unsafe(_), Some(refusal)) => Verdict::Unknown(refusal),
        (verdict, _) => verdict,
    }
}

/// Judges settings of a subject: unsafe wins over unknown.
pub(crate) fn assess_all(subject: &Subject<'_, '_>, settings: &[Setting], with: &Json) -> Verdict {
    let major = subject.major();
    let mut unsafe_because = Vec::new();
    let mut unknown = None;
    for setting in relevant(settings, with, major).filter(|s| !s.only_in_new_block) {
        match judge::judge(subject, setting, major) {
            Judgement::Safe => {}
            Judgement::Unsafe(why) => unsafe_because.push(why),
            Judgement::Open(what) => {
                unknown.get_or_insert_with(|| {
                    Refusal::new(
                        RefusalKind::ProviderGeneration,
                        format!(
                            "{what} on `{}`, and what that means depends on the provider or the account",
                            subject.name()
                        ),
                        "write the value down",
                    )
                });
            }
            Judgement::Unknown(refusal) => {
                unknown.get_or_insert(refusal);
            }
        }
    }
    match (unsafe_because.is_empty(), unknown) {
        (false, _) => Verdict::Unsafe(unsafe_because.join("; ")),
        (true, Some(refusal)) => Verdict::Unknown(refusal),
        (true, None) => Verdict::Safe,
    }
}

/// The edit.
pub(crate) fn fix(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    settings: &Settings,
    with: &Json,
    width: Width,
) -> Result<Draft, Refusal> {
    let holder;
    let subject = match &settings.on {
        None => subject,
        Some(on) => {
            holder = holder_of(subject, on)?;
            &holder
        }
    };
    for requirement in &settings.require {
        if !judge::holds(subject, &requirement.condition)? {
            return Err(Refusal::new(
                RefusalKind::Precondition,
                format!("`{}`: {}", subject.address, requirement.message),
                requirement.next.clone(),
            ));
        }
    }
    for condition in &settings.safe_when {
        // An unknown alternative is in the way: the two together might be invalid.
        judge::holds(subject, condition)?;
    }
    ensure_within(context, subject, &settings.settings, with, width)
}

/// Brings every setting that is not safe to its value.
pub(crate) fn ensure(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    settings: &[Setting],
    with: &Json,
) -> Result<Draft, Refusal> {
    ensure_within(context, subject, settings, with, Width::default())
}

/// As [`ensure`], at places that reach no more others than allowed, where there are such.
fn ensure_within(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    settings: &[Setting],
    with: &Json,
    width: Width,
) -> Result<Draft, Refusal> {
    let major = subject.major();
    let mut draft = Draft::of(subject);
    let mut missing: Vec<(&Setting, Json)> = Vec::new();
    let mut done: Vec<(String, String, Option<String>)> = Vec::new();
    for setting in relevant(settings, with, major) {
        if setting.only_in_new_block {
            if let Some((_, blocks)) = setting.path.split_last()
                && subject.body_at(blocks).is_none()
                && dynamic::find(subject, blocks).is_none()
            {
                missing.push((setting, judge::wanted(setting, context.parameters)?));
            }
            continue;
        }
        match judge::judge(subject, setting, major) {
            Judgement::Safe => continue,
            Judgement::Unknown(refusal) => return Err(refusal),
            Judgement::Unsafe(_) | Judgement::Open(_) => {}
        }
        subject.path_not_ignored(&setting.path)?;
        for other in &setting.conflicts_with {
            if !subject.held(std::slice::from_ref(other)).is_absent() {
                return Err(Refusal::new(
                    RefusalKind::Precondition,
                    format!(
                        "`{}` has `{other}` written, which the provider does not accept beside `{}`",
                        subject.address,
                        setting.path.join(".")
                    ),
                    format!("remove `{other}`, then run again"),
                ));
            }
        }
        let wanted = judge::wanted(setting, context.parameters)?;
        let path = setting.path.join(".");
        let text = literal::text(&wanted);
        let asked = Wanted {
            setting,
            value: &wanted,
            peers: settings,
            major,
            width,
        };
        match subject.held(&setting.path) {
            Held::Value(value) => {
                let change = place::change(subject, &asked, &value)?;
                // Several settings may be decided by one place.
                let new = change
                    .edits
                    .into_iter()
                    .filter(|e| !draft.edits.contains(e));
                let new: Vec<Edit> = new.collect();
                draft.edits.extend(new);
                draft.previous.push(change.previous);
                draft.also(change.also);
                done.push((path.clone(), text, change.elsewhere));
            }
            Held::Absent | Held::Dynamic(_) => match dynamic::find(subject, parent(setting)) {
                Some(found) => {
                    subject.editable()?;
                    let change = dynamic::write(subject, &found, &asked)?;
                    draft.edits.extend(change.edits);
                    draft.previous.push(change.previous);
                    draft.also(change.also);
                    draft.warnings.extend(change.warning);
                    done.push((path.clone(), text, change.elsewhere));
                }
                None => {
                    draft.warnings.extend(has_it(subject, setting)?);
                    missing.push((setting, wanted));
                    done.push((path.clone(), text, None));
                }
            },
        }
        draft.paths.push(path);
        draft.warnings.extend(setting.warning.clone());
    }
    // What goes only with a new block goes only if that block is really made for a setting that counts.
    let counted: Vec<&[String]> = missing
        .iter()
        .filter(|(s, _)| !s.only_in_new_block)
        .map(|(s, _)| parent(s))
        .collect();
    let missing: Vec<(&Setting, Json)> = missing
        .iter()
        .filter(|(s, _)| !s.only_in_new_block || counted.contains(&parent(s)))
        .cloned()
        .collect();
    if !missing.is_empty() {
        insert(subject, &missing, &mut draft)?;
    }
    draft.summary = format!("set {}", join(&phrases(&done)));
    Ok(draft)
}

/// Whether the provider that serves a block knows a setting that is about to be written: a sentence for the reviewer
/// where its constraints also allow versions that do not.
fn has_it(subject: &Subject<'_, '_>, setting: &Setting) -> Result<Option<String>, Refusal> {
    let version = subject.provider_version();
    let (Some(since), Some(allowed)) = (setting.since, version.allowed()) else {
        return Ok(None);
    };
    let path = setting.path.join(".");
    let says = match &version {
        ProviderVersion::Exact(version) => format!("the lock file pins {version}"),
        ProviderVersion::Constraint(all) => format!("the constraint is `{}`", all.join("`, `")),
        ProviderVersion::Unknown => return Ok(None),
    };
    if !allowed.meets(since, None) {
        return Err(Refusal::new(
            RefusalKind::ProviderGeneration,
            format!(
                "`{path}` of `{}` needs a provider of version {since} or later, and {says}",
                subject.address
            ),
            "upgrade the provider first (`terraform init -upgrade`, and `required_providers`), then run again",
        ));
    }
    let surely = allowed.least.is_some_and(|least| least >= since);
    Ok((!surely).then(|| {
        format!("`{path}` needs a provider of version {since} or later; {says}, which also allows older ones.")
    }))
}

/// `` `a` and `b` to `true` (decided by …) `` for what has the same value and place.
fn phrases(done: &[(String, String, Option<String>)]) -> Vec<String> {
    let mut groups: Vec<(&str, Option<&str>, Vec<String>)> = Vec::new();
    for (path, value, place) in done {
        let place = place.as_deref();
        let path = format!("`{path}`");
        match groups
            .iter_mut()
            .find(|(v, p, _)| *v == value && *p == place)
        {
            Some((_, _, paths)) => paths.push(path),
            None => groups.push((value, place, vec![path])),
        }
    }
    groups
        .into_iter()
        .map(|(value, place, paths)| {
            let decided = place.map_or_else(String::new, |p| format!(" (decided by {p})"));
            format!("{} to `{value}`{decided}", join(&paths))
        })
        .collect()
}

fn parent(setting: &Setting) -> &[String] {
    setting.path.split_last().map_or(&[], |(_, blocks)| blocks)
}

/// Writes settings that are not there into the subject's block.
fn insert(
    subject: &Subject<'_, '_>,
    missing: &[(&Setting, Json)],
    draft: &mut Draft,
) -> Result<(), Refusal> {
    if !subject.file().has_spans()
        && !place::is_external(subject.file().path())
        && let Some((edits, written)) = json_block::insert(subject, missing)
    {
        draft.edits.extend(edits);
        draft.previous.extend(written.iter().map(|path| Previous {
            path: format!("{}.{path}", subject.name()),
            value: None,
        }));
        draft.also(place::other_instances(subject));
        return Ok(());
    }
    subject.editable()?;
    let pen = Pen::new(subject.file());
    let mut blocks: Vec<NewBlock> = Vec::new();
    for (setting, value) in missing {
        let Some((name, parents)) = setting.path.split_last() else {
            continue;
        };
        let text = literal::text(value);
        if parents.is_empty() {
            let sibling = last_plain_attribute(subject);
            draft
                .edits
                .extend(pen.set_attribute_after(subject.block(), sibling, name, &text));
        } else {
            put(&mut blocks, parents, name, &text);
        }
        draft.previous.push(Previous {
            path: format!("{}.{}", subject.name(), setting.path.join(".")),
            value: None,
        });
    }
    for block in &blocks {
        draft.edits.extend(pen.ensure_block(subject.block(), block));
    }
    draft.also(place::other_instances(subject));
    Ok(())
}

/// The last attribute on one line before the first nested block, apart from those that stand first or last by habit:
/// beside a heredoc or a long list, a new line would push their `=` signs about.
fn last_plain_attribute<'a>(subject: &Subject<'_, 'a>) -> Option<&'a str> {
    const APART: [&str; 6] = [
        "count",
        "for_each",
        "provider",
        "tags",
        "tags_all",
        "depends_on",
    ];
    subject
        .block()
        .body
        .iter()
        .map_while(|structure| structure.as_attribute())
        .filter(|a| !APART.contains(&a.key.as_str()))
        .filter(|a| {
            a.span()
                .is_some_and(|span| !subject.file().slice(span).contains('\n'))
        })
        .last()
        .map(|a| a.key.as_str())
}

/// Puts an attribute into a tree of new blocks.
pub(crate) fn put(blocks: &mut Vec<NewBlock>, parents: &[String], name: &str, text: &str) {
    use crate::terraform::edit::Item;
    let Some((first, rest)) = parents.split_first() else {
        return;
    };
    let index = blocks
        .iter()
        .position(|b| b.kind == *first)
        .unwrap_or_else(|| {
            blocks.push(NewBlock::new(first));
            blocks.len() - 1
        });
    let block = &mut blocks[index];
    if rest.is_empty() {
        block
            .items
            .push(Item::Attribute(name.to_owned(), text.to_owned()));
        return;
    }
    let mut nested: Vec<NewBlock> = Vec::new();
    block.items.retain(|item| match item {
        Item::Block(b) => {
            nested.push(b.clone());
            false
        }
        _ => true,
    });
    put(&mut nested, rest, name, text);
    block.items.extend(nested.into_iter().map(Item::Block));
}

/// The block that has the settings of a subject: the one that refers to it.
fn holder_of<'c, 'a>(subject: &Subject<'c, 'a>, on: &On) -> Result<Subject<'c, 'a>, Refusal> {
    let found = super::companion::linked(subject, &on.resource, &on.link)?;
    match found.as_slice() {
        [] => Err(Refusal::new(
            RefusalKind::NotInCode,
            format!("`{}`: {}", subject.address, on.missing),
            on.next.clone(),
        )),
        [one] => Ok(one.clone()),
        several => Err(Refusal::new(
            RefusalKind::SeveralCandidates,
            format!(
                "`{}` has several `{}`: {}",
                subject.address,
                on.resource,
                several
                    .iter()
                    .map(|s| format!("`{}`", s.address))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            "tell from the finding which one is meant, and change that one by hand",
        )),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn join(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
