//! Data files that code reads: `jsondecode(file(…))` and `yamldecode(file(…))`.
//!
//! A [`Node`] is a piece of such a file with the bytes it stands on, so that a value can be followed to the place in
//! the file that decides it, and an edit can go there. What Terraform would read differently from what stands there in
//! a way that is not certain is [`Content::Unread`]: never a guess (the other half of the rule that no known value may
//! be wrong).

pub mod json;
pub mod yaml;

use super::source::{RepoPath, Span};
use super::value::{Kind, Origin, OriginPlace, Unknown, Value};

/// How deeply a data file may be nested.
const DEPTH: usize = 100;

/// How many values one document may hold once its aliases are written out.
const VALUES: usize = 200_000;

/// A piece of a data file.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The bytes it stands on, quotes and brackets included. Empty at the place of a YAML value that is not written
    /// (`key:`). What a YAML alias stands for has the
    /// bytes of what it names.
    pub span: Span,
    /// What it is.
    pub content: Content,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// `null`
    Null,
    /// `true`, `false`, and in YAML `yes`, `off` …
    Bool(bool),
    /// A number whose shortest decimal form is that of the file.
    Number(f64),
    /// Text, unescaped.
    String(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file. A key may be given twice: the last one counts.
    Map(Vec<Entry>),
    /// Something that is not read as a value, and why.
    Unread(Unknown),
}

/// An entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key as Terraform sees it.
    pub key: String,
    /// The bytes of the key, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Why a text is not a document that Terraform would decode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataProblem {
    /// Terraform would report an error.
    #[error("{format} line {line}: {message}; correct the document")]
    Malformed {
        /// `JSON` or `YAML`.
        format: &'static str,
        /// 1-based.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// Terraform may well read it; this reader does not.
    #[error("{format} line {line}: {message} is not read here")]
    Unsupported {
        /// `JSON` or `YAML`.
        format: &'static str,
        /// 1-based.
        line: usize,
        /// What is not read.
        message: String,
    },
}

impl DataProblem {
    /// The problem as the reason of a value that is not known.
    #[must_use]
    pub fn reason(&self) -> Unknown {
        match self {
            Self::Malformed { .. } => Unknown::Invalid(self.to_string()),
            Self::Unsupported { .. } => Unknown::Unsupported(self.to_string()),
        }
    }
}

impl Node {
    /// The entry of a mapping that counts for this key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.content {
            Content::Map(entries) => entries.iter().rev().find(|e| e.key == key),
            _ => None,
        }
    }

    /// The value, each piece decided by its bytes in `file`; without a file no place decides it.
    #[must_use]
    pub fn value(&self, file: Option<&RepoPath>) -> Value {
        self.placed(file, &OriginPlace::DataFile)
    }

    fn placed(&self, file: Option<&RepoPath>, place: &OriginPlace) -> Value {
        let inner = place.element();
        let kind = match &self.content {
            Content::Null => Kind::Null,
            Content::Bool(b) => Kind::Bool(*b),
            Content::Number(n) => Kind::Number(*n),
            Content::String(s) => Kind::String(s.clone()),
            Content::List(items) => {
                Kind::List(items.iter().map(|n| n.placed(file, &inner)).collect())
            }
            Content::Map(entries) => Kind::Object(
                entries
                    .iter()
                    .map(|e| (e.key.clone(), e.value.placed(file, &inner)))
                    .collect(),
            ),
            Content::Unread(why) => Kind::Unknown(why.clone()),
        };
        let mut value = Value::new(kind);
        if let Some(file) = file {
            value.decided_by.push(Origin {
                file: file.clone(),
                span: self.span.clone(),
                place: place.clone(),
            });
        }
        value
    }
}

/// 1-based line of a byte offset.
fn line(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
}
