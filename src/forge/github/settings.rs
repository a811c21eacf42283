//! Where GitHub is and who we are there, from the environment as GitHub Actions sets it.
//!
//! Invariant 11: tokens and keys are [`SecretString`] from here on; an error names the variable, never its value.
//! Invariant 9: half a set of credentials, or two sets at once, is an error and never a guess.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::error::GitHubError;

/// Address of the API when nothing else is said.
pub const API: &str = "https://api.github.com";
/// Address of the web pages and of Git when nothing else is said.
pub const SERVER: &str = "https://github.com";
/// Pause between two writes, as GitHub asks for.
pub const PACE: Duration = Duration::from_secs(1);
/// How long all waiting of one run may take together.
pub const MAX_WAIT: Duration = Duration::from_secs(15 * 60);

/// Who we are.
#[derive(Clone)]
pub enum Credentials {
    /// `GITHUB_TOKEN` of an Action, a personal access token, or an installation token made elsewhere.
    Token(SecretString),
    /// A GitHub App; installation tokens are made and renewed as needed.
    App {
        /// The App's id.
        id: u64,
        /// RSA private key as PEM.
        key: SecretString,
        /// The installation; looked up for the repository when it is not given.
        installation: Option<u64>,
    },
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Token(_) => f.write_str("Token(…)"),
            Self::App {
                id, installation, ..
            } => f
                .debug_struct("App")
                .field("id", id)
                .field("installation", installation)
                .finish_non_exhaustive(),
        }
    }
}

/// The way out of a company's network.
#[derive(Debug, Clone, Default)]
pub struct Proxy {
    /// Address of an HTTP proxy; it may hold a password.
    pub address: Option<SecretString>,
    /// Hosts that are reached directly, as in `NO_PROXY`.
    pub except: String,
}

/// Everything a client needs besides the repository.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base address of the REST API, without a slash at the end.
    pub api: String,
    /// Base address for Git and links, without a slash at the end.
    pub server: String,
    /// Who we are.
    pub credentials: Credentials,
    /// The proxy for the API; Git finds its own in the environment or its configuration.
    pub proxy: Proxy,
    /// Least pause between the starts of two writes.
    pub pace: Duration,
    /// Most time to spend waiting for limits and faults, in one run.
    pub max_wait: Duration,
}

impl Settings {
    /// Settings for github.com with the usual pace.
    ///
    /// # Errors
    /// The token holds characters that no token has.
    pub fn with_token(token: &str) -> Result<Self, GitHubError> {
        Ok(Self {
            api: API.to_owned(),
            server: SERVER.to_owned(),
            credentials: Credentials::Token(checked_token("GITHUB_TOKEN", token)?),
            proxy: Proxy::default(),
            pace: PACE,
            max_wait: MAX_WAIT,
        })
    }

    /// Reads the environment: `TFMEND_GITHUB_TOKEN`, the App's variables, `GITHUB_TOKEN` (the first that is set),
    /// `GITHUB_API_URL`, `GITHUB_SERVER_URL`, `HTTPS_PROXY`, `NO_PROXY`, `TFMEND_GITHUB_PACE_MS`,
    /// `TFMEND_GITHUB_MAX_WAIT_S`. Empty is not set.
    ///
    /// # Errors
    /// Nothing, or half of something, or two things are set; or an address is none.
    pub fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, GitHubError> {
        let env = |name: &str| env(name).filter(|v| !v.trim().is_empty());
        let (api, server) = addresses(env("GITHUB_API_URL"), env("GITHUB_SERVER_URL"))?;
        let pace = number("TFMEND_GITHUB_PACE_MS", &env)?.map_or(PACE, Duration::from_millis);
        let max_wait =
            number("TFMEND_GITHUB_MAX_WAIT_S", &env)?.map_or(MAX_WAIT, Duration::from_secs);
        Ok(Self {
            api,
            server,
            credentials: credentials(&env)?,
            proxy: proxy(&env),
            pace,
            max_wait,
        })
    }

    /// The host of the API, for messages.
    #[must_use]
    pub fn host(&self) -> &str {
        authority(&self.api)
    }
}

fn proxy(env: &dyn Fn(&str) -> Option<String>) -> Proxy {
    let first = |names: &[&str]| names.iter().find_map(|name| env(name));
    Proxy {
        address: first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
            .map(SecretString::from),
        except: first(&["NO_PROXY", "no_proxy"]).unwrap_or_default(),
    }
}

fn credentials(env: &dyn Fn(&str) -> Option<String>) -> Result<Credentials, GitHubError> {
    let app = app(env)?;
    match (env("TFMEND_GITHUB_TOKEN"), app, env("GITHUB_TOKEN")) {
        (Some(_), Some(_), _) => Err(GitHubError::Setting {
            name: "TFMEND_GITHUB_TOKEN",
            problem: "a token and a GitHub App (TFMEND_GITHUB_APP_ID) are both set".to_owned(),
            next: "unset one of them",
        }),
        (Some(token), None, _) => Ok(Credentials::Token(checked_token(
            "TFMEND_GITHUB_TOKEN",
            &token,
        )?)),
        (None, Some(app), _) => Ok(app),
        (None, None, Some(token)) => Ok(Credentials::Token(checked_token("GITHUB_TOKEN", &token)?)),
        (None, None, None) => Err(GitHubError::NoCredentials),
    }
}

fn app(env: &dyn Fn(&str) -> Option<String>) -> Result<Option<Credentials>, GitHubError> {
    const ID: &str = "TFMEND_GITHUB_APP_ID";
    const KEY: &str = "TFMEND_GITHUB_APP_PRIVATE_KEY";
    const FILE: &str = "TFMEND_GITHUB_APP_PRIVATE_KEY_FILE";
    if env(ID).is_some_and(|id| id.trim().starts_with("Iv")) {
        return Err(GitHubError::Setting {
            name: ID,
            problem: "this is the App's client id".to_owned(),
            next: "set the App id, the number above it on the App's settings page",
        });
    }
    let id = number(ID, &env)?;
    let key = match (env(KEY), env(FILE)) {
        (Some(_), Some(_)) => {
            return Err(GitHubError::Setting {
                name: FILE,
                problem: format!("{KEY} is set as well"),
                next: "unset one of them",
            });
        }
        (Some(text), None) => Some(text),
        (None, Some(file)) => {
            let path = std::path::PathBuf::from(file);
            Some(
                std::fs::read_to_string(&path)
                    .map_err(|source| GitHubError::Io { path, source })?,
            )
        }
        (None, None) => None,
    };
    let installation = number("TFMEND_GITHUB_APP_INSTALLATION_ID", &env)?;
    match (id, key) {
        (Some(id), Some(key)) => Ok(Some(Credentials::App {
            id,
            key: pem(&key).into(),
            installation,
        })),
        (Some(_), None) => Err(GitHubError::Setting {
            name: KEY,
            problem: format!("{ID} is set, the private key is not"),
            next: "set the key's PEM text, or TFMEND_GITHUB_APP_PRIVATE_KEY_FILE",
        }),
        (None, Some(_)) => Err(GitHubError::Setting {
            name: ID,
            problem: "a private key is set, the App's id is not".to_owned(),
            next: "set the App's id (a number, on the App's settings page)",
        }),
        (None, None) => Ok(None),
    }
}

/// Secret stores often keep a PEM on one line with `\n` written out.
fn pem(text: &str) -> String {
    let text = text.trim();
    if text.contains('\n') {
        text.to_owned()
    } else {
        text.replace("\\n", "\n")
    }
}

fn checked_token(name: &'static str, token: &str) -> Result<SecretString, GitHubError> {
    let token = SecretString::from(token.trim());
    // Anything else cannot stand in a header, and a line break would even end it.
    if !token.expose_secret().chars().all(|c| c.is_ascii_graphic()) {
        return Err(GitHubError::Setting {
            name,
            problem: "this is no token: it has spaces, line breaks or characters beyond ASCII"
                .to_owned(),
            next: "set the bare token",
        });
    }
    Ok(token)
}

fn number(
    name: &'static str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<u64>, GitHubError> {
    env(name)
        .map(|text| {
            text.trim().parse().map_err(|_| GitHubError::Setting {
                name,
                problem: "this is no number".to_owned(),
                next: "set a whole number, or unset it",
            })
        })
        .transpose()
}

/// Both addresses; one is found from the other, as Enterprise has them.
fn addresses(api: Option<String>, server: Option<String>) -> Result<(String, String), GitHubError> {
    let api = api.map(|a| address("GITHUB_API_URL", &a)).transpose()?;
    let server = server
        .map(|s| address("GITHUB_SERVER_URL", &s))
        .transpose()?;
    Ok(match (api, server) {
        (Some(api), Some(server)) => (api, server),
        (None, None) => (API.to_owned(), SERVER.to_owned()),
        (None, Some(server)) => (api_of(&server), server),
        (Some(api), None) => {
            let server = server_of(&api);
            (api, server)
        }
    })
}

fn api_of(server: &str) -> String {
    match server.split_once("://") {
        Some((scheme, host)) if host == "github.com" || host.ends_with(".ghe.com") => {
            format!("{scheme}://api.{host}")
        }
        _ => format!("{server}/api/v3"),
    }
}

fn server_of(api: &str) -> String {
    if let Some(server) = api.strip_suffix("/api/v3") {
        return server.to_owned();
    }
    match api.split_once("://") {
        Some((scheme, host)) => {
            let host = host.strip_prefix("api.").unwrap_or(host);
            format!("{scheme}://{host}")
        }
        None => api.to_owned(),
    }
}

fn authority(url: &str) -> &str {
    url.split_once("://")
        .map_or(url, |(_, rest)| rest)
        .split('/')
        .next()
        .unwrap_or_default()
}

/// An absolute https address without user, query or fragment. Plain http only to this machine: it carries the token.
fn address(name: &'static str, text: &str) -> Result<String, GitHubError> {
    let wrong = |problem: &str, next: &'static str| GitHubError::Setting {
        name,
        problem: problem.to_owned(),
        next,
    };
    let text = text.trim().trim_end_matches('/');
    let none = || {
        wrong(
            "this is no address",
            "set it as https://HOST or https://HOST/api/v3",
        )
    };
    let uri: http::Uri = text.parse().map_err(|_| none())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(none());
    };
    if authority.as_str().contains('@') {
        return Err(wrong(
            "an address with a user or password in it",
            "take it out and set GITHUB_TOKEN",
        ));
    }
    if uri.query().is_some() || text.contains('#') {
        return Err(none());
    }
    let host = authority.host();
    let here = host == "localhost"
        || host == "[::1]"
        || host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|ip| ip.is_loopback());
    match scheme {
        "https" => {}
        "http" if here => {}
        "http" => {
            return Err(wrong(
                "plain http would show the token to the network",
                "use https",
            ));
        }
        _ => return Err(none()),
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::{Credentials, Settings};
    use crate::forge::github::GitHubError;

    fn read(env: &[(&str, &str)]) -> Result<Settings, GitHubError> {
        Settings::from_env(&|name| {
            env.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    fn token(settings: &Settings) -> &str {
        match &settings.credentials {
            Credentials::Token(token) => token.expose_secret(),
            Credentials::App { .. } => "an app",
        }
    }

    #[test]
    fn the_own_variable_wins_and_empty_is_not_set() {
        let both = [
            ("GITHUB_TOKEN", "ghs_a"),
            ("TFMEND_GITHUB_TOKEN", " ghp_b\n"),
        ];
        assert_eq!(token(&read(&both).unwrap()), "ghp_b");
        let empty = [("GITHUB_TOKEN", "ghs_a"), ("TFMEND_GITHUB_TOKEN", " ")];
        assert_eq!(token(&read(&empty).unwrap()), "ghs_a");
        assert!(matches!(
            read(&[("GITHUB_TOKEN", "")]),
            Err(GitHubError::NoCredentials)
        ));
    }

    #[test]
    fn half_an_app_or_two_identities_are_errors() {
        let half = read(&[("TFMEND_GITHUB_APP_ID", "7"), ("GITHUB_TOKEN", "x")]).unwrap_err();
        assert!(half.to_string().contains("PRIVATE_KEY"), "{half}");
        let client_id = read(&[("TFMEND_GITHUB_APP_ID", "Iv23abc")]).unwrap_err();
        assert!(client_id.to_string().contains("number"), "{client_id}");
        let half = read(&[("TFMEND_GITHUB_APP_PRIVATE_KEY", "secretpem")]).unwrap_err();
        assert!(!half.to_string().contains("secretpem"), "{half}");
        let two = read(&[
            ("TFMEND_GITHUB_APP_ID", "7"),
            ("TFMEND_GITHUB_APP_PRIVATE_KEY", "secretpem"),
            ("TFMEND_GITHUB_TOKEN", "ghp_secret"),
        ])
        .unwrap_err()
        .to_string();
        assert!(
            two.contains("unset one") && !two.contains("secret"),
            "{two}"
        );
        // In an Action GITHUB_TOKEN is often there anyway: the App was asked for.
        let app = read(&[
            ("TFMEND_GITHUB_APP_ID", "7"),
            ("TFMEND_GITHUB_APP_PRIVATE_KEY", "-----A\\nB"),
            ("GITHUB_TOKEN", "ghs_a"),
        ])
        .unwrap();
        let Credentials::App { id: 7, key, .. } = &app.credentials else {
            panic!("{app:?}");
        };
        assert_eq!(key.expose_secret(), "-----A\nB");
        assert!(!format!("{app:?}").contains("-----A"), "{app:?}");
    }

    #[test]
    fn one_address_is_found_from_the_other() {
        let of = |env: &[(&str, &str)]| {
            let mut env = env.to_vec();
            env.push(("GITHUB_TOKEN", "t"));
            let s = read(&env).unwrap();
            (s.api, s.server)
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            of(&[]),
            pair("https://api.github.com", "https://github.com")
        );
        assert_eq!(
            of(&[("GITHUB_API_URL", "https://api.github.com/")]),
            pair("https://api.github.com", "https://github.com")
        );
        assert_eq!(
            of(&[("GITHUB_SERVER_URL", "https://git.acme.test")]),
            pair("https://git.acme.test/api/v3", "https://git.acme.test")
        );
        assert_eq!(
            of(&[("GITHUB_API_URL", "https://git.acme.test/api/v3/")]),
            pair("https://git.acme.test/api/v3", "https://git.acme.test")
        );
        assert_eq!(
            of(&[("GITHUB_API_URL", "https://api.acme.ghe.com")]),
            pair("https://api.acme.ghe.com", "https://acme.ghe.com")
        );
        assert_eq!(
            of(&[("GITHUB_SERVER_URL", "https://acme.ghe.com")]),
            pair("https://api.acme.ghe.com", "https://acme.ghe.com")
        );
        assert_eq!(
            of(&[("GITHUB_API_URL", "http://127.0.0.1:4000")]),
            pair("http://127.0.0.1:4000", "http://127.0.0.1:4000")
        );
    }

    #[test]
    fn a_token_goes_over_no_open_line_and_into_no_message() {
        for (url, says) in [
            ("http://git.acme.test", "https"),
            ("https://user:ghp_secret@git.acme.test", "take it out"),
            ("git.acme.test", "no address"),
            ("http://127.acme.test", "https"),
            ("ftp://git.acme.test", "no address"),
            (
                "https://git.acme.test/api/v3?token=ghp_secret",
                "no address",
            ),
        ] {
            let error = read(&[("GITHUB_TOKEN", "t"), ("GITHUB_API_URL", url)])
                .unwrap_err()
                .to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains("ghp_secret"), "{error}");
        }
        let error = read(&[("GITHUB_TOKEN", "ghp_a\nX-Evil: 1")])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("GITHUB_TOKEN") && !error.contains("ghp_a"),
            "{error}"
        );
    }

    #[test]
    fn numbers_are_numbers() {
        let s = read(&[
            ("GITHUB_TOKEN", "t"),
            ("TFMEND_GITHUB_PACE_MS", "0"),
            ("TFMEND_GITHUB_MAX_WAIT_S", "5"),
        ])
        .unwrap();
        assert_eq!((s.pace.as_millis(), s.max_wait.as_secs()), (0, 5));
        let error = read(&[("GITHUB_TOKEN", "t"), ("TFMEND_GITHUB_PACE_MS", "fast")]).unwrap_err();
        assert!(
            error.to_string().contains("TFMEND_GITHUB_PACE_MS"),
            "{error}"
        );
    }
}
