//! An outline inside of another one: a part of the same module, or another module that is called by a fixed version.
//!
//! A part of the module has the module's own version. A module that is called by a version keeps it, whatever version
//! the calling one has: its own turns are no turns of the caller.

use std::sync::Arc;

use super::outline::Outline;
use super::version::Version;

/// An outline that stands in a directory of another one.
#[derive(Debug, Clone)]
pub(super) struct Included {
    /// Where it stands.
    pub(super) dir: String,
    /// What stands there.
    pub(super) outline: Arc<Outline>,
    /// The version by which it is called; `None` for a part of the same module, which has the module's own.
    pub(super) at: Option<Version>,
}

impl Included {
    /// Reads `other.hcl in dir` or `other.hcl at 1.2.3 in dir`; `others` gives the outline of another file. `None` for
    /// anything else, and for a version that the other outline does not know.
    pub(super) fn read(text: &str, others: &dyn Fn(&str) -> Option<Arc<Outline>>) -> Option<Self> {
        let (other, dir) = text.split_once(" in ")?;
        let (other, at) = match other.split_once(" at ") {
            Some((other, at)) => (other, Some(Version::read(at)?)),
            None => (other, None),
        };
        let outline = others(other.trim())?;
        // A version that nobody looked at says nothing.
        if at.is_some_and(|at| at < outline.first || at > outline.last) {
            return None;
        }
        Some(Self {
            dir: dir.trim().to_owned(),
            outline,
            at,
        })
    }

    /// The versions of the including module with which something changes here.
    pub(super) fn steps(&self) -> impl Iterator<Item = Version> + '_ {
        let own = if self.at.is_none() {
            self.outline.steps.as_slice()
        } else {
            &[]
        };
        own.iter().copied()
    }
}
