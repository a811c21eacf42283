//! `tfmend emergency rollback`: what was there before comes back, from the receipt.

use std::io::Write;

use anyhow::anyhow;
use serde_json::json;

use super::args::RollbackArgs;
use super::consider::Stopped;
use super::{confirm, receipts, show};
use crate::approval;
use crate::cli::args::ListFormat;
use crate::cli::{Done, Stop, code};
use crate::cloud;
use crate::config;
use crate::emergency::{
    self, Case, Direction, EmergencyError, Phase, Plan, Receipt, Recorder, Refused, RefusedKind,
    Scene, Standing,
};
use crate::journal::Journal;
use crate::policy::{DecidedBy, LiveChange, Overrides, Policy, Ruling};
use crate::report::plain;
use crate::rules::Profile;

/// How it ended.
enum Back {
    /// It was done now.
    Done(Box<Receipt>),
    /// There was nothing to do.
    Already(String),
}

pub(super) fn run(args: &RollbackArgs, out: &mut dyn Write) -> Done {
    let path = receipts::path(args.journal.journal.as_deref());
    if !path.exists() {
        return Err(Stop::Usage(anyhow!(
            "there is no journal `{}`; name the one with the receipt: --journal FILE",
            path.display()
        )));
    }
    let mut journal = Journal::open(&path).map_err(|e| Stop::Failed(e.into()))?;
    let history = receipts::history(&path)?;
    let case = receipts::case(&history, &args.id, &path)?;
    let text = args.format == ListFormat::Text;
    match back(case, args, &mut journal, out) {
        Ok(Back::Done(receipt)) if text => {
            show::receipt(&receipt, &path.display().to_string(), out)?;
            writeln!(
                out,
                "  the finding is open again; a pull request that was opened for it still closes it when it is merged"
            )?;
            Ok(code::DONE)
        }
        Ok(Back::Already(why)) if text => {
            writeln!(out, "{}: {}", plain(&case.id), plain(&why))?;
            Ok(code::DONE)
        }
        Ok(back) => {
            let answer = match back {
                Back::Done(receipt) => {
                    json!({ "version": 1, "result": "done", "receipt": receipt })
                }
                Back::Already(why) => json!({ "version": 1, "result": "already", "message": why }),
            };
            serde_json::to_writer_pretty(&mut *out, &answer).map_err(std::io::Error::from)?;
            writeln!(out)?;
            Ok(code::DONE)
        }
        Err(Stopped::Refused(refused)) => {
            if text {
                writeln!(
                    out,
                    "{}: {}: {}\n  next: {}",
                    plain(&case.id),
                    refused.kind.word(),
                    plain(&refused.message),
                    plain(&refused.next)
                )?;
            } else {
                let answer = json!({ "version": 1, "result": "refused", "refused": refused });
                serde_json::to_writer_pretty(&mut *out, &answer).map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
            Ok(code::NEEDS_HUMAN)
        }
        Err(Stopped::Failed(EmergencyError::Rejected(why))) => {
            out.flush()?;
            Err(Stop::Usage(why.into()))
        }
        Err(Stopped::Failed(error)) => {
            out.flush()?;
            Err(Stop::Failed(error.into()))
        }
    }
}

/// A rollback needs no policy rule that allows it: the receipt of an allowed change does. A pause stops it.
fn ruling(args: &RollbackArgs) -> Result<Ruling<LiveChange>, Stopped> {
    let config = config::load(&args.repo, args.config.as_deref()).map_err(EmergencyError::from)?;
    let policy =
        Policy::new(&config, Profile::All, Overrides::default()).map_err(EmergencyError::from)?;
    Ok(policy.live_changes_paused().unwrap_or_else(|| Ruling {
        answer: LiveChange::Eligible,
        why: format!("it undoes {}", args.id),
        decided_by: DecidedBy::Named("the receipt".to_owned()),
    }))
}

fn back(
    case: &Case,
    args: &RollbackArgs,
    journal: &mut Journal,
    out: &mut dyn Write,
) -> Result<Back, Stopped> {
    let ruling = ruling(args)?;
    if let Some(refused) = Refused::by_policy(&ruling) {
        return Err(refused.into());
    }
    if case.phase == Phase::Void {
        return Ok(Back::Already(
            "it changed nothing, so there is nothing to undo".to_owned(),
        ));
    }
    let place = case.receipt.place.clone();
    let cloud = cloud::Session::open(Some(&place.region))?;
    let scene = Scene::enter(&cloud, place)??;
    let read_at = jiff::Timestamp::now();
    let mut undo = case.receipt.action.undo();
    let now = undo.observe(&scene)?;
    let mut standing = undo.standing(&now);
    if matches!(standing, Standing::Elsewhere(_)) && args.keep_others {
        undo = undo.among(&now);
        standing = undo.standing(&now);
    }
    let mut record = Recorder {
        journal,
        id: case.id.clone(),
        direction: Direction::Rollback,
        finding: case.finding.clone(),
        rule: case.rule.clone(),
        user: confirm::user(),
        clock: &jiff::Timestamp::now,
    };
    let drifted = |message: String| {
        Err(Stopped::Refused(Refused::new(
            RefusedKind::Drifted,
            message,
            "see `tfmend emergency show`; --keep-others leaves alone what others changed, or restore it by hand",
        )))
    };
    match standing {
        Standing::After => match (&case.undo, case.phase) {
            (Some(begun), Phase::UndoBegun) => {
                let receipt = emergency::settle(begun, &scene, &mut record)?;
                return Ok(Back::Done(Box::new(receipt)));
            }
            (_, Phase::Begun) => {
                record.direction = Direction::Apply;
                record.nothing_happened()?;
                return Ok(Back::Already(
                    "it changed nothing, so there is nothing to undo".to_owned(),
                ));
            }
            _ => {
                return Ok(Back::Already(format!(
                    "`{}` is as it was before: nothing was written",
                    undo.resource()
                )));
            }
        },
        Standing::Between if !matches!(case.phase, Phase::Begun | Phase::UndoBegun) => {
            return drifted(format!(
                "`{}` is neither as after the change nor as before it; left of the undo: {}",
                undo.resource(),
                undo.calls(&now, scene.place()).join("; ")
            ));
        }
        Standing::Elsewhere(differences) => {
            return drifted(format!(
                "`{}` is neither as after the change nor as before it: {}",
                undo.resource(),
                differences.join("; ")
            ));
        }
        Standing::Before | Standing::Between => {}
    }
    let plan = Plan {
        finding: case.finding.clone(),
        rule: case.rule.clone(),
        calls: undo.calls(&now, scene.place()),
        action: undo,
        place: scene.place().clone(),
        loses: Vec::new(),
        notes: vec!["What the change closed is open again after this.".to_owned()],
        read_at,
        resumes: Some(case.id.clone()),
    };
    if args.format == ListFormat::Text {
        show::plan(&plan, out).map_err(EmergencyError::from)?;
    }
    let request = plan.request(args.reason.as_deref());
    let confirmation = confirm::ask(&request, &args.confirm, out)?;
    let approval = approval::grant(&request, &ruling, &confirmation, jiff::Timestamp::now())?;
    let receipt = emergency::execute(&plan.action, &approval, &scene, &mut record)?;
    Ok(Back::Done(Box::new(receipt)))
}
