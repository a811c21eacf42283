//! Resources that say by name what they are about: `bucket = "acme-logs"`, or a data source that reads it.
//!
//! A reference ties two blocks of one root together; a name ties blocks of different roots. One pass over the estate
//! serves every question about a type, and configurations after an edit share its answer: an edit of one root names
//! nothing new in another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Configuration, Occurrence};
use crate::terraform::address::Address;
use crate::terraform::source::RepoPath;
use crate::terraform::value::Kind;

/// Instances by the name that they give.
type ByName = HashMap<String, Vec<(RepoPath, Address)>>;

/// Answers by type and attribute.
type Answers = HashMap<(String, String), Arc<ByName>>;

/// What was looked up so far.
#[derive(Clone, Default)]
pub(crate) struct Named(Arc<Mutex<Answers>>);

impl<'a> Configuration<'a> {
    /// The resources of a type in other roots than this one whose `attribute` comes down to this name: as text, or
    /// through a data source that is told the name.
    #[must_use]
    pub fn naming(
        &self,
        kind: &str,
        attribute: &str,
        name: &str,
        apart_from: &RepoPath,
    ) -> Vec<(Occurrence<'a>, Address)> {
        self.names(kind, attribute)
            .get(name)
            .into_iter()
            .flatten()
            .filter(|(root, _)| root != apart_from)
            .filter_map(|(root, address)| {
                let occurrence = self.occurrence(root, &address.block())?;
                Some((occurrence, address.clone()))
            })
            .collect()
    }

    fn names(&self, kind: &str, attribute: &str) -> Arc<ByName> {
        let key = (kind.to_owned(), attribute.to_owned());
        let known = |names: &Named| {
            let map = names.0.lock().unwrap_or_else(PoisonError::into_inner);
            map.get(&key).cloned()
        };
        if let Some(names) = known(&self.named) {
            return names;
        }
        let names = Arc::new(self.collect_names(kind, attribute));
        let mut map = self.named.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(key, Arc::clone(&names));
        names
    }

    fn collect_names(&self, kind: &str, attribute: &str) -> ByName {
        let mut names = ByName::new();
        // Nearly every block refers to a resource of its own root: such files need no further look.
        let worth_it = |file: &crate::terraform::SourceFile| {
            file.is_json() || names_by_text(file.text(), kind, attribute)
        };
        let mut known: HashMap<&RepoPath, bool> = HashMap::new();
        for (node, index) in self.places(kind) {
            let file = self.module_of(node).resources[index].file;
            if !*known.entry(file.path()).or_insert_with(|| worth_it(file)) {
                continue;
            }
            let occurrence = self.occurrence_at(node, index);
            let instances = self.instances(&occurrence);
            let mut addresses = instances.known;
            if instances.unknown.is_some() {
                addresses.push(occurrence.address.unkeyed());
            }
            for address in addresses {
                if let Some(name) = self.name_given(&occurrence, &address, attribute) {
                    let at = (occurrence.root.clone(), address);
                    names.entry(name).or_default().push(at);
                }
            }
        }
        names
    }

    /// The name that an attribute gives: its own text, or that which the data source behind it is told.
    fn name_given(
        &self,
        occurrence: &Occurrence<'a>,
        address: &Address,
        attribute: &str,
    ) -> Option<String> {
        let (_, written) = self.declared(occurrence).attribute(attribute)?;
        if let Some(reference) = self.reference_of(occurrence, address, &written.value) {
            let data = reference.address;
            if !data.data {
                return None;
            }
            let source = self.occurrence(&occurrence.root, &data.block())?;
            return [attribute, "name", "identifier", "id"]
                .iter()
                .find_map(|told| self.text(&source, &data, told));
        }
        self.text(occurrence, address, attribute)
    }

    fn text(&self, occurrence: &Occurrence<'a>, address: &Address, path: &str) -> Option<String> {
        let held = self.held(occurrence, address, &[path]);
        match &held.value()?.kind {
            Kind::String(text) => Some(text.clone()),
            _ => None,
        }
    }
}

/// Whether a file may hold a block of a type whose attribute is something else than a reference to a resource or a
/// module of its own root.
fn names_by_text(text: &str, kind: &str, attribute: &str) -> bool {
    let head = format!("\"{kind}\"");
    text.match_indices(&head).any(|(at, _)| {
        // Up to the next block at the start of a line.
        let block = &text[at..];
        let end = block.find("\n}").unwrap_or(block.len());
        let argument = |name: &str| {
            block[..end].lines().find_map(|line| {
                let value = line.trim_start().strip_prefix(name)?.trim_start();
                Some(value.strip_prefix('=')?.trim())
            })
        };
        // `for_each = aws_s3_bucket.zone` and `bucket = each.value.id`: that is a reference as well.
        let each_is_own = || {
            argument("for_each").is_some_and(|each| {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                each.split_once('.').is_some_and(|(kind, name)| {
                    kind.contains('_') && (kind.chars().chain(name.chars())).all(plain)
                })
            })
        };
        let written = argument(attribute);
        // Written where this does not see it (an override, one line): looked at.
        written.is_none_or(|value| {
            let plain = !value.contains(['"', '?', '(', '[', '{']);
            let refers = value.starts_with("module.") || value.split('.').nth(2).is_some();
            !plain
                || !refers
                || value.starts_with("data.")
                || (value.starts_with("each.")
                    && !(value.starts_with("each.value.") && each_is_own()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::names_by_text;

    #[test]
    fn references_to_the_own_root_need_no_further_look() {
        let file = |value: &str| {
            format!("resource \"aws_x\" \"a\" {{\n  bucket = {value}\n  other  = \"text\"\n}}\n")
        };
        for own in [
            "aws_s3_bucket.a.id",
            "module.a.bucket",
            "aws_s3_bucket.a.bucket",
        ] {
            assert!(!names_by_text(&file(own), "aws_x", "bucket"), "{own}");
        }
        for by_text in [
            "\"acme-logs\"",
            "var.bucket",
            "local.bucket",
            "data.aws_s3_bucket.a.id",
            "each.value.bucket",
            "aws_s3_bucket.a[\"x\"].id",
            "var.on ? aws_s3_bucket.a.id : local.b.c",
        ] {
            assert!(
                names_by_text(&file(by_text), "aws_x", "bucket"),
                "{by_text}"
            );
        }
        let each = |of: &str| {
            format!(
                "resource \"aws_x\" \"a\" {{\n  for_each = {of}\n\n  bucket = each.value.id\n}}\n"
            )
        };
        assert!(!names_by_text(
            &each("aws_s3_bucket.zone"),
            "aws_x",
            "bucket"
        ));
        for other in [
            "local.zones",
            "var.zones",
            "data.aws_s3_bucket.zone",
            "aws_s3_bucket.a[0]",
            "toset(x_y.z)",
        ] {
            assert!(names_by_text(&each(other), "aws_x", "bucket"), "{other}");
        }
        assert!(!names_by_text(&file("\"x\""), "aws_y", "bucket"));
        assert!(names_by_text(
            "resource \"aws_x\" \"a\" { bucket = \"b\" }",
            "aws_x",
            "bucket"
        ));
    }
}
