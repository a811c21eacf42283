//! The text a person reads.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Group, groups, in_touched, newly_suppressed};
use crate::check::{CheckOutput, CheckResult, Verdict};
use crate::report::text::{BOLD, CYAN, DIM, GREEN, YELLOW, plain, severity_style};

/// Module calls that lead out of the repository are named up to this many.
const UNSEEN: usize = 5;

fn group(group: &Group<'_>, to: &mut dyn Write) -> io::Result<()> {
    let first = group.first;
    let style = severity_style(&first.severity);
    writeln!(
        to,
        "  {style}{:<8}{style:#} {BOLD}{}{BOLD:#} {}",
        first.severity,
        plain(&first.rule),
        plain(&group.instances())
    )?;
    writeln!(to, "      {}", plain(&group.why()))?;
    if let Some(reason) = &first.reason
        && !reason.next.is_empty()
    {
        writeln!(to, "      {DIM}next:{DIM:#} {}", plain(&reason.next))?;
    }
    if let Some(by) = &first.decided_by {
        writeln!(to, "      {DIM}decided by {}{DIM:#}", plain(by))?;
    }
    write!(
        to,
        "      {CYAN}{}:{}{CYAN:#}",
        plain(&first.file),
        first.line
    )?;
    let decided = &first.decided_at;
    if decided.file != first.file || decided.line != first.line {
        write!(
            to,
            "{DIM}, decided at{DIM:#} {CYAN}{}:{}{CYAN:#}",
            plain(&decided.file),
            decided.line
        )?;
    }
    writeln!(to)
}

fn section(
    output: &CheckOutput,
    title: &str,
    chosen: impl Fn(&CheckResult) -> bool,
    to: &mut dyn Write,
) -> io::Result<()> {
    let groups = groups(output, chosen);
    if groups.is_empty() {
        return Ok(());
    }
    let number: usize = groups.iter().map(|g| g.all.len()).sum();
    writeln!(to, "{BOLD}{title}{BOLD:#} ({number})")?;
    for one in &groups {
        group(one, to)?;
    }
    writeln!(to)
}

/// What cannot be told is much in code that takes its values from elsewhere: by default one line a reason.
fn unknown(output: &CheckOutput, to: &mut dyn Write) -> io::Result<()> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for result in &output.results {
        if let (Verdict::Unknown, Some(reason)) = (result.verdict, &result.reason) {
            *kinds.entry(&reason.kind).or_default() += 1;
        }
    }
    if kinds.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = kinds.iter().map(|(k, n)| format!("{k} ×{n}")).collect();
    writeln!(
        to,
        "{BOLD}Cannot be told from the code{BOLD:#} ({}): {} {DIM}(--all lists them){DIM:#}\n",
        output.count(Verdict::Unknown),
        list.join(", ")
    )
}

pub(super) fn write(output: &CheckOutput, verbose: bool, to: &mut dyn Write) -> io::Result<()> {
    let of = |verdict| move |r: &CheckResult| r.verdict == verdict;
    let unsafe_title = if output.base.is_some() {
        "Unsafe since the base"
    } else {
        "Unsafe"
    };
    section(output, unsafe_title, of(Verdict::Unsafe), to)?;
    if verbose {
        section(output, "Unsafe on the base, too", of(Verdict::Existing), to)?;
        section(output, "Suppressed", of(Verdict::Suppressed), to)?;
        section(
            output,
            "Cannot be told from the code",
            of(Verdict::Unknown),
            to,
        )?;
        section(output, "Safe", of(Verdict::Safe), to)?;
    } else {
        let title = "Unsafe on the base, too, in what the change touches";
        section(output, title, in_touched, to)?;
        section(output, "Newly suppressed", newly_suppressed, to)?;
        unknown(output, to)?;
    }
    for problem in &output.problems {
        writeln!(to, "{YELLOW}not read{YELLOW:#} {}", plain(problem))?;
    }
    unseen(output, verbose, to)?;
    if let Some(base) = &output.base {
        writeln!(
            to,
            "{DIM}compared with {} ({}); files that differ: {}{DIM:#}",
            plain(&base.reference),
            base.commit.get(..12).unwrap_or(&base.commit),
            base.changed.len()
        )?;
        for note in &base.notes {
            writeln!(to, "{YELLOW}note{YELLOW:#} {}", plain(note))?;
        }
    }
    let count = |name: &str| output.summary.get(name).copied().unwrap_or(0);
    let parts: Vec<String> = Verdict::ALL
        .iter()
        .filter(|v| output.count(**v) > 0)
        .map(|v| match v {
            Verdict::Existing => format!("{} unsafe on the base, too", output.count(*v)),
            v => format!("{} {}", output.count(*v), v.key()),
        })
        .collect();
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    writeln!(
        to,
        "{BOLD}{}{BOLD:#} of {} by {} in {}: {}",
        plural(count("checks"), "check"),
        plural(count("instances"), "instance"),
        plural(count("rules"), "rule"),
        plural(count("roots"), "root"),
        if parts.is_empty() {
            "nothing to check".to_owned()
        } else {
            parts.join(" · ")
        }
    )?;
    if output.count(Verdict::Unsafe) == 0 && output.problems.is_empty() && count("checks") > 0 {
        writeln!(to, "{GREEN}nothing unsafe{GREEN:#}")?;
    }
    Ok(())
}

fn unseen(output: &CheckOutput, verbose: bool, to: &mut dyn Write) -> io::Result<()> {
    let shown = if verbose {
        output.unseen.len()
    } else {
        output.unseen.len().min(UNSEEN)
    };
    for call in &output.unseen[..shown] {
        writeln!(
            to,
            "{YELLOW}not seen{YELLOW:#} {} {DIM}({}:{}){DIM:#}: its source is not in the repository{}",
            plain(&call.call),
            plain(&call.at.file),
            call.at.line,
            call.source
                .as_ref()
                .map_or_else(String::new, |s| format!(" ({})", plain(s)))
        )?;
    }
    let more = output.unseen.len() - shown;
    if more > 0 {
        writeln!(
            to,
            "{YELLOW}not seen{YELLOW:#} {more} more module calls {DIM}(--all lists them){DIM:#}"
        )?;
    }
    Ok(())
}
