//! Variables: defaults, variable files, arguments of module calls, and how `each`/`count` are bound in a block.

use std::sync::Arc;

use hcl_edit::structure::Attribute;

use super::evaluate::{Evaluator, MemoKey};
use super::scope::{ModuleInstance, Repetition, Scope};
use super::supplied::{self, Form};
use super::types::Type;
use super::walk::content;
use super::{Kind, OriginPlace, Unknown, Value, convert, inputs};
use crate::terraform::address::InstanceKey;
use crate::terraform::module::Declared;
use crate::terraform::source::SourceFile;

impl<'a> Evaluator<'_, 'a> {
    /// The value of a variable of a module instance.
    pub(crate) fn variable(
        &self,
        module: &Arc<ModuleInstance>,
        name: &str,
        keep_references: bool,
    ) -> Arc<Value> {
        let key = MemoKey {
            module: (**module).clone(),
            name: format!("var.{name}"),
            keep_references,
        };
        self.remembered(key, || self.fresh_variable(module, name, keep_references))
    }

    fn fresh_variable(
        &self,
        module: &Arc<ModuleInstance>,
        name: &str,
        keep_references: bool,
    ) -> Value {
        let Some(declared) = self
            .configuration
            .module_of(module.node)
            .variables
            .get(name)
        else {
            return Value::unknown(Unknown::Unbound(format!("var.{name}")));
        };
        let typed = declared.attribute("type");
        let of = typed.map_or(Type::Any, |(file, t)| {
            Type::read(&t.value, &mut |e| {
                self.evaluate(
                    &Scope::literal(file, OriginPlace::VariableDefault(name.to_owned())),
                    e,
                )
            })
        });
        let flag = |what: &str| {
            declared
                .attribute(what)
                .and_then(|(_, a)| a.value.as_bool())
        };
        let default = || {
            declared.attribute("default").map(|(file, a)| {
                let place = OriginPlace::VariableDefault(name.to_owned());
                of.convert(self.evaluate(&Scope::literal(file, place), &a.value))
            })
        };
        let unset = || Value::unknown(Unknown::UnsetVariable(name.to_owned()));
        let mut value = match self.configuration.caller(module.node) {
            Some(call) => match call.attribute(name) {
                Some((file, argument)) => {
                    let place = OriginPlace::ModuleArgument(name.to_owned());
                    let scope = self.call_scope(module, call, file, place, keep_references);
                    of.convert(self.evaluate(&scope, &argument.value))
                }
                None => default().unwrap_or_else(unset),
            },
            None => {
                let form = match &of {
                    Type::String | Type::Number | Type::Bool => Form::Text,
                    _ if typed.is_none() => Form::Text,
                    _ => Form::Expression,
                };
                self.root_variable(module.node, name, (&of, typed.is_some(), form), &default)
            }
        };
        if value.is_null() && flag("nullable") == Some(false) {
            value = default().unwrap_or_else(unset);
        }
        value.sensitive |= flag("sensitive") == Some(true);
        value
    }

    /// What a root's variable is, in Terraform's order: `-var`, `-var-file` (the last wins), the files that it loads by
    /// itself, `TF_VAR_`, the `inputs` of a Terragrunt unit (which are `TF_VAR_` as well), the default. What nobody says for certain makes it unknown.
    fn root_variable(
        &self,
        node: usize,
        name: &str,
        (of, typed, form): (&Type, bool, Form),
        default: &dyn Fn() -> Option<Value>,
    ) -> Value {
        let read = |(file, attribute): (&'a SourceFile, &'a Attribute)| {
            let place = OriginPlace::Tfvars(name.to_owned());
            of.convert(self.evaluate(&Scope::literal(file, place), &attribute.value))
        };
        let variables = self.configuration.tfvars_of(node);
        let run = variables.run.as_deref();
        if run.is_some_and(|run| run.outside.contains(name)) {
            return Value::unknown(Unknown::SetOutside(name.to_owned()));
        }
        let given = |text: &String| of.convert(supplied::value(name, text, form));
        if let Some(text) = run.and_then(|run| run.vars.get(name)) {
            return given(text);
        }
        // Terraform may well read a file that this parser does not: what it says would win, and is not known.
        if let Some(doubt) = variables.doubt() {
            return Value::unknown(Unknown::Unsupported(format!(
                "variable `{name}` beside {doubt},"
            )));
        }
        let base = variables.certain(name).map(read).or_else(|| {
            run.and_then(|run| run.environment.get(name))
                .map(given)
                .or_else(|| {
                    let unit = variables.unit.as_deref()?;
                    let value = self.input(node, &unit.file, name)?;
                    Some(inputs::taken(value, typed, of))
                })
                .or_else(default)
        });
        let set: Vec<Value> = variables
            .by_hand(name)
            .into_iter()
            .flatten()
            .map(read)
            .collect();
        if set.is_empty() {
            return base.unwrap_or_else(|| Value::unknown(Unknown::UnsetVariable(name.to_owned())));
        }
        let same = set
            .iter()
            .all(|v| content(v) == content(&set[0]) && v.is_known());
        // Without a default some file has to give it, and all that do agree. One that lies elsewhere may well be another
        // root's.
        let fits = base.as_ref().map_or(!variables.is_around(name), |b| {
            content(b) == content(&set[0])
        });
        if same && fits {
            let mut all = set.into_iter().chain(base);
            let first = all.next();
            return first.map_or_else(
                || Value::unknown(Unknown::UnsetVariable(name.to_owned())),
                |first| {
                    all.fold(first, |mut value, other| {
                        // Every one of them has to change for the value to change.
                        for origin in other.decided_by {
                            if !value.decided_by.contains(&origin) {
                                value.decided_by.push(origin);
                            }
                        }
                        value
                    })
                },
            );
        }
        let varies = Value::unknown(Unknown::Varies(name.to_owned(), variables.sets_of(name)));
        set.iter()
            .chain(base.as_ref())
            .fold(varies, Value::chosen_by_all)
    }

    /// The scope in which the arguments of a module call are evaluated for one instance of the module.
    fn call_scope(
        &self,
        module: &ModuleInstance,
        call: &Declared<'a>,
        file: &'a SourceFile,
        place: OriginPlace,
        keep_references: bool,
    ) -> Scope<'a> {
        let (outer, key) = self.configuration.outside(module);
        let repetition = self.repetition(&outer, call, key.as_ref(), keep_references);
        Scope {
            repetition,
            keep_references,
            ..Scope::of_module(outer, file, place)
        }
    }

    /// How `each`/`count` are bound in a block for one of its keys.
    pub(crate) fn repetition(
        &self,
        module: &Arc<ModuleInstance>,
        block: &Declared<'a>,
        key: Option<&InstanceKey>,
        keep_references: bool,
    ) -> Repetition {
        match key {
            None => Repetition::Unbound,
            Some(InstanceKey::Index(i)) => Repetition::Count(*i),
            Some(InstanceKey::Name(name)) => {
                let value = match self.for_each_of(module, block, keep_references) {
                    None => Value::unknown(Unknown::Unbound("each.value".to_owned())),
                    Some(all) => match &all.kind {
                        Kind::Object(map) => map.get(name).cloned().unwrap_or_else(|| {
                            Value::unknown(Unknown::Invalid(format!(
                                "`for_each` has no key {name:?}"
                            )))
                        }),
                        // The value of a set's element is the element.
                        Kind::List(items) => items
                            .iter()
                            .find(|v| v.as_str() == Some(name))
                            .cloned()
                            .unwrap_or_else(|| Value::new(Kind::String(name.clone()))),
                        _ => Value::unknown(convert::hole_of(&all)).chosen_by_all(&all),
                    },
                };
                Repetition::Each {
                    key: name.clone(),
                    value: Arc::new(value),
                }
            }
        }
    }

    /// The value of a block's `for_each`, computed once a module instance.
    pub(crate) fn for_each_of(
        &self,
        module: &Arc<ModuleInstance>,
        block: &Declared<'a>,
        keep_references: bool,
    ) -> Option<Arc<Value>> {
        let (file, attribute) = block.attribute("for_each")?;
        let key = MemoKey {
            module: (**module).clone(),
            name: format!("for_each of {}", block.header()),
            keep_references,
        };
        Some(self.remembered(key, || {
            let scope = Scope {
                keep_references,
                ..Scope::of_module(Arc::clone(module), file, OriginPlace::Block)
            };
            self.evaluate(&scope, &attribute.value)
        }))
    }
}
