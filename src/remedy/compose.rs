//! Several fixes in one run: their union must apply, and none may undo another.

use super::{Affected, Context, Fix, Refusal, RefusalKind, Remediation, Verdict, assess, proof};
use crate::terraform::Edit;

/// Keeps the fixes whose edits apply together and whose instances are all still cured on the union; the earlier one
/// wins. A later one that does not fit becomes `refused: conflict`. Everything that is no remediation passes through;
/// the order stays.
#[must_use]
pub fn compose(context: &Context<'_, '_>, fixes: Vec<Fix>) -> Vec<Fix> {
    let all: Vec<(usize, &Remediation)> = fixes
        .iter()
        .enumerate()
        .filter_map(|(number, fix)| match fix {
            Fix::Remediation(remediation) => Some((number, &**remediation)),
            _ => None,
        })
        .collect();
    let mut union = Union {
        context,
        kept: Vec::new(),
        refused: Vec::new(),
    };
    union.add(&all);
    let refused = union.refused;
    let mut out = fixes;
    for (number, refusal) in refused {
        out[number] = Fix::Refused(refusal);
    }
    out
}

/// What has been kept so far.
struct Union<'u, 'c, 'a> {
    context: &'u Context<'c, 'a>,
    kept: Vec<&'u Remediation>,
    refused: Vec<(usize, Refusal)>,
}

impl<'u> Union<'u, '_, '_> {
    /// Adds a batch if it fits as a whole, else its halves one after the other: nearly always everything fits, and
    /// the whole configuration has to be read once only.
    fn add(&mut self, batch: &[(usize, &'u Remediation)]) {
        let with: Vec<&Remediation> = self
            .kept
            .iter()
            .copied()
            .chain(batch.iter().map(|(_, r)| *r))
            .collect();
        match (self.fits(&with), batch) {
            (_, []) => {}
            (Ok(()), _) => self.kept = with,
            (Err(why), [(number, _)]) => self.refused.push((*number, conflict(&why))),
            (Err(_), _) => {
                let (first, second) = batch.split_at(batch.len() / 2);
                self.add(first);
                self.add(second);
            }
        }
    }

    fn fits(&self, remediations: &[&Remediation]) -> Result<(), String> {
        let mut edits: Vec<Edit> = Vec::new();
        for edit in remediations.iter().flat_map(|r| &r.edits) {
            // The same change may answer several findings.
            if !edits.contains(edit) {
                edits.push(edit.clone());
            }
        }
        let spoiled = proof::after(self.context.cfg, &edits, |cfg| {
            let edited = Context {
                cfg,
                ..*self.context
            };
            remediations
                .iter()
                .find(|r| !self.still_cured(&edited, r))
                .map(|r| (r.rule.clone(), r.instance.clone()))
        });
        match spoiled {
            Ok(None) => Ok(()),
            Ok(Some((rule, Affected { address, .. }))) => Err(format!(
                "together they do not bring `{address}` to the state that rule `{rule}` asks for"
            )),
            Err(refusal) => Err(refusal.message),
        }
    }

    /// Whether what a remediation cures by itself is cured on the union too. A control may ask for a part of a rule
    /// only, so what its own edits leave open may stay open.
    fn still_cured(&self, union: &Context<'_, '_>, remediation: &Remediation) -> bool {
        let Some(rule) = union.catalogue.rule(&remediation.rule) else {
            return true;
        };
        let whole = serde_json::Value::Null;
        let complaints = |verdict: Verdict| match verdict {
            Verdict::Safe => Vec::new(),
            Verdict::Unsafe(why) => why.split("; ").map(str::to_owned).collect(),
            Verdict::Unknown(refusal) => vec![refusal.message],
        };
        let now = complaints(assess(union, &remediation.instance, rule, &whole));
        if now.is_empty() {
            return true;
        }
        let alone = proof::after(self.context.cfg, &remediation.edits, |cfg| {
            let edited = Context {
                cfg,
                ..*self.context
            };
            complaints(assess(&edited, &remediation.instance, rule, &whole))
        });
        alone.is_ok_and(|alone| now.iter().all(|complaint| alone.contains(complaint)))
    }
}

fn conflict(message: &str) -> Refusal {
    Refusal::new(
        RefusalKind::Conflict,
        format!("another fix of this run changes the same code: {message}"),
        "merge that one first, then run again",
    )
}
