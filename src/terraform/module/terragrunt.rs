//! Terragrunt units: which module a `terragrunt.hcl` runs, what it includes and reads, which variable files it gives.
//!
//! Only what the text says for certain is followed: paths put together of literals, locals and Terragrunt's own path
//! functions. A unit whose `source` is not a directory of this repository is no root here. What the inputs are worth
//! is a matter of [`crate::terraform::value`].

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, FuncCall, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::Element;
use hcl_edit::visit::{Visit, visit_func_call};

use super::discover::is_code;
use crate::terraform::estate::Estate;
use crate::terraform::source::{RepoPath, SourceFile};

/// The name of a unit's file.
pub(crate) const UNIT: &str = "terragrunt.hcl";

/// Files that include or read each other deeper than this are not followed.
const DEPTH: usize = 12;

/// How a path to the repository's top begins, where Terragrunt gives absolute ones. It is in no real path.
pub(crate) const TOP: &str = "/\u{1}";

/// One `terragrunt.hcl` that runs a module of this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    /// The file.
    pub(crate) file: RepoPath,
    /// The directory of the module.
    pub(crate) module: RepoPath,
    /// Every file whose text decides about it, its own included.
    pub(crate) reads: BTreeSet<RepoPath>,
    /// What `extra_arguments` give.
    pub(crate) extra: Extra,
}

/// What a unit's `extra_arguments` say of variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Extra {
    /// Variable files, in their order.
    pub(crate) var_files: Vec<RepoPath>,
    /// `-var`.
    pub(crate) vars: BTreeMap<String, String>,
    /// `TF_VAR_…` whose values are not read.
    pub(crate) outside: BTreeSet<String>,
    /// Something in them cannot be told, so that any variable may be set.
    pub(crate) open: bool,
}

/// An `include` block.
pub(crate) struct Include {
    /// Its label; empty for the old form without one.
    pub(crate) label: String,
    /// The included file; `None` when the path cannot be told.
    pub(crate) file: Option<RepoPath>,
    /// `merge_strategy`.
    pub(crate) strategy: Strategy,
}

/// How what is included is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// Key by key: the default.
    Shallow,
    /// Not at all.
    None,
    /// In depth, lists appended to each other.
    Deep,
    /// One that cannot be told.
    Other,
}

/// Where text of a Terragrunt file is evaluated.
#[derive(Clone)]
pub(crate) struct At<'a> {
    pub(crate) estate: &'a Estate,
    /// The file that holds the text.
    pub(crate) file: &'a SourceFile,
    /// The configuration for which it is evaluated: the file itself, or the one that includes it.
    pub(crate) current: RepoPath,
    /// The unit.
    pub(crate) unit: RepoPath,
    /// How many files were entered on the way.
    pub(crate) depth: usize,
}

/// The units of an estate, in path order.
pub(crate) fn units(estate: &Estate, files: &[&SourceFile]) -> Vec<Unit> {
    files
        .iter()
        .filter_map(|file| At::unit(estate, file).read())
        .collect()
}

impl<'a> At<'a> {
    /// In a unit's own file.
    pub(crate) fn unit(estate: &'a Estate, file: &'a SourceFile) -> Self {
        Self {
            estate,
            file,
            current: file.path().clone(),
            unit: file.path().clone(),
            depth: 0,
        }
    }

    /// In a file that this one includes.
    pub(crate) fn included(&self, path: &RepoPath) -> Option<Self> {
        Some(Self {
            file: self.estate.file(path)?,
            depth: self.deeper()?,
            ..self.clone()
        })
    }

    /// In a file that this one reads with `read_terragrunt_config`.
    pub(crate) fn reading(&self, path: &RepoPath) -> Option<Self> {
        Some(Self {
            file: self.estate.file(path)?,
            current: path.clone(),
            depth: self.deeper()?,
            ..self.clone()
        })
    }

    fn deeper(&self) -> Option<usize> {
        (self.depth < DEPTH).then_some(self.depth + 1)
    }

    pub(crate) fn body(&self) -> Option<&'a Body> {
        self.file.body().ok()
    }

    /// Whether the text stands in a file that another one includes.
    fn is_included(&self) -> bool {
        *self.file.path() != self.current
    }

    fn read(&self) -> Option<Unit> {
        let body = self.body()?;
        let includes = self.includes();
        let mut sources = vec![self.clone()];
        let merged = includes.iter().filter(|i| i.strategy != Strategy::None);
        sources.extend(merged.filter_map(|i| self.included(i.file.as_ref()?)));
        let source = sources.iter().find_map(|at| {
            let block = at.body()?.get_blocks("terraform").next()?;
            let source = block.body.get_attribute("source")?;
            Some(at.text(&source.value))
        });
        let dir = self.file.path().parent();
        let module = match source {
            // Not told, or from elsewhere.
            Some(source) => self.module(&source?)?,
            None => dir.clone(),
        };
        if !self.estate.files_in(&module).any(|f| is_code(f.path())) {
            return None;
        }
        let mut extra = Extra::default();
        let blocks: Vec<(&Self, &Block)> = sources
            .iter()
            .filter_map(|at| at.body().map(|body| (at, body)))
            .flat_map(|(at, body)| body.get_blocks("terraform").map(move |b| (at, b)))
            .flat_map(|(at, b)| b.body.get_blocks("extra_arguments").map(move |b| (at, b)))
            .collect();
        for (at, block) in &blocks {
            extra.add(at, block, module == dir);
        }
        // In which order those of several files are given is not told.
        extra.open |= extra.var_files.len() > 1 && blocks.len() > 1;
        // What is included cannot be told: neither can what it says.
        extra.open |= includes
            .iter()
            .any(|i| i.file.is_none() && i.strategy != Strategy::None);
        let _ = body;
        let mut reads = BTreeSet::new();
        self.collect(&mut reads);
        Some(Unit {
            file: self.file.path().clone(),
            module,
            reads,
            extra,
        })
    }

    /// The directory that a `source` names, when it lies in this repository.
    fn module(&self, source: &str) -> Option<RepoPath> {
        let source = source.split_once('?').map_or(source, |(path, _)| path);
        let source = source.strip_prefix("file://").unwrap_or(source);
        let local = source.starts_with(TOP)
            || source.starts_with("./")
            || source.starts_with("../")
            || matches!(source, "." | "..");
        local.then(|| self.path(source)).flatten()
    }

    /// A path of the repository from what Terragrunt takes for one, relative to the configuration's directory.
    fn path(&self, text: &str) -> Option<RepoPath> {
        match text.strip_prefix(TOP) {
            Some(rest) => RepoPath::new(rest.trim_start_matches('/')),
            None if text.starts_with('/') => None,
            None => self.current.parent().join(text),
        }
    }

    /// The `include` blocks of the file.
    pub(crate) fn includes(&self) -> Vec<Include> {
        let Some(body) = self.body() else {
            return Vec::new();
        };
        body.get_blocks("include")
            .map(|block| {
                let strategy = match block.body.get_attribute("merge_strategy") {
                    None => Strategy::Shallow,
                    Some(a) => match a.value.as_str() {
                        Some("shallow") => Strategy::Shallow,
                        Some("no_merge") => Strategy::None,
                        Some("deep" | "deep_map_only") => Strategy::Deep,
                        _ => Strategy::Other,
                    },
                };
                Include {
                    label: block
                        .labels
                        .first()
                        .map_or(String::new(), |l| l.as_str().to_owned()),
                    file: block
                        .body
                        .get_attribute("path")
                        .and_then(|a| self.text(&a.value))
                        .and_then(|text| self.path(&text))
                        .filter(|path| self.estate.file(path).is_some()),
                    strategy,
                }
            })
            .collect()
    }

    /// The file that `read_terragrunt_config(…)` reads.
    pub(crate) fn config_read(&self, call: &FuncCall) -> Option<RepoPath> {
        let text = self.text(call.args.get(0)?)?;
        self.path(&text)
            .filter(|path| self.estate.file(path).is_some())
    }

    /// Every file that is looked at for this one.
    fn collect(&self, reads: &mut BTreeSet<RepoPath>) {
        struct Reader<'r, 'a> {
            at: &'r At<'a>,
            found: Vec<RepoPath>,
        }
        impl Visit for Reader<'_, '_> {
            fn visit_func_call(&mut self, call: &FuncCall) {
                if call.name.name.as_str() == "read_terragrunt_config" {
                    self.found.extend(self.at.config_read(call));
                }
                visit_func_call(self, call);
            }
        }
        if !reads.insert(self.file.path().clone()) {
            return;
        }
        let Some(body) = self.body() else { return };
        let mut reader = Reader {
            at: self,
            found: Vec::new(),
        };
        reader.visit_body(body);
        for path in reader.found {
            if let Some(at) = self.reading(&path) {
                at.collect(reads);
            }
        }
        if !self.is_included() {
            for include in self.includes() {
                if let Some(at) = include.file.and_then(|path| self.included(&path)) {
                    at.collect(reads);
                }
            }
        }
    }

    /// Text made of literals, locals and path functions; `None` when it cannot be told.
    pub(crate) fn text(&self, expression: &Expression) -> Option<String> {
        self.deeper()?;
        match expression {
            Expression::String(text) => Some(text.value().clone()),
            Expression::Parenthesis(inner) => self.text(inner.inner()),
            Expression::StringTemplate(template) => template
                .iter()
                .map(|element| match element {
                    Element::Literal(text) => Some(text.value().clone()),
                    Element::Interpolation(inner) => self.text(&inner.expr),
                    Element::Directive(_) => None,
                })
                .collect(),
            Expression::FuncCall(call) => self.function(call),
            Expression::Traversal(traversal) => {
                let root = traversal.expr.as_variable()?.as_str();
                let names = traversal
                    .operators
                    .iter()
                    .map(|o| match o.value() {
                        TraversalOperator::GetAttr(name) => Some(name.as_str()),
                        _ => None,
                    })
                    .collect::<Option<Vec<&str>>>()?;
                match (root, names.as_slice()) {
                    ("local", [name, rest @ ..]) => self.local(name, rest),
                    ("include", [label, "locals", name, rest @ ..]) => {
                        let include = self.includes().into_iter().find(|i| i.label == *label)?;
                        self.included(&include.file?)?.local(name, rest)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn local(&self, name: &str, rest: &[&str]) -> Option<String> {
        let mut locals = self.body()?.get_blocks("locals");
        let value = &locals.find_map(|b| b.body.get_attribute(name))?.value;
        let inside = Self {
            depth: self.deeper()?,
            ..self.clone()
        };
        match (rest, value) {
            ([], _) => inside.text(value),
            (["locals", name, rest @ ..], Expression::FuncCall(call))
                if call.name.name.as_str() == "read_terragrunt_config" =>
            {
                inside.reading(&self.config_read(call)?)?.local(name, rest)
            }
            _ => None,
        }
    }

    /// What one of Terragrunt's path functions gives.
    pub(crate) fn function(&self, call: &FuncCall) -> Option<String> {
        if !call.name.namespace.is_empty() {
            return None;
        }
        let argument = |i: usize| call.args.get(i).map(|e| self.text(e));
        let absolute = |dir: &RepoPath| format!("{TOP}/{dir}");
        let dir = self.current.parent();
        match call.name.name.as_str() {
            "find_in_parent_folders" => {
                let name = argument(0).unwrap_or_else(|| Some(UNIT.to_owned()))?;
                let found = self.above(&name).map(|path| absolute(&path));
                found.or_else(|| argument(1).flatten())
            }
            "get_terragrunt_dir" => Some(absolute(&dir)),
            "get_original_terragrunt_dir" => Some(absolute(&self.unit.parent())),
            "get_repo_root" => Some(TOP.to_owned()),
            "get_path_to_repo_root" => {
                let up = dir.as_str().split('/').filter(|p| !p.is_empty()).count();
                Some(["../"].repeat(up).concat())
            }
            "get_path_from_repo_root" => Some(dir.as_str().to_owned()),
            "get_parent_terragrunt_dir" => self.parent(call).map(|dir| absolute(&dir)),
            "path_relative_to_include" => {
                let parent = self.parent(call)?;
                let below = dir.as_str().strip_prefix(parent.as_str())?;
                let below = below.trim_start_matches('/');
                Some(if below.is_empty() { "." } else { below }.to_owned())
            }
            "path_relative_from_include" => {
                let parent = self.parent(call)?;
                let below = dir.as_str().strip_prefix(parent.as_str())?;
                let up: Vec<&str> = below
                    .split('/')
                    .filter(|p| !p.is_empty())
                    .map(|_| "..")
                    .collect();
                Some(if up.is_empty() {
                    ".".to_owned()
                } else {
                    up.join("/")
                })
            }
            "dirname" => {
                let text = argument(0)??;
                let (dir, _) = text.trim_end_matches('/').rsplit_once('/')?;
                Some(dir.to_owned())
            }
            "basename" => {
                let text = argument(0)??;
                let (_, name) = text
                    .trim_end_matches('/')
                    .rsplit_once('/')
                    .unwrap_or(("", &text));
                (!name.contains(TOP.trim_start_matches('/'))).then(|| name.to_owned())
            }
            _ => None,
        }
    }

    /// The directory of the file that is included, as the path functions mean it.
    fn parent(&self, call: &FuncCall) -> Option<RepoPath> {
        if self.is_included() {
            return Some(self.file.path().parent());
        }
        let label = call.args.get(0).map(|e| self.text(e));
        let includes = self.includes();
        let include = match label {
            Some(label) => {
                let label = label?;
                includes.iter().find(|i| i.label == label)?
            }
            None => match includes.as_slice() {
                [] => return Some(self.current.parent()),
                [only] => only,
                _ => return None,
            },
        };
        include.file.as_ref().map(RepoPath::parent)
    }

    /// The nearest file of a name above the configuration's directory.
    fn above(&self, name: &str) -> Option<RepoPath> {
        let mut dir = self.current.parent();
        while !dir.as_str().is_empty() {
            dir = dir.parent();
            let path = dir.join(name)?;
            if self.estate.file(&path).is_some() {
                return Some(path);
            }
        }
        None
    }
}

impl Extra {
    fn add(&mut self, at: &At<'_>, block: &Block, beside: bool) {
        let file = |text: Option<String>| -> Option<RepoPath> {
            let text = text?;
            // A relative path starts where Terragrunt has copied the module to.
            (beside || text.starts_with(TOP))
                .then(|| at.path(&text))
                .flatten()
        };
        for name in ["required_var_files", "optional_var_files"] {
            let Some(attribute) = block.body.get_attribute(name) else {
                continue;
            };
            let Expression::Array(items) = &attribute.value else {
                self.open = true;
                continue;
            };
            for item in items {
                match file(at.text(item)) {
                    Some(path) if at.estate.file(&path).is_some() => self.var_files.push(path),
                    Some(_) if name == "optional_var_files" => {}
                    _ => self.open = true,
                }
            }
        }
        match block.body.get_attribute("arguments").map(|a| &a.value) {
            None => {}
            Some(Expression::Array(items)) => {
                let mut texts = items.iter().map(|item| at.text(item));
                while let Some(text) = texts.next() {
                    let Some(text) = text else {
                        self.open = true;
                        continue;
                    };
                    if let Some(path) = text.strip_prefix("-var-file=") {
                        match file(Some(path.to_owned())).filter(|p| at.estate.file(p).is_some()) {
                            Some(path) => self.var_files.push(path),
                            None => self.open = true,
                        }
                    } else if text == "-var" {
                        self.var(texts.next().flatten());
                    } else if let Some(pair) = text.strip_prefix("-var=") {
                        self.var(Some(pair.to_owned()));
                    } else if text == "-var-file" {
                        self.open = true;
                    }
                }
            }
            Some(_) => self.open = true,
        }
        match block.body.get_attribute("env_vars").map(|a| &a.value) {
            None => {}
            Some(Expression::Object(map)) => {
                for (key, _) in map {
                    match key_text(key) {
                        Some(key) => {
                            self.outside
                                .extend(key.strip_prefix("TF_VAR_").map(str::to_owned));
                        }
                        None => self.open = true,
                    }
                }
            }
            Some(_) => self.open = true,
        }
    }

    fn var(&mut self, pair: Option<String>) {
        match pair.as_deref().and_then(|p| p.split_once('=')) {
            Some((name, value)) if !value.contains(TOP) => {
                self.vars.insert(name.to_owned(), value.to_owned());
            }
            Some((name, _)) => {
                self.outside.insert(name.to_owned());
            }
            None => self.open = true,
        }
    }
}

fn key_text(key: &hcl_edit::expr::ObjectKey) -> Option<String> {
    match key {
        hcl_edit::expr::ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        hcl_edit::expr::ObjectKey::Expression(e) => e.as_str().map(str::to_owned),
    }
}

/// Whether a text holds the path to the repository's top, which no value may show.
pub(crate) fn is_absolute(text: &str) -> bool {
    text.contains(TOP)
}
