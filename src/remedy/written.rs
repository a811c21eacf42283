//! The expression that stands at a place, and the expressions around it: how a value is written decides how it can be
//! changed.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::template::{Directive, Element, Template};

use crate::terraform::{SourceFile, Span};

/// The expressions of a file that contain a span, the innermost first. The first has exactly this span when an
/// expression stands there.
pub(crate) fn around<'a>(file: &'a SourceFile, span: &Span) -> Vec<&'a Expression> {
    let mut found = Vec::new();
    // One block is parsed alone where that is enough.
    let block = file
        .block_around(span)
        .and_then(|number| file.block(number));
    if let Some(block) = block {
        in_body(&block.body, span, &mut found);
    } else if let Ok(body) = file.body() {
        in_body(body, span, &mut found);
    }
    found.reverse();
    found
}

/// The expression with exactly this span.
pub(crate) fn at<'a>(file: &'a SourceFile, span: &Span) -> Option<&'a Expression> {
    around(file, span)
        .into_iter()
        .find(|e| e.span().as_ref() == Some(span))
}

fn in_body<'a>(body: &'a Body, wanted: &Span, found: &mut Vec<&'a Expression>) {
    for structure in body {
        if let Some(attribute) = structure.as_attribute() {
            descend(&attribute.value, wanted, found);
        } else if let Some(block) = structure.as_block() {
            let elsewhere = block
                .span()
                .is_some_and(|s| wanted.start < s.start || s.end < wanted.end);
            if !elsewhere {
                in_body(&block.body, wanted, found);
            }
        }
    }
}

/// Adds the expression, if the span lies in it, and then what lies around the span inside of it: the outermost first.
fn descend<'a>(expression: &'a Expression, wanted: &Span, found: &mut Vec<&'a Expression>) {
    let around = expression
        .span()
        .is_some_and(|s| s.start <= wanted.start && wanted.end <= s.end);
    if !around {
        return;
    }
    found.push(expression);
    for child in children(expression) {
        descend(child, wanted, found);
    }
}

/// The expressions of which another one consists.
pub(crate) fn children(expression: &Expression) -> Vec<&Expression> {
    let mut found = Vec::new();
    match expression {
        Expression::Array(list) => found.extend(list.iter()),
        Expression::Object(map) => {
            for (key, value) in map {
                if let ObjectKey::Expression(key) = key {
                    found.push(key);
                }
                found.push(value.expr());
            }
        }
        Expression::Parenthesis(inner) => found.push(inner.inner()),
        Expression::FuncCall(call) => found.extend(call.args.iter()),
        Expression::Conditional(c) => found.extend([&c.cond_expr, &c.true_expr, &c.false_expr]),
        Expression::UnaryOp(op) => found.push(&op.expr),
        Expression::BinaryOp(op) => found.extend([&op.lhs_expr, &op.rhs_expr]),
        Expression::ForExpr(each) => {
            found.push(&each.intro.collection_expr);
            found.extend(&each.key_expr);
            found.push(&each.value_expr);
            found.extend(each.cond.as_ref().map(|c| &c.expr));
        }
        Expression::Traversal(traversal) => {
            found.push(&traversal.expr);
            for operator in &traversal.operators {
                if let TraversalOperator::Index(index) = operator.value() {
                    found.push(index);
                }
            }
        }
        Expression::StringTemplate(template) => in_elements(template.iter(), &mut found),
        Expression::HeredocTemplate(heredoc) => in_template(&heredoc.template, &mut found),
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::String(_)
        | Expression::Variable(_) => {}
    }
    found
}

fn in_template<'a>(template: &'a Template, found: &mut Vec<&'a Expression>) {
    in_elements(template.iter(), found);
}

fn in_elements<'a>(elements: impl Iterator<Item = &'a Element>, found: &mut Vec<&'a Expression>) {
    for element in elements {
        match element {
            Element::Literal(_) => {}
            Element::Interpolation(inner) => found.push(&inner.expr),
            Element::Directive(directive) => match directive.as_ref() {
                Directive::If(choice) => {
                    found.push(&choice.if_expr.cond_expr);
                    in_template(&choice.if_expr.template, found);
                    if let Some(other) = &choice.else_expr {
                        in_template(&other.template, found);
                    }
                }
                Directive::For(each) => {
                    found.push(&each.for_expr.collection_expr);
                    in_template(&each.for_expr.template, found);
                }
            },
        }
    }
}

/// Whether an expression is a plain literal: its text is its value.
pub(crate) fn is_literal(expression: &Expression) -> bool {
    match expression {
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::String(_) => true,
        Expression::Parenthesis(inner) => is_literal(inner.inner()),
        _ => false,
    }
}

/// The ways on which an expression looks into objects and maps, the last one written first: `["value", "a", "x"]` for
/// `each.value.a.x`, `["m", "y"]` for `lookup(var.m, "y", …)`.
pub(crate) fn ways_asked(expression: &Expression) -> Vec<Vec<String>> {
    fn collect(expression: &Expression, ways: &mut Vec<Vec<String>>) {
        if let Some(way) = way(expression)
            && !way.is_empty()
            && !ways.iter().any(|w| w.starts_with(&way))
        {
            ways.push(way);
        }
        children(expression)
            .into_iter()
            .for_each(|child| collect(child, ways));
    }
    let mut ways = Vec::new();
    collect(expression, &mut ways);
    ways.reverse();
    ways
}

/// The names behind the one with which an expression begins.
fn way(expression: &Expression) -> Option<Vec<String>> {
    match expression {
        Expression::Variable(_) => Some(Vec::new()),
        Expression::Parenthesis(inner) => way(inner.inner()),
        Expression::Traversal(traversal) => {
            let mut names = way(&traversal.expr).unwrap_or_default();
            for operator in &traversal.operators {
                match operator.value() {
                    TraversalOperator::GetAttr(name) => names.push(name.as_str().to_owned()),
                    TraversalOperator::Index(Expression::String(name)) => {
                        names.push(name.value().clone());
                    }
                    // What is looked up in an element that is chosen otherwise begins there.
                    _ => names.clear(),
                }
            }
            Some(names)
        }
        Expression::FuncCall(call) if call.name.name.as_str() == "lookup" => {
            let mut names = way(call.args.get(0)?).unwrap_or_default();
            if let Expression::String(name) = call.args.get(1)? {
                names.push(name.value().clone());
            }
            Some(names)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::RepoPath;

    const CODE: &str = "locals {\n  a = try(each.value.x, lookup(var.m, \"y\", (b ? [1, { k = true }] : []))[\"z\"])\n  t = \"a${c.d}%{ if e }f${g}%{ endif }\"\n}\n";

    fn file() -> SourceFile {
        SourceFile::new(RepoPath::new("main.tf").unwrap(), CODE.as_bytes().to_vec())
    }

    #[test]
    fn the_way_out_is_every_expression_around() {
        let file = file();
        let start = CODE.find("true").unwrap();
        let texts: Vec<&str> = around(&file, &(start..start + 4))
            .iter()
            .map(|e| file.slice(e.span().unwrap()))
            .collect();
        assert_eq!(texts[0], "true");
        assert_eq!(texts[1], "{ k = true }");
        assert_eq!(texts[2], "[1, { k = true }]");
        assert!(texts[3].starts_with("b ?"));
        assert!(texts[4].starts_with("(b ?"));
        assert!(texts.last().unwrap().starts_with("try("));
    }

    #[test]
    fn expressions_in_templates_are_found() {
        let file = file();
        for text in ["c.d", "g"] {
            let start = CODE.rfind(text).unwrap();
            let span = start..start + text.len();
            assert!(at(&file, &span).is_some(), "{text}");
        }
        assert!(at(&file, &(0..4)).is_none());
    }

    #[test]
    fn ways_are_what_is_looked_up() {
        let file = file();
        let start = CODE.find("try").unwrap();
        let whole = around(&file, &(start..start + 3));
        let ways = ways_asked(whole.last().unwrap());
        for way in [&["m", "y", "z"][..], &["value", "x"]] {
            assert!(ways.iter().any(|w| w == way), "{way:?} in {ways:?}");
        }
        assert!(!ways.iter().flatten().any(|n| n == "k"));
    }
}
