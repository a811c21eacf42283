//! `import` blocks: the author's own word on which object a block is.
//!
//! They stay in code after the import was applied, and are the only place where code holds an id that the cloud gave.

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use crate::terraform::edit::quote;
use crate::terraform::identity::{Scope, Sought, TypeIdentity};
use crate::terraform::value::Kind;
use crate::terraform::{Address, RepoPath, SourceFile, Value};

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
                let written = to.value.to_string();
                for (to, id) in self.imports(root, file, block, written.trim(), &id.value) {
                    let Ok(address) = to.parse::<Address>() else {
                        continue;
                    };
                    if let Some(candidate) = self.imported(root, &address, &id, subjects, tried)
                        && !found.contains(&candidate)
                    {
                        found.push(candidate);
                    }
                }
            }
        }
        found
    }

    /// Address and id of everything that one block imports, as far as they are known.
    fn imports(
        &self,
        root: &RepoPath,
        file: &SourceFile,
        block: &Block,
        to: &str,
        id: &Expression,
    ) -> Vec<(String, String)> {
        let known = |value: Value| match value.kind {
            Kind::String(id) => Some(id),
            _ => None,
        };
        let Some(all) = block.body.get_attribute("for_each") else {
            let id = known(self.configuration.evaluate_in_root(root, file, id));
            return id.map(|id| (to.to_owned(), id)).into_iter().collect();
        };
        let elements = self.configuration.elements_in_root(root, file, &all.value);
        elements
            .unwrap_or_default()
            .iter()
            .filter_map(|(key, value)| {
                let id = self
                    .configuration
                    .evaluate_for_element(root, file, id, (key, value));
                let mut to = to.replace("[each.key]", &format!("[{}]", quote(key)));
                if let Some(text) = value.as_str() {
                    to = to.replace("[each.value]", &format!("[{}]", quote(text)));
                }
                Some((to, known(id)?))
            })
            .collect()
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
