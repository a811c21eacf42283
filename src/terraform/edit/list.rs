//! Lists and objects: remove and add elements in the shape the list is written in.

use hcl_edit::Span as _;
use hcl_edit::expr::{Array, Expression, FuncCall, Object, ObjectKey, ObjectValueAssignment};

use super::layout::{Kind, settle_new};
use super::pen::Pen;
use super::{Edit, Span};

/// How the elements of a list or object are written.
struct Elements {
    /// Behind the opening and at the closing bracket.
    inner: (usize, usize),
    spans: Vec<Span>,
}

impl Pen<'_> {
    /// Removes elements of a list by number. Removing all of them leaves `[]`: whether that is wanted is the
    /// caller's decision. Numbers that the list does not have are ignored.
    #[must_use]
    pub fn remove_elements(&self, list: &Array, numbers: &[usize]) -> Vec<Edit> {
        let spans: Option<Vec<Span>> = list.iter().map(Expression::span).collect();
        match (list.span(), spans) {
            (Some(span), Some(spans)) => self.remove_items(&span, &spans, numbers),
            _ => Vec::new(),
        }
    }

    /// Removes entries of an object by number.
    #[must_use]
    pub fn remove_entries(&self, object: &Object, numbers: &[usize]) -> Vec<Edit> {
        match (object.span(), entries(object)) {
            (Some(span), Some(spans)) => self.remove_items(&span, &spans, numbers),
            _ => Vec::new(),
        }
    }

    /// Removes arguments of a call by number.
    #[must_use]
    pub fn remove_arguments(&self, call: &FuncCall, numbers: &[usize]) -> Vec<Edit> {
        let spans: Option<Vec<Span>> = call.args.iter().map(Expression::span).collect();
        match (call.span(), spans) {
            (Some(span), Some(spans)) => self.remove_items(&span, &spans, numbers),
            _ => Vec::new(),
        }
    }

    /// Appends an element (HCL text) to a list.
    #[must_use]
    pub fn append_element(&self, list: &Array, value: &str) -> Vec<Edit> {
        let spans: Option<Vec<Span>> = list.iter().map(Expression::span).collect();
        let (Some(span), Some(spans)) = (list.span(), spans) else {
            return Vec::new();
        };
        let Some(inner) = self.brackets(&span) else {
            return Vec::new();
        };
        self.append_item(&Elements { inner, spans }, value, false)
    }

    /// Sets an entry of an object: replaces its value or appends it. `key` and `value` are HCL text.
    #[must_use]
    pub fn set_entry(&self, object: &Object, key: &str, value: &str) -> Vec<Edit> {
        let plain = key.trim_matches('"');
        let there = object.iter().find(|(k, _)| match k {
            ObjectKey::Ident(ident) => ident.as_str() == plain,
            ObjectKey::Expression(e) => e.as_str() == Some(plain),
        });
        if let Some((_, entry)) = there {
            return self.replace(entry.expr(), value);
        }
        let (Some(span), Some(spans)) = (object.span(), entries(object)) else {
            return Vec::new();
        };
        let Some(inner) = self.brackets(&span) else {
            return Vec::new();
        };
        let colon = object
            .iter()
            .last()
            .is_some_and(|(_, v)| v.assignment() == ObjectValueAssignment::Colon);
        let separator = if colon { " :" } else { " =" };
        let text = format!("{key}{separator} {value}");
        self.append_item(&Elements { inner, spans }, &text, true)
    }

    fn comma_behind(&self, offset: usize) -> Option<Span> {
        self.tokens[self.token_at(offset)..]
            .iter()
            .find(|t| {
                !matches!(
                    t.kind,
                    Kind::BlockComment | Kind::LineComment | Kind::Newline
                )
            })
            .filter(|t| t.kind == Kind::Comma)
            .map(|t| t.start..t.end)
    }

    fn own_lines(&self, span: &Span) -> bool {
        self.starts_line(span.start) && self.ends_line(span.end)
    }

    fn remove_items(&self, whole: &Span, spans: &[Span], numbers: &[usize]) -> Vec<Edit> {
        let gone = |i: usize| numbers.contains(&i);
        let kept: Vec<usize> = (0..spans.len()).filter(|i| !gone(*i)).collect();
        if kept.len() == spans.len() {
            return Vec::new();
        }
        let Some((open, close)) = self.brackets(whole) else {
            return Vec::new();
        };
        if kept.is_empty() {
            // Comments that are about nothing any more go, too; `[]` is what is left.
            return vec![self.splice(open..close, "")];
        }
        // Behind a heredoc the comma stands on a line of its own, which goes with the element.
        let spans: Vec<Span> = spans
            .iter()
            .map(|span| match self.comma_behind(span.end) {
                Some(comma) if self.heredoc_ends(span.end) => span.start..comma.end,
                _ => span.clone(),
            })
            .collect();
        let mut edits = Vec::new();
        let mut lines = Vec::new();
        let mut with_line = 0;
        for (i, span) in spans.iter().enumerate().filter(|(i, _)| gone(*i)) {
            if i < with_line {
                continue;
            }
            // All that stands on a line goes, and the line with it.
            let last = (i..spans.len())
                .take_while(|n| gone(*n))
                .take_while(|n| *n == i || !self.breaks(spans[n - 1].end, spans[*n].start))
                .last()
                .unwrap_or(i);
            if self.own_lines(&(span.start..spans[last].end)) {
                lines.push(span.start..spans[last].end);
                with_line = last + 1;
            } else if let Some(next) = spans.get(i + 1).filter(|n| !self.breaks(span.end, n.start))
            {
                edits.push(self.splice(span.start..next.start, ""));
            } else {
                // Last on its line: what separates it from the element that stays before it goes.
                let comma = self.comma_behind(span.end);
                let before = kept.iter().copied().rev().find(|k| *k < i);
                let together =
                    |k: &usize| (*k..i).all(|n| !self.breaks(spans[n].end, spans[n + 1].start));
                let from = match before.filter(together).map(|k| spans[k].end) {
                    Some(end) => {
                        let keeps_comma = comma.is_some();
                        match self.comma_behind(end) {
                            Some(c) if keeps_comma => c.end,
                            _ => end,
                        }
                    }
                    _ => span.start,
                };
                let to = comma
                    .filter(|c| !self.breaks(span.end, c.start))
                    .map_or(span.end, |c| c.end);
                edits.push(self.splice(from..to, ""));
            }
        }
        edits.extend(self.remove_lines(&lines));
        // What follows an element on its last line decides how far that line is indented.
        for (n, keep) in kept.iter().enumerate() {
            let next = kept.get(n + 1);
            if next == Some(&(keep + 1)) || *keep + 1 == spans.len() {
                continue;
            }
            let opens = next.is_some_and(|n| self.breaks(spans[*n].start, spans[*n].end));
            let deeper = if opens { "  " } else { "" };
            let indent = format!("{}{deeper}", self.indent(whole.start));
            edits.extend(self.hugged_end(&spans[*keep], &indent));
        }
        // A list without a trailing comma gets none: the last one kept loses its own.
        let last = spans.len() - 1;
        if let Some(keep) = kept.last().copied().filter(|k| *k != last)
            && self.comma_behind(spans[last].end).is_none()
            && self.breaks(spans[keep].end, spans[keep + 1].start)
            && let Some(comma) = self.comma_behind(spans[keep].end)
        {
            edits.push(self.splice(comma, ""));
        }
        edits
    }

    /// Indents the line of a bracket that closes an element opened behind other code (`[{ … }]`): where another one opens
    /// on that line (`}, {`) it stands a level deeper than where none does (`}]`).
    fn hugged_end(&self, element: &Span, indent: &str) -> Vec<Edit> {
        let close = element.end - 1;
        let start = self.line_start(close);
        let hugs = self.breaks(element.start, element.end)
            && !self.starts_line(element.start)
            && self.starts_line(close)
            && self.tokens[self.token_at(close)..]
                .first()
                .is_some_and(|t| t.kind == Kind::Close && t.start == close);
        if !hugs || self.text()[start..close] == *indent {
            return Vec::new();
        }
        vec![self.splice(start..close, indent)]
    }

    /// Whether a heredoc ends here: nothing may follow on its line.
    fn heredoc_ends(&self, offset: usize) -> bool {
        self.tokens[..self.token_at(offset)]
            .last()
            .is_some_and(|t| t.kind == Kind::HeredocClose && t.end == offset)
    }

    fn append_item(&self, list: &Elements, value: &str, object: bool) -> Vec<Edit> {
        let (open, close) = list.inner;
        let Some(last) = list.spans.last() else {
            return self.first_item(open, close, value, object);
        };
        if self.heredoc_ends(last.end) {
            let indent = self.indent(last.start);
            let text = settle_new(value, indent);
            let (end, comma) = match self.comma_behind(last.end) {
                Some(comma) => (self.content_end(comma.end), String::new()),
                None if object => (last.end, String::new()),
                None => (last.end, format!("\n{indent},")),
            };
            return vec![self.splice(end..end, format!("{comma}\n{indent}{text}"))];
        }
        // Where the closing bracket follows on the same line, the new element does, too.
        if !self.own_lines(last) {
            let base = self.indent(open);
            let indent = if self.starts_line(last.start) {
                self.indent(last.start)
            } else {
                base
            };
            let text = settle_new(value, indent);
            let deeper = if value.contains('\n') { "  " } else { "" };
            let mut edits = self.hugged_end(last, &format!("{base}{deeper}"));
            edits.push(self.splice(last.end..last.end, format!(", {text}")));
            return edits;
        }
        let indent = self.indent(last.start);
        let text = settle_new(value, indent);
        let comma = self.comma_behind(last.end);
        let end = self.content_end(comma.as_ref().map_or(last.end, |c| c.end));
        match comma {
            Some(_) => vec![self.splice(end..end, format!("\n{indent}{text},"))],
            // Entries of an object need no comma between lines.
            None if object => vec![self.splice(end..end, format!("\n{indent}{text}"))],
            None if end == last.end => {
                vec![self.splice(end..end, format!(",\n{indent}{text}"))]
            }
            None => vec![
                self.splice(last.end..last.end, ","),
                self.splice(end..end, format!("\n{indent}{text},")),
            ],
        }
    }

    fn first_item(&self, open: usize, close: usize, value: &str, object: bool) -> Vec<Edit> {
        let outer = self.indent(open);
        if self.between(open, close).is_empty() {
            let text = settle_new(value, outer);
            let text = if object { format!(" {text} ") } else { text };
            return vec![self.splice(open..close, text)];
        }
        // Comments or line ends inside: the element gets its own line before the closing bracket.
        let indent = format!("{outer}  ");
        let text = settle_new(value, &indent);
        let end = self.text()[..close].trim_end().len().max(open);
        let comma = if object { "" } else { "," };
        vec![self.splice(end..close, format!("\n{indent}{text}{comma}\n{outer}"))]
    }
}

fn entries(object: &Object) -> Option<Vec<Span>> {
    object
        .iter()
        .map(|(key, value)| Some(key.span()?.start..value.expr().span()?.end))
        .collect()
}
