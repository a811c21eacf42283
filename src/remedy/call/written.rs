//! Expressions as they are written, found by their place.

use hcl_edit::Span as _;
use hcl_edit::expr::{Array, Expression, Object};
use hcl_edit::structure::Body;

use crate::terraform::edit::Pen;
use crate::terraform::{Edit, SourceFile, Span};

/// The object with exactly this span.
pub(super) fn object_at<'f>(file: &'f SourceFile, span: &Span) -> Option<&'f Object> {
    path_to(file, span)
        .into_iter()
        .filter_map(Expression::as_object)
        .find(|object| object.span().as_ref() == Some(span))
}

/// The plain text that is written at, or around, a span, with its own span.
pub(super) fn text_at(file: &SourceFile, span: &Span) -> Option<(String, Span)> {
    let innermost = path_to(file, span).pop()?;
    Some((innermost.as_str()?.to_owned(), innermost.span()?))
}

/// A list or map, and the number of one of its elements.
pub(super) enum Container<'f> {
    List(&'f Array, usize),
    Map(&'f Object, usize),
}

impl Container<'_> {
    /// The list or map as a whole.
    pub(super) fn span(&self) -> Option<Span> {
        match self {
            Self::List(list, _) => list.span(),
            Self::Map(map, _) => map.span(),
        }
    }

    /// The edits that take the element out.
    pub(super) fn without(&self, pen: &Pen<'_>) -> Vec<Edit> {
        match self {
            Self::List(list, number) => pen.remove_elements(list, &[*number]),
            Self::Map(map, number) => pen.remove_entries(map, &[*number]),
        }
    }

    /// Whether elements behind it get another number.
    pub(super) fn moves_others(&self) -> bool {
        matches!(self, Self::List(list, number) if number + 1 < list.len())
    }
}

/// The lists and maps in which something stands, the innermost first.
pub(super) fn containers_of<'f>(file: &'f SourceFile, span: &Span) -> Vec<Container<'f>> {
    let holds = |e: &Expression| {
        e.span()
            .is_some_and(|s| s.start <= span.start && span.end <= s.end)
    };
    path_to(file, span)
        .into_iter()
        .rev()
        .filter_map(|expression| match expression {
            Expression::Array(list) => {
                let number = list.iter().position(holds)?;
                Some(Container::List(list, number))
            }
            Expression::Object(map) => {
                let number = map.iter().position(|(_, value)| holds(value.expr()))?;
                Some(Container::Map(map, number))
            }
            _ => None,
        })
        .collect()
}

/// The expressions around a span, the outermost first.
fn path_to<'f>(file: &'f SourceFile, span: &Span) -> Vec<&'f Expression> {
    fn body<'b>(within: &'b Body, span: &Span, path: &mut Vec<&'b Expression>) {
        for structure in within {
            if let Some(attribute) = structure.as_attribute() {
                expression(&attribute.value, span, path);
            } else if let Some(block) = structure.as_block() {
                body(&block.body, span, path);
            }
        }
    }
    fn expression<'b>(here: &'b Expression, span: &Span, path: &mut Vec<&'b Expression>) {
        let around = here
            .span()
            .is_some_and(|s| s.start <= span.start && span.end <= s.end);
        if !around {
            return;
        }
        path.push(here);
        match here {
            Expression::Object(object) => {
                object
                    .iter()
                    .for_each(|(_, v)| expression(v.expr(), span, path));
            }
            Expression::Array(list) => list.iter().for_each(|e| expression(e, span, path)),
            Expression::Parenthesis(inner) => expression(inner.inner(), span, path),
            Expression::FuncCall(call) => call.args.iter().for_each(|e| expression(e, span, path)),
            Expression::Conditional(c) => {
                expression(&c.true_expr, span, path);
                expression(&c.false_expr, span, path);
            }
            Expression::ForExpr(f) => {
                expression(&f.intro.collection_expr, span, path);
                expression(&f.value_expr, span, path);
            }
            _ => {}
        }
    }
    let mut path = Vec::new();
    if let Ok(top) = file.body() {
        body(top, span, &mut path);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::RepoPath;

    fn file(text: &str) -> SourceFile {
        SourceFile::new(RepoPath::new("main.tf").unwrap(), text.as_bytes().to_vec())
    }

    #[test]
    fn what_stands_around_a_place_is_found_from_the_inside() {
        let text = "x = concat([{ a = \"1,2\" }, { a = \"3\" }], [])\n";
        let file = file(text);
        let at = text.find("\"1,2\"").unwrap();
        let span = at..at + 5;
        assert_eq!(
            text_at(&file, &span).map(|(text, _)| text),
            Some("1,2".to_owned())
        );
        let around = containers_of(&file, &span);
        assert!(matches!(around[0], Container::Map(_, 0)));
        assert!(matches!(around[1], Container::List(_, 0)));
        assert!(around[1].moves_others());
        assert_eq!(around.len(), 2);
    }
}
