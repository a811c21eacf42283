//! Which root module does a state belong to?
//!
//! A state that stands beside a root is that root's. For any other the path it was given under, the root's S3 backend
//! key and the addresses in it are compared with the roots; only a unique best match counts.

use crate::terraform::address::BlockAddress;
use crate::terraform::source::RepoPath;

use super::State;

/// The root of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
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
pub(super) struct Root<'r> {
    /// Its directory.
    pub(super) dir: &'r RepoPath,
    /// `key` of its S3 backend, when it is literal.
    pub(super) backend_key: Option<String>,
}

/// How a state's addresses fit a root.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fit {
    /// Blocks of the state that the root has.
    pub(super) present: usize,
    /// Blocks of the state that the root does not have (those inside of modules only when the root has none of them).
    pub(super) missing: usize,
    /// Objects whose name in the state is the one in code.
    pub(super) agreeing: usize,
    /// Objects whose name in the state is another than in code.
    pub(super) differing: usize,
}

impl Fit {
    /// At least half of the state is the root's.
    fn is_likely(self) -> bool {
        self.present > 0 && self.present >= self.missing
    }

    fn rank(self) -> (usize, usize, usize) {
        (self.present, usize::MAX - self.differing, self.agreeing)
    }
}

/// Chooses; `fit` compares the state's blocks with one root.
pub(super) fn choose(
    state: &State,
    roots: &[Root<'_>],
    fit: impl Fn(&RepoPath) -> Fit,
) -> RootChoice {
    if let Some(root) = &state.root {
        return RootChoice::One(root.clone());
    }
    let fits: Vec<(&Root<'_>, Fit)> = roots
        .iter()
        .map(|root| (root, fit(root.dir)))
        .filter(|(_, fit)| fit.is_likely())
        .collect();
    // The path decides between roots that could be it at all, most of all between copies of one another.
    let hints: Vec<(u32, &Root<'_>)> = fits
        .iter()
        .map(|(root, _)| (hint(&state.name, root), *root))
        .filter(|(hint, _)| *hint > 0)
        .collect();
    if let Some(best) = hints.iter().map(|(hint, _)| *hint).max() {
        let mut winners = hints.iter().filter(|(hint, _)| *hint == best);
        if let (Some((_, root)), None) = (winners.next(), winners.next()) {
            return RootChoice::One(root.dir.clone());
        }
    }
    let Some(best) = fits.iter().map(|(_, fit)| fit.rank()).max() else {
        return RootChoice::Unmatched;
    };
    let mut winners: Vec<RepoPath> = fits
        .iter()
        .filter(|(_, fit)| fit.rank() == best)
        .map(|(root, _)| root.dir.clone())
        .collect();
    match winners.len() {
        1 => RootChoice::One(winners.remove(0)),
        _ => RootChoice::Several(winners),
    }
}

/// How much the state's path speaks for a root; 0 = nothing.
fn hint(name: &str, root: &Root<'_>) -> u32 {
    let name = name.replace('\\', "/");
    if root
        .backend_key
        .as_deref()
        .is_some_and(|key| ends_with_path(&name, key))
    {
        return 10_000;
    }
    let dir: Vec<&str> = root
        .dir
        .as_str()
        .split('/')
        .filter(|p| !p.is_empty())
        .collect();
    let Some(last) = dir.last() else {
        return 0;
    };
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", &name));
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    // `states/live/prod-eu/terraform.tfstate`: the longest directory that ends the path is the most telling.
    let length = u32::try_from(dir.len()).unwrap_or(u32::MAX);
    if ends_with_path(folder, root.dir.as_str())
        || ends_with_path(&format!("{folder}/{stem}"), root.dir.as_str())
    {
        return 1_000_u32.saturating_add(length);
    }
    // `states/live-prod-eu.tfstate`
    if dir.len() > 1
        && ["-", "_", ".", "__"]
            .iter()
            .any(|glue| file.starts_with(&format!("{}.", dir.join(glue))))
    {
        return 100;
    }
    // `states/prod-eu.tfstate`, `states/prod-eu/terraform.tfstate`
    let parent = folder.rsplit('/').next().unwrap_or("");
    u32::from(stem == *last || parent == *last)
}

fn ends_with_path(path: &str, end: &str) -> bool {
    let end = end.trim_matches('/');
    !end.is_empty()
        && path
            .strip_suffix(end)
            .is_some_and(|before| before.is_empty() || before.ends_with('/'))
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

    fn choice(name: &str, roots: &[(&str, Fit)]) -> RootChoice {
        keyed(name, roots, &[])
    }

    fn keyed(name: &str, roots: &[(&str, Fit)], keys: &[(&str, &str)]) -> RootChoice {
        let dirs: Vec<RepoPath> = roots.iter().map(|(dir, _)| path(dir)).collect();
        let given: Vec<Root<'_>> = dirs
            .iter()
            .map(|dir| Root {
                dir,
                backend_key: keys
                    .iter()
                    .find(|(d, _)| *d == dir.as_str())
                    .map(|(_, k)| (*k).to_owned()),
            })
            .collect();
        let state = State::read(name, b"", None).unwrap();
        choose(&state, &given, |dir| {
            roots
                .iter()
                .find(|(d, _)| *d == dir.as_str())
                .map(|(_, fit)| *fit)
                .unwrap()
        })
    }

    fn one(dir: &str) -> RootChoice {
        RootChoice::One(path(dir))
    }

    const GOOD: Fit = Fit {
        present: 10,
        missing: 0,
        agreeing: 0,
        differing: 0,
    };
    const NONE: Fit = Fit {
        present: 0,
        missing: 10,
        agreeing: 0,
        differing: 0,
    };

    #[test]
    fn the_best_set_of_addresses_wins_alone() {
        let less = Fit {
            present: 9,
            missing: 1,
            ..GOOD
        };
        assert_eq!(choice("x.tfstate", &[("a", less), ("b", GOOD)]), one("b"));
        assert_eq!(
            choice("x.tfstate", &[("a", GOOD), ("b", GOOD)]),
            RootChoice::Several(vec![path("a"), path("b")])
        );
        assert_eq!(choice("x.tfstate", &[("a", NONE)]), RootChoice::Unmatched);
        let unlike = Fit {
            present: 4,
            missing: 6,
            ..GOOD
        };
        assert_eq!(
            choice("x.tfstate", &[("a", unlike)]),
            RootChoice::Unmatched,
            "less than half is chance"
        );
        let half = Fit {
            present: 5,
            missing: 5,
            ..GOOD
        };
        assert_eq!(choice("x.tfstate", &[("a", half)]), one("a"));
    }

    #[test]
    fn names_in_code_decide_between_copies() {
        let wrong = Fit {
            differing: 1,
            ..GOOD
        };
        let right = Fit {
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
    fn a_state_beside_its_root_is_taken_as_it_is() {
        let state = State::read("x", b"", Some(path("a"))).unwrap();
        assert_eq!(choose(&state, &[], |_| NONE), one("a"));
        assert_eq!(one("a").root(), Some(&path("a")));
        assert_eq!(RootChoice::Unmatched.root(), None);
    }
}
