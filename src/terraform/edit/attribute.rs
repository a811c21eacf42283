//! Attributes: set, insert, remove.

use hcl_edit::Span as _;
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use super::layout::settle_new;
use super::pen::Pen;
use super::{Edit, Span};

/// Where an attribute or block stands: in a block, or at the top of a file (tfvars).
#[derive(Clone, Copy)]
pub enum Scope<'b> {
    /// Inside this block.
    Block(&'b Block),
    /// At the top of the file.
    File(&'b Body),
}

impl<'b> Scope<'b> {
    /// Its content.
    #[must_use]
    pub fn body(self) -> &'b Body {
        match self {
            Self::Block(block) => &block.body,
            Self::File(body) => body,
        }
    }
}

impl<'b> From<&'b Block> for Scope<'b> {
    fn from(block: &'b Block) -> Self {
        Self::Block(block)
    }
}

impl<'b> From<&'b Body> for Scope<'b> {
    fn from(body: &'b Body) -> Self {
        Self::File(body)
    }
}

/// Arguments of every resource; what is set stands apart from them.
const META: [&str; 3] = ["count", "for_each", "provider"];
/// Arguments that stand last by habit.
const LAST: [&str; 3] = ["tags", "tags_all", "depends_on"];

/// Where new lines go.
pub(super) struct Spot {
    /// Insertion offset; the new text starts with a line end there.
    pub(super) at: usize,
    /// Indentation of the new lines.
    pub(super) indent: String,
    /// Splices that make room (a block on one line is opened).
    pub(super) room: Vec<Edit>,
}

impl Pen<'_> {
    /// Sets an attribute: replaces its value, or inserts it behind the leading attributes. `value` is HCL text.
    /// Empty when the source text is that already.
    #[must_use]
    pub fn set_attribute<'b>(
        &self,
        scope: impl Into<Scope<'b>>,
        name: &str,
        value: &str,
    ) -> Vec<Edit> {
        self.set_attribute_after(scope, None, name, value)
    }

    /// As [`Pen::set_attribute`], inserting right behind a sibling if the body has it.
    #[must_use]
    pub fn set_attribute_after<'b>(
        &self,
        scope: impl Into<Scope<'b>>,
        sibling: Option<&str>,
        name: &str,
        value: &str,
    ) -> Vec<Edit> {
        let scope = scope.into();
        if let Some(attribute) = scope.body().get_attribute(name) {
            return self.set_value(scope, attribute, value);
        }
        let sibling = sibling.and_then(|s| scope.body().get_attribute(s));
        let Some((spot, before, after)) = self.attribute_spot(scope, sibling) else {
            return Vec::new();
        };
        let line = settle_new(&format!("{name} = {value}"), &spot.indent);
        let text = format!("{before}\n{}{line}{after}", spot.indent);
        let mut edits = spot.room;
        edits.push(self.splice(spot.at..spot.at, text));
        edits
    }

    /// Replaces an attribute's value; a block on one line is opened for a value of several lines.
    fn set_value(&self, scope: Scope<'_>, attribute: &Attribute, value: &str) -> Vec<Edit> {
        let edits = self.replace(&attribute.value, value);
        if edits.is_empty() || !value.contains('\n') {
            return edits;
        }
        let (Some(span), Some(whole)) = (attribute.value.span(), attribute.span()) else {
            return edits;
        };
        let Some(spot) = self.spot_behind(scope, whole) else {
            return edits;
        };
        let mut edits = spot.room;
        edits.push(self.splice(span, settle_new(value, &spot.indent)));
        edits
    }

    /// Removes an attribute with its line. Empty when it is not there.
    #[must_use]
    pub fn remove_attribute<'b>(&self, scope: impl Into<Scope<'b>>, name: &str) -> Vec<Edit> {
        let scope = scope.into();
        let Some(span) = scope.body().get_attribute(name).and_then(Attribute::span) else {
            return Vec::new();
        };
        self.remove_from(scope, &[span])
    }

    /// Removes structures of a scope; those of a block on one line leave `{}`.
    pub(super) fn remove_from(&self, scope: Scope<'_>, spans: &[Span]) -> Vec<Edit> {
        if let Scope::Block(block) = scope
            && let Some((open, close)) = self.braces(block)
            && !self.breaks(open, close)
        {
            return vec![self.splice(open..close, "")];
        }
        self.remove_lines(spans)
    }

    /// Where an attribute goes, with what must stand before and after its line.
    fn attribute_spot(
        &self,
        scope: Scope<'_>,
        sibling: Option<&Attribute>,
    ) -> Option<(Spot, &'static str, &'static str)> {
        let body = scope.body();
        let leading: Vec<&Attribute> = body.iter().map_while(Structure::as_attribute).collect();
        let named = |names: &[&str], a: &Attribute| names.contains(&a.key.as_str());
        let anchor = sibling
            .or_else(|| {
                leading
                    .iter()
                    .rev()
                    .find(|a| !named(&LAST, a) && !named(&META, a))
                    .copied()
            })
            .or_else(|| leading.iter().rev().find(|a| !named(&LAST, a)).copied());
        match anchor {
            Some(anchor) => {
                let spot = self.spot_behind(scope, anchor.span()?)?;
                let apart = sibling.is_none() && named(&META, anchor) && spot.room.is_empty();
                let before = if apart { "\n" } else { "" };
                Some((spot, before, ""))
            }
            None => {
                let spot = self.spot_at_start(scope)?;
                let next = body.iter().next();
                let after = match next {
                    Some(_) if matches!(scope, Scope::File(_)) => "",
                    Some(Structure::Block(_)) => "\n",
                    _ => "",
                };
                Some((spot, "", after))
            }
        }
    }

    /// Behind a structure (or another span) of the scope.
    pub(super) fn spot_behind(&self, scope: Scope<'_>, span: Span) -> Option<Spot> {
        if let Scope::Block(block) = scope {
            let (open, close) = self.braces(block)?;
            if !self.breaks(open, close) {
                return Some(self.open_up(block, open, close));
            }
        }
        Some(Spot {
            at: self.content_end(span.end),
            indent: self.indent(span.start).to_owned(),
            room: Vec::new(),
        })
    }

    /// At the start of the scope's content.
    pub(super) fn spot_at_start(&self, scope: Scope<'_>) -> Option<Spot> {
        let Scope::Block(block) = scope else {
            // A file without attributes: at its end.
            return Some(self.spot_at_end_of_file());
        };
        let (open, close) = self.braces(block)?;
        if !self.breaks(open, close) {
            return Some(self.open_up(block, open, close));
        }
        let indent = block
            .body
            .iter()
            .next()
            .and_then(Structure::span)
            .map_or_else(
                || format!("{}  ", self.indent(open - 1)),
                |first| self.indent(first.start).to_owned(),
            );
        Some(Spot {
            at: self.content_end(open),
            indent,
            room: Vec::new(),
        })
    }

    /// Behind the last line that is not blank. New text starts with a line end and brings none at its end, so the
    /// file's own last line end stays the last.
    pub(super) fn spot_at_end_of_file(&self) -> Spot {
        Spot {
            at: self.text().trim_end().len(),
            indent: String::new(),
            room: Vec::new(),
        }
    }

    /// Opens a block on one line. Its splices are the same whoever asks, so that two insertions compose.
    fn open_up(&self, block: &Block, open: usize, close: usize) -> Spot {
        let outer = block
            .span()
            .map_or_else(String::new, |s| self.indent(s.start).to_owned());
        let indent = format!("{outer}  ");
        let inner = self.between(open, close);
        let at = inner.last().map_or(open, |t| t.end);
        let mut room = Vec::new();
        if let Some(first) = inner.first() {
            room.push(self.splice(open..first.start, format!("\n{indent}")));
        }
        room.push(self.splice(at..close + 1, format!("\n{outer}}}")));
        Spot { at, indent, room }
    }
}
