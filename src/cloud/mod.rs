//! The cloud itself, as far as tfmend talks to it: signed-in sessions, and errors that say what to do next.
//!
//! Adapter behind the feature `aws`. Invariant 6 is kept here: what tfmend changes in a cloud outside `emergency` is
//! the closed list [`WRITES`]. Credentials stay inside the SDK: no error and no log line holds one (invariant 11).

#[cfg(feature = "emergency")]
pub mod buckets;
mod error;
pub mod probe;
#[cfg(feature = "emergency")]
pub mod security_groups;
pub mod security_hub;
pub mod session;
pub mod state_bucket;

pub use error::{Call, CloudError, explain};
pub use security_hub::{Generation, Hub};
pub use session::{Caller, Session};

/// One API call that changes something in a cloud account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// The call, as CloudTrail names it: `securityhub:BatchUpdateFindingsV2`.
    pub call: &'static str,
    /// The IAM action that permits it; both generations of Security Hub share one.
    pub action: &'static str,
    /// The SDK's method for it, as the source calls it.
    pub method: &'static str,
    /// What it changes.
    pub changes: &'static str,
}

/// Every write outside `emergency`: all of them. A resource of a customer is never among them.
pub const WRITES: [Write; 2] = [
    Write {
        call: "securityhub:BatchUpdateFindings",
        action: "securityhub:BatchUpdateFindings",
        method: "batch_update_findings",
        changes: "workflow status, note and user-defined fields of a finding, when acknowledging is switched on",
    },
    Write {
        call: "securityhub:BatchUpdateFindingsV2",
        action: "securityhub:BatchUpdateFindings",
        method: "batch_update_findings_v2",
        changes: "status and comment of a finding of the newer Security Hub, when acknowledging is switched on",
    },
];
