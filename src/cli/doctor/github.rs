//! GitHub: what the credentials are, what they may, the repository, and the clock.

use super::Findings;
use crate::cli::args::DoctorArgs;

const AREA: &str = "github";

#[cfg(feature = "github")]
pub(super) fn look(args: &DoctorArgs, env: &dyn Fn(&str) -> Option<String>, found: &mut Findings) {
    use std::time::Duration;

    use super::Standing;
    use crate::forge::github::probe::Standing as There;
    use crate::forge::github::{Client, GitHubError, Repository, Settings};

    // Limits and faults are waited out by a run; here they are the answer.
    const MOST: Duration = Duration::from_secs(5);

    let named = args.github.clone().or_else(|| env("GITHUB_REPOSITORY"));
    let mut settings = match Settings::from_env(env) {
        Ok(settings) => settings,
        Err(e @ GitHubError::NoCredentials) if args.github.is_none() => {
            found.warn(
                AREA,
                format!("not looked at: {e}"),
                "only `pr --github` needs it",
            );
            return;
        }
        Err(e) => {
            found.fail(AREA, e.to_string(), "");
            return;
        }
    };
    settings.max_wait = MOST;
    let Some(named) = named else {
        found.warn(
            AREA,
            "not looked at: no repository is named",
            "give --github OWNER/NAME, or set GITHUB_REPOSITORY",
        );
        return;
    };
    let client = named
        .parse::<Repository>()
        .and_then(|repository| Client::new(settings, repository));
    match client {
        Ok(client) => {
            for check in client.probe().checks {
                let standing = match check.standing {
                    There::Good => Standing::Ok,
                    There::Unclear => Standing::Warn,
                    There::Bad => Standing::Fail,
                };
                let text = format!("{}: {}", check.name, check.text);
                found.say(AREA, standing, text, &check.next);
            }
        }
        Err(e) => found.fail(AREA, e.to_string(), ""),
    }
}

#[cfg(not(feature = "github"))]
pub(super) fn look(args: &DoctorArgs, _: &dyn Fn(&str) -> Option<String>, found: &mut Findings) {
    let text = "this tfmend was built without GitHub (feature `github`)";
    if args.github.is_some() {
        found.fail(
            AREA,
            text,
            "build it with `--features github`, or use `--forge local:DIR`",
        );
    } else {
        found.warn(AREA, text, "pull requests go to a local forge");
    }
}
