//! The hidden first line of every pull request of ours: `<!-- tfmend:v1 {json} -->`.
//!
//! It is how a later run recognises its own work without a database (invariant 8). It is parsed by us only and
//! never trusted for authority: whoever can edit the text can edit the marker, so it may make us leave something
//! alone or write the text anew, and nothing else. Only the very first line counts: code and finding texts further
//! down may well quote a marker.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::diff::sha256;

const OPEN: &str = "<!-- tfmend:v1 ";
const CLOSE: &str = " -->";
/// Longest list of finding keys that is written out; beyond it each key is its hash.
const KEYS_BUDGET: usize = 12_000;
/// Most keys in a marker.
const MOST_KEYS: usize = 500;

/// What a pull request of ours says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marker {
    /// Version of tfmend that wrote the text.
    pub version: String,
    /// Identity of the change set (see [`super::identity`]).
    pub identity: String,
    /// Rule ids.
    pub rules: Vec<String>,
    /// The block, without keys.
    pub address: String,
    /// Finding keys, or `sha256:…` of them when there are very many.
    pub keys: Vec<String>,
    /// How many keys are not listed, because there are too many; the members' identities still tell the fixes.
    pub unlisted: usize,
    /// Identities of the members.
    pub members: Vec<String>,
    /// SHA-256 of every touched file as the change leaves it, by path.
    pub files: BTreeMap<String, String>,
    /// Hash of the diff without line numbers.
    pub content: String,
    /// Hash of the visible text.
    pub text: String,
    /// Title as we wrote it: another one means that a person renamed the pull request.
    pub title: String,
}

impl Marker {
    /// The marker line. It holds no `--`, `<` or `>` of its contents.
    #[must_use]
    pub fn emit(&self) -> String {
        // Strings and a map with string keys always serialise.
        let json = serde_json::to_string(self).unwrap_or_default();
        let safe = json
            .replace("--", "\\u002d\\u002d")
            .replace('<', "\\u003c")
            .replace('>', "\\u003e");
        format!("{OPEN}{safe}{CLOSE}")
    }

    /// The marker of a body, if its first line is one.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let first = body
            .trim_start_matches('\u{feff}')
            .trim_start()
            .lines()
            .next()?;
        let json = first.trim_end().strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
        serde_json::from_str(json).ok()
    }

    /// Sets the finding keys; many keys are replaced by their hashes, and of very many only the first are listed.
    #[must_use]
    pub fn with_keys(mut self, keys: impl IntoIterator<Item = String>) -> Self {
        self.keys = keys.into_iter().collect();
        self.keys.sort();
        self.keys.dedup();
        if self.keys.iter().map(String::len).sum::<usize>() > KEYS_BUDGET {
            self.unlisted = self.keys.len().saturating_sub(MOST_KEYS);
            self.keys = self
                .keys
                .iter()
                .take(MOST_KEYS)
                .map(|k| hashed(k))
                .collect();
        }
        self
    }

    /// Whether the marker names this finding key.
    #[must_use]
    pub fn has_key(&self, key: &str) -> bool {
        let hash = hashed(key);
        self.keys.iter().any(|k| *k == key || *k == hash)
    }
}

fn hashed(key: &str) -> String {
    format!("sha256:{}", &sha256(key.as_bytes())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker() -> Marker {
        Marker {
            version: "0.1.0".into(),
            identity: "0a1b2c3d".into(),
            address: "aws_s3_bucket.this[\"--> <script>\"]".into(),
            title: "---- \\-- \u{2028}".into(),
            ..Marker::default()
        }
        .with_keys(["b--".to_owned(), "a<!--".to_owned()])
    }

    #[test]
    fn it_survives_the_round_trip_and_cannot_end_early() {
        let line = marker().emit();
        let inside = &line[OPEN.len()..line.len() - CLOSE.len()];
        assert!(
            !inside.contains("--") && !inside.contains('>') && !inside.contains('<'),
            "{line}"
        );
        assert!(!inside.contains('\n'));
        assert_eq!(Marker::parse(&format!("{line}\n\ntext")), Some(marker()));
        assert_eq!(
            Marker::parse(&format!("\u{feff}\r\n{line}\r\ntext")),
            Some(marker())
        );
    }

    #[test]
    fn a_marker_quoted_further_down_is_not_ours() {
        let forged = format!("hello\n{}", marker().emit());
        assert_eq!(Marker::parse(&forged), None);
        assert_eq!(Marker::parse("<!-- tfmend:v1 {broken -->"), None);
        assert_eq!(Marker::parse("<!-- tfmend:v2 {} -->"), None);
        assert_eq!(Marker::parse(""), None);
    }

    #[test]
    fn fields_of_a_later_version_are_ignored() {
        let m = Marker::parse("<!-- tfmend:v1 {\"identity\":\"x\",\"new\":[1]} -->").unwrap();
        assert_eq!(m.identity, "x");
    }

    #[test]
    fn very_many_keys_are_hashed_and_the_first_are_still_found() {
        let key = |i: usize| format!("security-hub-asff:aws/securityhub:111122223333:arn:{i:04}");
        let m = Marker::default().with_keys((0..1000).map(key));
        assert!(m.emit().len() < 16_000);
        assert_eq!(m.unlisted, 500);
        assert!(m.has_key(&key(7)) && !m.has_key(&key(1001)));
    }
}
