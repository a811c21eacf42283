//! The configuration after an edit, without reading everything again: only the directories of the edited files are
//! new. Every fix is proved on such a configuration, so its cost must not grow with the estate.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use super::declaration::Module;
use super::discover::{is_code, modules};
use super::tfvars;
use super::tree::{has_backend, source_of};
use super::{Configuration, configuration};
use crate::terraform::estate::Estate;
use crate::terraform::source::{RepoPath, SourceFile};

impl<'a> Configuration<'a> {
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
            .unwrap_or_else(|| Configuration::new(estate))
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
        let usual =
            |path: &RepoPath| is_code(path) || (tfvars::is_variable_file(path) && known(path));
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
        let mut next: Vec<Arc<Module<'e>>> = self.modules.clone();
        let mut other_resources: Vec<usize> = Vec::new();
        for module in modules(&files) {
            let index = self.module_index(&module.dir)?;
            let before = &self.modules[index];
            if !same_calls(before, &module) || has_backend(before) != has_backend(&module) {
                return None;
            }
            if !same_resources(before, &module) {
                other_resources.push(index);
            }
            next[index] = Arc::new(module);
        }
        let mut problems = self.problems.clone();
        problems.retain(|problem| !touched.contains(&problem.path));
        let new_problems = touched
            .iter()
            .filter_map(|path| estate.file(path)?.body().err().cloned());
        problems.extend(new_problems);
        problems.sort_by(|a, b| a.path.cmp(&b.path));

        let mut variables: Arc<HashMap<_, tfvars::VariableFiles<'e>>> = Arc::clone(&self.variables);
        if touched.iter().any(tfvars::is_variable_file) {
            for files in Arc::make_mut(&mut variables).values_mut() {
                for file in files.loaded.iter_mut().chain(&mut files.sets) {
                    if let Some(new) = touched.get(file.path()).and_then(|p| estate.file(p)) {
                        *file = new;
                    }
                }
            }
        }
        let mut edited = Configuration {
            estate,
            problems,
            modules: next,
            tree: Arc::clone(&self.tree),
            roots: Arc::clone(&self.roots),
            variables,
            by_kind: Arc::clone(&self.by_kind),
            memo: Mutex::default(),
            influence: Mutex::default(),
            named: self.named.clone(),
        };
        for index in other_resources {
            edited.renew_kinds(index, &self.modules[index]);
        }
        Some(edited)
    }

    /// Files the resources of a module anew, which had those of `before`.
    fn renew_kinds(&mut self, module: usize, before: &Module<'_>) {
        let nodes: &[usize] = self.tree.by_module.get(&module).map_or(&[], Vec::as_slice);
        let now = Arc::clone(&self.modules[module]);
        let mut by_kind = (*self.by_kind).clone();
        let kinds = |module: &Module<'_>| -> BTreeSet<String> {
            let resources = module.resources.iter().map(configuration::resource);
            resources.map(|r| r.kind.to_owned()).collect()
        };
        let concerned: BTreeSet<String> = kinds(before).into_iter().chain(kinds(&now)).collect();
        for kind in &concerned {
            if let Some(places) = by_kind.get_mut(kind.as_str()) {
                places.retain(|(node, _)| !nodes.contains(node));
            }
        }
        for (i, declared) in now.resources.iter().enumerate() {
            let resource = configuration::resource(declared);
            if !resource.data {
                let places = by_kind.entry(resource.kind).or_default();
                places.extend(nodes.iter().map(|node| (*node, i)));
            }
        }
        for kind in &concerned {
            if let Some(places) = by_kind.get_mut(kind.as_str()) {
                places.sort_by(|(a, i), (b, j)| {
                    let at = |node: &usize| (self.root_dir(*node), &self.tree.nodes[*node].path);
                    at(a).cmp(&at(b)).then(i.cmp(j))
                });
            }
        }
        by_kind.retain(|_, places| !places.is_empty());
        self.by_kind = Arc::new(by_kind);
    }
}

/// Whether two readings of a directory call the same modules under the same names.
fn same_calls(before: &Module<'_>, after: &Module<'_>) -> bool {
    before.calls.len() == after.calls.len()
        && before.calls.iter().all(|(name, call)| {
            let now = after.calls.get(name);
            now.is_some_and(|now| source_of(now.block) == source_of(call.block))
        })
}

/// Whether two readings of a directory hold the same resources in the same order.
fn same_resources(before: &Module<'_>, after: &Module<'_>) -> bool {
    before.resources.len() == after.resources.len()
        && before.resources.iter().zip(&after.resources).all(|(a, b)| {
            let (a, b) = (configuration::resource(a), configuration::resource(b));
            (a.data, a.kind, a.name) == (b.data, b.kind, b.name)
        })
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
