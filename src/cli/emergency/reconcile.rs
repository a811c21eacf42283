//! After a live change: the pull request that brings the code to the same state, in the same run.

use super::args::ApplyArgs;
use crate::cli::args::{PrArgs, ProfileArg};
use crate::cli::{Stop, pr};
use crate::outcome::{OutcomeKind, Output};
use crate::report::Format;

/// What became of the code's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reconciled {
    /// These pull requests say the same.
    Requests(Vec<String>),
    /// The code says the same already.
    Already,
    /// No forge was named: this is the command.
    ByHand(String),
    /// None could be made, and why.
    Not(String),
}

/// Runs `tfmend pr` for this finding alone.
pub(super) fn run(args: &ApplyArgs, finding: &str) -> Reconciled {
    let inputs = &args.inputs;
    if args.forge.is_none() && args.github.is_none() {
        return Reconciled::ByHand(format!(
            "tfmend pr --findings … --finding-id '{}' --repo {} --profile all --forge …",
            finding.replace('\'', "'\\''"),
            inputs.repo.display()
        ));
    }
    let mut narrowed = inputs.clone();
    narrowed.finding_id = vec![finding.to_owned()];
    narrowed.event = None;
    narrowed.format = Format::Json;
    narrowed.exit_code = false;
    narrowed.fail_on = None;
    // A person has just confirmed this finding: the width of unattended runs does not apply to it.
    narrowed.profile = narrowed.profile.or(Some(ProfileArg::All));
    let args = PrArgs {
        inputs: narrowed,
        forge: args.forge.clone(),
        github: args.github.clone(),
        base: args.base.clone(),
        acknowledge: false,
    };
    let mut answer = Vec::new();
    match pr::run(&args, &mut answer) {
        Ok(_) => read(&answer, finding),
        Err(Stop::NoInput(why)) => Reconciled::Not(why),
        Err(Stop::Usage(why) | Stop::Failed(why)) => {
            let reason = reasons(&answer);
            Reconciled::Not(if reason.is_empty() {
                format!("{why:#}")
            } else {
                format!("{why:#}: {}", reason.join("; "))
            })
        }
    }
}

fn reasons(answer: &[u8]) -> Vec<String> {
    serde_json::from_slice::<Output>(answer)
        .map(|output| {
            output
                .changes
                .into_iter()
                .filter_map(|change| change.reason)
                .collect()
        })
        .unwrap_or_default()
}

fn read(answer: &[u8], finding: &str) -> Reconciled {
    let output: Output = match serde_json::from_slice(answer) {
        Ok(output) => output,
        Err(e) => return Reconciled::Not(format!("the answer of `pr` cannot be read: {e}")),
    };
    let links: Vec<String> = output
        .changes
        .iter()
        .filter(|change| change.step != "close" && change.findings.iter().any(|key| key == finding))
        .filter_map(|change| change.pull_request.clone())
        .collect();
    if !links.is_empty() {
        return Reconciled::Requests(links);
    }
    let own = output.outcomes.iter().find(|o| o.finding.key == finding);
    match own {
        Some(outcome) if outcome.outcome == OutcomeKind::AlreadySafe => Reconciled::Already,
        Some(outcome) => {
            let why = outcome
                .reason
                .as_ref()
                .map_or_else(String::new, |r| format!(": {} Next: {}", r.message, r.next));
            Reconciled::Not(format!("{}{why}", outcome.outcome.words()))
        }
        None => Reconciled::Not("the finding is not in the input any more".to_owned()),
    }
}
