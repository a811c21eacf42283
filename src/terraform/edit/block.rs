//! Blocks: ensure, insert, remove, replace by an attribute.

use hcl_edit::Span as _;
use hcl_edit::structure::{Block, Structure};

use super::attribute::Scope;
use super::pen::Pen;
use super::text::{Item, NewBlock};
use super::{Edit, Span};

/// Nested blocks (and `depends_on`) that stand last by habit.
const LAST: [&str; 5] = [
    "lifecycle",
    "timeouts",
    "provisioner",
    "connection",
    "depends_on",
];

impl Pen<'_> {
    /// Makes sure that the scope has a nested block of this kind with these attributes and nested blocks: sets what
    /// differs in the first one that is there, or inserts it. Empty when all is there already.
    #[must_use]
    pub fn ensure_block<'b>(&self, scope: impl Into<Scope<'b>>, wanted: &NewBlock) -> Vec<Edit> {
        let scope = scope.into();
        let there = scope.body().get_blocks(&wanted.kind).find(|block| {
            block.labels.len() == wanted.labels.len()
                && block
                    .labels
                    .iter()
                    .zip(&wanted.labels)
                    .all(|(a, b)| a.as_str() == b)
        });
        let Some(block) = there else {
            return self.insert_block(scope, wanted);
        };
        wanted
            .items
            .iter()
            .flat_map(|item| match item {
                Item::Attribute(name, value) => self.set_attribute(block, name, value),
                Item::Block(nested) => self.ensure_block(block, nested),
                Item::Comment(_) | Item::Gap => Vec::new(),
            })
            .collect()
    }

    /// Inserts a nested block behind the scope's other content, before what stands last by habit.
    #[must_use]
    pub fn insert_block<'b>(&self, scope: impl Into<Scope<'b>>, block: &NewBlock) -> Vec<Edit> {
        let scope = scope.into();
        let body = scope.body();
        let same = body
            .iter()
            .filter(|s| s.as_block().is_some_and(|b| b.has_ident(&block.kind)))
            .last();
        let ordinary = body
            .iter()
            .filter(|s| match s {
                Structure::Attribute(a) => !LAST.contains(&a.key.as_str()),
                Structure::Block(b) => !LAST.contains(&b.ident.as_str()),
            })
            .last();
        let anchor = same.or(ordinary).and_then(Structure::span);
        let spot = match (anchor, scope) {
            (_, Scope::File(_)) => Some(self.spot_at_end_of_file()),
            (Some(span), _) => self.spot_behind(scope, span),
            (None, _) => self.spot_at_start(scope),
        };
        let Some(spot) = spot else {
            return Vec::new();
        };
        let gap_before = if body.is_empty() && !matches!(scope, Scope::File(_)) {
            ""
        } else {
            "\n"
        };
        let gap_after = if spot.room.is_empty() {
            self.gap_after(spot.at)
        } else {
            ""
        };
        let text = block.text(&spot.indent);
        let mut edits = spot.room;
        edits.push(self.splice(
            spot.at..spot.at,
            format!("{gap_before}\n{}{text}{gap_after}", spot.indent),
        ));
        edits
    }

    /// Inserts a whole block behind another one of the same level, a blank line between them.
    #[must_use]
    pub fn insert_after(&self, block: &Block, new: &NewBlock) -> Vec<Edit> {
        let Some(span) = block.span() else {
            return Vec::new();
        };
        let indent = self.indent(span.start);
        let at = self.content_end(span.end);
        let gap = self.gap_after(at);
        let text = new.text(indent);
        vec![self.splice(at..at, format!("\n\n{indent}{text}{gap}"))]
    }

    /// Appends a whole block at the end of the file.
    #[must_use]
    pub fn append_block(&self, new: &NewBlock) -> Vec<Edit> {
        let at = self.text().trim_end().len();
        let text = new.text("");
        let after = if self.text()[at..].contains('\n') {
            ""
        } else {
            "\n"
        };
        let before = if at == 0 { "" } else { "\n\n" };
        vec![self.splice(at..at, format!("{before}{text}{after}"))]
    }

    /// Removes a block that stands in this scope (`Scope::File` at the top), with its own lines, comments that clearly
    /// belong to it, and the blank line that would be left over.
    #[must_use]
    pub fn remove_block<'b>(&self, scope: impl Into<Scope<'b>>, block: &Block) -> Vec<Edit> {
        self.remove_blocks(scope, &[block])
    }

    /// As [`Pen::remove_block`], for several at once.
    #[must_use]
    pub fn remove_blocks<'b>(&self, scope: impl Into<Scope<'b>>, blocks: &[&Block]) -> Vec<Edit> {
        let spans: Vec<Span> = blocks.iter().filter_map(|b| b.span()).collect();
        self.remove_from(scope.into(), &spans)
    }

    /// Replaces nested blocks by an attribute of the same or another name: `ingress {}` becomes `ingress = []`, where
    /// the first of them stood.
    #[must_use]
    pub fn replace_blocks<'b>(
        &self,
        scope: impl Into<Scope<'b>>,
        blocks: &[&Block],
        name: &str,
        value: &str,
    ) -> Vec<Edit> {
        let mut spans: Vec<Span> = blocks.iter().filter_map(|b| b.span()).collect();
        spans.sort_by_key(|s| s.start);
        let Some((first, rest)) = spans.split_first() else {
            return Vec::new();
        };
        let mut edits = self.remove_from(scope.into(), rest);
        if rest.is_empty() {
            edits.clear();
        }
        let indent = self.indent(first.start);
        let text = super::layout::settle_new(&format!("{name} = {value}"), indent);
        edits.push(self.splice(first.clone(), text));
        edits
    }

    /// A line end when code follows right on the next line, so that a blank line stands between.
    fn gap_after(&self, at: usize) -> &'static str {
        let start = self.next_line(at);
        let next = self.text()[start..self.next_line(start)].trim();
        if start >= self.text().len() || next.is_empty() || next.starts_with('}') {
            ""
        } else {
            "\n"
        }
    }
}
