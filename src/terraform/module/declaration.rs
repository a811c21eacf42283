//! What one directory declares: resources, variables, locals, outputs, calls, with override files merged.

use std::collections::{BTreeMap, HashMap};

use hcl_edit::structure::{Attribute, Block, Structure};

use crate::terraform::source::{RepoPath, SourceFile};

/// A block as declared, with what override files say about it.
#[derive(Clone)]
pub(crate) struct Declared<'a> {
    /// The file.
    pub(crate) file: &'a SourceFile,
    /// The block.
    pub(crate) block: &'a Block,
    /// Blocks of override files with the same labels, in the order in which they are merged.
    pub(crate) overrides: Vec<(&'a SourceFile, &'a Block)>,
}

impl<'a> Declared<'a> {
    /// An argument, as the last file that gives it says.
    pub(crate) fn attribute(&self, name: &str) -> Option<(&'a SourceFile, &'a Attribute)> {
        self.layers().find_map(|(file, block)| {
            block
                .body
                .get_attribute(name)
                .map(|attribute| (file, attribute))
        })
    }

    /// The nested blocks of one type (`dynamic` ones of that type included): those of the last file that has any.
    pub(crate) fn nested(&self, name: &str) -> (&'a SourceFile, Vec<&'a Block>) {
        self.layers()
            .map(|(file, block)| (file, nested(block, name)))
            .find(|(_, blocks)| !blocks.is_empty())
            .unwrap_or((self.file, Vec::new()))
    }

    /// The block itself and its overrides, the one that counts most first.
    pub(crate) fn layers(&self) -> impl Iterator<Item = (&'a SourceFile, &'a Block)> {
        self.overrides
            .iter()
            .rev()
            .copied()
            .chain(std::iter::once((self.file, self.block)))
    }

    /// `resource.aws_s3_bucket.logs`: names it inside its module.
    pub(crate) fn header(&self) -> String {
        let mut text = self.block.ident.value().as_str().to_owned();
        for label in &self.block.labels {
            text.push('.');
            text.push_str(label.as_str());
        }
        text
    }
}

/// Nested blocks `name { … }` and `dynamic "name" { … }` in a body, in order.
pub(crate) fn nested<'b>(block: &'b Block, name: &str) -> Vec<&'b Block> {
    block
        .body
        .blocks()
        .filter(|b| {
            let ident = b.ident.value().as_str();
            ident == name
                || (ident == "dynamic" && b.labels.first().is_some_and(|l| l.as_str() == name))
        })
        .collect()
}

/// One directory of Terraform files.
pub(crate) struct Module<'a> {
    /// The directory.
    pub(crate) dir: RepoPath,
    /// Resources and data sources in order of the files.
    pub(crate) resources: Vec<Declared<'a>>,
    by_name: HashMap<(bool, &'a str, &'a str), usize>,
    /// `variable` blocks.
    pub(crate) variables: HashMap<&'a str, Declared<'a>>,
    /// Entries of `locals` blocks.
    pub(crate) locals: HashMap<&'a str, (&'a SourceFile, &'a Attribute)>,
    /// `output` blocks.
    pub(crate) outputs: BTreeMap<&'a str, Declared<'a>>,
    /// `module` blocks.
    pub(crate) calls: BTreeMap<&'a str, Declared<'a>>,
    /// `provider` blocks.
    pub(crate) providers: Vec<Declared<'a>>,
    /// `terraform` blocks.
    pub(crate) settings: Vec<(&'a SourceFile, &'a Block)>,
    /// `moved`, `import`, `removed` and `check` blocks.
    pub(crate) others: Vec<(&'a SourceFile, &'a Block)>,
}

impl<'a> Module<'a> {
    /// Reads the files of one directory. Files that do not parse are left out: the caller reports them.
    pub(crate) fn read(dir: RepoPath, files: &[&'a SourceFile]) -> Self {
        let mut module = Self {
            dir,
            resources: Vec::new(),
            by_name: HashMap::new(),
            variables: HashMap::new(),
            locals: HashMap::new(),
            outputs: BTreeMap::new(),
            calls: BTreeMap::new(),
            providers: Vec::new(),
            settings: Vec::new(),
            others: Vec::new(),
        };
        let (overriding, plain): (Vec<_>, Vec<_>) =
            files.iter().copied().partition(|f| is_override(f.path()));
        for file in plain {
            module.add(file, false);
        }
        for file in overriding {
            module.add(file, true);
        }
        module
    }

    /// A resource or data source.
    pub(crate) fn resource(&self, data: bool, kind: &str, name: &str) -> Option<&Declared<'a>> {
        self.by_name
            .get(&(data, kind, name))
            .and_then(|i| self.resources.get(*i))
    }

    /// The index of a resource or data source in [`Self::resources`].
    pub(crate) fn index_of(&self, data: bool, kind: &str, name: &str) -> Option<usize> {
        self.by_name.get(&(data, kind, name)).copied()
    }

    fn add(&mut self, file: &'a SourceFile, overriding: bool) {
        let Ok(body) = file.body() else {
            return;
        };
        for structure in body {
            let Structure::Block(block) = structure else {
                continue;
            };
            let label = |i: usize| {
                block
                    .labels
                    .get(i)
                    .map(hcl_edit::structure::BlockLabel::as_str)
            };
            match (block.ident.value().as_str(), label(0), label(1)) {
                (what @ ("resource" | "data"), Some(kind), Some(name)) => {
                    let key = (what == "data", kind, name);
                    match self.by_name.get(&key) {
                        Some(i) if overriding => self.resources[*i].overrides.push((file, block)),
                        // Terraform refuses a second block of that name; the first counts.
                        Some(_) => {}
                        None => {
                            self.by_name.insert(key, self.resources.len());
                            self.resources.push(declared(file, block));
                        }
                    }
                }
                ("variable", Some(name), _) => {
                    self.variables
                        .entry(name)
                        .and_modify(|d| d.overrides.extend(overriding.then_some((file, block))))
                        .or_insert_with(|| declared(file, block));
                }
                ("output", Some(name), _) => {
                    self.outputs
                        .entry(name)
                        .and_modify(|d| d.overrides.extend(overriding.then_some((file, block))))
                        .or_insert_with(|| declared(file, block));
                }
                ("module", Some(name), _) => {
                    self.calls
                        .entry(name)
                        .and_modify(|d| d.overrides.extend(overriding.then_some((file, block))))
                        .or_insert_with(|| declared(file, block));
                }
                ("locals", ..) => {
                    for attribute in block.body.attributes() {
                        let name = attribute.key.value().as_str();
                        if overriding || !self.locals.contains_key(name) {
                            self.locals.insert(name, (file, attribute));
                        }
                    }
                }
                ("provider", Some(name), _) => {
                    let alias = alias_of(block);
                    let same = self.providers.iter_mut().find(|p| {
                        overriding
                            && p.block.labels.first().is_some_and(|l| l.as_str() == name)
                            && alias_of(p.block) == alias
                    });
                    match same {
                        Some(provider) => provider.overrides.push((file, block)),
                        None => self.providers.push(declared(file, block)),
                    }
                }
                ("terraform", ..) => self.settings.push((file, block)),
                _ => self.others.push((file, block)),
            }
        }
    }
}

fn alias_of(block: &Block) -> Option<&str> {
    block
        .body
        .get_attribute("alias")
        .and_then(|a| a.value.as_str())
}

fn declared<'a>(file: &'a SourceFile, block: &'a Block) -> Declared<'a> {
    Declared {
        file,
        block,
        overrides: Vec::new(),
    }
}

/// `override.tf`, `x_override.tf` (and the `.tofu`, `.tf.json` forms).
fn is_override(path: &RepoPath) -> bool {
    let name = path.file_name();
    [".tf.json", ".tofu.json", ".tf", ".tofu"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}
