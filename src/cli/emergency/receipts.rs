//! `tfmend emergency list` and `show`: the receipts of a journal, whose chain is verified first.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use serde_json::json;

use super::args::{ListArgs, ShowArgs};
use super::show;
use crate::cli::args::ListFormat;
use crate::cli::{Done, Stop, code};
use crate::emergency::{Case, History};

/// Where receipts are kept when nothing is said.
const DEFAULT: &str = ".tfmend/emergency.ndjson";

/// The journal: as named, `TFMEND_JOURNAL`, or the default below the working directory.
pub(super) fn path(named: Option<&Path>) -> PathBuf {
    named.map(Path::to_owned).unwrap_or_else(|| {
        std::env::var_os("TFMEND_JOURNAL")
            .filter(|name| !name.is_empty())
            .map_or_else(|| PathBuf::from(DEFAULT), PathBuf::from)
    })
}

/// The receipts of a journal.
pub(super) fn history(path: &Path) -> Result<History, Stop> {
    History::read(path).map_err(|e| Stop::Failed(e.into()))
}

/// The receipt with an id, of a journal that must exist.
pub(super) fn case<'h>(history: &'h History, id: &str, path: &Path) -> Result<&'h Case, Stop> {
    history.case(id).ok_or_else(|| {
        Stop::Usage(anyhow!(
            "`{}` holds no live change `{id}`; `tfmend emergency list` shows what it holds, --journal names another",
            path.display()
        ))
    })
}

pub(super) fn list(args: &ListArgs, out: &mut dyn Write) -> Done {
    let path = path(args.journal.journal.as_deref());
    let history = history(&path)?;
    match args.format {
        ListFormat::Json => {
            let receipts: Vec<_> = history.cases().iter().map(show::case_json).collect();
            let answer = json!({ "version": 1, "receipts": receipts });
            serde_json::to_writer_pretty(&mut *out, &answer).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        ListFormat::Text => {
            for case in history.cases() {
                show::line(case, out)?;
            }
            writeln!(
                out,
                "{} live change(s) in {}",
                history.cases().len(),
                path.display()
            )?;
        }
    }
    Ok(code::DONE)
}

pub(super) fn show(args: &ShowArgs, out: &mut dyn Write) -> Done {
    let path = path(args.journal.journal.as_deref());
    let history = history(&path)?;
    let case = case(&history, &args.id, &path)?;
    match args.format {
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &show::case_json(case))
                .map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        ListFormat::Text => show::case(case, out)?,
    }
    Ok(code::DONE)
}
