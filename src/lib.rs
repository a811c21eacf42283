//! tfmend fixes a cloud security finding where it was made: in the Terraform code.
//!
//! The modules below are declared in the order in which a finding travels:
//!
//! ```text
//! finding → rules → policy (admit) → terraform → locate → remedy → policy (dispose) → pull_request → forge
//! ```
//!
//! Everything down to [`pull_request`] is pure: text and `now` in, values out. The adapters
//! ([`workspace`], [`intake`], [`forge`], [`journal`]) touch the outside and never import each other; those that ask a
//! cloud stand on the session of `cloud` (feature `aws`).

pub mod finding;
pub mod refusal;
pub mod rules;
pub mod policy;
pub mod terraform;
pub mod locate;
pub mod remedy;
pub mod ownership;
pub mod pull_request;

#[cfg(feature = "aws")]
pub mod cloud;
pub mod forge;
pub mod intake;
pub mod journal;
pub mod notify;
pub mod workspace;

pub mod approval;
#[cfg(feature = "emergency")]
pub mod emergency;

pub mod check;
pub mod outcome;
pub mod pipeline;

pub mod cli;
pub mod config;
pub mod report;
