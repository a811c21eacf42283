//! `tfmend rules list|show|docs|check`.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use serde_json::json;

use super::args::{ListFormat, RulesVerb};
use super::{Done, Stop, code};
use crate::rules::{Catalogue, Rule};

pub(super) fn run(verb: &RulesVerb, out: &mut dyn Write) -> Done {
    match verb {
        RulesVerb::List { rules, format } => list(&catalogue(rules)?, *format, out),
        RulesVerb::Show { id, rules } => {
            let catalogue = catalogue(rules)?;
            show(rule(&catalogue, id)?, out)
        }
        RulesVerb::Docs { dir } => docs(&catalogue(&[])?, dir, out),
        RulesVerb::Check { path } => check(path, out),
    }
}

/// The built-in rules with those of the user's directories.
pub(super) fn catalogue(directories: &[PathBuf]) -> Result<Catalogue, Stop> {
    let built_in = Catalogue::embedded().map_err(|e| Stop::Failed(e.into()))?;
    let mut files = Vec::new();
    for directory in directories {
        files.extend(rule_files(directory)?);
    }
    built_in
        .with(
            files
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        )
        .map_err(|e| Stop::Usage(e.into()))
}

/// Rule files at a path, in order of their names.
fn rule_files(path: &Path) -> Result<Vec<(String, String)>, Stop> {
    let read = |file: &Path| -> Result<(String, String), Stop> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the rule file {}", file.display()))
            .map_err(Stop::Usage)?;
        Ok((file.display().to_string(), text))
    };
    if path.is_file() {
        return Ok(vec![read(path)?]);
    }
    if !path.is_dir() {
        let text = format!("{}: no such rule file or directory", path.display());
        return Err(Stop::Usage(anyhow!(text)));
    }
    let mut files: Vec<PathBuf> = ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .build()
        .filter_map(Result::ok)
        .map(ignore::DirEntry::into_path)
        .filter(|p| p.extension().is_some_and(|e| e == "hcl") && p.is_file())
        .collect();
    files.sort();
    files.iter().map(|f| read(f)).collect()
}

/// A rule by id, or an error that names the nearest.
pub(super) fn rule<'c>(catalogue: &'c Catalogue, id: &str) -> Result<&'c Rule, Stop> {
    catalogue.rule(id).ok_or_else(|| {
        let nearest = catalogue
            .rules()
            .iter()
            .max_by(|a, b| likeness(&a.id, id).total_cmp(&likeness(&b.id, id)))
            .filter(|r| likeness(&r.id, id) > 0.5)
            .map_or_else(String::new, |r| format!("; did you mean `{}`?", r.id));
        Stop::Usage(anyhow!(
            "there is no rule `{id}`{nearest} `tfmend rules list` shows all"
        ))
    })
}

fn likeness(a: &str, b: &str) -> f32 {
    similar::TextDiff::from_chars(a, b).ratio()
}

pub(super) fn show(rule: &Rule, out: &mut dyn Write) -> Done {
    write!(out, "{}", crate::rules::page(rule))?;
    Ok(code::DONE)
}

fn list(catalogue: &Catalogue, format: ListFormat, out: &mut dyn Write) -> Done {
    if format == ListFormat::Json {
        let rows: Vec<_> = catalogue
            .rules()
            .iter()
            .map(|r| {
                json!({
                    "id": r.id,
                    "title": r.title,
                    "severity": r.severity,
                    "profile": r.profile,
                    "reversibility": r.reversibility,
                    "impact": r.impact,
                    "subjects": r.subjects,
                    "controls": r.controls.iter().map(|c| &c.control).collect::<Vec<_>>(),
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut *out, &rows).map_err(|e| anyhow!(e))?;
        writeln!(out)?;
        return Ok(code::DONE);
    }
    let width = catalogue
        .rules()
        .iter()
        .map(|r| r.id.len())
        .max()
        .unwrap_or(0);
    for rule in catalogue.rules() {
        let word = |v: serde_json::Value| v.as_str().unwrap_or_default().to_owned();
        writeln!(
            out,
            "{:width$}  {:8}  {:8}  {}",
            rule.id,
            word(json!(rule.severity)),
            word(json!(rule.profile)),
            rule.title
        )?;
    }
    Ok(code::DONE)
}

fn docs(catalogue: &Catalogue, dir: &Path, out: &mut dyn Write) -> Done {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let pages = catalogue
        .rules()
        .iter()
        .map(|r| (format!("{}.md", r.id), crate::rules::page(r)));
    let index = std::iter::once(("README.md".to_owned(), crate::rules::index(catalogue)));
    for (name, text) in index.chain(pages) {
        let path = dir.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        writeln!(out, "{}", path.display())?;
    }
    Ok(code::DONE)
}

/// Every file is judged by itself, so that one run shows all mistakes.
fn check(path: &Path, out: &mut dyn Write) -> Done {
    let files = rule_files(path)?;
    if files.is_empty() {
        return Err(Stop::NoInput(format!(
            "{}: no .hcl file there",
            path.display()
        )));
    }
    let mut worst = code::DONE;
    for (name, text) in &files {
        match Catalogue::default().with([(name.as_str(), text.as_str())]) {
            Ok(read) => {
                for rule in read.rules() {
                    writeln!(out, "{name}: {} is a valid rule", rule.id)?;
                }
            }
            Err(e) => {
                worst = code::USAGE;
                writeln!(out, "{e}")?;
            }
        }
    }
    Ok(worst)
}
