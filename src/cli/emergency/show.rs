//! Plans and receipts, for a person and for a machine.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::consider::{Ends, Ready};
use crate::emergency::plan as emergency_plan;
use crate::emergency::{Case, LiveAction, Plan, Receipt, Refused, ingress, public_access};
use crate::finding::Finding;
use crate::report::plain;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// The state before or after an action in words, a line each.
fn state(action: &LiveAction, after: bool) -> Vec<String> {
    match action {
        LiveAction::BlockPublicAccess(change) | LiveAction::RestorePublicAccess(change) => {
            let block = if after { change.after } else { change.before };
            vec![format!(
                "public access block {}",
                public_access::words(block)
            )]
        }
        LiveAction::CloseIngress(change) | LiveAction::RestoreIngress(change) => {
            let rules = if after {
                change.after()
            } else {
                change.before.clone()
            };
            if rules.is_empty() {
                return vec!["no ingress rule".to_owned()];
            }
            rules.iter().map(ingress::words).collect()
        }
    }
}

fn list(title: &str, lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    for (number, line) in lines.iter().enumerate() {
        let title = if number == 0 { title } else { "" };
        writeln!(out, "  {DIM}{title:<10}{DIM:#} {}", plain(line))?;
    }
    Ok(())
}

/// What is done, where, and what it means: for a plan of either direction.
pub(super) fn plan(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{RED}{}{RED:#} {BOLD}{}{BOLD:#}",
        plan.action.word(),
        plain(plan.action.resource())
    )?;
    let one = |text: String| [text];
    list("finding", &one(plan.finding.clone()), out)?;
    list("account", &one(plan.place.account.clone()), out)?;
    list("region", &one(plan.place.region.clone()), out)?;
    let role = plan
        .place
        .role
        .as_deref()
        .unwrap_or("(the caller's own identity)");
    list("role", &one(role.to_owned()), out)?;
    list("before", &state(&plan.action, false), out)?;
    list("after", &state(&plan.action, true), out)?;
    if plan.calls.is_empty() {
        list("calls", &one("none: all of them were made".to_owned()), out)?;
    }
    list("calls", &plan.calls, out)?;
    list("loses", &plan.loses, out)?;
    for note in &plan.notes {
        writeln!(out, "  {YELLOW}note{YELLOW:#}       {}", plain(note))?;
    }
    list("rollback", &plan.undo_calls(), out)?;
    list("plan", &one(plan.hash().as_str().to_owned()), out)
}

/// A plan that answers a finding, with what the code does and how it is confirmed.
pub(super) fn ready(finding: &Finding, ready: &Ready, out: &mut dyn Write) -> io::Result<()> {
    plan(&ready.plan, out)?;
    list("title", std::slice::from_ref(&finding.title), out)?;
    list("allowed by", &[ready.ruling.decided_by.to_string()], out)?;
    let style = if ready.code.follows { DIM } else { YELLOW };
    writeln!(
        out,
        "  {style}code{style:#}       {}",
        plain(&ready.code.words)
    )?;
    if !matches!(ready.ends, Some(Ends::Settle(_))) {
        let request = ready.plan.request(None);
        writeln!(
            out,
            "  {DIM}confirm{DIM:#}    type {BOLD}{}{BOLD:#}, or give --confirm \"{}\"",
            plain(&request.resource),
            plain(&request.confirmation())
        )?;
    }
    writeln!(out)
}

/// A finding that is not answered in the live cloud.
pub(super) fn refused(finding: &Finding, refused: &Refused, out: &mut dyn Write) -> io::Result<()> {
    let control = finding.controls.first().map_or("-", |c| c.code.as_str());
    writeln!(
        out,
        "{BOLD}{}{BOLD:#} {}",
        plain(control),
        plain(&finding.resource.id)
    )?;
    writeln!(
        out,
        "  {YELLOW}{}{YELLOW:#}: {}",
        refused.kind.word(),
        plain(&refused.message)
    )?;
    if let Some(by) = &refused.decided_by {
        list("decided by", std::slice::from_ref(by), out)?;
    }
    list("next", std::slice::from_ref(&refused.next), out)?;
    writeln!(out)
}

/// A plan as JSON.
pub(super) fn plan_json(plan: &Plan) -> Value {
    json!({
        "finding": plan.finding,
        "rule": plan.rule,
        "action": plan.action.word(),
        "resource": plan.action.resource(),
        "account": plan.place.account,
        "region": plan.place.region,
        "role": plan.place.role,
        "before": plan.action.before(),
        "after": plan.action.after(),
        "calls": plan.calls,
        "loses": plan.loses,
        "notes": plan.notes,
        "rollback": plan.undo_calls(),
        "plan_hash": plan.hash().as_str(),
        "confirmation": plan.request(None).confirmation(),
        "resumes": plan.resumes,
    })
}

/// The same, for a plan that answers a finding.
pub(super) fn ready_json(ready: &Ready) -> Value {
    let mut value = plan_json(&ready.plan);
    value["allowed_by"] = json!(ready.ruling.decided_by.to_string());
    value["code"] = json!({ "follows": ready.code.follows, "message": ready.code.words });
    value
}

/// A refusal as JSON.
pub(super) fn refused_json(finding: &Finding, refused: &Refused) -> Value {
    json!({
        "finding": finding.key.to_string(),
        "control": finding.controls.first().map(|c| c.code.clone()),
        "resource": finding.resource.id,
        "kind": refused.kind.word(),
        "message": refused.message,
        "next": refused.next,
        "decided_by": refused.decided_by,
    })
}

/// What was done.
pub(super) fn receipt(receipt: &Receipt, journal: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{BOLD}done{BOLD:#} {} {}: verified by reading back",
        receipt.action.word(),
        plain(receipt.action.resource())
    )?;
    let sent: Vec<String> = receipt.sent.iter().map(|s| s.call.clone()).collect();
    list("made", &sent, out)?;
    let new: Vec<&str> = receipt
        .sent
        .iter()
        .flat_map(|s| s.made.iter().map(String::as_str))
        .collect();
    if !new.is_empty() {
        list("new ids", &[new.join(", ")], out)?;
    }
    list("receipt", &[format!("{} in {journal}", receipt.id)], out)
}

/// One line of `list`.
pub(super) fn line(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}  {:<10} {} {}  {DIM}{} {}{DIM:#}",
        plain(&case.id),
        case.phase.word(),
        case.receipt.action.word(),
        plain(case.receipt.action.resource()),
        plain(&case.receipt.place.account),
        plain(&case.receipt.place.region)
    )
}

/// Everything about one case.
pub(super) fn case(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    line(case, out)?;
    let one = |text: &str| [text.to_owned()];
    let receipt = &case.receipt;
    list("finding", &one(&case.finding), out)?;
    list("rule", &one(&case.rule), out)?;
    list("begun", &one(&case.begun.to_string()), out)?;
    let role = receipt
        .place
        .role
        .as_deref()
        .unwrap_or("(the caller's own identity)");
    list("role", &one(role), out)?;
    let operator = &receipt.operator;
    let user = operator.user.as_deref().unwrap_or("(unknown)");
    list(
        "operator",
        &one(&format!("{} as {user}", operator.caller)),
        out,
    )?;
    list("acted as", &one(&operator.acting), out)?;
    if let Some(reason) = receipt.approval["reason"].as_str() {
        list("reason", &one(reason), out)?;
    }
    list("before", &state(&receipt.action, false), out)?;
    list("after", &state(&receipt.action, true), out)?;
    list("plan", &one(receipt.plan.as_str()), out)?;
    list("requests", &case.pull_requests, out)?;
    list("rollback", &receipt.undo, out)?;
    list("confirm", &one(&rollback_confirmation(case)), out)?;
    for (at, what, why) in &case.entries {
        writeln!(out, "  {DIM}{at}{DIM:#} {} {}", plain(what), plain(why))?;
    }
    Ok(())
}

/// What confirms the rollback of a case, as long as nobody else changes the resource.
fn rollback_confirmation(case: &Case) -> String {
    let undo = case.receipt.action.undo();
    let hash = emergency_plan::hash(&undo, &case.receipt.place);
    format!("{}@{}", undo.resource(), hash.short())
}

/// The same as JSON.
pub(super) fn case_json(case: &Case) -> Value {
    json!({
        "id": case.id,
        "phase": case.phase.word(),
        "finding": case.finding,
        "rule": case.rule,
        "begun": case.begun,
        "receipt": case.receipt,
        "undo": case.undo,
        "pull_requests": case.pull_requests,
        "rollback_confirmation": rollback_confirmation(case),
        "entries": case.entries.iter().map(|(at, what, why)| json!({"at": at, "what": what, "why": why})).collect::<Vec<_>>(),
    })
}
