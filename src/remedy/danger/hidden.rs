//! Override files: nested blocks of theirs replace those of the block that they change.

use hcl_edit::Span as _;

use crate::remedy::subject::Subject;
use crate::remedy::{Draft, Refusal, RefusalKind};
use crate::terraform::Edit;

/// Refuses an edit inside a nested block that an override file replaces as a whole.
pub(super) fn not_overridden(subject: &Subject<'_, '_>, draft: &Draft) -> Result<(), Refusal> {
    if draft.block != subject.name() || subject.at.overrides.is_empty() {
        return Ok(());
    }
    let own = subject.span();
    // What the block says already, and the override hides, needs no edit at all.
    let nothing = draft.edits.is_empty();
    let in_block = nothing
        || draft.edits.iter().any(|edit| match edit {
            Edit::Splice { file, range, .. } => {
                file == subject.file().path() && own.start <= range.start && range.end <= own.end
            }
            Edit::NewFile { .. } => false,
        });
    if !in_block {
        return Ok(());
    }
    for path in &draft.paths {
        let (Some(first), true) = (path.split('.').next(), path.contains('.')) else {
            continue;
        };
        let replaced = subject.at.overrides.iter().rev().find_map(|(file, block)| {
            let nested = block.body.get_blocks(first).next()?;
            Some((file, nested.span().map_or(1, |s| file.line(s.start))))
        });
        if let Some((file, line)) = replaced {
            return Err(Refusal::new(
                RefusalKind::UnsupportedShape,
                format!(
                    "`{first}` of `{}` is replaced by an override file ({}:{line}): an edit of {} would be merged and do \
                     nothing",
                    subject.name(),
                    file.path(),
                    subject.file().path()
                ),
                format!("set `{path}` in {}", file.path()),
            ));
        }
    }
    Ok(())
}
