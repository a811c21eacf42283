//! What a file declares, in a few bytes: the names and places of its top-level blocks and attributes.
//!
//! An outline is all that the index needs of a file. It holds places instead of text, so that ten thousand files cost
//! little, and it says whether the file can be parsed at all: that answer never differs from the parser's.

use hcl_edit::Span as _;
use hcl_edit::structure::{Block, Body, Structure};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::scan;

/// A range of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Piece {
    /// First byte.
    pub(crate) start: u32,
    /// Behind the last one.
    pub(crate) end: u32,
}

/// One top-level block or attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// Its name: `resource`.
    name: Piece,
    /// Its first two labels; absent ones are empty.
    labels: [Piece; 2],
    /// How many of them it has.
    label_count: u8,
    /// Whether it is a block.
    block: bool,
    /// Where all of it stands; only meaningful in placed outlines.
    pub(super) whole: Piece,
    /// `source` of a `module` block, where it is plain text.
    pub(super) source: Option<Piece>,
    /// Whether a `terraform` block says where the state is kept.
    pub(super) backend: bool,
}

impl Item {
    pub(super) fn attribute(name: Piece, whole: Piece) -> Self {
        Self {
            block: false,
            ..Self::block(name, &[], whole)
        }
    }

    pub(super) fn block(name: Piece, labels: &[Piece], whole: Piece) -> Self {
        let label = |i: usize| labels.get(i).copied().unwrap_or_default();
        Self {
            name,
            labels: [label(0), label(1)],
            label_count: u8::try_from(labels.len()).unwrap_or(2).min(2),
            block: true,
            whole,
            source: None,
            backend: false,
        }
    }

    /// Whether it is a block (and no attribute).
    pub(crate) fn is_block(&self) -> bool {
        self.block
    }

    /// Where all of it stands: first byte, behind the last one.
    pub(crate) fn place(&self) -> (u32, u32) {
        (self.whole.start, self.whole.end)
    }

    /// Whether it has two labels, as resources have.
    pub(crate) fn has_two_labels(&self) -> bool {
        self.label_count > 1
    }

    /// Whether a `terraform` block has a `backend` or `cloud` block in it.
    pub(crate) fn has_backend(&self) -> bool {
        self.backend
    }
}

/// The outline of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Outline {
    items: Vec<Item>,
    /// The text into which the pieces of names point, where that is not the file's own.
    names: Option<Box<str>>,
    /// Whether the scan read it: every block of it can be parsed alone.
    sound: bool,
    /// Whether every place in it is a place in the file's text.
    placed: bool,
}

impl Outline {
    /// Of a text that the scan accepted.
    pub(super) fn sound(items: Vec<Item>) -> Self {
        Self {
            items,
            names: None,
            sound: true,
            placed: true,
        }
    }

    /// Reads a text; `None` when the parser has to be asked.
    pub(crate) fn scan(text: &str) -> Option<Self> {
        scan::outline(text).ok()
    }

    /// The outline of what the parser read; `placed` tells whether its spans are places in the file's text.
    pub(crate) fn of_body(body: &Body, placed: bool) -> Self {
        let mut names = String::new();
        let mut put = |text: &str| {
            let start = names.len();
            names.push_str(text);
            Piece {
                start: u32::try_from(start).unwrap_or(u32::MAX),
                end: u32::try_from(names.len()).unwrap_or(u32::MAX),
            }
        };
        let items = body
            .iter()
            .map(|structure| match structure {
                Structure::Attribute(attribute) => {
                    let name = put(attribute.key.value().as_str());
                    Item::attribute(name, span(attribute.span()))
                }
                Structure::Block(block) => {
                    let name = put(block.ident.value().as_str());
                    let labels: Vec<Piece> = block
                        .labels
                        .iter()
                        .take(2)
                        .map(|l| put(l.as_str()))
                        .collect();
                    let mut item = Item::block(name, &labels, span(block.span()));
                    match block.ident.value().as_str() {
                        "module" => item.source = source_of(block).map(&mut put),
                        "terraform" => item.backend = has_backend(block),
                        _ => {}
                    }
                    item
                }
            })
            .collect();
        Self {
            items,
            names: Some(names.into_boxed_str()),
            sound: false,
            placed,
        }
    }

    /// The same outline with its names in it: it can be read without the file's text.
    pub(crate) fn alone(&self, text: &str) -> Self {
        if self.names.is_some() {
            return self.clone();
        }
        let mut names = String::new();
        let mut known: FxHashMap<&str, Piece> = FxHashMap::default();
        let mut put = |piece: Piece| {
            let name = self.part(|| text, piece);
            *known.entry(name).or_insert_with(|| {
                let start = u32::try_from(names.len()).unwrap_or(u32::MAX);
                names.push_str(name);
                Piece {
                    start,
                    end: u32::try_from(names.len()).unwrap_or(u32::MAX),
                }
            })
        };
        let items = self
            .items
            .iter()
            .map(|item| Item {
                name: put(item.name),
                labels: item.labels.map(&mut put),
                source: item.source.map(&mut put),
                ..item.clone()
            })
            .collect();
        Self {
            items,
            names: Some(names.into_boxed_str()),
            sound: self.sound,
            placed: self.placed,
        }
    }

    /// The top-level blocks and attributes, in order.
    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    /// Whether the scan read it: every block of it can be parsed alone.
    pub(crate) fn is_sound(&self) -> bool {
        self.sound
    }

    /// Whether every place in it is a place in the file's text.
    pub(crate) fn is_placed(&self) -> bool {
        self.placed
    }

    /// A part of the outline's text; `text` is the file's, asked for where it is needed.
    fn part<'t>(&'t self, text: impl FnOnce() -> &'t str, piece: Piece) -> &'t str {
        self.names
            .as_deref()
            .unwrap_or_else(text)
            .get(piece.start as usize..piece.end as usize)
            .unwrap_or("")
    }

    /// The name of an item: `resource`.
    pub(crate) fn name<'t>(&'t self, text: impl FnOnce() -> &'t str, item: &Item) -> &'t str {
        self.part(text, item.name)
    }

    /// A label of an item: the first or second one.
    pub(crate) fn label<'t>(
        &'t self,
        text: impl FnOnce() -> &'t str,
        item: &Item,
        number: usize,
    ) -> Option<&'t str> {
        let piece = item.labels.get(number)?;
        (number < usize::from(item.label_count)).then(|| self.part(text, *piece))
    }

    /// The `source` of a `module` block, where it is plain text.
    pub(crate) fn source<'t>(
        &'t self,
        text: impl FnOnce() -> &'t str,
        item: &Item,
    ) -> Option<&'t str> {
        Some(self.part(text, item.source?))
    }
}

fn span(range: Option<std::ops::Range<usize>>) -> Piece {
    let range = range.unwrap_or_default();
    Piece {
        start: u32::try_from(range.start).unwrap_or(u32::MAX),
        end: u32::try_from(range.end).unwrap_or(u32::MAX),
    }
}

/// The source of a call, when it is plain text.
pub(crate) fn source_of(call: &Block) -> Option<&str> {
    call.body.get_attribute("source")?.value.as_str()
}

/// Whether a `terraform` block says where the state is kept.
fn has_backend(block: &Block) -> bool {
    block
        .body
        .blocks()
        .any(|b| matches!(b.ident.value().as_str(), "backend" | "cloud"))
}
