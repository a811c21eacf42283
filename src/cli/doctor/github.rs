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
    const ALL: Duration = Duration::from_secs(30);

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
    let host = settings.host().to_owned();
    let Some(named) = named else {
        found.warn(
            AREA,
            "not looked at: no repository is named",
            "give --github OWNER/NAME, or set GITHUB_REPOSITORY",
        );
        return;
    };
    // A server that takes the connection and says nothing keeps a client waiting for minutes. Who asks the doctor wants
    // an answer: the thread is left behind and ends with the process.
    let (answer, answered) = std::sync::mpsc::channel();
    let asked = std::thread::Builder::new()
        .stack_size(crate::cli::STACK)
        .spawn(move || {
            let probed = named
                .parse::<Repository>()
                .and_then(|repository| Client::new(settings, repository))
                .map(|client| client.probe().checks);
            // Nobody listens any more when it was too late.
            let _ = answer.send(probed);
        });
    let probed = match asked {
        Ok(_) => answered.recv_timeout(ALL),
        Err(e) => {
            found.fail(
                AREA,
                format!("not looked at: {e}"),
                "check the limit on threads",
            );
            return;
        }
    };
    match probed {
        Ok(Ok(checks)) => {
            for check in checks {
                let standing = match check.standing {
                    There::Good => Standing::Ok,
                    There::Unclear => Standing::Warn,
                    There::Bad => Standing::Fail,
                };
                let text = format!("{}: {}", check.name, check.text);
                found.say(AREA, standing, text, &check.next);
            }
        }
        Ok(Err(e)) => found.fail(AREA, e.to_string(), ""),
        Err(_) => found.fail(
            AREA,
            format!("{host} does not answer within {} s", ALL.as_secs()),
            "check the network, the proxy, and GITHUB_API_URL if it is set",
        ),
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
