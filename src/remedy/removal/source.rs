//! What makes one instance of a grant: the entry of a list or map, wherever it is written, or a switch.

use super::effect::{self, Effect};
use crate::remedy::entry::{self, Around, Entry};
use crate::remedy::reach::Reached;
use crate::remedy::subject::Subject;
use crate::remedy::{place, proof};
use crate::terraform::value::Origin;
use crate::terraform::{Edit, Value};

/// How many places are tried for one instance.
const TRIED: usize = 40;

/// An edit after which instances are gone.
pub(super) struct Way {
    pub(super) edits: Vec<Edit>,
    /// The text that changes.
    pub(super) previous: String,
    pub(super) effect: Effect,
}

/// A grant that shall go, and the values that make it one.
pub(crate) struct Target<'t, 'c, 'a> {
    pub(crate) holder: &'t Subject<'c, 'a>,
    pub(crate) because: Vec<&'t Value>,
}

impl<'a> Target<'_, '_, 'a> {
    /// Where the text stands that makes this instance what it is: the nearest first.
    fn origins(&self) -> Vec<Origin> {
        let holder = self.holder;
        let mut found: Vec<Origin> = Vec::new();
        let mut note = |origins: &mut dyn Iterator<Item = &Origin>| {
            for origin in origins {
                if !found.contains(origin) {
                    found.push(origin.clone());
                }
            }
        };
        let items = self.holder.made_of();
        let attributes: Vec<Value> = holder
            .block()
            .body
            .attributes()
            .map(|a| holder.cfg.evaluate(&holder.at, &holder.address, &a.value))
            .collect();
        for value in items.iter().chain(self.because.iter().copied()) {
            note(&mut value.decided_by.iter().chain(&value.via));
        }
        for value in &attributes {
            note(&mut value.decided_by.iter().chain(&value.via));
        }
        for value in items.iter().chain(&attributes) {
            note(&mut value.all_origins().into_iter());
        }
        found
    }

    /// What the caller of the holder's module gives for it, from elsewhere than the module's own code.
    pub(super) fn given(&self) -> Option<Origin> {
        let items = self.holder.made_of();
        self.holder
            .given_from_outside(items.iter().chain(self.because.iter().copied()))
    }

    /// The entries that may make this instance, each with what is around it, the innermost first.
    fn entries(&self) -> Vec<Around<'a>> {
        entry::around(self.holder.cfg, self.origins())
    }
}

/// Looks for the entry, or the switch, without which the first of these grants is gone, and with it nothing but grants
/// in need. Entries of the others in the same list or map go by the same edit.
///
/// # Errors
/// What else would change, when that was in the way.
pub(super) fn without(
    targets: &[Target<'_, '_, '_>],
    needs: &dyn Fn(&Subject<'_, '_>) -> bool,
) -> Result<Way, Option<String>> {
    let Some((first, others)) = targets.split_first() else {
        return Err(None);
    };
    let mut search = Search {
        holder: first.holder,
        needs,
        in_block: every_instance_is_in_need(first.holder, needs),
        too_wide: None,
        tried: 0,
    };
    let others: Vec<_> = others.iter().map(Target::entries).collect();
    let way = entry::taken_out(&first.entries(), &others, |origin, entry, beside| {
        search.entry(origin, entry, beside)
    });
    if let Some(way) = way {
        return Ok(way);
    }
    match search.switch() {
        Some(way) => Ok(way),
        None => Err(search.too_wide),
    }
}

/// Whether every instance of the block is in need: what only this block writes is its own business then.
pub(super) fn every_instance_is_in_need(
    holder: &Subject<'_, '_>,
    needs: &dyn Fn(&Subject<'_, '_>) -> bool,
) -> bool {
    place::other_instances(holder)
        .iter()
        .all(|peer| Subject::find(holder.cfg, &peer.root, &peer.address).is_some_and(|s| needs(&s)))
}

struct Search<'s, 'c, 'a> {
    holder: &'s Subject<'c, 'a>,
    needs: &'s dyn Fn(&Subject<'_, '_>) -> bool,
    /// Whether the block may go as a whole: then no entry that it writes itself is taken out of it.
    in_block: bool,
    too_wide: Option<String>,
    tried: usize,
}

impl Search<'_, '_, '_> {
    fn entry(&mut self, origin: &Origin, entry: &Entry<'_>, beside: &[&Entry<'_>]) -> Option<Way> {
        let own = self.holder.span();
        let whole = entry.whole();
        if self.in_block
            && entry.file().path() == self.holder.file().path()
            && own.start <= whole.start
            && whole.end <= own.end
        {
            return None;
        }
        self.attempt(
            entry.remove_with(beside),
            entry.text(),
            &entry.place(origin),
        )
    }

    /// The one boolean that makes the instance.
    fn switch(&mut self) -> Option<Way> {
        let cfg = self.holder.cfg;
        for value in cfg.repeated_by(&self.holder.at, &self.holder.address) {
            if let Some(at) = place::switch(cfg, &value)
                && let Some((edits, previous)) = place::opposite(cfg, &at)
                && let Some(way) = self.attempt(edits, &previous, &at)
            {
                return Some(way);
            }
        }
        None
    }

    fn attempt(&mut self, edits: Vec<Edit>, previous: &str, at: &Origin) -> Option<Way> {
        if edits.is_empty() || self.tried >= TRIED {
            return None;
        }
        self.tried += 1;
        let cfg = self.holder.cfg;
        let reached: Vec<Reached> = place::reached_from(cfg, [at]);
        let outcome = proof::after(cfg, &edits, |after| {
            effect::of(cfg, after, &self.holder.at.root, &reached, self.needs)
        });
        match outcome {
            Ok(Ok(effect)) if effect.lost.contains(&self.holder.affected()) => Some(Way {
                edits,
                previous: previous.to_owned(),
                effect,
            }),
            // That only the instance itself changes is no obstacle, but no way either.
            Ok(Err(other)) if other.instance.as_deref() != Some(&self.holder.affected()) => {
                self.too_wide.get_or_insert(other.words);
                None
            }
            _ => None,
        }
    }
}
