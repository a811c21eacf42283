//! The place of Security Hub in a build without the feature `aws`.

use std::collections::BTreeSet;

use anyhow::anyhow;

use crate::cli::Stop;
use crate::cli::args::Inputs;
use crate::config::Config;
use crate::finding::Record;
use crate::journal::Entry;
use crate::outcome::Output;
use crate::pull_request::{Plan, Proposal};

/// No Security Hub, ever.
pub(in crate::cli) struct Hubs;

impl Hubs {
    pub(in crate::cli) fn open(
        inputs: &Inputs,
        _: &Config,
        _: jiff::Timestamp,
    ) -> Result<Self, Stop> {
        if inputs.from.is_empty() {
            Ok(Self)
        } else {
            Err(Stop::Usage(anyhow!(
                "this tfmend was built without Security Hub (feature `aws`): give --findings, or use another build"
            )))
        }
    }

    pub(in crate::cli) fn is_empty(&self) -> bool {
        true
    }

    pub(in crate::cli) fn read(
        &self,
        _: &[String],
        _: &mut dyn FnMut(Record),
        _: &mut Vec<String>,
    ) -> Result<BTreeSet<String>, Stop> {
        Ok(BTreeSet::new())
    }

    pub(in crate::cli) fn read_proposed(
        &self,
        _: &[Proposal],
        _: &BTreeSet<String>,
        _: &mut dyn FnMut(Record),
    ) -> Result<(), Stop> {
        Ok(())
    }

    pub(in crate::cli) fn acknowledge(
        &self,
        _: bool,
        _: &Plan,
        _: &[Proposal],
        _: &mut Output,
    ) -> (Vec<Entry>, bool) {
        (Vec::new(), true)
    }
}
