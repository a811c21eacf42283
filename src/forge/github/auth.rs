//! Bearer tokens: the one that was given, or a GitHub App's, made for this repository and renewed before it lapses.
//!
//! Invariant 11: tokens stay inside [`SecretString`]; [`Auth::redact`] takes them out of whatever a server sends back.

use std::collections::BTreeMap;
use std::sync::Mutex;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use octocrab::auth::{EncodingKey, create_jwt};
use octocrab::models::AppId;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::client::{Client, locked};
use super::error::GitHubError;
use super::settings::Credentials;

/// A token is renewed when it is valid for less than this: a clone may take a while.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// Which token goes with a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// The token for the repository.
    Repository,
    /// The App itself, by a signed assertion.
    App,
}

/// An installation token with what GitHub said about it.
#[derive(Clone)]
pub(super) struct Minted {
    token: SecretString,
    pub(super) expires: Timestamp,
    /// Permission → `read`, `write` or `admin`.
    pub(super) permissions: BTreeMap<String, String>,
}

/// The credentials at work.
pub(super) enum Auth {
    Token(SecretString),
    App {
        id: u64,
        key: Box<EncodingKey>,
        installation: Mutex<Option<u64>>,
        minted: Mutex<Option<Minted>>,
    },
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
}

#[derive(Deserialize)]
struct Token {
    token: String,
    expires_at: Timestamp,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
}

impl Auth {
    pub(super) fn new(credentials: &Credentials) -> Result<Self, GitHubError> {
        Ok(match credentials {
            Credentials::Token(token) => Self::Token(token.clone()),
            Credentials::App {
                id,
                key,
                installation,
            } => Self::App {
                id: *id,
                // What the parser says could quote the key.
                key: Box::new(
                    EncodingKey::from_rsa_pem(key.expose_secret().as_bytes()).map_err(|_| {
                        GitHubError::App {
                            id: *id,
                            problem: "the private key is no RSA key in PEM form".to_owned(),
                            next: "make a new key on the App's settings page, and set the whole file's text",
                        }
                    })?,
                ),
                installation: Mutex::new(*installation),
                minted: Mutex::new(None),
            },
        })
    }

    /// Whether a new token can be had when this one is not taken any more.
    pub(super) fn is_renewable(&self) -> bool {
        matches!(self, Self::App { .. })
    }

    /// Forgets the token, so that the next request makes another.
    pub(super) fn forget(&self) {
        if let Self::App { minted, .. } = self {
            *locked(minted) = None;
        }
    }

    /// Takes our tokens out of a text.
    pub(super) fn redact(&self, text: &str) -> String {
        let token = match self {
            Self::Token(token) => Some(token.clone()),
            Self::App { minted, .. } => locked(minted).as_ref().map(|m| m.token.clone()),
        };
        match token {
            Some(token) if !token.expose_secret().is_empty() => {
                text.replace(token.expose_secret(), "***")
            }
            _ => text.to_owned(),
        }
    }
}

impl Client {
    /// The token to send, made or renewed when needed.
    pub(super) fn bearer(&self, who: As) -> Result<SecretString, GitHubError> {
        match (&self.auth, who) {
            (Auth::Token(token), _) => Ok(token.clone()),
            (Auth::App { id, key, .. }, As::App) => create_jwt(AppId(*id), key)
                .map(SecretString::from)
                .map_err(|e| GitHubError::App {
                    id: *id,
                    problem: format!("the private key does not sign: {e}"),
                    next: "make a new key on the App's settings page",
                }),
            (
                Auth::App {
                    id,
                    installation,
                    minted,
                    ..
                },
                As::Repository,
            ) => self.app_token(*id, installation, minted).map(|m| m.token),
        }
    }

    /// The App's token for this repository with what it may do; `None` without an App.
    pub(super) fn minted(&self) -> Result<Option<Minted>, GitHubError> {
        match &self.auth {
            Auth::Token(_) => Ok(None),
            Auth::App {
                id,
                installation,
                minted,
                ..
            } => self.app_token(*id, installation, minted).map(Some),
        }
    }

    fn app_token(
        &self,
        id: u64,
        installation: &Mutex<Option<u64>>,
        minted: &Mutex<Option<Minted>>,
    ) -> Result<Minted, GitHubError> {
        let present = locked(minted).clone();
        if let Some(present) = present
            && present.expires.duration_since(self.clock.now()) > MARGIN
        {
            return Ok(present);
        }
        let known = *locked(installation);
        let number = match known {
            Some(number) => number,
            None => {
                let number = self.find_installation(id)?;
                *locked(installation) = Some(number);
                number
            }
        };
        let fresh = self.mint(id, number)?;
        *locked(minted) = Some(fresh.clone());
        Ok(fresh)
    }

    fn find_installation(&self, id: u64) -> Result<u64, GitHubError> {
        let route = self.repository().route("installation");
        let found: Installation = self
            .exchange(&Method::GET, &route, None, As::App)
            .and_then(|answer| self.parse(&route, &answer))
            .map_err(|error| match error.status() {
                Some(404) => GitHubError::App {
                    id,
                    problem: format!("it is not installed on {}", self.repository()),
                    next: "install it there (the App's page, Install App), or check the name",
                },
                _ => as_app(id, error),
            })?;
        Ok(found.id)
    }

    /// A token for this repository alone. Asking twice does no harm: the other one lapses by itself.
    fn mint(&self, id: u64, installation: u64) -> Result<Minted, GitHubError> {
        let route = format!("/app/installations/{installation}/access_tokens");
        let body = self.encode(
            &route,
            &serde_json::json!({ "repositories": [self.repository().name] }),
        )?;
        let token: Token = self
            .exchange_repeatable(&Method::POST, &route, Some(&body), As::App)
            .and_then(|answer| self.parse(&route, &answer))
            .map_err(|error| match error.status() {
                Some(404) => GitHubError::App {
                    id,
                    problem: format!("there is no installation {installation}"),
                    next: "unset TFMEND_GITHUB_APP_INSTALLATION_ID, then it is looked up",
                },
                Some(422) => GitHubError::App {
                    id,
                    problem: format!(
                        "installation {installation} may not use {}",
                        self.repository()
                    ),
                    next: "add the repository to the installation",
                },
                _ => as_app(id, error),
            })?;
        tracing::debug!(app = id, installation, expires = %token.expires_at, "installation token");
        Ok(Minted {
            token: token.token.into(),
            expires: token.expires_at,
            permissions: token.permissions,
        })
    }
}

fn as_app(id: u64, error: GitHubError) -> GitHubError {
    match error {
        GitHubError::Refused(refused) if refused.status == 401 => GitHubError::App {
            id,
            problem: format!("GitHub does not take its signature: {}", refused.message),
            next: "check that id and private key belong together, and that the machine's clock is right",
        },
        GitHubError::Refused(refused) if refused.status == 403 => GitHubError::App {
            id,
            problem: format!("GitHub refuses it: {}", refused.message),
            next: "look at the App where it is installed: it may be suspended, or wait for somebody to accept a change",
        },
        other => other,
    }
}
