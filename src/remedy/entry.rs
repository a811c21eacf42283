//! One entry of a written list or map: found by where a value was decided, and taken out of it.

use hcl_edit::Span as _;
use hcl_edit::expr::{Array, Expression, Object, TraversalOperator};
use hcl_edit::structure::Block;
use hcl_edit::visit::{Visit, visit_expr};

use super::place;
use crate::terraform::edit::Pen;
use crate::terraform::module::Configuration;
use crate::terraform::value::Origin;
use crate::terraform::{Edit, SourceFile, Span};

/// What holds the entry.
#[derive(Clone, Copy)]
enum Holder<'a> {
    List(&'a Array),
    Map(&'a Object),
}

/// An entry of a list, set or map as it is written in some file.
pub(crate) struct Entry<'a> {
    file: &'a SourceFile,
    holder: Holder<'a>,
    number: usize,
    /// Span of the list or map as a whole.
    whole: Span,
}

impl<'a> Entry<'a> {
    /// The entry whose text decides a value; `None` when that text is no entry of a literal, or is not ours to edit.
    pub(crate) fn at(cfg: &Configuration<'a>, origin: &Origin) -> Option<Self> {
        let file: &'a SourceFile = cfg.estate().file(&origin.file)?;
        if place::is_external(&origin.file)
            || origin.file.as_str().ends_with(".json")
            || origin.span.is_empty()
        {
            return None;
        }
        Self::of_span(file, &origin.span)
    }

    /// The entry with exactly this span.
    pub(crate) fn of_span(file: &'a SourceFile, span: &Span) -> Option<Self> {
        let body = file.body().ok()?;
        let mut search = Search {
            wanted: span.clone(),
            found: None,
        };
        search.look(body);
        let (holder, number) = search.found?;
        let whole = match holder {
            Holder::List(list) => list.span()?,
            Holder::Map(map) => map.span()?,
        };
        Some(Self {
            file,
            holder,
            number,
            whole,
        })
    }

    /// Whether nothing else is in there.
    pub(crate) fn is_only(&self) -> bool {
        match self.holder {
            Holder::List(list) => list.len() == 1,
            Holder::Map(map) => map.len() == 1,
        }
    }

    /// Whether it is an element of a list, not an entry of a map.
    pub(crate) fn is_of_a_list(&self) -> bool {
        matches!(self.holder, Holder::List(_))
    }

    /// Span of the list or map.
    pub(crate) fn whole(&self) -> &Span {
        &self.whole
    }

    /// The whole list's text, as it is.
    pub(crate) fn text(&self) -> &'a str {
        self.file.slice(self.whole.clone())
    }

    /// Takes the entry out.
    pub(crate) fn remove(&self) -> Vec<Edit> {
        let pen = Pen::new(self.file);
        match self.holder {
            Holder::List(list) => pen.remove_elements(list, &[self.number]),
            Holder::Map(map) => pen.remove_entries(map, &[self.number]),
        }
    }

    /// Puts other elements (HCL text) in its place; those that the list has already are left out. Empty for maps.
    pub(crate) fn replace(&self, by: &[String]) -> Vec<Edit> {
        let Holder::List(list) = self.holder else {
            return Vec::new();
        };
        let has = |text: &String| {
            list.iter().any(|e| {
                e.span()
                    .is_some_and(|span| self.file.slice(span) == text.as_str())
            })
        };
        let new: Vec<&String> = by.iter().filter(|text| !has(text)).collect();
        let Some((first, rest)) = new.split_first() else {
            return self.remove();
        };
        let pen = Pen::new(self.file);
        let mut edits = list
            .get(self.number)
            .map(|e| pen.replace(e, first))
            .unwrap_or_default();
        for text in rest {
            edits.extend(pen.append_element(list, text));
        }
        edits
    }
}

/// Looks for the innermost list or map that has an entry with exactly this span. An entry of a map is found by its
/// value's span and by that of key and value.
struct Search<'b> {
    wanted: Span,
    found: Option<(Holder<'b>, usize)>,
}

impl<'b> Search<'b> {
    fn look(&mut self, body: &'b hcl_edit::structure::Body) {
        // `Visit` hands out references that do not outlive the call; the tree is walked by hand where they must.
        for structure in body {
            if let Some(attribute) = structure.as_attribute() {
                self.expression(&attribute.value);
            } else if let Some(block) = structure.as_block() {
                self.look(&block.body);
            }
        }
    }

    fn expression(&mut self, expression: &'b Expression) {
        let around = expression
            .span()
            .is_some_and(|s| s.start <= self.wanted.start && self.wanted.end <= s.end);
        if !around || self.found.is_some() {
            return;
        }
        match expression {
            Expression::Array(list) => {
                let number = list
                    .iter()
                    .position(|e| e.span().as_ref() == Some(&self.wanted));
                match number {
                    Some(number) => self.found = Some((Holder::List(list), number)),
                    None => list.iter().for_each(|e| self.expression(e)),
                }
            }
            Expression::Object(map) => {
                let number = map.iter().position(|(key, value)| {
                    let span = value.expr().span();
                    let both = key
                        .span()
                        .zip(span.clone())
                        .map(|(key, value)| key.start..value.end);
                    span.as_ref() == Some(&self.wanted) || both.as_ref() == Some(&self.wanted)
                });
                match number {
                    Some(number) => self.found = Some((Holder::Map(map), number)),
                    None => map.iter().for_each(|(_, v)| self.expression(v.expr())),
                }
            }
            Expression::Parenthesis(inner) => self.expression(inner.inner()),
            Expression::FuncCall(call) => call.args.iter().for_each(|e| self.expression(e)),
            Expression::Conditional(c) => {
                self.expression(&c.true_expr);
                self.expression(&c.false_expr);
            }
            Expression::ForExpr(f) => {
                self.expression(&f.intro.collection_expr);
                self.expression(&f.value_expr);
            }
            _ => {}
        }
    }
}

/// Whether a block refers to something by these names: `["aws_security_group_rule", "ssh"]`,
/// `["data", "google_iam_policy", "public"]`. Addresses in `moved`, `import` and `removed` blocks count.
pub(crate) fn refers_to(block: &Block, names: &[&str]) -> bool {
    struct Finder<'n> {
        names: &'n [&'n str],
        found: bool,
    }
    impl Visit for Finder<'_> {
        fn visit_expr(&mut self, node: &Expression) {
            if let Expression::Traversal(t) = node
                && let Some(first) = t.expr.as_variable()
            {
                let rest = t.operators.iter().map_while(|o| match o.value() {
                    TraversalOperator::GetAttr(name) => Some(name.as_str()),
                    _ => None,
                });
                let path: Vec<&str> = std::iter::once(first.as_str()).chain(rest).collect();
                self.found |= path.starts_with(self.names);
            }
            visit_expr(self, node);
        }
    }
    let mut finder = Finder {
        names,
        found: false,
    };
    finder.visit_block(block);
    finder.found
}
