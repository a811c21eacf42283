//! All rules: the embedded catalogue, and a user's own on top of it.

use include_dir::{Dir, include_dir};

use super::language::{self, RuleError};
use super::{Rule, RuleControl};
use crate::finding::Control;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/rules/catalogue");

/// All rules, by id and by control.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    rules: Vec<Rule>,
}

impl Catalogue {
    /// The rules that are built in.
    ///
    /// # Errors
    /// Never in a build whose tests passed: the files are embedded.
    pub fn embedded() -> Result<Self, RuleError> {
        let mut files = Vec::new();
        collect(&EMBEDDED, &mut files);
        files.sort_unstable();
        Self::default().with(files)
    }

    /// This catalogue with further rule files (name, text). A file replaces a rule of the same id only when it says
    /// `overrides = true`.
    ///
    /// # Errors
    /// See [`RuleError`]; every message names the file and what to change.
    pub fn with<'t>(
        mut self,
        files: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, RuleError> {
        for (name, text) in files {
            let read = language::read(name, text)?;
            self.add(read)?;
        }
        self.rules.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(self)
    }

    fn add(&mut self, read: language::RuleFile) -> Result<(), RuleError> {
        let rule = read.rule;
        let same = self.rules.iter().position(|r| r.id == rule.id);
        match (same, read.overrides) {
            (Some(index), true) => {
                self.rules.remove(index);
            }
            (Some(index), false) => {
                return Err(RuleError::Duplicate {
                    file: rule.file,
                    id: rule.id,
                    other: self.rules[index].file.clone(),
                });
            }
            (None, true) => {
                return Err(RuleError::NothingToOverride {
                    file: rule.file,
                    id: rule.id,
                });
            }
            (None, false) => {}
        }
        for control in &rule.controls {
            if let Some(other) = self
                .rules
                .iter()
                .find(|r| r.controls.iter().any(|c| c.control == control.control))
            {
                return Err(RuleError::ControlTaken {
                    file: rule.file.clone(),
                    control: control.control.to_string(),
                    other: other.id.clone(),
                });
            }
        }
        self.rules.push(rule);
        Ok(())
    }

    /// The rules in id order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A rule by id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.id == id)
    }

    /// The rule that answers one of these controls (the first control that any rule knows), with that control's entry.
    #[must_use]
    pub fn by_controls<'a>(&'a self, controls: &[Control]) -> Option<(&'a Rule, &'a RuleControl)> {
        controls.iter().find_map(|wanted| {
            self.rules.iter().find_map(|rule| {
                rule.controls
                    .iter()
                    .find(|c| c.control == *wanted)
                    .map(|c| (rule, c))
            })
        })
    }
}

fn collect(dir: &'static Dir<'static>, files: &mut Vec<(&'static str, &'static str)>) {
    for file in dir.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8())
            && path.ends_with(".hcl")
        {
            files.push((path, text));
        }
    }
    for inner in dir.dirs() {
        collect(inner, files);
    }
}
