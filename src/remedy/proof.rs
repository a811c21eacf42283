//! Invariant 3: an edit is kept only if the edited code is safe by the same predicate, and nothing else became unsafe.

use super::{Affected, Refusal, RefusalKind, Verdict};
use crate::rules::{Catalogue, Rule};
use crate::terraform::module::Configuration;
use crate::terraform::{Edit, EditError};

use super::draft::Draft;
use super::subject::Subject;
use super::{Context, assess};

/// Looks at the configuration as it is after these edits.
///
/// # Errors
/// The edits do not apply.
pub(crate) fn after<T>(
    cfg: &Configuration<'_>,
    edits: &[Edit],
    look: impl FnOnce(&Configuration<'_>) -> T,
) -> Result<T, Refusal> {
    let estate = cfg.estate_after(edits).map_err(|e| not_applied(&e))?;
    let touched = edits
        .iter()
        .flat_map(|e| std::iter::once(e.file()).chain(cfg.estate().other_names(e.file())))
        .cloned()
        .collect();
    let edited = cfg.edited(&estate, &touched);
    Ok(look(&edited))
}

fn not_applied(error: &EditError) -> Refusal {
    match error {
        EditError::Overlap(..) | EditError::Exists(_) => Refusal::new(
            RefusalKind::Conflict,
            error.to_string(),
            "merge the other change first, then run again",
        ),
        _ => Refusal::new(
            RefusalKind::NotProved,
            error.to_string(),
            "change it by hand, and report the shape of this code as a bug",
        ),
    }
}

/// Checks a draft: `rule` must find every instance in `cured` safe, and no rule of the catalogue may find an instance of
/// `touched` unsafe that it found safe before.
///
/// # Errors
/// `not-proved` or `new-finding`, naming the instance and the rule.
pub(crate) fn check(
    context: &Context<'_, '_>,
    rule: &Rule,
    with: &serde_json::Value,
    draft: &Draft,
    cured: &Affected,
    touched: &[Affected],
) -> Result<(), Refusal> {
    let before = safe_pairs(context, context.catalogue, touched);
    after(context.cfg, &draft.edits, |cfg| {
        // A grant that was the finding's own object is cured by being gone.
        if draft.removed.contains(cured) && !exists(cfg, cured) {
            return Ok(());
        }
        let edited = Context { cfg, ..*context };
        match assess(&edited, cured, rule, with) {
            Verdict::Safe => {}
            Verdict::Unsafe(why) => {
                return Err(not_proved(rule, cured, &why));
            }
            Verdict::Unknown(refusal) => {
                return Err(not_proved(rule, cured, &refusal.message));
            }
        }
        for (other, instance) in before {
            if draft.removed.contains(instance) && !exists(cfg, instance) {
                continue;
            }
            if let Verdict::Unsafe(why) = assess(&edited, instance, other, &serde_json::Value::Null)
            {
                return Err(Refusal::new(
                    RefusalKind::NewFinding,
                    format!(
                        "the edit would cure `{}`, but rule `{}` would then find `{}` unsafe: {why}",
                        rule.id, other.id, instance.address
                    ),
                    "change both by hand",
                ));
            }
        }
        Ok(())
    })?
}

/// Whether the configuration (still) has an instance.
fn exists(cfg: &Configuration<'_>, instance: &Affected) -> bool {
    Subject::find(cfg, &instance.root, &instance.address).is_some_and(|subject| {
        let instances = cfg.instances(&subject.at);
        instances.unknown.is_some() || instances.known.contains(&instance.address)
    })
}

fn not_proved(rule: &Rule, cured: &Affected, why: &str) -> Refusal {
    Refusal::new(
        RefusalKind::NotProved,
        format!(
            "the edit was made and checked, and rule `{}` still does not find `{}` safe: {why}",
            rule.id, cured.address
        ),
        "change it by hand, and report the shape of this code as a bug",
    )
}

/// The rules that find an instance safe now.
fn safe_pairs<'r, 't>(
    context: &Context<'_, '_>,
    catalogue: &'r Catalogue,
    touched: &'t [Affected],
) -> Vec<(&'r Rule, &'t Affected)> {
    let mut pairs = Vec::new();
    for instance in touched {
        for rule in catalogue.rules() {
            if rule.remedy_for(&instance.address.kind).is_some()
                && assess(context, instance, rule, &serde_json::Value::Null) == Verdict::Safe
            {
                pairs.push((rule, instance));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::Parameters;
    use crate::terraform::edit::Pen;
    use crate::terraform::{Estate, RepoPath, SourceFile};

    const CODE: &str = "resource \"aws_db_instance\" \"this\" {\n  publicly_accessible = true\n  deletion_protection = true\n}\n";

    /// What the proof says of a draft that sets these attributes, as the answer of `rds-public`.
    fn proved(sets: &[(&str, &str)]) -> Result<(), Refusal> {
        let path = RepoPath::new("main.tf").unwrap();
        let estate = Estate::new([SourceFile::new(path.clone(), CODE.as_bytes().to_vec())]);
        let cfg = Configuration::new(&estate);
        let catalogue = Catalogue::embedded().unwrap();
        let context = Context {
            cfg: &cfg,
            catalogue: &catalogue,
            parameters: &Parameters::default(),
        };
        let address = "aws_db_instance.this".parse().unwrap();
        let subject = Subject::find(&cfg, &RepoPath::new("").unwrap(), &address).unwrap();
        let file = estate.file(&path).unwrap();
        let block = file.body().unwrap().blocks().next().unwrap();
        let pen = Pen::new(file);
        let mut draft = Draft::of(&subject);
        draft.edits = sets
            .iter()
            .flat_map(|(name, value)| pen.set_attribute(block, name, value))
            .collect();
        let cured = subject.affected();
        check(
            &context,
            catalogue.rule("rds-public").unwrap(),
            &serde_json::Value::Null,
            &draft,
            &cured,
            std::slice::from_ref(&cured),
        )
    }

    #[test]
    fn an_edit_that_cures_is_kept() {
        assert_eq!(proved(&[("publicly_accessible", "false")]), Ok(()));
    }

    #[test]
    fn an_edit_that_does_not_cure_is_refused() {
        for without_effect in [
            &[][..],
            &[("identifier", "\"other\"")],
            // Not known to be safe is not safe.
            &[("publicly_accessible", "data.x.y.z")],
        ] {
            let refusal = proved(without_effect).unwrap_err();
            assert_eq!(refusal.kind, RefusalKind::NotProved, "{without_effect:?}");
            assert!(
                refusal.message.contains("aws_db_instance.this"),
                "{}",
                refusal.message
            );
        }
    }

    #[test]
    fn an_edit_that_makes_another_rule_fail_is_refused() {
        let refusal = proved(&[
            ("publicly_accessible", "false"),
            ("deletion_protection", "false"),
        ])
        .unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::NewFinding);
        assert!(
            refusal.message.contains("rds-no-deletion-protection"),
            "{}",
            refusal.message
        );
    }

    #[test]
    fn edits_that_do_not_fit_together_are_a_conflict() {
        let refusal = proved(&[
            ("publicly_accessible", "false"),
            ("publicly_accessible", "null"),
        ])
        .unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::Conflict);
    }
}
