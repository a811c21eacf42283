//! What a person or a machine reads of a [`CheckOutput`]: text, JSON, SARIF, annotations.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::check::{CheckOutput, CheckResult, Verdict};

mod annotations;
mod sarif;
mod text;

/// `--format` of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CheckFormat {
    /// For a person.
    Text,
    /// Version 1, see `tfmend schema check`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a GitHub Actions run.
    Github,
}

/// Writes an answer in a format; `verbose` lists what needs nobody as well (text).
///
/// # Errors
/// Only those of the writer.
pub fn write(
    output: &CheckOutput,
    format: CheckFormat,
    verbose: bool,
    to: &mut dyn Write,
) -> io::Result<()> {
    match format {
        CheckFormat::Text => text::write(output, verbose, to),
        CheckFormat::Json => {
            serde_json::to_writer_pretty(&mut *to, output)?;
            writeln!(to)
        }
        CheckFormat::Sarif => {
            serde_json::to_writer_pretty(&mut *to, &sarif::log(output))?;
            writeln!(to)
        }
        CheckFormat::Github => annotations::write(output, to),
    }
}

/// Results that say the same of one block and one deciding place: a module's block is seen from every root that calls
/// it.
struct Group<'o> {
    first: &'o CheckResult,
    all: Vec<&'o CheckResult>,
}

impl Group<'_> {
    /// The instance in words, with the number of the others.
    fn instances(&self) -> String {
        let first = self.first;
        let mut words = first.address.clone();
        if first.every_instance {
            words.push_str(" (every instance)");
        }
        if !first.root.is_empty() {
            words = format!("{words} in {}", first.root);
        }
        match self.all.len() - 1 {
            0 => words,
            1 => format!("{words} and 1 more instance"),
            n => format!("{words} and {n} more instances"),
        }
    }

    /// What is unsafe, or why it is not known or left alone.
    fn why(&self) -> String {
        match &self.first.reason {
            Some(reason) => reason.message.clone(),
            None => self.first.why.join("; "),
        }
    }
}

/// The results that `chosen` accepts, grouped, in order of severity (worst first), file and line.
fn groups<'o>(output: &'o CheckOutput, chosen: impl Fn(&CheckResult) -> bool) -> Vec<Group<'o>> {
    let mut by: BTreeMap<_, Group<'o>> = BTreeMap::new();
    for result in output.results.iter().filter(|r| chosen(r)) {
        let key = (
            std::cmp::Reverse(rank(&result.severity)),
            &result.file,
            result.line,
            &result.rule,
            &result.decided_at,
            nameless(result),
            result.reason.as_ref().map(|r| &r.kind),
            result.verdict,
        );
        by.entry(key)
            .or_insert_with(|| Group {
                first: result,
                all: Vec::new(),
            })
            .all
            .push(result);
    }
    by.into_values().collect()
}

/// The complaints without the instance's address, which each of them may name.
fn nameless(result: &CheckResult) -> Vec<String> {
    let without = |why: &String| why.replace(&format!("`{}`", result.address), "");
    result.why.iter().map(without).collect()
}

fn rank(severity: &str) -> usize {
    ["informational", "low", "medium", "high", "critical"]
        .iter()
        .position(|s| *s == severity)
        .unwrap_or(0)
}

/// What was so before and is now left in what the change touches.
fn in_touched(result: &CheckResult) -> bool {
    result.verdict == Verdict::Existing && result.touched == Some(true)
}

/// What the change left alone by a comment or a line of the configuration.
fn newly_suppressed(result: &CheckResult) -> bool {
    result.verdict == Verdict::Suppressed && result.new == Some(true)
}
