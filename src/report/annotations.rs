//! GitHub Actions annotations: at most ten a level, the last one says how many more there are.

use std::io::{self, Write};

use crate::outcome::{Outcome, OutcomeKind, Output};

/// GitHub shows ten annotations of a level for a step and drops the rest silently.
pub(super) const SHOWN: usize = 10;

/// Workflow commands take `%`, CR and LF escaped; properties `:` and `,` as well.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn annotation(level: &str, o: &Outcome) -> String {
    let mut properties = Vec::new();
    if let Some(file) = &o.file {
        properties.push(format!("file={}", property(file)));
        if let Some(line) = o.line {
            properties.push(format!("line={line}"));
        }
    }
    let control = o.finding.control.as_deref().unwrap_or("finding");
    properties.push(format!(
        "title={}",
        property(&format!("{control}: {}", o.outcome.words()))
    ));
    let subject = o
        .address
        .as_deref()
        .or(o.finding.resource.as_deref())
        .unwrap_or(&o.finding.key);
    let text = match &o.reason {
        Some(reason) => format!("{subject}: {} Next: {}", reason.message, reason.next),
        None => format!("{subject}: {}", o.finding.title),
    };
    format!("::{level} {}::{}", properties.join(","), data(&text))
}

pub(super) fn write(output: &Output, to: &mut dyn Write) -> io::Result<()> {
    let of = |kinds: &[OutcomeKind]| -> Vec<&Outcome> {
        output
            .outcomes
            .iter()
            .filter(|o| kinds.contains(&o.outcome))
            .collect()
    };
    let levels = [
        ("error", of(&[OutcomeKind::Failed, OutcomeKind::Invalid])),
        (
            "warning",
            of(&[
                OutcomeKind::Refused,
                OutcomeKind::NotLocated,
                OutcomeKind::Emergency,
                OutcomeKind::Advice,
            ]),
        ),
        ("notice", of(&[OutcomeKind::Proposed])),
    ];
    for (level, outcomes) in levels {
        let shown = if outcomes.len() > SHOWN {
            SHOWN - 1
        } else {
            outcomes.len()
        };
        for o in &outcomes[..shown] {
            writeln!(to, "{}", annotation(level, o))?;
        }
        if outcomes.len() > shown {
            writeln!(
                to,
                "::{level} title=tfmend::and {} more; see the step summary or --format json",
                outcomes.len() - shown
            )?;
        }
    }
    Ok(())
}
