//! What else changes with an edit: every attribute that the place reaches, compared before and after.

use super::Affected;
use super::subject::Subject;
use crate::terraform::module::{Configuration, Held, Influenced};
use crate::terraform::value::{Kind, Origin};
use crate::terraform::{Address, Edit, RepoPath, Value};

/// An attribute of an instance that a place decides, or helps to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) root: RepoPath,
    pub(crate) address: Address,
    path: Vec<String>,
}

impl From<&Influenced<'_>> for Reached {
    fn from(influenced: &Influenced<'_>) -> Self {
        Self {
            root: influenced.occurrence.root.clone(),
            address: influenced.address.clone(),
            path: influenced.path.clone(),
        }
    }
}

impl Reached {
    /// Nested block types and the attribute's name; `["count"]` and `["for_each"]` say which instances there are.
    pub(crate) fn path(&self) -> &[String] {
        &self.path
    }

    /// Whether it is about which instances there are.
    pub(crate) fn is_existence(&self) -> bool {
        matches!(self.path.as_slice(), [only] if only == "count" || only == "for_each")
    }
}

/// The instances besides the subject that change, when every change is one that was needed there.
///
/// # Errors
/// The first change without a need, in words.
pub(crate) fn also_changed<'c>(
    subject: &Subject<'_, '_>,
    edited: &'c Configuration<'c>,
    reached: &[Reached],
    needed: impl Fn(&Subject<'_, '_>, &Subject<'c, 'c>, &[String]) -> bool,
) -> Result<Vec<Affected>, String> {
    let mut also: Vec<Affected> = Vec::new();
    for one in reached {
        let affected = Affected {
            root: one.root.clone(),
            address: one.address.clone(),
        };
        let in_words = || {
            let place = if one.root == subject.at.root {
                String::new()
            } else {
                format!(" ({})", super::root_in_words(&one.root))
            };
            match one.path.as_slice() {
                _ if one.is_existence() => {
                    format!("which instances of `{}` exist{place}", one.address.block())
                }
                path => format!("`{}` of `{}`{place}", path.join("."), one.address),
            }
        };
        let before = Subject::find(subject.cfg, &one.root, &one.address);
        let after = Subject::find(edited, &one.root, &one.address);
        let (Some(before), Some(after)) = (before, after) else {
            return Err(in_words());
        };
        if !changes(&before, &after, &one.path) {
            continue;
        }
        let same_type = before.at.resource.kind == subject.at.resource.kind;
        if !same_type || !needed(&before, &after, &one.path) {
            return Err(in_words());
        }
        if affected != subject.affected() && !also.contains(&affected) {
            also.push(affected);
        }
    }
    Ok(also)
}

/// Those of the attributes that really differ between two configurations, one that is gone or new included.
pub(crate) fn really_changed<'r>(
    before: &Configuration<'_>,
    after: &Configuration<'_>,
    reached: &'r [Reached],
) -> Vec<&'r Reached> {
    reached
        .iter()
        .filter(|one| {
            let was = Subject::find(before, &one.root, &one.address);
            let is = Subject::find(after, &one.root, &one.address);
            match (was, is, one.path.as_slice()) {
                // Which instances there are in this very instance of the module.
                (Some(was), Some(is), [name]) if name == "count" || name == "for_each" => {
                    beside(&was) != beside(&is)
                }
                (Some(was), Some(is), _) => changes(&was, &is, &one.path),
                _ => true,
            }
        })
        .collect()
}

/// The instances of a block in the subject's own module instance; whether there may be others.
fn beside(subject: &Subject<'_, '_>) -> (Vec<Address>, bool) {
    let instances = subject.cfg.instances(&subject.at);
    let mut known = instances.known;
    known.retain(|a| a.modules == subject.address.modules);
    (known, instances.unknown.is_some())
}

/// What a place decides and what really differs after the edits: not what only passes by (a map that decides which
/// instances exist, when one of its values changes).
pub(crate) fn changed_by<'a>(
    cfg: &Configuration<'a>,
    origin: &Origin,
    edits: &[Edit],
) -> Vec<Influenced<'a>> {
    let all = cfg.decided_here(origin);
    let really = super::proof::after(cfg, edits, |edited| {
        all.iter()
            .map(|one| {
                let root = &one.occurrence.root;
                let before = Subject::find(cfg, root, &one.address);
                let after = Subject::find(edited, root, &one.address);
                match (before, after) {
                    (Some(before), Some(after)) => changes(&before, &after, &one.path),
                    _ => true,
                }
            })
            .collect::<Vec<bool>>()
    });
    match really {
        Ok(really) => all
            .into_iter()
            .zip(really)
            .filter_map(|(one, changes)| changes.then_some(one))
            .collect(),
        Err(_) => all,
    }
}

/// Whether an attribute differs between two configurations.
pub(crate) fn changes(before: &Subject<'_, '_>, after: &Subject<'_, '_>, path: &[String]) -> bool {
    if let [name] = path
        && (name == "count" || name == "for_each")
    {
        return before.cfg.instances(&before.at) != after.cfg.instances(&after.at);
    }
    if !exists(before) && !exists(after) {
        return false;
    }
    let number = |subject: &Subject<'_, '_>, blocks: &[String]| {
        let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
        subject
            .cfg
            .nested(&subject.at, &subject.address, &blocks)
            .len()
    };
    // The path of a nested block: what decides how many of them there are.
    if number(before, path) != number(after, path) {
        return true;
    }
    // With several nested blocks of one type a path does not tell which one is meant.
    if let Some((_, blocks)) = path.split_last()
        && !blocks.is_empty()
        && number(before, blocks) > 1
    {
        return true;
    }
    match (before.held(path), after.held(path)) {
        (Held::Absent, Held::Absent) => false,
        (Held::Value(a), Held::Value(b)) => !same(&a, &b),
        _ => true,
    }
}

/// Whether an instance may exist: `count = 0` makes none, whatever stands in the block.
fn exists(subject: &Subject<'_, '_>) -> bool {
    let instances = subject.cfg.instances(&subject.at);
    instances.unknown.is_some() || instances.known.contains(&subject.address)
}

/// Whether two values are the same, wherever they come from. What is not known is not the same.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::List(x), Kind::List(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y))
        }
        (Kind::Object(x), Kind::Object(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|((k, x), (l, y))| k == l && same(x, y))
        }
        (Kind::Unknown(_) | Kind::Pattern(_), _) => false,
        (x, y) => x == y,
    }
}
