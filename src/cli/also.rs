//! Where an answer goes: stdout, further files (`--also`), and the GitHub Actions step around the run.
//!
//! In a public repository everybody reads a step's log and summary. There they say how many findings there are, not
//! which; files are written in full, because whoever runs the step decides what becomes of them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, anyhow};
use clap::ValueEnum as _;

use super::Stop;
use super::args::Inputs;
use super::session::Worked;
use crate::notify::actions::Step;
use crate::outcome::Output;
use crate::report::{self, Format};

/// `--also FORMAT=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Also {
    format: Format,
    path: PathBuf,
}

impl FromStr for Also {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let known = || {
            Format::value_variants()
                .iter()
                .filter_map(|f| Some(f.to_possible_value()?.get_name().to_owned()))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (format, path) = given
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or_else(|| format!("give FORMAT=FILE; formats are {}", known()))?;
        Ok(Self {
            format: Format::from_str(format, false)
                .map_err(|_| format!("`{format}` is no format; there are {}", known()))?,
            path: PathBuf::from(path),
        })
    }
}

impl Also {
    pub(super) fn format(&self) -> Format {
        self.format
    }

    fn write(&self, output: &Output, diff: &str, all: bool) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        // Styles are for terminals.
        let mut plain = anstream::StripStream::new(&mut bytes);
        report::write(output, self.format, diff, all, &mut plain)?;
        replace(&self.path, &bytes)
            .with_context(|| format!("--also: {} cannot be written", self.path.display()))
            .map_err(Stop::Failed)
    }
}

/// A reader of the file sees the old content or the new, never half of it.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::symlink_metadata(path).is_ok_and(|m| !m.is_file()) {
        // A pipe, a device (`/dev/stdout`), a link: written to, not replaced.
        return std::fs::write(path, bytes);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let draft = path.with_file_name(name);
    std::fs::write(&draft, bytes)?;
    std::fs::rename(&draft, path).inspect_err(|_| {
        // The draft is of no use to anybody; the error that matters is the other one.
        let _ = std::fs::remove_file(&draft);
    })
}

/// Writes the answer everywhere it was asked for.
///
/// `public` says whether the configuration lets findings be named in public.
pub(super) fn answer(
    worked: &Worked,
    inputs: &Inputs,
    public: bool,
    out: &mut dyn Write,
) -> Result<(), Stop> {
    let output = &worked.output;
    let step = inputs
        .github_step
        .then(|| Step::from_env(&|name| std::env::var(name).ok()))
        .transpose()
        .map_err(|e| Stop::Usage(anyhow!(e)))?;
    let disclose = public || step.as_ref().is_none_or(|s| !s.is_public());
    if disclose {
        report::write(output, inputs.format, &worked.diff, inputs.all, out)?;
    } else {
        writeln!(
            out,
            "{} findings; which ones is not said in the log of a public repository",
            output.summary.get("findings").copied().unwrap_or(0)
        )?;
    }
    let rooted = step
        .as_ref()
        .and_then(|s| s.seen_from_the_top(output, &inputs.repo));
    for also in inputs
        .also
        .iter()
        .filter(|a| disclose || a.format != Format::Github)
    {
        // Annotations and code scanning look for files from the top of the checkout.
        let output = match (also.format, &rooted) {
            (Format::Github | Format::Sarif, Some(rooted)) => rooted,
            _ => output,
        };
        also.write(output, &worked.diff, inputs.all)?;
    }
    if let Some(step) = step {
        step.tell(output, disclose)
            .map_err(|e| Stop::Failed(anyhow!(e)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_and_a_file() {
        let also: Also = "sarif=out/a=b.sarif".parse().unwrap();
        assert_eq!(also.format, Format::Sarif);
        assert_eq!(also.path, Path::new("out/a=b.sarif"));
        for wrong in ["sarif", "sarif=", "xml=out", "=out"] {
            let error = wrong.parse::<Also>().unwrap_err();
            assert!(error.contains("sarif"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_file_is_replaced_whole_and_a_failed_write_leaves_no_draft() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("out");
        replace(&file, b"one").unwrap();
        replace(&file, b"two").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(replace(&dir.path().join("no/such/out"), b"x").is_err());
    }
}
