//! The bytes of a file and what they say by themselves. Shared by every view of the file.

use std::sync::{Arc, OnceLock};

use sha2::Digest as _;

use super::about::{self, About, Later, StatePlace};
use super::{ParseProblem, RepoPath, extent, heredoc, json};
use crate::terraform::edit::Recent;
use crate::terraform::index::Outline;
use crate::terraform::registry;

/// Said of a file with such an object.
pub(super) const OVERLONG: &str = "an object with too many keys to be read in reasonable time; split it, or read it from a data file";

/// The bytes of a file, at hand or asked for when somebody looks at them.
pub(crate) struct Contents {
    path: RepoPath,
    text: OnceLock<Text>,
    /// What an earlier run noted of these bytes.
    noted: Option<Arc<About>>,
    /// Where the text is, when it is not at hand.
    later: Option<Arc<dyn Later>>,
    outline: OnceLock<Result<Outline, ParseProblem>>,
    digest: OnceLock<[u8; 32]>,
    edited: Recent,
    modules: OnceLock<Box<[RepoPath]>>,
    places: OnceLock<Box<[(u32, StatePlace)]>>,
}

struct Text {
    /// What is parsed: as long as the bytes, and the same wherever these can be parsed.
    text: String,
    /// Only present when they differ from the text.
    bytes: Option<Vec<u8>>,
}

impl Text {
    fn new(bytes: Vec<u8>) -> Self {
        match reading_copy(&bytes) {
            Some(text) => Self {
                text,
                bytes: Some(bytes),
            },
            // `reading_copy` made a copy of everything that is not valid UTF-8.
            None => Self {
                text: String::from_utf8(bytes).unwrap_or_default(),
                bytes: None,
            },
        }
    }
}

impl Contents {
    /// Of these bytes.
    pub(crate) fn new(path: RepoPath, bytes: Vec<u8>) -> Self {
        Self {
            path,
            text: OnceLock::from(Text::new(bytes)),
            noted: None,
            later: None,
            outline: OnceLock::new(),
            digest: OnceLock::new(),
            edited: Recent::default(),
            modules: OnceLock::new(),
            places: OnceLock::new(),
        }
    }

    /// Of these bytes, of which an earlier run noted something.
    pub(super) fn known(path: RepoPath, bytes: Vec<u8>, about: Arc<About>) -> Self {
        Self {
            noted: Some(about),
            ..Self::new(path, bytes)
        }
    }

    /// Of bytes that are known by what an earlier run noted of them.
    pub(crate) fn recalled(path: RepoPath, about: Arc<About>, later: Arc<dyn Later>) -> Self {
        Self {
            path,
            text: OnceLock::new(),
            noted: Some(about),
            later: Some(later),
            outline: OnceLock::new(),
            digest: OnceLock::new(),
            edited: Recent::default(),
            modules: OnceLock::new(),
            places: OnceLock::new(),
        }
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &RepoPath {
        &self.path
    }

    fn read(&self) -> &Text {
        self.text.get_or_init(|| {
            Text::new(match (&self.later, &self.noted) {
                (Some(later), Some(about)) => later.read(&self.path, about.digest()),
                _ => Vec::new(),
            })
        })
    }

    /// The text that is parsed.
    pub(crate) fn text(&self) -> &str {
        &self.read().text
    }

    /// The original bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        let text = self.read();
        text.bytes.as_deref().unwrap_or(text.text.as_bytes())
    }

    /// What became of it by edits.
    pub(crate) fn recently_edited(&self) -> &Recent {
        &self.edited
    }

    /// What an earlier run noted.
    pub(super) fn noted(&self) -> Option<&Arc<About>> {
        self.noted.as_ref()
    }

    /// SHA-256 of the original bytes.
    pub(super) fn digest(&self) -> &[u8; 32] {
        match self.noted() {
            Some(about) => about.digest(),
            None => self
                .digest
                .get_or_init(|| sha2::Sha256::digest(self.bytes()).into()),
        }
    }

    /// Directories of the well-known modules that it may call.
    pub(super) fn known_modules(&self) -> &[RepoPath] {
        match self.noted() {
            Some(about) => about.modules(),
            None => self
                .modules
                .get_or_init(|| registry::mentioned(self.text()).into()),
        }
    }

    /// Where the `terraform` blocks in it keep the state, by the number of the block.
    pub(super) fn state_places(&self) -> &[(u32, StatePlace)] {
        match self.noted() {
            Some(about) => about.places(),
            None => self.places.get_or_init(|| about::places(self).into()),
        }
    }

    /// Whether Terraform reads it: code, or values of variables.
    pub(super) fn is_code(&self) -> bool {
        let name = self.path.file_name();
        let ends = [
            ".tf",
            ".tofu",
            ".tf.json",
            ".tofu.json",
            ".tfvars",
            ".tfvars.json",
        ];
        ends.iter().any(|end| name.ends_with(end))
    }

    pub(super) fn is_json(&self) -> bool {
        self.path.as_str().ends_with(".json")
    }

    /// What the file declares, without a tree: read once, in one pass over the text wherever that is enough.
    ///
    /// # Errors
    /// The file is not HCL that can be read; exactly then [`super::SourceFile::body`] fails.
    pub(crate) fn outline(&self) -> Result<&Outline, &ParseProblem> {
        if let Some(noted) = self.noted().and_then(|about| about.outline()) {
            return noted;
        }
        self.outline
            .get_or_init(|| {
                if !self.is_json()
                    && let Some(outline) = Outline::scan(self.text())
                {
                    return Ok(outline);
                }
                let placed = !self.is_json();
                self.parse().map(|body| Outline::of_body(&body, placed))
            })
            .as_ref()
    }

    /// Why the file cannot be read, as far as somebody asked for its outline already.
    pub(super) fn known_problem(&self) -> Option<&ParseProblem> {
        match self.noted().and_then(|about| about.outline()) {
            Some(noted) => noted.err(),
            None => self.outline.get()?.as_ref().err(),
        }
    }

    /// In how many places it is read in a way that is Terraform's and not the parser's: a key that stands twice, say. An
    /// edit must not add any.
    pub(crate) fn mends(&self) -> usize {
        let plain = self.is_json() || self.outline().is_ok_and(Outline::is_sound);
        if plain {
            0
        } else {
            heredoc::mends(self.text())
        }
    }

    pub(super) fn parse(&self) -> Result<hcl_edit::structure::Body, ParseProblem> {
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
    }

    pub(super) fn line(&self, offset: usize) -> usize {
        let bytes = self.bytes();
        let end = offset.min(bytes.len());
        1 + bytes[..end].iter().filter(|b| **b == b'\n').count()
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
