//! Which generation of a provider a root uses: lock file first, then constraints.

use std::sync::{Mutex, PoisonError};

use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::Block;
use rustc_hash::FxHashMap;

use super::Configuration;
use crate::terraform::registry::{Allowed, Version};
use crate::terraform::source::{RepoPath, SourceFile};

/// What the code says of a provider's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderVersion {
    /// The lock file's choice.
    Exact(String),
    /// The constraints of the root and of the modules it calls, all of which hold.
    Constraint(Vec<String>),
    /// Nothing is said.
    Unknown,
}

/// A range of major versions; both ends belong to it, `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MajorRange {
    /// The least.
    pub least: Option<u64>,
    /// The most.
    pub most: Option<u64>,
}

impl ProviderVersion {
    /// The major versions that are possible; `None` when nothing is known of either end or when nothing is left.
    #[must_use]
    pub fn major_range(&self) -> Option<MajorRange> {
        match self {
            Self::Unknown => None,
            Self::Exact(version) => {
                let major = numbers(version)?.first().copied()?;
                Some(MajorRange {
                    least: Some(major),
                    most: Some(major),
                })
            }
            Self::Constraint(constraints) => {
                let mut range = MajorRange {
                    least: None,
                    most: None,
                };
                for part in constraints.iter().flat_map(|c| c.split(',')) {
                    let (least, most) = bounds(part.trim());
                    range.least = range.least.max(least);
                    range.most = match (range.most, most) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
                let empty = matches!((range.least, range.most), (Some(l), Some(m)) if l > m);
                let open = range.least.is_none() && range.most.is_none();
                (!empty && !open).then_some(range)
            }
        }
    }

    /// The versions that are possible; `None` when nothing is known of them or when nothing is left.
    #[must_use]
    pub fn allowed(&self) -> Option<Allowed> {
        let allowed = match self {
            Self::Unknown => None,
            Self::Exact(version) => Version::read(version).map(Allowed::exactly),
            Self::Constraint(constraints) => constraints
                .iter()
                .try_fold(Allowed::ANY, |all, one| Some(all.and(Allowed::read(one)?))),
        };
        allowed.filter(|a| match (a.least, a.below) {
            (Some(least), Some(below)) => least < below,
            (least, below) => least.is_some() || below.is_some(),
        })
    }

    /// Whether every version that is possible is of this major version or a later one.
    #[must_use]
    pub fn at_least(&self, major: u64) -> bool {
        self.major_range()
            .and_then(|r| r.least)
            .is_some_and(|least| least >= major)
    }

    /// Whether every version that is possible is of an earlier major version.
    #[must_use]
    pub fn below(&self, major: u64) -> bool {
        self.major_range()
            .and_then(|r| r.most)
            .is_some_and(|most| most < major)
    }
}

/// The providers of one root, by name.
type OfRoot = Vec<(Box<str>, ProviderVersion)>;

/// What was worked out so far, by the root's node.
#[derive(Default)]
pub(crate) struct Versions(Mutex<FxHashMap<usize, OfRoot>>);

impl Versions {
    fn get(&self, root: usize, name: &str) -> Option<ProviderVersion> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_root = known.get(&root)?;
        let (_, version) = of_root.iter().find(|(of, _)| **of == *name)?;
        Some(version.clone())
    }

    fn keep(&self, root: usize, name: &str, version: &ProviderVersion) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_root = known.entry(root).or_default();
        of_root.push((name.into(), version.clone()));
    }
}

impl Configuration<'_> {
    /// The version of a provider (by its local name, `aws`) in a root.
    #[must_use]
    pub fn provider_version(&self, root: &RepoPath, name: &str) -> ProviderVersion {
        let Some(node) = self.tree.roots.get(root) else {
            return self.read_provider_version(root, name);
        };
        self.versions.get(*node, name).unwrap_or_else(|| {
            let version = self.read_provider_version(root, name);
            self.versions.keep(*node, name, &version);
            version
        })
    }

    fn read_provider_version(&self, root: &RepoPath, name: &str) -> ProviderVersion {
        let mut source = None;
        let mut constraints: Vec<String> = Vec::new();
        let mut add = |constraint: Option<String>| {
            if let Some(text) = constraint
                && !constraints.contains(&text)
            {
                constraints.push(text);
            }
        };
        let root_node = self.tree.roots.get(root).copied();
        let nodes = root_node.into_iter().flat_map(|r| self.tree.of_root(r));
        for i in nodes {
            let node = &self.tree.nodes[i];
            let module = self.module_of(i);
            for (_, block) in &module.settings {
                if let Some((from, version)) = required(block, name) {
                    if node.parent.is_none() || source.is_none() {
                        source = from.or(source);
                    }
                    add(version);
                }
            }
            for provider in &module.providers {
                if provider
                    .block
                    .labels
                    .first()
                    .is_some_and(|l| l.as_str() == name)
                {
                    add(provider
                        .attribute("version")
                        .and_then(|(_, a)| a.value.as_str().map(str::to_owned)));
                }
            }
        }
        let source = source.unwrap_or_else(|| format!("hashicorp/{name}"));
        let locked = [self.home_of(root), self.code_of(root)]
            .iter()
            .filter_map(|dir| self.estate.file(&dir.join(".terraform.lock.hcl")?))
            .find_map(|file| locked(file, &source));
        match locked {
            Some(version) => ProviderVersion::Exact(version),
            None if constraints.is_empty() => ProviderVersion::Unknown,
            None => ProviderVersion::Constraint(constraints),
        }
    }
}

/// Source and version of a provider in `required_providers`.
fn required(settings: &Block, name: &str) -> Option<(Option<String>, Option<String>)> {
    let providers = settings.body.get_blocks("required_providers").next()?;
    match &providers.body.get_attribute(name)?.value {
        Expression::String(version) => Some((None, Some(version.value().clone()))),
        Expression::Object(object) => {
            let field = |wanted: &str| {
                object.iter().find_map(|(key, value)| {
                    let same = match key {
                        ObjectKey::Ident(key) => key.value().as_str() == wanted,
                        ObjectKey::Expression(Expression::String(key)) => key.value() == wanted,
                        ObjectKey::Expression(_) => false,
                    };
                    same.then(|| value.expr().as_str().map(str::to_owned))
                        .flatten()
                })
            };
            Some((field("source"), field("version")))
        }
        _ => None,
    }
}

/// The version that a lock file has for a provider.
fn locked(file: &SourceFile, source: &str) -> Option<String> {
    let wanted = source.to_ascii_lowercase();
    file.body().ok()?.get_blocks("provider").find_map(|block| {
        let name = block.labels.first()?.as_str().to_ascii_lowercase();
        let same = name == wanted || name.ends_with(&format!("/{wanted}"));
        let version = block.body.get_attribute("version")?.value.as_str()?;
        same.then(|| version.to_owned())
    })
}

/// The numbers of `1.2.3`; what follows a `-` or `+` does not count.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let plain = version.trim().trim_start_matches('v');
    let plain = plain.split(['-', '+']).next()?;
    plain.split('.').map(|n| n.trim().parse().ok()).collect()
}

/// The least and the most major version that one constraint allows.
fn bounds(constraint: &str) -> (Option<u64>, Option<u64>) {
    let digits = constraint
        .find(|c: char| c.is_ascii_digit() || c == 'v')
        .unwrap_or(constraint.len());
    let (operator, version) = constraint.split_at(digits);
    let Some(version) = numbers(version) else {
        return (None, None);
    };
    let Some(major) = version.first().copied() else {
        return (None, None);
    };
    let rest_is_zero = version[1..].iter().all(|n| *n == 0);
    match operator.trim() {
        "" | "=" => (Some(major), Some(major)),
        ">=" | ">" => (Some(major), None),
        // `~> 5` lets the only number it names rise.
        "~>" if version.len() == 1 => (Some(major), None),
        "~>" => (Some(major), Some(major)),
        "<" if rest_is_zero => (None, Some(major.saturating_sub(1))),
        "<" | "<=" => (None, Some(major)),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(constraints: &[&str]) -> Option<(Option<u64>, Option<u64>)> {
        ProviderVersion::Constraint(constraints.iter().map(|c| (*c).to_owned()).collect())
            .major_range()
            .map(|r| (r.least, r.most))
    }

    #[test]
    fn constraints_give_major_versions() {
        assert_eq!(range(&["~> 5.0"]), Some((Some(5), Some(5))));
        assert_eq!(range(&["~> 5"]), Some((Some(5), None)));
        assert_eq!(range(&[">= 3.0, < 5.0.0"]), Some((Some(3), Some(4))));
        assert_eq!(range(&[">= 3.0", "< 4.9"]), Some((Some(3), Some(4))));
        assert_eq!(range(&["< 4.9"]), Some((None, Some(4))));
        assert_eq!(range(&["4.67.0"]), Some((Some(4), Some(4))));
        assert_eq!(range(&["= 4.67.0"]), Some((Some(4), Some(4))));
        assert_eq!(range(&["> 3.74, != 4.0.0"]), Some((Some(3), None)));
        assert_eq!(range(&["<= 3.75"]), Some((None, Some(3))));
        assert_eq!(range(&["~> 3.0", "~> 5.0"]), None);
        assert_eq!(range(&["nonsense"]), None);
    }

    #[test]
    fn a_generation_is_proved_only_by_both_ends() {
        let at = |c: &str| ProviderVersion::Constraint(vec![c.to_owned()]);
        assert!(at(">= 4.0").at_least(4));
        assert!(!at(">= 3.0").at_least(4));
        assert!(!at(">= 3.0").below(4));
        assert!(at("~> 3.0").below(4));
        assert!(!ProviderVersion::Unknown.below(4));
        assert!(ProviderVersion::Exact("5.31.0".into()).at_least(5));
        assert!(!ProviderVersion::Exact("5.31.0".into()).at_least(6));
    }
}
