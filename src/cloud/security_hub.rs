//! Which Security Hub is meant: its generation and its region, as `--from` names it.
//!
//! `security-hub[:REGION]` is Security Hub CSPM (findings in ASFF), `security-hub-v2[:REGION]` the newer Security Hub
//! (findings in OCSF). Neither stands in for the other: the same problem has another id in each.

use std::fmt;
use std::str::FromStr;

use super::session;

/// The two APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// `GetFindings`, ASFF.
    Cspm,
    /// `GetFindingsV2`, OCSF.
    V2,
}

/// A Security Hub in a region; `None` is the region of the session.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hub {
    /// Which API.
    pub generation: Generation,
    /// The region that is asked. It is not the region of its findings.
    pub region: Option<String>,
}

/// A text that names no source of findings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// Another word.
    #[error(
        "`{0}` is no source of findings; known are security-hub[:REGION] and security-hub-v2[:REGION]"
    )]
    Unknown(String),
    /// The region cannot be one.
    #[error("--from {given}: `{region}` is no AWS region; expected a name such as eu-west-1")]
    Region {
        /// As given.
        given: String,
        /// Its region.
        region: String,
    },
}

impl Generation {
    fn word(self) -> &'static str {
        match self {
            Self::Cspm => "security-hub",
            Self::V2 => "security-hub-v2",
        }
    }
}

impl fmt::Display for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.generation.word())?;
        match &self.region {
            Some(region) => write!(f, ":{region}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Hub {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (word, region) = match text.split_once(':') {
            Some((word, region)) => (word, Some(region)),
            None => (text, None),
        };
        let generation = [Generation::Cspm, Generation::V2]
            .into_iter()
            .find(|g| g.word() == word)
            .ok_or_else(|| HubError::Unknown(text.to_owned()))?;
        if let Some(region) = region
            && session::checked(region).is_err()
        {
            return Err(HubError::Region {
                given: text.to_owned(),
                region: region.to_owned(),
            });
        }
        Ok(Self {
            generation,
            region: region.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_is_read_as_it_is_written() {
        for text in [
            "security-hub",
            "security-hub:eu-west-1",
            "security-hub-v2",
            "security-hub-v2:us-gov-west-1",
        ] {
            assert_eq!(text.parse::<Hub>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_hub_is_refused() {
        for text in [
            "",
            "securityhub",
            "security-hub-v3",
            "sqs:queue",
            "findings.json",
        ] {
            assert!(
                matches!(text.parse::<Hub>(), Err(HubError::Unknown(_))),
                "{text}"
            );
        }
        for text in [
            "security-hub:",
            "security-hub:evil.example",
            "security-hub:EU",
        ] {
            assert!(
                matches!(text.parse::<Hub>(), Err(HubError::Region { .. })),
                "{text}"
            );
        }
    }
}
