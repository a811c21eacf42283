//! `tfmend emergency plan`: what would be done in the live cloud. Reads; writes nothing.

use std::io::Write;
use std::path::PathBuf;

use anyhow::anyhow;
use serde_json::json;

use super::args::PlanArgs;
use super::consider::{Desk, Ready, Stopped};
use super::{receipts, show};
use crate::cli::args::{FailOn, Inputs};
use crate::cli::session::{Attended, Session};
use crate::cli::{Done, Stop, code};
use crate::cloud;
use crate::emergency::trigger::Allowances;
use crate::emergency::{RefusedKind, Scene};
use crate::finding::Finding;
use crate::report::Format;

pub(super) fn run(args: &PlanArgs, out: &mut dyn Write) -> Done {
    let inputs = &args.inputs;
    check_format(inputs)?;
    let history = receipts::history(&journal_path(inputs))?;
    let session = Session::read(inputs, Attended::Yes)?;
    let allowances = Allowances {
        include_wider: args.wider.include_wider,
        allow_no_admin_path: args.wider.allow_no_admin_path,
    };
    let (desk, findings) = Desk::open(&session, &history, allowances, args.keep_others)?;
    let mut plans = Vec::new();
    let mut refusals = Vec::new();
    let mut failures = Vec::new();
    for finding in &findings {
        match consider(&desk, finding) {
            Ok(ready) => plans.push((finding, ready)),
            Err(Stopped::Refused(refused)) => refusals.push((finding, refused)),
            Err(Stopped::Failed(error)) => failures.push((finding, error.to_string())),
        }
    }
    if inputs.format == Format::Json {
        let answer = json!({
            "version": 1,
            "plans": plans.iter().map(|(_, ready)| show::ready_json(ready)).collect::<Vec<_>>(),
            "refused": refusals.iter().map(|(f, r)| show::refused_json(f, r)).collect::<Vec<_>>(),
            "failed": failures.iter().map(|(f, why)| json!({"finding": f.key.to_string(), "message": why})).collect::<Vec<_>>(),
        });
        serde_json::to_writer_pretty(&mut *out, &answer).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        for (finding, ready) in &plans {
            show::ready(finding, ready, out)?;
        }
        // What no rule could ever answer here needs no block of its own.
        let mut silent = 0;
        for (finding, refused) in &refusals {
            if refused.kind == RefusedKind::NoLiveAction && !inputs.all {
                silent += 1;
            } else {
                show::refused(finding, refused, out)?;
            }
        }
        if silent > 0 {
            writeln!(
                out,
                "{silent} finding(s) have no live action (--all lists them)"
            )?;
        }
        writeln!(
            out,
            "{} can be changed at once, {} cannot. Nothing was written.",
            plans.len(),
            refusals.len() + failures.len()
        )?;
    }
    if let Some((finding, why)) = failures.first() {
        out.flush()?;
        return Err(Stop::Failed(anyhow!(
            "{}: {why}{}",
            finding.key,
            match failures.len() {
                1 => String::new(),
                n => format!(" (and {} more)", n - 1),
            }
        )));
    }
    Ok(
        if inputs.fail_on == Some(FailOn::NeedsHuman) && !refusals.is_empty() {
            code::NEEDS_HUMAN
        } else if inputs.exit_code && !plans.is_empty() {
            code::CHANGES
        } else {
            code::DONE
        },
    )
}

fn consider(desk: &Desk<'_>, finding: &Finding) -> Result<Ready, Stopped> {
    let (target, ruling) = desk.may(finding)?;
    let cloud = cloud::Session::open(Some(&target.place.region))?;
    let scene = Scene::enter(&cloud, target.place.clone())??;
    Ok(desk.plan(finding, &target, ruling, &scene, jiff::Timestamp::now())??)
}

/// `emergency` has two formats.
pub(super) fn check_format(inputs: &Inputs) -> Result<(), Stop> {
    if matches!(inputs.format, Format::Text | Format::Json) {
        return Ok(());
    }
    Err(Stop::Usage(anyhow!(
        "`tfmend emergency` knows --format text and --format json"
    )))
}

/// The journal of a run: the flag, the environment, or the default.
pub(super) fn journal_path(inputs: &Inputs) -> PathBuf {
    receipts::path(inputs.journal.as_deref())
}
