//! Which root module does a state belong to?
//!
//! A state that stands beside a root is that root's. For any other the path it was given under, the root's S3 backend
//! and the addresses in it are compared with the roots; only a unique best match counts. Paths and keys are looked up,
//! not compared one by one: with thousands of states and roots, a state is compared with the few roots that its
//! path names, and only one whose path names none with those that have its blocks.

use rustc_hash::FxHashMap;

use super::State;
use super::fit::{Code, Fits};
use crate::terraform::address::{Address, BlockAddress};
use crate::terraform::source::RepoPath;

/// The root of a state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RootChoice {
    /// This one.
    One(RepoPath),
    /// Any of these, with equal right.
    Several(Vec<RepoPath>),
    /// None of the repository's roots has its blocks.
    Unmatched,
}

impl RootChoice {
    /// The root, when there is one.
    #[must_use]
    pub fn root(&self) -> Option<&RepoPath> {
        match self {
            Self::One(root) => Some(root),
            _ => None,
        }
    }
}

/// What has to be known of a root to match states with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its directory.
    pub dir: RepoPath,
    /// `bucket` of its S3 backend, when it is literal.
    pub bucket: Option<String>,
    /// `key` of its S3 backend, when it is literal.
    pub key: Option<String>,
}

/// More roots with an equal hint than this are not compared one by one.
const FEW: usize = 4;

/// The roots by everything that a path may say of them.
pub(super) struct Chooser<'r> {
    roots: &'r [Root],
    by_dir: FxHashMap<&'r str, usize>,
    by_key: FxHashMap<&'r str, Vec<usize>>,
    /// `live-prod` for `live/prod`.
    by_joined: FxHashMap<String, Vec<usize>>,
    by_last: FxHashMap<&'r str, Vec<usize>>,
}

impl<'r> Chooser<'r> {
    pub(super) fn new(roots: &'r [Root]) -> Self {
        let mut chooser = Self {
            roots,
            by_dir: FxHashMap::default(),
            by_key: FxHashMap::default(),
            by_joined: FxHashMap::default(),
            by_last: FxHashMap::default(),
        };
        for (i, root) in roots.iter().enumerate() {
            chooser.by_dir.insert(root.dir.as_str(), i);
            if let Some(key) = &root.key {
                let key = key.trim_matches('/');
                chooser.by_key.entry(key).or_default().push(i);
            }
            let parts: Vec<&str> = root.dir.as_str().split('/').collect();
            if parts.len() > 1 {
                for glue in ["-", "_", ".", "__"] {
                    let joined = chooser.by_joined.entry(parts.join(glue)).or_default();
                    if joined.last() != Some(&i) {
                        joined.push(i);
                    }
                }
            }
            if let Some(last) = parts.last().filter(|last| !last.is_empty()) {
                chooser.by_last.entry(last).or_default().push(i);
            }
        }
        chooser
    }

    /// What can be told without comparing with many roots: `None` when that is not enough.
    pub(super) fn near(&self, state: &State, code: &impl Code) -> Option<RootChoice> {
        // A directory that only holds states is no root: then the state is matched like any other.
        if let Some(root) = &state.root
            && self.by_dir.contains_key(root.as_str())
        {
            return Some(RootChoice::One(root.clone()));
        }
        let blocks = one_of_each_block(state);
        for (_, roots) in self.hints(&state.name) {
            if roots.len() > FEW {
                return None;
            }
            // The path decides between roots that could be it at all, most of all between copies of one another.
            let mut likely = roots
                .into_iter()
                .filter(|i| super::fit::is_likely(&self.roots[*i].dir, &blocks, code));
            match (likely.next(), likely.next()) {
                (None, _) => {}
                (Some(i), None) => return Some(RootChoice::One(self.roots[i].dir.clone())),
                _ => return None,
            }
        }
        None
    }

    /// Compares with every root that has blocks of the state.
    pub(super) fn far<C: Code>(&self, state: &State, fits: &mut Fits<'_, C>) -> RootChoice {
        let blocks = blocks(state);
        let likely = fits.likely(&blocks);
        for (_, roots) in self.hints(&state.name) {
            let mut fitting = roots.into_iter().filter(|i| likely.contains_key(i));
            match (fitting.next(), fitting.next()) {
                (None, _) => {}
                (Some(i), None) => return RootChoice::One(self.roots[i].dir.clone()),
                _ => break,
            }
        }
        let best = fits.best(state, &likely);
        match best.as_slice() {
            [] => RootChoice::Unmatched,
            [one] => RootChoice::One(self.roots[*one].dir.clone()),
            several => {
                RootChoice::Several(several.iter().map(|i| self.roots[*i].dir.clone()).collect())
            }
        }
    }

    /// Which roots a state's path speaks for, the most telling first; equally telling ones together.
    fn hints(&self, name: &str) -> Vec<(usize, Vec<usize>)> {
        let name = name.replace('\\', "/");
        let mut weights: FxHashMap<usize, usize> = FxHashMap::default();
        let mut say = |roots: &[usize], weight: usize| {
            for root in roots {
                let known = weights.entry(*root).or_default();
                *known = weight.max(*known);
            }
        };
        let bucket = name
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'))
            .map(|(bucket, _)| bucket);
        for end in ends(&name) {
            let parts = end.matches('/').count() + 1;
            for root in self.by_key.get(end).map_or(&[][..], Vec::as_slice) {
                // A key without a directory (`terraform.tfstate`) is the name of any state.
                let own = bucket.is_some() && self.roots[*root].bucket.as_deref() == bucket;
                match (own, parts) {
                    (true, _) => say(&[*root], 20_000 + parts),
                    (false, 1) => say(&[*root], 2),
                    (false, _) => say(&[*root], 10_000 + parts),
                }
            }
        }
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", &name));
        // `live/prod/terraform.tfstate.d/dev/terraform.tfstate` stands where `live/prod/terraform.tfstate` would.
        let folder = folder
            .split_once("/terraform.tfstate.d/")
            .map_or(folder, |(before, _)| before);
        let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
        let with_stem = format!("{folder}/{stem}");
        // `states/live/prod-eu/terraform.tfstate`: the longest directory that ends the path is the most telling.
        for end in ends(folder).chain(ends(&with_stem)) {
            if let Some(root) = self.by_dir.get(end) {
                say(&[*root], 1_000 + end.matches('/').count());
            }
        }
        // `states/live-prod-eu.tfstate`
        for (dot, _) in file.match_indices('.') {
            let joined = self.by_joined.get(&file[..dot]);
            say(joined.map_or(&[][..], Vec::as_slice), 100);
        }
        // `states/prod-eu.tfstate`, `states/prod-eu/terraform.tfstate`
        let parent = folder.rsplit('/').next().unwrap_or("");
        for last in [stem, parent] {
            say(self.by_last.get(last).map_or(&[][..], Vec::as_slice), 1);
        }
        let mut groups: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        for (root, weight) in weights {
            groups.entry(weight).or_default().push(root);
        }
        let mut groups: Vec<(usize, Vec<usize>)> = groups.into_iter().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.0));
        for (_, roots) in &mut groups {
            roots.sort_unstable();
        }
        groups
    }
}

/// A path's ends of whole components, the longest first; none is empty.
fn ends(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(path)
        .chain(path.match_indices('/').map(|(slash, _)| &path[slash + 1..]))
        .filter(|end| !end.is_empty())
}

/// An instance of each block of a state.
fn one_of_each_block(state: &State) -> Vec<&Address> {
    let mut all: Vec<&Address> = state.resources.iter().map(|r| &r.address).collect();
    // A state's objects are in order but for the keys of modules.
    all.sort_by(|a, b| a.cmp_block(b));
    all.dedup_by(|a, b| a.cmp_block(b).is_eq());
    all
}

/// The blocks of a state, each once.
pub(super) fn blocks(state: &State) -> Vec<BlockAddress> {
    let mut blocks: Vec<BlockAddress> = state.resources.iter().map(|r| r.address.block()).collect();
    blocks.sort();
    blocks.dedup();
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    /// How the roots of a test fit its state.
    #[derive(Debug, Clone, Copy, Default)]
    struct Shape {
        present: usize,
        agreeing: usize,
        differing: usize,
    }

    /// Code in which each root has the first `present` of ten buckets, and knows some of their names.
    struct Shapes<'s>(&'s [(&'s str, Shape)]);

    fn address(number: usize) -> BlockAddress {
        format!("aws_s3_bucket.b{number}")
            .parse::<Address>()
            .unwrap()
            .block()
    }

    impl Code for Shapes<'_> {
        fn has(&self, root: &RepoPath, instance: &Address) -> bool {
            self.blocks(&instance.kind)
                .contains(&(root.clone(), instance.block()))
        }

        fn blocks(&self, _: &str) -> Vec<(RepoPath, BlockAddress)> {
            self.0
                .iter()
                .flat_map(|(dir, shape)| (0..shape.present).map(move |n| (path(dir), address(n))))
                .collect()
        }

        fn name(&self, root: &RepoPath, resource: &super::super::StateResource) -> Option<String> {
            let (_, shape) = self.0.iter().find(|(dir, _)| *dir == root.as_str())?;
            let number: usize = resource.address.name[1..].parse().unwrap();
            if number < shape.agreeing {
                resource.id.clone()
            } else {
                (number < shape.agreeing + shape.differing).then(|| "other".to_owned())
            }
        }
    }

    fn choice(name: &str, roots: &[(&str, Shape)]) -> RootChoice {
        keyed(name, roots, &[])
    }

    fn keyed(name: &str, shapes: &[(&str, Shape)], keys: &[(&str, &str)]) -> RootChoice {
        let roots: Vec<Root> = shapes
            .iter()
            .map(|(dir, _)| Root {
                key: keys
                    .iter()
                    .find(|(d, _)| d == dir)
                    .map(|(_, k)| (*k).to_owned()),
                bucket: Some("states".to_owned()),
                ..root(dir)
            })
            .collect();
        decide(&ten_buckets(name), &roots, &Shapes(shapes))
    }

    fn root(dir: &str) -> Root {
        Root {
            dir: path(dir),
            bucket: None,
            key: None,
        }
    }

    fn decide(state: &State, roots: &[Root], code: &impl Code) -> RootChoice {
        let chooser = Chooser::new(roots);
        chooser
            .near(state, code)
            .unwrap_or_else(|| chooser.far(state, &mut Fits::new(roots, code)))
    }

    /// A state of ten buckets.
    fn ten_buckets(name: &str) -> State {
        let buckets: Vec<String> = (0..10)
            .map(|n| format!(r#"{{"mode":"managed","type":"aws_s3_bucket","name":"b{n}","instances":[{{"attributes":{{"id":"bucket-{n}","bucket":"bucket-{n}"}}}}]}}"#))
            .collect();
        let json = format!(r#"{{"version":4,"resources":[{}]}}"#, buckets.join(","));
        State::read(name, json.as_bytes(), None).unwrap()
    }

    fn one(dir: &str) -> RootChoice {
        RootChoice::One(path(dir))
    }

    const GOOD: Shape = Shape {
        present: 10,
        agreeing: 0,
        differing: 0,
    };
    const NONE: Shape = Shape {
        present: 0,
        agreeing: 0,
        differing: 0,
    };

    #[test]
    fn the_best_set_of_addresses_wins_alone() {
        let less = Shape { present: 9, ..GOOD };
        assert_eq!(choice("x.tfstate", &[("a", less), ("b", GOOD)]), one("b"));
        assert_eq!(
            choice("x.tfstate", &[("a", GOOD), ("b", GOOD)]),
            RootChoice::Several(vec![path("a"), path("b")])
        );
        assert_eq!(choice("x.tfstate", &[("a", NONE)]), RootChoice::Unmatched);
        let unlike = Shape { present: 4, ..GOOD };
        assert_eq!(
            choice("x.tfstate", &[("a", unlike)]),
            RootChoice::Unmatched,
            "less than half is chance"
        );
        let half = Shape { present: 5, ..GOOD };
        assert_eq!(choice("x.tfstate", &[("a", half)]), one("a"));
    }

    #[test]
    fn names_in_code_decide_between_copies() {
        let wrong = Shape {
            differing: 1,
            ..GOOD
        };
        let right = Shape {
            agreeing: 1,
            ..GOOD
        };
        assert_eq!(choice("x", &[("a", wrong), ("b", GOOD)]), one("b"));
        assert_eq!(choice("x", &[("a", right), ("b", GOOD)]), one("a"));
    }

    #[test]
    fn the_path_decides_between_copies() {
        let roots = [("live/prod", GOOD), ("live/staging", GOOD), ("prod", GOOD)];
        for (name, root) in [
            ("states/live/prod/terraform.tfstate", "live/prod"),
            ("states/live/prod.tfstate", "live/prod"),
            ("live/staging/terraform.tfstate", "live/staging"),
            ("live-prod.tfstate", "live/prod"),
            ("s3://states/live_staging.json", "live/staging"),
            ("staging.tfstate", "live/staging"),
            ("C:\\states\\staging\\terraform.tfstate", "live/staging"),
            ("states/prod/terraform.tfstate", "prod"),
        ] {
            assert_eq!(choice(name, &roots), one(root), "{name}");
        }
        for name in ["states/notprod/terraform.tfstate", "terraform.tfstate", ""] {
            assert!(
                matches!(choice(name, &roots), RootChoice::Several(all) if all.len() == 3),
                "{name}"
            );
        }
        assert_eq!(
            choice("live/prod/x.tfstate", &[("live/prod", NONE), ("b", GOOD)]),
            one("b"),
            "a path alone does not prove anything"
        );
    }

    #[test]
    fn two_equal_hints_are_none() {
        let roots = [("a/prod", GOOD), ("b/prod", GOOD)];
        assert!(matches!(
            choice("prod.tfstate", &roots),
            RootChoice::Several(_)
        ));
    }

    #[test]
    fn the_backend_key_says_most() {
        let roots = [("live/prod", GOOD), ("live/staging", GOOD)];
        let keys = [("live/staging", "env/live/prod/terraform.tfstate")];
        assert_eq!(
            keyed("down/env/live/prod/terraform.tfstate", &roots, &keys),
            one("live/staging")
        );
        assert_eq!(
            keyed("xenv/live/prod/terraform.tfstate", &roots, &keys),
            one("live/prod"),
            "only whole path components end a path"
        );
    }

    #[test]
    fn the_bucket_tells_equal_keys_apart_and_a_bare_key_says_little() {
        let shapes = [("live/prod", GOOD), ("live/staging", GOOD)];
        let mut roots = [root("live/prod"), root("live/staging")];
        for (root, bucket) in roots.iter_mut().zip(["states-prod", "states-staging"]) {
            root.bucket = Some(bucket.to_owned());
            root.key = Some("app/terraform.tfstate".to_owned());
        }
        for (name, wanted) in [
            ("s3://states-prod/app/terraform.tfstate", "live/prod"),
            (
                "s3://states-staging/env:/eu/app/terraform.tfstate",
                "live/staging",
            ),
        ] {
            let found = decide(&ten_buckets(name), &roots, &Shapes(&shapes));
            assert_eq!(found, one(wanted), "{name}");
        }
        let keys = [("live/prod", "terraform.tfstate")];
        assert_eq!(
            keyed("down/live/staging/terraform.tfstate", &shapes, &keys),
            one("live/staging"),
            "every state has that name"
        );
        assert_eq!(
            keyed("down/terraform.tfstate", &shapes, &keys),
            one("live/prod")
        );
    }

    #[test]
    fn a_workspaces_folder_stands_where_the_state_would() {
        let roots = [("live/prod", GOOD), ("live/staging", GOOD)];
        assert_eq!(
            choice(
                "down/live/staging/terraform.tfstate.d/prod/terraform.tfstate",
                &roots
            ),
            one("live/staging")
        );
    }

    #[test]
    fn a_state_beside_its_root_is_taken_as_it_is() {
        let mut state = ten_buckets("x");
        state.root = Some(path("a"));
        let shapes = [("b", GOOD)];
        let both = [root("a"), root("b")];
        assert_eq!(decide(&state, &both, &Shapes(&shapes)), one("a"));
        assert_eq!(
            decide(&state, &both[1..], &Shapes(&shapes)),
            one("b"),
            "a directory without code is no root"
        );
        assert_eq!(one("a").root(), Some(&path("a")));
        assert_eq!(RootChoice::Unmatched.root(), None);
    }
}
