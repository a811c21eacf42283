//! May we? `admit` before locating, `dispose` after.
//!
//! Invariant 9: filters and limits fail closed; limits are on by default; start narrow.

use serde::{Deserialize, Serialize};

/// What may happen with a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// A pull request.
    Propose,
    /// A note only.
    Advise,
    /// Nothing (ignored or suppressed by policy).
    Ignore,
}
