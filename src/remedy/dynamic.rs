//! A setting that is missing in what a `dynamic` block makes: its `content` gets it, or the block is switched on.

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use super::place::{self, Tried, Wanted};
use super::subject::Subject;
use super::{Affected, Previous, Refusal, RefusalKind, literal, settings, written};
use crate::terraform::edit::{NewBlock, Pen};
use crate::terraform::module::{Dynamic, Nested};
use crate::terraform::value::{Origin, OriginPlace};
use crate::terraform::{Edit, Value};

/// The `dynamic` block on the way to a nested block.
pub(super) struct Found<'a> {
    dynamic: &'a Block,
    content: &'a Block,
    /// Nested block types up to and with the one that it makes.
    path: Vec<String>,
    /// Those further in.
    below: Vec<String>,
}

/// What was done.
pub(super) struct Written {
    pub(super) edits: Vec<Edit>,
    pub(super) previous: Previous,
    pub(super) also: Vec<Affected>,
    pub(super) elsewhere: Option<String>,
    pub(super) warning: Option<String>,
}

/// The first `dynamic` block on a path of nested block types, where no plain block stands in its place.
pub(super) fn find<'a>(subject: &Subject<'_, 'a>, path: &[String]) -> Option<Found<'a>> {
    let mut body: &'a Body = &subject.block().body;
    for (number, name) in path.iter().enumerate() {
        if let Some(plain) = body.blocks().find(|b| b.ident.as_str() == name) {
            body = &plain.body;
            continue;
        }
        let dynamic = body
            .get_blocks("dynamic")
            .find(|b| b.labels.first().is_some_and(|l| l.as_str() == name))?;
        return Some(Found {
            dynamic,
            content: dynamic.body.get_blocks("content").next()?,
            path: path[..=number].to_vec(),
            below: path[number + 1..].to_vec(),
        });
    }
    None
}

/// Brings a setting into what a `dynamic` block makes.
///
/// # Errors
/// It cannot be told what the block makes, or nothing that can be edited makes it safe.
pub(super) fn write(
    subject: &Subject<'_, '_>,
    found: &Found<'_>,
    wanted: &Wanted<'_>,
) -> Result<Written, Refusal> {
    let made = made(subject, found);
    if made
        .iter()
        .any(|n| matches!(n.dynamic, Some(Dynamic::Unknown(_))))
        || nested_dynamic(found)
    {
        return Err(refused(
            subject,
            found,
            wanted,
            "whose content cannot be told",
        ));
    }
    if made.is_empty() {
        return switch_on(subject, found, wanted).ok_or_else(|| {
            refused(
                subject,
                found,
                wanted,
                "that makes none here, and no small edit turns it on",
            )
        });
    }
    let edits = in_content(subject, found, wanted);
    let also = place::other_instances(subject)
        .into_iter()
        .filter(|other| {
            Subject::find(subject.cfg, &other.root, &other.address)
                .is_some_and(|other| !self::made(&other, found).is_empty())
        })
        .collect();
    Ok(Written {
        edits,
        previous: Previous {
            path: own_path(subject, wanted),
            value: None,
        },
        also,
        elsewhere: None,
        warning: None,
    })
}

fn own_path(subject: &Subject<'_, '_>, wanted: &Wanted<'_>) -> String {
    format!("{}.{}", subject.name(), wanted.setting.path.join("."))
}

/// The blocks that it makes for an instance.
fn made<'a>(subject: &Subject<'_, 'a>, found: &Found<'_>) -> Vec<Nested<'a>> {
    let path: Vec<&str> = found.path.iter().map(String::as_str).collect();
    let span = found.dynamic.span();
    subject
        .cfg
        .nested(&subject.at, &subject.address, &path)
        .into_iter()
        .filter(|nested| Some(&nested.span) == span.as_ref())
        .collect()
}

/// Whether another `dynamic` block stands further in on the way.
fn nested_dynamic(found: &Found<'_>) -> bool {
    found.below.first().is_some_and(|name| {
        found
            .content
            .body
            .get_blocks("dynamic")
            .any(|b| b.labels.first().is_some_and(|l| l.as_str() == name))
    })
}

/// The edits that write the setting into the content.
fn in_content(subject: &Subject<'_, '_>, found: &Found<'_>, wanted: &Wanted<'_>) -> Vec<Edit> {
    let pen = Pen::new(subject.file());
    let Some(name) = wanted.setting.path.last() else {
        return Vec::new();
    };
    let text = literal::text(wanted.value);
    if found.below.is_empty() {
        return pen.set_attribute(found.content, name, &text);
    }
    let mut blocks: Vec<NewBlock> = Vec::new();
    settings::put(&mut blocks, &found.below, name, &text);
    blocks
        .iter()
        .flat_map(|block| pen.ensure_block(found.content, block))
        .collect()
}

/// Makes the block be made: turns the switch that `for_each` asks, gives the entry the key that it asks for, or leaves
/// of a conditional the branch that makes one.
fn switch_on(subject: &Subject<'_, '_>, found: &Found<'_>, wanted: &Wanted<'_>) -> Option<Written> {
    let all = &found.dynamic.body.get_attribute("for_each")?.value;
    let own = Origin {
        file: subject.file().path().clone(),
        span: all.span()?,
        place: OriginPlace::Block,
    };
    let value = subject.cfg.evaluate(&subject.at, &subject.address, all);
    for (edits, at, elsewhere, previous) in ways(subject, all, &own, &value) {
        let mut with_content = edits.clone();
        with_content.extend(in_content(subject, found, wanted));
        for edits in [edits, with_content] {
            let also = place::attempt_with(
                subject,
                wanted,
                &edits,
                &mut Tried::default(),
                |_| place::reached_from(subject.cfg, [&at, &own]),
                |before, after, path| {
                    path.starts_with(&found.path)
                        && place::cures(before, after, wanted.setting, wanted.major)
                },
            );
            if let Some(also) = also {
                return Some(Written {
                    edits,
                    previous: Previous {
                        path: elsewhere.as_ref().map_or_else(
                            || format!("{}.{}", subject.name(), found.path.join(".")),
                            |place| format!("{}, decided by {place}", own_path(subject, wanted)),
                        ),
                        value: previous,
                    },
                    also,
                    elsewhere,
                    warning: Some(format!(
                        "The `dynamic` block now makes `{}`, with everything that its content sets.",
                        found.path.join(".")
                    )),
                });
            }
        }
    }
    None
}

/// Edits, the place they change, that place in words, and what stood there.
pub(super) type Way = (Vec<Edit>, Origin, Option<String>, Option<String>);

/// What may let something be made that `for_each` or `count` does not make.
pub(super) fn ways(
    subject: &Subject<'_, '_>,
    all: &Expression,
    own: &Origin,
    value: &Value,
) -> Vec<Way> {
    let cfg = subject.cfg;
    let mut ways: Vec<Way> = Vec::new();
    if let Some(at) = place::switch(cfg, value)
        && let Some((edits, present)) = place::opposite(cfg, &at)
    {
        let words = place::describe(&at);
        ways.push((edits, at, Some(words), Some(present)));
    }
    let through: Vec<Origin> = value
        .via
        .iter()
        .chain(std::iter::once(own))
        .cloned()
        .collect();
    let booleans = [true.into(), false.into()];
    for supply in place::supplies(subject, value, &through, &booleans) {
        if let Some(edits) = supply.edits(cfg) {
            let words = supply.words();
            ways.push((edits, supply.at.clone(), Some(words), supply.previous(cfg)));
        }
    }
    if let Some(branch) = other_branch(all).and_then(|b| b.span()) {
        let file = subject.file();
        let text = file.slice(branch).to_owned();
        let before = file.slice(own.span.clone()).to_owned();
        let edits = Pen::new(file).replace_span(own.span.clone(), &text);
        ways.push((edits, own.clone(), None, Some(before)));
    }
    ways
}

/// Of a conditional with an empty list or map in one branch, the other one.
fn other_branch(expression: &Expression) -> Option<&Expression> {
    let empty = |e: &Expression| match e {
        Expression::Array(list) => list.is_empty(),
        Expression::Object(map) => map.is_empty(),
        Expression::Parenthesis(inner) => match inner.inner() {
            Expression::Array(list) => list.is_empty(),
            Expression::Object(map) => map.is_empty(),
            _ => false,
        },
        _ => false,
    };
    match expression {
        Expression::Parenthesis(inner) => other_branch(inner.inner()),
        Expression::Conditional(choice) => {
            let branch = match (empty(&choice.true_expr), empty(&choice.false_expr)) {
                (true, false) => &choice.false_expr,
                (false, true) => &choice.true_expr,
                _ => return None,
            };
            // What makes the block only here must not depend on what the condition guards against.
            is_of_literals(branch).then_some(branch)
        }
        _ => None,
    }
}

fn is_of_literals(expression: &Expression) -> bool {
    match expression {
        Expression::Array(_) | Expression::Object(_) | Expression::Parenthesis(_) => {
            written::children(expression)
                .into_iter()
                .all(is_of_literals)
        }
        other => written::is_literal(other),
    }
}

fn refused(
    subject: &Subject<'_, '_>,
    found: &Found<'_>,
    wanted: &Wanted<'_>,
    why: &str,
) -> Refusal {
    let line = found
        .dynamic
        .span()
        .map_or(1, |span| subject.file().line(span.start));
    Refusal::new(
        RefusalKind::UnsupportedShape,
        format!(
            "`{}` of `{}` is written by a `dynamic` block ({}:{line}) {why}",
            found.path.join("."),
            subject.name(),
            subject.file().path(),
        ),
        format!(
            "set `{}` in its `content`, or what its `for_each` asks, by hand",
            wanted.setting.path.join(".")
        ),
    )
}
