//! `remedy "ingress"`: nobody from everywhere on these ports.
//!
//! Only the public sources go; what else a rule lets in stays. A rule that lets nobody in any more goes as a whole. The
//! last inline rule becomes `ingress = []`, because a group without any `ingress` keeps what it has in the cloud.

mod adopted;
mod close;
mod inline;
mod opening;
mod taken;

use serde_json::Value as Json;

use super::basis::Basis;
use super::subject::Subject;
use super::{Context, Draft, Refusal, RefusalKind, Verdict, intent};
use crate::rules::{Impact, Ingress, Rule};
use close::Closing;
pub(crate) use close::approved;
use opening::Reading;
pub(crate) use opening::{Asked, Form, Opening, read};

/// The predicate.
pub(crate) fn assess(subject: &Subject<'_, '_>, wanted: &Ingress, with: &Json) -> Verdict {
    let reading = read(subject, &Asked::of(wanted, with));
    if !reading.openings.is_empty() {
        let mut words: Vec<String> = reading.openings.iter().map(describe).collect();
        words.dedup();
        return Verdict::Unsafe(words.join("; "));
    }
    let doubt = reading.doubts.into_iter().next();
    match doubt.or_else(|| opened_elsewhere(subject, &Asked::of(wanted, with))) {
        Some(refusal) => Verdict::Unknown(refusal),
        None => Verdict::Safe,
    }
}

/// The refusal for a group that nothing opens in its own root, when a rule of another root lets everybody into a group
/// that it finds by the same name. Names of groups are not unique: nobody knows whether it is this one.
fn opened_elsewhere(subject: &Subject<'_, '_>, asked: &Asked) -> Option<Refusal> {
    if subject.at.resource.kind != "aws_security_group" {
        return None;
    }
    let held = subject.held(&["name".to_owned()]);
    let name = held.value()?.as_str()?;
    let kinds = [
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
    ];
    let rule = kinds.iter().find_map(|kind| {
        subject
            .cfg
            .naming(kind, "security_group_id", name, &subject.at.root)
            .into_iter()
            .map(|(at, address)| Subject {
                cfg: subject.cfg,
                at,
                address,
            })
            .find(|rule| !read(rule, asked).openings.is_empty())
    })?;
    Some(Refusal::new(
        RefusalKind::SecondWriter,
        format!(
            "`{}` in {} ({}:{}) lets everybody into a group named `{name}`, which may be `{}`",
            rule.address,
            super::root_in_words(&rule.at.root),
            rule.file().path(),
            rule.line(),
            subject.address
        ),
        "close it there if it is this group",
    ))
}

/// The rules that let everybody in, with the address that says so.
pub(crate) fn basis<'c, 'a>(
    subject: &Subject<'c, 'a>,
    wanted: &Ingress,
    with: &Json,
) -> Vec<Basis<'c, 'a>> {
    read(subject, &Asked::of(wanted, with))
        .openings
        .into_iter()
        .map(|opening| {
            let value = opening.public.first().map(|p| &p.value);
            Basis::new(opening.holder, value)
        })
        .collect()
}

fn describe(opening: &Opening<'_, '_>) -> String {
    format!("{} is open to {}", opening.traffic, sources(opening))
}

fn sources(opening: &Opening<'_, '_>) -> String {
    let mut cidrs: Vec<String> = opening
        .public
        .iter()
        .map(|p| format!("`{}`", p.cidr))
        .collect();
    cidrs.dedup();
    super::settings::join(&cidrs)
}

/// The edit.
pub(crate) fn fix(
    context: &Context<'_, '_>,
    subject: &Subject<'_, '_>,
    rule: &Rule,
    wanted: &Ingress,
    with: &Json,
) -> Result<Draft, Refusal> {
    let asked = Asked::of(wanted, with);
    let reading = read(subject, &asked);
    if let Some(refusal) = reading.doubts.first() {
        return Err(refusal.clone());
    }
    if reading.openings.is_empty()
        && let Some(refusal) = opened_elsewhere(subject, &asked)
    {
        return Err(refusal);
    }
    for opening in &reading.openings {
        not_meant(opening)?;
        if !opening.is_inline() {
            intent::not_silenced(&opening.holder, rule, with)?;
        }
    }
    let approved = close::approved(context.parameters)?;
    let reading = together(reading, read(subject, &asked.widened(wanted)), &approved);
    let mut draft = Draft::of(subject);
    let mut closing = Closing {
        subject,
        asked: &asked,
        approved: &approved,
        draft: &mut draft,
        replaced: false,
    };
    closing.close(&reading.openings, reading.inline)?;
    let replaced = closing.replaced;
    let mut words = Vec::new();
    for opening in &reading.openings {
        if opening.traffic.exceeds(&asked.ports) {
            draft.warnings.push(format!(
                "The rule lets in {}: all of it closes for {}, not only {}.",
                opening.traffic,
                sources(opening),
                ports(&asked)
            ));
        }
        if !opening.is_inline() {
            draft.impact = Some(Impact::GrantRemoved);
        }
        let word = format!("{} for {}", sources(opening), opening.traffic);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if reading.inline > 0 && reading.separate > 0 {
        draft.warnings.push(format!(
            "`{}` has inline `ingress` and rules in blocks of their own: each apply of one removes the other's.",
            subject.address
        ));
    }
    if !replaced {
        draft.summary = format!("drop {}", super::settings::join(&words));
    } else {
        let named: Vec<String> = approved.iter().map(|c| format!("`{c}`")).collect();
        draft.summary = format!(
            "replace {} by {}",
            super::settings::join(&words),
            super::settings::join(&named)
        );
    }
    Ok(draft)
}

/// Findings on ports and families that come together are fixed by edits that fit together. Two of them, each with an
/// edit of its own, would leave a rule without any source, or a group without any `ingress` (which changes nothing
/// in the cloud). So where only such openings are left, all of them close at once, by the same edit for each finding.
fn together<'c, 'a>(
    mut narrow: Reading<'c, 'a>,
    mut wide: Reading<'c, 'a>,
    approved: &[String],
) -> Reading<'c, 'a> {
    if !approved.is_empty() {
        return narrow;
    }
    let closes = |o: &Opening<'_, '_>| o.is_inline() && !o.others;
    let asked_inline = narrow.openings.iter().any(Opening::is_inline);
    let all_close = wide.openings.iter().filter(|o| closes(o)).count() >= wide.inline;
    wide.openings.retain(|o| {
        let asked = narrow.openings.iter().any(|n| n.is_same(o));
        !o.others && (asked || (o.is_inline() && asked_inline && all_close))
    });
    narrow
        .openings
        .retain(|n| !wide.openings.iter().any(|w| w.is_same(n)));
    narrow.openings.append(&mut wide.openings);
    narrow
}

fn ports(asked: &Asked) -> String {
    let numbers: Vec<String> = asked.ports.iter().map(u16::to_string).collect();
    match numbers.as_slice() {
        [one] => format!("port {one}"),
        several => format!("ports {}", super::settings::join(several)),
    }
}

/// Refuses what a description or a comment at the rule says is meant to be public.
fn not_meant(opening: &Opening<'_, '_>) -> Result<(), Refusal> {
    let description = opening.description.as_deref().unwrap_or_default();
    if intent::says_public(description) {
        return Err(Refusal::new(
            RefusalKind::IntendedPublic,
            format!(
                "a rule of `{}` is meant to be public: its description says so",
                opening.holder.address
            ),
            "suppress the finding with that reason, or change the description and run again",
        ));
    }
    if opening.is_inline() {
        return Ok(());
    }
    intent::not_intended(&opening.holder)
}
