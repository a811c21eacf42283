//! How many attribute values of AWS resources does the evaluator leave unknown that the code alone decides?
//!
//! ```text
//! cargo run --release --example unknown -- [--json FILE] [--top N] DIR …
//! ```
//!
//! For every `aws_` resource block, as seen from each root (at most three instances of it), every attribute that is
//! written in it and in its nested blocks is evaluated. [`eligible`] tells by the syntax alone which of them depend
//! only on what the code says; among those the share that is not known is printed, with the reasons and the
//! expressions that cause most of it.
#![allow(
    clippy::print_stdout,
    reason = "a tool for the terminal: its result is what it prints"
)]

mod eligible;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context as _;
use eligible::{Bound, Eligibility, Excuse, Place, Verdict};
use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::Element;
use serde_json::json;
use tfmend::terraform::address::InstanceKey;
use tfmend::terraform::module::{Configuration, Held, Nested, Occurrence};
use tfmend::terraform::value::{Unknown, Value};
use tfmend::terraform::{Address, SourceFile};
use tfmend::workspace::{Limits, Workspace};

/// Arguments of Terraform, not of the provider.
const META: [&str; 5] = ["count", "for_each", "provider", "depends_on", "lifecycle"];
const META_BLOCKS: [&str; 3] = ["lifecycle", "provisioner", "connection"];
/// Instances of one block that are looked at.
const INSTANCES: usize = 3;

fn main() -> anyhow::Result<()> {
    let mut top = 20;
    let mut out = None;
    let mut dirs = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut next = || arguments.next().context("a value is missing");
        match argument.as_str() {
            "--top" => top = next()?.parse()?,
            "--json" => out = Some(PathBuf::from(next()?)),
            _ => dirs.push(PathBuf::from(argument)),
        }
    }
    anyhow::ensure!(
        !dirs.is_empty(),
        "usage: unknown [--json FILE] [--top N] DIR …"
    );
    let mut all = Count::default();
    let mut by_tree = Vec::new();
    for dir in dirs {
        let count = tree(&dir)?;
        let name = dir
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        println!("{name}: {}", count.line());
        by_tree.push(json!({"tree": name, "values": count.values, "eligible": count.eligible, "literal": count.literal, "unknown": count.unknown}));
        all.add(count);
    }
    println!("\nall: {}", all.line());
    println!("\nnot counted, by what they depend on:");
    for (why, n) in &all.excused {
        println!("  {n:7} {why:?}");
    }
    println!("\nunknown although the code decides them, by reason:");
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for seen in all.offenders.values() {
        *reasons.entry(seen.variant).or_default() += seen.values;
    }
    for (reason, n) in &reasons {
        println!("  {n:7} {reason}");
    }
    let mut offenders: Vec<(&String, &Offender)> = all.offenders.iter().collect();
    offenders.sort_by_key(|(what, o)| (std::cmp::Reverse(o.values), (*what).clone()));
    println!("\nthe {top} most frequent:");
    for (what, o) in offenders.iter().take(top) {
        println!(
            "  {:6} values, {:5} places: {}: {what}",
            o.values,
            o.places.len(),
            o.variant
        );
        println!("         e.g. {}", o.example);
    }
    if let Some(out) = out {
        let listed: Vec<_> = offenders
            .iter()
            .map(|(what, o)| json!({"what": what, "reason": o.variant, "values": o.values, "places": o.places.len(), "example": o.example}))
            .collect();
        let report = json!({"values": all.values, "eligible": all.eligible, "literal": all.literal, "unknown": all.unknown, "trees": by_tree,
            "reasons": reasons, "offenders": listed});
        std::fs::write(&out, serde_json::to_string_pretty(&report)?)
            .with_context(|| out.display().to_string())?;
    }
    Ok(())
}

/// One reason that was given for values.
#[derive(Default)]
struct Offender {
    variant: &'static str,
    values: usize,
    places: HashSet<(String, usize)>,
    example: String,
}

#[derive(Default)]
struct Count {
    values: usize,
    eligible: usize,
    /// Of the eligible: written as a plain literal.
    literal: usize,
    unknown: usize,
    excused: BTreeMap<Excuse, usize>,
    offenders: BTreeMap<String, Offender>,
}

impl Count {
    fn line(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a share for a reader")]
        let share = |of: usize| 100.0 * self.unknown as f64 / of.max(1) as f64;
        let expressions = self.eligible - self.literal;
        format!(
            "{} values, {} depend on the code alone, {} of them unknown ({:.2} %; {:.2} % of the {expressions} that are no literals)",
            self.values,
            self.eligible,
            self.unknown,
            share(self.eligible),
            share(expressions),
        )
    }

    fn add(&mut self, other: Self) {
        self.values += other.values;
        self.eligible += other.eligible;
        self.literal += other.literal;
        self.unknown += other.unknown;
        for (why, n) in other.excused {
            *self.excused.entry(why).or_default() += n;
        }
        for (what, o) in other.offenders {
            let mine = self.offenders.entry(what).or_default();
            mine.variant = o.variant;
            mine.values += o.values;
            mine.places.extend(o.places);
            if mine.example.is_empty() {
                mine.example = o.example;
            }
        }
    }

    fn value(&mut self, at: &At<'_, '_>, verdict: Verdict, value: &Value) {
        self.values += 1;
        if let Err(excuse) = verdict {
            *self.excused.entry(excuse).or_default() += 1;
            return;
        }
        self.eligible += 1;
        self.literal += usize::from(at.literal);
        if value.is_known() {
            return;
        }
        self.unknown += 1;
        let why = value
            .why_unknown()
            .unwrap_or_else(|| Unknown::Invalid("no reason given".to_owned()));
        // `each` is not bound because nobody knows over what is repeated: that is the reason to be named.
        let (what, variant) = match (&why, at.unrepeated) {
            (Unknown::Unbound(_), Some(cause)) => (format!("(repetition) {cause}"), variant(cause)),
            _ => (why.to_string(), variant(&why)),
        };
        let offender = self.offenders.entry(without_modules(&what)).or_default();
        offender.variant = variant;
        offender.values += 1;
        offender
            .places
            .insert((at.file.path().to_string(), at.start));
        if offender.example.is_empty() {
            offender.example = at.show();
        }
    }
}

/// Where a value is written.
struct At<'s, 'a> {
    file: &'a SourceFile,
    start: usize,
    end: usize,
    literal: bool,
    /// Why its instances are not known.
    unrepeated: Option<&'s Unknown>,
    tree: &'s str,
    address: &'s Address,
}

impl At<'_, '_> {
    fn show(&self) -> String {
        let text = self.file.text();
        let line = text
            .get(..self.start)
            .map_or(0, |before| before.matches('\n').count() + 1);
        let written: String = text
            .get(self.start..self.end)
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(160)
            .collect();
        format!(
            "{}/{}:{line} ({}): {written}",
            self.tree,
            self.file.path(),
            self.address
        )
    }
}

/// Whether there is nothing to evaluate.
fn is_literal(expression: &Expression) -> bool {
    match expression {
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::String(_) => true,
        Expression::Array(items) => items.iter().all(is_literal),
        Expression::Object(object) => object.iter().all(|(_, value)| is_literal(value.expr())),
        Expression::HeredocTemplate(heredoc) => heredoc
            .template
            .iter()
            .all(|e| matches!(e, Element::Literal(_))),
        _ => false,
    }
}

fn variant(why: &Unknown) -> &'static str {
    match why {
        Unknown::UnsetVariable(..) => "unset variable",
        Unknown::Varies(..) => "varies",
        Unknown::SetOutside(..) => "set outside",
        Unknown::Workspace => "workspace",
        Unknown::Data(..) => "data",
        Unknown::ExternalModule(..) => "external module",
        Unknown::Computed(..) => "computed",
        Unknown::Unsupported(..) => "unsupported",
        Unknown::Unbound(..) => "unbound",
        Unknown::TooDeep(..) => "too deep",
        Unknown::Invalid(..) => "invalid",
        #[allow(unreachable_patterns, reason = "reasons may be added")]
        _ => "other",
    }
}

fn tree(dir: &Path) -> anyhow::Result<Count> {
    let workspace = Workspace::read(dir, Limits::default())?;
    let estate = workspace.estate();
    let cfg = Configuration::new(estate);
    let empty = Block::new(hcl_edit::Ident::new("none"));
    let eligibility = Eligibility::new(estate, workspace.top(), &empty);
    let name = dir
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut count = Count::default();
    for kind in cfg.kinds().into_iter().filter(|k| k.starts_with("aws_")) {
        for occurrence in cfg.occurrences(kind) {
            let root = cfg.roots().iter().find(|r| r.dir == occurrence.root);
            let var_files = root.map(|r| r.var_file_sets.clone()).unwrap_or_default();
            let calls = cfg.calls(&occurrence);
            // With Terragrunt the code of a root stands in another directory than the root.
            let code = calls
                .first()
                .map_or_else(|| occurrence.module.clone(), |c| c.file.path().parent());
            let mut place = eligibility.root(&code, &var_files);
            let mut here = true;
            let mut repeated = Ok(());
            for call in calls {
                match eligibility.called(&place, call.name) {
                    Some(child) => {
                        repeated = repeated.and(eligibility.repeated_call(&place, call.name));
                        place = child;
                    }
                    // An installed module: its code is here after all, but not by a local call.
                    None => here = false,
                }
            }
            if !here {
                continue;
            }
            let Some(block) = eligibility.block(&place, kind, &occurrence.address.name) else {
                continue;
            };
            let (addresses, unrepeated) = instances(&cfg, &occurrence);
            // One that stands for instances of which nobody knows a key: its `each` is as good as what decides that.
            let mut bound = Bound::new();
            if addresses.iter().all(|a| a.key.is_none()) && unrepeated.is_some() {
                let repeated = repeated.and(eligibility.repetition(&place, block));
                bound.extend(["each", "count"].map(|name| (name.to_owned(), repeated)));
            }
            for address in addresses {
                let mut reader = Reader {
                    cfg: &cfg,
                    eligibility: &eligibility,
                    occurrence: &occurrence,
                    address: &address,
                    unrepeated: unrepeated.as_ref(),
                    bound: &bound,
                    place: &place,
                    block,
                    tree: &name,
                    count: &mut count,
                };
                reader.top();
            }
        }
    }
    Ok(count)
}

/// The first instances of a block; where there may be others, or nobody knows how many, why that is so.
fn instances(
    cfg: &Configuration<'_>,
    occurrence: &Occurrence<'_>,
) -> (Vec<Address>, Option<Unknown>) {
    let instances = cfg.instances(occurrence);
    if !instances.known.is_empty() || instances.unknown.is_none() {
        return (
            instances.known.into_iter().take(INSTANCES).collect(),
            instances.unknown,
        );
    }
    // How many there are is not known: one stands for them, without a key.
    let none = None::<InstanceKey>;
    let one = Address {
        modules: cfg
            .calls(occurrence)
            .iter()
            .map(|c| tfmend::terraform::address::ModuleStep {
                name: c.name.to_owned(),
                key: none.clone(),
            })
            .collect(),
        data: false,
        kind: occurrence.address.kind.clone(),
        name: occurrence.address.name.clone(),
        key: none,
    };
    (vec![one], instances.unknown)
}

/// The same trouble in two calls of a module is one trouble.
fn without_modules(what: &str) -> String {
    what.split('`')
        .map(|part| {
            let mut rest = part;
            while let Some(after) = rest.strip_prefix("module.") {
                let Some((_, tail)) = after.split_once('.') else {
                    break;
                };
                rest = tail;
            }
            rest
        })
        .collect::<Vec<_>>()
        .join("`")
}

/// Reads the attributes of one instance.
struct Reader<'s, 'a> {
    cfg: &'s Configuration<'a>,
    eligibility: &'s Eligibility<'a>,
    occurrence: &'s Occurrence<'a>,
    address: &'s Address,
    unrepeated: Option<&'s Unknown>,
    bound: &'s Bound,
    place: &'s Rc<Place<'a>>,
    block: &'a Block,
    tree: &'s str,
    count: &'s mut Count,
}

impl<'a> Reader<'_, 'a> {
    fn top(&mut self) {
        let file = self.occurrence.resource.file;
        for attribute in self.block.body.attributes() {
            let name = attribute.key.as_str();
            if META.contains(&name) {
                continue;
            }
            let verdict =
                self.eligibility
                    .expression(self.place, self.block, self.bound, &attribute.value);
            if let Held::Value(value) = self.cfg.held(self.occurrence, self.address, &[name]) {
                self.note(file, attribute, verdict, &value);
            }
        }
        let inner = Self::bodies(&self.block.body);
        let bound = self.bound.clone();
        self.blocks(&inner, &bound, &mut Vec::new());
    }

    /// The nested blocks, `dynamic` ones as such.
    fn bodies(body: &'a Body) -> Vec<&'a Block> {
        body.blocks()
            .filter(|b| !META_BLOCKS.contains(&b.ident.as_str()))
            .collect()
    }

    fn blocks(&mut self, blocks: &[&'a Block], bound: &Bound, path: &mut Vec<String>) {
        for block in blocks.iter().copied() {
            let mut inner = bound.clone();
            let (name, content) = if block.ident.as_str() == "dynamic" {
                let (Some(label), Some(content)) = (
                    block.labels.first(),
                    block.body.get_blocks("content").next(),
                ) else {
                    continue;
                };
                let over = block
                    .body
                    .get_attribute("for_each")
                    .map_or(Err(Excuse::Broken), |a| {
                        self.eligibility
                            .expression(self.place, self.block, bound, &a.value)
                    });
                let iterator = block
                    .body
                    .get_attribute("iterator")
                    .and_then(|a| a.value.as_variable());
                let iterator = iterator.map_or(label.as_str(), |i| i.as_str());
                inner.insert(iterator.to_owned(), over);
                (label.as_str(), content)
            } else {
                (block.ident.as_str(), block)
            };
            path.push(name.to_owned());
            let steps: Vec<&str> = path.iter().map(String::as_str).collect();
            let made: Vec<Nested<'a>> = self
                .cfg
                .nested(self.occurrence, self.address, &steps)
                .into_iter()
                .filter(|n| n.block.span() == content.span() && content.span().is_some())
                .take(INSTANCES)
                .collect();
            for nested in &made {
                for attribute in content.body.attributes() {
                    let verdict = self.eligibility.expression(
                        self.place,
                        self.block,
                        &inner,
                        &attribute.value,
                    );
                    let held = self.cfg.held_in(
                        self.occurrence,
                        self.address,
                        nested,
                        &[attribute.key.as_str()],
                    );
                    if let Held::Value(value) = held {
                        self.note(nested.file, attribute, verdict, &value);
                    }
                }
            }
            let deeper = Self::bodies(&content.body);
            self.blocks(&deeper, &inner, path);
            path.pop();
        }
    }

    fn note(
        &mut self,
        file: &'a SourceFile,
        attribute: &'a hcl_edit::structure::Attribute,
        verdict: Verdict,
        value: &Value,
    ) {
        let span = attribute.value.span().unwrap_or_default();
        let at = At {
            file,
            start: span.start,
            end: span.end,
            literal: is_literal(&attribute.value),
            unrepeated: self.unrepeated,
            tree: self.tree,
            address: self.address,
        };
        self.count.value(&at, verdict, value);
    }
}
