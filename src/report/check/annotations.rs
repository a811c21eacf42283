//! GitHub Actions annotations of a check: what is unsafe is an error at the place that decides it.

use std::io::{self, Write};

use super::{Group, groups, in_touched, newly_suppressed};
use crate::check::{CheckOutput, CheckResult, Verdict};
use crate::report::annotations::{SHOWN, data, property};

fn annotation(level: &str, group: &Group<'_>, words: &str) -> String {
    let first = group.first;
    let at = &first.decided_at;
    let title = format!("{}: {words}", first.rule);
    let mut text = format!("{}: {}", group.instances(), group.why());
    if at.file != first.file || at.line != first.line {
        text.push_str(&format!(" (the block: {}:{})", first.file, first.line));
    }
    format!(
        "::{level} file={},line={},title={}::{}",
        property(&at.file),
        at.line,
        property(&title),
        data(&text)
    )
}

pub(super) fn write(output: &CheckOutput, to: &mut dyn Write) -> io::Result<()> {
    let is_unsafe = |r: &CheckResult| r.verdict == Verdict::Unsafe;
    let levels = [
        ("error", groups(output, is_unsafe), "unsafe"),
        (
            "warning",
            groups(output, in_touched),
            "unsafe on the base, too",
        ),
        (
            "notice",
            groups(output, newly_suppressed),
            "newly suppressed",
        ),
    ];
    for (level, groups, words) in levels {
        let shown = if groups.len() > SHOWN {
            SHOWN - 1
        } else {
            groups.len()
        };
        for group in &groups[..shown] {
            writeln!(to, "{}", annotation(level, group, words))?;
        }
        if groups.len() > shown {
            writeln!(
                to,
                "::{level} title=tfmend::and {} more; see --format json",
                groups.len() - shown
            )?;
        }
    }
    for problem in output.problems.iter().take(SHOWN) {
        writeln!(to, "::warning title=tfmend%3A not read::{}", data(problem))?;
    }
    Ok(())
}
