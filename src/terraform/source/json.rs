//! Terraform's JSON form (`.tf.json`, `.tfvars.json`, `.tofu.json`), read into the same structures.
//!
//! JSON is rewritten as HCL and parsed; the spans of that parse mean nothing in the file, so such a file is never
//! edited (see [`super::SourceFile::is_editable`]).

use std::fmt::Write as _;

use hcl_edit::Span as _;
use hcl_edit::structure::Body;
use hcl_edit::template::{Element, Template};
use serde_json::{Map, Value};

use super::{ParseProblem, RepoPath};

/// Objects nested deeper than this are refused.
const DEPTH: usize = 60;

/// Parses a JSON file.
pub(super) fn body(path: &RepoPath, text: &str) -> Result<Body, ParseProblem> {
    let problem = |line: usize, column: usize, message: String| ParseProblem {
        path: path.clone(),
        line,
        column,
        message,
    };
    let value: Value = serde_json::from_str(text.trim_start())
        .map_err(|e| problem(e.line(), e.column(), e.to_string()))?;
    let Value::Object(top) = value else {
        return Err(problem(1, 1, "expected a JSON object".to_owned()));
    };
    let literal = path.file_name().ends_with(".tfvars.json");
    let mut writer = Writer {
        text: String::new(),
        templates: !literal,
    };
    let written = if literal {
        writer.attributes(&top, 0)
    } else {
        writer.top(&top)
    };
    written.map_err(|message| problem(1, 1, message))?;
    if super::extent::overlong_object(&writer.text).is_some() {
        return Err(problem(1, 1, super::contents::OVERLONG.to_owned()));
    }
    hcl_edit::parser::parse_body(&writer.text).map_err(|e| {
        problem(
            1,
            1,
            format!("cannot be read as Terraform: {}", e.message()),
        )
    })
}

struct Writer {
    text: String,
    /// Whether strings are templates (not in variable files).
    templates: bool,
}

impl Writer {
    fn top(&mut self, top: &Map<String, Value>) -> Result<(), String> {
        for (key, value) in top {
            if key == "//" {
                continue;
            }
            let labels = match key.as_str() {
                "resource" | "data" => 2,
                "variable" | "output" | "module" | "provider" | "check" => 1,
                _ => 0,
            };
            self.block(key, &[], labels, value)?;
        }
        Ok(())
    }

    fn block(
        &mut self,
        kind: &str,
        labels: &[&str],
        missing: usize,
        value: &Value,
    ) -> Result<(), String> {
        match value {
            Value::Array(items) => items
                .iter()
                .try_for_each(|item| self.block(kind, labels, missing, item)),
            Value::Object(map) if missing > 0 => map
                .iter()
                .filter(|(key, _)| *key != "//")
                .try_for_each(|(key, inner)| {
                    let mut labels = labels.to_vec();
                    labels.push(key);
                    self.block(kind, &labels, missing - 1, inner)
                }),
            Value::Object(map) => {
                name(kind)?;
                self.text.push_str(kind);
                for label in labels {
                    self.text.push(' ');
                    self.quoted(label);
                }
                self.text.push_str(" {\n");
                self.body(kind, map)?;
                self.text.push_str("}\n");
                Ok(())
            }
            Value::Null => Ok(()),
            _ => Err(format!("`{kind}` must hold an object")),
        }
    }

    fn body(&mut self, kind: &str, map: &Map<String, Value>) -> Result<(), String> {
        let plain = self.templates;
        for (key, value) in map {
            if key == "//" {
                continue;
            }
            let nested = match kind {
                "resource" | "data" => {
                    matches!(key.as_str(), "lifecycle" | "provisioner" | "connection")
                }
                "terraform" => matches!(
                    key.as_str(),
                    "backend" | "cloud" | "required_providers" | "provider_meta"
                ),
                _ => false,
            };
            if nested {
                let labels = usize::from(matches!(
                    key.as_str(),
                    "backend" | "provisioner" | "provider_meta"
                ));
                self.block(key, &[], labels, value)?;
                continue;
            }
            if key == "dynamic" {
                self.block(key, &[], 1, value)?;
                continue;
            }
            if kind == "dynamic" && key == "content" {
                self.block(key, &[], 0, value)?;
                continue;
            }
            name(key)?;
            // Types of variables and the like are written as text and mean the bare words.
            self.text.push_str(key);
            self.text.push_str(" = ");
            match (kind, key.as_str(), value) {
                ("variable", "type", Value::String(of)) => self.text.push_str(of),
                ("lifecycle", "ignore_changes", Value::String(all)) => self.text.push_str(all),
                ("lifecycle", "ignore_changes", Value::Array(items)) => {
                    let names: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                    let _ = write!(self.text, "[{}]", names.join(", "));
                }
                ("variable", "default", value) => {
                    self.templates = false;
                    let written = self.value(value, 0);
                    self.templates = plain;
                    written?;
                }
                ("moved" | "import" | "removed", "from" | "to", Value::String(address))
                | ("module" | "resource" | "data", "provider", Value::String(address)) => {
                    self.text.push_str(address);
                }
                _ => self.value(value, 0)?,
            }
            self.text.push('\n');
        }
        Ok(())
    }

    fn attributes(&mut self, map: &Map<String, Value>, depth: usize) -> Result<(), String> {
        for (key, value) in map {
            name(key)?;
            let _ = write!(self.text, "{key} = ");
            self.value(value, depth)?;
            self.text.push('\n');
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        if depth > DEPTH {
            return Err("nested too deeply".to_owned());
        }
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(b) => {
                let _ = write!(self.text, "{b}");
            }
            Value::Number(n) => {
                let _ = write!(self.text, "{n}");
            }
            Value::String(text) if self.templates => self.template(text)?,
            Value::String(text) => self.quoted(text),
            Value::Array(items) => {
                self.text.push('[');
                for item in items {
                    self.value(item, depth + 1)?;
                    self.text.push_str(", ");
                }
                self.text.push(']');
            }
            Value::Object(map) => {
                self.text.push('{');
                for (i, (key, item)) in map.iter().enumerate() {
                    if i > 0 {
                        self.text.push_str(", ");
                    }
                    if self.templates {
                        self.template(key)?;
                    } else {
                        self.quoted(key);
                    }
                    self.text.push_str(" = ");
                    self.value(item, depth + 1)?;
                }
                self.text.push('}');
            }
        }
        Ok(())
    }

    /// A string that is a template: what is interpolated stays as it is written.
    fn template(&mut self, text: &str) -> Result<(), String> {
        if !text.contains("${") && !text.contains("%{") {
            self.quoted(text);
            return Ok(());
        }
        let template: Template = text.parse().map_err(|_| {
            // The text may be of any length.
            let shown: String = text.chars().take(60).collect();
            format!("{shown:?} is not (the start of) a template that can be read")
        })?;
        self.text.push('"');
        for element in &template {
            match element {
                Element::Literal(literal) => escape(literal.value(), &mut self.text),
                Element::Interpolation(i) => self
                    .text
                    .push_str(i.span().and_then(|s| text.get(s)).unwrap_or_default()),
                Element::Directive(_) => {
                    return Err(format!("the directive in {text:?} is not read"));
                }
            }
        }
        self.text.push('"');
        Ok(())
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        escape(text, &mut self.text);
        self.text.push('"');
    }
}

fn escape(text: &str, out: &mut String) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' if rest.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

/// Only identifiers may become bare words of HCL.
fn name(key: &str) -> Result<(), String> {
    let fine = key.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if fine {
        Ok(())
    } else {
        Err(format!("{key:?} is not a name"))
    }
}
