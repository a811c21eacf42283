//! YAML with the bytes of every piece, read as `yamldecode` reads it: the rules of its library for what a plain
//! scalar is (`yes` is a boolean, `2012-10-17` becomes a time), one document, aliases and `<<` followed.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::Regex;
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks, StrInput, Tag};

use super::{Content, DEPTH, DataProblem, Entry, Node, VALUES, line};
use crate::terraform::source::Span;
use crate::terraform::value::{Unknown, decimal};

/// Reads a document as `yamldecode` does.
///
/// # Errors
/// It is no YAML, no document or several, or holds a form that is not read.
pub fn read(text: &str) -> Result<Node, DataProblem> {
    if let Some(problem) = tab(text) {
        return Err(problem);
    }
    let mut reader = Reader {
        text,
        bytes: offsets(text),
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        values: 0,
        end: 0,
    };
    reader.document()
}

/// The parser forgives tabs where YAML does not: a line that begins with one is left to Terraform.
fn tab(text: &str) -> Option<DataProblem> {
    text.lines()
        .position(|l| l.trim_start_matches(' ').starts_with('\t') && !l.trim().is_empty())
        .map(|at| DataProblem::Unsupported {
            format: "YAML",
            line: at + 1,
            message: "a tab at the beginning".to_owned(),
        })
}

/// The byte offset of each character, where they are not the same.
fn offsets(text: &str) -> Option<Vec<usize>> {
    (!text.is_ascii()).then(|| {
        text.char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect()
    })
}

struct Reader<'t> {
    text: &'t str,
    bytes: Option<Vec<usize>>,
    parser: Parser<'t, StrInput<'t>>,
    /// What was anchored, by the parser's number for it, and how many values it holds.
    anchors: HashMap<usize, (Node, usize)>,
    values: usize,
    /// Where the last thing that was read ends.
    end: usize,
}

impl<'t> Reader<'t> {
    fn malformed(&self, at: usize, message: impl Into<String>) -> DataProblem {
        DataProblem::Malformed {
            format: "YAML",
            line: line(self.text, at),
            message: message.into(),
        }
    }

    fn unsupported(&self, at: usize, message: &str) -> DataProblem {
        DataProblem::Unsupported {
            format: "YAML",
            line: line(self.text, at),
            message: message.to_owned(),
        }
    }

    fn byte(&self, index: usize) -> usize {
        match &self.bytes {
            None => index.min(self.text.len()),
            Some(offsets) => offsets.get(index).copied().unwrap_or(self.text.len()),
        }
    }

    fn span(&self, marks: Marks) -> Span {
        self.byte(marks.start.index())..self.byte(marks.end.index())
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), DataProblem> {
        match self.parser.next() {
            Some(Ok((event, marks))) => Ok((event, self.span(marks))),
            // The parser and Terraform's do not agree on every odd form: what one rejects the other may read.
            Some(Err(error)) => Err(DataProblem::Unsupported {
                format: "YAML",
                line: error.marker().line(),
                message: format!("this form ({})", error.info()),
            }),
            None => Err(self.malformed(self.text.len(), "the document ends too early")),
        }
    }

    fn document(&mut self) -> Result<Node, DataProblem> {
        let mut found = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) if found.is_some() => {
                    return Err(self.malformed(span.start, "there is more than one document"));
                }
                Event::DocumentStart(_) => {
                    let first = self.next()?;
                    found = Some(self.node(first, 0)?);
                }
                _ => {}
            }
        }
        found.ok_or_else(|| self.malformed(0, "there is no document"))
    }

    fn node(
        &mut self,
        (event, span): (Event<'t>, Span),
        depth: usize,
    ) -> Result<Node, DataProblem> {
        self.values += 1;
        if depth > DEPTH {
            return Err(self.unsupported(span.start, "nesting of this depth"));
        }
        if self.values > VALUES {
            return Err(self.unsupported(span.start, "a document of this size"));
        }
        let before = self.values;
        let (node, anchor) = match event {
            Event::Alias(anchor) => {
                let Some((meant, values)) = self.anchors.get(&anchor) else {
                    return Err(self.unsupported(span.start, "an alias inside of what it names"));
                };
                self.values += values;
                self.end = span.end;
                return Ok(meant.clone());
            }
            Event::Scalar(text, style, anchor, tag) => {
                let content = scalar(&text, style, tag.as_deref());
                let start = match self.text.get(span.clone()) {
                    Some(source) if !source.is_empty() => self.behind_properties(span.start),
                    _ => span.start,
                };
                let span = self.written(start..span.end.max(start), style, &text);
                (Node { span, content }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                let start = self.behind_properties(span.start);
                let node = self.sequence(start..span.end.max(start), depth)?;
                (tagged(node, tag.as_deref(), "seq"), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                let start = self.behind_properties(span.start);
                let node = self.mapping(start..span.end.max(start), depth)?;
                (tagged(node, tag.as_deref(), "map"), anchor)
            }
            _ => return Err(self.unsupported(span.start, "this form")),
        };
        if anchor > 0 {
            let values = self.values - before + 1;
            self.anchors.insert(anchor, (node.clone(), values));
        }
        self.end = node.span.end;
        Ok(node)
    }

    /// Where the `|` or `>` of the block scalar stands whose text begins here.
    fn header(&self, text: usize) -> Option<usize> {
        let before = self.text.get(..text)?.trim_end_matches([' ', '\n', '\r']);
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let found = HEADER.as_ref()?.find(&before[begin..])?;
        Some(begin + found.start())
    }

    /// Where a node begins behind its anchor and tag.
    fn behind_properties(&self, start: usize) -> usize {
        let mut rest = self.text.get(start..).unwrap_or("");
        while rest.starts_with(['&', '!']) {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest = rest[end..].trim_start();
        }
        self.text.len() - rest.len()
    }

    /// Scalars that are not written have no bytes; block scalars end with their last line.
    fn written(&self, span: Span, style: ScalarStyle, text: &str) -> Span {
        let source = self.text.get(span.clone()).unwrap_or("");
        match style {
            ScalarStyle::Plain if text == "~" && source != "~" => span.start..span.start,
            ScalarStyle::Plain if text.is_empty() => span.start..span.start,
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let end = span.start + source.trim_end().len();
                let start = self.header(span.start).unwrap_or(span.start);
                start..end.max(start)
            }
            _ => span,
        }
    }

    /// A flow collection ends with its bracket, a block collection with its last piece.
    fn extent(&self, start: &Span, end: &Span, last: Option<usize>) -> Span {
        let flow = self
            .text
            .get(start.start..)
            .is_some_and(|t| t.starts_with(['[', '{']));
        let end = if flow {
            end.end
        } else {
            last.unwrap_or(start.start)
        };
        start.start..end.max(start.start)
    }

    fn sequence(&mut self, start: Span, depth: usize) -> Result<Node, DataProblem> {
        let mut items: Vec<Node> = Vec::new();
        let mut last = None;
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Node {
                    span: self.extent(&start, &span, last),
                    content: Content::List(items),
                });
            }
            items.push(self.node((event, span), depth + 1)?);
            last = Some(self.end);
        }
    }

    fn mapping(&mut self, start: Span, depth: usize) -> Result<Node, DataProblem> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<Entry> = Vec::new();
        let mut last = None;
        let mut unread = None;
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                let own: BTreeSet<&str> = entries.iter().map(|e| e.key.as_str()).collect();
                merged.retain(|e| !own.contains(e.key.as_str()));
                merged.append(&mut entries);
                return Ok(Node {
                    span: self.extent(&start, &span, last),
                    content: unread.map_or(Content::Map(merged), Content::Unread),
                });
            }
            let merge =
                matches!(&event, Event::Scalar(t, ScalarStyle::Plain, _, None) if t == "<<");
            let key = self.node((event, span), depth + 1)?;
            let event = self.next()?;
            let value = self.node(event, depth + 1)?;
            last = Some(self.end.max(key.span.end));
            if merge {
                match value.content {
                    Content::Map(more) if merged.is_empty() => merged = more,
                    // Several of them: which one wins is not certain.
                    _ => {
                        unread = Some(Unknown::Unsupported("this `<<` of YAML".to_owned()));
                    }
                }
                continue;
            }
            match key_text(&key) {
                Ok(name) => entries.push(Entry {
                    key: name,
                    key_span: key.span,
                    value,
                }),
                Err(why) => unread = Some(why),
            }
        }
    }
}

/// A key as text: booleans and numbers are written out as Terraform does.
fn key_text(key: &Node) -> Result<String, Unknown> {
    match &key.content {
        Content::String(text) => Ok(text.clone()),
        Content::Bool(b) => Ok(b.to_string()),
        Content::Number(n) => Ok(format!("{n}")),
        Content::Null => Err(Unknown::Invalid("a key of YAML that is null".to_owned())),
        Content::Unread(why) => Err(why.clone()),
        Content::List(_) | Content::Map(_) => {
            Err(Unknown::Invalid("a key of YAML that is no text".to_owned()))
        }
    }
}

fn tagged(node: Node, tag: Option<&Tag>, usual: &str) -> Node {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == usual) => Node {
            content: Content::Unread(Unknown::Unsupported("a tag in YAML".to_owned())),
            ..node
        },
        _ => node,
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Content {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => {
            return Content::String(text.to_owned());
        }
        Some(_) => {
            return Content::Unread(Unknown::Unsupported("a tag in YAML".to_owned()));
        }
        None => {}
    }
    if style == ScalarStyle::Plain {
        plain(text)
    } else {
        Content::String(text.to_owned())
    }
}

// The patterns are constants: a failure to compile would show in every test.
static DECIMAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$").ok());
static FRACTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[-+]?\.[0-9]+(?:[eE][-+]?[0-9]+)?$").ok());
static DATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^([0-9]{4})-([0-9]{2})-([0-9]{2})$").ok());
static TIME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}").ok());
static HEADER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[|>][-+0-9]*[ \t]*(?:#.*)?$").ok());
static RADIX: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[-+]?0[xob][0-9a-fA-F_]*$").ok());

fn is(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|p| p.is_match(text))
}

/// What a plain scalar is to Terraform.
fn plain(text: &str) -> Content {
    let unread = |what: &str| Content::Unread(Unknown::Unsupported(what.to_owned()));
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Content::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            return Content::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            return Content::Bool(false);
        }
        _ => {}
    }
    if is(&DECIMAL, text) || is(&FRACTION, text) {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = digits
            .find(['e', 'E'])
            .map_or((digits, ""), |at| digits.split_at(at));
        let whole = mantissa.strip_suffix('.').unwrap_or(mantissa);
        let zero = if whole.starts_with('.') { "0" } else { "" };
        return decimal(&format!("{sign}{zero}{whole}{exponent}"))
            .filter(|n| *n != 0.0 || sign.is_empty())
            .map_or_else(|| unread("a number of this size"), Content::Number);
    }
    if is(&RADIX, text) {
        return unread("a number of YAML that is not decimal");
    }
    if let Some(found) = DATE.as_ref().and_then(|p| p.captures(text)) {
        let part = |i: usize| found.get(i).map_or("", |m| m.as_str());
        let month_fits = ("01"..="12").contains(&part(2));
        let day_fits = ("01"..="28").contains(&part(3));
        return if month_fits && day_fits {
            Content::String(format!("{text}T00:00:00Z"))
        } else {
            unread("a date of YAML")
        };
    }
    if is(&TIME, text) {
        return unread("a time of YAML");
    }
    let unsigned = text.trim_start_matches(['-', '+']);
    if unsigned.starts_with('.')
        && [".inf", ".nan"].contains(&unsigned.to_ascii_lowercase().as_str())
    {
        return unread("a number of YAML that is none");
    }
    Content::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'t>(text: &'t str, node: &Node) -> &'t str {
        &text[node.span.clone()]
    }

    #[test]
    fn every_piece_knows_its_bytes() {
        let text = "# früh\nbuckets:\n  - name: lög # c\n    public: yes\n  - {name: 'b', tags: [x, \"y\"]}\nlast: |\n  a\n  b\n\nnone:\n";
        let node = read(text).unwrap();
        let Content::List(items) = &node.entry("buckets").unwrap().value.content else {
            panic!("{node:?}");
        };
        let name = items[0].entry("name").unwrap();
        assert_eq!(&text[name.key_span.clone()], "name");
        assert_eq!(at(text, &name.value), "lög");
        let public = &items[0].entry("public").unwrap().value;
        assert_eq!(
            (at(text, public), &public.content),
            ("yes", &Content::Bool(true))
        );
        assert_eq!(at(text, &items[0]), "name: lög # c\n    public: yes");
        assert_eq!(at(text, &items[1]), "{name: 'b', tags: [x, \"y\"]}");
        assert_eq!(at(text, &items[1].entry("name").unwrap().value), "'b'");
        assert_eq!(
            at(text, &items[1].entry("tags").unwrap().value),
            "[x, \"y\"]"
        );
        let last = &node.entry("last").unwrap().value;
        assert_eq!(last.content, Content::String("a\nb\n".to_owned()));
        assert_eq!(at(text, last), "|\n  a\n  b");
        let none = &node.entry("none").unwrap().value;
        assert_eq!((at(text, none), &none.content), ("", &Content::Null));
    }

    #[test]
    fn plain_scalars_are_what_terraform_makes_of_them() {
        let text = |t: &str| Content::String(t.to_owned());
        for (written, content) in [
            ("off", Content::Bool(false)),
            ("tRue", text("tRue")),
            ("014", Content::Number(14.0)),
            ("1.", Content::Number(1.0)),
            ("+.5e1", Content::Number(5.0)),
            ("1_000", text("1_000")),
            ("10.0.0.0/16", text("10.0.0.0/16")),
            ("1:30", text("1:30")),
            ("2012-10-17", text("2012-10-17T00:00:00Z")),
            ("nUll", text("nUll")),
        ] {
            assert_eq!(plain(written), content, "{written}");
        }
        for written in [
            "0x1F",
            "0o14",
            "2012-10-17 10:00:00",
            "2001-1-1",
            ".inf",
            "-.INF",
        ] {
            assert!(matches!(plain(written), Content::Unread(_)), "{written}");
        }
    }

    #[test]
    fn aliases_and_merges() {
        let text = "s: &s !!str 12\na: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\ne: *x\n";
        let node = read(text).unwrap();
        let s = &node.entry("s").unwrap().value;
        assert_eq!(
            (at(text, s), &s.content),
            ("12", &Content::String("12".to_owned()))
        );
        let d = &node.entry("d").unwrap().value;
        assert_eq!(d.entry("b").unwrap().value.content, Content::Number(1.0));
        assert_eq!(d.entry("c").unwrap().value.content, Content::Number(3.0));
        // What an alias stands for is written where the anchor is.
        assert_eq!(at(text, &node.entry("e").unwrap().value), "{b: 1, c: 2}");
        assert_eq!(at(text, d.entry("b").map(|e| &e.value).unwrap()), "1");
        assert_eq!(at(text, &node), text.trim_end());
    }

    #[test]
    fn what_is_no_single_document_is_refused() {
        for text in ["", "# c", "a: 1\n---\nb: 2\n"] {
            assert!(
                matches!(read(text), Err(DataProblem::Malformed { .. })),
                "{text:?}: {:?}",
                read(text)
            );
        }
        for text in ["a: b: c", "a: [1", "\t- a", "a: !mine 1\nb: ["] {
            assert!(read(text).is_err(), "{text:?}");
        }
        let bomb = (0..40).fold("a0: &a0 [x, x]\n".to_owned(), |mut text, i| {
            use std::fmt::Write as _;
            let _ = writeln!(text, "a{}: &a{} [*a{i}, *a{i}]", i + 1, i + 1);
            text
        });
        assert!(matches!(read(&bomb), Err(DataProblem::Unsupported { .. })));
    }
}
