//! Pull requests on GitHub: github.com and Enterprise.
//!
//! [`Client`] speaks to one repository: credentials, one policy for retries, writes one at a time, clone and push.
//! Invariant 11 lives in [`settings`] and [`auth`]: a token is a secret type and reaches no error, log or file.
//! [`GitHubForge`] is the [`super::Forge`] on top of it: what is a pull request of ours, and every write repeatable.
//! Invariant 8 leans on [`pace`]: a POST without an answer is never sent again here; its caller looks first.

pub mod about;
pub mod auth;
mod board;
mod branch;
pub mod checkout;
pub mod client;
pub mod clock;
pub mod clone;
mod comments;
mod commit;
pub mod error;
mod labels;
pub mod pace;
pub mod place;
pub mod probe;
mod proposals;
mod pulls;
pub mod push;
mod remote;
pub mod route;
mod seal;
pub mod settings;
pub mod through_git;
mod transport;
mod tree;
mod wire;

pub use about::About;
pub use client::Client;
pub use error::GitHubError;
pub use place::{Commits, GitHubForge, Options};
pub use probe::{Check, Probe, Standing};
pub use route::Repository;
pub use settings::{Credentials, Settings};
