//! `tfmend explain RULE | FINDING`: the rule's page, or why a finding came out as it did.

use std::io::Write;

use super::args::ExplainArgs;
use super::session::{Attended, Session};
use super::{Done, Stop, code, rules};
use crate::report;

pub(super) fn run(args: &ExplainArgs, out: &mut dyn Write) -> Done {
    let catalogue = rules::catalogue(&args.inputs.rules)?;
    if args.inputs.findings.is_empty() && args.inputs.from.is_empty() {
        return rules::show(rules::rule(&catalogue, &args.what)?, out);
    }
    let mut inputs = args.inputs.clone();
    inputs.finding_id = vec![args.what.clone()];
    let session = Session::read(&inputs, Attended::Yes)?;
    let worked = session.work(|run, stages| Ok::<_, Stop>(stages.without_forge(run)))?;
    report::write(&worked.output, args.inputs.format, &worked.diff, true, out)?;
    if args.inputs.format == report::Format::Text {
        let mut shown: Vec<&str> = worked
            .output
            .outcomes
            .iter()
            .filter_map(|o| o.rule.as_deref())
            .collect();
        shown.sort_unstable();
        shown.dedup();
        for id in shown {
            writeln!(out, "\n`tfmend explain {id}` shows the rule's page.")?;
        }
    }
    Ok(code::DONE)
}
