//! One block of a rule file while it is read: attributes by serde, blocks by name, errors with a line.

use hcl::edit::Span as _;
use hcl::edit::structure::{Block, Body};
use serde::de::DeserializeOwned;

use super::language::RuleError;

/// Parses the text of a rule file.
pub(super) fn parse(file: &str, text: &str) -> Result<Body, RuleError> {
    hcl::edit::parser::parse_body(text).map_err(|e| RuleError::Syntax {
        file: file.to_owned(),
        line: e.location().line(),
        message: e.message().to_owned(),
    })
}

/// A block (or the whole file) with what messages need.
pub(super) struct Section<'a> {
    file: &'a str,
    text: &'a str,
    body: &'a Body,
    block: Option<&'a Block>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn top(file: &'a str, text: &'a str, body: &'a Body) -> Self {
        Self {
            file,
            text,
            body,
            block: None,
        }
    }

    /// The block's type; empty for the whole file.
    pub(super) fn name(&self) -> &'a str {
        self.block.map_or("", |b| b.ident.as_str())
    }

    /// The block's one label.
    pub(super) fn label(&self) -> Result<&'a str, RuleError> {
        match self.block.map(|b| b.labels.as_slice()) {
            Some([label]) => Ok(label.as_str()),
            _ => Err(self.error(format!("`{}` needs one label", self.name()))),
        }
    }

    /// The attributes, as a typed value.
    pub(super) fn attributes<T: DeserializeOwned>(&self) -> Result<T, RuleError> {
        let mut only = Body::new();
        for attribute in self.body.attributes() {
            only.push(attribute.clone());
        }
        hcl::from_body(hcl::Body::from(only)).map_err(|e| {
            let message = e.to_string();
            // serde names the offending field in backticks; its line is the best one to show.
            let field = message.split('`').nth(1).unwrap_or("");
            self.error_at(field, message.clone())
        })
    }

    /// The nested blocks; any other than `known` is an error.
    pub(super) fn blocks(&self, known: &[&str]) -> Result<Vec<Section<'a>>, RuleError> {
        let mut sections = Vec::new();
        for block in self.body.blocks() {
            let name = block.ident.as_str();
            if !known.contains(&name) {
                let expected = if known.is_empty() {
                    "no block is expected here".to_owned()
                } else {
                    format!("known here: {}", known.join(", "))
                };
                return Err(self.error_at(name, format!("unknown block `{name}`; {expected}")));
            }
            sections.push(Section {
                file: self.file,
                text: self.text,
                body: &block.body,
                block: Some(block),
            });
        }
        Ok(sections)
    }

    /// An error about the whole section.
    pub(super) fn error(&self, message: String) -> RuleError {
        self.error_at("", message)
    }

    /// An error about one attribute or block of it (the section's own line when there is none of that name).
    pub(super) fn error_at(&self, name: &str, message: String) -> RuleError {
        let inner = self.body.iter().find_map(|structure| {
            let (ident, span) = match structure.as_attribute() {
                Some(attribute) => (attribute.key.as_str(), attribute.span()),
                None => {
                    let block = structure.as_block()?;
                    (block.ident.as_str(), block.span())
                }
            };
            (ident == name).then_some(span).flatten()
        });
        let span = inner.or_else(|| self.block.and_then(|b| b.span()));
        let line = span.map_or(1, |span| {
            1 + self
                .text
                .get(..span.start)
                .map_or(0, |before| before.matches('\n').count())
        });
        let section = match self.block {
            None => "the rule".to_owned(),
            Some(block) => {
                let labels: String = block
                    .labels
                    .iter()
                    .map(|l| format!(" \"{}\"", l.as_str()))
                    .collect();
                format!("{}{labels}", block.ident.as_str())
            }
        };
        RuleError::Field {
            file: self.file.to_owned(),
            line,
            section,
            message,
        }
    }
}
