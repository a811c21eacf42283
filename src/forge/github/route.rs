//! Names that become part of a route: the repository, and text that is encoded before it stands in a path or query.
//!
//! Invariant 10: a branch or label is data; here it cannot become another route.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::error::GitHubError;

/// A repository's owner and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository {
    /// User or organisation.
    pub owner: String,
    /// Name, without `.git`.
    pub name: String,
}

impl Repository {
    /// A route below this repository: `route("pulls/7")` is `/repos/OWNER/NAME/pulls/7`.
    #[must_use]
    pub fn route(&self, rest: &str) -> String {
        if rest.is_empty() {
            format!("/repos/{self}")
        } else {
            format!("/repos/{self}/{rest}")
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

impl FromStr for Repository {
    type Err = GitHubError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || GitHubError::Repository(text.chars().take(200).collect());
        let (owner, name) = text.split_once('/').ok_or_else(wrong)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let owner_ok = !owner.is_empty()
            && owner.len() <= 100
            && owner.chars().all(plain)
            && !owner.starts_with('-');
        let name_ok = !name.is_empty()
            && name.len() <= 100
            && name.chars().all(|c| plain(c) || c == '.')
            && name != "."
            && name != ".."
            && !name.to_ascii_lowercase().ends_with(".git");
        if !(owner_ok && name_ok) {
            return Err(wrong());
        }
        Ok(Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// Text as one path segment or one query value: everything but letters, digits and `-._~` becomes `%XX`.
#[must_use]
pub fn encode(text: &str) -> String {
    encode_but(text, b"-._~")
}

/// As [`encode`], keeping `/`: for a branch in a `git/ref/heads/…` route or a path in `contents/…`.
#[must_use]
pub fn encode_path(text: &str) -> String {
    encode_but(text, b"-._~/")
}

fn encode_but(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Repository, encode, encode_path};

    #[test]
    fn a_repository_is_owner_and_name_and_nothing_else() {
        let good: Repository = "acme/infra.live_2-x".parse().unwrap();
        assert_eq!(good.to_string(), "acme/infra.live_2-x");
        assert_eq!(good.route("pulls/7"), "/repos/acme/infra.live_2-x/pulls/7");
        assert_eq!(good.route(""), "/repos/acme/infra.live_2-x");
        for bad in [
            "",
            "acme",
            "acme/",
            "/infra",
            "acme/infra/x",
            "acme/..",
            "acme/.",
            "../infra",
            "acme/in fra",
            "acme/infra.git",
            "https://github.com/acme/infra",
            "acme/infra?x",
            "acme/infra%2F",
            "-acme/infra",
            "acme/infra\n",
        ] {
            let error = bad.parse::<Repository>().unwrap_err().to_string();
            assert!(error.contains("OWNER/NAME"), "{bad:?}: {error}");
        }
    }

    #[test]
    fn what_is_encoded_cannot_become_another_route() {
        assert_eq!(
            encode("tfmend/a b?x=1#y%&ü"),
            "tfmend%2Fa%20b%3Fx%3D1%23y%25%26%C3%BC"
        );
        assert_eq!(encode_path("tfmend/a b?"), "tfmend/a%20b%3F");
    }
}
