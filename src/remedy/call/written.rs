//! Expressions as they are written, found by their place.

use hcl_edit::Span as _;
use hcl_edit::expr::{Array, Expression, Object};
use hcl_edit::structure::Body;

use crate::terraform::{SourceFile, Span};

/// The object with exactly this span.
pub(super) fn object_at<'f>(file: &'f SourceFile, span: &Span) -> Option<&'f Object> {
    find(
        file,
        &|e| matches!(e, Expression::Object(o) if o.span().as_ref() == Some(span)),
        span,
    )?
    .as_object()
}

/// The first expression around or at a span that fits.
pub(super) fn find<'f>(
    file: &'f SourceFile,
    fits: &dyn Fn(&Expression) -> bool,
    span: &Span,
) -> Option<&'f Expression> {
    fn body<'b>(
        body_: &'b Body,
        fits: &dyn Fn(&Expression) -> bool,
        span: &Span,
    ) -> Option<&'b Expression> {
        body_.iter().find_map(
            |structure| match (structure.as_attribute(), structure.as_block()) {
                (Some(attribute), _) => expression(&attribute.value, fits, span),
                (_, Some(block)) => body(&block.body, fits, span),
                _ => None,
            },
        )
    }
    body(file.body().ok()?, fits, span)
}

fn expression<'b>(
    here: &'b Expression,
    fits: &dyn Fn(&Expression) -> bool,
    span: &Span,
) -> Option<&'b Expression> {
    let around = here
        .span()
        .is_some_and(|s| s.start <= span.start && span.end <= s.end);
    if !around {
        return None;
    }
    if fits(here) {
        return Some(here);
    }
    let inner = |e: &'b Expression| expression(e, fits, span);
    match here {
        Expression::Object(object) => object.iter().find_map(|(_, v)| inner(v.expr())),
        Expression::Array(list) => list.iter().find_map(inner),
        Expression::Parenthesis(p) => inner(p.inner()),
        Expression::FuncCall(call) => call.args.iter().find_map(inner),
        Expression::Conditional(c) => inner(&c.true_expr).or_else(|| inner(&c.false_expr)),
        _ => None,
    }
}

/// The list of which an element has exactly this span, and that element's number.
pub(super) fn element_at<'f>(file: &'f SourceFile, span: &Span) -> Option<(&'f Array, usize)> {
    let number = |list: &Array| list.iter().position(|e| e.span().as_ref() == Some(span));
    let list = find(
        file,
        &|e| matches!(e, Expression::Array(list) if number(list).is_some()),
        span,
    )?
    .as_array()?;
    Some((list, number(list)?))
}
