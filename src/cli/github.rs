//! `tfmend pr --github OWNER/NAME`: the code that is planned on, and the forge on GitHub.
//!
//! Unattended, the code and the configuration are those of the base branch: a checkout is compared with it before
//! anything is decided, and without one the base is cloned.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::anyhow;

use super::args::PrArgs;
use super::pr::{Setting, drive};
use super::session::{Attended, Session};
use super::{Done, Stop};
use crate::config::{self, CommitsBy, Public};
use crate::forge::github::checkout::{self, Place, Seen};
use crate::forge::github::through_git::{self, Cloned};
use crate::forge::github::{
    Client, Commits, GitHubError, GitHubForge, Options, Repository, Settings,
};
use crate::forge::{Forge as _, ForgeError};

/// Why nothing is proposed in a public repository.
const PUBLIC: &str =
    "the repository is public: a pull request would show everybody the hole before it is closed";

pub(super) fn run(args: &PrArgs, repository: &str, out: &mut dyn Write) -> Done {
    let usage = |e: GitHubError| Stop::Usage(e.into());
    let settings = Settings::from_env(&|name: &str| std::env::var(name).ok()).map_err(usage)?;
    let repository: Repository = repository.parse().map_err(usage)?;
    // What comes too soon for a list to show it is looked up again, at the pace of the writes.
    let patience = (settings.pace / 2).max(Duration::from_millis(20));
    let client = Client::new(settings, repository).map_err(usage)?;
    let options = Options {
        base: args.base.clone(),
        patience,
        ..Options::default()
    };
    let mut forge = GitHubForge::open(client, options).map_err(stop)?;
    let code = Code::find(&forge, &args.inputs.repo)?;
    let mut args = args.clone();
    if let Some(cloned) = &code.cloned {
        args.inputs.repo = cloned.path();
    }
    let inputs = &args.inputs;
    let session = Session::read(inputs, Attended::No)?;
    if let Some(place) = &code.place {
        forge.set_prefix(&place.prefix);
    }
    verify(
        &forge,
        &session,
        code.place.as_ref(),
        inputs.config.is_none(),
    )?;
    let commits = match session.github.commits {
        CommitsBy::Api => Commits::Api,
        CommitsBy::Git => Commits::Git,
    };
    forge.set_commits(commits, session.now.as_second());
    let withheld = forge.is_public() && session.github.public == Public::Refuse;
    forge.set_discreet(withheld);
    if inputs.journal.is_none() {
        tracing::info!("no journal is kept; --journal FILE keeps one");
    }
    let setting = Setting {
        journal: inputs.journal.as_deref(),
        withheld: withheld.then_some(PUBLIC),
        page: "Dashboard",
        shared: true,
    };
    drive(&mut forge, &session, &args, &setting, out)
}

/// Wrong names and missing rights are the user's to mend; the rest is a failure.
fn stop(error: ForgeError) -> Stop {
    match error {
        ForgeError::GitHub(GitHubError::NoBranch { .. } | GitHubError::Empty(_))
        | ForgeError::OutOfDate { .. } => Stop::Usage(error.into()),
        error => Stop::Failed(error.into()),
    }
}

/// The code that is planned on.
struct Code {
    /// Where it stands in a Git working tree.
    place: Option<Place>,
    /// Made for this run.
    cloned: Option<Cloned>,
}

impl Code {
    /// `--repo` as it was given. The default, the current directory, only counts when it is a checkout of the repository.
    fn find(forge: &GitHubForge, repo: &Path) -> Result<Self, Stop> {
        let place = checkout::place(repo, forge.client().repository());
        let given = repo != Path::new(".");
        if given || place.as_ref().is_some_and(|p| p.of_repository) {
            return Ok(Self {
                place,
                cloned: None,
            });
        }
        tracing::info!("this is no checkout of the repository; cloning it");
        let cloned = through_git::checkout(forge.client(), &forge.base().branch).map_err(stop)?;
        Ok(Self {
            place: checkout::place(&cloned.path(), forge.client().repository()),
            cloned: Some(cloned),
        })
    }
}

/// Code and configuration must be the base branch's.
fn verify(
    forge: &GitHubForge,
    session: &Session,
    place: Option<&Place>,
    own_config: bool,
) -> Result<(), Stop> {
    let top = session.tree.top();
    let mut configs = Vec::new();
    if own_config {
        for name in config::NAMES {
            let bytes = match std::fs::read(top.join(name)) {
                Ok(bytes) => Some(bytes),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
                Err(e) => return Err(Stop::Usage(anyhow!("{name}: cannot be read: {e}"))),
            };
            configs.push((name, bytes));
        }
    }
    let code = session.estate.files().map(|f| Seen {
        path: f.path().as_str(),
        bytes: Some(f.bytes()),
        required: false,
    });
    let config = configs.iter().map(|(name, bytes)| Seen {
        path: name,
        bytes: bytes.as_deref(),
        required: true,
    });
    forge.verify(top, place, config.chain(code)).map_err(stop)
}
