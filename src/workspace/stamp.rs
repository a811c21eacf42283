//! What the system says of a file or directory that changes when somebody changes it.

use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Time stamps are given by clocks that tick: what was touched so shortly before it was looked at may be touched again
/// under the same stamp.
const TICK: Duration = Duration::from_millis(100);

/// As [`TICK`], where stamps have whole seconds only.
const COARSE_TICK: Duration = Duration::from_millis(2_500);

/// Size, times and identity of an entry of the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    size: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, u32),
    /// Of the entry itself (mode, owner, name), where the system tells.
    changed: (i64, u32),
    /// Device and number on it, where the system tells.
    identity: (u64, u64),
}

impl Stamp {
    #[cfg(unix)]
    pub(super) fn of(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let nanoseconds = |n: i64| u32::try_from(n).unwrap_or(0);
        Self {
            size: found.len(),
            modified: (found.mtime(), nanoseconds(found.mtime_nsec())),
            changed: (found.ctime(), nanoseconds(found.ctime_nsec())),
            identity: (found.dev(), found.ino()),
        }
    }

    #[cfg(not(unix))]
    pub(super) fn of(found: &Metadata) -> Self {
        let modified = found.modified().ok();
        let since = modified.and_then(|m| m.duration_since(UNIX_EPOCH).ok());
        let since = since.unwrap_or_default();
        Self {
            size: found.len(),
            modified: (
                i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
                since.subsec_nanos(),
            ),
            changed: (0, 0),
            identity: (0, 0),
        }
    }

    /// Bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Size and time of the content, as bytes.
    pub(super) fn content(&self) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&self.size.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.modified.0.to_le_bytes());
        bytes[16..].copy_from_slice(&self.modified.1.to_le_bytes());
        bytes
    }

    /// Whether a later change would show, when the entry was looked at at this time.
    pub(super) fn is_settled(&self, looked: SystemTime) -> bool {
        let Ok(looked) = looked.duration_since(UNIX_EPOCH) else {
            return false;
        };
        let since = |(seconds, nanoseconds): (i64, u32)| {
            Duration::new(u64::try_from(seconds).unwrap_or(0), nanoseconds)
        };
        let coarse = self.modified.1 == 0 && self.changed.1 == 0;
        let tick = if coarse { COARSE_TICK } else { TICK };
        since(self.modified.max(self.changed)) + tick < looked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(modified: (i64, u32), changed: (i64, u32)) -> Stamp {
        Stamp {
            size: 1,
            modified,
            changed,
            identity: (1, 2),
        }
    }

    #[test]
    fn what_was_just_touched_is_not_settled() {
        let at = |millis| UNIX_EPOCH + Duration::from_millis(millis);
        let fine = stamp((10, 5_000_000), (10, 0));
        assert!(!fine.is_settled(at(10_005)));
        assert!(!fine.is_settled(at(10_100)));
        assert!(fine.is_settled(at(10_106)));
        let renamed_later = stamp((10, 5), (20, 5));
        assert!(!renamed_later.is_settled(at(20_050)));
        assert!(renamed_later.is_settled(at(20_200)));
        let coarse = stamp((10, 0), (10, 0));
        assert!(!coarse.is_settled(at(12_000)));
        assert!(coarse.is_settled(at(13_000)));
        // From the future: never.
        assert!(!stamp((1_000, 1), (0, 0)).is_settled(at(10_000)));
    }
}
