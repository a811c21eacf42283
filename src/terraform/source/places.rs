//! Where the values of a JSON file stand: the parse is one of rewritten text, and its spans mean nothing in the file.
//!
//! The rewritten text and the file say the same in the same order of nesting, so both are walked together; what does not
//! match has no place.

use std::collections::HashMap;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::Body;

use super::Span;
use crate::terraform::data::{Content, Node, json};

/// From spans of the parse to spans of the file.
pub(super) type Places = HashMap<(usize, usize), Span>;

/// The places of every expression of a JSON file.
pub(super) fn places(body: &Body, text: &str) -> Places {
    let mut places = Places::new();
    if let Ok(root) = json::read(text.trim_start()) {
        // A byte order mark reads as spaces.
        let lead = text.len() - text.trim_start().len();
        in_body(body, &root, lead, &mut places);
    }
    places
}

fn in_body(body: &Body, node: &Node, lead: usize, places: &mut Places) {
    for attribute in body.attributes() {
        if let Some(entry) = node.entry(attribute.key.as_str()) {
            in_expression(&attribute.value, &entry.value, lead, places);
        }
    }
    // Blocks of one kind and the same labels may be many: then which is which is not told by names alone.
    for block in body.blocks() {
        let names = std::iter::once(block.ident.as_str()).chain(
            block
                .labels
                .iter()
                .map(hcl_edit::structure::BlockLabel::as_str),
        );
        let same = body
            .blocks()
            .filter(|b| {
                b.ident.as_str() == block.ident.as_str()
                    && b.labels.len() == block.labels.len()
                    && b.labels
                        .iter()
                        .zip(&block.labels)
                        .all(|(a, b)| a.as_str() == b.as_str())
            })
            .count();
        let mut at = Some(node);
        for name in names {
            at = at
                .and_then(|node| single(node).entry(name))
                .map(|entry| &entry.value);
        }
        if let Some(inner) = at.map(single)
            && same == 1
        {
            in_body(&block.body, inner, lead, places);
        }
    }
}

/// A list with one object stands for that object.
fn single(node: &Node) -> &Node {
    match &node.content {
        Content::List(items) => match items.as_slice() {
            [only] => only,
            _ => node,
        },
        _ => node,
    }
}

fn in_expression(expression: &Expression, node: &Node, lead: usize, places: &mut Places) {
    let matches = match (expression, &node.content) {
        (Expression::Array(list), Content::List(items)) => {
            if list.len() == items.len() {
                for (inner, item) in list.iter().zip(items) {
                    in_expression(inner, item, lead, places);
                }
            }
            list.len() == items.len()
        }
        (Expression::Object(object), Content::Map(_)) => {
            for (key, value) in object {
                let name = match key {
                    ObjectKey::Ident(name) => Some(name.as_str()),
                    ObjectKey::Expression(key) => key.as_str(),
                };
                if let Some(entry) = name.and_then(|name| node.entry(name)) {
                    in_expression(value.expr(), &entry.value, lead, places);
                }
            }
            true
        }
        (Expression::Array(_) | Expression::Object(_), _)
        | (_, Content::List(_) | Content::Map(_)) => false,
        _ => true,
    };
    if let Some(span) = expression.span().filter(|_| matches) {
        let own = node.span.start + lead..node.span.end + lead;
        places.insert((span.start, span.end), own);
    }
}

#[cfg(test)]
mod tests {
    use crate::terraform::{RepoPath, SourceFile};
    use hcl_edit::Span as _;

    #[test]
    fn every_value_has_its_place() {
        let text = "\u{feff}{\n  \"db\": {\"dev\": {\"public\": true, \"names\": [\"a\", \"b\"]}},\n  \"on\": \"true\"\n}\n";
        let file = SourceFile::new(
            RepoPath::new("terraform.tfvars.json").unwrap(),
            text.as_bytes().to_vec(),
        );
        let body = file.body().unwrap();
        let value = &body.get_attribute("on").unwrap().value;
        let place = file.written(value.span().unwrap()).unwrap();
        assert_eq!(&text[place], "\"true\"");
        let value = &body.get_attribute("db").unwrap().value;
        let place = file.written(value.span().unwrap()).unwrap();
        assert!(text[place].starts_with("{\"dev\""));
    }

    #[test]
    fn a_resource_in_json_has_places_where_names_tell_them() {
        let text = r#"{"resource": {"aws_x": {"a": {"on": "${var.on}", "b": [{"c": 1}]}, "d": [{"on": false}]}}}"#;
        let file = SourceFile::new(
            RepoPath::new("main.tf.json").unwrap(),
            text.as_bytes().to_vec(),
        );
        for block in file.body().unwrap().blocks() {
            let value = &block.body.get_attribute("on").unwrap().value;
            let place = file.written(value.span().unwrap()).unwrap();
            assert!(["\"${var.on}\"", "false"].contains(&&text[place]));
        }
    }
}
