//! Telling people and systems what a run did: the step of a GitHub Actions workflow it runs in, and Security Hub.
//!
//! Invariant 10: what is written here is read by a runner and rendered by GitHub, so every foreign text is escaped, and
//! a value can never become a second value.

#[cfg(feature = "aws")]
pub mod acknowledge;
pub mod actions;
mod step_summary;
