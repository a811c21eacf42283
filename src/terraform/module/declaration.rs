//! What one directory declares: resources, variables, locals, outputs, calls, with override files merged.
//!
//! A module is made of the outlines of its files, and nothing is parsed for it: the tree of a block is made when
//! somebody looks at it.

use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::OnceLock;

use hcl_edit::structure::{Attribute, Block};
use rustc_hash::FxHashMap;

use super::words::Words;
use crate::terraform::source::{RepoPath, SourceFile, StatePlace};

/// A top-level block whose tree is made on first use.
#[derive(Clone, Copy)]
pub(crate) struct Lazy<'a> {
    file: &'a SourceFile,
    /// Of the file's outline.
    item: u32,
    /// Whether it is a data source.
    data: bool,
}

impl<'a> Lazy<'a> {
    /// The block.
    pub(crate) fn get(self) -> &'a Block {
        // An item that is a block in the outline of a file is one in its tree: the outline's tests hold them together.
        self.file.block(self.number()).unwrap_or_else(|| nothing())
    }

    /// Its number in the file's outline.
    pub(super) fn number(self) -> usize {
        self.item as usize
    }

    /// A label, without the tree.
    fn label(self, number: usize) -> Option<&'a str> {
        self.file.label(self.number(), number)
    }
}

impl Deref for Lazy<'_> {
    type Target = Block;

    fn deref(&self) -> &Block {
        self.get()
    }
}

/// A block that says nothing.
fn nothing() -> &'static Block {
    static NOTHING: std::sync::LazyLock<Block> =
        std::sync::LazyLock::new(|| Block::new(hcl_edit::Ident::new("unread")));
    tracing::error!("a block of an outline is not in the file's tree");
    &NOTHING
}

/// A block as declared, with what override files say about it.
#[derive(Clone)]
pub(crate) struct Declared<'a> {
    /// The file.
    pub(crate) file: &'a SourceFile,
    /// The block.
    pub(crate) block: Lazy<'a>,
    /// Blocks of override files with the same labels, in the order in which they are merged.
    pub(crate) overrides: Vec<(&'a SourceFile, &'a Block)>,
    labels: (&'a str, &'a str),
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
            .chain(std::iter::once((self.file, self.block.get())))
    }

    /// The labels of a resource: its type and its name.
    pub(crate) fn labels(&self) -> (&'a str, &'a str) {
        self.labels
    }

    /// Whether it is a data source.
    pub(crate) fn is_data(&self) -> bool {
        self.block.data
    }

    /// `source` of a module call, where it is plain text.
    pub(crate) fn source(&self) -> Option<&'a str> {
        self.file.item_source(self.block.number())
    }

    /// `resource.aws_s3_bucket.logs`: names it inside its module.
    pub(crate) fn header(&self) -> String {
        let mut text = self.file.item_name(self.block.number()).to_owned();
        for label in (0..2).filter_map(|i| self.block.label(i)) {
            text.push('.');
            text.push_str(label);
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

/// Blocks of one sort, in the order of the files.
#[derive(Clone, Default)]
pub(crate) struct Blocks<'a>(Vec<Lazy<'a>>);

impl<'a> Blocks<'a> {
    /// Each with the file it stands in.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a SourceFile, &'a Block)> {
        self.0.iter().map(|block| (block.file, block.get()))
    }

    /// Where the first `backend "s3"` of these `terraform` blocks keeps the state; nothing is parsed that was noted.
    pub(crate) fn state_place(&self) -> Option<StatePlace> {
        self.0
            .iter()
            .find_map(|block| block.file.state_place(block.number()))
    }

    /// Whether there is one of this name; nothing is parsed.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|block| block.file.item_name(block.number()) == name)
    }

    /// As [`Blocks::iter`], those alone that have this name: the others are not parsed.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = (&'a SourceFile, &'a Block)> {
        self.0
            .iter()
            .filter(move |block| block.file.item_name(block.number()) == name)
            .map(|block| (block.file, block.get()))
    }
}

impl<'a> IntoIterator for &Blocks<'a> {
    type Item = (&'a SourceFile, &'a Block);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}

/// The entries of `locals` blocks.
#[derive(Default)]
pub(crate) struct Locals<'a> {
    /// With whether they stand in an override file.
    blocks: Vec<(Lazy<'a>, bool)>,
    /// Block and attribute by name, worked out on first use.
    by_name: std::sync::OnceLock<HashMap<Box<str>, (usize, usize)>>,
}

impl<'a> Locals<'a> {
    /// An entry, as the last file that gives it says.
    pub(crate) fn get(&self, name: &str) -> Option<(&'a SourceFile, &'a Attribute)> {
        let (block, attribute) = *self.by_name.get_or_init(|| self.index()).get(name)?;
        let (block, _) = self.blocks.get(block)?;
        let attribute = block.get().body.iter().nth(attribute)?.as_attribute()?;
        Some((block.file, attribute))
    }

    fn index(&self) -> HashMap<Box<str>, (usize, usize)> {
        let mut found: HashMap<Box<str>, (usize, usize)> = HashMap::new();
        for (b, (block, overriding)) in self.blocks.iter().enumerate() {
            for (a, structure) in block.get().body.iter().enumerate() {
                let Some(attribute) = structure.as_attribute() else {
                    continue;
                };
                let name = attribute.key.value().as_str();
                if *overriding || !found.contains_key(name) {
                    found.insert(name.into(), (b, a));
                }
            }
        }
        found
    }
}

/// One directory of Terraform files.
pub(crate) struct Module<'a> {
    /// The directory.
    pub(crate) dir: RepoPath,
    /// The files that are read.
    pub(super) files: Vec<&'a SourceFile>,
    words: OnceLock<Words>,
    /// Resources and data sources in order of the files.
    pub(crate) resources: Vec<Declared<'a>>,
    by_name: FxHashMap<(bool, &'a str, &'a str), usize>,
    /// `variable` blocks.
    pub(crate) variables: FxHashMap<&'a str, Declared<'a>>,
    /// Entries of `locals` blocks.
    pub(crate) locals: Locals<'a>,
    /// `output` blocks.
    pub(crate) outputs: BTreeMap<&'a str, Declared<'a>>,
    /// `module` blocks.
    pub(crate) calls: BTreeMap<&'a str, Declared<'a>>,
    /// `provider` blocks.
    pub(crate) providers: Vec<Declared<'a>>,
    /// `terraform` blocks.
    pub(crate) settings: Blocks<'a>,
    /// `moved`, `import`, `removed` and `check` blocks.
    pub(crate) others: Blocks<'a>,
    /// Whether a `terraform` block says where the state is kept.
    pub(crate) has_backend: bool,
}

impl<'a> Module<'a> {
    /// Reads the files of one directory. Files that do not parse are left out: the caller reports them.
    pub(crate) fn read(dir: RepoPath, files: &[&'a SourceFile]) -> Self {
        let mut module = Self {
            dir,
            files: files.to_vec(),
            words: OnceLock::new(),
            resources: Vec::new(),
            by_name: FxHashMap::default(),
            variables: FxHashMap::default(),
            locals: Locals::default(),
            outputs: BTreeMap::new(),
            calls: BTreeMap::new(),
            providers: Vec::new(),
            settings: Blocks::default(),
            others: Blocks::default(),
            has_backend: false,
        };
        let blocks = files.iter().map(|f| f.block_count()).sum();
        module.resources.reserve(blocks);
        module.by_name.reserve(blocks);
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

    /// Where names are mentioned.
    pub(super) fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::of(&self.files))
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
        for (number, what, labels) in file.blocks_with_labels() {
            let block = Lazy {
                file,
                // No file of 8 MiB has more.
                item: u32::try_from(number).unwrap_or(u32::MAX),
                data: what == "data",
            };
            match (what, labels[0], labels[1]) {
                ("resource" | "data", Some(kind), Some(name)) => {
                    let key = (what == "data", kind, name);
                    match self.by_name.get(&key) {
                        Some(i) if overriding => {
                            self.resources[*i].overrides.push((file, block.get()));
                        }
                        // Terraform refuses a second block of that name; the first counts.
                        Some(_) => {}
                        None => {
                            self.by_name.insert(key, self.resources.len());
                            self.resources.push(declared(block, (kind, name)));
                        }
                    }
                }
                ("variable", Some(name), _) => {
                    self.variables
                        .entry(name)
                        .and_modify(|d| d.laid_over(overriding.then_some(block)))
                        .or_insert_with(|| declared(block, (name, "")));
                }
                ("output", Some(name), _) => {
                    self.outputs
                        .entry(name)
                        .and_modify(|d| d.laid_over(overriding.then_some(block)))
                        .or_insert_with(|| declared(block, (name, "")));
                }
                ("module", Some(name), _) => {
                    self.calls
                        .entry(name)
                        .and_modify(|d| d.laid_over(overriding.then_some(block)))
                        .or_insert_with(|| declared(block, (name, "")));
                }
                ("locals", ..) => self.locals.blocks.push((block, overriding)),
                ("provider", Some(name), _) => {
                    let same = self.providers.iter_mut().find(|p| {
                        overriding
                            && p.block.label(0) == Some(name)
                            && alias_of(&p.block) == alias_of(&block)
                    });
                    match same {
                        Some(provider) => provider.laid_over(Some(block)),
                        None => self.providers.push(declared(block, (name, ""))),
                    }
                }
                ("terraform", ..) => {
                    self.has_backend |= file.item_has_backend(number);
                    self.settings.0.push(block);
                }
                _ => self.others.0.push(block),
            }
        }
    }
}

impl<'a> Declared<'a> {
    fn laid_over(&mut self, block: Option<Lazy<'a>>) {
        self.overrides.extend(block.map(|b| (b.file, b.get())));
    }
}

fn alias_of(block: &Block) -> Option<&str> {
    block
        .body
        .get_attribute("alias")
        .and_then(|a| a.value.as_str())
}

fn declared<'a>(block: Lazy<'a>, labels: (&'a str, &'a str)) -> Declared<'a> {
    Declared {
        file: block.file,
        block,
        overrides: Vec::new(),
        labels,
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
