//! An argument of a module call that is not written yet: the variable's default would not decide any more.

use hcl_edit::Span as _;

use super::{Change, Tried, Wanted, attempt, is_external, own_path};
use crate::remedy::reach::Reached;
use crate::remedy::subject::Subject;
use crate::remedy::{Previous, literal};
use crate::terraform::RepoPath;
use crate::terraform::Value;
use crate::terraform::edit::Pen;
use crate::terraform::module::Configuration;
use crate::terraform::value::{Origin, OriginPlace};

/// Gives the module call an argument, so that the variable's default does not decide any more.
pub(super) fn argument(
    subject: &Subject<'_, '_>,
    wanted: &Wanted<'_>,
    value: &Value,
    name: &str,
    tried: &mut Tried,
) -> Option<Change> {
    let declared_in = value
        .decided_by
        .iter()
        .chain(&value.via)
        .find(|o| matches!(&o.place, OriginPlace::VariableDefault(n) if n == name))?
        .file
        .parent();
    let number = call_into(subject, &declared_in)?;
    let call = subject.cfg.calls(&subject.at).get(number).copied()?;
    if is_external(call.file.path()) || !call.file.has_spans() {
        return None;
    }
    if call.block.body.get_attribute(name).is_some() {
        return None;
    }
    let text = literal::text(wanted.value);
    let edits = Pen::new(call.file).set_attribute(call.block, name, &text);
    let also = attempt(subject, wanted, &edits, tried, |edited| {
        written_argument(edited, subject, number, name)
            .map(|origin| {
                edited
                    .decided_here(&origin)
                    .iter()
                    .map(Reached::from)
                    .collect()
            })
            .unwrap_or_default()
    })?;
    let place = format!(
        "argument `{name}` of `module.{}` in {}",
        call.name,
        call.file.path()
    );
    Some(Change {
        edits,
        previous: Previous {
            path: format!("{}, decided by {place}", own_path(subject, wanted.setting)),
            value: None,
        },
        also,
        elsewhere: Some(place),
    })
}

/// Number of the call on the way to the subject that leads into a directory.
fn call_into(subject: &Subject<'_, '_>, dir: &RepoPath) -> Option<usize> {
    let calls = subject.cfg.calls(&subject.at);
    (0..calls.len()).rev().find(|number| {
        // The next call stands in the directory that this one leads into.
        let into = calls.get(number + 1).map_or_else(
            || subject.at.module.clone(),
            |next| next.file.path().parent(),
        );
        into == *dir
    })
}

/// Where the argument stands after the edit.
fn written_argument(
    edited: &Configuration<'_>,
    subject: &Subject<'_, '_>,
    number: usize,
    name: &str,
) -> Option<Origin> {
    let found = Subject::find(edited, &subject.at.root, &subject.address)?;
    let call = edited.calls(&found.at).get(number).copied()?;
    let span = call.block.body.get_attribute(name)?.value.span()?;
    Some(Origin {
        file: call.file.path().clone(),
        span,
        place: OriginPlace::ModuleArgument(name.to_owned()),
    })
}
