//! One instance of one block, as the remedies look at it.

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use super::{Affected, Refusal, RefusalKind};
use crate::terraform::module::{Configuration, Held, Occurrence, ProviderVersion};
use crate::terraform::value::{Kind, Origin};
use crate::terraform::{Address, BlockAddress, InstanceKey, RepoPath, SourceFile, Span, Value};

/// One instance of one block.
#[derive(Clone)]
pub struct Subject<'c, 'a> {
    /// The configuration it is part of.
    pub cfg: &'c Configuration<'a>,
    /// Its block, as seen from its root.
    pub at: Occurrence<'a>,
    /// Which instance.
    pub address: Address,
}

impl<'c, 'a> Subject<'c, 'a> {
    /// The instance at an address of a root, when its block is there.
    #[must_use]
    pub fn find(cfg: &'c Configuration<'a>, root: &RepoPath, address: &Address) -> Option<Self> {
        let at = cfg.occurrence(root, &address.block())?;
        Some(Self {
            cfg,
            at,
            address: address.clone(),
        })
    }

    /// What is written at a path of nested block types and an attribute name.
    #[must_use]
    pub fn held(&self, path: &[String]) -> Held {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        self.cfg.held(&self.at, &self.address, &path)
    }

    /// The block.
    #[must_use]
    pub fn block(&self) -> &'a Block {
        self.at.resource.block
    }

    /// Every file could be read that may hold a resource of this type about the subject: what an unreadable one
    /// declares is missing from every answer, and could be just the block that is looked for.
    ///
    /// # Errors
    /// One could not.
    pub fn all_read(&self, kind: &str) -> Result<(), Refusal> {
        match self.cfg.unread_about(&self.at, &self.address, kind) {
            None => Ok(()),
            Some(problem) => Err(Refusal::new(
                RefusalKind::Unparsable,
                format!(
                    "a file that cannot be read may hold a `{kind}` of `{}`: {problem}",
                    self.address
                ),
                format!("correct {} and run again", problem.path),
            )),
        }
    }

    /// The file it stands in.
    #[must_use]
    pub fn file(&self) -> &'a SourceFile {
        self.at.resource.file
    }

    /// `aws_s3_bucket.logs`: the block inside its module, for messages and identities.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.at.resource.kind, self.at.resource.name)
    }

    /// As part of a change.
    #[must_use]
    pub fn affected(&self) -> Affected {
        Affected {
            root: self.at.root.clone(),
            address: self.address.clone(),
        }
    }

    /// The block's address inside its root.
    #[must_use]
    pub fn block_address(&self) -> BlockAddress {
        self.address.block()
    }

    /// What the code says of the version of the provider that serves the block.
    #[must_use]
    pub fn provider_version(&self) -> ProviderVersion {
        let provider = self.at.resource.kind.split('_').next().unwrap_or("");
        self.cfg.provider_version(&self.at.root, provider)
    }

    /// The provider's major version: the only one that lock file and constraints leave; with a range that is open
    /// upwards its least, because rules tell generations by where they begin.
    #[must_use]
    pub fn major(&self) -> Option<u32> {
        let range = self.provider_version().major_range()?;
        let (least, most) = (range.least, range.most);
        let known = match (least, most) {
            (Some(least), Some(most)) if least == most => Some(least),
            (Some(least), _) if least >= 4 => Some(least),
            (_, Some(most)) if most < 4 => Some(most),
            _ => None,
        };
        known.and_then(|major| u32::try_from(major).ok())
    }

    /// Refuses when the block itself cannot be edited.
    ///
    /// # Errors
    /// `external-module` for a block of an installed module, `unsupported-shape` for JSON.
    pub fn editable(&self) -> Result<(), Refusal> {
        if super::place::is_external(self.file().path()) {
            return Err(Refusal::new(
                RefusalKind::ExternalModule,
                format!(
                    "`{}` is written in a module whose source is not in this repository ({})",
                    self.address,
                    self.file().path()
                ),
                "set the module's input for it at the call, if the pinned version has one; else ask its owner",
            ));
        }
        if self.file().path().as_str().ends_with(".json") {
            return Err(Refusal::new(
                RefusalKind::UnsupportedShape,
                format!(
                    "`{}` is written in JSON ({})",
                    self.address,
                    self.file().path()
                ),
                "change it by hand",
            ));
        }
        Ok(())
    }

    /// The elements of `for_each`, the block's own and those of the calls on the way, for which the instance is made: its
    /// own first.
    pub(crate) fn made_of(&self) -> Vec<Value> {
        let calls = self.address.modules.iter().rev();
        // What has no key is not repeated.
        let keys = std::iter::once(&self.address.key)
            .chain(calls.map(|step| &step.key))
            .flatten();
        self.cfg
            .repeated_by(&self.at, &self.address)
            .iter()
            .zip(keys)
            .filter_map(|(all, key)| {
                let InstanceKey::Name(key) = key else {
                    return None;
                };
                match &all.kind {
                    Kind::Object(map) => map.get(key),
                    Kind::List(items) => items.iter().find(|i| i.as_str() == Some(key)),
                    _ => None,
                }
                .cloned()
            })
            .collect()
    }

    /// Where a caller of the subject's module gives one of these values, or what it is made of: the first place outside
    /// of the module's own directory. `None` for what the module says by itself, and in a root.
    pub(crate) fn given_from_outside<'v>(
        &self,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Option<Origin> {
        values
            .into_iter()
            .flat_map(|value| value.decided_by.iter().chain(&value.via))
            .find(|origin| self.is_outside(origin))
            .cloned()
    }

    /// Whether a place belongs to a caller of the subject's module: it lies outside of the module's own directory.
    pub(crate) fn is_outside(&self, origin: &Origin) -> bool {
        let own = &self.at.module;
        !self.address.modules.is_empty()
            && origin.file.parent() != *own
            && !origin.file.as_str().starts_with(&format!("{own}/"))
    }

    /// 1-based line of the block.
    #[must_use]
    pub fn line(&self) -> usize {
        self.block()
            .span()
            .map_or(1, |span| self.file().line(span.start))
    }

    /// The body at the nested block types of a path (without the attribute's name); `None` when a block is missing.
    #[must_use]
    pub fn body_at(&self, blocks: &[String]) -> Option<&'a Body> {
        let mut body = &self.block().body;
        for name in blocks {
            body = &body.blocks().find(|b| b.ident.as_str() == name)?.body;
        }
        Some(body)
    }

    /// The expression written at a path in the block itself.
    #[must_use]
    pub fn expression(&self, path: &[String]) -> Option<&'a Expression> {
        let (name, blocks) = path.split_last()?;
        Some(&self.body_at(blocks)?.get_attribute(name)?.value)
    }

    /// The source text of an attribute of the block.
    #[must_use]
    pub fn source_of(&self, name: &str) -> Option<&'a str> {
        let span = self.block().body.get_attribute(name)?.value.span()?;
        Some(self.file().slice(span))
    }

    /// The whole block's span.
    #[must_use]
    pub fn span(&self) -> Span {
        self.block().span().unwrap_or_default()
    }

    /// Refuses when `lifecycle { ignore_changes }` covers an attribute or nested block.
    ///
    /// # Errors
    /// `ignore-changes`, naming the block.
    pub fn not_ignored(&self, name: &str) -> Result<(), Refusal> {
        self.path_not_ignored(&[name.to_owned()])
    }

    /// As [`Subject::not_ignored`], for a path of nested block types and an attribute name.
    ///
    /// # Errors
    /// `ignore-changes`, naming the block.
    pub fn path_not_ignored(&self, path: &[String]) -> Result<(), Refusal> {
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        let ignored = self
            .cfg
            .ignored_changes(&self.at)
            .is_some_and(|ignored| ignored.covers(&steps));
        if !ignored {
            return Ok(());
        }
        let name = path.first().map_or("", String::as_str);
        Err(Refusal::new(
            RefusalKind::IgnoreChanges,
            format!(
                "`{}` ignores changes of `{name}` (`lifecycle {{ ignore_changes }}`, {}:{}): an edit would be merged and do nothing",
                self.name(),
                self.file().path(),
                self.line()
            ),
            format!(
                "decide whether Terraform shall manage `{name}`; if so, take it out of `ignore_changes` and run again"
            ),
        ))
    }
}
