//! What a run notes of a file, so that the next one need not read it.
//!
//! Notes are of bytes, known by their SHA-256: whoever recalls them has to know that the file still has these bytes.
//! They hold names, places and what a `backend` block says of the state's place; nothing else of the text.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Contents, ParseProblem, RepoPath, SourceFile, refers};
use crate::terraform::index::Outline;

/// Gives the bytes of files that were not read yet.
pub trait Later: Send + Sync {
    /// The bytes of a file that had this SHA-256. Whoever finds others says so to the run: its answers are void.
    fn read(&self, path: &RepoPath, digest: &[u8; 32]) -> Vec<u8>;
}

/// Where a `backend "s3"` block keeps the state, as far as it is plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StatePlace {
    /// `bucket`.
    pub(crate) bucket: Option<String>,
    /// `key`.
    pub(crate) key: Option<String>,
}

/// What is noted of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    digest: [u8; 32],
    /// Only of files that Terraform reads.
    outline: Option<Result<Outline, ParseProblem>>,
    /// Directories of the well-known modules that it may call.
    modules: Vec<RepoPath>,
    /// By the number of the `terraform` block.
    places: Vec<(u32, StatePlace)>,
    /// See [`refers::references`].
    refers: Vec<Box<str>>,
}

impl About {
    /// SHA-256 of the bytes.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Whether it is about these bytes.
    #[must_use]
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        use sha2::Digest as _;
        sha2::Sha256::digest(bytes).as_slice() == self.digest
    }

    /// Whether this attribute is a reference to a resource or module of the own root in every block of the type.
    pub(super) fn refers(&self, kind: &str, attribute: &str) -> bool {
        let name = refers::joined(kind, attribute);
        self.refers
            .binary_search_by(|known| (**known).cmp(&name))
            .is_ok()
    }

    pub(super) fn modules(&self) -> &[RepoPath] {
        &self.modules
    }

    pub(super) fn outline(&self) -> Option<Result<&Outline, &ParseProblem>> {
        self.outline.as_ref().map(Result::as_ref)
    }

    /// What is noted of these contents, or would be.
    pub(crate) fn noted(contents: &Contents) -> Arc<Self> {
        match contents.noted() {
            Some(about) => Arc::clone(about),
            None => Arc::new(Self::of(contents)),
        }
    }

    /// Everything that is noted of these contents.
    fn of(contents: &Contents) -> Self {
        let outline = contents.is_code().then(|| {
            contents
                .outline()
                .map(|outline| outline.alone(contents.text()))
                .map_err(Clone::clone)
        });
        Self {
            digest: *contents.digest(),
            outline,
            modules: contents.known_modules().to_vec(),
            places: match contents.is_code() {
                true => contents.state_places().to_vec(),
                false => Vec::new(),
            },
            refers: match contents.is_code() {
                true => refers::references(contents),
                false => Vec::new(),
            },
        }
    }

    pub(super) fn places(&self) -> &[(u32, StatePlace)] {
        &self.places
    }
}

/// The places of states that the blocks of a file name, by the number of the block. The trees are not kept: nobody looks
/// at these blocks again in most runs.
pub(super) fn places(contents: &Contents) -> Vec<(u32, StatePlace)> {
    let Ok(outline) = contents.outline() else {
        return Vec::new();
    };
    let numbers = 0..u32::try_from(outline.items().len()).unwrap_or(0);
    numbers
        .filter(|number| outline.items()[*number as usize].has_backend())
        .filter_map(|number| {
            let (start, end) = outline.items()[number as usize].place();
            let text = contents.text().get(start as usize..end as usize)?;
            let alone = if outline.is_sound() {
                hcl_edit::parser::parse_body(text).ok()
            } else {
                None
            };
            let whole = match &alone {
                Some(_) => None,
                None => contents.parse().ok(),
            };
            let block = match (&alone, &whole) {
                (Some(body), _) => body.blocks().next()?,
                (None, body) => body.as_ref()?.iter().nth(number as usize)?.as_block()?,
            };
            Some((number, place(block)?))
        })
        .collect()
}

/// The place of the state that a `terraform` block names with its first `backend "s3"`.
fn place(terraform: &hcl_edit::structure::Block) -> Option<StatePlace> {
    let backend = terraform
        .body
        .get_blocks("backend")
        .find(|b| b.labels.first().is_some_and(|l| l.as_str() == "s3"))?;
    let text = |name: &str| {
        let attribute = backend.body.get_attribute(name)?;
        attribute.value.as_str().map(str::to_owned)
    };
    Some(StatePlace {
        bucket: text("bucket"),
        key: text("key"),
    })
}

impl SourceFile {
    /// The place of the state that a `terraform` block of the outline names.
    pub(crate) fn state_place(&self, number: usize) -> Option<StatePlace> {
        if !self.item_has_backend(number) {
            return None;
        }
        let mut places = self.contents.state_places().iter();
        let (_, place) = places.find(|(of, _)| *of as usize == number)?;
        Some(place.clone())
    }

    /// Directories of the well-known modules that it may call (see [`crate::terraform::registry`]).
    pub(crate) fn known_modules(&self) -> &[RepoPath] {
        self.contents.known_modules()
    }
}
