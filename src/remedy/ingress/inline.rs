//! Inline rules that go as a whole: their block, the `dynamic` block that makes nothing else, or the entry that makes
//! one of them.
//!
//! What a caller gives to a module goes at the caller: the block of a module stays for every other one. A group whose
//! last inline rule goes needs `ingress = []`, because without any `ingress` it keeps what it has in the cloud.

use hcl_edit::Span as _;
use hcl_edit::structure::Block;

use super::close::Closing;
use super::opening::{Form, Opening, read};
use super::taken::{Goes, Taken, switched_off, without};
use crate::remedy::subject::Subject;
use crate::remedy::{Refusal, RefusalKind, place};
use crate::terraform::Value;
use crate::terraform::edit::Pen;
use crate::terraform::module::{Dynamic, Nested};
use crate::terraform::value::Origin;

impl<'c, 'a> Closing<'_, 'c, 'a> {
    /// Removes inline rules; `last` when the group has no other inline rule.
    pub(super) fn remove_inline(
        &mut self,
        gone: &[&Opening<'c, 'a>],
        last: bool,
    ) -> Result<(), Refusal> {
        let holder = &gone[0].holder;
        holder.editable()?;
        let mut blocks: Vec<(&Block, &Opening<'c, 'a>)> = Vec::new();
        let mut entries: Vec<Goes<'_, 'c, 'a>> = Vec::new();
        let mut off: Vec<Taken> = Vec::new();
        for opening in gone {
            match &opening.form {
                // Rules in blocks of their own are removed by `remove_rules`.
                Form::Rule | Form::SingleRule => {}
                Form::Element(value) => entries.push(Goes { opening, value }),
                Form::Nested(nested) => {
                    let block = self.written(holder, nested)?;
                    match &nested.dynamic {
                        None => blocks.push((block, opening)),
                        Some(Dynamic::Element { .. })
                            if !last && self.off(opening, nested, &mut off) => {}
                        // With no rule left, the whole `dynamic` block makes way for `ingress = []`; with no rule left
                        // of its own, it goes.
                        Some(Dynamic::Element { value, .. })
                            if last || self.makes_only(opening, nested, value) =>
                        {
                            blocks.push((block, opening));
                        }
                        Some(Dynamic::Element { value, .. }) => {
                            entries.push(Goes { opening, value })
                        }
                        Some(Dynamic::Unknown(_)) => {
                            return Err(unevaluated(holder));
                        }
                    }
                }
            }
        }
        if !blocks.is_empty() {
            self.remove_blocks(holder, &blocks, last)?;
        }
        off.extend(without(self.subject, self.asked, entries)?);
        for taken in off {
            self.previous(format!("{}.ingress", holder.name()), &taken.previous);
            self.draft.edits.extend(taken.edits);
            self.draft.also(taken.also);
        }
        self.note("ingress".to_owned());
        Ok(())
    }

    /// Whether the switch that makes a rule is turned: it goes to the others that are.
    fn off(&self, opening: &Opening<'c, 'a>, nested: &Nested<'a>, off: &mut Vec<Taken>) -> bool {
        let Some(made_by) = nested.repeated_by() else {
            return false;
        };
        let block_may_go = self.peers_are_open(&[opening]).is_ok();
        let taken = switched_off(self.subject, self.asked, opening, made_by, block_may_go);
        let found = taken.is_some();
        off.extend(taken);
        found
    }

    /// The block of the group in which a rule is written.
    fn written<'s>(
        &self,
        holder: &'s Subject<'c, 'a>,
        nested: &Nested<'a>,
    ) -> Result<&'s Block, Refusal> {
        if nested.file.path() != holder.file().path() {
            return Err(Refusal::new(
                RefusalKind::UnsupportedShape,
                format!(
                    "`ingress` of `{}` is written in an override file ({})",
                    holder.address,
                    nested.file.path()
                ),
                "change it there by hand",
            ));
        }
        let mut blocks = holder.block().body.blocks();
        blocks
            .find(|b| b.span().as_ref() == Some(&nested.span))
            .ok_or_else(|| unevaluated(holder))
    }

    /// Takes blocks out of the group; `ingress = []` comes in their place when they are the last.
    fn remove_blocks(
        &mut self,
        holder: &Subject<'c, 'a>,
        rules: &[(&Block, &Opening<'c, 'a>)],
        last: bool,
    ) -> Result<(), Refusal> {
        for (_, opening) in rules {
            self.not_given(opening, last)?;
        }
        let openings: Vec<&Opening<'c, 'a>> = rules.iter().map(|(_, opening)| *opening).collect();
        self.peers_are_open(&openings)?;
        let mut blocks: Vec<&Block> = Vec::new();
        for (block, _) in rules {
            if !blocks.iter().any(|b| b.span() == block.span()) {
                blocks.push(block);
            }
        }
        if last {
            nothing_beside(holder, &blocks)?;
        }
        let file = holder.file();
        let pen = Pen::new(file);
        for block in &blocks {
            let text = block.span().map_or("", |s| file.slice(s)).to_owned();
            self.previous(format!("{}.ingress", holder.name()), &text);
        }
        let edits = if last {
            self.draft.warnings.push(
                "`ingress = []` stands for the last rule: without any `ingress` the group would keep the rule that it \
                 has in the cloud."
                    .to_owned(),
            );
            pen.replace_blocks(holder.block(), &blocks, "ingress", "[]")
        } else {
            pen.remove_blocks(holder.block(), &blocks)
        };
        self.draft.edits.extend(edits);
        self.draft.also(place::other_instances(holder));
        Ok(())
    }

    /// Refuses to take a block out of a module for what one of its callers gives.
    fn not_given(&self, opening: &Opening<'c, 'a>, last: bool) -> Result<(), Refusal> {
        let holder = &opening.holder;
        let mut values: Vec<&Value> = opening.public.iter().map(|p| &p.value).collect();
        if let Form::Nested(nested) = &opening.form
            && let Some(Dynamic::Element { value, .. }) = &nested.dynamic
        {
            values.push(value);
        }
        let Some(given) = holder.given_from_outside(values) else {
            return Ok(());
        };
        let file = holder.cfg.estate().file(&given.file);
        let line = file.map_or(1, |file| file.line(given.span.start));
        let what = format!(
            "an inline rule of `{}` is open by what a caller gives to its module ({}:{line})",
            holder.address, given.file
        );
        Err(if last {
            Refusal::new(
                RefusalKind::TooWide,
                format!(
                    "{what}, and it is the last one: without it the module would write no `ingress` for this group, which \
                     then keeps the rule that it has in the cloud"
                ),
                "set `approved_cidrs` under [parameters], give the group another rule first, or let the module write \
                 `ingress = [for …]`, for which an empty list is no rule; then run again",
            )
        } else {
            Refusal::new(
                RefusalKind::TooWide,
                format!("{what}, and its block is there for every caller"),
                "set `approved_cidrs` under [parameters], or let the module write no `ingress` for an empty list, then \
                 run again",
            )
        })
    }

    /// Whether a `dynamic` block makes this one rule only, from a list that stands in the block itself.
    fn makes_only(&self, opening: &Opening<'c, 'a>, nested: &Nested<'a>, value: &Value) -> bool {
        let holder = &opening.holder;
        let made = holder
            .cfg
            .nested(&holder.at, &holder.address, &["ingress"])
            .iter()
            .filter(|n| n.span == nested.span)
            .count();
        let written_here = |origin: &Origin| {
            origin.file == *nested.file.path()
                && nested.span.start <= origin.span.start
                && origin.span.end <= nested.span.end
        };
        made == 1 && value.decided_by.iter().all(written_here)
    }

    /// Every other instance of the group's block must be open by the same inline rules, and by all that the same blocks
    /// make there.
    fn peers_are_open(&self, gone: &[&Opening<'c, 'a>]) -> Result<(), Refusal> {
        let holder = &gone[0].holder;
        for peer in place::other_instances(holder) {
            let open = Subject::find(holder.cfg, &peer.root, &peer.address).is_some_and(|peer| {
                let there = read(&peer, self.asked).openings;
                let made = peer.cfg.nested(&peer.at, &peer.address, &["ingress"]);
                gone.iter().all(|o| {
                    let Form::Nested(wanted) = &o.form else {
                        return true;
                    };
                    let open = there
                        .iter()
                        .filter(|p| matches!(&p.form, Form::Nested(n) if n.span == wanted.span && !p.others))
                        .count();
                    open > 0 && open == made.iter().filter(|n| n.span == wanted.span).count()
                })
            });
            if !open {
                return Err(Refusal::new(
                    RefusalKind::TooWide,
                    format!(
                        "the same block makes `{}`, where this rule lets in others or nobody",
                        peer.address
                    ),
                    "set `approved_cidrs` under [parameters], or give this instance its own sources, then run again",
                ));
            }
        }
        Ok(())
    }
}

/// Beside `ingress = []` no `ingress` block may stand, also none that makes nothing here.
fn nothing_beside(holder: &Subject<'_, '_>, blocks: &[&Block]) -> Result<(), Refusal> {
    let is_ingress = |b: &&Block| match b.ident.as_str() {
        "ingress" => true,
        "dynamic" => b.labels.first().is_some_and(|l| l.as_str() == "ingress"),
        _ => false,
    };
    let mut others = holder.block().body.blocks().filter(is_ingress);
    match others.find(|b| !blocks.iter().any(|gone| gone.span() == b.span())) {
        None => Ok(()),
        Some(other) => Err(Refusal::new(
            RefusalKind::UnsupportedShape,
            format!(
                "the last inline rule of `{}` would go, but another block can make some as well ({}:{}), and Terraform \
                 takes no `ingress = []` beside it",
                holder.address,
                holder.file().path(),
                other.span().map_or(1, |s| holder.file().line(s.start))
            ),
            "set `approved_cidrs` under [parameters], or write all rules as one list `ingress = […]`, then run again",
        )),
    }
}

fn unevaluated(holder: &Subject<'_, '_>) -> Refusal {
    Refusal::new(
        RefusalKind::UnsupportedShape,
        format!(
            "`ingress` of `{}` is written by a `dynamic` block that cannot be evaluated",
            holder.address
        ),
        "change it by hand",
    )
}
