//! What a person or a machine reads on stdout: the five formats of an [`Output`].

use std::io::{self, Write};

use rayon::prelude::*;
use serde::Serialize;

use crate::outcome::Output;

mod annotations;
pub mod check;
mod sarif;
mod text;

#[cfg(feature = "emergency")]
pub(crate) use text::plain;

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person.
    Text,
    /// Version 1, see `tfmend schema output`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a GitHub Actions run.
    Github,
    /// One unified diff of everything proposed.
    Diff,
}

/// An output as `serde_json::to_string_pretty` writes it, its long lists on all cores.
fn json(output: &Output) -> serde_json::Result<String> {
    let around = Output {
        version: output.version,
        summary: output.summary.clone(),
        outcomes: Vec::new(),
        changes: Vec::new(),
        problems: output.problems.clone(),
    };
    let mut text = serde_json::to_string_pretty(&around)?;
    // No line end stands in JSON text but between its parts: these are the two lists.
    for (empty, list) in [
        ("\n  \"outcomes\": [", items(&output.outcomes)?),
        ("\n  \"changes\": [", items(&output.changes)?),
    ] {
        if let Some(at) = text.find(empty) {
            text.insert_str(at + empty.len(), &list);
        }
    }
    Ok(text)
}

/// The inside of a list one level below the top.
fn items<T: Serialize + Sync>(all: &[T]) -> serde_json::Result<String> {
    if all.is_empty() {
        return Ok(String::new());
    }
    let texts: Vec<String> = all
        .par_iter()
        .map(|one| {
            let text = serde_json::to_string_pretty(one)?;
            Ok(format!("\n    {}", text.replace('\n', "\n    ")))
        })
        .collect::<serde_json::Result<_>>()?;
    Ok(format!("{}\n  ", texts.join(",")))
}

/// Writes an output in a format. `diff` is the unified diff of all changes together; `verbose` lists the
/// outcomes that need nobody as well.
///
/// # Errors
/// Only those of the writer.
pub fn write(
    output: &Output,
    format: Format,
    diff: &str,
    verbose: bool,
    to: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(output, verbose, to),
        Format::Json => {
            to.write_all(json(output)?.as_bytes())?;
            writeln!(to)
        }
        Format::Sarif => {
            serde_json::to_writer_pretty(&mut *to, &sarif::log(output))?;
            writeln!(to)
        }
        Format::Github => annotations::write(output, to),
        Format::Diff => to.write_all(diff.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{InvalidRecord, RecordPlace};
    use crate::outcome::{ChangeView, Outcome};

    #[test]
    fn lists_written_on_all_cores_are_written_as_ever() {
        let outcome = |number: u64| {
            let mut outcome = Outcome::invalid(&InvalidRecord {
                place: RecordPlace {
                    input: "a\n  \"changes\": [].json".into(),
                    number,
                },
                problem: "line\none, \u{1b}[31mred".to_owned(),
                expected: String::new(),
            });
            outcome.diff = Some("--- a\n+++ b\n".to_owned());
            outcome
        };
        for count in [0, 1, 3] {
            let outcomes: Vec<Outcome> = (0..count).map(outcome).collect();
            let change = |number: u64| ChangeView {
                id: format!("tfmend/{number}"),
                title: "a\r\nb".to_owned(),
                findings: vec!["x".to_owned(), "\n    y".to_owned()],
                files: Vec::new(),
                step: "open".to_owned(),
                reason: None,
                pull_request: None,
                error: None,
            };
            let changes: Vec<ChangeView> = (0..count / 2 + 1).map(change).collect();
            for problems in [Vec::new(), vec!["\n  \"outcomes\": [".to_owned()]] {
                let output = Output::new(outcomes.clone(), changes.clone(), problems);
                let output = Output {
                    changes: if count == 0 {
                        Vec::new()
                    } else {
                        output.changes
                    },
                    ..output
                };
                let plain = serde_json::to_string_pretty(&output).unwrap();
                assert_eq!(json(&output).unwrap(), plain);
            }
        }
    }
}
