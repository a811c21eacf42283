//! The text a person reads. Styles are written always; the caller's stream strips them when it is no terminal.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::outcome::{Outcome, OutcomeKind, Output};

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const RED: Style = AnsiColor::Red.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default();

/// Foreign text must not drive the terminal, hide or turn itself, or command a GitHub runner: that reads workflow
/// commands (`::…` at a line's start, `##[…]` anywhere) from whatever a step prints.
pub(crate) fn plain(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|c| match c {
            c if c.is_control() => ' ',
            '\u{00ad}'
            | '\u{061c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
            c => c,
        })
        .collect();
    let shown = shown.replace("##[", "## [");
    match shown.trim_start().strip_prefix("::") {
        Some(command) => format!(": :{command}"),
        None => shown,
    }
}

pub(super) fn severity_style(severity: &str) -> Style {
    match severity {
        "critical" | "high" => RED,
        "medium" => YELLOW,
        _ => DIM,
    }
}

fn headline(o: &Outcome, to: &mut dyn Write) -> io::Result<()> {
    let f = &o.finding;
    let severity = f.severity.as_deref().unwrap_or("");
    let style = severity_style(severity);
    write!(to, "  {style}{severity:<8}{style:#} ")?;
    write!(
        to,
        "{BOLD}{}{BOLD:#} ",
        plain(f.control.as_deref().unwrap_or("-"))
    )?;
    writeln!(
        to,
        "{}",
        plain(f.resource.as_deref().unwrap_or(f.key.as_str()))
    )
}

fn coloured_diff(diff: &str, to: &mut dyn Write) -> io::Result<()> {
    for line in diff.lines() {
        let style = match line.as_bytes().first() {
            _ if line.starts_with("+++") || line.starts_with("---") => BOLD,
            Some(b'+') => GREEN,
            Some(b'-') => RED,
            Some(b'@') => CYAN,
            _ => Style::new(),
        };
        writeln!(to, "      {style}{}{style:#}", plain(line))?;
    }
    Ok(())
}

fn proposed(o: &Outcome, to: &mut dyn Write) -> io::Result<()> {
    headline(o, to)?;
    let place = match (&o.file, o.line) {
        (Some(file), Some(line)) => format!("{}:{line}", plain(file)),
        (Some(file), None) => plain(file),
        _ => String::new(),
    };
    writeln!(
        to,
        "      {} {DIM}at{DIM:#} {CYAN}{place}{CYAN:#} {DIM}· {} · located by {} ({}) · {}{DIM:#}",
        plain(o.address.as_deref().unwrap_or("-")),
        o.rule.as_deref().unwrap_or("-"),
        o.evidence.as_deref().unwrap_or("-"),
        o.confidence.as_deref().unwrap_or("-"),
        o.impact.as_deref().unwrap_or("-"),
    )?;
    if !o.also_changes.is_empty() {
        writeln!(
            to,
            "      {YELLOW}also changes{YELLOW:#} {}",
            plain(&o.also_changes.join(", "))
        )?;
    }
    for warning in &o.warnings {
        writeln!(to, "      {YELLOW}note{YELLOW:#} {}", plain(warning))?;
    }
    let people = [
        ("owned by", &o.owners),
        ("last changed by", &o.last_committers),
    ];
    for (what, names) in people.into_iter().filter(|(_, names)| !names.is_empty()) {
        writeln!(to, "      {DIM}{what} {}{DIM:#}", plain(&names.join(", ")))?;
    }
    if let Some(diff) = &o.diff {
        coloured_diff(diff, to)?;
    }
    writeln!(to)
}

fn explained(o: &Outcome, to: &mut dyn Write) -> io::Result<()> {
    headline(o, to)?;
    if let Some(address) = &o.address {
        let place = match (&o.file, o.line) {
            (Some(file), Some(line)) => format!(" at {}:{line}", plain(file)),
            _ => String::new(),
        };
        writeln!(to, "      {}{place}", plain(address))?;
    }
    if let Some(reason) = &o.reason {
        writeln!(
            to,
            "      {YELLOW}{}{YELLOW:#}: {}",
            reason.kind,
            plain(&reason.message)
        )?;
        if !reason.next.is_empty() {
            writeln!(to, "      {DIM}next:{DIM:#} {}", plain(&reason.next))?;
        }
    }
    for tried in &o.tried {
        writeln!(to, "      {DIM}tried {}{DIM:#}", plain(tried))?;
    }
    if let Some(by) = &o.decided_by {
        writeln!(to, "      {DIM}decided by {}{DIM:#}", plain(by))?;
    }
    writeln!(to)
}

fn section(
    output: &Output,
    kind: OutcomeKind,
    title: &str,
    each: fn(&Outcome, &mut dyn Write) -> io::Result<()>,
    to: &mut dyn Write,
) -> io::Result<()> {
    if output.count(kind) == 0 {
        return Ok(());
    }
    writeln!(to, "{BOLD}{title}{BOLD:#} ({})", output.count(kind))?;
    for o in output.outcomes.iter().filter(|o| o.outcome == kind) {
        each(o, to)?;
    }
    Ok(())
}

/// Controls without a rule are many and need one line each, not one block each.
fn no_rule(output: &Output, to: &mut dyn Write) -> io::Result<()> {
    let mut by_control: BTreeMap<String, usize> = BTreeMap::new();
    for o in output
        .outcomes
        .iter()
        .filter(|o| o.outcome == OutcomeKind::NoRule)
    {
        let control = plain(o.finding.control.as_deref().unwrap_or("(no control named)"));
        *by_control.entry(control).or_default() += 1;
    }
    if by_control.is_empty() {
        return Ok(());
    }
    writeln!(
        to,
        "{BOLD}No rule yet{BOLD:#} ({})",
        output.count(OutcomeKind::NoRule)
    )?;
    let list: Vec<String> = by_control
        .iter()
        .map(|(control, n)| {
            if *n == 1 {
                control.clone()
            } else {
                format!("{control} ×{n}")
            }
        })
        .collect();
    const SHOWN: usize = 12;
    write!(to, "  {}", list[..list.len().min(SHOWN)].join(", "))?;
    if list.len() > SHOWN {
        write!(to, " and {} more controls", list.len() - SHOWN)?;
    }
    writeln!(to, "\n")
}

fn changes(output: &Output, to: &mut dyn Write) -> io::Result<()> {
    if output.changes.is_empty() {
        return Ok(());
    }
    writeln!(to, "{BOLD}Pull requests{BOLD:#} ({})", output.changes.len())?;
    for c in &output.changes {
        let style = match c.step.as_str() {
            "open" | "update" => GREEN,
            "defer" => YELLOW,
            _ => DIM,
        };
        writeln!(to, "  {style}{:<7}{style:#}{}", c.step, plain(&c.title))?;
        writeln!(to, "         {DIM}{}{DIM:#}", plain(&c.id))?;
        if let Some(reason) = &c.reason {
            writeln!(to, "         {DIM}{}{DIM:#}", plain(reason))?;
        }
        if let Some(pull_request) = &c.pull_request {
            writeln!(to, "         {CYAN}{}{CYAN:#}", plain(pull_request))?;
        }
    }
    writeln!(to)
}

pub(super) fn write(output: &Output, verbose: bool, to: &mut dyn Write) -> io::Result<()> {
    section(output, OutcomeKind::Proposed, "Proposed", proposed, to)?;
    section(
        output,
        OutcomeKind::Emergency,
        "Emergency class",
        explained,
        to,
    )?;
    section(
        output,
        OutcomeKind::Refused,
        "Refused: a person has to decide",
        explained,
        to,
    )?;
    section(
        output,
        OutcomeKind::NotLocated,
        "Not located",
        explained,
        to,
    )?;
    section(
        output,
        OutcomeKind::Advice,
        "Advice, no edit",
        explained,
        to,
    )?;
    section(output, OutcomeKind::Deferred, "Deferred", explained, to)?;
    section(output, OutcomeKind::Failed, "Failed", explained, to)?;
    section(
        output,
        OutcomeKind::Invalid,
        "Unreadable records",
        explained,
        to,
    )?;
    no_rule(output, to)?;
    if verbose {
        for (kind, title) in [
            (OutcomeKind::AlreadySafe, "Already safe in code"),
            (OutcomeKind::Duplicate, "The same problem again"),
            (OutcomeKind::Suppressed, "Suppressed"),
            (OutcomeKind::Resolved, "Resolved or archived in the scanner"),
            (OutcomeKind::Passed, "Passed"),
        ] {
            section(output, kind, title, explained, to)?;
        }
    }
    for problem in &output.problems {
        writeln!(to, "{YELLOW}not read{YELLOW:#} {}", plain(problem))?;
    }
    changes(output, to)?;
    let total = output.summary["findings"];
    let parts: Vec<String> = OutcomeKind::ALL
        .iter()
        .filter(|k| output.count(**k) > 0)
        .map(|k| format!("{} {}", output.count(*k), k.words()))
        .collect();
    writeln!(
        to,
        "{BOLD}{total} finding{}{BOLD:#}: {}",
        if total == 1 { "" } else { "s" },
        if parts.is_empty() {
            "nothing to do".to_owned()
        } else {
            parts.join(" · ")
        }
    )
}
