//! `import` blocks: the author's own word on which object a block is.
//!
//! They stay in code after the import was applied, and are the only place where code holds an id that the cloud gave.

use crate::terraform::identity::{Scope, Sought, TypeIdentity};
use crate::terraform::value::Kind;
use crate::terraform::{Address, RepoPath};

use super::candidate::Candidate;
use super::ground::Standing;
use super::subject::Subject;
use super::{Confidence, Evidence, Locator, place};

impl Locator<'_> {
    /// The candidates by `import` blocks.
    pub(super) fn by_import(
        &self,
        subjects: &[Subject],
        tried: &mut Vec<String>,
    ) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        let importing = self
            .importing
            .get_or_init(|| self.configuration.roots_with("import"));
        for root in importing {
            for (file, block) in self.configuration.blocks_named(root, &[], "import") {
                let (Some(to), Some(id)) = (
                    block.body.get_attribute("to"),
                    block.body.get_attribute("id"),
                ) else {
                    continue;
                };
                let Ok(address) = to.value.to_string().trim().parse::<Address>() else {
                    continue;
                };
                let value = self.configuration.evaluate_in_root(root, file, &id.value);
                let Kind::String(id) = value.kind else {
                    continue;
                };
                if let Some(candidate) = self.imported(root, &address, &id, subjects, tried)
                    && !found.contains(&candidate)
                {
                    found.push(candidate);
                }
            }
        }
        found
    }

    fn imported(
        &self,
        root: &RepoPath,
        address: &Address,
        id: &str,
        subjects: &[Subject],
        tried: &mut Vec<String>,
    ) -> Option<Candidate> {
        let subject = subjects.iter().find(|s| s.kind == address.kind)?;
        let row = subject.row?;
        let written = row.read(id)?;
        let (sought, scope) = subject
            .sought
            .iter()
            .find_map(|sought| Some((sought, same_object(row, &written, sought)?)))?;
        let address = self.moved(root, address);
        let occurrence = self.configuration.occurrence(root, &address.block())?;
        let mut because = format!("an `import` block names it by `{id}`");
        let confidence = match self.ground_of(&occurrence).standing(scope, sought) {
            Standing::Refuted(why) => {
                tried.push(format!(
                    "import: {} does not count: {why}",
                    place(root, &address)
                ));
                return None;
            }
            Standing::Proved(_) => Confidence::Exact,
            Standing::Open if scope == Scope::Global => Confidence::Exact,
            Standing::Open => {
                because.push_str(", but account and region of its root are not proved");
                Confidence::Low
            }
        };
        Some(Candidate {
            root: root.clone(),
            address,
            evidence: Evidence::Identifier,
            confidence,
            because,
            imported: true,
        })
    }
}

/// Whether two readings of ids are of one object, and where what they share is unique.
fn same_object(row: &TypeIdentity, written: &Sought, sought: &Sought) -> Option<Scope> {
    let both = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    if let (Some(a), Some(b)) = (&written.arn, &sought.arn) {
        return (a == b).then_some(Scope::Global);
    }
    // What the cloud gives as an id it gives once.
    if both(&written.id, &sought.id) {
        return Some(Scope::Global);
    }
    both(&written.name, &sought.name).then_some(row.scope)
}
