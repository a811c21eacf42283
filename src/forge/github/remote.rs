//! Git over HTTPS with libgit2: the address, the token when the server asks for it, and an end to silence.
//!
//! Invariant 11: the token is handed over when libgit2 asks; no address and no file holds it. It is for
//! the server that was named, by scheme, host and port: libgit2 takes another port of the same host for the same place.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use git2::{Cred, ErrorClass, ErrorCode, ProxyOptions, RemoteCallbacks};
use secrecy::{ExposeSecret as _, SecretString};

use super::auth::As;
use super::client::Client;
use super::error::GitHubError;

/// How long a server may be silent. libgit2 itself would wait without end.
const PATIENCE: Duration = Duration::from_secs(120);
/// The user that goes with a token; GitHub wants some name, and this one for an installation's token.
const USER: &str = "x-access-token";

/// Where to, and with what.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) url: String,
    server: String,
    token: SecretString,
}

/// Counts signs of life.
#[derive(Clone, Default)]
pub(super) struct Beat(Arc<AtomicU64>);

impl Beat {
    pub(super) fn tick(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Why Git did not come to an end.
pub(super) enum Failure {
    Git(git2::Error),
    Silent,
}

impl From<git2::Error> for Failure {
    fn from(error: git2::Error) -> Self {
        Self::Git(error)
    }
}

impl Failure {
    /// Whether another attempt may go better.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Silent => false,
            Self::Git(error) => {
                matches!(
                    error.class(),
                    ErrorClass::Net | ErrorClass::Http | ErrorClass::Os
                ) && refused(error).is_none()
                    && !matches!(
                        error.code(),
                        ErrorCode::Auth | ErrorCode::Certificate | ErrorCode::User
                    )
            }
        }
    }
}

impl Client {
    /// The repository's address for Git and a token for it.
    pub(super) fn remote(&self) -> Result<Remote, GitHubError> {
        Ok(Remote {
            url: format!("{}/{}.git", self.settings().server, self.repository()),
            server: self.settings().server.clone(),
            token: self.bearer(As::Repository)?,
        })
    }

    /// A failure in words.
    pub(super) fn git_error(&self, what: String, failure: &Failure) -> GitHubError {
        let (problem, next) = match failure {
            Failure::Silent => (
                format!("no sign of life for {} s", PATIENCE.as_secs()),
                "check the network and run again",
            ),
            Failure::Git(error) => (self.told(error.message()), next_step(error)),
        };
        GitHubError::Git {
            what,
            problem,
            next,
        }
    }
}

/// The status with which the server said no; nothing was executed then.
pub(super) fn refused(error: &git2::Error) -> Option<u16> {
    if error.code() == ErrorCode::Auth {
        return Some(401);
    }
    // libgit2 keeps a status in its words only: "unexpected http status code: 403".
    [401, 403, 404]
        .into_iter()
        .find(|status| error.message().contains(&format!("status code: {status}")))
}

fn next_step(error: &git2::Error) -> &'static str {
    let refused = refused(error);
    if error.class() == ErrorClass::Ssl || error.code() == ErrorCode::Certificate {
        "set SSL_CERT_FILE to the file with the certificates of your own authority"
    } else if refused == Some(401) {
        "the token is wrong, revoked or expired; check with `tfmend doctor`"
    } else if refused == Some(403) {
        "give the token or App write access to contents; check with `tfmend doctor`"
    } else if refused == Some(404) {
        "check the name, and that the token or App may see the repository"
    } else if matches!(error.class(), ErrorClass::Net | ErrorClass::Http) {
        "check the network and GITHUB_SERVER_URL, then run again"
    } else {
        "check the directory, its permissions and free space, then run again"
    }
}

impl Remote {
    /// Callbacks that hand over the token once, and count signs of life.
    pub(super) fn callbacks<'a>(&self, beat: &Beat) -> RemoteCallbacks<'a> {
        let mut callbacks = RemoteCallbacks::new();
        let (token, server) = (self.token.clone(), self.server.clone());
        let mut asked = false;
        callbacks.credentials(move |url, _, _| {
            let refuse =
                |text: &str| Err(git2::Error::new(ErrorCode::Auth, ErrorClass::Http, text));
            if origin(url).is_none_or(|asking| origin(&server) != Some(asking)) {
                return refuse("another server asks for the token, and does not get it");
            }
            // libgit2 asks again and again when the server says no.
            if std::mem::replace(&mut asked, true) {
                return refuse("the server does not take the token");
            }
            Cred::userpass_plaintext(USER, token.expose_secret())
        });
        let on = beat.clone();
        callbacks.transfer_progress(move |_| {
            on.tick();
            true
        });
        let on = beat.clone();
        callbacks.sideband_progress(move |_| {
            on.tick();
            true
        });
        let on = beat.clone();
        callbacks.push_transfer_progress(move |_, _, _| on.tick());
        let on = beat.clone();
        callbacks.pack_progress(move |_, _, _| on.tick());
        callbacks
    }
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> Option<(String, String, u16)> {
    let uri: http::Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let host = uri.host()?.to_ascii_lowercase();
    Some((scheme, host, uri.port_u16().unwrap_or(usual)))
}

/// The proxy that Git's configuration or the environment names.
pub(super) fn proxy<'a>() -> ProxyOptions<'a> {
    let mut proxy = ProxyOptions::new();
    proxy.auto();
    proxy
}

/// Runs Git on its own thread and gives it up when it shows no sign of life; the thread is left to itself then.
pub(super) fn watched<T: Send + 'static>(
    work: impl FnOnce(&Beat) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    watched_for(PATIENCE, work)
}

fn watched_for<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce(&Beat) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let beat = Beat::default();
    let (done, finished) = mpsc::channel();
    let inside = beat.clone();
    std::thread::spawn(move || {
        // Nobody listens any more when it was given up.
        let _ = done.send(work(&inside));
    });
    let (mut last, mut since) = (0, Instant::now());
    let look = (patience / 10).min(Duration::from_secs(1));
    loop {
        match finished.recv_timeout(look) {
            Ok(result) => return result,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(Failure::Git(git2::Error::from_str(
                    "Git ended without a result; please report this",
                )));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let now = beat.0.load(Ordering::Relaxed);
                if now != last {
                    (last, since) = (now, Instant::now());
                } else if since.elapsed() > patience {
                    return Err(Failure::Silent);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Failure, origin, watched_for};

    #[test]
    fn the_same_server_is_scheme_host_and_port() {
        let same = |a: &str, b: &str| origin(a) == origin(b);
        assert!(same(
            "https://git.acme.test",
            "https://GIT.acme.test:443/a/b.git"
        ));
        for other in [
            "http://git.acme.test",
            "https://git.acme.test:444",
            "https://git.acme.test.evil.test",
            "https://acme.test",
        ] {
            assert!(!same("https://git.acme.test", other), "{other}");
        }
        assert!(origin("file:///etc").is_none() && origin("git@acme.test:a/b").is_none());
    }

    #[test]
    fn silence_ends_and_signs_of_life_are_waited_for() {
        let patience = Duration::from_millis(200);
        let slow = watched_for(patience, |beat| {
            for _ in 0..10 {
                std::thread::sleep(Duration::from_millis(50));
                beat.tick();
            }
            Ok(7)
        });
        assert!(matches!(slow, Ok(7)));
        let silent: Result<(), Failure> = watched_for(patience, |_| {
            std::thread::sleep(Duration::from_secs(5));
            Ok(())
        });
        assert!(matches!(silent, Err(Failure::Silent)));
    }
}
