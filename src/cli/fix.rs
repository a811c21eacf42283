//! `tfmend fix`: edits the working tree only.

use std::io::Write;

use anyhow::Context as _;

use super::args::Inputs;
use super::session::{Attended, Session};
use super::{Done, Stop};
use crate::journal::Entry;
use crate::terraform::edit;

pub(super) fn run(inputs: &Inputs, out: &mut dyn Write) -> Done {
    // What was read is given back with the process.
    let session = std::mem::ManuallyDrop::new(Session::read(inputs, Attended::Yes)?);
    let mut journal = session.journal(inputs.journal.as_deref())?;
    let worked = session.work(|run, stages| Ok::<_, Stop>(stages.without_forge(run)))?;
    let worked = std::mem::ManuallyDrop::new(worked);
    session.record(&worked, journal.as_mut())?;
    let files = edit::apply(&session.estate, &worked.edits)
        .map_err(|e| Stop::Failed(anyhow::anyhow!(e)))?;
    session
        .tree
        .write(&files)
        .map_err(|e| Stop::Failed(anyhow::anyhow!(e)))?;
    if let Some(journal) = &mut journal {
        let entries: Vec<Entry> = files
            .keys()
            .map(|path| {
                let mut entry = Entry::new(session.now, "fix", "edited");
                entry.address = Some(path.to_string());
                entry
            })
            .collect();
        journal
            .append_all(&entries)
            .context("the files are edited, but not recorded")?;
    }
    session.answer(&worked, inputs, out)
}
