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
    if let Ok(body) = file.body() {
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

/// The names by which an expression looks into objects and maps: `x` of `each.value.x`, `lookup(y, "x")` and
/// `y["x"]`, the last one written first.
pub(crate) fn names_asked(expression: &Expression) -> Vec<String> {
    fn collect(expression: &Expression, names: &mut Vec<String>) {
        match expression {
            Expression::Traversal(traversal) => {
                for operator in &traversal.operators {
                    match operator.value() {
                        TraversalOperator::GetAttr(name) => names.push(name.as_str().to_owned()),
                        TraversalOperator::Index(Expression::String(name)) => {
                            names.push(name.value().clone());
                        }
                        _ => {}
                    }
                }
            }
            Expression::FuncCall(call) if call.name.name.as_str() == "lookup" => {
                if let Some(Expression::String(name)) = call.args.get(1) {
                    names.push(name.value().clone());
                }
            }
            _ => {}
        }
        children(expression)
            .into_iter()
            .for_each(|child| collect(child, names));
    }
    let mut names = Vec::new();
    collect(expression, &mut names);
    names.reverse();
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
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
    fn names_are_those_that_are_looked_up() {
        let file = file();
        let start = CODE.find("try").unwrap();
        let whole = around(&file, &(start..start + 3));
        let names = names_asked(whole.last().unwrap());
        for name in ["x", "y", "z"] {
            assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
        }
        assert!(!names.iter().any(|n| n == "k"));
    }
}
