//! Closing an opening where it is written, as narrowly as the code allows.

use hcl_edit::Span as _;
use hcl_edit::structure::Block;

use super::opening::{Asked, Form, Opening, Public, read};
use crate::remedy::draft::Draft;
use crate::remedy::entry::Entry;
use crate::remedy::network::{Family, family, is_public};
use crate::remedy::removal;
use crate::remedy::subject::Subject;
use crate::remedy::{Affected, Parameters, Previous, Refusal, RefusalKind, place, proof, reach};
use crate::terraform::edit::{Pen, quote};
use crate::terraform::module::{Dynamic, Nested};
use crate::terraform::value::Origin;
use crate::terraform::{Edit, Span};

/// The approved CIDR blocks of the configuration; empty when none are configured.
///
/// # Errors
/// `parameter-missing` when one of them is no CIDR block, or public itself.
pub(crate) fn approved(parameters: &Parameters) -> Result<Vec<String>, Refusal> {
    let Some(value) = parameters.get("approved_cidrs") else {
        return Ok(Vec::new());
    };
    let wrong = |what: String| {
        Refusal::new(
            RefusalKind::ParameterMissing,
            format!("parameter `approved_cidrs`: {what}"),
            "correct `approved_cidrs` under [parameters]: a list of CIDR blocks that may get in",
        )
    };
    let list = value
        .as_array()
        .ok_or_else(|| wrong("it is no list".to_owned()))?;
    list.iter()
        .map(|item| {
            let text = item.as_str().unwrap_or_default();
            if family(text).is_none() {
                return Err(wrong(format!("{item} is no CIDR block")));
            }
            if is_public(text).is_some() {
                return Err(wrong(format!("{item} is everybody")));
            }
            Ok(text.to_owned())
        })
        .collect()
}

/// The work on one subject.
pub(super) struct Closing<'w, 'c, 'a> {
    pub(super) subject: &'w Subject<'c, 'a>,
    pub(super) asked: &'w Asked,
    pub(super) approved: &'w [String],
    pub(super) draft: &'w mut Draft,
}

impl<'c, 'a> Closing<'_, 'c, 'a> {
    /// Closes all openings; `inline` is the number of inline rules that the group has now.
    pub(super) fn close(
        &mut self,
        openings: &[Opening<'c, 'a>],
        inline: usize,
    ) -> Result<(), Refusal> {
        self.draft
            .rules
            .extend(openings.iter().map(|o| o.holder.affected()));
        // Inline rules that go as a whole; what is left decides between removal and `ingress = []`.
        let mut gone: Vec<&Opening<'c, 'a>> = Vec::new();
        for opening in openings {
            let attribute = match &opening.form {
                Form::Nested(_) | Form::Element(_) => "ingress",
                Form::Rule | Form::SingleRule => opening.public[0].attribute,
            };
            opening.holder.not_ignored(attribute)?;
            let stays = opening.others
                || opening
                    .public
                    .iter()
                    .any(|p| !self.instead(p.family).is_empty());
            match &opening.form {
                Form::SingleRule => self.single(opening)?,
                _ if stays => self.withdraw_all(opening)?,
                Form::Rule => self.remove_rule(opening)?,
                Form::Nested(_) | Form::Element(_) => gone.push(opening),
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        let last = gone.len() >= inline;
        self.remove_inline(&gone, last)
    }

    /// What takes the place of a public source.
    fn instead(&self, family_wanted: Family) -> Vec<String> {
        self.approved
            .iter()
            .filter(|cidr| family(cidr) == Some(family_wanted))
            .map(|cidr| quote(cidr))
            .collect()
    }

    fn previous(&mut self, path: String, value: &str) {
        self.draft.previous.push(Previous {
            path,
            value: Some(value.to_owned()),
        });
    }

    /// Takes the public sources out of a rule that keeps others.
    fn withdraw_all(&mut self, opening: &Opening<'c, 'a>) -> Result<(), Refusal> {
        for public in &opening.public {
            let path = self.path(opening, public.attribute);
            let (edits, previous, also) = self.withdraw(opening, public)?;
            self.draft.edits.extend(edits);
            self.previous(format!("{}.{path}", opening.holder.name()), &previous);
            self.draft.also(also);
            self.note(path);
        }
        Ok(())
    }

    fn path(&self, opening: &Opening<'c, 'a>, attribute: &str) -> String {
        if opening.is_inline() {
            format!("ingress.{attribute}")
        } else {
            attribute.to_owned()
        }
    }

    fn note(&mut self, path: String) {
        if !self.draft.paths.contains(&path) {
            self.draft.paths.push(path);
        }
    }

    /// Takes one public source out of the list where it is decided, or out of the block's own list.
    fn withdraw(
        &self,
        opening: &Opening<'c, 'a>,
        public: &Public,
    ) -> Result<(Vec<Edit>, String, Vec<Affected>), Refusal> {
        let instead = self.instead(public.family);
        let mut too_wide = None;
        for origin in public.value.decided_by.iter().chain(&public.value.via) {
            let Some(entry) = Entry::at(self.subject.cfg, origin) else {
                continue;
            };
            let edits = if !instead.is_empty() {
                entry.replace(&instead)
            } else if entry.is_only() {
                match self.own_attribute(opening, public, entry.whole()) {
                    Some(edits) => edits,
                    None => entry.remove(),
                }
            } else {
                entry.remove()
            };
            if !self.helps(&edits) {
                continue;
            }
            match self.others(opening, origin, &edits) {
                Ok(also) => return Ok((edits, entry.text().to_owned(), also)),
                Err(other) => too_wide = Some(other),
            }
        }
        if let Some((edits, previous)) = self.own_list(opening, public)
            && self.helps(&edits)
            && place::other_instances(&opening.holder).is_empty()
        {
            return Ok((edits, previous, Vec::new()));
        }
        Err(match too_wide {
            Some(other) => Refusal::new(
                RefusalKind::TooWide,
                format!(
                    "`{}` of `{}` is decided at a place that also decides {other}",
                    public.cidr, opening.holder.address
                ),
                "give this rule a list of its own, then run again",
            ),
            None => Refusal::new(
                RefusalKind::UnsupportedShape,
                format!(
                    "`{}` of `{}` is not written as an element of a list that can be edited",
                    public.cidr, opening.holder.address
                ),
                "change it by hand",
            ),
        })
    }

    /// Removing the attribute instead of leaving `[]`, where the block itself writes the list.
    fn own_attribute(
        &self,
        opening: &Opening<'c, 'a>,
        public: &Public,
        list: &Span,
    ) -> Option<Vec<Edit>> {
        let block = opening.block()?;
        let attribute = block.body.get_attribute(public.attribute)?;
        (attribute.value.span().as_ref() == Some(list))
            .then(|| Pen::new(opening.holder.file()).remove_attribute(block, public.attribute))
    }

    /// The block's own expression as a list of what stays, when all of that is known text.
    fn own_list(&self, opening: &Opening<'c, 'a>, public: &Public) -> Option<(Vec<Edit>, String)> {
        let block = opening.block()?;
        let value = &block.body.get_attribute(public.attribute)?.value;
        let whole = opening
            .holder
            .cfg
            .evaluate(&opening.holder.at, &opening.holder.address, value);
        let mut texts = Vec::new();
        for item in whole.as_list()? {
            let text = item.as_str()?;
            if is_public(text).is_none() && !item.sensitive {
                texts.push(quote(text));
            }
        }
        texts.extend(self.instead(public.family));
        let file = opening.holder.file();
        let edits = Pen::new(file).replace(value, &format!("[{}]", texts.join(", ")));
        Some((edits, file.slice(value.span()?).to_owned()))
    }

    /// Whether an edit closes something for the subject.
    fn helps(&self, edits: &[Edit]) -> bool {
        let count = |subject: &Subject<'_, '_>| -> usize {
            read(subject, self.asked)
                .openings
                .iter()
                .map(|o| o.public.len())
                .sum()
        };
        let before = count(self.subject);
        !edits.is_empty()
            && proof::after(self.subject.cfg, edits, |cfg| {
                Subject::find(cfg, &self.subject.at.root, &self.subject.address)
                    .is_some_and(|s| count(&s) < before)
            }) == Ok(true)
    }

    /// Every other instance that changes with a place, when all of them are open as well.
    fn others(
        &self,
        opening: &Opening<'c, 'a>,
        origin: &Origin,
        edits: &[Edit],
    ) -> Result<Vec<Affected>, String> {
        let mut also = Vec::new();
        for decided in reach::changed_by(self.subject.cfg, origin, edits) {
            let other = Subject {
                cfg: self.subject.cfg,
                at: decided.occurrence,
                address: decided.address,
            };
            let affected = other.affected();
            let ours = affected == opening.holder.affected() || affected == self.subject.affected();
            let first = decided.path.first().map_or("", String::as_str);
            let as_source = first == "ingress" || first.contains("cidr");
            if ours && as_source {
                continue;
            }
            if !as_source || read(&other, self.asked).openings.is_empty() {
                return Err(format!(
                    "`{}` of `{}`",
                    decided.path.join("."),
                    affected.address
                ));
            }
            also.push(affected);
        }
        Ok(also)
    }

    /// A rule with one source: the source is replaced, or the rule goes.
    fn single(&mut self, opening: &Opening<'c, 'a>) -> Result<(), Refusal> {
        let public = &opening.public[0];
        let instead = self.instead(public.family);
        let [one] = instead.as_slice() else {
            if instead.len() > 1 {
                self.draft.warnings.push(format!(
                    "`{}` holds one CIDR block and goes; add rules for the approved ones ({}) where they are needed.",
                    opening.holder.name(),
                    instead.join(", ")
                ));
            }
            return self.remove_rule(opening);
        };
        let file = opening.holder.file();
        let own = opening.holder.expression(&[public.attribute.to_owned()]);
        let (Some(own), true) = (own, place::other_instances(&opening.holder).is_empty()) else {
            return self.remove_rule(opening);
        };
        opening.holder.editable()?;
        let before = own.span().map_or("", |s| file.slice(s)).to_owned();
        self.draft.edits.extend(Pen::new(file).replace(own, one));
        self.previous(
            format!("{}.{}", opening.holder.name(), public.attribute),
            &before,
        );
        self.note(public.attribute.to_owned());
        Ok(())
    }

    /// Removes the block of a rule, or what makes this one instance of it.
    fn remove_rule(&mut self, opening: &Opening<'c, 'a>) -> Result<(), Refusal> {
        let removal = removal::remove(&opening.holder, |peer| {
            !read(peer, self.asked).openings.is_empty()
        })?;
        self.draft.edits.extend(removal.edits);
        self.previous(opening.holder.name(), &removal.previous);
        self.draft.also(removal.also);
        self.draft.removed.push(opening.holder.affected());
        self.note(opening.holder.name());
        Ok(())
    }

    /// Removes inline rules; `last` when the group has no other inline rule.
    fn remove_inline(&mut self, gone: &[&Opening<'c, 'a>], last: bool) -> Result<(), Refusal> {
        let holder = &gone[0].holder;
        holder.editable()?;
        let file = holder.file();
        let mut blocks: Vec<&Block> = Vec::new();
        let mut entries: Vec<Edit> = Vec::new();
        for opening in gone {
            match &opening.form {
                // Rules in blocks of their own are removed by `remove_rule`.
                Form::Rule | Form::SingleRule => {}
                Form::Element(value) => {
                    let (edits, before) = self.entry(opening, value)?;
                    self.previous(format!("{}.ingress", holder.name()), &before);
                    entries.extend(edits);
                }
                Form::Nested(nested) => {
                    if nested.file.path() != file.path() {
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
                    let written = holder
                        .block()
                        .body
                        .blocks()
                        .find(|b| b.span().as_ref() == Some(&nested.span));
                    match (&nested.dynamic, written) {
                        (None, Some(block)) => blocks.push(block),
                        (Some(Dynamic::Element { value, .. }), Some(block)) => {
                            // With no rule left, the whole `dynamic` block makes way for `ingress = []`; with no
                            // rule left of its own, it goes.
                            if last || self.makes_only(opening, nested, value) {
                                if !blocks.iter().any(|b| b.span() == block.span()) {
                                    blocks.push(block);
                                }
                            } else {
                                let (edits, before) = self.entry(opening, value)?;
                                self.previous(format!("{}.ingress", holder.name()), &before);
                                entries.extend(edits);
                            }
                        }
                        _ => {
                            return Err(Refusal::new(
                                RefusalKind::UnsupportedShape,
                                format!(
                                    "`ingress` of `{}` is written by a `dynamic` block that cannot be evaluated",
                                    holder.address
                                ),
                                "change it by hand",
                            ));
                        }
                    }
                }
            }
        }
        if !blocks.is_empty() {
            self.peers_are_open(gone)?;
            let pen = Pen::new(file);
            for block in &blocks {
                let text = block.span().map_or("", |s| file.slice(s)).to_owned();
                self.previous(format!("{}.ingress", holder.name()), &text);
            }
            let edits = if last {
                self.draft.warnings.push(
                    "`ingress = []` stands for the last rule: without any `ingress` the group would keep the rule that \
                     it has in the cloud."
                        .to_owned(),
                );
                pen.replace_blocks(holder.block(), &blocks, "ingress", "[]")
            } else {
                pen.remove_blocks(holder.block(), &blocks)
            };
            self.draft.edits.extend(edits);
            self.draft.also(place::other_instances(holder));
        }
        self.draft.edits.extend(entries);
        self.note("ingress".to_owned());
        Ok(())
    }

    /// Whether a `dynamic` block makes this one rule only, from a list that stands in the block itself.
    fn makes_only(
        &self,
        opening: &Opening<'c, 'a>,
        nested: &Nested<'a>,
        value: &crate::terraform::Value,
    ) -> bool {
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

    /// Takes the entry that makes one inline rule out of the list in which it is written.
    fn entry(
        &mut self,
        opening: &Opening<'c, 'a>,
        value: &crate::terraform::Value,
    ) -> Result<(Vec<Edit>, String), Refusal> {
        let mut too_wide = None;
        for origin in value.decided_by.iter().chain(&value.via) {
            let Some(entry) = Entry::at(self.subject.cfg, origin) else {
                continue;
            };
            let edits = entry.remove();
            if !self.helps(&edits) {
                continue;
            }
            match self.others(opening, origin, &edits) {
                Ok(also) => {
                    self.draft.also(also);
                    return Ok((edits, entry.text().to_owned()));
                }
                Err(other) => too_wide = Some(other),
            }
        }
        Err(match too_wide {
            Some(other) => Refusal::new(
                RefusalKind::TooWide,
                format!(
                    "the entry that makes this rule of `{}` also decides {other}",
                    opening.holder.address
                ),
                "give this group a list of its own, then run again",
            ),
            None => Refusal::new(
                RefusalKind::UnsupportedShape,
                format!(
                    "the rule of `{}` is made by an expression that cannot be taken apart",
                    opening.holder.address
                ),
                "change it by hand",
            ),
        })
    }

    /// Every other instance of the group's block must be open by the same inline rules.
    fn peers_are_open(&self, gone: &[&Opening<'c, 'a>]) -> Result<(), Refusal> {
        let holder = &gone[0].holder;
        for peer in place::other_instances(holder) {
            let open = Subject::find(holder.cfg, &peer.root, &peer.address).is_some_and(|peer| {
                let there = read(&peer, self.asked).openings;
                gone.iter().all(|o| {
                    let Form::Nested(wanted) = &o.form else {
                        return true;
                    };
                    there
                        .iter()
                        .any(|p| matches!(&p.form, Form::Nested(n) if n.span == wanted.span && !p.others))
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
