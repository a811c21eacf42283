//! Asking for the confirmation: typed at a terminal, or given on the command line.

use std::io::{BufRead as _, IsTerminal as _, Write};

use crate::approval::{Confirmation, Request};

/// What confirms the request. `--confirm` wins; without it a person types at the terminal, and where there is none,
/// nothing is confirmed.
pub(super) fn ask(
    request: &Request,
    given: &[String],
    out: &mut dyn Write,
) -> std::io::Result<Confirmation> {
    let stdin = std::io::stdin();
    if !given.is_empty() || !stdin.is_terminal() {
        return Ok(Confirmation::Given(given.to_vec()));
    }
    // The plan has to be on the screen before it can be confirmed.
    out.flush()?;
    let mut err = anstream::stderr();
    write!(
        err,
        "Type the name of the resource to do this ({}), anything else to stop: ",
        crate::report::plain(&request.resource)
    )?;
    err.flush()?;
    let mut typed = String::new();
    stdin.lock().read_line(&mut typed)?;
    Ok(Confirmation::Typed(typed))
}

/// The user of the machine, as the environment names it: in a workflow, who started it.
pub(super) fn user() -> Option<String> {
    let named = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    named("GITHUB_ACTOR")
        .map(|actor| format!("{actor} (GitHub Actions)"))
        .or_else(|| named("USER"))
        .or_else(|| named("LOGNAME"))
        .map(|user| user.chars().filter(|c| !c.is_control()).take(100).collect())
}
