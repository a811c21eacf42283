//! Where a chain of module calls leads: the code behind it, the call itself, and what an input holds there.

use std::sync::Arc;

use hcl_edit::expr::Expression;

use super::tree::Child;
use super::{Call, Configuration};
use crate::terraform::address::ModuleStep;
use crate::terraform::source::{RepoPath, SourceFile};
use crate::terraform::value::{
    Evaluator, Kind, ModuleInstance, OriginPlace, Repetition, Scope, Unknown, Value,
};

impl<'a> Configuration<'a> {
    /// The directory that the calls with these labels lead to; `None` when one of them is not there, or leads to a module
    /// whose code is not in the estate.
    #[must_use]
    pub fn module_at(&self, root: &RepoPath, path: &[String]) -> Option<RepoPath> {
        Some(self.module_of(self.node_at(root, path)?).dir.clone())
    }

    /// The last call of a chain with these labels, also when it leads outside of the estate.
    #[must_use]
    pub fn call_at(&self, root: &RepoPath, path: &[String]) -> Option<Call<'a>> {
        let (last, before) = path.split_last()?;
        let module = self.module_of(self.node_at(root, before)?);
        let (name, declared) = module.calls.get_key_value(last.as_str())?;
        Some(super::configuration::call(name, declared))
    }

    /// Whether the module that the calls with these labels lead to has an input of this name.
    #[must_use]
    pub fn has_input(&self, root: &RepoPath, path: &[String], name: &str) -> bool {
        self.node_at(root, path)
            .is_some_and(|node| self.module_of(node).variables.contains_key(name))
    }

    /// What an input holds inside of a module instance; `None` when there is no such module or input.
    #[must_use]
    pub fn input(&self, root: &RepoPath, steps: &[ModuleStep], name: &str) -> Option<Value> {
        let path: Vec<String> = steps.iter().map(|s| s.name.clone()).collect();
        if !self.has_input(root, &path, name) {
            return None;
        }
        let root = *self.tree.roots.get(root)?;
        let module = self.instance_of(root, steps)?;
        let value = Evaluator::new(self, root).variable(&module, name, false);
        Some((*value).clone())
    }

    /// The elements of an `import` block's `for_each` in a root, key and value; `None` when they are not all known.
    #[must_use]
    pub fn elements_in_root(
        &self,
        root: &RepoPath,
        file: &'a SourceFile,
        expression: &Expression,
    ) -> Option<Vec<(String, Value)>> {
        let all = self.evaluate_in_root(root, file, expression);
        match &all.kind {
            Kind::Object(map) => Some(map.iter().map(|(k, v)| (k.clone(), v.clone())).collect()),
            Kind::List(items) if all.set => items
                .iter()
                .map(|item| Some((item.as_str()?.to_owned(), item.clone())))
                .collect(),
            _ => None,
        }
    }

    /// Evaluates an expression of a root's own top level for one element of its block's `for_each`.
    #[must_use]
    pub fn evaluate_for_element(
        &self,
        root: &RepoPath,
        file: &'a SourceFile,
        expression: &Expression,
        (key, value): (&str, &Value),
    ) -> Value {
        let Some(node) = self.tree.roots.get(root) else {
            return Value::unknown(Unknown::Invalid(format!("{root} is no root module")));
        };
        let module = Arc::new(ModuleInstance {
            node: *node,
            keys: Vec::new(),
        });
        let scope = Scope {
            repetition: Repetition::Each {
                key: key.to_owned(),
                value: Arc::new(value.clone()),
            },
            ..Scope::of_module(module, file, OriginPlace::Block)
        };
        Evaluator::new(self, *node).evaluate(&scope, expression)
    }

    pub(super) fn node_at(&self, root: &RepoPath, path: &[String]) -> Option<usize> {
        let mut node = *self.tree.roots.get(root)?;
        for step in path {
            match self.child(node, step) {
                Some(Child::Node(child)) => node = *child,
                _ => return None,
            }
        }
        Some(node)
    }
}
