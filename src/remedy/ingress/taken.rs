//! Inline rules that are made of entries: the entry goes where it is written, and with it these rules and nothing else.

use super::opening::{Asked, Opening, read};
use crate::remedy::entry::{self, Around};
use crate::remedy::reach::{self, Reached};
use crate::remedy::subject::Subject;
use crate::remedy::{Affected, Refusal, RefusalKind, place, proof};
use crate::terraform::module::{Configuration, Dynamic, Held, Nested};
use crate::terraform::value::{Kind, Origin};
use crate::terraform::{Edit, Value};

/// Everything that an inline rule says.
const SAYS: [&str; 9] = [
    "cidr_blocks",
    "description",
    "from_port",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "protocol",
    "security_groups",
    "self",
    "to_port",
];

/// How many places are tried for one rule.
const TRIED: usize = 40;

/// A rule that shall go, and the element that makes it.
pub(super) struct Goes<'o, 'c, 'a> {
    pub(super) opening: &'o Opening<'c, 'a>,
    pub(super) value: &'o Value,
}

impl<'a> Goes<'_, '_, 'a> {
    /// The entries that may make it, each with what is around it: the nearest first.
    fn entries(&self) -> Vec<Around<'a>> {
        let mut origins: Vec<&Origin> = Vec::new();
        let sources = self.opening.public.iter().map(|p| &p.value);
        for value in std::iter::once(self.value).chain(sources) {
            origins.extend(value.decided_by.iter().chain(&value.via));
        }
        origins.extend(self.value.all_origins());
        let mut each: Vec<Origin> = Vec::new();
        for origin in origins {
            if !each.contains(origin) {
                each.push(origin.clone());
            }
        }
        entry::around(self.opening.holder.cfg, each)
    }
}

/// Entries that go by one edit.
pub(super) struct Taken {
    pub(super) edits: Vec<Edit>,
    pub(super) previous: String,
    pub(super) also: Vec<Affected>,
    /// The rules of the group that are gone.
    lost: Vec<usize>,
}

/// Takes the entries out that make these rules of one group.
///
/// # Errors
/// No entry does it alone, or only together with what others need.
pub(super) fn without(
    subject: &Subject<'_, '_>,
    asked: &Asked,
    mut waiting: Vec<Goes<'_, '_, '_>>,
) -> Result<Vec<Taken>, Refusal> {
    let mut all = Vec::new();
    while let Some((first, others)) = waiting.split_first() {
        let mut search = Search {
            subject,
            asked,
            number: first.opening.number,
            too_wide: None,
            tried: 0,
        };
        let Some(taken) = search.look(first, others) else {
            return Err(refused(first, search.too_wide));
        };
        waiting.retain(|w| !taken.lost.contains(&w.opening.number));
        all.push(taken);
    }
    Ok(all)
}

/// Turns the one switch that makes a rule, where a caller of the module gives it, or where the block cannot go because
/// it makes another rule for others.
pub(super) fn switched_off(
    subject: &Subject<'_, '_>,
    asked: &Asked,
    opening: &Opening<'_, '_>,
    made_by: &Value,
    block_may_go: bool,
) -> Option<Taken> {
    let at = place::switch(subject.cfg, made_by)?;
    if block_may_go && !subject.is_outside(&at) {
        return None;
    }
    let (edits, previous) = place::opposite(subject.cfg, &at)?;
    let mut search = Search {
        subject,
        asked,
        number: opening.number,
        too_wide: None,
        tried: 0,
    };
    search.tried_out(edits, &previous, &at)
}

fn refused(goes: &Goes<'_, '_, '_>, too_wide: Option<String>) -> Refusal {
    let group = &goes.opening.holder.address;
    match too_wide {
        Some(other) => Refusal::new(
            RefusalKind::TooWide,
            format!("the entry that makes this rule of `{group}` also decides {other}"),
            "give this group a list of its own, then run again",
        ),
        None => Refusal::new(
            RefusalKind::UnsupportedShape,
            format!("the rule of `{group}` is made by an expression that cannot be taken apart"),
            "change it by hand",
        ),
    }
}

struct Search<'s, 'c, 'a> {
    subject: &'s Subject<'c, 'a>,
    asked: &'s Asked,
    /// The rule that has to go.
    number: usize,
    too_wide: Option<String>,
    tried: usize,
}

impl Search<'_, '_, '_> {
    fn look(&mut self, first: &Goes<'_, '_, '_>, others: &[Goes<'_, '_, '_>]) -> Option<Taken> {
        let others: Vec<_> = others.iter().map(Goes::entries).collect();
        entry::taken_out(&first.entries(), &others, |origin, entry, beside| {
            let edits = entry.remove_with(beside);
            self.tried_out(edits, entry.text(), &entry.place(origin))
        })
    }

    fn tried_out(&mut self, edits: Vec<Edit>, previous: &str, at: &Origin) -> Option<Taken> {
        if edits.is_empty() || self.tried >= TRIED {
            return None;
        }
        self.tried += 1;
        let cfg = self.subject.cfg;
        let reached = place::reached_from(cfg, [at]);
        let outcome = proof::after(cfg, &edits, |after| {
            let lost = self.lost(self.subject, after)?;
            lost.contains(&self.number)
                .then(|| Some((lost, self.others(after, &reached))))?
        });
        match outcome.ok()?? {
            (lost, Ok(also)) => Some(Taken {
                edits,
                previous: previous.to_owned(),
                also,
                lost,
            }),
            (_, Err(other)) => {
                self.too_wide.get_or_insert(other);
                None
            }
        }
    }

    /// The numbers of the inline rules that a group has lost; `None` when it has lost one that is not open, got one, or
    /// has lost the last of those that blocks make.
    fn lost(&self, group: &Subject<'_, '_>, after: &Configuration<'_>) -> Option<Vec<usize>> {
        let then = Subject::find(after, &group.at.root, &group.address)?;
        let before = rules(group)?;
        let is = rules(&then)?;
        let mut there: Vec<Option<&Rule>> = is.iter().map(Some).collect();
        let mut lost = Vec::new();
        for (number, rule) in (1..).zip(&before) {
            let same = there
                .iter_mut()
                .find(|other| other.is_some_and(|o| o.says_the_same(rule)));
            match same {
                Some(found) => *found = None,
                None => lost.push(number),
            }
        }
        let as_list = group.block().body.has_attribute("ingress");
        let openings = read(group, self.asked).openings;
        let open = |number: &usize| {
            openings
                .iter()
                .any(|o| o.is_inline() && o.number == *number && !o.others)
        };
        (there.iter().all(Option::is_none)
            && lost.iter().all(open)
            && (as_list || !is.is_empty() || lost.is_empty()))
        .then_some(lost)
    }

    /// The other groups that lose rules, all of them open.
    fn others(
        &self,
        after: &Configuration<'_>,
        reached: &[Reached],
    ) -> Result<Vec<Affected>, String> {
        let own = self.subject.affected();
        let mut also: Vec<Affected> = Vec::new();
        let mut fine: Vec<Affected> = vec![own.clone()];
        for one in reached {
            let affected = Affected {
                root: one.root.clone(),
                address: one.address.clone(),
            };
            let path = one.path().join(".");
            let in_words = || {
                if one.is_existence() {
                    format!("which instances of `{}` exist", one.address.block())
                } else {
                    format!("`{path}` of `{}`", one.address)
                }
            };
            let before = Subject::find(self.subject.cfg, &one.root, &one.address);
            let Some(before) = before else {
                return Err(in_words());
            };
            let in_rules = one.path().first().is_some_and(|p| p == "ingress")
                && before.at.resource.kind == self.subject.at.resource.kind;
            if in_rules && fine.contains(&affected) {
                continue;
            }
            let then = Subject::find(after, &one.root, &one.address).ok_or_else(in_words)?;
            if !reach::changes(&before, &then, one.path()) {
                continue;
            }
            match self.lost(&before, after).filter(|_| in_rules) {
                Some(lost) => {
                    if !lost.is_empty() {
                        also.push(affected.clone());
                    }
                    fine.push(affected);
                }
                None => return Err(in_words()),
            }
        }
        Ok(also)
    }
}

/// What one inline rule says, as far as it is told.
struct Rule(Vec<Held>);

impl Rule {
    fn says_the_same(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| match (a, b) {
            (Held::Absent, Held::Absent) => true,
            (Held::Value(a), Held::Value(b)) => alike(a, b),
            _ => false,
        })
    }
}

/// Whether two values say the same. What is not known for the same reason does: an entry that goes leaves no reason.
fn alike(a: &Value, b: &Value) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::List(x), Kind::List(y)) => {
            x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| alike(x, y))
        }
        (Kind::Object(x), Kind::Object(y)) => {
            x.len() == y.len()
                && x.iter()
                    .zip(y.iter())
                    .all(|((k, x), (l, y))| k == l && alike(x, y))
        }
        (x, y) => x == y,
    }
}

/// The inline rules of a group, in the order of their numbers; `None` when they cannot be told.
fn rules(group: &Subject<'_, '_>) -> Option<Vec<Rule>> {
    if group.block().body.has_attribute("ingress") {
        let Held::Value(list) = group.held(&["ingress".to_owned()]) else {
            return None;
        };
        let rule = |item: &Value| {
            let said = item.as_object()?;
            let held = |name: &&str| said.get(*name).cloned().map_or(Held::Absent, Held::Value);
            Some(Rule(SAYS.iter().map(held).collect()))
        };
        return list.as_list()?.iter().map(rule).collect();
    }
    let nested = group.cfg.nested(&group.at, &group.address, &["ingress"]);
    let told = |n: &Nested<'_>| !matches!(n.dynamic, Some(Dynamic::Unknown(_)));
    if !nested.iter().all(told) {
        return None;
    }
    let held = |nested| {
        let said = SAYS.iter();
        Rule(
            said.map(|name| {
                group
                    .cfg
                    .held_in(&group.at, &group.address, nested, &[name])
            })
            .collect(),
        )
    };
    Some(nested.iter().map(held).collect())
}
