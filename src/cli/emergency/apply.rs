//! `tfmend emergency apply`: plan, confirm, act, verify, receipt; then the pull request, in the same run.

use std::io::Write;
use std::path::Path;

use anyhow::anyhow;
use serde_json::{Value, json};

use super::args::ApplyArgs;
use super::consider::{Desk, Ends, Ready, Stopped};
use super::plan::{check_format, journal_path};
use super::reconcile::{self, Reconciled};
use super::{confirm, receipts, show};
use crate::approval;
use crate::cli::session::{Attended, Session};
use crate::cli::{Done, Stop, code};
use crate::cloud;
use crate::emergency::trigger::Allowances;
use crate::emergency::{self, Direction, EmergencyError, History, Receipt, Recorder, Scene};
use crate::finding::Finding;
use crate::journal::Journal;
use crate::report::{Format, plain};

/// What became of one finding.
enum Ended {
    Done(Box<Receipt>, Reconciled),
    Refused(crate::emergency::Refused),
    /// Not confirmed; nothing was done.
    Rejected(String),
    Failed(String),
}

pub(super) fn run(args: &ApplyArgs, out: &mut dyn Write) -> Done {
    let inputs = &args.inputs;
    check_format(inputs)?;
    if inputs.finding_id.is_empty() {
        return Err(Stop::Usage(anyhow!(
            "name the findings with --finding-id KEY; `tfmend emergency plan` shows the keys"
        )));
    }
    if inputs.findings.iter().any(|path| path.as_os_str() == "-") {
        return Err(Stop::Usage(anyhow!(
            "`emergency apply` reads the findings twice and may ask on standard input: give --findings FILE instead of -"
        )));
    }
    let path = journal_path(inputs);
    // Opened, and so locked, before anything is read: two runs on one journal go one after the other.
    let mut journal = Some(open(&path)?);
    let findings = {
        let session = Session::read(inputs, Attended::Yes)?;
        session.findings()
    };
    let unknown: Vec<&str> = inputs
        .finding_id
        .iter()
        .filter(|id| {
            let is_meant = |f: &Finding| **id == f.key.id || **id == f.key.to_string();
            !findings.iter().any(is_meant)
        })
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        return Err(Stop::NoInput(format!(
            "no finding has the id or key {}; nothing was done",
            unknown.join(", ")
        )));
    }
    let mut ended: Vec<(Finding, Ended)> = Vec::new();
    for finding in findings {
        // Each begins with what the one before it left.
        let history = receipts::history(&path)?;
        let mut narrowed = inputs.clone();
        narrowed.finding_id = vec![finding.key.to_string()];
        narrowed.event = None;
        let session = Session::read(&narrowed, Attended::Yes)?;
        let allowances = Allowances {
            include_wider: args.wider.include_wider,
            allow_no_admin_path: args.wider.allow_no_admin_path,
        };
        let (desk, _) = Desk::open(&session, &history, allowances, args.keep_others)?;
        let mut open_journal = match journal.take() {
            Some(open) => open,
            None => open(&path)?,
        };
        let end = match one(&desk, &history, &finding, args, &mut open_journal, out) {
            Ok(receipt) => {
                if inputs.format == Format::Text {
                    show::receipt(&receipt, &path.display().to_string(), out)?;
                    out.flush()?;
                }
                // `pr` opens a journal of its own, which may be this one.
                drop(open_journal);
                let reconciled = reconcile::run(args, &finding.key.to_string());
                note(&path, &receipt, &finding, &reconciled)?;
                Ended::Done(Box::new(receipt), reconciled)
            }
            Err(stopped) => {
                journal = Some(open_journal);
                match stopped {
                    Stopped::Refused(refused) => Ended::Refused(refused),
                    Stopped::Failed(EmergencyError::Rejected(why)) => {
                        Ended::Rejected(why.to_string())
                    }
                    Stopped::Failed(e) => Ended::Failed(e.to_string()),
                }
            }
        };
        if inputs.format == Format::Text {
            text(&finding, &end, out)?;
        }
        ended.push((finding, end));
    }
    if inputs.format == Format::Json {
        let results: Vec<Value> = ended.iter().map(|(f, end)| as_json(f, end)).collect();
        let answer =
            json!({ "version": 1, "journal": path.display().to_string(), "results": results });
        serde_json::to_writer_pretty(&mut *out, &answer).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    out.flush()?;
    conclude(&ended)
}

fn open(path: &Path) -> Result<Journal, Stop> {
    Journal::open(path).map_err(|e| Stop::Failed(e.into()))
}

/// One finding's way to its receipt.
fn one(
    desk: &Desk<'_>,
    history: &History,
    finding: &Finding,
    args: &ApplyArgs,
    journal: &mut Journal,
    out: &mut dyn Write,
) -> Result<Receipt, Stopped> {
    let (target, ruling) = desk.may(finding)?;
    let cloud = cloud::Session::open(Some(&target.place.region))?;
    let scene = Scene::enter(&cloud, target.place.clone())??;
    let ready = desk.plan(finding, &target, ruling, &scene, jiff::Timestamp::now())??;
    let text = args.inputs.format == Format::Text;
    if text {
        show::ready(finding, &ready, out).map_err(EmergencyError::from)?;
    }
    let id = match (&ready.plan.resumes, &ready.ends) {
        (Some(id), _) => id.clone(),
        (None, _) => history.new_id(jiff::Timestamp::now(), &ready.plan.hash()),
    };
    let mut record = Recorder {
        journal,
        id,
        direction: Direction::Apply,
        finding: ready.plan.finding.clone(),
        rule: ready.plan.rule.clone(),
        user: confirm::user(),
        clock: &jiff::Timestamp::now,
    };
    act(&ready, &scene, args, &mut record, out)
}

fn act(
    ready: &Ready,
    scene: &Scene<'_>,
    args: &ApplyArgs,
    record: &mut Recorder<'_>,
    out: &mut dyn Write,
) -> Result<Receipt, Stopped> {
    if let Some(Ends::Settle(case)) = &ready.ends {
        return Ok(emergency::settle(&case.receipt, scene, record)?);
    }
    let request = ready.plan.request(args.reason.as_deref());
    let confirmation = confirm::ask(&request, &args.confirm, out).map_err(EmergencyError::from)?;
    let approval = approval::grant(
        &request,
        &ready.ruling,
        &confirmation,
        jiff::Timestamp::now(),
    )?;
    if let Some(Ends::Void(case)) = &ready.ends {
        let mut earlier = Recorder {
            journal: &mut *record.journal,
            id: case.id.clone(),
            direction: Direction::Apply,
            finding: case.finding.clone(),
            rule: case.rule.clone(),
            user: None,
            clock: record.clock,
        };
        earlier.nothing_happened()?;
    }
    Ok(emergency::execute(
        &ready.plan.action,
        &approval,
        scene,
        record,
    )?)
}

/// Writes down what became of the code's side.
fn note(
    path: &Path,
    receipt: &Receipt,
    finding: &Finding,
    reconciled: &Reconciled,
) -> Result<(), Stop> {
    let (links, problem): (&[String], Option<&str>) = match reconciled {
        Reconciled::Requests(links) => (links, None),
        Reconciled::Already => (&[], None),
        Reconciled::ByHand(_) => (&[], Some("no forge was named")),
        Reconciled::Not(why) => (&[], Some(why)),
    };
    let mut journal = open(path)?;
    let mut record = Recorder {
        journal: &mut journal,
        id: receipt.id.clone(),
        direction: Direction::Apply,
        finding: finding.key.to_string(),
        rule: String::new(),
        user: None,
        clock: &jiff::Timestamp::now,
    };
    record
        .reconciled(links, problem)
        .map_err(|e| Stop::Failed(e.into()))
}

fn text(finding: &Finding, end: &Ended, out: &mut dyn Write) -> std::io::Result<()> {
    match end {
        Ended::Done(receipt, reconciled) => {
            match reconciled {
                Reconciled::Requests(links) => {
                    for link in links {
                        writeln!(out, "  pull request {}", plain(link))?;
                    }
                }
                Reconciled::Already => writeln!(
                    out,
                    "  the code says the same already: no pull request is needed"
                )?,
                Reconciled::ByHand(command) => writeln!(
                    out,
                    "  the code still says the opposite, and its next apply would undo this; open the pull request: {}",
                    plain(command)
                )?,
                Reconciled::Not(why) => writeln!(
                    out,
                    "  THE LIVE CHANGE IS DONE, BUT THERE IS NO PULL REQUEST: {}",
                    plain(why)
                )?,
            }
            writeln!(
                out,
                "  go back with: tfmend emergency rollback {}\n",
                plain(&receipt.id)
            )
        }
        Ended::Refused(refused) => show::refused(finding, refused, out),
        Ended::Rejected(why) => writeln!(out, "nothing was done: {}\n", plain(why)),
        Ended::Failed(why) => writeln!(out, "failed: {}\n", plain(why)),
    }
}

fn as_json(finding: &Finding, end: &Ended) -> Value {
    let mut value = json!({ "finding": finding.key.to_string() });
    match end {
        Ended::Done(receipt, reconciled) => {
            value["result"] = json!("done");
            value["receipt"] = json!(receipt);
            value["reconciled"] = match reconciled {
                Reconciled::Requests(links) => json!({ "pull_requests": links }),
                Reconciled::Already => {
                    json!({ "pull_requests": [], "message": "the code says the same already" })
                }
                Reconciled::ByHand(command) => json!({ "pull_requests": [], "command": command }),
                Reconciled::Not(why) => json!({ "pull_requests": [], "problem": why }),
            };
        }
        Ended::Refused(refused) => {
            value["result"] = json!("refused");
            value["refused"] = show::refused_json(finding, refused);
        }
        Ended::Rejected(why) => {
            value["result"] = json!("rejected");
            value["message"] = json!(why);
        }
        Ended::Failed(why) => {
            value["result"] = json!("failed");
            value["message"] = json!(why);
        }
    }
    value
}

/// The exit code: what failed, what was not confirmed, what is refused, in this order.
fn conclude(ended: &[(Finding, Ended)]) -> Done {
    for (finding, end) in ended {
        match end {
            Ended::Failed(why) => {
                return Err(Stop::Failed(anyhow!("{}: {why}", finding.key)));
            }
            Ended::Done(receipt, Reconciled::Not(why)) => {
                return Err(Stop::Failed(anyhow!(
                    "{}: the live change is done and verified (receipt {}), but the pull request could not be made: \
                     {why}; run `tfmend pr` for this finding",
                    finding.key,
                    receipt.id
                )));
            }
            _ => {}
        }
    }
    for (finding, end) in ended {
        if let Ended::Rejected(why) = end {
            return Err(Stop::Usage(anyhow!("{}: {why}", finding.key)));
        }
    }
    let refused = ended
        .iter()
        .any(|(_, end)| matches!(end, Ended::Refused(_)));
    Ok(if refused {
        code::NEEDS_HUMAN
    } else {
        code::DONE
    })
}
