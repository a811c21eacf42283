//! Versions of modules and the constraints that a call puts on them, as Terraform reads both.

/// `4.1.2`: major, minor, patch. Pre-releases are no versions that a constraint chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64, pub u64, pub u64);

impl Version {
    /// Reads `4.1.2`, `v4.1.2`, `4.1` or `4`; `None` for anything else, pre-releases included.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let numbers = numbers(text)?;
        Some(Self::of(&numbers))
    }

    fn of(numbers: &[u64]) -> Self {
        let part = |i: usize| numbers.get(i).copied().unwrap_or(0);
        Self(part(0), part(1), part(2))
    }

    /// The next version that could exist.
    fn next(self) -> Self {
        Self(self.0, self.1, self.2.saturating_add(1))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

fn numbers(text: &str) -> Option<Vec<u64>> {
    let plain = text.trim();
    let plain = plain.strip_prefix('v').unwrap_or(plain);
    // Build metadata does not count; a pre-release is another version.
    let plain = plain.split('+').next().unwrap_or(plain);
    let parts: Vec<u64> = plain
        .split('.')
        .map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        })
        .collect::<Option<_>>()?;
    (1..=3).contains(&parts.len()).then_some(parts)
}

/// The versions that a constraint allows: those from `least` up to, and not including, `below`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// The least version.
    pub least: Option<Version>,
    /// The least version that is too new.
    pub below: Option<Version>,
}

impl Allowed {
    /// Every version.
    pub const ANY: Self = Self {
        least: None,
        below: None,
    };

    /// This version and no other.
    #[must_use]
    pub fn exactly(version: Version) -> Self {
        Self {
            least: Some(version),
            below: Some(version.next()),
        }
    }

    /// Reads `~> 4.0`, `>= 3.1, < 5.0`, `4.1.2`. `None` for what is no constraint. `!=` takes one version out of a
    /// range, which leaves the range as it is here.
    #[must_use]
    pub fn read(constraint: &str) -> Option<Self> {
        let mut allowed = Self::ANY;
        for part in constraint.split(',') {
            allowed = allowed.and(Self::one(part.trim())?);
        }
        Some(allowed)
    }

    fn one(part: &str) -> Option<Self> {
        let at = part.find(|c: char| c.is_ascii_digit() || c == 'v')?;
        let (operator, text) = part.split_at(at);
        let numbers = numbers(text)?;
        let version = Version::of(&numbers);
        let (least, below) = match operator.trim() {
            "" | "=" => return Some(Self::exactly(version)),
            "!=" => (None, None),
            ">=" => (Some(version), None),
            ">" => (Some(version.next()), None),
            "<" => (None, Some(version)),
            "<=" => (None, Some(version.next())),
            // The last number that is written may rise.
            "~>" => {
                let below = match numbers.len() {
                    3 => Some(Version(version.0, version.1 + 1, 0)),
                    2 => Some(Version(version.0 + 1, 0, 0)),
                    _ => None,
                };
                (Some(version), below)
            }
            _ => return None,
        };
        Some(Self { least, below })
    }

    /// What both allow.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            least: self.least.max(other.least),
            below: match (self.below, other.below) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// Whether any version from `from` up to, and not including, `to` is allowed.
    #[must_use]
    pub fn meets(self, from: Version, to: Option<Version>) -> bool {
        let span = self.and(Self {
            least: Some(from),
            below: to,
        });
        match (span.least, span.below) {
            (Some(least), Some(below)) => least < below,
            _ => true,
        }
    }

    /// Whether a version is allowed.
    #[must_use]
    pub fn has(self, version: Version) -> bool {
        self.meets(version, Some(version.next()))
    }

    /// Whether only one version is allowed.
    #[must_use]
    pub fn is_one(self) -> bool {
        matches!((self.least, self.below), (Some(least), Some(below)) if least.next() == below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(constraint: &str, version: &str) -> bool {
        Allowed::read(constraint)
            .unwrap()
            .has(Version::read(version).unwrap())
    }

    #[test]
    fn constraints_allow_what_terraform_allows() {
        for (constraint, yes, no) in [
            ("4.1.2", "4.1.2", "4.1.3"),
            ("= v4.1", "4.1.0", "4.1.1"),
            ("~> 4.0", "4.99.3", "5.0.0"),
            ("~> 4.0", "4.0.0", "3.99.0"),
            ("~> 4.1.2", "4.1.9", "4.2.0"),
            (">= 3.0, < 4.0", "3.15.1", "4.0.0"),
            ("> 3.0.0", "3.0.1", "3.0.0"),
            ("<= 3.0.0", "3.0.0", "3.0.1"),
            (">=3.1,!=3.4.0", "3.4.0", "3.0.9"),
        ] {
            assert!(allows(constraint, yes), "{constraint} allows {yes}");
            assert!(!allows(constraint, no), "{constraint} forbids {no}");
        }
        assert!(allows("~> 4", "9.0.0"));
    }

    #[test]
    fn what_is_no_constraint_is_none() {
        for text in ["", "latest", "main", ">", "1.2.3.4", "4.x", "~> 1.0-beta"] {
            assert_eq!(Allowed::read(text), None, "{text}");
        }
        assert_eq!(Version::read("1.0.0-rc1"), None);
    }

    #[test]
    fn ranges_meet_or_do_not() {
        let meets = |c: &str, from: &str, to: Option<&str>| {
            Allowed::read(c)
                .unwrap()
                .meets(Version::read(from).unwrap(), to.and_then(Version::read))
        };
        assert!(meets("~> 3.0", "3.9.0", None));
        assert!(meets("~> 3.0", "1.0.0", Some("3.9.0")));
        assert!(!meets("~> 4.0", "1.0.0", Some("3.9.0")));
        assert!(!meets("< 3.9.0", "3.9.0", None));
        assert!(Allowed::read("4.1.2").unwrap().is_one());
        assert!(!Allowed::read("~> 4.1").unwrap().is_one());
    }
}
