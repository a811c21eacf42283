//! Pull requests on GitHub: github.com and Enterprise.
//!
//! [`Client`] speaks to one repository: credentials, one policy for retries, writes one at a time, clone and push.
//! Invariant 11 lives in [`settings`] and [`auth`]: a token is a secret type and reaches no error, log or file.
//! Invariant 8 leans on [`pace`]: a POST without an answer is never sent again here; its caller looks first.

pub mod about;
pub mod auth;
pub mod client;
pub mod clock;
pub mod clone;
pub mod error;
pub mod pace;
pub mod probe;
pub mod push;
mod remote;
pub mod route;
pub mod settings;
mod transport;

pub use about::About;
pub use client::Client;
pub use error::GitHubError;
pub use probe::{Check, Probe, Standing};
pub use route::Repository;
pub use settings::{Credentials, Settings};
