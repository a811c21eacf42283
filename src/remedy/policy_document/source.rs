//! Where a bucket's policy is written, and in which form.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object};
use hcl_edit::structure::Body;
use serde_json::{Value as Json, json};

use super::statement::{HOLE, json_of, parsed};
use crate::remedy::subject::Subject;
use crate::remedy::{Refusal, RefusalKind, companion, place};
use crate::terraform::module::Held;
use crate::terraform::value::{Kind, Unknown};
use crate::terraform::{SourceFile, Span, Value};

/// What writes a bucket's policy.
pub(super) enum Writer<'c, 'a> {
    /// `aws_s3_bucket_policy`.
    Resource(Subject<'c, 'a>),
    /// `policy` of the bucket itself.
    Inline(Subject<'c, 'a>),
    /// `aws_s3_bucket_policy` in another root.
    Elsewhere(Subject<'c, 'a>),
    /// There is no policy.
    Nobody,
}

/// Finds the writer.
///
/// # Errors
/// There are two, or one may or may not be about this bucket.
pub(super) fn writer<'c, 'a>(subject: &Subject<'c, 'a>) -> Result<Writer<'c, 'a>, Refusal> {
    let mut found = companion::linked(subject, "aws_s3_bucket_policy", "bucket")?;
    let inline = match subject.held(&["policy".to_owned()]) {
        Held::Absent => false,
        Held::Value(value) => !value.is_null() && value.as_str() != Some(""),
        Held::Dynamic(_) => true,
    };
    let beyond = companion::elsewhere(subject, "aws_s3_bucket_policy", "bucket");
    if let (Some(other), true, false) = (beyond.first(), found.is_empty(), inline) {
        return Ok(Writer::Elsewhere(other.clone()));
    }
    found.extend(beyond);
    let mut names: Vec<String> = found
        .iter()
        .map(|s| format!("`{}` ({}:{})", s.address, s.file().path(), s.line()))
        .collect();
    if inline {
        names.push(format!("`policy` of `{}`", subject.address));
    }
    if names.len() > 1 {
        return Err(Refusal::new(
            RefusalKind::SecondWriter,
            format!(
                "`{}` has two policies: {}",
                subject.address,
                names.join(", ")
            ),
            "leave one of them; they overwrite each other on every apply",
        ));
    }
    Ok(match (found.pop(), inline) {
        (Some(resource), _) => Writer::Resource(resource),
        (None, true) => Writer::Inline(subject.clone()),
        (None, false) => Writer::Nobody,
    })
}

/// The form a policy is written in.
pub(super) enum Form<'c, 'a> {
    /// `jsonencode({ … })`.
    Object {
        file: &'a SourceFile,
        object: &'a Object,
        expression: &'a Expression,
    },
    /// JSON in a heredoc: the range of its text.
    Heredoc { file: &'a SourceFile, span: Span },
    /// `data "aws_iam_policy_document"`.
    Document(Box<Subject<'c, 'a>>),
    /// A JSON file of the repository.
    File(&'a SourceFile),
    /// Something else.
    Other,
}

/// A policy: what it says, as far as the code tells, and how it is written.
pub(super) struct Policy<'c, 'a> {
    pub(super) json: Result<Json, Refusal>,
    pub(super) form: Form<'c, 'a>,
}

/// Reads the policy that a block writes.
pub(super) fn policy<'c, 'a>(writer: &Subject<'c, 'a>) -> Policy<'c, 'a> {
    let Some(expression) = writer.expression(&["policy".to_owned()]) else {
        return Policy {
            json: Err(unsupported(writer)),
            form: Form::Other,
        };
    };
    let form = form(writer, writer.file(), expression, 0);
    let json = match &form {
        Form::Document(document) => Ok(document_json(document, 0)),
        Form::File(file) => serde_json::from_str(file.text()).map_err(|_| unsupported(writer)),
        Form::Object { .. } | Form::Heredoc { .. } | Form::Other => value_json(writer, &form),
    };
    Policy { json, form }
}

fn unsupported(writer: &Subject<'_, '_>) -> Refusal {
    Refusal::new(
        RefusalKind::UnsupportedShape,
        format!(
            "the policy of `{}` ({}:{}) is not written in a form that can be read",
            writer.address,
            writer.file().path(),
            writer.line()
        ),
        "add the statement by hand",
    )
}

fn value_json(writer: &Subject<'_, '_>, form: &Form<'_, '_>) -> Result<Json, Refusal> {
    let held = writer.held(&["policy".to_owned()]);
    let Held::Value(value) = held else {
        return Err(unsupported(writer));
    };
    if let Some(json) = parsed(&value) {
        return Ok(json);
    }
    // `jsonencode` of something with references in it, in the scope of the block.
    if let Form::Object {
        file, expression, ..
    } = form
        && file.path().parent() == writer.at.module
    {
        let value = writer.cfg.evaluate(&writer.at, &writer.address, expression);
        return Ok(json_of(&value));
    }
    Err(match value.why_unknown() {
        Some(why @ (Unknown::UnsetVariable(_) | Unknown::Varies(..) | Unknown::Data(_))) => {
            Refusal::unknown_value(&format!("the policy of `{}`", writer.address), &why)
        }
        _ => unsupported(writer),
    })
}

/// References are followed this far.
const HOPS: usize = 4;

fn form<'c, 'a>(
    writer: &Subject<'c, 'a>,
    file: &'a SourceFile,
    expression: &'a Expression,
    hops: usize,
) -> Form<'c, 'a> {
    match expression {
        Expression::Parenthesis(inner) => return form(writer, file, inner.inner(), hops),
        Expression::FuncCall(call) if call.name.name.as_str() == "jsonencode" => {
            if let Some(expression @ Expression::Object(object)) = call.args.iter().next() {
                return Form::Object {
                    file,
                    object,
                    expression,
                };
            }
            return Form::Other;
        }
        Expression::FuncCall(call) if call.name.name.as_str() == "file" => {
            return json_file(writer, call.args.iter().next()).map_or(Form::Other, Form::File);
        }
        Expression::HeredocTemplate(_) => {
            return expression
                .span()
                .map_or(Form::Other, |span| Form::Heredoc { file, span });
        }
        _ => {}
    }
    let own = file.path() == writer.file().path() && hops == 0;
    if own
        && let Some(reference) = writer
            .cfg
            .reference_of(&writer.at, &writer.address, expression)
    {
        let found = Subject::find(writer.cfg, &writer.at.root, &reference.address)
            .filter(|s| s.at.resource.data && s.at.resource.kind == "aws_iam_policy_document");
        return found.map_or(Form::Other, |s| Form::Document(Box::new(s)));
    }
    if hops >= HOPS {
        return Form::Other;
    }
    // A local, a variable, a module's argument: the expression that decides.
    let Held::Value(value) = writer.held(&["policy".to_owned()]) else {
        return Form::Other;
    };
    value
        .decided_by
        .iter()
        .chain(&value.via)
        .find_map(|origin| {
            let other: &'a SourceFile = writer.cfg.estate().file(&origin.file)?;
            if place::is_external(&origin.file) || origin.span == expression.span()? {
                return None;
            }
            let found = expression_at(other, &origin.span)?;
            match form(writer, other, found, HOPS) {
                Form::Other => None,
                known => Some(known),
            }
        })
        .unwrap_or(Form::Other)
}

/// `file("${path.module}/policy.json")`, when that file is one of the repository's.
fn json_file<'a>(writer: &Subject<'_, 'a>, path: Option<&Expression>) -> Option<&'a SourceFile> {
    let path = path?;
    let value = writer.cfg.evaluate(&writer.at, &writer.address, path);
    let text = value.as_str()?.to_owned();
    let root = writer.cfg.code_of(&writer.at.root).join(&text);
    let module = writer
        .file()
        .slice(path.span()?)
        .strip_prefix("\"${path.module}/")
        .and_then(|rest| writer.at.module.join(rest.strip_suffix('"')?));
    [root, module]
        .into_iter()
        .flatten()
        .filter(|p| p.file_name().ends_with(".json"))
        .find_map(|p| writer.cfg.estate().file(&p))
        .map(AsRef::as_ref)
}

/// The expression with exactly this span.
fn expression_at<'a>(file: &'a SourceFile, span: &Span) -> Option<&'a Expression> {
    fn inside<'a>(expression: &'a Expression, span: &Span) -> Option<&'a Expression> {
        let own = expression.span()?;
        if own == *span {
            return Some(expression);
        }
        if own.start > span.start || span.end > own.end {
            return None;
        }
        match expression {
            Expression::Array(list) => list.iter().find_map(|e| inside(e, span)),
            Expression::Object(map) => map.iter().find_map(|(_, v)| inside(v.expr(), span)),
            Expression::Parenthesis(p) => inside(p.inner(), span),
            Expression::FuncCall(call) => call.args.iter().find_map(|e| inside(e, span)),
            Expression::Conditional(c) => [&c.cond_expr, &c.true_expr, &c.false_expr]
                .into_iter()
                .find_map(|e| inside(e, span)),
            _ => None,
        }
    }
    fn search<'a>(body: &'a Body, span: &Span) -> Option<&'a Expression> {
        body.iter().find_map(|structure| {
            structure.as_attribute().map_or_else(
                || structure.as_block().and_then(|b| search(&b.body, span)),
                |a| inside(&a.value, span),
            )
        })
    }
    search(file.body().ok()?, span)
}

/// What an `aws_iam_policy_document` says, the documents it is made of included.
fn document_json(document: &Subject<'_, '_>, hops: usize) -> Json {
    let cfg = document.cfg;
    let mut statements: Vec<Json> = Vec::new();
    for other in parents(document, &["source_json", "source_policy_documents"], hops) {
        for one in super::statement::statements(&other) {
            put(&mut statements, one.clone());
        }
    }
    for statement in cfg.nested(&document.at, &document.address, &["statement"]) {
        let get =
            |name: &str| match cfg.held_in(&document.at, &document.address, &statement, &[name]) {
                Held::Value(value) => json_of(&value),
                Held::Absent | Held::Dynamic(_) => Json::Null,
            };
        let effect = match get("effect") {
            Json::Null => json!("Allow"),
            other => other,
        };
        let principals = parts(document, &statement, "principals");
        let everybody = principals.iter().any(|p| {
            ["*", "AWS"]
                .iter()
                .any(|t| p.get("type") == Some(&json!(t)))
                && p.get("identifiers")
                    .and_then(Json::as_array)
                    .is_some_and(|ids| ids.contains(&json!("*")))
        });
        let mut named = serde_json::Map::new();
        for principal in &principals {
            let (Some(kind), Some(Json::Array(ids))) = (
                principal.get("type").and_then(Json::as_str),
                principal.get("identifiers"),
            ) else {
                continue;
            };
            let all = named.entry(kind).or_insert_with(|| json!([]));
            if let Json::Array(all) = all {
                all.extend(ids.iter().cloned());
            }
        }
        let mut conditions = serde_json::Map::new();
        for (n, condition) in parts(document, &statement, "condition")
            .into_iter()
            .enumerate()
        {
            let word = |name: &str| {
                condition
                    .get(name)
                    .and_then(Json::as_str)
                    .map(str::to_owned)
            };
            let test = word("test").unwrap_or_else(|| format!("<{n}>"));
            let variable = word("variable").unwrap_or_else(|| format!("<{n}>"));
            let values = condition.get("values").cloned().unwrap_or_default();
            let keys = conditions.entry(test).or_insert_with(|| json!({}));
            keys[variable] = values;
        }
        let one = json!({
            "Sid": get("sid"),
            "Effect": effect,
            "Principal": if everybody { json!("*") } else { named.into() },
            "Action": get("actions"),
            "Resource": get("resources"),
            "Condition": conditions,
        });
        put(&mut statements, one);
    }
    for other in parents(
        document,
        &["override_json", "override_policy_documents"],
        hops,
    ) {
        for one in super::statement::statements(&other) {
            put(&mut statements, one.clone());
        }
    }
    json!({ "Statement": statements })
}

/// Adds a statement; of two with one `Sid` the later stands in the place of the earlier.
fn put(statements: &mut Vec<Json>, one: Json) {
    let sid = one.get("Sid").and_then(Json::as_str).unwrap_or_default();
    let known = !sid.is_empty() && !sid.contains(HOLE);
    let same = |s: &&mut Json| s.get("Sid").and_then(Json::as_str) == Some(sid);
    match statements.iter_mut().find(same).filter(|_| known) {
        Some(earlier) => *earlier = one,
        None => statements.push(one),
    }
}

/// The nested blocks of one kind of a statement, as objects.
fn parts(
    document: &Subject<'_, '_>,
    statement: &crate::terraform::module::Nested<'_>,
    kind: &str,
) -> Vec<Json> {
    // Conditions that a `dynamic` block makes are nothing to rely on.
    statement
        .block
        .body
        .blocks()
        .filter(|b| {
            b.has_ident(kind)
                || (b.has_ident("dynamic") && b.labels.first().is_some_and(|l| l.as_str() == kind))
        })
        .map(|b| {
            b.body
                .attributes()
                .map(|a| {
                    let value: Value =
                        document
                            .cfg
                            .evaluate(&document.at, &document.address, &a.value);
                    (a.key.as_str().to_owned(), json_of(&value))
                })
                .collect::<serde_json::Map<_, _>>()
                .into()
        })
        .collect()
}

/// What the documents say that a document is made of, as far as the code tells.
fn parents(document: &Subject<'_, '_>, names: &[&str], hops: usize) -> Vec<Json> {
    if hops >= HOPS {
        return Vec::new();
    }
    let mut found = Vec::new();
    for name in names {
        let Some(written) = document.expression(&[(*name).to_owned()]) else {
            continue;
        };
        let list: Vec<&Expression> = match written {
            Expression::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        for one in list {
            let reference = document
                .cfg
                .reference_of(&document.at, &document.address, one);
            let other = reference
                .and_then(|r| Subject::find(document.cfg, &document.at.root, &r.address))
                .filter(|s| s.at.resource.kind == "aws_iam_policy_document");
            if let Some(other) = other {
                found.push(document_json(&other, hops + 1));
                continue;
            }
            let value = document.cfg.evaluate(&document.at, &document.address, one);
            match &value.kind {
                Kind::List(items) => found.extend(items.iter().filter_map(parsed)),
                _ => found.extend(parsed(&value)),
            }
        }
    }
    found
}
