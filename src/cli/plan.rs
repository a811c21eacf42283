//! `tfmend plan`: what would be done, for every finding. Writes nothing.

use std::io::Write;

use super::args::Inputs;
use super::session::{Attended, Session};
use super::{Done, Stop};

pub(super) fn run(inputs: &Inputs, out: &mut dyn Write) -> Done {
    // What was read is given back with the process.
    let session = std::mem::ManuallyDrop::new(Session::read(inputs, Attended::Yes)?);
    let worked = session.work(|run, stages| Ok::<_, Stop>(stages.without_forge(run)))?;
    let worked = std::mem::ManuallyDrop::new(worked);
    session.answer(&worked, inputs, out)
}
