//! One file as it stands on disk, and the parse of it.
//!
//! hcl-edit wants valid UTF-8 without a BOM. The bytes are never changed for that: a *same-length* reading
//! copy is made (BOM → three spaces, each invalid byte → one ASCII byte), so that every span of the parse is
//! a span of the original bytes.

mod extent;
mod heredoc;
mod json;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

/// Byte range into a file's original bytes.
pub type Span = Range<usize>;

/// A path inside the repository: relative, `/`-separated, without `.`/`..` components. `""` is the top.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepoPath(Arc<str>);

impl RepoPath {
    /// Accepts a relative path, normalises `./` and inner `a/../`; `None` when it is absolute or leaves the repository.
    #[must_use]
    pub fn new(path: &str) -> Option<Self> {
        if path.starts_with('/') || path.contains('\0') || path.contains('\\') {
            return None;
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                p => parts.push(p),
            }
        }
        Some(Self(parts.join("/").into()))
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directory that holds it (`""` at the top).
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or("", |(d, _)| d).into())
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// This directory joined with a relative path; `None` when the result leaves the repository.
    #[must_use]
    pub fn join(&self, relative: &str) -> Option<Self> {
        if relative.starts_with('/') {
            return None;
        }
        Self::new(format!("{}/{}", self.0, relative).trim_start_matches('/'))
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a file could not be read as HCL; reported for that file alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: cannot parse: {message}")]
pub struct ParseProblem {
    /// The file.
    pub path: RepoPath,
    /// 1-based.
    pub line: usize,
    /// 1-based, in bytes.
    pub column: usize,
    /// What the parser said.
    pub message: String,
}

/// Said of a file with such an object.
const OVERLONG: &str = "an object with too many keys to be read in reasonable time; split it, or read it from a data file";

/// A Terraform (or tfvars) file: original bytes, same-length reading copy, lazy parse.
pub struct SourceFile {
    path: RepoPath,
    bytes: Vec<u8>,
    /// Same length as `bytes`; only present when they differ.
    reading: Option<String>,
    body: OnceLock<Result<hcl_edit::structure::Body, ParseProblem>>,
}

impl SourceFile {
    /// A file of these bytes.
    #[must_use]
    pub fn new(path: RepoPath, bytes: Vec<u8>) -> Self {
        let reading = reading_copy(&bytes);
        Self {
            path,
            bytes,
            reading,
            body: OnceLock::new(),
        }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &RepoPath {
        &self.path
    }

    /// The original bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text that is parsed: same length and offsets as [`Self::bytes`].
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.reading {
            Some(copy) => copy,
            // `reading_copy` made a copy of everything that is not valid UTF-8.
            None => std::str::from_utf8(&self.bytes).unwrap_or(""),
        }
    }

    /// SHA-256 of the original bytes, lower-case hex.
    #[must_use]
    pub fn hash(&self) -> String {
        use sha2::Digest as _;
        sha2::Sha256::digest(&self.bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    }

    /// Whether the file's line ends are CRLF (judged by the first line end).
    #[must_use]
    pub fn is_crlf(&self) -> bool {
        self.bytes
            .iter()
            .position(|b| *b == b'\n')
            .is_some_and(|i| i > 0 && self.bytes[i - 1] == b'\r')
    }

    /// Whether it is in Terraform's JSON form: read, but never edited.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.path.as_str().ends_with(".json")
    }

    /// Whether the spans of the parse are spans of the file's bytes.
    #[must_use]
    pub fn has_spans(&self) -> bool {
        !self.is_json()
    }

    /// Whether an edit may go into it: written in HCL, and not installed by Terraform (`.terraform/…`).
    #[must_use]
    pub fn is_editable(&self) -> bool {
        let hcl = [".tf", ".tofu", ".tfvars", ".hcl"];
        hcl.iter().any(|end| self.path.as_str().ends_with(end))
            && !self
                .path
                .as_str()
                .split('/')
                .any(|part| part == ".terraform")
    }

    /// The parse, made on first use.
    ///
    /// # Errors
    /// The file is not HCL that can be read; the problem says where.
    pub fn body(&self) -> Result<&hcl_edit::structure::Body, &ParseProblem> {
        self.body
            .get_or_init(|| {
                if self.is_json() {
                    return json::body(&self.path, self.text());
                }
                if let Some(at) = extent::overlong_object(self.text()) {
                    return Err(ParseProblem {
                        path: self.path.clone(),
                        line: self.line(at),
                        column: 1,
                        message: OVERLONG.to_owned(),
                    });
                }
                heredoc::parse(self.text()).map_err(|e| ParseProblem {
                    path: self.path.clone(),
                    line: e.location().line(),
                    column: e.location().column(),
                    message: e.message().to_owned(),
                })
            })
            .as_ref()
    }

    /// 1-based line of a byte offset (offsets past the end count as the end).
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        let end = offset.min(self.bytes.len());
        1 + self.bytes[..end].iter().filter(|b| **b == b'\n').count()
    }

    /// The source text of a span, as it is read.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text().get(span).unwrap_or("")
    }
}

/// `None` when the bytes can be parsed as they are.
fn reading_copy(bytes: &[u8]) -> Option<String> {
    const BOM: &[u8] = b"\xef\xbb\xbf";
    if !bytes.starts_with(BOM) && std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let mut copy = String::with_capacity(bytes.len());
    let mut rest = bytes;
    if let Some(after) = rest.strip_prefix(BOM) {
        copy.push_str("   ");
        rest = after;
    }
    for chunk in rest.utf8_chunks() {
        copy.push_str(chunk.valid());
        copy.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    Some(copy)
}
