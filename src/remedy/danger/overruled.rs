//! Settings that something of the same account decides over.

use crate::remedy::subject::Subject;

/// The sentence for the reviewer when another block of the root decides over what is changed.
pub(super) fn by(subject: &Subject<'_, '_>) -> Option<String> {
    let kind = subject.at.resource.kind;
    let (over, what) = match kind {
        "aws_ecr_repository" => (
            "aws_ecr_registry_scanning_configuration",
            "decides for the whole registry which repositories are scanned: with its filters, the setting of the \
             repository itself may have no effect",
        ),
        _ => return None,
    };
    let other = subject
        .cfg
        .occurrences(over)
        .into_iter()
        .find(|o| o.root == subject.at.root)?;
    Some(format!(
        "`{}` ({}) {what}.",
        other.address,
        other.resource.file.path()
    ))
}
