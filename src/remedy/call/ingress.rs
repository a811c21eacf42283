//! Openings of a security group that a module from elsewhere makes out of its inputs.
//!
//! A module writes its rules in its own way: names of rules, lists of maps, addresses joined by commas. What decides an
//! opening is found by provenance: the element, the entry or the part of a text at the call (or behind it) whose removal
//! closes it. It counts only when nothing else that is let in changes; for that, everything that every group of the
//! module lets in is compared before and after, source by source.

use std::collections::BTreeMap;

use hcl_edit::Span as _;

use super::super::entry::Entry;
use super::super::ingress::{Asked, Form, Opening, approved, read};
use super::super::network::{Family, family, is_public};
use super::super::place;
use super::super::reach::{self, Reached};
use super::super::subject::Subject;
use super::super::written;
use super::super::{Affected, Context, Draft, Fix, Previous, Refusal, RefusalKind, proof};
use super::{Case, finish};
use crate::locate::External;
use crate::rules::{Impact, Ingress};
use crate::terraform::edit::{Pen, quote};
use crate::terraform::module::{Configuration, Held};
use crate::terraform::value::Origin;
use crate::terraform::{Address, Edit, Value};

/// Rounds in which openings are closed one after the other.
const ROUNDS: usize = 32;

/// A fix that closes every opening at the inputs of the module; `None` when one of them stays.
pub(super) fn fix(
    context: &Context<'_, '_>,
    case: &Case<'_>,
    wanted: &Ingress,
    address: &Address,
    external: &External<'_>,
) -> Option<Result<Fix, Refusal>> {
    let subject = Subject::find(context.cfg, &case.located.root, address)?;
    let asked = Asked::of(wanted, case.with);
    let reading = read(&subject, &asked);
    if !reading.doubts.is_empty() || reading.openings.is_empty() {
        return None;
    }
    let approved = approved(context.parameters).ok()?;
    let closing = Closing {
        subject: &subject,
        asked: &asked,
        approved: &approved,
        depth: external.path.len(),
        external,
    };
    let mut chosen: Vec<Way> = Vec::new();
    for _ in 0..ROUNDS {
        let edits: Vec<Edit> = chosen.iter().flat_map(|w| w.edits.clone()).collect();
        let left = closing.open_after(&edits)?;
        if left == 0 {
            break;
        }
        let better = reading.openings.iter().find_map(|opening| {
            closing.ways(opening).into_iter().find(|way| {
                let mut all = edits.clone();
                all.extend(way.edits.iter().cloned());
                closing.open_after(&all).is_some_and(|now| now < left)
                    && closing.only_openings_go(&all, &closing.subject.affected())
            })
        })?;
        chosen.push(better);
    }
    let edits: Vec<Edit> = chosen.iter().flat_map(|w| w.edits.clone()).collect();
    if closing.open_after(&edits)? != 0 {
        return None;
    }
    if closing.empties_a_group(&edits) {
        return Some(Err(last_inline_rule(external, address)));
    }
    let origins: Vec<Origin> = chosen.iter().map(|w| w.origin.clone()).collect();
    let also = closing.others(&edits, &origins)?;
    let mut draft = Draft::of(&subject);
    draft.edits = edits;
    draft.impact = Some(Impact::GrantRemoved);
    draft.also(also);
    draft
        .rules
        .extend(reading.openings.iter().map(|o| o.holder.affected()));
    let mut words: Vec<String> = Vec::new();
    for opening in &reading.openings {
        for public in &opening.public {
            let word = format!("`{}` for {}", public.cidr, opening.traffic);
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    for way in &chosen {
        draft.paths.push(way.what.clone());
        draft.previous.push(Previous {
            path: format!("module.{}, {}", external.call.name, way.what),
            value: Some(way.present.clone()),
        });
        if way.moves_others {
            draft.warnings.push(format!(
                "What stands behind it in {} moves up by one: Terraform removes those rules and makes them anew in the same apply.",
                place::describe(&way.origin)
            ));
        }
    }
    draft.warnings.dedup();
    let named = super::super::settings::join(&words);
    draft.summary = if approved.is_empty() {
        format!("drop {named}")
    } else {
        let by: Vec<String> = approved.iter().map(|c| format!("`{c}`")).collect();
        format!("replace {named} by {}", super::super::settings::join(&by))
    };
    let remedy = case.rule.remedy_for(&address.kind)?;
    Some(finish(context, case, draft, &remedy.warnings))
}

/// One edit that may close an opening.
struct Way {
    edits: Vec<Edit>,
    /// The whole literal that it changes.
    origin: Origin,
    present: String,
    /// Argument or variable, in words.
    what: String,
    /// Elements behind it move up.
    moves_others: bool,
}

struct Closing<'q, 'c, 'a> {
    subject: &'q Subject<'c, 'a>,
    asked: &'q Asked,
    approved: &'q [String],
    /// Number of module steps to the module from elsewhere.
    depth: usize,
    external: &'q External<'a>,
}

impl Closing<'_, '_, '_> {
    /// Number of openings after some edits; `None` when the edits do not apply or something cannot be told any more.
    fn open_after(&self, edits: &[Edit]) -> Option<usize> {
        proof::after(self.subject.cfg, edits, |cfg| {
            let after = Subject::find(cfg, &self.subject.at.root, &self.subject.address)?;
            let reading = read(&after, self.asked);
            reading
                .doubts
                .is_empty()
                .then(|| reading.openings.iter().map(|o| o.public.len()).sum())
        })
        .ok()?
    }

    /// The edits that may close an opening, the narrowest first.
    fn ways(&self, opening: &Opening<'_, '_>) -> Vec<Way> {
        let sources = origins_of(
            opening,
            &["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"],
        );
        let mut ways = Vec::new();
        for public in &opening.public {
            for origin in &sources {
                ways.extend(self.part_of_a_text(origin, &public.cidr, public.family));
            }
        }
        // With approved addresses the rule stays, for these.
        let stays = opening
            .public
            .iter()
            .any(|p| !self.instead(p.family).is_empty());
        if stays {
            return ways;
        }
        let ports = ["from_port", "to_port", "protocol", "ip_protocol"];
        let mut origins = sources;
        for origin in origins_of(opening, &ports) {
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        for origin in origins {
            ways.extend(self.containers(&origin));
        }
        ways
    }

    fn instead(&self, wanted: Family) -> Vec<&str> {
        self.approved
            .iter()
            .filter(|cidr| family(cidr) == Some(wanted))
            .map(String::as_str)
            .collect()
    }

    /// Takes one address out of a text that holds several, joined by commas; or puts the approved ones in its place.
    fn part_of_a_text(&self, origin: &Origin, cidr: &str, wanted: Family) -> Option<Way> {
        let file = self.subject.cfg.estate().file(&origin.file)?;
        if place::is_external(&origin.file) || !file.has_spans() {
            return None;
        }
        let innermost = written::around(file, &origin.span).into_iter().next()?;
        let (text, span) = (innermost.as_str()?, innermost.span()?);
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        if !parts.contains(&cidr) {
            return None;
        }
        let instead = self.instead(wanted);
        // An element of a list is replaced by elements.
        if parts.len() == 1
            && let Some(entry) = Entry::at(self.subject.cfg, origin)
            && entry.is_in_list()
        {
            let by: Vec<String> = instead.iter().map(|c| quote(c)).collect();
            return (!by.is_empty()).then(|| Way {
                edits: entry.replace(&by),
                present: entry.text().to_owned(),
                what: place::describe(origin),
                origin: origin.clone(),
                moves_others: false,
            });
        }
        let mut kept: Vec<&str> = Vec::new();
        for part in parts {
            let new: Vec<&str> = if part == cidr {
                instead.clone()
            } else {
                vec![part]
            };
            kept.extend(new.into_iter().filter(|p| !p.is_empty()));
        }
        kept.dedup();
        if kept.is_empty() {
            return None;
        }
        Some(Way {
            edits: Pen::new(file).replace_span(span.clone(), &quote(&kept.join(","))),
            present: file.slice(span).to_owned(),
            what: place::describe(origin),
            origin: origin.clone(),
            moves_others: false,
        })
    }

    /// Takes the element or entry out in which something stands, of the innermost list or map first.
    fn containers(&self, origin: &Origin) -> Vec<Way> {
        Entry::outward(self.subject.cfg, origin)
            .iter()
            .map(|entry| Way {
                edits: entry.remove(),
                present: entry.text().to_owned(),
                what: place::describe(origin),
                moves_others: entry.is_in_list() && !entry.is_last(),
                origin: entry.place(origin),
            })
            .filter(|way| !way.edits.is_empty())
            .collect()
    }

    /// Whether the group would be left without any inline rule: then it keeps those that it has in the cloud.
    fn empties_a_group(&self, edits: &[Edit]) -> bool {
        let inline = |cfg: &Configuration<'_>| {
            Subject::find(cfg, &self.subject.at.root, &self.subject.address).map_or(0, |subject| {
                cfg.nested(&subject.at, &subject.address, &["ingress"])
                    .len()
            })
        };
        inline(self.subject.cfg) > 0
            && proof::after(self.subject.cfg, edits, inline).is_ok_and(|left| left == 0)
    }

    /// Compares what all groups and rules of a module instance let in: only public sources may go, and only approved ones
    /// come.
    fn only_openings_go(&self, edits: &[Edit], instance: &Affected) -> bool {
        let cfg = self.subject.cfg;
        let before = grants(cfg, instance, self.depth, self.asked);
        let Ok(after) = proof::after(cfg, edits, |edited| {
            grants(edited, instance, self.depth, self.asked)
        }) else {
            return false;
        };
        let gone_may = before.iter().all(|(grant, number)| {
            let now = after.get(grant).copied().unwrap_or(0);
            now == *number || (now < *number && grant.opening)
        });
        let come_may = after.iter().all(|(grant, number)| {
            let was = before.get(grant).copied().unwrap_or(0);
            *number <= was || self.approved.contains(&grant.source)
        });
        gone_may && come_may
    }

    /// The other groups that close as well, each of which had the same need; `None` when something else changes.
    fn others(&self, edits: &[Edit], origins: &[Origin]) -> Option<Vec<Affected>> {
        let cfg = self.subject.cfg;
        let reached: Vec<Reached> = origins
            .iter()
            .flat_map(|origin| cfg.decided_here(origin))
            .map(|i| Reached::from(&i))
            .collect();
        let changed: Vec<Affected> = proof::after(cfg, edits, |edited| {
            reach::really_changed(cfg, edited, &reached)
                .into_iter()
                .map(|one| Affected {
                    root: one.root.clone(),
                    address: one.address.clone(),
                })
                .collect()
        })
        .ok()?;
        let mut also: Vec<Affected> = Vec::new();
        for one in changed {
            let module = one.address.modules.get(..self.depth)?;
            let labels: Vec<String> = module.iter().map(|m| m.name.clone()).collect();
            if cfg.module_at(&one.root, &labels) != self.external.dir {
                return None;
            }
            let mut address = self.subject.address.clone();
            address.modules.splice(..self.depth, module.iter().cloned());
            let twin = Affected {
                root: one.root.clone(),
                address,
            };
            if twin == self.subject.affected() || also.contains(&twin) {
                continue;
            }
            let was = Subject::find(cfg, &twin.root, &twin.address)?;
            if read(&was, self.asked).openings.is_empty() || !self.only_openings_go(edits, &twin) {
                return None;
            }
            also.push(twin);
        }
        Some(also)
    }
}

/// One source that is let in for some traffic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    traffic: String,
    source: String,
    /// Everybody, on a port that is asked about.
    opening: bool,
}

/// What the groups and rules of a module instance let in, with the number of times it is said.
fn grants(
    cfg: &Configuration<'_>,
    instance: &Affected,
    depth: usize,
    asked: &Asked,
) -> BTreeMap<Grant, usize> {
    let mut found = BTreeMap::new();
    let steps = instance.address.modules.get(..depth).unwrap_or_default();
    for kind in [
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_security_group",
        "aws_default_security_group",
    ] {
        for at in cfg.occurrences(kind) {
            if at.root != instance.root {
                continue;
            }
            for address in cfg.instances(&at).known {
                if !address.modules.starts_with(steps) {
                    continue;
                }
                let subject = Subject {
                    cfg,
                    at: at.clone(),
                    address,
                };
                for grant in granted(&subject, asked) {
                    *found.entry(grant).or_insert(0) += 1;
                }
            }
        }
    }
    found
}

const SOURCES: [&str; 8] = [
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "security_groups",
    "source_security_group_id",
    "cidr_ipv4",
    "cidr_ipv6",
    "self",
];

fn granted(subject: &Subject<'_, '_>, asked: &Asked) -> Vec<Grant> {
    let is_group = matches!(
        subject.at.resource.kind,
        "aws_security_group" | "aws_default_security_group"
    );
    let open: Vec<String> = if is_group {
        Vec::new()
    } else {
        read(subject, asked)
            .openings
            .iter()
            .flat_map(|o| o.public.iter().map(|p| p.cidr.clone()))
            .collect()
    };
    let from = |get: &dyn Fn(&str) -> Held, open: &dyn Fn(&str) -> bool| {
        let text = |name: &str| match get(name) {
            Held::Value(value) => said(&value),
            Held::Absent => String::new(),
            Held::Dynamic(_) => "?".to_owned(),
        };
        let traffic = ["type", "protocol", "ip_protocol", "from_port", "to_port"]
            .map(text)
            .join(" ");
        let mut sources: Vec<String> = Vec::new();
        for name in SOURCES {
            if let Held::Value(value) = get(name)
                && !value.is_null()
            {
                match value.as_list() {
                    Some(items) => sources.extend(items.iter().map(said)),
                    None => sources.push(format!("{name} {}", said(&value))),
                }
            }
        }
        if sources.is_empty() {
            // A rule for nobody is no rule that Terraform takes.
            sources.push("nobody".to_owned());
        }
        sources
            .into_iter()
            .map(|source| {
                let source = source
                    .strip_prefix("cidr_ipv4 ")
                    .or_else(|| source.strip_prefix("cidr_ipv6 "))
                    .unwrap_or(&source)
                    .to_owned();
                Grant {
                    traffic: traffic.clone(),
                    opening: open(&source),
                    source,
                }
            })
            .collect::<Vec<Grant>>()
    };
    if !is_group {
        let get = |name: &str| subject.held(&[name.to_owned()]);
        return from(&get, &|source| open.iter().any(|o| o == source));
    }
    subject
        .cfg
        .nested(&subject.at, &subject.address, &["ingress"])
        .iter()
        .flat_map(|nested| {
            let get = |name: &str| {
                subject
                    .cfg
                    .held_in(&subject.at, &subject.address, nested, &[name])
            };
            from(&get, &|source| is_public(source).is_some())
        })
        .collect()
}

/// A value as text that is the same for the same value.
fn said(value: &Value) -> String {
    value
        .as_text()
        .unwrap_or_else(|| format!("{:?}", value.kind))
}

/// The places in this repository that decide attributes of an opening, or help to.
fn origins_of(opening: &Opening<'_, '_>, names: &[&str]) -> Vec<Origin> {
    let holder = &opening.holder;
    let mut found: Vec<Origin> = Vec::new();
    for name in names {
        let held = match &opening.form {
            Form::Nested(nested) => {
                holder
                    .cfg
                    .held_in(&holder.at, &holder.address, nested, &[*name])
            }
            Form::Rule | Form::SingleRule => holder.held(&[(*name).to_owned()]),
            Form::Element(value) => Held::Value(value.clone()),
        };
        if let Held::Value(value) = held {
            found.extend(
                literals(&value)
                    .into_iter()
                    .filter(|o| !found.contains(o))
                    .collect::<Vec<Origin>>(),
            );
        }
    }
    found
}

/// The places of a value that are literals, or parts of them, in this repository.
fn literals(value: &Value) -> Vec<Origin> {
    let mut found: Vec<Origin> = Vec::new();
    for origin in value.all_origins() {
        if !place::is_external(&origin.file) && !origin.span.is_empty() && !found.contains(origin) {
            found.push(origin.clone());
        }
    }
    found
}

/// The refusal for a group whose last inline rule would go.
fn last_inline_rule(external: &External<'_>, address: &Address) -> Refusal {
    let label = external.path.join(".");
    Refusal::new(
        RefusalKind::Precondition,
        format!(
            "it is the last ingress rule of `{address}` that module `{label}` ({}) writes: without any, Terraform leaves the rules in the cloud as they are",
            external.source_in_words()
        ),
        format!(
            "give module `{label}` a rule that is meant (from the network itself, say) in its place, or name approved addresses (parameter `approved_cidrs`), and run again; or apply the empty list and revoke the rule by hand"
        ),
    )
}

/// The refusal for openings that no input closes by itself.
pub(super) fn refusal(external: &External<'_>, address: &Address) -> Refusal {
    let label = external.path.join(".");
    Refusal::new(
        RefusalKind::TooWide,
        format!(
            "`{address}` is made by module `{label}` ({}), and nothing at the call closes only that: what opens it lets in others too, or would leave a rule for nobody",
            external.source_in_words()
        ),
        format!(
            "name the addresses that may get in (parameter `approved_cidrs`), which then take the place of everybody; or write the rules of module `{label}` one by one (a list of maps, each with its own addresses), and run again"
        ),
    )
}
