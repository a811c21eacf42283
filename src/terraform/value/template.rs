//! Quoted templates and heredocs.
//!
//! Heredoc text is taken from the source by span: the parser's own value of an indented heredoc can be wrong (it
//! dedents each piece by itself).

use std::collections::HashMap;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, HeredocTemplate, StringTemplate, Strip, Template};

use super::convert::{self, joined, parts_of, to_bool};
use super::evaluate::{Evaluator, entries};
use super::scope::Scope;
use super::ty::Ty;
use super::{Kind, Part, Unknown, Value, set};

/// How the literal text of a template is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Between quotes: as the parser unescaped it, each literal as a whole.
    Plain,
    /// A file: line by line.
    File,
    /// From the source, line by line.
    Heredoc {
        /// `<<-`: the indentation that all lines share goes.
        flush: bool,
    },
}

/// The literal texts of a template as they count, by the place of the literal in memory.
#[derive(Default)]
struct Literals {
    /// Pieces of text (with the literal that they belong to) and, as `None`, what stands between them.
    tokens: Vec<Option<(usize, String)>>,
    /// `~}` was seen: white space at the start of what comes next goes.
    strip_next: bool,
}

impl Literals {
    fn of(scope: &Scope<'_>, template: &Template, reading: Reading) -> HashMap<usize, String> {
        let mut literals = Self::default();
        literals.visit(scope, template, reading, false);
        if reading == (Reading::Heredoc { flush: true }) {
            literals.flush();
        }
        let mut texts: HashMap<usize, String> = HashMap::new();
        for (literal, text) in literals.tokens.into_iter().flatten() {
            texts.entry(literal).or_default().push_str(&text);
        }
        texts
    }

    fn visit(&mut self, scope: &Scope<'_>, template: &Template, reading: Reading, inner: bool) {
        for element in template {
            match element {
                Element::Literal(literal) => {
                    let key = place_of(literal);
                    match reading {
                        Reading::Plain => {
                            // Inside of a directive the parser leaves `\n` and the like as they are written.
                            let written =
                                literal.span().filter(|_| inner && scope.file.has_spans());
                            match written {
                                Some(span) => self.text(key, &unescaped(scope.file.slice(span))),
                                None => self.text(key, literal.value()),
                            }
                            continue;
                        }
                        // `~` reaches no further than the line.
                        Reading::File => {
                            for line in literal.value().split_inclusive('\n') {
                                self.text(key, line);
                            }
                            continue;
                        }
                        Reading::Heredoc { .. } => {}
                    }
                    let source = scope.file.slice(literal.span().unwrap_or_default());
                    for line in source.split_inclusive('\n') {
                        self.text(key, &line.replace("$${", "${").replace("%%{", "%{"));
                    }
                }
                Element::Interpolation(interpolation) => self.tag(interpolation.strip),
                Element::Directive(directive) => match directive.as_ref() {
                    Directive::If(choice) => {
                        self.tag(choice.if_expr.strip);
                        self.visit(scope, &choice.if_expr.template, reading, true);
                        if let Some(other) = &choice.else_expr {
                            self.tag(other.strip);
                            self.visit(scope, &other.template, reading, true);
                        }
                        self.tag(choice.endif_expr.strip);
                    }
                    Directive::For(each) => {
                        self.tag(each.for_expr.strip);
                        self.visit(scope, &each.for_expr.template, reading, true);
                        self.tag(each.endfor_expr.strip);
                    }
                },
            }
        }
    }

    fn text(&mut self, literal: usize, text: &str) {
        let text = if std::mem::take(&mut self.strip_next) {
            text.trim_start()
        } else {
            text
        };
        self.tokens.push(Some((literal, text.to_owned())));
    }

    fn tag(&mut self, strip: Strip) {
        if let (true, Some(Some((_, text)))) = (strip.strip_start(), self.tokens.last_mut()) {
            text.truncate(text.trim_end().len());
        }
        self.tokens.push(None);
        self.strip_next = strip.strip_end();
    }

    /// Takes away the indentation that all lines share. A line begins behind a piece of text that ends one: where `~`
    /// took the line end away, none does.
    fn flush(&mut self) {
        let mut least = usize::MAX;
        let mut begins = true;
        let mut lines = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let text = token.as_ref().map(|(_, text)| text.as_str());
            if std::mem::take(&mut begins) {
                let spaces = match text {
                    // A line of white space has no indentation of its own, and loses none.
                    Some(text) if text.trim_start().is_empty() && text.ends_with('\n') => {
                        usize::MAX
                    }
                    Some(text) => {
                        lines.push(at);
                        text.chars().take_while(|c| c.is_whitespace()).count()
                    }
                    None => 0,
                };
                least = least.min(spaces);
            }
            begins = text.is_some_and(|text| text.ends_with('\n'));
        }
        for at in lines {
            if let Some(Some((_, text))) = self.tokens.get_mut(at) {
                let cut: usize = text.chars().take(least).map(char::len_utf8).sum();
                text.drain(..cut);
            }
        }
    }
}

/// Text between quotes as it is meant.
fn unescaped(written: &str) -> String {
    let mut text = String::with_capacity(written.len());
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        let digits = match rest.next() {
            Some('n') => {
                text.push('\n');
                continue;
            }
            Some('r') => {
                text.push('\r');
                continue;
            }
            Some('t') => {
                text.push('\t');
                continue;
            }
            Some('u') => 4,
            Some('U') => 8,
            Some(other) => {
                text.push(other);
                continue;
            }
            None => break,
        };
        let code: String = rest.by_ref().take(digits).collect();
        let code = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
        text.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text.replace("$${", "${").replace("%%{", "%{")
}

/// What tells one literal from the others while a template is evaluated.
fn place_of<T>(literal: &T) -> usize {
    std::ptr::from_ref(literal).addr()
}

/// Pieces of a template while it is put together.
#[derive(Default)]
struct Pieces {
    texts: HashMap<usize, String>,
    parts: Vec<Part>,
    from: Vec<Value>,
}

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn quoted(
        &self,
        scope: &Scope<'a>,
        template: &StringTemplate,
        whole: &Expression,
    ) -> Value {
        // `"${x}"` is `x` itself, whatever its type.
        if template.len() == 1
            && let Some(Element::Interpolation(only)) = template.get(0)
        {
            return self
                .evaluate(scope, &only.expr)
                .through(scope.origin(whole.span()));
        }
        self.template(scope, template, Reading::Plain, whole)
    }

    pub(super) fn heredoc(
        &self,
        scope: &Scope<'a>,
        heredoc: &HeredocTemplate,
        whole: &Expression,
    ) -> Value {
        if !scope.file.has_spans() {
            return Value::unknown(Unknown::Unsupported("a heredoc in this file".to_owned()));
        }
        let source = whole.span().map_or("", |span| scope.file.slice(span));
        let reading = Reading::Heredoc {
            flush: source.starts_with("<<-"),
        };
        self.template(scope, &heredoc.template, reading, whole)
    }

    /// The text of a template file, and what was put into it.
    pub(super) fn rendered(&self, scope: &Scope<'a>, template: &Template) -> (Kind, Vec<Value>) {
        self.put_together(scope, template, Reading::File)
    }

    fn template(
        &self,
        scope: &Scope<'a>,
        template: &Template,
        reading: Reading,
        whole: &Expression,
    ) -> Value {
        let (kind, from) = self.put_together(scope, template, reading);
        let from: Vec<&Value> = from.iter().collect();
        let mut value = Value::derived(kind, scope.origin(whole.span()), &from);
        if matches!(&value.kind, Kind::Unknown(_)) {
            value.ty = Some(Arc::new(Ty::String));
        }
        value
    }

    fn put_together(
        &self,
        scope: &Scope<'a>,
        template: &Template,
        reading: Reading,
    ) -> (Kind, Vec<Value>) {
        let mut pieces = Pieces {
            texts: Literals::of(scope, template, reading),
            ..Pieces::default()
        };
        let kind = match self.pieces(scope, template, &mut pieces) {
            Ok(()) => joined(pieces.parts),
            Err(why) => Kind::Unknown(why),
        };
        (kind, pieces.from)
    }

    fn pieces(
        &self,
        scope: &Scope<'a>,
        template: &Template,
        pieces: &mut Pieces,
    ) -> Result<(), Unknown> {
        for element in template {
            match element {
                Element::Literal(literal) => {
                    let text = pieces.texts.get(&place_of(literal));
                    let text = text.cloned().unwrap_or_default();
                    pieces.parts.push(Part::Text(text));
                }
                Element::Interpolation(interpolation) => {
                    let value = self.evaluate(scope, &interpolation.expr);
                    pieces.parts.extend(parts_of(&value)?);
                    pieces.from.push(value);
                }
                Element::Directive(directive) => self.directive(scope, directive, pieces)?,
            }
        }
        Ok(())
    }

    fn directive(
        &self,
        scope: &Scope<'a>,
        directive: &Directive,
        pieces: &mut Pieces,
    ) -> Result<(), Unknown> {
        match directive {
            Directive::If(choice) => {
                let condition = to_bool(self.evaluate(scope, &choice.if_expr.cond_expr));
                let chosen = match condition.kind {
                    Kind::Bool(true) => Some(&choice.if_expr.template),
                    Kind::Bool(false) => choice.else_expr.as_ref().map(|e| &e.template),
                    _ => {
                        pieces.parts.push(open(&condition)?);
                        pieces.from.push(condition);
                        return Ok(());
                    }
                };
                pieces.from.push(condition);
                chosen.map_or(Ok(()), |t| self.pieces(scope, t, pieces))
            }
            Directive::For(each) => {
                let collection = self.evaluate(scope, &each.for_expr.collection_expr);
                let Some(items) = entries(&collection) else {
                    pieces.parts.push(open(&collection)?);
                    pieces.from.push(collection);
                    return Ok(());
                };
                for (key, item) in items {
                    let mut bound = scope.binding(each.for_expr.value_var.value().as_str(), item);
                    if let Some(name) = &each.for_expr.key_var {
                        bound = bound.binding(name.value().as_str(), key);
                    }
                    self.pieces(&bound, &each.for_expr.template, pieces)?;
                }
                pieces.from.push(collection);
                Ok(())
            }
        }
    }
}

/// A hole for what a directive would make of something unknown; an error is one of the whole.
fn open(value: &Value) -> Result<Part, Unknown> {
    match (convert::hole_of(value), &value.kind) {
        (Unknown::Invalid(_), Kind::List(items)) => Ok(Part::Hole(set::unordered(items))),
        (why @ Unknown::Invalid(_), _) => Err(why),
        (why, _) => Ok(Part::Hole(why)),
    }
}
