//! Which resources a place in the code can have to do with, told by the names in the text alone.
//!
//! To say which instances a place decides, their attributes are evaluated. In a large root that is most of a fix's
//! time, and nearly all of them cannot have to do with the place: nothing on the way to them mentions it. The names
//! are followed without evaluating anything: too many resources cost time, too few would break invariant 4, so
//! whatever cannot be followed by name means all of them.

use std::collections::{HashSet, VecDeque};

use memchr::memmem::Finder;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Child, Configuration, Resource, tfvars};
use crate::terraform::source::{SourceFile, Span};
use crate::terraform::value::Origin;

/// A resource of a module: the numbers of both.
pub(super) type Reached = FxHashSet<(usize, usize)>;

/// Something that has a name in a module.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Named<'t> {
    module: usize,
    /// `var`, `local`, `module`, or the type of a resource.
    before: &'t str,
    name: &'t str,
}

/// What of a block is concerned.
enum Part<'p, 't> {
    /// What stands in this range.
    Place(&'p Span),
    /// What mentions this name.
    Mention(&'p Named<'t>),
}

/// The names that are still to be followed, and what was found.
#[derive(Default)]
struct Search<'t> {
    waiting: VecDeque<Named<'t>>,
    seen: FxHashSet<Named<'t>>,
    reached: Reached,
    /// The nodes of the roots that are searched, by module: values stay in their root.
    nodes: FxHashMap<usize, Vec<usize>>,
}

impl<'t> Search<'t> {
    fn follow(&mut self, module: usize, before: &'t str, name: &'t str) {
        let named = Named {
            module,
            before,
            name,
        };
        if self.seen.insert(named.clone()) {
            self.waiting.push_back(named);
        }
    }

    fn nodes_of(&self, module: usize) -> &[usize] {
        self.nodes.get(&module).map_or(&[], Vec::as_slice)
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
        search.follow(module, resource.kind, resource.name);
        for origin in by_name {
            self.begin_at(&mut search, origin)?;
        }
        self.follow_all(&mut search)?;
        let told = search.seen.iter().filter(|named| named.before == "var");
        Some(told.map(|named| named.module).collect())
    }

    /// What is concerned by a place, without what follows from it.
    fn begin_at(&self, search: &mut Search<'a>, origin: &Origin) -> Option<()> {
        let file: &'a SourceFile = self.estate.file(&origin.file)?;
        let outline = file.contents().outline().ok()?;
        if !outline.is_sound() {
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
                    search.follow(self.tree.nodes[root].module, "var", name);
                }
            }
        } else if super::discover::is_code(&origin.file) {
            let module = self.module_index(&origin.file.parent())?;
            for (number, _) in file.block_names().filter(|(number, _)| at(*number)) {
                let part = Part::Place(&origin.span);
                self.concern(search, module, file, number, &part)?;
            }
        } else {
            return None;
        }
        Some(())
    }

    /// Follows every name that waits, and those that come of it.
    fn follow_all(&self, search: &mut Search<'a>) -> Option<()> {
        while let Some(named) = search.waiting.pop_front() {
            let finder = Finder::new(named.name);
            let module = self.modules.get(named.module);
            let words = module.words();
            if words.unsound {
                return None;
            }
            let mut look = |file: &'a SourceFile, number: usize| -> Option<()> {
                let (start, end) = file.contents().outline().ok()?.items()[number].place();
                if mentions(file.slice(start as usize..end as usize), &named, &finder) {
                    let part = Part::Mention(&named);
                    self.concern(search, named.module, file, number, &part)?;
                }
                Some(())
            };
            if named.name.is_empty() {
                for file in &module.files {
                    for (number, _) in file.block_names() {
                        look(file, number)?;
                    }
                }
                continue;
            }
            for (file, number) in words.mentioning(named.name) {
                look(module.files[file], number)?;
            }
            for file in words.unread.iter().map(|number| module.files[*number]) {
                for (number, _) in file.block_names() {
                    look(file, number)?;
                }
            }
        }
        Some(())
    }

    /// Notes what a concerned block makes concerned.
    fn concern(
        &self,
        search: &mut Search<'a>,
        module: usize,
        file: &'a SourceFile,
        number: usize,
        part: &Part<'_, 'a>,
    ) -> Option<()> {
        let what = file.item_name(number);
        let first = file.label(number, 0).unwrap_or("");
        match what {
            "resource" | "data" => {
                let second = file.label(number, 1).unwrap_or("");
                let of = self.modules.get(module);
                if let Some(index) = of.index_of(what == "data", first, second) {
                    search.reached.insert((module, index));
                }
                search.follow(module, first, second);
            }
            "variable" => search.follow(module, "var", first),
            "output" => {
                for number in 0..search.nodes_of(module).len() {
                    let node = search.nodes_of(module)[number];
                    let Some((parent, label)) = &self.tree.nodes[node].parent else {
                        continue;
                    };
                    let parent = self.tree.nodes[*parent].module;
                    let calls = &self.modules.get(parent).calls;
                    if let Some((call, _)) = calls.get_key_value(label.as_str()) {
                        search.follow(parent, "module", call);
                    }
                }
            }
            "locals" => {
                for name in self.parts(file, number, part)? {
                    search.follow(module, "local", name);
                }
            }
            "module" => {
                for argument in self.parts(file, number, part)? {
                    self.concern_call(search, module, first, argument);
                }
            }
            // Nothing is decided by these.
            _ => {}
        }
        Some(())
    }

    /// What an argument of a call makes concerned.
    fn concern_call(
        &self,
        search: &mut Search<'a>,
        module: usize,
        call: &'a str,
        argument: &'a str,
    ) {
        let repeats = matches!(argument, "count" | "for_each");
        if repeats {
            search.follow(module, "module", call);
        }
        // The same call leads to the same module nearly everywhere.
        let mut followed = None;
        for number in 0..search.nodes_of(module).len() {
            let node = search.nodes_of(module)[number];
            let Some(Child::Node(child)) = self.tree.nodes[node].children.get(call) else {
                continue;
            };
            if !repeats {
                let target = self.tree.nodes[*child].module;
                if followed.replace(target) != Some(target) {
                    search.follow(target, "var", argument);
                }
                continue;
            }
            // Which instances there are decides everything below.
            let mut below = vec![*child];
            while let Some(node) = below.pop() {
                let node = &self.tree.nodes[node];
                let resources = self.modules.get(node.module).resources.len();
                search
                    .reached
                    .extend((0..resources).map(|i| (node.module, i)));
                below.extend(node.children.values().filter_map(|child| match child {
                    Child::Node(child) => Some(*child),
                    _ => None,
                }));
            }
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
            let span = attribute.span()?;
            let is_it = match part {
                Part::Place(place) => span.start < place.end && place.start < span.end,
                Part::Mention(named) => mentions(file.slice(span), named, &Finder::new(named.name)),
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
    let named = Named {
        module: 0,
        before,
        name,
    };
    mentions(text, &named, &Finder::new(name))
}

/// Whether a text has `before.name` in it; `finder` looks for the name.
fn mentions(text: &str, named: &Named<'_>, finder: &Finder<'_>) -> bool {
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
        let named = |before, name| Named {
            module: 0,
            before,
            name,
        };
        let mentions =
            |text: &str, named: &Named<'_>| super::mentions(text, named, &Finder::new(named.name));
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
            assert!(mentions(text, &x), "{text}");
        }
        for text in [
            "x", "var.xy", "var.x-y", "local.x", "my_var.x", "a.var_x", "var",
        ] {
            assert!(!mentions(text, &x), "{text}");
        }
        let table = named("aws_dynamodb_table", "t");
        assert!(mentions("data.aws_dynamodb_table.t.arn", &table));
        assert!(!mentions("x_aws_dynamodb_table.t.arn", &table));
    }
}
