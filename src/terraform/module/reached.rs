//! Which resources a place in the code can have to do with, told by the names in the text alone.
//!
//! To say which instances a place decides, their attributes are evaluated. In a large root that is most of a fix's
//! time, and nearly all of them cannot have to do with the place: nothing on the way to them mentions it. The names
//! are followed without evaluating anything: too many resources cost time, too few would break invariant 4, so
//! whatever cannot be followed by name means all of them.

use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use memchr::memmem::Finder;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Child, Configuration, Resource, tfvars};
use crate::terraform::source::{SourceFile, Span};
use crate::terraform::value::Origin;

/// A resource at a place of the tree: the numbers of the node and of the resource in its module.
pub(super) type Reached = FxHashSet<(usize, usize)>;

/// What has a name in a module: `var`, `local`, `module` or the type of a resource, and the name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Named<'t> {
    before: &'t str,
    name: &'t str,
}

/// What of a block is concerned.
enum Part<'p, 't> {
    /// What stands in this range.
    Place(&'p Span),
    /// What mentions this name.
    Mention(Named<'t>),
}

/// What a concerned block makes concerned, in every node of its module alike.
#[derive(Clone, Copy)]
enum Effect<'t> {
    /// A resource, by its number.
    Resource(usize),
    /// What mentions this name.
    Name(Named<'t>),
    /// An output: what mentions the call.
    Output,
    /// An argument of a call: what mentions the variable below.
    Argument { call: &'t str, argument: &'t str },
    /// Which instances a call has: it, and everything below.
    Instances { call: &'t str },
}

/// The names that are still to be followed, and what was found.
#[derive(Default)]
struct Search<'t> {
    waiting: VecDeque<(usize, Named<'t>)>,
    seen: FxHashSet<(usize, Named<'t>)>,
    reached: Reached,
    /// The nodes of the roots that are searched, by module: values stay in their root.
    nodes: FxHashMap<usize, Vec<usize>>,
    /// What mentions a name, by module: a module that is called a hundred times is read once.
    mentions: FxHashMap<(usize, Named<'t>), Rc<[Effect<'t>]>>,
}

impl<'t> Search<'t> {
    fn follow(&mut self, node: usize, named: Named<'t>) {
        if self.seen.insert((node, named)) {
            self.waiting.push_back((node, named));
        }
    }
}

impl<'a> Configuration<'a> {
    /// The resources of these roots with attributes that may be decided at a place; `None` = it cannot be told, any of
    /// them.
    pub(super) fn reached(&self, origin: &Origin, roots: &[usize]) -> Option<Reached> {
        let mut search = self.search_in(roots.iter().copied());
        self.begin_at(&mut search, origin)?;
        self.follow_all(&mut search)?;
        Some(search.reached)
    }

    /// A search in these roots.
    fn search_in(&self, roots: impl Iterator<Item = usize>) -> Search<'a> {
        let mut search = Search::default();
        for node in roots.flat_map(|root| self.tree.of_root(root)) {
            let nodes = search.nodes.entry(self.tree.nodes[node].module);
            nodes.or_default().push(node);
        }
        search
    }

    /// The modules that are told something of a resource in an argument of their calls, by whatever way; `None` = it
    /// cannot be told. `by_name` are places whose text somebody else may use to name it.
    pub(super) fn modules_told_of(
        &self,
        module: usize,
        resource: &Resource<'a>,
        by_name: &[&Origin],
    ) -> Option<HashSet<usize>> {
        let mut search = self.search_in(self.tree.roots.values().copied());
        let named = Named {
            before: resource.kind,
            name: resource.name,
        };
        for node in search.nodes.get(&module).cloned().unwrap_or_default() {
            search.follow(node, named);
        }
        for origin in by_name {
            self.begin_at(&mut search, origin)?;
        }
        self.follow_all(&mut search)?;
        let told = search
            .seen
            .iter()
            .filter(|(_, named)| named.before == "var");
        Some(
            told.map(|(node, _)| self.tree.nodes[*node].module)
                .collect(),
        )
    }

    /// What is concerned by a place, without what follows from it.
    fn begin_at(&self, search: &mut Search<'a>, origin: &Origin) -> Option<()> {
        let file: &'a SourceFile = self.estate.file(&origin.file)?;
        let outline = file.contents().outline().ok()?;
        if !outline.is_placed() {
            return None;
        }
        let at = |number: usize| {
            outline.items().get(number).is_some_and(|item| {
                let (start, end) = item.place();
                (start as usize) < origin.span.end && origin.span.start < end as usize
            })
        };
        if tfvars::is_variable_file(&origin.file) {
            let names: Vec<&'a str> = (0..outline.items().len())
                .filter(|number| at(*number))
                .map(|number| file.item_name(number))
                .collect();
            for root in self.roots_with_variables_of(&origin.file) {
                for name in &names {
                    search.follow(
                        root,
                        Named {
                            before: "var",
                            name,
                        },
                    );
                }
            }
        } else if super::discover::is_code(&origin.file) {
            let module = self.module_index(&origin.file.parent())?;
            let mut effects = Vec::new();
            for (number, _) in file.block_names().filter(|(number, _)| at(*number)) {
                let part = Part::Place(&origin.span);
                self.concern(&mut effects, module, file, number, &part)?;
            }
            for node in search.nodes.get(&module).cloned().unwrap_or_default() {
                self.spread(search, node, &effects);
            }
        } else {
            return None;
        }
        Some(())
    }

    /// Follows every name that waits, and those that come of it.
    fn follow_all(&self, search: &mut Search<'a>) -> Option<()> {
        while let Some((node, named)) = search.waiting.pop_front() {
            let module = self.tree.nodes[node].module;
            let effects = match search.mentions.get(&(module, named)) {
                Some(known) => Rc::clone(known),
                None => {
                    let effects: Rc<[Effect<'a>]> = self.mentioning(module, named)?.into();
                    let kept = Rc::clone(&effects);
                    search.mentions.insert((module, named), kept);
                    effects
                }
            };
            self.spread(search, node, &effects);
        }
        Some(())
    }

    /// What the blocks of a module that mention a name make concerned.
    fn mentioning(&self, module: usize, named: Named<'a>) -> Option<Vec<Effect<'a>>> {
        let finder = Finder::new(named.name);
        let code = self.modules.get(module);
        let words = code.words();
        let mut effects = Vec::new();
        let mut look = |file: &'a SourceFile, number: usize| -> Option<()> {
            let outline = file.contents().outline().ok()?;
            let (start, end) = outline.items()[number].place();
            let text = match outline.is_placed() {
                true => file.slice(start as usize..end as usize),
                // JSON says nowhere which part is whose: what one block mentions, all of them may.
                false => file.text(),
            };
            if !outline.is_placed() && text.contains("\\u") {
                return None;
            }
            if mentions(text, named, &finder) {
                let part = Part::Mention(named);
                self.concern(&mut effects, module, file, number, &part)?;
            }
            Some(())
        };
        if named.name.is_empty() {
            for file in &code.files {
                for (number, _) in file.block_names() {
                    look(file, number)?;
                }
            }
            return Some(effects);
        }
        for (file, number) in words.mentioning(named.name) {
            look(code.files[file], number)?;
        }
        for file in words.unread.iter().map(|number| code.files[*number]) {
            for (number, _) in file.block_names() {
                look(file, number)?;
            }
        }
        Some(effects)
    }

    /// Notes what a concerned block makes concerned.
    fn concern(
        &self,
        effects: &mut Vec<Effect<'a>>,
        module: usize,
        file: &'a SourceFile,
        number: usize,
        part: &Part<'_, 'a>,
    ) -> Option<()> {
        let named = |before, name| Effect::Name(Named { before, name });
        let what = file.item_name(number);
        let first = file.label(number, 0).unwrap_or("");
        match what {
            "resource" | "data" => {
                let second = file.label(number, 1).unwrap_or("");
                let of = self.modules.get(module);
                if let Some(index) = of.index_of(what == "data", first, second) {
                    effects.push(Effect::Resource(index));
                }
                effects.push(named(first, second));
            }
            "variable" => effects.push(named("var", first)),
            "output" => effects.push(Effect::Output),
            "locals" => {
                for name in self.parts(file, number, part)? {
                    effects.push(named("local", name));
                }
            }
            "module" => {
                for argument in self.parts(file, number, part)? {
                    let call = first;
                    effects.push(match argument {
                        "count" | "for_each" => Effect::Instances { call },
                        _ => Effect::Argument { call, argument },
                    });
                }
            }
            // Nothing is decided by these.
            _ => {}
        }
        Some(())
    }

    /// Notes what is concerned in one node of the module.
    fn spread(&self, search: &mut Search<'a>, node: usize, effects: &[Effect<'a>]) {
        let at = &self.tree.nodes[node];
        for effect in effects {
            match *effect {
                Effect::Resource(index) => {
                    search.reached.insert((node, index));
                }
                Effect::Name(named) => search.follow(node, named),
                Effect::Output => {
                    let Some((parent, label)) = &at.parent else {
                        continue;
                    };
                    let calls = &self.module_of(*parent).calls;
                    if let Some((call, _)) = calls.get_key_value(label.as_str()) {
                        let before = "module";
                        search.follow(*parent, Named { before, name: call });
                    }
                }
                Effect::Argument { call, argument } => {
                    if let Some(Child::Node(child)) = at.children.get(call) {
                        let before = "var";
                        let name = argument;
                        search.follow(*child, Named { before, name });
                    }
                }
                Effect::Instances { call } => {
                    let before = "module";
                    search.follow(node, Named { before, name: call });
                    if let Some(Child::Node(child)) = at.children.get(call) {
                        self.spread_below(search, *child);
                    }
                }
            }
        }
    }

    /// Which instances there are of a node decides everything in it and below.
    fn spread_below(&self, search: &mut Search<'a>, node: usize) {
        let mut below = vec![node];
        while let Some(node) = below.pop() {
            let resources = self.module_of(node).resources.len();
            search.reached.extend((0..resources).map(|i| (node, i)));
            let children = self.tree.nodes[node].children.values();
            below.extend(children.filter_map(|child| match child {
                Child::Node(child) => Some(*child),
                _ => None,
            }));
        }
    }

    /// The names of a block's attributes that are concerned.
    fn parts(
        &self,
        file: &'a SourceFile,
        number: usize,
        part: &Part<'_, '_>,
    ) -> Option<Vec<&'a str>> {
        use hcl_edit::Span as _;
        let block = file.block(number)?;
        let mut found = Vec::new();
        for attribute in block.body.attributes() {
            let span = attribute.span().filter(|_| file.has_spans());
            let is_it = match (part, span) {
                (_, None) => true,
                (Part::Place(place), Some(span)) => {
                    span.start < place.end && place.start < span.end
                }
                (Part::Mention(named), Some(span)) => {
                    mentions(file.slice(span), *named, &Finder::new(named.name))
                }
            };
            if is_it {
                found.push(attribute.key.value().as_str());
            }
        }
        Some(found)
    }
}

/// Whether a text has `before.name` in it.
pub(super) fn names(text: &str, before: &str, name: &str) -> bool {
    mentions(text, Named { before, name }, &Finder::new(name))
}

/// Whether a text has `before.name` in it; `finder` looks for the name.
fn mentions(text: &str, named: Named<'_>, finder: &Finder<'_>) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if named.name.is_empty() {
        return true;
    }
    finder.find_iter(text.as_bytes()).any(|at| {
        if text[at + named.name.len()..].starts_with(goes_on) {
            return false;
        }
        let Some(before) = text[..at].trim_end().strip_suffix('.') else {
            return false;
        };
        before
            .trim_end()
            .strip_suffix(named.before)
            .is_some_and(|rest| !rest.ends_with(goes_on))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::terraform::value::OriginPlace;
    use crate::terraform::{Estate, RepoPath};

    /// The files below a directory.
    fn estate(top: &Path) -> Estate {
        let mut files = Vec::new();
        let mut waiting = vec![top.to_path_buf()];
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                waiting.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            } else {
                let below = path.strip_prefix(top).unwrap().to_str().unwrap();
                let name = RepoPath::new(below).unwrap();
                files.push(SourceFile::new(name, std::fs::read(&path).unwrap()));
            }
        }
        Estate::new(files)
    }

    fn estates() -> Vec<PathBuf> {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let below = |dir: &Path| -> Vec<PathBuf> {
            std::fs::read_dir(dir)
                .unwrap()
                .map(|e| e.unwrap().path())
                .collect()
        };
        let mut found = below(&data.join("estates"));
        for rule in below(&data.join("rules")) {
            found.extend(below(&rule));
        }
        found.retain(|path| path.is_dir());
        found.sort();
        found
    }

    #[test]
    fn following_names_finds_all_that_evaluating_everything_finds() {
        let (mut places, mut narrowed) = (0, 0);
        for top in estates() {
            let estate = estate(&top);
            let cfg = Configuration::new(&estate);
            let mut origins: BTreeSet<(RepoPath, usize, usize)> = BTreeSet::new();
            for root in cfg.tree.roots.values() {
                for (node, index) in cfg.places_of_root(*root) {
                    for (file, span) in cfg.recorded(node, index).places() {
                        origins.insert((file.clone(), span.start, span.end));
                    }
                }
            }
            for (file, start, end) in origins {
                let origin = Origin {
                    file,
                    span: start..end,
                    place: OriginPlace::Block,
                };
                let said = |found: Vec<super::super::Influenced<'_>>| -> Vec<String> {
                    found
                        .iter()
                        .map(|i| {
                            let root = &i.occurrence.root;
                            format!("{root} {} {:?} {}", i.address, i.path, i.decides)
                        })
                        .collect()
                };
                let all = said(cfg.decided_among(&origin, |_, _| None));
                assert_eq!(said(cfg.decided_here(&origin)), all, "{top:?} {origin:?}");
                places += 1;
                let roots: Vec<usize> = cfg.tree.roots.values().copied().collect();
                narrowed += usize::from(cfg.reached(&origin, &roots).is_some());
            }
        }
        assert!(
            places > 2_000 && narrowed * 10 > places * 9,
            "{narrowed} of {places}"
        );
    }

    #[test]
    fn a_name_is_mentioned_as_a_whole_behind_what_it_belongs_to() {
        let named = |before, name| Named { before, name };
        let mentions =
            |text: &str, named: Named<'_>| super::mentions(text, named, &Finder::new(named.name));
        let x = named("var", "x");
        for text in [
            "var.x",
            "f(var.x)",
            "${var.x}-y",
            "var.x.y",
            "[var.x]",
            "var .x",
            "var.x[0]",
        ] {
            assert!(mentions(text, x), "{text}");
        }
        for text in [
            "x", "var.xy", "var.x-y", "local.x", "my_var.x", "a.var_x", "var",
        ] {
            assert!(!mentions(text, x), "{text}");
        }
        let table = named("aws_dynamodb_table", "t");
        assert!(mentions("data.aws_dynamodb_table.t.arn", table));
        assert!(!mentions("x_aws_dynamodb_table.t.arn", table));
    }
}
