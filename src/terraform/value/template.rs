//! Quoted templates and heredocs.
//!
//! Heredoc text is taken from the source by span: the parser's own value of an indented heredoc can be wrong (it
//! dedents each piece by itself).

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, HeredocTemplate, StringTemplate, Strip, Template};

use super::convert::{self, joined, parts_of, to_bool};
use super::evaluate::{Evaluator, entries};
use super::scope::Scope;
use super::{Kind, Part, Unknown, Value, set};

/// How the literal text of a template is read.
#[derive(Clone, Copy)]
enum Reading {
    /// As the parser unescaped it.
    Quoted,
    /// From the source, this many columns of indentation removed from each line.
    Heredoc(usize),
}

/// Pieces of a template while it is put together.
struct Pieces {
    parts: Vec<Part>,
    from: Vec<Value>,
    /// `~}` was seen: white space at the start of what comes next goes.
    strip_next: bool,
}

impl Pieces {
    fn strip_last(&mut self, strip: bool) {
        if strip && let Some(Part::Text(text)) = self.parts.last_mut() {
            text.truncate(text.trim_end().len());
        }
    }

    fn text(&mut self, text: &str) {
        let text = if std::mem::take(&mut self.strip_next) {
            text.trim_start()
        } else {
            text
        };
        // Kept as a part of its own: `~` trims one literal, not what was interpolated before it.
        self.parts.push(Part::Text(text.to_owned()));
    }
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
        self.template(scope, template, Reading::Quoted, whole)
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
        let mut dedent = 0;
        if source.starts_with("<<-") {
            let mut least = None;
            indentation(scope, &heredoc.template, &mut least);
            dedent = least.unwrap_or(0);
        }
        if has_strip(&heredoc.template) {
            return Value::unknown(Unknown::Unsupported("`~` in a heredoc".to_owned()));
        }
        self.template(scope, &heredoc.template, Reading::Heredoc(dedent), whole)
    }

    /// The text of a template file, and what was put into it.
    pub(super) fn rendered(&self, scope: &Scope<'a>, template: &Template) -> (Kind, Vec<Value>) {
        let mut pieces = Pieces {
            parts: Vec::new(),
            from: Vec::new(),
            strip_next: false,
        };
        let kind = match self.pieces(scope, template, Reading::Quoted, &mut pieces) {
            Ok(()) => joined(pieces.parts),
            Err(why) => Kind::Unknown(why),
        };
        (kind, pieces.from)
    }

    fn template(
        &self,
        scope: &Scope<'a>,
        template: &Template,
        reading: Reading,
        whole: &Expression,
    ) -> Value {
        let mut pieces = Pieces {
            parts: Vec::new(),
            from: Vec::new(),
            strip_next: false,
        };
        let kind = match self.pieces(scope, template, reading, &mut pieces) {
            Ok(()) => joined(pieces.parts),
            Err(why) => Kind::Unknown(why),
        };
        let from: Vec<&Value> = pieces.from.iter().collect();
        Value::derived(kind, scope.origin(whole.span()), &from)
    }

    fn pieces(
        &self,
        scope: &Scope<'a>,
        template: &Template,
        reading: Reading,
        pieces: &mut Pieces,
    ) -> Result<(), Unknown> {
        for element in template {
            match element {
                Element::Literal(text) => match reading {
                    Reading::Quoted => pieces.text(text.value()),
                    Reading::Heredoc(dedent) => {
                        let span = text.span().unwrap_or_default();
                        pieces.text(&heredoc_text(scope, span, dedent));
                    }
                },
                Element::Interpolation(interpolation) => {
                    pieces.strip_last(interpolation.strip.strip_start());
                    let value = self.evaluate(scope, &interpolation.expr);
                    pieces.parts.extend(parts_of(&value)?);
                    pieces.from.push(value);
                    pieces.strip_next = interpolation.strip.strip_end();
                }
                Element::Directive(directive) => {
                    self.directive(scope, directive, reading, pieces)?;
                }
            }
        }
        Ok(())
    }

    fn directive(
        &self,
        scope: &Scope<'a>,
        directive: &Directive,
        reading: Reading,
        pieces: &mut Pieces,
    ) -> Result<(), Unknown> {
        if directive_strips(directive).any(|s| s != Strip::None) {
            return Err(Unknown::Unsupported("`~` in a template directive".into()));
        }
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
                chosen.map_or(Ok(()), |t| self.pieces(scope, t, reading, pieces))
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
                    self.pieces(&bound, &each.for_expr.template, reading, pieces)?;
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

/// The `~` marks of a directive's own tags.
fn directive_strips(directive: &Directive) -> impl Iterator<Item = Strip> {
    match directive {
        Directive::If(choice) => [
            Some(choice.if_expr.strip),
            choice.else_expr.as_ref().map(|e| e.strip),
            Some(choice.endif_expr.strip),
        ],
        Directive::For(each) => [
            Some(each.for_expr.strip),
            Some(each.endfor_expr.strip),
            None,
        ],
    }
    .into_iter()
    .flatten()
}

/// Whether any tag of the template carries `~`.
fn has_strip(template: &Template) -> bool {
    template.iter().any(|element| match element {
        Element::Literal(_) => false,
        Element::Interpolation(i) => i.strip != Strip::None,
        Element::Directive(d) => {
            directive_strips(d).any(|s| s != Strip::None) || inner_templates(d).any(has_strip)
        }
    })
}

fn inner_templates(directive: &Directive) -> impl Iterator<Item = &Template> {
    match directive {
        Directive::If(choice) => [
            Some(&choice.if_expr.template),
            choice.else_expr.as_ref().map(|e| &e.template),
        ],
        Directive::For(each) => [Some(&each.for_expr.template), None],
    }
    .into_iter()
    .flatten()
}

/// Finds the smallest indentation of the lines that begin in literal text.
fn indentation(scope: &Scope<'_>, template: &Template, least: &mut Option<usize>) {
    for element in template {
        match element {
            Element::Literal(text) => {
                let span = text.span().unwrap_or_default();
                let literal = scope.file.slice(span.clone());
                for (i, line) in literal.split_inclusive('\n').enumerate() {
                    if i == 0 && !begins_line(scope, span.start) {
                        continue;
                    }
                    if is_blank(line) {
                        continue;
                    }
                    let spaces = line.chars().take_while(|c| c.is_whitespace()).count();
                    *least = Some(least.map_or(spaces, |l: usize| l.min(spaces)));
                }
            }
            Element::Interpolation(i) => {
                if i.span().is_some_and(|s| begins_line(scope, s.start)) {
                    *least = Some(0);
                }
            }
            Element::Directive(d) => {
                if d.span().is_some_and(|s| begins_line(scope, s.start)) {
                    *least = Some(0);
                }
                inner_templates(d).for_each(|t| indentation(scope, t, least));
            }
        }
    }
}

/// A line of white space has no indentation of its own, and loses none.
fn is_blank(line: &str) -> bool {
    line.ends_with('\n') && line.trim().is_empty()
}

fn begins_line(scope: &Scope<'_>, offset: usize) -> bool {
    offset == 0 || scope.file.text().as_bytes().get(offset - 1) == Some(&b'\n')
}

/// The text of a heredoc's literal: markers unescaped, indentation removed where a line begins.
fn heredoc_text(scope: &Scope<'_>, span: std::ops::Range<usize>, dedent: usize) -> String {
    let literal = scope.file.slice(span.clone());
    let mut text = String::with_capacity(literal.len());
    for (i, line) in literal.split_inclusive('\n').enumerate() {
        let begins = i > 0 || begins_line(scope, span.start);
        let line = if dedent > 0 && begins && !is_blank(line) {
            let cut: usize = line
                .chars()
                .take(dedent)
                .take_while(|c| c.is_whitespace() && *c != '\n')
                .map(char::len_utf8)
                .sum();
            &line[cut..]
        } else {
            line
        };
        text.push_str(line);
    }
    if text.contains("$${") || text.contains("%%{") {
        text = text.replace("$${", "${").replace("%%{", "%{");
    }
    text
}
