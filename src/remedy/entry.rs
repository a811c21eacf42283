//! One entry of a written list or map: found by where a value was decided, and taken out of it.

use hcl_edit::Span as _;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue, TraversalOperator};
use hcl_edit::structure::Block;
use hcl_edit::visit::{Visit, visit_expr};

use super::{place, written};
use crate::terraform::edit::{Pen, data};
use crate::terraform::module::Configuration;
use crate::terraform::value::Origin;
use crate::terraform::{Edit, SourceFile, Span};

/// What holds the entry.
#[derive(Clone)]
enum Holder<'a> {
    List(&'a Array),
    Map(&'a Object),
    /// A list or mapping of a YAML or JSON file.
    Data(data::Holder),
}

/// An entry of a list, set or map as it is written in some file.
#[derive(Clone)]
pub(crate) struct Entry<'a> {
    file: &'a SourceFile,
    holder: Holder<'a>,
    number: usize,
    /// Span of the list or map as a whole.
    whole: Span,
}

/// A place, and the entries around it: the innermost first.
pub(crate) type Around<'a> = (Origin, Vec<Entry<'a>>);

/// The entries around each of these places; what is no part of an entry is left out.
pub(crate) fn around<'a>(cfg: &Configuration<'a>, origins: Vec<Origin>) -> Vec<Around<'a>> {
    origins
        .into_iter()
        .map(|origin| {
            let around = Entry::outward(cfg, &origin);
            (origin, around)
        })
        .filter(|(_, around)| !around.is_empty())
        .collect()
}

/// Tries to take out what makes a grant, the nearest entry first, together with those beside it that make `others`; the
/// whole record where nothing that grants would be left in it.
pub(crate) fn taken_out<'a, T>(
    first: &[Around<'a>],
    others: &[Vec<Around<'a>>],
    mut attempt: impl FnMut(&Origin, &Entry<'a>, &[&Entry<'a>]) -> Option<T>,
) -> Option<T> {
    let mut seen: Vec<&Entry<'a>> = Vec::new();
    for (origin, around) in first {
        for (level, entry) in around.iter().enumerate() {
            if seen.iter().any(|s| s.is_same(entry)) {
                continue;
            }
            seen.push(entry);
            let beside: Vec<&Entry<'a>> = others
                .iter()
                .filter_map(|all| {
                    let mut all = all.iter().flat_map(|(_, around)| around);
                    all.find(|other| other.is_beside(entry))
                })
                .filter(|other| !other.is_same(entry))
                .collect();
            let mut way = attempt(origin, entry, &beside);
            if way.is_none() && !beside.is_empty() {
                way = attempt(origin, entry, &[]);
            }
            let Some(way) = way else { continue };
            // A record without what makes its grants says nothing any more.
            let record = around[level..]
                .iter()
                .find(|e| e.is_record())
                .filter(|_| entry.is_only() && !entry.is_record());
            let whole = record.and_then(|record| attempt(origin, record, &[]));
            return Some(whole.unwrap_or(way));
        }
    }
    None
}

impl<'a> Entry<'a> {
    /// The entry whose text decides a value; `None` when that text is no entry of a literal, or is not ours to edit.
    pub(crate) fn at(cfg: &Configuration<'a>, origin: &Origin) -> Option<Self> {
        let entry = Self::outward(cfg, origin).into_iter().next()?;
        entry.is_exactly(&origin.span).then_some(entry)
    }

    /// The entry whose text decides a value, the entry that this one is part of, and so on: the innermost first.
    pub(crate) fn outward(cfg: &Configuration<'a>, origin: &Origin) -> Vec<Self> {
        let Some(file) = cfg.estate().file(&origin.file) else {
            return Vec::new();
        };
        if place::is_external(&origin.file) || origin.span.is_empty() {
            return Vec::new();
        }
        if data::is_data(file) {
            return data::holders(file, &origin.span)
                .into_iter()
                .map(|holder| Self {
                    file,
                    number: holder.number(),
                    whole: holder.span(),
                    holder: Holder::Data(holder),
                })
                .collect();
        }
        Self::in_code(file, &origin.span)
    }

    /// Every list and map of code around a span, each with the entry in which the span lies. What a call or a template
    /// makes of a list is not the list: beyond other expressions than those that pass elements on, nothing is found.
    fn in_code(file: &'a SourceFile, span: &Span) -> Vec<Self> {
        let mut found = Vec::new();
        for expression in written::around(file, span) {
            let holder = match expression {
                Expression::Array(list) => list
                    .iter()
                    .position(|e| e.span().is_some_and(|s| contains(&s, span)))
                    .map(|number| (Holder::List(list), number)),
                Expression::Object(map) => map
                    .iter()
                    .position(|(key, value)| {
                        entry_span(key, value).is_some_and(|s| contains(&s, span))
                    })
                    .map(|number| (Holder::Map(map), number)),
                _ => None,
            };
            if let (Some((holder, number)), Some(whole)) = (holder, expression.span()) {
                found.push(Self {
                    file,
                    holder,
                    number,
                    whole,
                });
            }
        }
        found
    }

    /// Whether the entry, or its value, is exactly what stands at a span.
    fn is_exactly(&self, span: &Span) -> bool {
        match &self.holder {
            Holder::List(list) => {
                list.get(self.number).and_then(|e| e.span()).as_ref() == Some(span)
            }
            Holder::Map(map) => map.iter().nth(self.number).is_some_and(|(key, value)| {
                value.expr().span().as_ref() == Some(span)
                    || entry_span(key, value).as_ref() == Some(span)
            }),
            Holder::Data(holder) => holder.is_exactly(span),
        }
    }

    /// Whether it is an element of a list.
    pub(crate) fn is_in_list(&self) -> bool {
        match &self.holder {
            Holder::List(_) => true,
            Holder::Map(_) => false,
            Holder::Data(holder) => holder.is_list(),
        }
    }

    /// Whether both are in the same list or map.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        self.file.path() == other.file.path() && self.whole == other.whole
    }

    /// Whether it is the same entry of the same list or map.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.is_beside(other) && self.number == other.number
    }

    /// Whether it holds several things by name: `{ port = 22, cidrs = [] }`.
    pub(crate) fn is_record(&self) -> bool {
        match &self.holder {
            Holder::List(list) => list.get(self.number).is_some_and(Expression::is_object),
            Holder::Map(map) => {
                let value = map.iter().nth(self.number).map(|(_, value)| value.expr());
                value.is_some_and(Expression::is_object)
            }
            Holder::Data(holder) => holder
                .value()
                .is_some_and(|span| matches!(data::at(self.file, &span), Some(data::Shape::Map))),
        }
    }

    /// The file it is written in.
    pub(crate) fn file(&self) -> &'a SourceFile {
        self.file
    }

    /// Where the list or map stands, as part of what stands at `origin`.
    pub(crate) fn place(&self, origin: &Origin) -> Origin {
        Origin {
            span: self.whole.clone(),
            ..origin.clone()
        }
    }

    fn len(&self) -> usize {
        match &self.holder {
            Holder::List(list) => list.len(),
            Holder::Map(map) => map.len(),
            Holder::Data(holder) => holder.len(),
        }
    }

    /// Whether nothing stands behind it.
    pub(crate) fn is_last(&self) -> bool {
        self.number + 1 == self.len()
    }

    /// Whether nothing else is in there.
    pub(crate) fn is_only(&self) -> bool {
        self.len() == 1
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
        self.remove_with(&[])
    }

    /// Takes the entry and others of the same list or map out.
    pub(crate) fn remove_with(&self, others: &[&Self]) -> Vec<Edit> {
        let mut numbers = vec![self.number];
        numbers.extend(others.iter().map(|other| other.number));
        numbers.sort_unstable();
        numbers.dedup();
        let pen = Pen::new(self.file);
        match &self.holder {
            Holder::List(list) => {
                if numbers.len() == list.len()
                    && let Some(edits) = self.without_argument(&pen, "concat")
                {
                    return edits;
                }
                pen.remove_elements(list, &numbers)
            }
            Holder::Map(map) => {
                if numbers.len() == map.len()
                    && let Some(edits) = self.without_argument(&pen, "merge")
                {
                    return edits;
                }
                pen.remove_entries(map, &numbers)
            }
            Holder::Data(holder) => data::remove(self.file, holder, &numbers).unwrap_or_default(),
        }
    }

    /// `concat(a, ["x"])` without the last element of the second list is `a`, and so is `merge(a, { x = 1 })`.
    fn without_argument(&self, pen: &Pen<'_>, joined_by: &str) -> Option<Vec<Edit>> {
        let around = written::around(self.file, &self.whole);
        let at = around
            .iter()
            .position(|e| e.span().as_ref() == Some(&self.whole))?;
        let Expression::FuncCall(call) = around.get(at + 1)? else {
            return None;
        };
        if call.name.name.as_str() != joined_by
            || call.name.is_namespaced()
            || call.args.expand_final()
        {
            return None;
        }
        let number = call
            .args
            .iter()
            .position(|a| a.span().as_ref() == Some(&self.whole))?;
        match call.args.len() {
            0 | 1 => None,
            2 => {
                let other = call.args.get(1 - number)?.span()?;
                let text = self.file.slice(other).to_owned();
                Some(pen.replace_span(around.get(at + 1)?.span()?, &text))
            }
            _ => Some(pen.remove_arguments(call, &[number])),
        }
    }

    /// Puts other elements (HCL text) in its place; those that the list has already are left out. Empty for maps.
    pub(crate) fn replace(&self, by: &[String]) -> Vec<Edit> {
        let list = match &self.holder {
            Holder::List(list) => list,
            Holder::Map(_) => return Vec::new(),
            Holder::Data(holder) => {
                let values: Option<Vec<serde_json::Value>> = by
                    .iter()
                    .map(|text| serde_json::from_str(text).ok())
                    .collect();
                return values
                    .and_then(|values| data::replace_element(self.file, holder, &values))
                    .unwrap_or_default();
            }
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

fn contains(outer: &Span, inner: &Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn entry_span(key: &ObjectKey, value: &ObjectValue) -> Option<Span> {
    Some(key.span()?.start..value.expr().span()?.end)
}

/// Whether a block refers to something by these names: `["aws_security_group_rule", "ssh"]`,
/// `["data", "google_iam_policy", "public"]`. Addresses in `moved`, `import` and `removed` blocks count.
pub(crate) fn refers_to(block: &Block, names: &[&str]) -> bool {
    let mut mentions = Mentions {
        names,
        found: false,
    };
    mentions.visit_block(block);
    mentions.found
}

/// As [`refers_to`], of an expression.
pub(crate) fn mentions(expression: &Expression, names: &[&str]) -> bool {
    let mut mentions = Mentions {
        names,
        found: false,
    };
    mentions.visit_expr(expression);
    mentions.found
}

/// Looks for a traversal that begins with names.
struct Mentions<'n> {
    names: &'n [&'n str],
    found: bool,
}

impl Visit for Mentions<'_> {
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
