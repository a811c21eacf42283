//! What goes wrong at GitHub. Every message names the route or object and gives the next step; none holds a token.

use std::path::PathBuf;

use jiff::Timestamp;

/// What goes wrong between tfmend and GitHub.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitHubError {
    /// The name of the repository is not one.
    #[error("{0:?} is no repository; write it as OWNER/NAME, for example acme/infrastructure")]
    Repository(String),
    /// A setting cannot be used. Its value is not shown: it may be a secret.
    #[error("{name}: {problem}; {next}")]
    Setting {
        /// The environment variable.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        next: &'static str,
    },
    /// There is nothing to authenticate with.
    #[error(
        "no credentials for GitHub; set GITHUB_TOKEN, or TFMEND_GITHUB_APP_ID with TFMEND_GITHUB_APP_PRIVATE_KEY for a GitHub App"
    )]
    NoCredentials,
    /// The GitHub App cannot be used here.
    #[error("GitHub App {id}: {problem}; {next}")]
    App {
        /// The App's id.
        id: u64,
        /// What is wrong.
        problem: String,
        /// What to do.
        next: &'static str,
    },
    /// The client could not be built.
    #[error("the client for {server} cannot start: {problem}")]
    Start {
        /// The API's address.
        server: String,
        /// Why, with the next step.
        problem: String,
    },
    /// A route that is none: a mistake of ours, or a name that was not encoded.
    #[error("{0:?} is no route of GitHub's API; please report this")]
    Route(String),
    /// GitHub said no, and the answer is final.
    #[error("{0}")]
    Refused(Box<Refused>),
    /// A rate limit that does not end within the time tfmend may wait. Nothing was executed.
    #[error(
        "{route}: GitHub's rate limit holds until {until} ({why}), longer than tfmend waits; run again then, or set TFMEND_GITHUB_MAX_WAIT_S"
    )]
    RateLimited {
        /// The route.
        route: String,
        /// When it may be tried again.
        until: Timestamp,
        /// Which limit.
        why: String,
        /// HTTP status.
        status: u16,
    },
    /// A write was sent and its answer did not come: it may have been executed or not.
    #[error(
        "{method} {route}: no answer ({why}), so it is not known whether GitHub did it; run again, tfmend looks first"
    )]
    Unanswered {
        /// HTTP method.
        method: http::Method,
        /// The route.
        route: String,
        /// What came instead of an answer.
        why: String,
        /// HTTP status, when a server between answered.
        status: Option<u16>,
    },
    /// GitHub was not reached; nothing was executed.
    #[error("{server} cannot be reached for {route}: {why}; {next}")]
    Unreachable {
        /// The API's address.
        server: String,
        /// The route.
        route: String,
        /// Why.
        why: String,
        /// What to do.
        next: &'static str,
    },
    /// The answer is not what GitHub describes.
    #[error(
        "{route}: the answer is not understood: {problem}; check that GITHUB_API_URL is the API's address, and please report this"
    )]
    Unexpected {
        /// The route.
        route: String,
        /// What is wrong.
        problem: String,
    },
    /// The repository has another name now.
    #[error("{asked} is called {now} today; use that name")]
    Renamed {
        /// The name that was given.
        asked: String,
        /// What GitHub calls it.
        now: String,
    },
    /// The object is somewhere else now; nothing was executed.
    #[error("{route}: GitHub points to {to}; check the repository's name and GITHUB_API_URL")]
    Redirected {
        /// The route.
        route: String,
        /// The address.
        to: String,
    },
    /// A list that does not end.
    #[error("{0}: the list has no end; please report this")]
    Endless(String),
    /// Files are in the way of a clone.
    #[error("{0} is not empty; give a directory that is empty or does not exist")]
    NotEmpty(PathBuf),
    /// The file system says no.
    #[error("{path}: {source}; check the path, its permissions and free space")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no such branch.
    #[error(
        "{repository} has no branch {branch}; check --base, or leave it away for the default branch"
    )]
    NoBranch {
        /// OWNER/NAME.
        repository: String,
        /// The branch.
        branch: String,
    },
    /// There is no commit to clone.
    #[error("{0} has no commit yet; push the code first")]
    Empty(String),
    /// Git over HTTPS failed.
    #[error("{what}: {problem}; {next}")]
    Git {
        /// What was tried.
        what: String,
        /// What libgit2 or the server said.
        problem: String,
        /// What to do.
        next: &'static str,
    },
    /// The branch is not where it was expected: somebody else moved it.
    #[error(
        "{branch}: the branch is at {found}, expected {expected}; run again on what is there now"
    )]
    Moved {
        /// The branch.
        branch: String,
        /// Commit, or "nothing".
        expected: String,
        /// Commit, or "nothing".
        found: String,
    },
    /// The server took the objects but not the branch (a rule of the repository, a hook).
    #[error(
        "{branch}: the push was rejected: {why}; allow branches tfmend/** in the repository's rules"
    )]
    Rejected {
        /// The branch.
        branch: String,
        /// What the server said.
        why: String,
    },
}

/// A final answer with an error status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method} {route}: GitHub answers {status}: {message}{}; {next}", listed(.errors))]
pub struct Refused {
    /// HTTP method.
    pub method: http::Method,
    /// The route.
    pub route: String,
    /// HTTP status.
    pub status: u16,
    /// GitHub's message, shortened.
    pub message: String,
    /// The single errors of a validation, as `resource.field code message`, shortened.
    pub errors: Vec<String>,
    /// What to do.
    pub next: &'static str,
}

fn listed(errors: &[String]) -> String {
    if errors.is_empty() {
        String::new()
    } else {
        format!(" ({})", errors.join("; "))
    }
}

impl GitHubError {
    /// The HTTP status that was answered, if an answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refused) => Some(refused.status),
            Self::RateLimited { status, .. } => Some(*status),
            Self::Unanswered { status, .. } => *status,
            _ => None,
        }
    }

    /// Whether GitHub says that the object is not there (or that these credentials may not see it).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether it is unknown if the request was executed: look the object up before sending again.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        matches!(self, Self::Unanswered { .. })
    }

    /// Whether GitHub's refusal has this text in its message or in one of its errors, in any case.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        let Self::Refused(refused) = self else {
            return false;
        };
        let text = text.to_lowercase();
        std::iter::once(&refused.message)
            .chain(&refused.errors)
            .any(|said| said.to_lowercase().contains(&text))
    }
}

/// The next step after a final status.
pub(super) fn next_step(status: u16, message: &str) -> &'static str {
    let message = message.to_lowercase();
    match status {
        401 => {
            "the token is wrong, revoked or expired (for an App also: the clock is wrong); make a new one, and check with `tfmend doctor`"
        }
        403 if message.contains("archived") => "unarchive the repository, or leave it out",
        403 if message.contains("saml") || message.contains("sso") => {
            "authorise the token for the organisation's single sign-on"
        }
        403 => {
            "give the token or App write access to contents, pull requests and issues of this repository; check with `tfmend doctor`"
        }
        404 => {
            "check the name, and that the token or App may see the repository (GitHub answers 404 for what it hides)"
        }
        409 => "the repository is empty or busy; push a first commit, or run again",
        422 => "run again; if it stays, please report this with the message",
        451 => "GitHub has blocked this repository",
        500..=599 => "GitHub has a fault; see its status page and run again later",
        _ => "run again; check with `tfmend doctor`",
    }
}
