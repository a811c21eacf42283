//! The `inputs` of a Terragrunt unit, as far as its files alone tell.
//!
//! A wrong known value here would be a wrong edit, so every doubt makes an input unknown: a function of Terragrunt that
//! asks the machine, an output of another unit, a path on the disk, a merge whose order is not certain.

use std::collections::BTreeMap;

use hcl_edit::Ident;
use hcl_edit::expr::{Expression, FuncCall, TraversalOperator};
use hcl_edit::visit::Visit;
use hcl_edit::visit_mut::{VisitMut, visit_expr_mut};

use super::convert;
use super::evaluate::{Evaluator, MemoKey};
use super::scope::{ModuleInstance, Scope};
use super::types::Type;
use super::walk::content;
use super::{Kind, OriginPlace, Unknown, Value};
use crate::terraform::module::terragrunt::{At, Include, Strategy, is_absolute};
use crate::terraform::source::RepoPath;

/// The place of everything in `inputs`, until it is known which one it is.
const INPUTS: &str = "inputs";

/// What stands for everything that Terragrunt would read from the disk.
const DISK: &str = "a file that Terragrunt reads";

/// Values by name, or why nothing is known about any.
type Layer = Result<BTreeMap<String, Value>, Unknown>;

impl<'a> Evaluator<'_, 'a> {
    /// What a unit's inputs say of a variable; `None` = nothing.
    pub(super) fn input(&self, node: usize, unit: &RepoPath, name: &str) -> Option<Value> {
        let key = MemoKey {
            module: ModuleInstance {
                node,
                keys: Vec::new(),
            },
            name: "terragrunt inputs".to_owned(),
            keep_references: false,
        };
        let all = self.remembered(key, || {
            let layers = self.configuration.estate().file(unit).map(|file| {
                let at = At::unit(self.configuration.estate(), file);
                self.layers(&at)
            });
            let layers = layers
                .unwrap_or_default()
                .into_iter()
                .map(|layer| match layer {
                    Ok(map) => Value::new(Kind::Object(map.into())),
                    Err(why) => Value::unknown(why),
                });
            Value::new(Kind::List(layers.collect()))
        });
        for layer in all.as_list().unwrap_or_default() {
            match &layer.kind {
                Kind::Object(map) => match map.get(name) {
                    Some(value) => return Some(of_input(value.clone(), name)),
                    None => continue,
                },
                Kind::Unknown(why) => return Some(Value::unknown(why.clone())),
                _ => {}
            }
        }
        None
    }

    /// The inputs of a configuration and of what it includes, the strongest first.
    fn layers(&self, at: &At<'a>) -> Vec<Layer> {
        let Some(body) = at.body() else {
            return vec![Err(Unknown::Unsupported(format!(
                "{}, which cannot be parsed,",
                at.file.path()
            )))];
        };
        let mut own = Vec::new();
        if let Some(attribute) = body.get_attribute(INPUTS) {
            self.split(at, &attribute.value, &mut own);
        }
        let mut below: Vec<Layer> = Vec::new();
        for include in at.includes() {
            if include.strategy == Strategy::None {
                continue;
            }
            let layers = self.included(at, &include);
            if include.strategy != Strategy::Shallow {
                blur_deep(&mut own, &layers);
            }
            let earlier = below.len();
            below.extend(layers);
            if earlier > 0 {
                blur_order(&mut below, earlier);
            }
        }
        own.extend(below);
        own
    }

    fn included(&self, at: &At<'a>, include: &Include) -> Vec<Layer> {
        let inner = include.file.as_ref().and_then(|path| at.included(path));
        let Some(inner) = inner else {
            return vec![Err(Unknown::Unsupported(format!(
                "what `{}` includes",
                at.file.path()
            )))];
        };
        let mut layers = Vec::new();
        match inner.body() {
            // A file that is included does not include others.
            Some(body) => {
                if let Some(attribute) = body.get_attribute(INPUTS) {
                    self.split(&inner, &attribute.value, &mut layers);
                }
            }
            None => layers.push(Err(Unknown::Unsupported(format!(
                "{}, which cannot be parsed,",
                inner.file.path()
            )))),
        }
        layers
    }

    /// `merge(a, b)` as the layers b, a: what is not known of `a` says nothing against `b`.
    fn split(&self, at: &At<'a>, expression: &Expression, layers: &mut Vec<Layer>) {
        match expression {
            Expression::Parenthesis(inner) => self.split(at, inner.inner(), layers),
            Expression::FuncCall(call)
                if call.name.name.as_str() == "merge" && !call.args.expand_final() =>
            {
                let arguments: Vec<&Expression> = call.args.iter().collect();
                for argument in arguments.into_iter().rev() {
                    self.split(at, argument, layers);
                }
            }
            other => {
                let value = self.terragrunt(at, other, OriginPlace::Tfvars(INPUTS.to_owned()));
                layers.push(match value.kind {
                    Kind::Object(map) => Ok(map.into_inner()),
                    Kind::Null => Ok(BTreeMap::new()),
                    _ => Err(value.why_unknown().unwrap_or_else(|| {
                        Unknown::Invalid("`inputs` of another type".to_owned())
                    })),
                });
            }
        }
    }

    /// The value of an expression of a Terragrunt file.
    fn terragrunt(&self, at: &At<'a>, expression: &Expression, place: OriginPlace) -> Value {
        let mut expression = expression.clone();
        let mut rewriter = Rewriter {
            at,
            configs: Vec::new(),
        };
        rewriter.visit_expr_mut(&mut expression);
        let configs = rewriter.configs;
        let mut used = Used::default();
        used.visit_expr(&expression);
        let mut scope = Scope::literal(at.file, place);
        if used.locals {
            let locals = self.locals(at, &used.names, used.whole);
            scope = scope.binding("local", Value::new(Kind::Object(locals.into())));
        }
        if used.include {
            scope = scope.binding("include", self.exposed(at));
        }
        for (name, path) in configs {
            let value = at.reading(&path).map_or_else(
                || Value::unknown(Unknown::TooDeep(format!("reading {path}"))),
                |at| self.config(&at),
            );
            scope = scope.binding(&name, value);
        }
        let outputs = Unknown::Data("dependency.*.outputs".to_owned());
        let disk = Unknown::Unsupported(DISK.to_owned());
        let scope = scope
            .binding("dependency", Value::unknown(outputs))
            .binding(DISK, Value::unknown(disk));
        self.evaluate(&scope, &expression)
    }

    /// The locals of a file that are asked for.
    fn locals(&self, at: &At<'a>, names: &[String], whole: bool) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        let blocks = at.body().into_iter().flat_map(|b| b.get_blocks("locals"));
        for attribute in blocks.flat_map(|b| b.body.attributes()) {
            let name = attribute.key.as_str();
            if !whole && !names.iter().any(|n| n == name) {
                continue;
            }
            let key = MemoKey {
                module: ModuleInstance {
                    node: self.root,
                    keys: Vec::new(),
                },
                name: format!("local.{name} of {} for {}", at.file.path(), at.current),
                keep_references: false,
            };
            let value = self.remembered(key, || {
                let place = OriginPlace::Local(name.to_owned());
                self.terragrunt(at, &attribute.value, place)
            });
            found.insert(name.to_owned(), (*value).clone());
        }
        found
    }

    /// What `include` holds.
    fn exposed(&self, at: &At<'a>) -> Value {
        let mut all = BTreeMap::new();
        for include in at.includes() {
            let config = include
                .file
                .as_ref()
                .and_then(|path| at.included(path))
                .map_or_else(
                    || Value::unknown(Unknown::Unsupported("what is included".to_owned())),
                    |inner| self.config(&inner),
                );
            if include.label.is_empty() {
                return config;
            }
            all.insert(include.label, config);
        }
        Value::new(Kind::Object(all.into()))
    }

    /// A configuration as an object: `locals` and `inputs`.
    fn config(&self, at: &At<'a>) -> Value {
        let mut all = BTreeMap::new();
        let locals = self.locals(at, &[], true);
        all.insert("locals".to_owned(), Value::new(Kind::Object(locals.into())));
        if at.body().is_some_and(|b| b.get_attribute(INPUTS).is_some()) {
            let mut merged = Ok(BTreeMap::new());
            for layer in self.layers(at).into_iter().rev() {
                merged = match (merged, layer) {
                    (Ok(mut map), Ok(more)) => {
                        map.extend(more);
                        Ok(map)
                    }
                    (Err(why), _) | (_, Err(why)) => Err(why),
                };
            }
            let value =
                merged.map_or_else(Value::unknown, |map| Value::new(Kind::Object(map.into())));
            all.insert(INPUTS.to_owned(), value);
        }
        Value::new(Kind::Object(all.into()))
    }
}

/// An input as Terraform takes it: Terragrunt hands it over as text, in `TF_VAR_…`.
pub(super) fn taken(value: Value, typed: bool, of: &Type) -> Value {
    let value = match (&value.kind, typed) {
        (Kind::Null, _) => value.with_kind(Kind::Unknown(Unknown::Unsupported(
            "`null` as an input of Terragrunt".to_owned(),
        ))),
        // Without a type the text stays a text.
        (Kind::List(_) | Kind::Object(_), false) => value.with_kind(Kind::Unknown(
            Unknown::Unsupported("a list or map for a variable without a type".to_owned()),
        )),
        (_, false) => convert::to_string(value),
        _ => value,
    };
    of.convert(value)
}

/// The places of `inputs` become those of one of them.
fn of_input(mut value: Value, name: &str) -> Value {
    let renamed = |place: &mut OriginPlace| {
        let new = match place {
            OriginPlace::Tfvars(all) if all == INPUTS => OriginPlace::Tfvars(name.to_owned()),
            OriginPlace::Element(inner) if **inner == OriginPlace::Tfvars(INPUTS.to_owned()) => {
                OriginPlace::Tfvars(name.to_owned()).element()
            }
            _ => return,
        };
        *place = new;
    };
    for origin in value.decided_by.iter_mut().chain(&mut value.via) {
        renamed(&mut origin.place);
    }
    value.kind = match value.kind {
        Kind::List(items) => Kind::List(items.into_iter().map(|v| of_input(v, name)).collect()),
        Kind::Object(map) => Kind::Object(
            map.into_iter()
                .map(|(k, v)| (k, of_input(v, name)))
                .collect(),
        ),
        other => other,
    };
    value
}

/// A merge in depth changes what both sides have, unless it is a plain value.
fn blur_deep(own: &mut [Layer], below: &[Layer]) {
    for map in own.iter_mut().flatten() {
        for (name, value) in map {
            let met = below.iter().any(|layer| match layer {
                Ok(other) => other.contains_key(name),
                Err(_) => true,
            });
            if met && matches!(value.kind, Kind::List(_) | Kind::Object(_)) {
                *value = Value::unknown(Unknown::Unsupported("a merge in depth".to_owned()))
                    .chosen_by_all(value);
            }
        }
    }
}

/// What two included files say differently is not known: which of them wins is not certain.
fn blur_order(layers: &mut Vec<Layer>, earlier: usize) {
    let (first, second) = layers.split_at_mut(earlier);
    let mut open = None;
    let names: Vec<String> = first
        .iter()
        .flatten()
        .flat_map(|map| map.keys().cloned())
        .collect();
    for name in names {
        let of = |layers: &[Layer]| layers.iter().flatten().find_map(|m| m.get(&name).cloned());
        if let (Some(a), Some(b)) = (of(first), of(second))
            && content(&a) != content(&b)
        {
            let why = Unknown::Unsupported(format!("`{name}` of two included files"));
            let value = Value::unknown(why).chosen_by_each([&a, &b]);
            for map in first.iter_mut().chain(second.iter_mut()).flatten() {
                if let Some(slot) = map.get_mut(&name) {
                    *slot = value.clone();
                }
            }
        }
    }
    for layer in first.iter().chain(second.iter()) {
        if let Err(why) = layer {
            open = Some(why.clone());
        }
    }
    if let Some(why) = open {
        layers.insert(0, Err(why));
    }
}

/// Puts values in the place of Terragrunt's functions, where they can be told.
struct Rewriter<'r, 'a> {
    at: &'r At<'a>,
    /// Names that stand for `read_terragrunt_config(…)`, with the file.
    configs: Vec<(String, RepoPath)>,
}

impl Rewriter<'_, '_> {
    fn instead(&mut self, call: &FuncCall) -> Option<Expression> {
        if !call.name.namespace.is_empty() {
            return None;
        }
        let variable = |name: &str| Some(Expression::from(Ident::new_unchecked(name)));
        match call.name.name.as_str() {
            "path_relative_to_include" | "path_relative_from_include" => {
                self.at.function(call).map(Expression::from)
            }
            "basename" => {
                let path = call.args.get(0).and_then(|e| self.at.text(e))?;
                let name = is_absolute(&path).then(|| self.at.function(call))?;
                name.map(Expression::from)
            }
            "read_terragrunt_config" => {
                let path = self.at.config_read(call)?;
                let name = format!("read_{}", self.configs.len());
                let expression = variable(&name);
                self.configs.push((name, path));
                expression
            }
            name if name.starts_with("file") || name == "templatefile" => variable(DISK),
            _ => None,
        }
    }
}

impl VisitMut for Rewriter<'_, '_> {
    fn visit_expr_mut(&mut self, node: &mut Expression) {
        let instead = match node {
            Expression::FuncCall(call) => self.instead(call),
            _ => None,
        };
        match instead {
            Some(expression) => *node = expression,
            None => visit_expr_mut(self, node),
        }
    }
}

/// Which of the names of a Terragrunt file an expression uses.
#[derive(Default)]
struct Used {
    locals: bool,
    names: Vec<String>,
    /// `local` as a whole, or by an index.
    whole: bool,
    include: bool,
}

impl Visit for Used {
    fn visit_expr(&mut self, node: &Expression) {
        match node {
            Expression::Variable(name) => match name.as_str() {
                "local" => {
                    self.locals = true;
                    self.whole = true;
                }
                "include" => self.include = true,
                _ => {}
            },
            Expression::Traversal(traversal)
                if traversal
                    .expr
                    .as_variable()
                    .is_some_and(|v| v.as_str() == "local") =>
            {
                self.locals = true;
                match traversal.operators.first().map(|o| o.value()) {
                    Some(TraversalOperator::GetAttr(name)) => {
                        self.names.push(name.as_str().to_owned());
                    }
                    _ => self.whole = true,
                }
                for operator in &traversal.operators {
                    self.visit_traversal_operator(operator);
                }
            }
            other => hcl_edit::visit::visit_expr(self, other),
        }
    }
}
