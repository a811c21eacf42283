//! What an apply would replace along with the change, and what it may not destroy.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::Block;

use crate::remedy::removal::{self, GRANTS};
use crate::remedy::subject::Subject;
use crate::remedy::{Draft, Refusal, RefusalKind};
use crate::terraform::SourceFile;
use crate::terraform::module::Occurrence;

/// The `lifecycle` arguments of a block, with those of its override files first: they win.
fn lifecycle<'a>(at: &Occurrence<'a>, argument: &str) -> Option<(&'a SourceFile, &'a Expression)> {
    let own = std::iter::once((at.resource.file, at.resource.block));
    at.overrides
        .iter()
        .rev()
        .copied()
        .chain(own)
        .find_map(|(file, block)| Some((file, argument_of(block, argument)?)))
}

fn argument_of<'b>(block: &'b Block, argument: &str) -> Option<&'b Expression> {
    block
        .body
        .get_blocks("lifecycle")
        .find_map(|inner| inner.body.get_attribute(argument))
        .map(|attribute| &attribute.value)
}

/// Refuses when another block of the module is replaced whenever this one changes (`replace_triggered_by`).
pub(super) fn nothing_along(subject: &Subject<'_, '_>, draft: &Draft) -> Result<(), Refusal> {
    let module = subject.cfg.estate().files_in(&subject.at.module);
    if !module
        .into_iter()
        .any(|f| memchr::memmem::find(f.text().as_bytes(), b"replace_triggered_by").is_some())
    {
        return Ok(());
    }
    let resource = &subject.at.resource;
    for (file, block) in removal::references(subject, &[resource.kind, resource.name]) {
        if block.ident.as_str() != "resource" {
            continue;
        }
        let Some(Expression::Array(triggers)) = argument_of(block, "replace_triggered_by") else {
            continue;
        };
        if !triggers.iter().any(|t| is_pulled(t, subject, draft)) {
            continue;
        }
        let label = |i: usize| block.labels.get(i).map_or("", |l| l.as_str());
        if GRANTS.contains(&label(0)) {
            continue;
        }
        return Err(Refusal::new(
            RefusalKind::WouldReplace,
            format!(
                "a change of `{}` replaces `{}.{}` (`replace_triggered_by`, {}:{})",
                subject.name(),
                label(0),
                label(1),
                file.path(),
                block.span().map_or(1, |s| file.line(s.start))
            ),
            "plan that replacement by hand, or take the trigger out and run again",
        ));
    }
    Ok(())
}

/// Whether a trigger is pulled by the draft: it names the whole resource, or an attribute that is changed.
fn is_pulled(trigger: &Expression, subject: &Subject<'_, '_>, draft: &Draft) -> bool {
    let Expression::Traversal(traversal) = trigger else {
        return false;
    };
    let first = traversal.expr.as_variable().map(|v| v.as_str().to_owned());
    let names = traversal.operators.iter().filter_map(|o| match o.value() {
        TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
        _ => None,
    });
    let path: Vec<String> = first.into_iter().chain(names).collect();
    let resource = &subject.at.resource;
    if path.first().map(String::as_str) != Some(resource.kind)
        || path.get(1).map(String::as_str) != Some(resource.name)
    {
        return false;
    }
    let Some(attribute) = path.get(2) else {
        return true;
    };
    // Of another block than the one whose paths the draft names, nobody knows which attributes change.
    draft.block != subject.name()
        || draft.paths.iter().any(|changed| {
            let own = format!("{}.", subject.name());
            let changed = changed.strip_prefix(&own).unwrap_or(changed);
            changed.split('.').next() == Some(attribute)
        })
}

/// Refuses when a block that goes, or is replaced by its own change, must not be destroyed.
pub(super) fn not_prevented(subject: &Subject<'_, '_>, draft: &Draft) -> Result<(), Refusal> {
    // A change of such a rule is a new rule for the provider.
    let replaces_itself = subject.at.resource.kind == "aws_security_group_rule";
    if !replaces_itself && !draft.removed.contains(&subject.affected()) {
        return Ok(());
    }
    let Some((file, prevented)) = lifecycle(&subject.at, "prevent_destroy") else {
        return Ok(());
    };
    // Terraform takes nothing but a literal here.
    if prevented.as_bool() == Some(false) {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::Precondition,
        format!(
            "`{}` would be destroyed, and `prevent_destroy` forbids it ({}:{})",
            subject.address,
            file.path(),
            prevented.span().map_or(1, |s| file.line(s.start))
        ),
        "decide whether it may go; if so, take `prevent_destroy` out and run again",
    ))
}
