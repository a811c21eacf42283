//! Which expressions depend only on what the code itself says, decided by their syntax alone.
//!
//! Nothing here asks the evaluator: the blocks are read anew from the files, and an expression counts when everything
//! that it refers to, however indirectly, is a literal, a variable with a value, a local, a pure function, `count` or
//! `each` over such things, or an argument that is written in a resource or in the call of a local module. So the
//! evaluator cannot excuse itself with a reason of its own.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;

use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::{Directive, Element, Template};
use tfmend::terraform::{Estate, RepoPath, SourceFile};

/// Why an expression does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Excuse {
    /// A data source, remote state included.
    Data,
    /// A variable that nothing gives a value.
    UnsetVariable,
    /// A variable that a file for `-var-file` sets: which one is used is not in the code.
    VarFile,
    /// An attribute that is not written in the block, or a whole resource.
    Computed,
    /// A module whose code is not here.
    ExternalModule,
    /// `terraform.workspace`, `path.cwd`, `self`, a provider's function, the clock, chance, this machine.
    Outside,
    /// A file that is not in the tree.
    MissingFile,
    /// It refers to itself or to something that is not declared.
    Broken,
}

/// What may be said of an expression.
pub(crate) type Verdict = Result<(), Excuse>;

/// A directory of code, as far as references into it go.
#[derive(Default)]
struct Declared<'a> {
    variables: HashMap<&'a str, &'a Block>,
    locals: HashMap<&'a str, &'a Expression>,
    outputs: HashMap<&'a str, &'a Block>,
    calls: HashMap<&'a str, &'a Block>,
    resources: HashMap<(&'a str, &'a str), Vec<&'a Block>>,
    /// Of the variable files that Terraform loads by itself.
    set: HashMap<&'a str, &'a Expression>,
}

/// A module as it is called from somewhere.
pub(crate) struct Place<'a> {
    id: usize,
    dir: RepoPath,
    caller: Option<(Rc<Place<'a>>, &'a Block)>,
    /// Of the root only: what its files for `-var-file` set.
    varied: Vec<String>,
}

/// Reads the syntax of an estate.
pub(crate) struct Eligibility<'a> {
    estate: &'a Estate,
    top: &'a Path,
    /// For expressions that stand in no block with `count` or `for_each`.
    empty: &'a Block,
    declared: HashMap<RepoPath, Declared<'a>>,
    places: RefCell<HashMap<(usize, String), Rc<Place<'a>>>>,
    roots: RefCell<HashMap<RepoPath, Rc<Place<'a>>>>,
    next: RefCell<usize>,
    /// `None` while it is being decided.
    known: RefCell<HashMap<(usize, String), Option<Verdict>>>,
}

/// Names that a `for` or a `dynamic` block binds, and what is to be said of them.
pub(crate) type Bound = BTreeMap<String, Verdict>;

const IMPURE: [&str; 10] = [
    "timestamp",
    "plantimestamp",
    "uuid",
    "bcrypt",
    "abspath",
    "pathexpand",
    "uuidv4",
    "uuidv7",
    "ephemeralasnull",
    "rsadecrypt",
];

fn word(label: &hcl_edit::structure::BlockLabel) -> &str {
    label.as_str()
}

impl<'a> Eligibility<'a> {
    /// Of an estate that was read below `top`; `empty` is any block without attributes.
    pub(crate) fn new(estate: &'a Estate, top: &'a Path, empty: &'a Block) -> Self {
        let mut declared: HashMap<RepoPath, Declared<'a>> = HashMap::new();
        // Override files last: what they say wins.
        let mut files: Vec<&'a SourceFile> = estate.files().map(AsRef::as_ref).collect();
        files.sort_by_key(|f| {
            let name = f.path().file_name();
            (
                name == "override.tf" || name.ends_with("_override.tf"),
                f.path().clone(),
            )
        });
        for file in files {
            let name = file.path().file_name();
            let Ok(body) = file.body() else { continue };
            let module = declared.entry(file.path().parent()).or_default();
            if name == "terraform.tfvars"
                || name.ends_with(".auto.tfvars")
                || name.ends_with(".auto.tfvars.json")
                || name == "terraform.tfvars.json"
            {
                module
                    .set
                    .extend(body.attributes().map(|a| (a.key.as_str(), &a.value)));
            } else if name.ends_with(".tf") || name.ends_with(".tofu") || name.ends_with(".tf.json")
            {
                module.read(body);
            }
        }
        Self {
            estate,
            top,
            empty,
            declared,
            places: RefCell::default(),
            roots: RefCell::default(),
            next: RefCell::new(0),
            known: RefCell::default(),
        }
    }

    fn number(&self) -> usize {
        let mut next = self.next.borrow_mut();
        *next += 1;
        *next
    }

    /// A root module. `var_files` are those that somebody may give by hand.
    pub(crate) fn root(&self, dir: &RepoPath, var_files: &[RepoPath]) -> Rc<Place<'a>> {
        if let Some(place) = self.roots.borrow().get(dir) {
            return Rc::clone(place);
        }
        let varied = var_files
            .iter()
            .filter_map(|path| self.estate.file(path)?.body().ok())
            .flat_map(|body| {
                body.attributes()
                    .map(|a| a.key.as_str().to_owned())
                    .collect::<Vec<_>>()
            })
            .collect();
        let place = Rc::new(Place {
            id: self.number(),
            dir: dir.clone(),
            caller: None,
            varied,
        });
        self.roots
            .borrow_mut()
            .insert(dir.clone(), Rc::clone(&place));
        place
    }

    /// The module that a call in `place` calls, when its code is here.
    pub(crate) fn called(&self, place: &Rc<Place<'a>>, name: &str) -> Option<Rc<Place<'a>>> {
        let key = (place.id, name.to_owned());
        if let Some(child) = self.places.borrow().get(&key) {
            return Some(Rc::clone(child));
        }
        let call = self.declared.get(&place.dir)?.calls.get(name)?;
        let source = call.body.get_attribute("source")?.value.as_str()?;
        if !(source.starts_with("./")
            || source.starts_with("../")
            || source == "."
            || source == "..")
        {
            return None;
        }
        let dir = place.dir.join(source)?;
        self.declared.get(&dir)?;
        let depth =
            std::iter::successors(Some(place), |p| p.caller.as_ref().map(|(c, _)| c)).count();
        if depth > 12 {
            return None;
        }
        let child = Rc::new(Place {
            id: self.number(),
            dir,
            caller: Some((Rc::clone(place), call)),
            varied: Vec::new(),
        });
        self.places.borrow_mut().insert(key, Rc::clone(&child));
        Some(child)
    }

    /// Decides once; what refers to itself is broken.
    fn once(&self, place: &Place<'a>, name: String, decide: impl FnOnce() -> Verdict) -> Verdict {
        let key = (place.id, name);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.unwrap_or(Err(Excuse::Broken));
        }
        self.known.borrow_mut().insert(key.clone(), None);
        let verdict = decide();
        self.known.borrow_mut().insert(key, Some(verdict));
        verdict
    }

    /// The block of a resource, override files left out.
    pub(crate) fn block(&self, place: &Place<'a>, kind: &str, name: &str) -> Option<&'a Block> {
        self.declared
            .get(&place.dir)?
            .resources
            .get(&(kind, name))?
            .first()
            .copied()
    }

    /// Whether `count` or `for_each` of a module call counts.
    pub(crate) fn repeated_call(&self, place: &Rc<Place<'a>>, name: &str) -> Verdict {
        let call = self
            .module(place)?
            .calls
            .get(name)
            .copied()
            .ok_or(Excuse::Broken)?;
        self.repetition(place, call)
    }

    /// Whether `count` or `for_each` of a block counts.
    pub(crate) fn repetition(&self, place: &Rc<Place<'a>>, block: &'a Block) -> Verdict {
        for name in ["count", "for_each"] {
            if let Some(attribute) = block.body.get_attribute(name) {
                self.expression(place, block, &Bound::new(), &attribute.value)?;
            }
        }
        Ok(())
    }

    /// Whether an expression that stands in `block` (whose `count` and `each` it may use) counts.
    pub(crate) fn expression(
        &self,
        place: &Rc<Place<'a>>,
        block: &'a Block,
        bound: &Bound,
        expression: &'a Expression,
    ) -> Verdict {
        let go = |e: &'a Expression| self.expression(place, block, bound, e);
        match expression {
            Expression::Null(_)
            | Expression::Bool(_)
            | Expression::Number(_)
            | Expression::String(_) => Ok(()),
            Expression::Array(items) => items.iter().try_for_each(go),
            Expression::Object(object) => object.iter().try_for_each(|(key, value)| {
                if let ObjectKey::Expression(key) = key
                    // A bare word is the key itself, also where it looks like a variable.
                    && !matches!(key, Expression::Variable(_))
                {
                    go(key)?;
                }
                go(value.expr())
            }),
            Expression::StringTemplate(template) => template
                .iter()
                .try_for_each(|e| self.element(place, block, bound, e)),
            Expression::HeredocTemplate(template) => {
                self.template(place, block, bound, &template.template)
            }
            Expression::Parenthesis(inner) => go(inner.inner()),
            Expression::Variable(name) => bound
                .get(name.as_str())
                .copied()
                .unwrap_or(Err(Excuse::Broken)),
            Expression::Conditional(c) => {
                go(&c.cond_expr)?;
                go(&c.true_expr)?;
                go(&c.false_expr)
            }
            Expression::FuncCall(call) => {
                if !call.name.namespace.is_empty() || IMPURE.contains(&call.name.name.as_str()) {
                    return Err(Excuse::Outside);
                }
                call.args.iter().try_for_each(go)?;
                self.file_read(place, call)
            }
            Expression::Traversal(traversal) => self.traversal(place, block, bound, traversal),
            Expression::UnaryOp(op) => go(&op.expr),
            Expression::BinaryOp(op) => {
                go(&op.lhs_expr)?;
                go(&op.rhs_expr)
            }
            Expression::ForExpr(f) => {
                go(&f.intro.collection_expr)?;
                let mut inner = bound.clone();
                if let Some(key) = &f.intro.key_var {
                    inner.insert(key.as_str().to_owned(), Ok(()));
                }
                inner.insert(f.intro.value_var.as_str().to_owned(), Ok(()));
                let parts = [
                    f.key_expr.as_ref(),
                    Some(&f.value_expr),
                    f.cond.as_ref().map(|c| &c.expr),
                ];
                parts
                    .into_iter()
                    .flatten()
                    .try_for_each(|e| self.expression(place, block, &inner, e))
            }
        }
    }

    fn template(
        &self,
        place: &Rc<Place<'a>>,
        block: &'a Block,
        bound: &Bound,
        template: &'a Template,
    ) -> Verdict {
        template
            .iter()
            .try_for_each(|e| self.element(place, block, bound, e))
    }

    fn element(
        &self,
        place: &Rc<Place<'a>>,
        block: &'a Block,
        bound: &Bound,
        element: &'a Element,
    ) -> Verdict {
        match element {
            Element::Literal(_) => Ok(()),
            Element::Interpolation(i) => self.expression(place, block, bound, &i.expr),
            Element::Directive(directive) => match directive.as_ref() {
                Directive::If(d) => {
                    self.expression(place, block, bound, &d.if_expr.cond_expr)?;
                    self.template(place, block, bound, &d.if_expr.template)?;
                    d.else_expr
                        .as_ref()
                        .map_or(Ok(()), |e| self.template(place, block, bound, &e.template))
                }
                Directive::For(d) => {
                    self.expression(place, block, bound, &d.for_expr.collection_expr)?;
                    let mut inner = bound.clone();
                    if let Some(key) = &d.for_expr.key_var {
                        inner.insert(key.as_str().to_owned(), Ok(()));
                    }
                    inner.insert(d.for_expr.value_var.as_str().to_owned(), Ok(()));
                    self.template(place, block, &inner, &d.for_expr.template)
                }
            },
        }
    }

    /// A file that a function reads must be in the tree, where its name can be told from the syntax.
    fn file_read(&self, place: &Rc<Place<'a>>, call: &'a hcl_edit::expr::FuncCall) -> Verdict {
        let name = call.name.name.as_str();
        if !(name.starts_with("file") || name == "templatefile")
            || name == "fileset"
            || name == "fileexists"
        {
            return Ok(());
        }
        // Archives are built, not written.
        let Some(text) = call.args.iter().next().map(ToString::to_string) else {
            return Err(Excuse::Broken);
        };
        let text = text.trim().trim_matches('"');
        let rest = text
            .strip_prefix("${path.module}/")
            .or_else(|| text.strip_prefix("${path.root}/"))
            .unwrap_or(text);
        if rest.contains("${") || rest.contains('(') || text.starts_with('/') {
            return if rest.ends_with(".zip") {
                Err(Excuse::MissingFile)
            } else {
                Ok(())
            };
        }
        let mut from = place;
        if !text.starts_with("${path.module}") {
            while let Some((caller, _)) = &from.caller {
                from = caller;
            }
        }
        let there = from
            .dir
            .join(rest)
            .is_some_and(|path| self.top.join(path.as_str()).is_file());
        if there {
            Ok(())
        } else {
            Err(Excuse::MissingFile)
        }
    }

    fn traversal(
        &self,
        place: &Rc<Place<'a>>,
        block: &'a Block,
        bound: &Bound,
        traversal: &'a Traversal,
    ) -> Verdict {
        for operator in &traversal.operators {
            if let TraversalOperator::Index(index) = operator.value() {
                self.expression(place, block, bound, index)?;
            }
        }
        let Expression::Variable(head) = &traversal.expr else {
            return self.expression(place, block, bound, &traversal.expr);
        };
        if let Some(verdict) = bound.get(head.as_str()) {
            return *verdict;
        }
        let names: Vec<&str> = traversal
            .operators
            .iter()
            .filter_map(|o| match o.value() {
                TraversalOperator::GetAttr(name) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let first = names.first().copied();
        match (head.as_str(), first) {
            ("var", Some(name)) => self.variable(place, name),
            ("local", Some(name)) => self.once(place, format!("local.{name}"), || {
                let local = self.module(place)?.locals.get(name).copied();
                self.expression(
                    place,
                    self.empty,
                    &Bound::new(),
                    local.ok_or(Excuse::Broken)?,
                )
            }),
            ("each" | "count", _) => self.repetition(place, block),
            ("path", Some("module" | "root")) => Ok(()),
            ("path" | "terraform" | "self" | "ephemeral", _) => Err(Excuse::Outside),
            ("data", _) => Err(Excuse::Data),
            ("module", Some(name)) => self.output(place, name, names.get(1).copied()),
            (kind, Some(name)) => {
                let rest = names.get(1..).unwrap_or_default();
                self.once(place, format!("{kind}.{name}.{}", rest.join(".")), || {
                    self.configured(place, kind, name, rest)
                })
            }
            (_, None) => Err(Excuse::Computed),
        }
    }

    fn module(&self, place: &Place<'a>) -> Result<&Declared<'a>, Excuse> {
        self.declared.get(&place.dir).ok_or(Excuse::Broken)
    }

    fn variable(&self, place: &Rc<Place<'a>>, name: &str) -> Verdict {
        self.once(place, format!("var.{name}"), || {
            let module = self.module(place)?;
            let block = module.variables.get(name).copied().ok_or(Excuse::Broken)?;
            let default = block.body.get_attribute("default").map(|a| &a.value);
            if let Some((caller, call)) = &place.caller {
                return match (call.body.get_attribute(name), default) {
                    (Some(argument), _) => {
                        self.expression(caller, call, &Bound::new(), &argument.value)
                    }
                    (None, Some(_)) => Ok(()),
                    (None, None) => Err(Excuse::UnsetVariable),
                };
            }
            if place.varied.iter().any(|v| v == name) {
                return Err(Excuse::VarFile);
            }
            if default.is_some() || module.set.contains_key(name) {
                Ok(())
            } else {
                Err(Excuse::UnsetVariable)
            }
        })
    }

    fn output(&self, place: &Rc<Place<'a>>, name: &str, output: Option<&str>) -> Verdict {
        let output = output.unwrap_or_default();
        self.once(place, format!("module.{name}.{output}"), || {
            let call = self
                .module(place)?
                .calls
                .get(name)
                .copied()
                .ok_or(Excuse::Broken)?;
            let child = self.called(place, name).ok_or(Excuse::ExternalModule)?;
            self.repetition(place, call)?;
            let block = self
                .module(&child)?
                .outputs
                .get(output)
                .copied()
                .ok_or(Excuse::Computed)?;
            let value = block.body.get_attribute("value").ok_or(Excuse::Broken)?;
            self.expression(&child, self.empty, &Bound::new(), &value.value)
        })
    }

    /// An argument that is written in the block of a resource.
    fn configured(&self, place: &Rc<Place<'a>>, kind: &str, name: &str, path: &[&str]) -> Verdict {
        let blocks = self
            .module(place)?
            .resources
            .get(&(kind, name))
            .ok_or(Excuse::Broken)?;
        for block in blocks.iter().rev().copied() {
            let mut body = &block.body;
            let mut steps = path;
            while let Some((step, rest)) = steps.split_first() {
                if let Some(written) = body.get_attribute(step) {
                    // The provider fills in a written null.
                    if matches!(written.value, Expression::Null(_)) {
                        return Err(Excuse::Computed);
                    }
                    self.repetition(place, block)?;
                    return self.expression(place, block, &Bound::new(), &written.value);
                }
                let Some(nested) = body.blocks().find(|b| b.ident.as_str() == *step) else {
                    break;
                };
                body = &nested.body;
                steps = rest;
            }
        }
        Err(Excuse::Computed)
    }
}

impl<'a> Declared<'a> {
    fn read(&mut self, body: &'a Body) {
        for block in body.blocks() {
            let labels: Vec<&'a str> = block.labels.iter().map(word).collect();
            match (block.ident.as_str(), labels.as_slice()) {
                ("variable", [name]) => {
                    self.variables.insert(name, block);
                }
                ("locals", _) => self
                    .locals
                    .extend(block.body.attributes().map(|a| (a.key.as_str(), &a.value))),
                ("output", [name]) => {
                    self.outputs.insert(name, block);
                }
                ("module", [name]) => {
                    self.calls.entry(name).or_insert(block);
                }
                ("resource", [kind, name]) => {
                    self.resources.entry((kind, name)).or_default().push(block)
                }
                _ => {}
            }
        }
    }
}
