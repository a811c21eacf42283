//! The configuration after an edit, without reading everything again: only the directories of the edited files are
//! new. Every fix is proved on such a configuration, so its cost must not grow with the estate.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::declaration::Module;
use super::discover::{is_code, modules};
use super::given::Given;
use super::kinds::Kinds;
use super::provider::Versions;
use super::slots::Slots;
use super::{Configuration, tfvars};
use crate::terraform::edit::data::is_yaml;
use crate::terraform::edit::{Edit, EditError};
use crate::terraform::estate::Estate;
use crate::terraform::source::{RepoPath, SourceFile};

/// So many estates after an edit are remembered, with the trees of their files: a fix tries an edit, looks at its
/// dangers, proves it, and every core works on one fix.
const KEPT: usize = 16;

/// The estates after the edits that were looked at last.
#[derive(Default)]
pub(crate) struct Lately(Mutex<VecDeque<(Vec<Edit>, Estate)>>);

impl<'a> Configuration<'a> {
    /// The estate as it is after these edits.
    ///
    /// # Errors
    /// As [`Estate::with_edits`].
    pub(crate) fn estate_after(&self, edits: &[Edit]) -> Result<Estate, EditError> {
        let lock = || self.lately.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = lock().iter().find(|(known, _)| known == edits).cloned();
        if let Some((_, estate)) = found {
            return Ok(estate);
        }
        let estate = self.estate.with_edits(edits)?;
        let mut known = lock();
        let gone = (known.len() >= KEPT).then(|| known.pop_front());
        known.push_back((edits.to_vec(), estate.clone()));
        drop(known);
        // What is freed with it takes time: not while others wait.
        drop(gone);
        Ok(estate)
    }

    /// The configuration of `estate`, which is this one's estate with other contents of the files in `touched`.
    /// Gives the same answers as [`Configuration::new`].
    #[must_use]
    pub(crate) fn edited<'e>(
        &self,
        estate: &'e Estate,
        touched: &BTreeSet<RepoPath>,
    ) -> Configuration<'e>
    where
        'a: 'e,
    {
        self.reuse(estate, touched)
            .unwrap_or_else(|| Configuration::with_settings(estate, &self.settings))
    }

    /// `None` when the edit changes which directories are modules, which of them are roots, or what they call.
    fn reuse<'e>(
        &self,
        estate: &'e Estate,
        touched: &BTreeSet<RepoPath>,
    ) -> Option<Configuration<'e>>
    where
        'a: 'e,
    {
        let known = |path: &RepoPath| self.estate.file(path).is_some();
        // A data file declares nothing: what code makes of it is evaluated anew.
        let declares_nothing = |path: &RepoPath| {
            tfvars::is_variable_file(path)
                || ((is_yaml(path) || path.as_str().ends_with(".json"))
                    && path.file_name() != "modules.json")
        };
        let usual = |path: &RepoPath| is_code(path) || (declares_nothing(path) && known(path));
        if !touched.iter().all(usual) {
            return None;
        }
        let dirs: BTreeSet<RepoPath> = touched
            .iter()
            .filter(|path| is_code(path))
            .map(RepoPath::parent)
            .collect();
        let files: Vec<&'e SourceFile> = dirs
            .iter()
            .flat_map(|dir| estate.files_in(dir))
            .map(AsRef::as_ref)
            .collect();
        let mut next: Slots<'e> = self.modules.clone();
        let mut other_resources: Vec<usize> = Vec::new();
        for module in modules(&files) {
            let index = self.module_index(&module.dir)?;
            let before = self.modules.get(index);
            if !same_calls(before, &module) || before.has_backend != module.has_backend {
                return None;
            }
            if !same_resources(before, &module) {
                other_resources.push(index);
            }
            next.replace(index, module);
        }
        let mut problems = Arc::clone(&self.problems);
        let new_problems: Vec<_> = touched
            .iter()
            .filter_map(|path| estate.file(path)?.problem().cloned())
            .collect();
        if !new_problems.is_empty() || problems.iter().any(|p| touched.contains(&p.path)) {
            let problems = Arc::make_mut(&mut problems);
            problems.retain(|problem| !touched.contains(&problem.path));
            problems.extend(new_problems);
            problems.sort_by(|a, b| a.path.cmp(&b.path));
        }

        let mut variables: Given<'e> = self.variables.clone();
        for path in touched.iter().filter(|path| tfvars::is_variable_file(path)) {
            if let Some(file) = estate.file(path) {
                variables.replace(file);
            }
        }
        let mut edited = Configuration {
            estate,
            problems,
            modules: next,
            settings: Arc::clone(&self.settings),
            environments: Arc::clone(&self.environments),
            tree: Arc::clone(&self.tree),
            roots: Arc::clone(&self.roots),
            variables,
            kinds: Kinds::default(),
            memo: Mutex::default(),
            influence: Mutex::default(),
            named: self.named.clone(),
            lately: Lately::default(),
            versions: Versions::default(),
        };
        edited.kinds = edited.renewed_kinds(&self.kinds, &other_resources);
        Some(edited)
    }
}

/// Whether two readings of a directory call the same modules under the same names.
fn same_calls(before: &Module<'_>, after: &Module<'_>) -> bool {
    before.calls.len() == after.calls.len()
        && before.calls.iter().all(|(name, call)| {
            let now = after.calls.get(name);
            now.is_some_and(|now| now.source() == call.source())
        })
}

/// Whether two readings of a directory hold the same resources in the same order.
fn same_resources(before: &Module<'_>, after: &Module<'_>) -> bool {
    before.resources.len() == after.resources.len()
        && before
            .resources
            .iter()
            .zip(&after.resources)
            .all(|(a, b)| (a.is_data(), a.labels()) == (b.is_data(), b.labels()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::Edit;
    use crate::terraform::edit::Pen;

    const FILES: [(&str, &str); 6] = [
        (
            "live/main.tf",
            "variable \"on\" {\n  default = false\n}\n\nmodule \"a\" {\n  source = \"../mod\"\n  on     = var.on\n}\n\nresource \"aws_sqs_queue\" \"q\" {\n  name = \"q\"\n}\n",
        ),
        ("live/terraform.tfvars", "on = true\n"),
        (
            "live-2/main.tf",
            "resource \"aws_sqs_queue\" \"other\" {\n}\n",
        ),
        (
            "mod/main.tf",
            "variable \"on\" {\n}\n\nresource \"aws_s3_bucket\" \"b\" {\n  count         = 2\n  force_destroy = var.on\n}\n",
        ),
        (
            "mod/below/main.tf",
            "resource \"aws_sqs_queue\" \"below\" {\n}\n",
        ),
        ("mod/data.tf", "data \"aws_region\" \"r\" {\n}\n"),
    ];

    fn estate() -> Estate {
        Estate::new(FILES.map(|(path, text)| {
            SourceFile::new(RepoPath::new(path).unwrap(), text.as_bytes().to_vec())
        }))
    }

    /// Everything that a configuration says, as text.
    fn said(cfg: &Configuration<'_>) -> String {
        use std::fmt::Write as _;
        let mut out = String::new();
        for root in cfg.roots() {
            writeln!(
                out,
                "root {root:?} {:?}",
                cfg.provider_version(&root.dir, "aws")
            )
            .unwrap();
        }
        for problem in cfg.problems() {
            writeln!(out, "{problem}").unwrap();
        }
        for kind in cfg.kinds() {
            for at in cfg.occurrences(kind) {
                writeln!(
                    out,
                    "{} {} {}",
                    at.root,
                    at.address,
                    at.resource.file.path()
                )
                .unwrap();
                for address in cfg.instances(&at).known {
                    for path in ["name", "force_destroy"] {
                        let held = cfg.held(&at, &address, &[path]);
                        writeln!(out, "  {address} {path} {held:?}").unwrap();
                    }
                }
            }
        }
        out
    }

    fn replaced(estate: &Estate, file: &str, old: &str, new: &str) -> Edit {
        let path = RepoPath::new(file).unwrap();
        let source = estate.file(&path).unwrap();
        let start = source.text().find(old).unwrap();
        Pen::new(source).splice(start..start + old.len(), new)
    }

    fn check(edits: &[Edit], reused: bool) {
        let before = estate();
        let cfg = Configuration::new(&before);
        let after = before.with_edits(edits).unwrap();
        let touched = edits.iter().map(|e| e.file().clone()).collect();
        assert_eq!(cfg.reuse(&after, &touched).is_some(), reused, "{edits:?}");
        let anew = said(&Configuration::new(&after));
        assert_eq!(said(&cfg.edited(&after, &touched)), anew);
        assert_ne!(said(&cfg), anew, "the edit changes something");
    }

    #[test]
    fn gives_the_answers_of_a_new_reading() {
        let e = estate();
        let queue = "resource \"aws_sqs_queue\" \"new\" {\n}\n";
        check(
            &[replaced(&e, "live/main.tf", "\"q\"\n}", "\"r\"\n}")],
            true,
        );
        check(
            &[replaced(&e, "live/terraform.tfvars", "true", "false")],
            true,
        );
        check(&[replaced(&e, "mod/main.tf", "2", "3")], true);
        check(&[replaced(&e, "mod/main.tf", "var.on", "null")], true);
        check(
            &[replaced(
                &e,
                "mod/data.tf",
                "data \"",
                &format!("{queue}data \""),
            )],
            true,
        );
        check(
            &[replaced(
                &e,
                "live-2/main.tf",
                "\"aws_sqs_queue\" \"other\"",
                "\"aws_sns_topic\" \"x\"",
            )],
            true,
        );
        let new = |path: &str, text: &str| Edit::NewFile {
            file: RepoPath::new(path).unwrap(),
            text: text.to_owned(),
        };
        check(&[new("mod/new.tf", queue)], true);
        check(&[new("third/main.tf", queue)], false);
        check(&[new("mod/below/terraform.tfvars", "x = 1\n")], false);
        check(
            &[replaced(
                &e,
                "live/main.tf",
                "\"../mod\"",
                "\"../mod/below\"",
            )],
            false,
        );
        check(
            &[replaced(
                &e,
                "mod/data.tf",
                "data ",
                "terraform {\n  backend \"s3\" {\n  }\n}\ndata ",
            )],
            false,
        );
    }
}
