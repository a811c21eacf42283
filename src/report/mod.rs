//! What a person or a machine reads on stdout: the five formats of an [`Output`].

use std::io::{self, Write};

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
            serde_json::to_writer_pretty(&mut *to, output)?;
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
