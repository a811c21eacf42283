//! `tfmend pr`: branches, commits, pull requests.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use anyhow::anyhow;

use super::args::PrArgs;
use super::session::{Attended, Session, Worked};
use super::{Done, Stop};
use crate::forge::{self, Applied, Forge, ForgeError, LocalForge};
use crate::journal::Entry;
use crate::outcome::{OutcomeKind, Output, Reason};
use crate::pull_request::dashboard::{Dashboard, Line};
use crate::pull_request::{CommitStyle, Plan};

pub(super) fn run(args: &PrArgs, out: &mut dyn Write) -> Done {
    match (&args.forge, &args.github) {
        (Some(forge), _) => local(args, forge, out),
        (None, Some(repository)) => on_github(args, repository, out),
        (None, None) => Err(Stop::Usage(anyhow!(
            "say where the pull requests go: --forge local:DIR or --github OWNER/NAME"
        ))),
    }
}

#[cfg(feature = "github")]
fn on_github(args: &PrArgs, repository: &str, out: &mut dyn Write) -> Done {
    super::github::run(args, repository, out)
}

#[cfg(not(feature = "github"))]
fn on_github(_: &PrArgs, _: &str, _: &mut dyn Write) -> Done {
    Err(Stop::Usage(anyhow!(
        "--github: this tfmend was built without GitHub; build it with `--features github`"
    )))
}

fn local(args: &PrArgs, forge: &str, out: &mut dyn Write) -> Done {
    let inputs = &args.inputs;
    let Some(directory) = forge.strip_prefix("local:").filter(|d| !d.is_empty()) else {
        return Err(Stop::Usage(anyhow!(
            "--forge {forge}: give `local:DIR`, a bare repository with a page for each pull request; for GitHub give --github OWNER/NAME"
        )));
    };
    let directory = Path::new(directory);
    let session = Session::read(inputs, Attended::No)?;
    let mut forge = LocalForge::open(directory, &inputs.repo, session.now).map_err(stop)?;
    let default = directory.join("journal.ndjson");
    let setting = Setting {
        journal: Some(inputs.journal.as_deref().unwrap_or(&default)),
        withheld: None,
        page: "Pull requests, as pages",
        shared: false,
    };
    drive(&mut forge, &session, args, &setting, out)
}

fn stop(error: ForgeError) -> Stop {
    match error {
        ForgeError::NotARepository(_) | ForgeError::NoCommit(_) | ForgeError::Bare(_) => {
            Stop::Usage(error.into())
        }
        error => Stop::Failed(error.into()),
    }
}

/// What differs between forges.
pub(super) struct Setting<'a> {
    /// Where decisions are recorded.
    pub(super) journal: Option<&'a Path>,
    /// Why nothing is shown to anybody.
    pub(super) withheld: Option<&'a str>,
    /// What the place of the dashboard is called.
    pub(super) page: &'a str,
    /// The dashboard is for everybody: a run for certain findings only does not write it over.
    pub(super) shared: bool,
}

/// Findings to pull requests, on any forge.
pub(super) fn drive(
    forge: &mut dyn Forge,
    session: &Session,
    args: &PrArgs,
    setting: &Setting<'_>,
    out: &mut dyn Write,
) -> Done {
    let inputs = &args.inputs;
    let mut journal = session.journal(setting.journal)?;
    let style = CommitStyle::detect(&forge.recent_subjects(50).map_err(stop)?);
    let proposals = forge.proposals().map_err(stop)?;
    session.follow_up(&proposals)?;
    let mut plan = Plan::default();
    let mut worked = session.work(|run, stages| {
        let (worked, made) = stages.with_proposals(run, &proposals, style, setting.withheld);
        plan = made;
        Ok::<_, Stop>(worked)
    })?;
    // What was decided is durable before the first write to the forge.
    session.record(&worked, journal.as_mut())?;
    let applied = forge::apply(forge, &plan);
    show(&applied, &mut worked.output);
    if let Some(journal) = &mut journal {
        let entries: Vec<Entry> = applied.iter().map(|a| entry(session, a)).collect();
        journal.append_all(&entries).map_err(|e| anyhow!(e))?;
    }
    let after = forge.proposals().map_err(stop)?;
    let told = session.acknowledge(
        args.acknowledge,
        &plan,
        &after,
        &mut worked.output,
        journal.as_mut(),
    )?;
    let board = dashboard(&plan, &after, &worked);
    // Whatever becomes of the dashboard, what was done is told.
    let page = if setting.shared && session.is_narrowed() {
        Ok(String::new())
    } else {
        forge.publish(&board)
    };
    let failed = applied.iter().filter(|a| a.error.is_some()).count();
    let answer = session.answer(&worked, inputs, out)?;
    if inputs.format == crate::report::Format::Text
        && let Ok(page) = &page
        && !page.is_empty()
    {
        writeln!(out, "\n{}: {page}", setting.page)?;
    }
    if failed > 0 {
        out.flush()?;
        return Err(Stop::Failed(anyhow!(
            "{failed} pull request(s) could not be made; the reasons are above. Run again: what is done is not done twice"
        )));
    }
    if let Err(error) = page {
        out.flush()?;
        return Err(Stop::Failed(
            anyhow!(error).context("the pull requests are made, but the dashboard is not"),
        ));
    }
    if !told {
        out.flush()?;
        return Err(Stop::Failed(anyhow!(
            "the pull requests are made, but findings were not acknowledged; the reasons are above. Run again: what is done is not done twice"
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
                change.error = Some(error.to_string());
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
    // What has one cause is one line, however many controls see it.
    let mut stuck: Vec<(&str, &Reason, BTreeSet<&str>)> = Vec::new();
    let mut no_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for o in &worked.output.outcomes {
        let control = o.finding.control.as_deref().unwrap_or("(no control named)");
        let resource = o.finding.resource.as_deref().unwrap_or(&o.finding.key);
        match (o.outcome, &o.reason) {
            (kind, Some(reason)) if kind.needs_human() => {
                match stuck
                    .iter_mut()
                    .find(|(r, why, _)| *r == resource && *why == reason)
                {
                    Some((_, _, controls)) => {
                        controls.insert(control);
                    }
                    None => stuck.push((resource, reason, BTreeSet::from([control]))),
                }
            }
            (OutcomeKind::Suppressed, reason) => board.suppressed.push(Line {
                subject: resource.to_owned(),
                url: None,
                why: reason.as_ref().map_or_else(String::new, |r| {
                    format!("{}, {}", code_word(control), r.message)
                }),
            }),
            (OutcomeKind::NoRule, _) => *no_rule.entry(control).or_default() += 1,
            _ => {}
        }
    }
    board
        .needs_human
        .extend(stuck.into_iter().map(|(resource, reason, controls)| {
            let controls: Vec<String> = controls.into_iter().map(code_word).collect();
            let message = reason.message.trim_end_matches('.');
            let next = match reason.next.as_str() {
                "" => String::new(),
                next => format!(". Next: {next}"),
            };
            Line {
                subject: resource.to_owned(),
                url: None,
                why: format!("{}: {message}{next}", controls.join(", ")),
            }
        }));
    board.no_rule = no_rule
        .into_iter()
        .map(|(control, n)| Line {
            subject: control.to_owned(),
            url: None,
            why: match n {
                1 => String::new(),
                n => format!("{n} findings"),
            },
        })
        .collect();
    board
}

/// A name in backticks; one that holds backticks itself stays as it is and is escaped with the rest.
fn code_word(name: &str) -> String {
    if name.contains('`') || name.is_empty() {
        name.to_owned()
    } else {
        format!("`{name}`")
    }
}
