//! Edits: byte splices into files that exist, and new files.
//!
//! Invariant 2: bytes outside an edit never change; the result re-parses; what is added is what
//! `terraform fmt` would leave; after a splice only the touched chain of `=` signs or trailing comments is
//! aligned again, and only if it was canonical before.
//!
//! [`Pen`] makes edits from the spans of a parsed file; [`apply`] puts any number of them together. The edits that a
//! remedy makes say only what it wants; [`settle`] gives them with every space that aligning moves, as plain
//! splices that need no more knowledge of HCL.

mod align;
mod attribute;
mod block;
pub mod data;
mod diff;
mod json;
mod layout;
mod list;
mod pen;
mod recent;
mod splice;
mod text;
mod yaml;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::estate::Estate;
use super::source::{Contents, RepoPath, SourceFile, Span};

pub use attribute::Scope;
pub use diff::{diff, unified};
pub use pen::Pen;
use recent::Edited;
pub(crate) use recent::Recent;
pub use text::{Item, NewBlock, quote};

/// One change to one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// Replace `range` of the file's original bytes by `text`.
    Splice {
        /// The file.
        file: RepoPath,
        /// SHA-256 (hex) of the file's bytes the range was taken from.
        base: String,
        /// Byte range in the original bytes; empty = insertion.
        range: Span,
        /// The new text.
        text: String,
    },
    /// Create a file that does not exist.
    NewFile {
        /// Where.
        file: RepoPath,
        /// Its whole content.
        text: String,
    },
}

impl Edit {
    /// The file it changes or creates.
    #[must_use]
    pub fn file(&self) -> &RepoPath {
        match self {
            Self::Splice { file, .. } | Self::NewFile { file, .. } => file,
        }
    }
}

/// Why edits could not be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The file is not in the estate.
    #[error("{0}: the file to edit does not exist; run the plan again on the present code")]
    Missing(RepoPath),
    /// The file to create exists.
    #[error("{0}: the file to create already exists; run the plan again on the present code")]
    Exists(RepoPath),
    /// The base hash is another.
    #[error(
        "{0}: the file changed since the edit was made; run the plan again on the present code"
    )]
    Stale(RepoPath),
    /// Range outside of the file or inside a character.
    #[error("{0}: byte range {1}..{2} does not fit the file")]
    Range(RepoPath, usize, usize),
    /// Two edits touch the same bytes.
    #[error("{0}: two edits overlap at byte {1}; apply one of them first")]
    Overlap(RepoPath, usize),
    /// The edited file does not parse any more.
    #[error("{0}: the edited file would not parse: {1}")]
    Broken(RepoPath, String),
}

/// Applies edits to an estate and returns the new bytes of every touched file. Insertions at one offset keep
/// their order; equal splices given twice count once; deletions that overlap delete the union; several contents
/// for one new HCL file follow each other. All or nothing.
///
/// # Errors
/// See [`EditError`]; nothing is applied then.
pub fn apply(estate: &Estate, edits: &[Edit]) -> Result<BTreeMap<RepoPath, Vec<u8>>, EditError> {
    let changed = changes(estate, edits)?.into_iter();
    Ok(changed
        .map(|(path, change)| (path, change.contents().bytes().to_vec()))
        .collect())
}

/// Whether edits apply: what [`apply`] would say.
///
/// # Errors
/// See [`EditError`].
pub fn fit(estate: &Estate, edits: &[Edit]) -> Result<(), EditError> {
    changes(estate, edits).map(|_| ())
}

/// The touched files as [`apply`] gives them, each read once.
pub(crate) fn files_after(estate: &Estate, edits: &[Edit]) -> Result<Vec<SourceFile>, EditError> {
    let changed = changes(estate, edits)?.into_values();
    Ok(changed
        .map(|change| SourceFile::of(Arc::clone(change.contents())))
        .collect())
}

/// The same edits as plain, disjoint splices in file order: whoever replaces exactly these bytes gets what
/// [`apply`] gives. This is what is shown and recorded.
///
/// # Errors
/// As [`apply`].
pub fn settle(estate: &Estate, edits: &[Edit]) -> Result<Vec<Edit>, EditError> {
    let mut out = Vec::new();
    for (file, change) in changes(estate, edits)? {
        match change {
            Change::New(contents) => out.push(Edit::NewFile {
                file,
                text: contents.text().to_owned(),
            }),
            Change::Spliced(edited) => {
                out.extend(edited.splices.iter().map(|(range, text)| Edit::Splice {
                    file: file.clone(),
                    base: edited.base.clone(),
                    range: range.clone(),
                    text: text.clone(),
                }));
            }
        }
    }
    Ok(out)
}

/// What becomes of one file.
enum Change {
    New(Arc<Contents>),
    Spliced(Arc<Edited>),
}

impl Change {
    /// The file afterwards.
    fn contents(&self) -> &Arc<Contents> {
        match self {
            Self::New(contents) => contents,
            Self::Spliced(edited) => &edited.contents,
        }
    }
}

fn changes(estate: &Estate, edits: &[Edit]) -> Result<BTreeMap<RepoPath, Change>, EditError> {
    let mut new: BTreeMap<&RepoPath, Vec<&str>> = BTreeMap::new();
    let mut splices: BTreeMap<&RepoPath, Vec<(&str, Span, &str)>> = BTreeMap::new();
    for edit in edits {
        match edit {
            Edit::NewFile { file, text } => {
                let texts = new.entry(file).or_default();
                if !texts.contains(&text.as_str()) {
                    texts.push(text);
                }
            }
            Edit::Splice {
                file,
                base,
                range,
                text,
            } => splices
                .entry(file)
                .or_default()
                .push((base, range.clone(), text)),
        }
    }
    let mut out = BTreeMap::new();
    for (path, texts) in new {
        if estate.file(path).is_some() {
            return Err(EditError::Exists(path.clone()));
        }
        if texts.len() > 1 && !is_hcl(path) {
            return Err(EditError::Overlap(path.clone(), 0));
        }
        let text = texts.join("\n");
        let contents = Contents::new(path.clone(), text.into_bytes());
        still_parses(&contents)?;
        out.insert(path.clone(), Change::New(Arc::new(contents)));
    }
    let spliced: Vec<(&RepoPath, Result<Change, EditError>)> = Vec::from_iter(splices)
        .into_par_iter()
        .with_min_len(16)
        .map(|(path, wanted)| (path, spliced(estate, path, wanted)))
        .collect();
    for (path, change) in spliced {
        out.insert(path.clone(), change?);
    }
    Ok(out)
}

/// One file after its splices.
fn spliced(
    estate: &Estate,
    path: &RepoPath,
    wanted: Vec<(&str, Span, &str)>,
) -> Result<Change, EditError> {
    let file = estate
        .file(path)
        .ok_or_else(|| EditError::Missing(path.clone()))?;
    let hash = file.hash();
    if wanted.iter().any(|(base, _, _)| *base != hash) {
        return Err(EditError::Stale(path.clone()));
    }
    let wanted = wanted
        .into_iter()
        .map(|(_, range, text)| (range, text.to_owned()))
        .collect();
    let edited = file.contents().recently_edited().get(wanted, |wanted| {
        let done = splice::splice(file, wanted, is_hcl(path))?;
        let contents = Contents::new(path.clone(), done.bytes);
        still_parses(&contents)?;
        if is_hcl(path) && contents.mends() > file.contents().mends() {
            let twice = "a key would stand twice, or a line would end too early".to_owned();
            return Err(EditError::Broken(path.clone(), twice));
        }
        Ok(Edited {
            base: hash,
            contents: Arc::new(contents),
            splices: done.splices,
        })
    })?;
    Ok(Change::Spliced(edited))
}

/// Whether `terraform fmt`'s layout applies to the file.
fn is_hcl(path: &RepoPath) -> bool {
    let name = path.file_name();
    [".tf", ".tofu", ".tfvars", ".hcl"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn still_parses(file: &Contents) -> Result<(), EditError> {
    let path = file.path();
    if is_hcl(path) {
        file.outline().err().map_or(Ok(()), |problem| {
            Err(EditError::Broken(path.clone(), problem.to_string()))
        })
    } else if path.file_name().ends_with(".json") {
        // A BOM reads as spaces, which JSON allows.
        serde_json::from_str::<serde::de::IgnoredAny>(file.text())
            .map(|_| ())
            .map_err(|problem| EditError::Broken(path.clone(), problem.to_string()))
    } else if data::is_yaml(path) {
        crate::terraform::data::yaml::read(file.text())
            .map(|_| ())
            .map_err(|problem| EditError::Broken(path.clone(), problem.to_string()))
    } else {
        Ok(())
    }
}
