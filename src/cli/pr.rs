//! `tfmend pr`: branches, commits, pull requests.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::anyhow;

use super::args::PrArgs;
use super::session::{Attended, Session, Worked};
use super::{Done, Stop};
use crate::forge::{self, Applied, Forge as _, ForgeError, LocalForge};
use crate::journal::Entry;
use crate::outcome::{OutcomeKind, Output};
use crate::pull_request::dashboard::{Dashboard, Line};
use crate::pull_request::{CommitStyle, Plan};

pub(super) fn run(args: &PrArgs, out: &mut dyn Write) -> Done {
    let inputs = &args.inputs;
    let Some(directory) = args.forge.strip_prefix("local:").filter(|d| !d.is_empty()) else {
        return Err(Stop::Usage(anyhow!(
            "--forge {}: this version knows `local:DIR`, a bare repository with a page for each pull request",
            args.forge
        )));
    };
    let directory = Path::new(directory);
    let session = Session::read(inputs, Attended::No)?;
    let stop = |e: ForgeError| match e {
        ForgeError::NotARepository(_) | ForgeError::NoCommit(_) | ForgeError::Bare(_) => {
            Stop::Usage(e.into())
        }
        e => Stop::Failed(e.into()),
    };
    let mut forge = LocalForge::open(directory, &inputs.repo, session.now).map_err(stop)?;
    let default = directory.join("journal.ndjson");
    let mut journal = session.journal(Some(inputs.journal.as_deref().unwrap_or(&default)))?;
    let style = CommitStyle::detect(&forge.recent_subjects(50).map_err(stop)?);
    let proposals = forge.proposals().map_err(stop)?;
    let mut plan = Plan::default();
    let mut worked = session.work(|run, stages| {
        let (worked, made) = stages.with_proposals(run, &proposals, style);
        plan = made;
        Ok::<_, Stop>(worked)
    })?;
    // What was decided is durable before the first write to the forge.
    session.record(&worked, journal.as_mut())?;
    let applied = forge::apply(&mut forge, &plan);
    show(&applied, &mut worked.output);
    if let Some(journal) = &mut journal {
        let entries: Vec<Entry> = applied.iter().map(|a| entry(&session, a)).collect();
        journal.append_all(&entries).map_err(|e| anyhow!(e))?;
    }
    let after = forge.proposals().map_err(stop)?;
    let board = dashboard(&plan, &after, &worked);
    let page = forge.publish(&board).map_err(stop)?;
    let failed = applied.iter().filter(|a| a.error.is_some()).count();
    let answer = session.answer(&worked, inputs, out)?;
    if inputs.format == crate::report::Format::Text {
        writeln!(out, "\nPull requests, as pages: {page}")?;
    }
    if failed > 0 {
        out.flush()?;
        return Err(Stop::Failed(anyhow!(
            "{failed} pull request(s) could not be made; the reasons are above. Run again: what is done is not done twice"
        )));
    }
    Ok(answer)
}

fn entry(session: &Session, applied: &Applied) -> Entry {
    let what = if applied.error.is_some() {
        "failed"
    } else {
        applied.step.word()
    };
    let mut entry = Entry::new(session.now, "forge", what);
    entry.change = Some(applied.id.clone());
    entry.why = match &applied.error {
        Some(error) => error.to_string(),
        None => applied.step.reason().unwrap_or_default().to_owned(),
    };
    entry
}

fn show(applied: &[Applied], output: &mut Output) {
    for step in applied {
        if let Some(change) = output.changes.iter_mut().find(|c| c.id == step.id) {
            if change.pull_request.is_none() {
                change.pull_request.clone_from(&step.url);
            }
            if let Some(error) = &step.error {
                change.reason = Some(error.to_string());
            }
        }
    }
}

/// The sections that the plan alone does not know: findings without a change.
fn dashboard(
    plan: &Plan,
    proposals: &[crate::pull_request::Proposal],
    worked: &Worked,
) -> Dashboard {
    let mut board = Dashboard::of(plan, proposals);
    let mut controls: BTreeSet<&str> = BTreeSet::new();
    for o in &worked.output.outcomes {
        let subject = format!(
            "{} {}",
            o.finding.control.as_deref().unwrap_or(""),
            o.finding.resource.as_deref().unwrap_or(&o.finding.key)
        );
        let why = o
            .reason
            .as_ref()
            .map_or_else(String::new, |r| format!("{} {}", r.message, r.next));
        let line = Line {
            subject,
            url: None,
            why,
        };
        match o.outcome {
            OutcomeKind::Refused
            | OutcomeKind::NotLocated
            | OutcomeKind::Advice
            | OutcomeKind::Emergency => {
                board.needs_human.push(line);
            }
            OutcomeKind::Suppressed => board.suppressed.push(line),
            OutcomeKind::NoRule => {
                controls.insert(o.finding.control.as_deref().unwrap_or("(no control named)"));
            }
            _ => {}
        }
    }
    board.no_rule = controls
        .into_iter()
        .map(|c| Line {
            subject: c.to_owned(),
            url: None,
            why: String::new(),
        })
        .collect();
    board
}
