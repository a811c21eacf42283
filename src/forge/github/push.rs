//! One commit to one branch by Git, if the branch is still where it was expected.
//!
//! Invariant 8: the server compares and swaps. The commit that the branch must have is checked in the very
//! conversation that moves it; a push whose answer is lost is looked up before it is tried again.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use git2::{ErrorClass, ErrorCode, Oid, PushOptions, RemoteRedirect};

use super::client::{Client, locked};
use super::error::GitHubError;
use super::remote::{Beat, Failure, Remote, proxy, refused, watched};

/// How often a push is tried.
const ATTEMPTS: u64 = 3;

/// How a push went that did not fail.
enum Pushed {
    Done,
    Elsewhere(Option<Oid>),
    Rejected(String),
}

/// What is to be pushed.
#[derive(Clone)]
struct Update {
    reference: String,
    commit: Oid,
    expected: Option<Oid>,
}

impl Client {
    /// Points a branch to a commit of the repository at `repo`, history or not. `expected` is the commit that the
    /// branch must have now, `None` when it must not exist. A branch that has the commit already is fine.
    ///
    /// # Errors
    /// The branch is elsewhere, the server rejects it, or Git fails; [`GitHubError::Unanswered`] when the objects were
    /// sent and no answer came.
    pub fn push_branch(
        &self,
        repo: &Path,
        branch: &str,
        commit: &str,
        expected: Option<&str>,
    ) -> Result<(), GitHubError> {
        let what = || format!("pushing {branch} to {}", self.repository());
        let id =
            |text: &str| Oid::from_str(text).map_err(|e| self.git_error(what(), &Failure::Git(e)));
        let update = Update {
            reference: format!("refs/heads/{branch}"),
            commit: id(commit)?,
            expected: expected.map(id).transpose()?,
        };
        if !git2::Reference::is_valid_name(&update.reference) {
            return Err(GitHubError::Rejected {
                branch: self.told(branch),
                why: "this is no name for a branch".to_owned(),
            });
        }
        self.in_turn("PUSH", &update.reference, || {
            let mut attempt = 1;
            loop {
                let sent = Arc::new(AtomicBool::new(false));
                let (remote, from, job, flag) = (
                    self.remote()?,
                    repo.to_owned(),
                    update.clone(),
                    Arc::clone(&sent),
                );
                let failure = match watched(move |beat| push(&remote, &from, &job, &flag, beat)) {
                    Ok(Pushed::Done) => return Ok(()),
                    Ok(Pushed::Elsewhere(found)) => {
                        return Err(GitHubError::Moved {
                            branch: branch.to_owned(),
                            expected: named(update.expected),
                            found: named(found),
                        });
                    }
                    Ok(Pushed::Rejected(why)) if attempt == ATTEMPTS || !is_race(&why) => {
                        return Err(GitHubError::Rejected {
                            branch: branch.to_owned(),
                            why: self.told(&why),
                        });
                    }
                    // Somebody else had the branch in hand at the same moment; the next look tells.
                    Ok(Pushed::Rejected(why)) => Failure::Git(git2::Error::new(
                        ErrorCode::GenericError,
                        ErrorClass::Net,
                        why,
                    )),
                    Err(failure) => failure,
                };
                let error = self.git_error(what(), &failure);
                let last = attempt == ATTEMPTS || !failure.is_passing();
                if last
                    && sent.load(Ordering::SeqCst)
                    && !matches!(&failure, Failure::Git(e) if refused(e).is_some())
                {
                    return Err(GitHubError::Unanswered {
                        method: http::Method::POST,
                        route: format!("git-receive-pack {}", update.reference),
                        why: error.to_string(),
                        status: None,
                    });
                }
                if last {
                    return Err(error);
                }
                tracing::warn!("{error}; trying again in {attempt} s");
                self.clock.sleep(Duration::from_secs(attempt));
                attempt += 1;
            }
        })
    }
}

/// The server's words for losing a race for the branch.
fn is_race(why: &str) -> bool {
    let why = why.to_lowercase();
    [
        "update ref",
        "lock",
        "stale",
        "fetch first",
        "already exists",
    ]
    .iter()
    .any(|word| why.contains(word))
}

fn named(id: Option<Oid>) -> String {
    id.map_or_else(|| "nothing".to_owned(), |id| id.to_string())
}

fn push(
    remote: &Remote,
    repo: &Path,
    update: &Update,
    sent: &Arc<AtomicBool>,
    beat: &Beat,
) -> Result<Pushed, Failure> {
    let repository = git2::Repository::open(repo)?;
    repository.find_commit(update.commit)?;
    let mut origin = repository.remote_anonymous(&remote.url)?;
    let rejected: Arc<Mutex<Option<String>>> = Arc::default();
    let found: Arc<Mutex<Option<Oid>>> = Arc::default();
    let mut callbacks = remote.callbacks(beat);
    let (expected, commit) = (update.expected.unwrap_or(Oid::ZERO_SHA1), update.commit);
    let (seen, flag) = (Arc::clone(&found), Arc::clone(sent));
    callbacks.push_negotiation(move |updates| {
        // What stands here goes to the server as the value that the branch must have.
        if let Some(update) = updates
            .iter()
            .find(|u| u.src() != expected || u.src() == commit)
        {
            *locked(&seen) = Some(update.src());
            return Err(git2::Error::new(
                ErrorCode::User,
                ErrorClass::Net,
                "the branch is elsewhere",
            ));
        }
        flag.store(true, Ordering::SeqCst);
        Ok(())
    });
    let why = Arc::clone(&rejected);
    callbacks.push_update_reference(move |_, status| {
        if let Some(status) = status {
            *locked(&why) = Some(status.to_owned());
        }
        Ok(())
    });
    let mut options = PushOptions::new();
    options
        .remote_callbacks(callbacks)
        .proxy_options(proxy())
        .follow_redirects(RemoteRedirect::None);
    let refspec = format!("+{}:{}", update.commit, update.reference);
    let done = origin.push(&[&refspec], Some(&mut options));
    if let Some(found) = *locked(&found) {
        return Ok(if found == update.commit {
            Pushed::Done
        } else {
            Pushed::Elsewhere((!found.is_zero()).then_some(found))
        });
    }
    if let Some(why) = locked(&rejected).take() {
        return Ok(Pushed::Rejected(why));
    }
    done?;
    Ok(Pushed::Done)
}
