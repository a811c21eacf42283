//! What an edit that takes an entry out does to the instances that entries make.
//!
//! Such an edit is right only when grants in need go and everything else stays as it is. Where instances are numbered
//! (`count`, the index of a list as a key), those behind the entry are made of the next one then: the same grants at
//! other addresses.

use std::collections::BTreeSet;

use hcl_edit::structure::{Attribute, Structure};

use super::GRANTS;
use crate::remedy::reach::{self, Reached};
use crate::remedy::subject::Subject;
use crate::remedy::{Affected, entry, root_in_words};
use crate::terraform::module::{Configuration, Held};
use crate::terraform::{Address, BlockAddress, InstanceKey, RepoPath};

/// What goes, and what gets another address.
#[derive(Debug, Default)]
pub(super) struct Effect {
    /// The instances whose grant goes.
    pub(super) lost: BTreeSet<Affected>,
    /// The addresses that are gone: with numbered instances the last ones.
    pub(super) gone: BTreeSet<Affected>,
    /// Grants that stay and get another address: the one that they have, and the one that they get.
    pub(super) moved: Vec<(Affected, Address)>,
}

/// What changes without a need.
#[derive(Debug)]
pub(super) struct Obstacle {
    /// The instance, where an attribute of it changes.
    pub(super) instance: Option<Box<Affected>>,
    /// In words.
    pub(super) words: String,
}

type Needs<'n> = &'n dyn Fn(&Subject<'_, '_>) -> bool;

/// Compares everything that a place reaches before and after the edit.
///
/// # Errors
/// The first thing that changes without a need, in words.
pub(super) fn of(
    before: &Configuration<'_>,
    after: &Configuration<'_>,
    home: &RepoPath,
    reached: &[Reached],
    needs: Needs<'_>,
) -> Result<Effect, Obstacle> {
    let blocks: BTreeSet<(&RepoPath, BlockAddress)> = reached
        .iter()
        .map(|one| (&one.root, one.address.block()))
        .collect();
    let mut effect = Effect::default();
    for (root, block) in blocks {
        let of_block = reached
            .iter()
            .filter(|one| one.root == *root && one.address.block() == block)
            .collect();
        Compared {
            before,
            after,
            root,
            block,
            reached: of_block,
            home,
        }
        .note(needs, &mut effect)?;
    }
    Ok(effect)
}

/// One block that is reached, before and after.
struct Compared<'e, 'b, 'a> {
    before: &'e Configuration<'b>,
    after: &'e Configuration<'a>,
    root: &'e RepoPath,
    block: BlockAddress,
    reached: Vec<&'e Reached>,
    /// The root of the grant that shall go.
    home: &'e RepoPath,
}

impl<'e, 'b, 'a> Compared<'e, 'b, 'a> {
    fn note(&self, needs: Needs<'_>, effect: &mut Effect) -> Result<(), Obstacle> {
        let at = self.before.occurrence(self.root, &self.block);
        let then = self.after.occurrence(self.root, &self.block);
        let (Some(at), Some(then)) = (at, then) else {
            return Err(self.existence());
        };
        let was = self.before.instances(&at);
        let is = self.after.instances(&then);
        if was.unknown != is.unknown || is.known.iter().any(|a| !was.known.contains(a)) {
            return Err(self.existence());
        }
        let (stay, gone): (Vec<&Address>, Vec<&Address>) =
            was.known.iter().partition(|a| is.known.contains(a));
        let changed: Vec<(&Address, &Reached)> = stay
            .into_iter()
            .filter_map(|address| Some((address, self.changed(address)?)))
            .collect();
        if gone.is_empty() && changed.is_empty() {
            return Ok(());
        }
        let other = || match changed.first() {
            Some((at, one)) => self.attribute(at, one),
            None => self.existence(),
        };
        if self.block.data || !GRANTS.contains(&self.block.kind.as_str()) {
            return Err(other());
        }
        effect.gone.extend(gone.iter().map(|a| self.affected(a)));
        let spared = gone.iter().find(|a| !self.in_need(a, needs));
        if changed.is_empty() && spared.is_none() {
            effect.lost.extend(gone.iter().map(|a| self.affected(a)));
            return Ok(());
        }
        let mut waiting: Vec<&Address> = gone.clone();
        waiting.extend(changed.iter().map(|(address, _)| *address));
        while let Some(first) = waiting.first() {
            let row = (0..=first.modules.len())
                .rev()
                .find_map(|place| row(first, place, &was.known).map(|row| (place, row)));
            let (Some((place, row)), false) = (row, effect.gone.is_empty()) else {
                return Err(spared.map_or_else(other, |a| self.spared(a)));
            };
            let shorter: Vec<&Address> = row
                .iter()
                .copied()
                .filter(|a| is.known.contains(a))
                .collect();
            if !self.shifted(&row, &shorter, needs, effect) {
                return Err(spared.map_or_else(other, |a| self.spared(a)));
            }
            waiting.retain(|a| key_at(a, place).is_none() || !row.contains(a));
        }
        Ok(())
    }

    /// Notes what of a row of numbered instances is lost and what moves up; `false` when it is not the same row without
    /// grants in need.
    fn shifted(
        &self,
        row: &[&Address],
        shorter: &[&Address],
        needs: Needs<'_>,
        effect: &mut Effect,
    ) -> bool {
        let mut there = shorter.iter();
        let mut next = there.next();
        for old in row {
            match next {
                Some(new) if self.is_alike(old, new) => {
                    if old != new {
                        effect.moved.push((self.affected(old), (*new).clone()));
                    }
                    next = there.next();
                }
                _ if self.in_need(old, needs) => {
                    effect.lost.insert(self.affected(old));
                }
                _ => return false,
            }
        }
        next.is_none()
    }

    /// Whether an instance is, before, what another one is after.
    fn is_alike(&self, old: &Address, new: &Address) -> bool {
        let was = Subject::find(self.before, self.root, old);
        let is = Subject::find(self.after, self.root, new);
        let (Some(was), Some(is)) = (was, is) else {
            return false;
        };
        let nothing_nested = was.block().body.iter().all(|structure| match structure {
            Structure::Attribute(_) => true,
            Structure::Block(block) => matches!(block.ident.as_str(), "lifecycle" | "timeouts"),
        });
        nothing_nested
            && was
                .block()
                .body
                .attributes()
                .filter(|a| !is_meta(a))
                .all(|a| self.holds_alike(&was, &is, a))
    }

    fn holds_alike(&self, was: &Subject<'_, '_>, is: &Subject<'_, '_>, a: &Attribute) -> bool {
        let path = [a.key.as_str().to_owned()];
        match (was.held(&path), is.held(&path)) {
            (Held::Absent, Held::Absent) => true,
            (Held::Value(x), Held::Value(y)) => {
                // What is not known but says the same for every instance is the same.
                let for_all = || {
                    !["each", "count"]
                        .iter()
                        .any(|word| entry::mentions(&a.value, &[word]))
                        && !self.reached.iter().any(|one| one.path() == path)
                };
                reach::same(&x, &y) || (x.kind == y.kind && for_all())
            }
            _ => false,
        }
    }

    /// What changes of an instance that stays.
    fn changed(&self, address: &Address) -> Option<&'e Reached> {
        let was = Subject::find(self.before, self.root, address)?;
        let is = Subject::find(self.after, self.root, address)?;
        self.reached
            .iter()
            .find(|one| {
                one.address == *address
                    && !one.is_existence()
                    && reach::changes(&was, &is, one.path())
            })
            .copied()
    }

    fn in_need(&self, address: &Address, needs: Needs<'_>) -> bool {
        Subject::find(self.before, self.root, address).is_some_and(|subject| needs(&subject))
    }

    fn affected(&self, address: &Address) -> Affected {
        Affected {
            root: self.root.clone(),
            address: address.clone(),
        }
    }

    fn existence(&self) -> Obstacle {
        Obstacle {
            instance: None,
            words: format!("which instances of `{}` exist{}", self.block, self.place()),
        }
    }

    fn spared(&self, address: &Address) -> Obstacle {
        Obstacle {
            instance: None,
            words: format!("`{address}`{}", self.place()),
        }
    }

    fn attribute(&self, address: &Address, one: &Reached) -> Obstacle {
        let path = one.path().join(".");
        Obstacle {
            instance: Some(Box::new(self.affected(address))),
            words: format!("`{path}` of `{address}`{}", self.place()),
        }
    }

    /// The root, where it is another one than that of the grant.
    fn place(&self) -> String {
        if self.root == self.home {
            String::new()
        } else {
            format!(" ({})", root_in_words(self.root))
        }
    }
}

/// Arguments that say nothing about the object itself.
fn is_meta(attribute: &Attribute) -> bool {
    matches!(
        attribute.key.as_str(),
        "count" | "for_each" | "provider" | "depends_on"
    )
}

/// The instances that differ from one in nothing but the number at a place of their address, in the order of that number.
fn row<'k>(of: &Address, place: usize, known: &'k [Address]) -> Option<Vec<&'k Address>> {
    key_at(of, place)?;
    let of = without(of, place);
    let mut row: Vec<(u64, &Address)> = known
        .iter()
        .filter(|a| without(a, place) == of)
        .map(|a| Some((key_at(a, place)?, a)))
        .collect::<Option<_>>()?;
    row.sort_unstable_by_key(|(number, _)| *number);
    Some(row.into_iter().map(|(_, address)| address).collect())
}

/// The number at a place of an address: its own key comes last, behind those of the modules.
fn key_at(address: &Address, place: usize) -> Option<u64> {
    let key = match address.modules.get(place) {
        Some(step) => step.key.as_ref(),
        None => address.key.as_ref(),
    };
    match key? {
        InstanceKey::Index(number) => Some(*number),
        InstanceKey::Name(text) => text.parse().ok(),
    }
}

fn without(address: &Address, place: usize) -> Address {
    let mut address = address.clone();
    match address.modules.get_mut(place) {
        Some(step) => step.key = None,
        None => address.key = None,
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::edit::Pen;
    use crate::terraform::{Estate, SourceFile};

    /// What becomes of these rules by number when the first of the list goes; port 22 is in need.
    fn without_the_first(ports: &str, rule: &str) -> Result<(Vec<String>, usize), String> {
        let code = format!(
            "locals {{\n  ports = [{ports}]\n}}\n\nresource \"aws_security_group_rule\" \"r\" {{\n  count = length(local.ports)\n{rule}}}\n"
        );
        let path = RepoPath::new("main.tf").unwrap();
        let estate = Estate::new([SourceFile::new(path.clone(), code.into_bytes())]);
        let cfg = Configuration::new(&estate);
        let file = estate.file(&path).unwrap();
        let locals = file.body().unwrap().blocks().next().unwrap();
        let list = &locals.body.get_attribute("ports").unwrap().value;
        let edits = Pen::new(file).remove_elements(list.as_array().unwrap(), &[0]);
        let reached: Vec<Reached> = cfg
            .occurrences("aws_security_group_rule")
            .into_iter()
            .flat_map(|at| cfg.instances(&at).known)
            .flat_map(|address| {
                let origin = crate::terraform::value::Origin {
                    file: path.clone(),
                    span: hcl_edit::Span::span(list).unwrap(),
                    place: crate::terraform::value::OriginPlace::Local("ports".to_owned()),
                };
                let all = cfg.decided_here(&origin);
                all.iter()
                    .filter(|one| one.address == address)
                    .map(Reached::from)
                    .collect::<Vec<_>>()
            })
            .collect();
        let after = cfg.estate_after(&edits).unwrap();
        let after = Configuration::new(&after);
        let needs = |subject: &Subject<'_, '_>| matches!(subject.held(&["from_port".to_owned()]), Held::Value(v) if v.as_number() == Some(22.0));
        of(&cfg, &after, &RepoPath::new("").unwrap(), &reached, &needs)
            .map(|effect| {
                let lost = effect.lost.iter().map(|a| a.address.to_string());
                (lost.collect(), effect.moved.len())
            })
            .map_err(|obstacle| obstacle.words)
    }

    const BY_NUMBER: &str = "  from_port = local.ports[count.index]\n";

    #[test]
    fn what_is_behind_an_entry_moves_up() {
        let lost = "aws_security_group_rule.r[0]".to_owned();
        for (ports, moved) in [("22", 0), ("22, 80", 1), ("22, 80, 443", 2)] {
            let expected = Ok((vec![lost.clone()], moved));
            assert_eq!(without_the_first(ports, BY_NUMBER), expected, "{ports}");
        }
    }

    #[test]
    fn what_is_not_in_need_does_not_go() {
        assert!(without_the_first("80, 22", BY_NUMBER).is_err());
    }

    #[test]
    fn what_says_something_else_at_its_new_address_is_no_move() {
        let numbered = format!("{BY_NUMBER}  description = \"rule ${{count.index}}\"\n");
        assert!(without_the_first("22, 80", &numbered).is_err());
        let alike = format!("{BY_NUMBER}  description = data.x.y.text\n");
        assert!(without_the_first("22, 80", &alike).is_ok());
        let not_alike = format!("{BY_NUMBER}  description = data.x.y[count.index].text\n");
        assert!(without_the_first("22, 80", &not_alike).is_err());
    }
}
