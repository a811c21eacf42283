//! Functions on files of the repository, and on their names.
//!
//! Nothing is read here: what is not in the estate is not known. A value that is decoded from a file is decided by its
//! bytes in that file.

use std::sync::Arc;

use hcl_edit::template::{Element, Template};

use super::{Outcome, Result, arg, arity, hash, made_text, made_value, string};
use crate::terraform::data;
use crate::terraform::source::{RepoPath, SourceFile};
use crate::terraform::value::evaluate::Evaluator;
use crate::terraform::value::scope::Scope;
use crate::terraform::value::ty::{self, Ty};
use crate::terraform::value::{Kind, Origin, OriginPlace, Unknown, Value};

/// Longest template that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// `None` when the name is not one of these functions.
pub(super) fn apply<'a>(
    evaluator: &Evaluator<'_, 'a>,
    scope: &Scope<'a>,
    name: &str,
    args: &[Value],
) -> Option<Result> {
    Some(match name {
        "file" => file(evaluator, scope, args),
        "fileexists" => fileexists(evaluator, scope, args),
        "fileset" => fileset(evaluator, scope, args),
        "filebase64" => bytes(evaluator, scope, args).and_then(|file| {
            use base64::Engine as _;
            made_text(base64::engine::general_purpose::STANDARD.encode(file.bytes()))
        }),
        "filemd5" | "filesha1" | "filesha256" | "filesha512" | "filebase64sha256"
        | "filebase64sha512" => bytes(evaluator, scope, args)
            .and_then(|file| hash::digest(&name["file".len()..], file.bytes())),
        "templatefile" => templatefile(evaluator, scope, args),
        "jsondecode" => return decoded(args, data::json::read),
        "yamldecode" => return decoded(args, data::yaml::read),
        "basename" | "dirname" => parts_of_path(name, args),
        // Where the repository lies is not known.
        "abspath" => Err(Unknown::Computed("abspath()".to_owned())),
        "pathexpand" => pathexpand(args),
        _ => return None,
    })
}

/// The path of the repository that a path in the code means; Terraform runs in the directory of the root.
fn located(
    evaluator: &Evaluator<'_, '_>,
    scope: &Scope<'_>,
    path: &Value,
) -> std::result::Result<RepoPath, Unknown> {
    let text = string(path)?;
    let outside = || Unknown::Unsupported(format!("`{text}`, a file outside of the repository,"));
    if scope.module.is_none() || text.starts_with('~') {
        return Err(outside());
    }
    evaluator.root_dir().join(&text).ok_or_else(outside)
}

fn bytes<'a>(
    evaluator: &Evaluator<'_, 'a>,
    scope: &Scope<'a>,
    args: &[Value],
) -> std::result::Result<&'a SourceFile, Unknown> {
    arity(args, 1, 1)?;
    found(evaluator, scope, arg(args, 0)?)
}

fn found<'a>(
    evaluator: &Evaluator<'_, 'a>,
    scope: &Scope<'a>,
    path: &Value,
) -> std::result::Result<&'a SourceFile, Unknown> {
    let path = located(evaluator, scope, path)?;
    let estate = evaluator.configuration.estate();
    match estate.file(&path) {
        Some(file) => Ok(file),
        None if estate.exists(&path) == Some(false) => {
            Err(Unknown::Invalid(format!("there is no file `{path}`")))
        }
        None => Err(Unknown::Unsupported(format!("the content of `{path}`"))),
    }
}

fn text_of(file: &SourceFile) -> std::result::Result<&str, Unknown> {
    std::str::from_utf8(file.bytes())
        .map_err(|_| Unknown::Invalid(format!("`{}` is no text in UTF-8", file.path())))
}

fn whole_file(file: &SourceFile) -> Origin {
    Origin {
        file: file.path().clone(),
        span: 0..file.bytes().len(),
        place: OriginPlace::DataFile,
    }
}

fn file<'a>(evaluator: &Evaluator<'_, 'a>, scope: &Scope<'a>, args: &[Value]) -> Result {
    let file = bytes(evaluator, scope, args)?;
    let mut value = Value::new(Kind::String(text_of(file)?.to_owned()));
    value.decided_by.push(whole_file(file));
    Ok(Outcome::Chosen(value.chosen_by(&args[0])))
}

/// Decodes what is the whole text of a file; `None` for any other text.
fn decoded(
    args: &[Value],
    read: impl Fn(&str) -> std::result::Result<data::Node, data::DataProblem>,
) -> Option<Result> {
    let [argument] = args else {
        return None;
    };
    let (Kind::String(text), [origin]) = (&argument.kind, argument.decided_by.as_slice()) else {
        return None;
    };
    if origin.place != OriginPlace::DataFile || origin.span != (0..text.len()) {
        return None;
    }
    Some(match read(text) {
        Ok(node) => {
            let mut value = node.value(Some(&origin.file));
            value.sensitive = argument.sensitive;
            value.via.clone_from(&argument.via);
            value.depends_on = argument.depends_on.clone();
            Ok(Outcome::Chosen(value))
        }
        Err(problem) => Err(problem.reason()),
    })
}

fn fileexists<'a>(evaluator: &Evaluator<'_, 'a>, scope: &Scope<'a>, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let path = located(evaluator, scope, arg(args, 0)?)?;
    evaluator
        .configuration
        .estate()
        .exists(&path)
        .map(|there| Outcome::Made(Kind::Bool(there)))
        .ok_or_else(|| Unknown::Unsupported(format!("whether `{path}` exists")))
}

fn fileset<'a>(evaluator: &Evaluator<'_, 'a>, scope: &Scope<'a>, args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let dir = located(evaluator, scope, arg(args, 0)?)?;
    let pattern = string(arg(args, 1)?)?;
    let unsupported = |what: &str| Unknown::Unsupported(format!("`fileset` {what}"));
    let plain = pattern
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_./*-{},".contains(&b));
    if !plain || pattern.contains("..") || pattern.starts_with('/') || pattern.contains("./") {
        return Err(unsupported("with this pattern"));
    }
    let matcher = globset::GlobBuilder::new(&pattern)
        .literal_separator(true)
        .build()
        .map_err(|_| unsupported("with this pattern"))?
        .compile_matcher();
    let names = evaluator
        .configuration
        .estate()
        .names_below(&dir)
        .ok_or_else(|| unsupported(&format!("of `{dir}`")))?;
    let prefix = if dir.as_str().is_empty() {
        0
    } else {
        dir.as_str().len() + 1
    };
    let names = names
        .map(|path| &path.as_str()[prefix..])
        .filter(|name| matcher.is_match(name))
        .map(|name| Value::new(Kind::String(name.to_owned())))
        .collect();
    made_value(ty::convert(
        Value::new(Kind::List(names)),
        &Ty::Set(Arc::new(Ty::String)),
    ))
}

fn templatefile<'a>(evaluator: &Evaluator<'_, 'a>, scope: &Scope<'a>, args: &[Value]) -> Result {
    arity(args, 2, 2)?;
    let file = found(evaluator, scope, arg(args, 0)?)?;
    let text = text_of(file)?;
    let Kind::Object(variables) = &arg(args, 1)?.kind else {
        return Err(super::why(&args[1], "a map of variables is required"));
    };
    if text.len() > LONGEST {
        return Err(Unknown::Unsupported("a template of this size".to_owned()));
    }
    // What the parser refuses Terraform may read.
    let unread = |_| Unknown::Unsupported(format!("the template `{}`", file.path()));
    let template: Template = text.parse().map_err(unread)?;
    let mut inner = Scope::literal(file, OriginPlace::DataFile);
    for (name, value) in variables {
        inner = inner.binding(name, value.clone());
    }
    // `${x}` alone is `x` itself, whatever its type.
    if let (1, Some(Element::Interpolation(only))) = (template.len(), template.get(0)) {
        return Ok(Outcome::Chosen(evaluator.evaluate(&inner, &only.expr)));
    }
    let (kind, from) = evaluator.rendered(&inner, &template);
    if let Kind::Unknown(why) = kind {
        return Err(why);
    }
    let mut value = Value::new(kind).chosen_by_each(&from);
    value.decided_by.push(Origin {
        // Text with something put in: not the bytes of the file.
        place: OriginPlace::DataFile.element(),
        ..whole_file(file)
    });
    Ok(Outcome::Chosen(
        value.chosen_by(&args[0]).chosen_by(&args[1]),
    ))
}

fn parts_of_path(name: &str, args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let path = string(arg(args, 0)?)?;
    let odd = path.is_empty()
        || path.contains("//")
        || path.ends_with('/')
        || path.contains('\\')
        || path.split('/').any(|part| part == "." || part == "..");
    // `dirname` cleans what it gives.
    if odd && !(name == "dirname" && path.starts_with("./") && !path[2..].contains("./")) {
        return Err(Unknown::Unsupported(format!("`{name}` of this path")));
    }
    let path = path.strip_prefix("./").unwrap_or(&path);
    made_text(match (name, path.rsplit_once('/')) {
        ("basename", Some((_, last))) => last.to_owned(),
        ("basename", None) => path.to_owned(),
        (_, Some(("", _))) => "/".to_owned(),
        (_, Some((dir, _))) => dir.to_owned(),
        (_, None) => ".".to_owned(),
    })
}

fn pathexpand(args: &[Value]) -> Result {
    arity(args, 1, 1)?;
    let path = string(arg(args, 0)?)?;
    if path.starts_with('~') {
        return Err(Unknown::Computed("pathexpand()".to_owned()));
    }
    made_text(path)
}
