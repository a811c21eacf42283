//! A finding's key as one stable line of text: in JSON, in pull-request markers, in the journal.
//!
//! `source:product:account:id`. The first three parts never hold a colon (it is written `%3A`), so the text is
//! unambiguous however many colons the id has; characters that would end a marker or a cell are escaped too.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::{FindingKey, Source};

impl Source {
    /// Every source with its name.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::SecurityHubAsff, "security-hub-asff"),
        (Self::SecurityHubOcsf, "security-hub-ocsf"),
        (Self::ProwlerAsff, "prowler-asff"),
        (Self::ProwlerOcsf, "prowler-ocsf"),
        (Self::Scc, "scc"),
    ];

    /// The name in JSON and keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SecurityHubAsff => "security-hub-asff",
            Self::SecurityHubOcsf => "security-hub-ocsf",
            Self::ProwlerAsff => "prowler-asff",
            Self::ProwlerOcsf => "prowler-ocsf",
            Self::Scc => "scc",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no source of findings; known are security-hub-asff, security-hub-ocsf, prowler-asff, prowler-ocsf, scc"
)]
pub struct SourceError(pub String);

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(source, _)| *source)
            .ok_or_else(|| SourceError(text.to_owned()))
    }
}

/// A text that is no finding key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Fewer than four parts.
    #[error(
        "`{0}` is no finding key: expected source:product:account:id, as `tfmend plan --format json` prints it"
    )]
    Parts(String),
    /// The first part names no source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A `%` that is not followed by two hexadecimal digits of a UTF-8 text.
    #[error("`{0}` is no finding key: `%` must be followed by two hexadecimal digits")]
    Escape(String),
}

impl fmt::Display for FindingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source.name())?;
        for part in [&self.product, &self.account] {
            f.write_char(':')?;
            escape(f, part, true)?;
        }
        f.write_char(':')?;
        escape(f, &self.id, false)
    }
}

fn escape(f: &mut fmt::Formatter<'_>, text: &str, colon: bool) -> fmt::Result {
    for c in text.chars() {
        let unsafe_here = matches!(c, '%' | '<' | '>' | '"' | '`' | '|' | '\\' | '\u{7f}')
            || c <= ' '
            || (colon && c == ':');
        if unsafe_here {
            write!(f, "%{:02X}", u32::from(c))?;
        } else {
            f.write_char(c)?;
        }
    }
    Ok(())
}

fn unescape(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits = text.get(at + 1..at + 3)?;
            plain.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(plain).ok()
}

impl FromStr for FindingKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(4, ':');
        let (Some(source), Some(product), Some(account), Some(id)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyError::Parts(text.to_owned()));
        };
        let plain = |part: &str| unescape(part).ok_or_else(|| KeyError::Escape(text.to_owned()));
        Ok(Self {
            source: source.parse()?,
            product: plain(product)?,
            account: plain(account)?,
            id: plain(id)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(product: &str, account: &str, id: &str) -> FindingKey {
        FindingKey {
            source: Source::SecurityHubAsff,
            product: product.to_owned(),
            account: account.to_owned(),
            id: id.to_owned(),
        }
    }

    #[test]
    fn readable_and_back() {
        let plain = key(
            "aws/securityhub",
            "111122223333",
            "arn:aws:securityhub:eu-west-1:1:x/y",
        );
        assert_eq!(
            plain.to_string(),
            "security-hub-asff:aws/securityhub:111122223333:arn:aws:securityhub:eu-west-1:1:x/y"
        );
        for odd in [
            plain,
            key("a:b", "c:d", "e:f"),
            key("", "", ""),
            key("50%", "ü", "-->\n<b>| `x` \"y\" \\"),
        ] {
            let text = odd.to_string();
            assert!(!text.contains("-->") && !text.contains('\n'), "{text}");
            assert_eq!(text.parse::<FindingKey>().unwrap(), odd);
        }
    }

    #[test]
    fn two_keys_never_share_a_text() {
        assert_ne!(
            key("a:b", "c", "d").to_string(),
            key("a", "b:c", "d").to_string()
        );
    }

    #[test]
    fn what_is_no_key() {
        assert!(matches!("x".parse::<FindingKey>(), Err(KeyError::Parts(_))));
        assert!(matches!(
            "x:a:b:c".parse::<FindingKey>(),
            Err(KeyError::Source(_))
        ));
        assert!(matches!(
            "scc:a%Z:b:c".parse::<FindingKey>(),
            Err(KeyError::Escape(_))
        ));
        assert!(matches!(
            "scc:a%".to_owned().parse::<FindingKey>(),
            Err(KeyError::Parts(_))
        ));
        assert!(matches!(
            "scc:a:b:c%é".parse::<FindingKey>(),
            Err(KeyError::Escape(_))
        ));
    }
}
