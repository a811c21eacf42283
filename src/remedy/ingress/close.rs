//! Closing an opening where it is written, as narrowly as the code allows.

use hcl_edit::Span as _;

use super::opening::{Asked, Form, Opening, Public, read};
use crate::remedy::draft::Draft;
use crate::remedy::entry::Entry;
use crate::remedy::network::{Family, family, is_public};
use crate::remedy::removal::{self, Target};
use crate::remedy::subject::Subject;
use crate::remedy::{
    Affected, Parameters, Previous, Refusal, RefusalKind, place, proof, reach, written,
};
use crate::terraform::edit::{Pen, data, quote};
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
    /// Whether an approved source took the place of a public one.
    pub(super) replaced: bool,
}

/// Edits, what was there, and what else changes.
type Changed = (Vec<Edit>, String, Vec<Affected>);

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
        let mut rules: Vec<&Opening<'c, 'a>> = Vec::new();
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
                Form::SingleRule if self.single(opening)? => {}
                Form::SingleRule => rules.push(opening),
                _ if stays => self.withdraw_all(opening)?,
                Form::Rule => rules.push(opening),
                Form::Nested(_) | Form::Element(_) => gone.push(opening),
            }
        }
        self.remove_rules(&rules)?;
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

    pub(super) fn previous(&mut self, path: String, value: &str) {
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
            self.replaced |= !self.instead(public.family).is_empty();
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

    pub(super) fn note(&mut self, path: String) {
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

    /// A rule with one source, where one is approved instead: it is replaced where it is decided. `false` when the rule
    /// goes.
    fn single(&mut self, opening: &Opening<'c, 'a>) -> Result<bool, Refusal> {
        let public = &opening.public[0];
        let instead = self.instead(public.family);
        if instead.is_empty() {
            return Ok(false);
        }
        if let [one] = instead.as_slice() {
            let changed = self
                .literal(opening, public, one)
                .or_else(|| self.own_literal(opening, public, one));
            if let Some((edits, before, also)) = changed {
                self.draft.edits.extend(edits);
                self.previous(
                    format!("{}.{}", opening.holder.name(), public.attribute),
                    &before,
                );
                self.draft.also(also);
                self.note(public.attribute.to_owned());
                self.replaced = true;
                return Ok(true);
            }
        }
        self.draft.warnings.push(format!(
            "`{}` holds one CIDR block and goes; add rules for the approved ones ({}) where they are needed.",
            opening.holder.name(),
            instead.join(", ")
        ));
        Ok(false)
    }

    /// The one source replaced where its text stands: in the entry that a caller gives, in a local, in a file.
    fn literal(&self, opening: &Opening<'c, 'a>, public: &Public, by: &str) -> Option<Changed> {
        let cfg = self.subject.cfg;
        let origins = public.value.decided_by.iter().chain(&public.value.via);
        origins
            .filter(|origin| !place::is_external(&origin.file))
            .find_map(|origin| {
                let file = cfg.estate().file(&origin.file)?;
                let edits = if data::is_data(file) {
                    let new = serde_json::from_str(by).ok()?;
                    data::replace(file, &origin.span, |_| Some(new))?.1
                } else {
                    written::at(file, &origin.span).filter(|e| e.is_str())?;
                    Pen::new(file).replace_span(origin.span.clone(), by)
                };
                let also = self
                    .helps(&edits)
                    .then(|| self.others(opening, origin, &edits).ok())??;
                Some((edits, file.slice(origin.span.clone()).to_owned(), also))
            })
    }

    /// The block's own expression replaced, where the block makes nothing else.
    fn own_literal(&self, opening: &Opening<'c, 'a>, public: &Public, by: &str) -> Option<Changed> {
        let holder = &opening.holder;
        let own = holder.expression(&[public.attribute.to_owned()])?;
        if !place::other_instances(holder).is_empty() || holder.editable().is_err() {
            return None;
        }
        let before = holder.file().slice(own.span()?).to_owned();
        let edits = Pen::new(holder.file()).replace(own, by);
        Some((edits, before, Vec::new()))
    }

    /// Removes rules of their own: what makes each of them, or its block.
    fn remove_rules(&mut self, rules: &[&Opening<'c, 'a>]) -> Result<(), Refusal> {
        let targets = rules
            .iter()
            .map(|opening| Target {
                holder: &opening.holder,
                because: opening.public.iter().map(|p| &p.value).collect(),
            })
            .collect();
        let asked = self.asked;
        let is_open = |peer: &Subject<'_, '_>| !read(peer, asked).openings.is_empty();
        for removal in removal::remove(targets, &is_open)? {
            self.previous(removal.name.clone(), &removal.previous);
            self.note(removal.name.clone());
            removal.note(self.draft);
        }
        Ok(())
    }
}
