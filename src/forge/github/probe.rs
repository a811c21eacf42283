//! What the credentials are and what they lack, found by reading alone: for `tfmend doctor`.
//!
//! Whether a token may write shows only in what GitHub says about it. Where GitHub says nothing (the token of an
//! Action, a fine-grained token) the answer is [`Standing::Unclear`] and names what must be granted.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderMap, Method};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::about::About;
use super::auth::{As, Auth};
use super::client::Client;
use super::error::GitHubError;
use super::pace;

/// Permissions of an App that tfmend needs, and what for.
pub const NEEDED: &[(&str, &str, &str)] = &[
    ("contents", "write", "branches and commits"),
    ("pull_requests", "write", "pull requests"),
    ("issues", "write", "labels, comments and the dashboard"),
];
/// From here a clock is said to be wrong.
const SKEW: SignedDuration = SignedDuration::from_secs(30);
/// From here an App's signature is not taken.
const SKEW_OF_AN_APP: SignedDuration = SignedDuration::from_secs(60);
/// A token that ends sooner is told.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// As it should be.
    Good,
    /// It cannot be seen, or will need attention.
    Unclear,
    /// tfmend will fail.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What: `reachable`, `credentials`, `repository`, `permissions`, `clock`, `limits`.
    pub name: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What was found, in a sentence.
    pub text: String,
    /// What to do; empty when there is nothing to do.
    pub next: String,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A GitHub App with its key.
    App,
    /// The token of an Action, or of an App's installation.
    Installation,
    /// A fine-grained personal access token.
    FineGrained,
    /// A classic personal access token.
    Classic,
    /// A user's token made by an OAuth or GitHub App.
    User,
    /// None of these forms.
    Other,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::App => "GitHub App",
            Self::Installation => "token of an Action or of an App's installation",
            Self::FineGrained => "fine-grained personal access token",
            Self::Classic => "classic personal access token",
            Self::User => "user token made by an App",
            Self::Other => "token",
        })
    }
}

/// Everything that was found.
#[derive(Debug, Clone)]
pub struct Probe {
    /// What the credentials are.
    pub kind: Kind,
    /// Who GitHub says we are (`acme-bot`, `tfmend[bot]`); a token of an installation does not tell.
    pub login: Option<String>,
    /// Scopes of a classic token.
    pub scopes: Vec<String>,
    /// Permissions of an App's installation: name → `read`, `write`, `admin`.
    pub permissions: BTreeMap<String, String>,
    /// When the token ends, if GitHub says so.
    pub expires: Option<Timestamp>,
    /// The repository.
    pub about: Option<Arc<About>>,
    /// How much this machine's clock is ahead of GitHub's.
    pub skew: Option<SignedDuration>,
    /// Requests left in this hour.
    pub remaining: Option<u64>,
    /// One by one, with next steps.
    pub checks: Vec<Check>,
}

impl Probe {
    /// The worst of all checks.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.checks
            .iter()
            .map(|c| c.standing)
            .max()
            .unwrap_or(Standing::Unclear)
    }

    fn say(&mut self, name: &'static str, standing: Standing, text: String, next: &str) {
        self.checks.push(Check {
            name,
            standing,
            text,
            next: next.to_owned(),
        });
    }

    /// An error's text has its next step in it.
    fn failed(&mut self, name: &'static str, error: &GitHubError) {
        self.say(name, Standing::Bad, error.to_string(), "");
    }
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

#[derive(Deserialize)]
struct App {
    slug: Option<String>,
}

impl Client {
    /// Looks at credentials, repository, permissions and clock. Reads only. Waits for limits and faults as every
    /// other request does: give the settings a short `max_wait` for a quick answer.
    #[must_use]
    pub fn probe(&self) -> Probe {
        let mut probe = Probe {
            kind: self.kind(),
            login: None,
            scopes: Vec::new(),
            permissions: BTreeMap::new(),
            expires: None,
            about: None,
            skew: None,
            remaining: None,
            checks: Vec::new(),
        };
        let identity = self.probe_identity(&mut probe);
        match identity {
            Err(error @ GitHubError::Unreachable { .. }) => probe.failed("reachable", &error),
            Err(error) => probe.failed("credentials", &error),
            Ok(()) => {
                let kind = probe.kind;
                let who = probe
                    .login
                    .as_ref()
                    .map_or_else(|| kind.to_string(), |login| format!("{kind}, {login}"));
                let text = format!("{who}, on {}", self.settings().host());
                probe.say("credentials", Standing::Good, text, "");
                self.probe_expiry(&mut probe);
                self.probe_repository(&mut probe);
            }
        }
        // The headers of the newest answer tell, whatever it was.
        self.probe_clock(&mut probe);
        probe
    }

    fn kind(&self) -> Kind {
        match &self.auth {
            Auth::App { .. } => Kind::App,
            Auth::Token(token) => kind_of(token.expose_secret()),
        }
    }

    fn probe_identity(&self, probe: &mut Probe) -> Result<(), GitHubError> {
        if let Some(minted) = self.minted()? {
            probe.permissions = minted.permissions;
            // The name is a courtesy; the token is what counts.
            let route = "/app";
            probe.login = self
                .exchange(&Method::GET, route, None, As::App)
                .and_then(|answer| self.parse::<App>(route, &answer))
                .ok()
                .and_then(|app| app.slug)
                .map(|slug| self.told(&format!("{slug}[bot]")));
            return Ok(());
        }
        if probe.kind == Kind::Installation {
            return Ok(());
        }
        let route = "/user";
        match self.exchange(&Method::GET, route, None, As::Repository) {
            Ok(answer) => {
                probe.login = Some(self.told(&self.parse::<Account>(route, &answer)?.login));
                probe.scopes = scopes(&answer.headers);
                probe.expires = expiry(&answer.headers);
                Ok(())
            }
            // A token that is nobody's is an installation's.
            Err(error) if error.status() == Some(403) => {
                probe.kind = Kind::Installation;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn probe_clock(&self, probe: &mut Probe) {
        let Some((headers, at)) = self.seen() else {
            return;
        };
        probe.remaining = headers
            .get("x-ratelimit-remaining")
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.parse().ok());
        if let Some(left) = probe.remaining.filter(|left| *left < 100) {
            probe.say(
                "limits",
                Standing::Unclear,
                format!("{left} requests are left in this hour"),
                "wait for the next hour, or use a GitHub App: it has a limit of its own",
            );
        }
        let Some(there) = pace::date(&headers) else {
            return;
        };
        let skew = at.duration_since(there);
        probe.skew = Some(skew);
        let (off, ahead) = (skew.abs(), skew.is_positive());
        let limit = if probe.kind == Kind::App {
            SKEW_OF_AN_APP
        } else {
            SignedDuration::MAX
        };
        let standing = if off >= limit {
            Standing::Bad
        } else if off >= SKEW {
            Standing::Unclear
        } else {
            Standing::Good
        };
        let text = if standing == Standing::Good {
            "agrees with GitHub's clock".to_owned()
        } else {
            let way = if ahead { "ahead of" } else { "behind" };
            format!("{} s {way} GitHub's clock", off.as_secs())
        };
        let next = if standing == Standing::Good {
            ""
        } else {
            "set the machine's clock by NTP; an App's signature is refused when it is a minute off"
        };
        probe.say("clock", standing, text, next);
    }

    fn probe_expiry(&self, probe: &mut Probe) {
        if let Some(end) = probe.expires
            && end.duration_since(self.clock.now()) < SOON
        {
            probe.say(
                "credentials",
                Standing::Unclear,
                format!("the token ends {end:.0}"),
                "make a new token before then",
            );
        }
    }

    fn probe_repository(&self, probe: &mut Probe) {
        let about = match self.about() {
            Ok(about) => about,
            Err(error) => {
                probe.failed("repository", &error);
                return;
            }
        };
        let seen_by = about
            .visibility
            .clone()
            .unwrap_or_else(|| if about.private { "private" } else { "public" }.to_owned());
        let name = self.told(&format!(
            "{}: {seen_by}, pull requests go to {}",
            about.full_name, about.default_branch
        ));
        if about.archived {
            probe.say(
                "repository",
                Standing::Bad,
                format!("{name}; it is archived"),
                "unarchive it, or leave it out",
            );
        } else if about.is_public() {
            probe.say(
                "repository",
                Standing::Unclear,
                format!("{name}; everybody would see from a pull request what is open"),
                "nothing is proposed here unless the configuration says `[github] public = \"allow\"`",
            );
        } else {
            probe.say("repository", Standing::Good, name, "");
        }
        if !about.has_issues {
            probe.say(
                "repository",
                Standing::Unclear,
                "issues are switched off, so there is no dashboard".to_owned(),
                "switch issues on in the repository's settings",
            );
        }
        self.probe_permissions(probe, &about);
        probe.about = Some(about);
    }

    fn probe_permissions(&self, probe: &mut Probe, about: &About) {
        const NAME: &str = "permissions";
        match probe.kind {
            Kind::App => {
                let missing = missing(&probe.permissions);
                if missing.is_empty() {
                    probe.say(NAME, Standing::Good, list_needed(), "");
                } else {
                    probe.say(
                        NAME,
                        Standing::Bad,
                        format!("the App lacks {}", missing.join(", ")),
                        "grant them on the App's settings page (Permissions & events), then accept the change where it is installed",
                    );
                }
            }
            Kind::Classic if !covers(&probe.scopes, about) => {
                let has = probe.scopes.join(", ");
                probe.say(
                    NAME,
                    Standing::Bad,
                    format!("the token has the scopes [{has}], not `repo`"),
                    "make a token with the scope `repo`, better a fine-grained one or a GitHub App",
                );
            }
            kind => {
                if let Some(lack) = self.unreadable(probe) {
                    probe.say(
                        NAME,
                        Standing::Bad,
                        format!("the token may not even read {lack}"),
                        "grant contents, pull requests and issues: write",
                    );
                } else if kind != Kind::Installation && about.permissions.is_some_and(|p| !p.push) {
                    probe.say(
                        NAME,
                        Standing::Bad,
                        "the token's owner may not push here".to_owned(),
                        "give the account write access to the repository",
                    );
                } else if kind == Kind::Classic {
                    probe.say(
                        NAME,
                        Standing::Good,
                        "scope `repo`, may push".to_owned(),
                        "",
                    );
                } else {
                    probe.say(
                        NAME,
                        Standing::Unclear,
                        format!("reading works; GitHub does not tell whether this token may write ({})", list_needed()),
                        "in a workflow: permissions: contents, pull-requests and issues: write, and allow Actions to create pull requests in the settings; else grant the token the same",
                    );
                }
            }
        }
    }

    /// The first of the things we need that cannot even be read.
    fn unreadable(&self, probe: &mut Probe) -> Option<&'static str> {
        let wanted = [
            ("pulls?state=open&per_page=1", "pull requests"),
            ("issues?state=open&per_page=1", "issues"),
            ("git/matching-refs/heads/tfmend/", "contents"),
        ];
        for (route, what) in wanted {
            let route = self.repository().route(route);
            match self.get::<serde::de::IgnoredAny>(&route) {
                Ok(_) => {}
                Err(error) if matches!(error.status(), Some(403 | 404)) => return Some(what),
                // An empty repository has no refs; a repository without issues has none.
                Err(error) if matches!(error.status(), Some(409 | 410)) => {}
                Err(error) => probe.failed("permissions", &error),
            }
        }
        None
    }
}

fn kind_of(token: &str) -> Kind {
    for (prefix, kind) in [
        ("ghs_", Kind::Installation),
        ("v1.", Kind::Installation),
        ("github_pat_", Kind::FineGrained),
        ("ghp_", Kind::Classic),
        ("gho_", Kind::User),
        ("ghu_", Kind::User),
    ] {
        if token.starts_with(prefix) {
            return kind;
        }
    }
    let old = token.len() == 40 && token.bytes().all(|b| b.is_ascii_hexdigit());
    if old { Kind::Classic } else { Kind::Other }
}

fn missing(permissions: &BTreeMap<String, String>) -> Vec<String> {
    NEEDED
        .iter()
        .filter(|(name, level, _)| {
            let has = permissions.get(*name).map(String::as_str);
            !(has == Some(level) || has == Some("admin"))
        })
        .map(|(name, level, what)| format!("{name}: {level} ({what})"))
        .collect()
}

fn list_needed() -> String {
    NEEDED
        .iter()
        .map(|(name, level, _)| format!("{name}: {level}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn covers(scopes: &[String], about: &About) -> bool {
    scopes
        .iter()
        .any(|scope| scope == "repo" || (scope == "public_repo" && about.is_public()))
}

fn scopes(headers: &HeaderMap) -> Vec<String> {
    let text = headers
        .get("x-oauth-scopes")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    text.split(',')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect()
}

fn expiry(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers
        .get("github-authentication-token-expiration")?
        .to_str()
        .ok()?
        .trim();
    let text = text.replace(" UTC", " +0000");
    Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", text).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use http::HeaderMap;

    use super::{Kind, expiry, kind_of, missing, scopes};

    #[test]
    fn a_token_is_known_by_its_form() {
        assert_eq!(kind_of("ghs_x"), Kind::Installation);
        assert_eq!(kind_of("github_pat_x"), Kind::FineGrained);
        assert_eq!(kind_of("ghp_x"), Kind::Classic);
        assert_eq!(kind_of(&"0a".repeat(20)), Kind::Classic);
        assert_eq!(kind_of("ghu_x"), Kind::User);
        assert_eq!(kind_of("x"), Kind::Other);
    }

    #[test]
    fn what_an_app_lacks_is_named_with_what_it_is_for() {
        let of = |list: &[(&str, &str)]| -> BTreeMap<String, String> {
            list.iter()
                .map(|(n, l)| ((*n).to_owned(), (*l).to_owned()))
                .collect()
        };
        let some = of(&[("contents", "write"), ("pull_requests", "read")]);
        assert_eq!(
            missing(&some),
            [
                "pull_requests: write (pull requests)",
                "issues: write (labels, comments and the dashboard)"
            ]
        );
        let all = of(&[
            ("contents", "write"),
            ("pull_requests", "write"),
            ("issues", "admin"),
        ]);
        assert!(missing(&all).is_empty());
    }

    #[test]
    fn scopes_and_the_end_are_read_from_headers() {
        let mut headers = HeaderMap::new();
        assert!(scopes(&headers).is_empty() && expiry(&headers).is_none());
        headers.insert("x-oauth-scopes", "repo, read:org".parse().unwrap());
        for (text, expected) in [
            ("2026-12-01 12:00:00 UTC", "2026-12-01T12:00:00Z"),
            ("2026-12-01 12:00:00 +0200", "2026-12-01T10:00:00Z"),
        ] {
            headers.insert(
                "github-authentication-token-expiration",
                text.parse().unwrap(),
            );
            assert_eq!(expiry(&headers).unwrap().to_string(), expected);
        }
        assert_eq!(scopes(&headers), ["repo", "read:org"]);
    }
}
