//! `tfmend emergency`: the only verb that changes resources of a live cloud.

#[cfg_attr(not(feature = "emergency"), allow(dead_code))]
mod args;

#[cfg(feature = "emergency")]
mod apply;
#[cfg(feature = "emergency")]
mod confirm;
#[cfg(feature = "emergency")]
mod consider;
#[cfg(feature = "emergency")]
mod plan;
#[cfg(feature = "emergency")]
mod receipts;
#[cfg(feature = "emergency")]
mod reconcile;
#[cfg(feature = "emergency")]
mod rollback;
#[cfg(feature = "emergency")]
mod show;

use std::io::Write;

pub(super) use args::EmergencyVerb;

use super::Done;

#[cfg(feature = "emergency")]
pub(super) fn run(verb: &EmergencyVerb, out: &mut dyn Write) -> Done {
    match verb {
        EmergencyVerb::Plan(args) => plan::run(args, out),
        EmergencyVerb::Apply(args) => apply::run(args, out),
        EmergencyVerb::Rollback(args) => rollback::run(args, out),
        EmergencyVerb::List(args) => receipts::list(args, out),
        EmergencyVerb::Show(args) => receipts::show(args, out),
    }
}

#[cfg(not(feature = "emergency"))]
pub(super) fn run(_: &EmergencyVerb, _: &mut dyn Write) -> Done {
    Err(super::Stop::Usage(anyhow::anyhow!(
        "this tfmend was built without the feature `emergency`: build it with `cargo install --path . --features emergency`"
    )))
}
