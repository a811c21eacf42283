//! A working tree of one branch, as Git has it: bytes unfiltered, modes and symlinks kept, submodules left alone.
//!
//! Invariant 11: `.git/config` holds the address without a token.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::build::CheckoutBuilder;
use git2::{AutotagOption, FetchOptions, RemoteRedirect, RepositoryInitOptions};

use super::client::Client;
use super::error::GitHubError;
use super::remote::{Beat, Failure, Remote, proxy, watched};

/// How often a clone is tried.
const ATTEMPTS: u64 = 3;

/// How a clone went that did not fail.
enum Cloned {
    Done,
    NoBranch,
    Empty,
}

impl Client {
    /// Clones the newest commit of a branch (the default branch when `None`) into a directory that is empty or does
    /// not exist.
    ///
    /// # Errors
    /// The directory is in use, the branch does not exist, or Git fails; the directory is left as it was.
    pub fn clone_into(&self, dir: &Path, branch: Option<&str>) -> Result<(), GitHubError> {
        self.clone_depth(dir, branch, 1)
    }

    /// As [`Client::clone_into`], with the branch's whole history.
    ///
    /// # Errors
    /// As [`Client::clone_into`].
    pub fn clone_with_history(&self, dir: &Path, branch: Option<&str>) -> Result<(), GitHubError> {
        self.clone_depth(dir, branch, 0)
    }

    fn clone_depth(&self, dir: &Path, branch: Option<&str>, depth: i32) -> Result<(), GitHubError> {
        let existed = emptiness(dir)?;
        let branch = match branch {
            Some(branch) => branch.to_owned(),
            None => self.about()?.default_branch.clone(),
        };
        let no_branch = || GitHubError::NoBranch {
            repository: self.repository().to_string(),
            branch: self.told(&branch),
        };
        if !git2::Reference::is_valid_name(&format!("refs/heads/{branch}")) {
            return Err(no_branch());
        }
        let mut attempt = 1;
        loop {
            let (remote, to, name) = (self.remote()?, dir.to_owned(), branch.clone());
            let failure = match watched(move |beat| clone(&remote, &to, &name, depth, beat)) {
                Ok(Cloned::Done) => return Ok(()),
                Ok(Cloned::NoBranch) => {
                    clear(dir, existed)?;
                    return Err(no_branch());
                }
                Ok(Cloned::Empty) => {
                    clear(dir, existed)?;
                    return Err(GitHubError::Empty(self.repository().to_string()));
                }
                Err(failure) => failure,
            };
            // A thread that was given up may still write there.
            if !matches!(failure, Failure::Silent) {
                clear(dir, existed)?;
            }
            let error = self.git_error(format!("cloning {}", self.repository()), &failure);
            if attempt == ATTEMPTS || !failure.is_passing() {
                return Err(error);
            }
            tracing::warn!("{error}; trying again in {attempt} s");
            self.clock.sleep(Duration::from_secs(attempt));
            attempt += 1;
        }
    }
}

fn clone(
    remote: &Remote,
    dir: &Path,
    branch: &str,
    depth: i32,
    beat: &Beat,
) -> Result<Cloned, Failure> {
    // No template: hooks of the machine's user have no business here.
    let repository = git2::Repository::init_opts(
        dir,
        RepositoryInitOptions::new()
            .external_template(false)
            .initial_head(branch),
    )?;
    let tracking = format!("refs/remotes/origin/{branch}");
    let refspec = format!("+refs/heads/{branch}:{tracking}");
    let mut origin = repository.remote_with_fetch("origin", &remote.url, &refspec)?;
    let mut options = FetchOptions::new();
    options
        .remote_callbacks(remote.callbacks(beat))
        .proxy_options(proxy())
        .download_tags(AutotagOption::None)
        .follow_redirects(RemoteRedirect::None)
        .depth(depth);
    // A branch that is not there is no error of a fetch.
    origin.fetch(&[&refspec], Some(&mut options), None)?;
    let wanted = format!("refs/heads/{branch}");
    let heads = origin.list()?;
    if heads.is_empty() {
        return Ok(Cloned::Empty);
    }
    if !heads.iter().any(|head| head.name() == wanted) {
        return Ok(Cloned::NoBranch);
    }
    let tip = repository.find_reference(&tracking)?.peel_to_commit()?;
    let mut local = repository.branch(branch, &tip, true)?;
    local.set_upstream(Some(&format!("origin/{branch}")))?;
    repository.set_head(&format!("refs/heads/{branch}"))?;
    // Edits are made at byte offsets: line ends and filters of the machine's user must not change what Git has.
    repository.config()?.set_bool("core.autocrlf", false)?;
    let on = beat.clone();
    let mut checkout = CheckoutBuilder::new();
    checkout
        .force()
        .disable_filters(true)
        .progress(move |_, _, _| on.tick());
    repository.checkout_head(Some(&mut checkout))?;
    Ok(Cloned::Done)
}

/// Whether the directory exists; an error when something is in it.
fn emptiness(dir: &Path) -> Result<bool, GitHubError> {
    match fs::read_dir(dir) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(GitHubError::NotEmpty(dir.to_owned()));
            }
            Ok(true)
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(io(dir)(source)),
    }
}

/// Takes away what a failed clone left: it was empty or absent before.
fn clear(dir: &Path, existed: bool) -> Result<(), GitHubError> {
    if !dir.exists() {
        return Ok(());
    }
    fs::remove_dir_all(dir).map_err(io(dir))?;
    if existed {
        fs::create_dir(dir).map_err(io(dir))?;
    }
    Ok(())
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> GitHubError {
    let path: PathBuf = path.to_owned();
    move |source| GitHubError::Io { path, source }
}
