//! Telling people and systems what a run did.

#[cfg(feature = "aws")]
pub mod acknowledge;
