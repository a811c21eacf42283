//! One file as it stands on disk, and the parse of it.
//!
//! hcl-edit wants valid UTF-8 without a BOM. The bytes are never changed for that: a *same-length* reading
//! copy is made (BOM → three spaces, each invalid byte → one ASCII byte), so that every span of the parse is
//! a span of the original bytes.

mod about;
mod contents;
mod extent;
mod heredoc;
mod json;
mod places;
mod refers;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

pub(crate) use about::StatePlace;
pub use about::{About, Later};
pub(crate) use contents::Contents;

use super::index::{Item, Outline};

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
        Self(self.parent_str().into())
    }

    /// As [`RepoPath::parent`], as text.
    pub(crate) fn parent_str(&self) -> &str {
        let slash = memchr::memrchr(b'/', self.0.as_bytes());
        slash.map_or("", |at| &self.0[..at])
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        let slash = memchr::memrchr(b'/', self.0.as_bytes());
        slash.map_or(&self.0, |at| &self.0[at + 1..])
    }

    /// This directory joined with a relative path; `None` when the result leaves the repository.
    #[must_use]
    pub fn join(&self, relative: &str) -> Option<Self> {
        if relative.starts_with('/') {
            return None;
        }
        Self::new(format!("{}/{}", self.0, relative).trim_start_matches('/'))
    }

    /// An entry of this directory by its name, which is no path: neither empty, `.` nor `..`, without `/`.
    pub(crate) fn entry(&self, name: &str) -> Self {
        match self.as_str() {
            "" => Self(name.into()),
            dir => Self([dir, "/", name].concat().into()),
        }
    }
}

impl Default for RepoPath {
    /// The top.
    fn default() -> Self {
        Self("".into())
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a file could not be read as HCL; reported for that file alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
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

/// A Terraform (or tfvars) file: original bytes, same-length reading copy, lazy parse, of all of it or of single blocks.
pub struct SourceFile {
    contents: Arc<Contents>,
    body: OnceLock<Result<hcl_edit::structure::Body, ParseProblem>>,
    blocks: OnceLock<Box<[OnceLock<Option<BlockPlace>>]>>,
    places: OnceLock<places::Places>,
}

/// Where the tree of a top-level block is.
enum BlockPlace {
    /// Parsed alone.
    Alone(Box<hcl_edit::structure::Block>),
    /// This structure of the whole body.
    InBody,
}

/// Blocks that begin behind this offset are not parsed alone: what stands before them is skipped each time.
const ALONE: u32 = 96 * 1024;

impl SourceFile {
    /// A file of these bytes.
    #[must_use]
    pub fn new(path: RepoPath, bytes: Vec<u8>) -> Self {
        Self::of(Arc::new(Contents::new(path, bytes)))
    }

    /// A file of bytes that an earlier run read: what it noted of them, and where they are when somebody looks.
    #[must_use]
    pub fn recalled(path: RepoPath, about: Arc<About>, later: Arc<dyn Later>) -> Self {
        Self::of(Arc::new(Contents::recalled(path, about, later)))
    }

    /// A file of these bytes, with what is noted of them.
    #[must_use]
    pub fn known(path: RepoPath, bytes: Vec<u8>, about: Arc<About>) -> Self {
        Self::of(Arc::new(Contents::known(path, bytes, about)))
    }

    /// A view of a file that was read: its trees are its own.
    pub(crate) fn of(contents: Arc<Contents>) -> Self {
        Self {
            contents,
            body: OnceLock::new(),
            blocks: OnceLock::new(),
            places: OnceLock::new(),
        }
    }

    /// What all views of the file share.
    pub(crate) fn contents(&self) -> &Arc<Contents> {
        &self.contents
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &RepoPath {
        self.contents.path()
    }

    /// The original bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.contents.bytes()
    }

    /// The text that is parsed: same length and offsets as [`Self::bytes`].
    #[must_use]
    pub fn text(&self) -> &str {
        self.contents.text()
    }

    /// SHA-256 of the original bytes, lower-case hex.
    #[must_use]
    pub fn hash(&self) -> String {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let digest = self.contents.digest().iter();
        digest
            .flat_map(|b| [HEX[usize::from(b >> 4)], HEX[usize::from(b & 15)]])
            .map(char::from)
            .collect()
    }

    /// Whether the file's line ends are CRLF (judged by the first line end).
    #[must_use]
    pub fn is_crlf(&self) -> bool {
        let bytes = self.bytes();
        bytes
            .iter()
            .position(|b| *b == b'\n')
            .is_some_and(|i| i > 0 && bytes[i - 1] == b'\r')
    }

    /// Whether it is in Terraform's JSON form: read, but never edited.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.contents.is_json()
    }

    /// Whether the spans of the parse are spans of the file's bytes.
    #[must_use]
    pub fn has_spans(&self) -> bool {
        !self.is_json()
    }

    /// The bytes of the file on which an expression stands, given its span in the parse: the same, but in JSON.
    #[must_use]
    pub fn written(&self, span: Span) -> Option<Span> {
        if self.has_spans() {
            return Some(span);
        }
        let places = self.places.get_or_init(|| {
            self.body()
                .map(|body| places::places(body, self.text()))
                .unwrap_or_default()
        });
        places.get(&(span.start, span.end)).cloned()
    }

    /// Whether an edit may go into it: written in HCL, and not installed by Terraform (`.terraform/…`).
    #[must_use]
    pub fn is_editable(&self) -> bool {
        let hcl = [".tf", ".tofu", ".tfvars", ".hcl"];
        hcl.iter().any(|end| self.path().as_str().ends_with(end))
            && !self
                .path()
                .as_str()
                .split('/')
                .any(|part| part == ".terraform")
    }

    /// The parse of all of it, made on first use.
    ///
    /// # Errors
    /// The file is not HCL that can be read; the problem says where.
    pub fn body(&self) -> Result<&hcl_edit::structure::Body, &ParseProblem> {
        self.body
            .get_or_init(|| match self.contents.known_problem() {
                Some(problem) => Err(problem.clone()),
                None => self.contents.parse(),
            })
            .as_ref()
    }

    /// Why it cannot be read, if so: as [`Self::body`] would say, without a tree being built.
    #[must_use]
    pub fn problem(&self) -> Option<&ParseProblem> {
        self.contents.outline().err()
    }

    /// The top-level blocks of the outline, with their numbers and names; none when the file cannot be read.
    pub(crate) fn block_names(&self) -> impl Iterator<Item = (usize, &str)> {
        let outline = self.contents.outline().ok();
        let items = outline
            .into_iter()
            .flat_map(|o| o.items().iter().map(move |i| (o, i)));
        items
            .enumerate()
            .filter(|(_, (_, item))| item.is_block())
            .map(|(number, (outline, item))| (number, outline.name(|| self.text(), item)))
    }

    /// How many resources and data sources there are at its top level; none when it cannot be read.
    pub(crate) fn block_count(&self) -> usize {
        let Ok(outline) = self.contents.outline() else {
            return 0;
        };
        let two = outline.items().iter();
        two.filter(|item| item.is_block() && item.has_two_labels())
            .count()
    }

    /// As [`Self::block_names`], each with its first two labels.
    pub(crate) fn blocks_with_labels(
        &self,
    ) -> impl Iterator<Item = (usize, &str, [Option<&str>; 2])> {
        let outline = self.contents.outline().ok();
        let items = outline
            .into_iter()
            .flat_map(|o| o.items().iter().map(move |i| (o, i)));
        items
            .enumerate()
            .filter(|(_, (_, item))| item.is_block())
            .map(|(number, (outline, item))| {
                let label = |i| outline.label(|| self.text(), item, i);
                let name = outline.name(|| self.text(), item);
                (number, name, [label(0), label(1)])
            })
    }

    /// The places of the top-level attributes and blocks, in order; `None` when the file cannot be read, or its places
    /// are not those of its text.
    pub(crate) fn item_places(&self) -> Option<Vec<Span>> {
        let outline = self.contents.outline().ok()?;
        let place = |item: &Item| {
            let (start, end) = item.place();
            start as usize..end as usize
        };
        outline
            .is_placed()
            .then(|| outline.items().iter().map(place).collect())
    }

    /// The number of the top-level block that contains a span; `None` also when its places are not those of its
    /// text.
    pub(crate) fn block_around(&self, span: &Span) -> Option<usize> {
        let outline = self.contents.outline().ok()?;
        if !outline.is_placed() {
            return None;
        }
        outline.items().iter().position(|item| {
            let (start, end) = item.place();
            item.is_block() && start as usize <= span.start && span.end <= end as usize
        })
    }

    fn item(&self, number: usize) -> Option<(&Outline, &Item)> {
        let outline = self.contents.outline().ok()?;
        Some((outline, outline.items().get(number)?))
    }

    /// The name of an item of the outline: `resource`.
    pub(crate) fn item_name(&self, number: usize) -> &str {
        self.item(number)
            .map_or("", |(outline, item)| outline.name(|| self.text(), item))
    }

    /// One of the first two labels of an item.
    pub(crate) fn label(&self, number: usize, label: usize) -> Option<&str> {
        let (outline, item) = self.item(number)?;
        outline.label(|| self.text(), item, label)
    }

    /// `source` of an item that is a `module` block, where it is plain text.
    pub(crate) fn item_source(&self, number: usize) -> Option<&str> {
        let (outline, item) = self.item(number)?;
        outline.source(|| self.text(), item)
    }

    /// Whether an item is a `terraform` block that says where the state is kept.
    pub(crate) fn item_has_backend(&self, number: usize) -> bool {
        self.item(number)
            .is_some_and(|(_, item)| item.has_backend())
    }

    /// The parse of one item of the outline, which is a block: made on first use, of this block alone where that is
    /// less work. `None` when it is no block.
    pub(crate) fn block(&self, number: usize) -> Option<&hcl_edit::structure::Block> {
        let outline = self.contents.outline().ok()?;
        let slots = self
            .blocks
            .get_or_init(|| outline.items().iter().map(|_| OnceLock::new()).collect());
        let place = slots.get(number)?.get_or_init(|| {
            let item = outline.items().get(number).filter(|i| i.is_block())?;
            let (start, end) = item.place();
            let alone = outline.is_sound() && self.body.get().is_none() && start <= ALONE;
            let parsed = alone.then(|| self.parse_alone(start as usize, end as usize));
            Some(
                parsed
                    .flatten()
                    .map_or(BlockPlace::InBody, |b| BlockPlace::Alone(Box::new(b))),
            )
        });
        match place.as_ref()? {
            BlockPlace::Alone(block) => Some(block),
            BlockPlace::InBody => self
                .body()
                .ok()?
                .iter()
                .nth(number)
                .and_then(hcl_edit::structure::Structure::as_block),
        }
    }

    /// Parses one block at its place: what stands before it becomes blanks, so that spans stay what they are.
    fn parse_alone(&self, start: usize, end: usize) -> Option<hcl_edit::structure::Block> {
        let text = self.text();
        let mut copy = String::with_capacity(end);
        copy.extend(std::iter::repeat_n(' ', start));
        copy.push_str(text.get(start..end)?);
        let body = hcl_edit::parser::parse_body(&copy).ok()?;
        body.into_iter().next()?.into_block().ok()
    }

    /// 1-based line of a byte offset (offsets past the end count as the end).
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.contents.line(offset)
    }

    /// The source text of a span, as it is read.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text().get(span).unwrap_or("")
    }
}
