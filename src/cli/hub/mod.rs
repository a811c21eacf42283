//! `--from`, `--filter` and `--acknowledge`: Security Hub on the command line.
//!
//! Without the feature `aws` there is no Security Hub, and whoever asks for it is told so.

#[cfg(feature = "aws")]
mod live;
#[cfg(feature = "aws")]
pub(super) use live::Hubs;

#[cfg(not(feature = "aws"))]
mod absent;
#[cfg(not(feature = "aws"))]
pub(super) use absent::Hubs;
