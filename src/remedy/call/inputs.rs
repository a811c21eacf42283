//! Inputs of well-known modules that answer a rule: the table names them, the rule's own predicate proves them.
//!
//! The input is set where it is decided: the argument's literal, the variable behind it, the tfvars entry, the call of
//! the wrapper; or the call gets the argument. Of an object only the entry that answers is touched.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};

use super::super::place;
use super::super::reach::{self, Reached};
use super::super::subject::Subject;
use super::super::written;
use super::super::{Affected, Context, Draft, Fix, Previous, Verdict, assess, proof};
use super::{Case, finish};
use crate::locate::External;
use crate::terraform::edit::Pen;
use crate::terraform::module::{Call, Configuration};
use crate::terraform::registry::Answer;
use crate::terraform::value::{Kind, Origin, OriginPlace};
use crate::terraform::{Address, Edit, RepoPath, Value};

/// A fix by one of the answers that the table has for this module and rule; `None` when none of them is right.
pub(super) fn fix(
    context: &Context<'_, '_>,
    case: &Case<'_>,
    address: &Address,
    external: &External<'_>,
) -> Option<Fix> {
    let known = external.known()?;
    let remedy = case.rule.remedy_for(&address.kind)?;
    let attempt = Attempt {
        context,
        case,
        external,
        subject: Subject::find(context.cfg, &case.located.root, address)?,
    };
    let mut answers: Vec<Vec<Wanted>> = known
        .outline
        .answers(&case.rule.id, known.to)
        .filter_map(|answer| attempt.wanted(answer))
        .collect();
    // An input that is written already is changed before another one is added beside it.
    answers.sort_by_key(|answer| !answer.iter().all(|w| attempt.holds_something(w)));
    answers.iter().find_map(|answer| {
        let draft = attempt.draft(answer)?;
        match finish(context, case, draft, &remedy.warnings) {
            Ok(fix @ Fix::Remediation(_)) => Some(fix),
            _ => None,
        }
    })
}

/// An input, or an entry of one, and the HCL text that it shall have.
struct Wanted {
    input: String,
    /// Keys from the input down to the entry.
    path: Vec<String>,
    value: String,
}

fn leaves(
    input: &str,
    path: &mut Vec<String>,
    value: &Expression,
    text: &str,
    all: &mut Vec<Wanted>,
) {
    if let Expression::Object(object) = value
        && !object.is_empty()
    {
        for (key, value) in object.iter() {
            let Some(key) = key_text(key) else { continue };
            path.push(key);
            let inner = value.expr();
            leaves(input, path, inner, inner.to_string().trim(), all);
            path.pop();
        }
        return;
    }
    all.push(Wanted {
        input: input.to_owned(),
        path: path.clone(),
        value: text.to_owned(),
    });
}

/// Whether there is nothing in a value that has to be kept when entries are put into it.
fn holds_nothing(value: &Expression) -> bool {
    match value {
        Expression::Null(_) => true,
        Expression::Object(object) => object.is_empty(),
        _ => false,
    }
}

fn key_text(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(ident) => Some(ident.as_str().to_owned()),
        ObjectKey::Expression(e) => e.as_str().map(str::to_owned),
    }
}

/// The text of a value at a path of keys: `{ rule = { x = 1 } }`.
fn nested(path: &[String], value: &str) -> String {
    path.iter().rev().fold(value.to_owned(), |inner, key| {
        format!("{{ {key} = {inner} }}")
    })
}

/// A place at which an input can be set.
struct Way {
    edits: Vec<Edit>,
    /// What stands there now.
    present: Option<String>,
    /// Where that is, in words.
    place: String,
    at: At,
}

enum At {
    /// What stands there is replaced.
    Written(Origin),
    /// The call with these labels gets an argument.
    Argument(Vec<String>, String),
}

struct Attempt<'q, 'c, 'a> {
    context: &'q Context<'c, 'a>,
    case: &'q Case<'q>,
    external: &'q External<'a>,
    subject: Subject<'c, 'a>,
}

impl Attempt<'_, '_, '_> {
    /// What an answer comes to at this call: an input that is not written goes in as a whole, of one that is written
    /// only the entries that answer. `None` for an answer that cannot be read.
    fn wanted(&self, answer: &Answer) -> Option<Vec<Wanted>> {
        let mut all = Vec::new();
        for (input, text) in &answer.set {
            let value: Expression = text.parse().ok()?;
            let written = self.external.call.block.body.get_attribute(input);
            if written.is_some_and(|a| !holds_nothing(&a.value)) {
                leaves(input, &mut Vec::new(), &value, text, &mut all);
            } else {
                all.push(Wanted {
                    input: input.clone(),
                    path: Vec::new(),
                    value: text.clone(),
                });
            }
        }
        Some(all)
    }

    fn draft(&self, answer: &[Wanted]) -> Option<Draft> {
        let ways: Vec<Vec<Way>> = answer.iter().map(|w| self.ways(w)).collect();
        // Only the last of several inputs is tried at every place; the others are set at the call itself.
        let (last, before) = ways.split_last()?;
        let fixed: Vec<&Way> = before
            .iter()
            .map(|ways| ways.last())
            .collect::<Option<_>>()?;
        last.iter().find_map(|way| {
            let chosen: Vec<&Way> = fixed.iter().copied().chain([way]).collect();
            let edits: Vec<Edit> = chosen.iter().flat_map(|w| w.edits.clone()).collect();
            let also = self.others(&chosen, &edits)?;
            Some(self.drafted(answer, &chosen, edits, also))
        })
    }

    fn drafted(
        &self,
        answer: &[Wanted],
        chosen: &[&Way],
        edits: Vec<Edit>,
        also: Vec<Affected>,
    ) -> Draft {
        let label = self.external.call.name;
        let mut draft = Draft::of(&self.subject);
        draft.edits = edits;
        let mut words = Vec::new();
        for (wanted, way) in answer.iter().zip(chosen) {
            let name = std::iter::once(&wanted.input)
                .chain(&wanted.path)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(".");
            words.push(format!(
                "`{name}` of `module.{label}` to `{}` ({})",
                wanted.value, way.place
            ));
            draft.previous.push(Previous {
                path: format!("module.{label}.{name}, decided by {}", way.place),
                value: way.present.clone(),
            });
            draft.paths.push(name);
        }
        draft.summary = format!("set {}", super::super::settings::join(&words));
        draft.also(also);
        draft
    }

    /// What the module is given for an input now.
    fn input(&self, name: &str) -> Option<Value> {
        let steps = &self.subject.address.modules[..self.external.path.len()];
        self.context.cfg.input(&self.subject.at.root, steps, name)
    }

    /// Whether the call gives the module something for this very entry.
    fn holds_something(&self, wanted: &Wanted) -> bool {
        self.external.call.block.body.has_attribute(&wanted.input)
            && self
                .input(&wanted.input)
                .is_some_and(|value| inside(&value, &wanted.path).is_some_and(|v| !v.is_null()))
    }

    /// The places at which an input can be set, the one that decides first.
    fn ways(&self, wanted: &Wanted) -> Vec<Way> {
        let cfg = self.context.cfg;
        let root = &self.subject.at.root;
        let call = self.external.call;
        if !cfg.has_input(root, &self.external.path, &wanted.input)
            || place::is_external(call.file.path())
            || !call.file.has_spans()
        {
            return Vec::new();
        }
        let Some(written) = call.block.body.get_attribute(&wanted.input) else {
            let path = self.external.path.clone();
            return argument(
                call,
                path,
                &wanted.input,
                &nested(&wanted.path, &wanted.value),
            )
            .into_iter()
            .collect();
        };
        let mut ways = Vec::new();
        if let Some(held) = self.input(&wanted.input) {
            match inside(&held, &wanted.path) {
                // The entry is there: it is changed where it is decided.
                Some(entry) => {
                    for origin in origins(entry) {
                        ways.extend(self.replaced(cfg, &origin, &wanted.value));
                        ways.extend(self.instead_of_default(&origin, &wanted.value));
                    }
                }
                // It goes into the innermost object of its path that is written.
                None => {
                    let places = (0..=wanted.path.len()).rev().filter_map(|depth| {
                        let (above, below) = wanted.path.split_at(depth);
                        Some((inside(&held, above)?, below))
                    });
                    for (value, below) in places {
                        for origin in origins(value) {
                            ways.extend(self.put_into(cfg, &origin, below, &wanted.value));
                        }
                    }
                }
            }
        }
        if let Some(span) = written.value.span() {
            let own = Origin {
                file: call.file.path().clone(),
                span,
                place: OriginPlace::ModuleArgument(wanted.input.clone()),
            };
            let text = nested(&wanted.path, &wanted.value);
            let expression = &written.value;
            let is_object = matches!(expression, Expression::Object(o) if !o.is_empty());
            // A whole object is never thrown away for one of its entries.
            if wanted.path.is_empty() || !is_object {
                ways.extend(self.replaced(cfg, &own, &text));
            } else {
                ways.extend(self.put_into(cfg, &own, &wanted.path, &wanted.value));
            }
        }
        ways
    }

    /// Replaces what stands at an origin.
    fn replaced(&self, cfg: &Configuration<'_>, origin: &Origin, value: &str) -> Option<Way> {
        let file = cfg.estate().file(&origin.file)?;
        if place::is_external(&origin.file) || !file.has_spans() || origin.span.is_empty() {
            return None;
        }
        Some(Way {
            edits: Pen::new(file).replace_span(origin.span.clone(), value),
            present: Some(file.slice(origin.span.clone()).to_owned()),
            place: place::describe(origin),
            at: At::Written(origin.clone()),
        })
    }

    /// Puts an entry into the object at an origin; an empty one is replaced.
    fn put_into(
        &self,
        cfg: &Configuration<'_>,
        origin: &Origin,
        path: &[String],
        value: &str,
    ) -> Option<Way> {
        let (key, below) = path.split_first()?;
        let file = cfg.estate().file(&origin.file)?;
        let object = written::at(file, &origin.span)?.as_object()?;
        if object.is_empty() {
            return self.replaced(cfg, origin, &nested(path, value));
        }
        let way = self.replaced(cfg, origin, value)?;
        Some(Way {
            edits: Pen::new(file).set_entry(object, key, &nested(below, value)),
            ..way
        })
    }

    /// Gives the call of a module of this repository an argument, so that its variable's default decides no more.
    fn instead_of_default(&self, origin: &Origin, value: &str) -> Option<Way> {
        let OriginPlace::VariableDefault(name) = &origin.place else {
            return None;
        };
        let cfg = self.context.cfg;
        let root = &self.subject.at.root;
        let dir: RepoPath = origin.file.parent();
        let path = (1..self.external.path.len())
            .rev()
            .map(|depth| self.external.path[..depth].to_vec())
            .find(|path| cfg.module_at(root, path).as_ref() == Some(&dir))?;
        let call = cfg.call_at(root, &path)?;
        if place::is_external(call.file.path())
            || !call.file.has_spans()
            || call.block.body.has_attribute(name)
        {
            return None;
        }
        argument(call, path, name, value)
    }

    /// The other instances that change, each of them the same block of another instance of the module that had the
    /// same need; `None` when the edits do not cure, or something else changes.
    fn others(&self, chosen: &[&Way], edits: &[Edit]) -> Option<Vec<Affected>> {
        if edits.is_empty() {
            return None;
        }
        let depth = self.external.path.len();
        let cfg = self.context.cfg;
        let before: Vec<Reached> = chosen
            .iter()
            .filter_map(|way| match &way.at {
                At::Written(origin) => Some(cfg.decided_here(origin)),
                At::Argument(..) => None,
            })
            .flatten()
            .map(|i| Reached::from(&i))
            .collect();
        proof::after(cfg, edits, |edited| {
            if !self.is_safe(edited, &self.subject.affected()) {
                return None;
            }
            let mut reached = before;
            for way in chosen {
                if let At::Argument(path, name) = &way.at {
                    let origin = written_argument(edited, &self.subject.at.root, path, name)?;
                    reached.extend(edited.decided_here(&origin).iter().map(Reached::from));
                }
            }
            let mut also: Vec<Affected> = Vec::new();
            for one in reach::really_changed(cfg, edited, &reached) {
                // Only what stands in an instance of the same module may change with it.
                let module = one.address.modules.get(..depth)?;
                let labels: Vec<String> = module.iter().map(|m| m.name.clone()).collect();
                if cfg.module_at(&one.root, &labels) != self.external.dir {
                    return None;
                }
                let mut address = self.subject.address.clone();
                address.modules.splice(..depth, module.iter().cloned());
                let twin = Affected {
                    root: one.root.clone(),
                    address,
                };
                if twin == self.subject.affected() || also.contains(&twin) {
                    continue;
                }
                if self.is_safe(cfg, &twin) || !self.is_safe(edited, &twin) {
                    return None;
                }
                also.push(twin);
            }
            Some(also)
        })
        .ok()?
    }

    fn is_safe(&self, cfg: &Configuration<'_>, instance: &Affected) -> bool {
        let context = Context {
            cfg,
            ..*self.context
        };
        assess(&context, instance, self.case.rule, self.case.with) == Verdict::Safe
    }
}

/// The call gets an argument.
fn argument(call: Call<'_>, path: Vec<String>, name: &str, value: &str) -> Option<Way> {
    let edits = Pen::new(call.file).set_attribute(call.block, name, value);
    (!edits.is_empty()).then(|| Way {
        edits,
        present: None,
        place: format!(
            "argument `{name}` of `module.{}` in {}",
            call.name,
            call.file.path()
        ),
        at: At::Argument(path, name.to_owned()),
    })
}

/// Where an argument stands that a call was given.
fn written_argument(
    edited: &Configuration<'_>,
    root: &RepoPath,
    path: &[String],
    name: &str,
) -> Option<Origin> {
    let call = edited.call_at(root, path)?;
    Some(Origin {
        file: call.file.path().clone(),
        span: call.block.body.get_attribute(name)?.value.span()?,
        place: OriginPlace::ModuleArgument(name.to_owned()),
    })
}

/// The places whose text decides a value, that of the literal first.
fn origins(value: &Value) -> Vec<Origin> {
    let mut found: Vec<Origin> = Vec::new();
    if let [only] = value.decided_by.as_slice() {
        found.push(only.clone());
    }
    for origin in &value.via {
        if !found.contains(origin) {
            found.push(origin.clone());
        }
    }
    found
}

/// What is held at a path of keys, lists of one element passed through.
fn inside<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    let Some((key, rest)) = path.split_first() else {
        return Some(value);
    };
    match &value.kind {
        Kind::Object(map) => inside(map.get(key)?, rest),
        Kind::List(items) => match items.as_slice() {
            [only] => inside(only, path),
            _ => None,
        },
        _ => None,
    }
}
