//! The evaluator: one expression in one scope.
//!
//! Nothing here may guess. An expression that is not understood, or that depends on something that is not in the
//! code, gives [`Kind::Unknown`]; lazily evaluated forms (`&&`, conditionals, `try`) look only at what counts.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Conditional, Expression, ForExpr, Object, ObjectKey, UnaryOperator};
use hcl_edit::{Formatted, Number};

use super::convert::{self, to_bool};
use super::scope::{ModuleInstance, Scope};
use super::ty::Ty;
use super::{Kind, Part, Unknown, Value, operate, set};
use crate::terraform::module::Configuration;

/// How deeply expressions, locals, variables and modules may be nested in one another.
const DEPTH: usize = 120;

/// How much work one named thing (or one attribute) may take: expressions evaluated and pieces of values copied.
/// Real code stays far below; nested `for`s over ranges and locals that double each other do not end otherwise.
const WORK: usize = 1_000_000;

/// What is memoised for a module instance: `var.x`, `local.y` …, and whether references are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct MemoKey {
    /// Where.
    pub(crate) module: ModuleInstance,
    /// What.
    pub(crate) name: String,
    /// See [`Scope::keep_references`].
    pub(crate) keep_references: bool,
}

/// One evaluation: follows names through the configuration, notices cycles.
pub(crate) struct Evaluator<'c, 'a> {
    pub(super) configuration: &'c Configuration<'a>,
    /// Node of the root module: references stay within one root.
    pub(super) root: usize,
    depth: Cell<usize>,
    stack: RefCell<Vec<MemoKey>>,
    /// Work done for the innermost named thing; counted for each by itself, so that what a name gives does not
    /// depend on who asked first.
    work: Cell<usize>,
    /// Set when a limit cut something off: what was computed meanwhile depends on where it began.
    cut: Cell<bool>,
    /// Inside of `try` or `can`: what would be an error elsewhere is caught.
    pub(super) guard: Cell<bool>,
    /// How many expressions were not understood since the innermost `try` or `can` began.
    pub(super) unsure: Cell<usize>,
}

impl<'c, 'a> Evaluator<'c, 'a> {
    /// A fresh evaluation.
    pub(crate) fn new(configuration: &'c Configuration<'a>, root: usize) -> Self {
        Self {
            configuration,
            root,
            depth: Cell::new(0),
            stack: RefCell::new(Vec::new()),
            work: Cell::new(0),
            cut: Cell::new(false),
            guard: Cell::new(false),
            unsure: Cell::new(0),
        }
    }

    /// The directory of the root module, where Terraform runs.
    pub(super) fn root_dir(&self) -> &crate::terraform::RepoPath {
        &self.configuration.module_of(self.root).dir
    }

    /// The value of a named thing of a module instance, computed once.
    pub(super) fn remembered(&self, key: MemoKey, compute: impl FnOnce() -> Value) -> Arc<Value> {
        if let Some(value) = self.configuration.remembered(&key) {
            return value;
        }
        if self.stack.borrow().contains(&key) {
            self.cut.set(true);
            return Arc::new(Value::unknown(Unknown::TooDeep(key.name)));
        }
        self.stack.borrow_mut().push(key.clone());
        let outer_cut = self.cut.replace(false);
        let outer_work = self.work.replace(0);
        // An error in it is one of the whole plan: no `try` catches it.
        let (guard, unsure) = (self.guard.replace(false), self.unsure.get());
        let value = Arc::new(compute());
        self.guard.set(guard);
        self.unsure.set(unsure);
        // What was cut off is not kept and may be asked again: the one who asks bears the work.
        let inner_work = if self.cut.get() { self.work.get() } else { 0 };
        self.work.set(outer_work.saturating_add(inner_work));
        self.stack.borrow_mut().pop();
        if !self.cut.get() {
            self.configuration.remember(key, &value);
        }
        self.cut.set(self.cut.get() || outer_cut);
        value
    }

    /// Evaluates an expression.
    pub(crate) fn evaluate(&self, scope: &Scope<'a>, expression: &Expression) -> Value {
        if self.depth.get() >= DEPTH {
            self.cut.set(true);
            return Value::unknown(Unknown::TooDeep("the expression".to_owned()));
        }
        if self.depth.get() == 0 {
            self.work.set(0);
        }
        if self.work.get() >= WORK {
            return Value::unknown(Unknown::Unsupported(
                "an expression of this size".to_owned(),
            ));
        }
        self.depth.set(self.depth.get() + 1);
        let value = self.dispatch(scope, expression);
        self.depth.set(self.depth.get() - 1);
        if let Kind::Unknown(Unknown::Unsupported(_) | Unknown::TooDeep(_)) = value.kind {
            self.unsure.set(self.unsure.get() + 1);
        }
        // What a name or a function gives was copied; what a literal holds was counted when it was evaluated.
        let copied = match expression {
            Expression::Variable(_)
            | Expression::Traversal(_)
            | Expression::FuncCall(_)
            | Expression::StringTemplate(_)
            | Expression::HeredocTemplate(_) => pieces(&value, WORK),
            _ => 1,
        };
        self.work.set(self.work.get().saturating_add(copied));
        if self.work.get() >= WORK {
            return Value::unknown(Unknown::Unsupported(
                "an expression of this size".to_owned(),
            ));
        }
        value
    }

    fn dispatch(&self, scope: &Scope<'a>, expression: &Expression) -> Value {
        let literal = |kind| {
            let mut value = Value::new(kind);
            value.decided_by.push(scope.origin(expression.span()));
            value
        };
        match expression {
            Expression::Null(_) => literal(Kind::Null),
            Expression::Bool(b) => literal(Kind::Bool(*b.value())),
            Expression::Number(n) => {
                literal(match convert::decimal(&written(scope, expression, n)) {
                    Some(n) => Kind::Number(n),
                    None => Kind::Unknown(Unknown::Unsupported("a number of this size".to_owned())),
                })
            }
            Expression::String(s) => literal(Kind::String(s.value().clone())),
            Expression::Array(array) => {
                let inner = scope.element();
                literal(Kind::List(
                    array.iter().map(|e| self.evaluate(&inner, e)).collect(),
                ))
            }
            Expression::Object(object) => self.object(scope, object, literal(Kind::Null)),
            Expression::StringTemplate(template) => self.quoted(scope, template, expression),
            Expression::HeredocTemplate(heredoc) => self.heredoc(scope, heredoc, expression),
            Expression::Parenthesis(inner) => self.evaluate(scope, inner.inner()),
            Expression::Variable(name) => {
                let name = name.value().as_str();
                scope.lookup(name).cloned().map_or_else(
                    || Value::unknown(Unknown::Unbound(name.to_owned())),
                    |value| value.through(scope.origin(expression.span())),
                )
            }
            Expression::Conditional(conditional) => self
                .conditional(scope, conditional)
                .through(scope.origin(expression.span())),
            Expression::FuncCall(call) => self.call(scope, call, expression),
            Expression::Traversal(traversal) => {
                self.traversal(scope, traversal, scope.origin(expression.span()))
            }
            Expression::UnaryOp(op) => {
                let operand = self.evaluate(scope, &op.expr);
                let operator = *op.operator.value();
                let kind = operate::unary(operator, &operand);
                let made = Value::derived(kind, scope.origin(expression.span()), &[&operand]);
                of_type(
                    made,
                    if operator == UnaryOperator::Not {
                        Ty::Bool
                    } else {
                        Ty::Number
                    },
                )
            }
            Expression::BinaryOp(op) => {
                let left = self.evaluate(scope, &op.lhs_expr);
                let right = self.evaluate(scope, &op.rhs_expr);
                let operator = *op.operator.value();
                let kind = operate::binary(operator, &left, &right);
                let made = Value::derived(kind, scope.origin(expression.span()), &[&left, &right]);
                of_type(made, operate::result(operator))
            }
            Expression::ForExpr(each) => self
                .for_each(scope, each)
                .through(scope.origin(expression.span())),
        }
    }

    fn object(&self, scope: &Scope<'a>, object: &Object, whole: Value) -> Value {
        let inner = scope.element();
        let mut entries = BTreeMap::new();
        for (key, item) in object {
            let name = match key {
                ObjectKey::Ident(name) => name.value().as_str().to_owned(),
                ObjectKey::Expression(expression) => {
                    let key = self.evaluate(scope, expression);
                    match key.as_text() {
                        Some(name) => name,
                        // A key that is not known could be any of the others: nothing is certain then.
                        None => {
                            let why = convert::hole_of(&key);
                            return whole.with_kind(Kind::Unknown(why)).chosen_by_all(&key);
                        }
                    }
                }
            };
            entries.insert(name, self.evaluate(&inner, item.expr()));
        }
        whole.with_kind(Kind::Object(entries.into()))
    }

    fn conditional(&self, scope: &Scope<'a>, conditional: &Conditional) -> Value {
        let condition = to_bool(self.evaluate(scope, &conditional.cond_expr));
        let (chosen, other) = match condition.kind {
            Kind::Bool(true) => (&conditional.true_expr, &conditional.false_expr),
            Kind::Bool(false) => (&conditional.false_expr, &conditional.true_expr),
            Kind::Null | Kind::Unknown(Unknown::Invalid(_)) => {
                let why = condition
                    .why_unknown()
                    .unwrap_or_else(|| Unknown::Invalid("a condition that is null".to_owned()));
                return of_type(Value::unknown(why).chosen_by_all(&condition), Ty::Open);
            }
            _ => {
                let yes = self.evaluate(scope, &conditional.true_expr);
                let no = self.evaluate(scope, &conditional.false_expr);
                if yes.is_known() && yes.kind == no.kind && !matches!(yes.kind, Kind::Null) {
                    return Value::derived(
                        yes.kind.clone(),
                        scope.origin(conditional.span()),
                        &[&yes, &no, &condition],
                    );
                }
                let why = condition
                    .why_unknown()
                    .unwrap_or_else(|| Unknown::Invalid("a condition that is no boolean".into()));
                return Value::unknown(why)
                    .chosen_by_all(&condition)
                    .chosen_by_all(&yes)
                    .chosen_by_all(&no);
            }
        };
        // An error in what is not chosen is none.
        let unsure = self.unsure.get();
        let other = self.evaluate(scope, other);
        self.unsure.set(unsure);
        operate::branch(self.evaluate(scope, chosen), &other).chosen_by(&condition)
    }

    /// Terraform tries the condition before it looks at the first element, and so finds an error even where there is
    /// none.
    fn refused_condition(&self, scope: &Scope<'a>, each: &ForExpr) -> Option<Unknown> {
        let condition = each.cond.as_ref()?;
        let any = || Value::unknown(Unknown::Unbound("an element of `for`".to_owned()));
        let mut bound = scope.binding(each.intro.value_var.value().as_str(), any());
        if let Some(name) = &each.intro.key_var {
            bound = bound.binding(name.value().as_str(), any());
        }
        let unsure = self.unsure.get();
        let tried = to_bool(self.evaluate(&bound, &condition.expr));
        self.unsure.set(unsure);
        match tried.kind {
            Kind::Null => Some(Unknown::Invalid("a condition that is null".to_owned())),
            Kind::Unknown(why @ Unknown::Invalid(_)) => Some(why),
            _ => None,
        }
    }

    fn for_each(&self, scope: &Scope<'a>, each: &ForExpr) -> Value {
        let collection = self.evaluate(scope, &each.intro.collection_expr);
        if let Some(why) = super::function::failure(&collection) {
            return Value::unknown(why).chosen_by_all(&collection);
        }
        if let Some(why) = self.refused_condition(scope, each) {
            return Value::unknown(why).chosen_by_all(&collection);
        }
        let Some(entries) = entries(&collection) else {
            let why = collection
                .why_unknown()
                .unwrap_or_else(|| match &collection.kind {
                    Kind::List(items) => set::unordered(items),
                    _ => Unknown::Invalid("`for` over something that is no collection".into()),
                });
            return Value::unknown(why).chosen_by_all(&collection);
        };
        let inner = scope.element();
        let mut list = Vec::new();
        let mut map: BTreeMap<String, Value> = BTreeMap::new();
        let mut chosen_by: Vec<Value> = Vec::new();
        for (key, item) in entries {
            let mut bound = inner.binding(each.intro.value_var.value().as_str(), item);
            if let Some(name) = &each.intro.key_var {
                bound = bound.binding(name.value().as_str(), key);
            }
            if let Some(condition) = &each.cond {
                let keep = to_bool(self.evaluate(&bound, &condition.expr));
                match keep.kind {
                    Kind::Bool(true) => chosen_by.push(keep),
                    Kind::Bool(false) => {
                        chosen_by.push(keep);
                        continue;
                    }
                    _ => return Value::unknown(convert::hole_of(&keep)).chosen_by_all(&keep),
                }
            }
            let value = self.evaluate(&bound, &each.value_expr);
            let Some(key) = &each.key_expr else {
                list.push(value);
                continue;
            };
            let key = self.evaluate(&bound, key);
            let Some(name) = key.as_text() else {
                return Value::unknown(convert::hole_of(&key)).chosen_by_all(&key);
            };
            let value = value.chosen_by(&key);
            if each.grouping {
                match &mut map
                    .entry(name)
                    .or_insert_with(|| Value::new(Kind::List(Vec::new().into())))
                    .kind
                {
                    Kind::List(group) => group.push(value),
                    _ => unreachable!("groups are made as lists two lines above"),
                }
            } else if map.insert(name, value).is_some() {
                return Value::unknown(Unknown::Invalid("two items with one key in `for`".into()));
            }
        }
        let made = Value::new(if each.key_expr.is_some() {
            Kind::Object(map.into())
        } else {
            Kind::List(list.into())
        });
        let mut made = made.chosen_by_each(&chosen_by);
        made.decided_by.clone_from(&collection.decided_by);
        made.via.clone_from(&collection.via);
        made.sensitive |= collection.sensitive;
        made
    }
}

/// How large a value is: its elements, and its text by the line of 64 bytes. Counts no further than `most`.
fn pieces(value: &Value, most: usize) -> usize {
    let lines = |text: &str| 1 + text.len() / 64;
    let mut sum: usize = 1;
    match &value.kind {
        Kind::String(text) => sum += lines(text),
        Kind::Pattern(parts) => {
            for part in parts {
                sum += match part {
                    Part::Text(text) => lines(text),
                    Part::Hole(_) => 1,
                };
            }
        }
        Kind::List(items) => {
            for item in items {
                if sum >= most {
                    break;
                }
                sum += pieces(item, most - sum);
            }
        }
        Kind::Object(map) => {
            for item in map.values() {
                if sum >= most {
                    break;
                }
                sum += 1 + pieces(item, most.saturating_sub(sum));
            }
        }
        _ => {}
    }
    sum
}

/// What is not known of an operator's result, it is of this type.
fn of_type(mut value: Value, ty: Ty) -> Value {
    if matches!(&value.kind, Kind::Unknown(_)) {
        value.ty = Some(Arc::new(ty));
    }
    value
}

/// A number as it is written: the parser's own would have lost digits, and the sign of zero.
fn written(scope: &Scope<'_>, expression: &Expression, number: &Formatted<Number>) -> String {
    let source = expression
        .span()
        .filter(|_| scope.file.has_spans())
        .map(|span| scope.file.slice(span))
        .filter(|text| !text.is_empty());
    source.map_or_else(|| number.value().to_string(), str::to_owned)
}

/// Key and value of everything in a collection, in Terraform's order; `None` when it is not (wholly) known which.
pub(crate) fn entries(collection: &Value) -> Option<Vec<(Value, Value)>> {
    match &collection.kind {
        Kind::List(items) if collection.set => {
            // With an element that is not known neither order nor number of the elements is.
            set::is_ordered(items).then(|| items.iter().map(|v| (v.clone(), v.clone())).collect())
        }
        #[expect(clippy::cast_precision_loss, reason = "no list has 2^53 elements")]
        Kind::List(items) => Some(
            items
                .iter()
                .enumerate()
                .map(|(i, v)| (Value::new(Kind::Number(i as f64)), v.clone()))
                .collect(),
        ),
        Kind::Object(map) => Some(
            map.iter()
                .map(|(k, v)| (Value::new(Kind::String(k.clone())), v.clone()))
                .collect(),
        ),
        _ => None,
    }
}
