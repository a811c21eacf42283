//! What the code itself says against a fix: "this is meant to be public", "this control is silenced here".
//!
//! The half of invariant 10 that refuses what is meant to be public. Comments are read where they belong to a block:
//! inside it, and directly above it.

use std::sync::LazyLock;

use hcl_edit::Span as _;
use regex::Regex;
use serde_json::Value as Json;

use super::subject::Subject;
use super::{Refusal, RefusalKind, exposure};
use crate::finding::ControlCatalogue;
use crate::rules::Rule;
use crate::terraform::module::{Dynamic, Held};
use crate::terraform::{SourceFile, Span};

// The patterns are constants: a failure to compile would show in every test.
static PUBLIC: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        \btfmend:public\b
        | \b(intended|intentionally|deliberately|purposely|purposefully|meant|supposed|must|has|have|needs?|should|allowed|ok|okay|fine)
          \s+(to\s+)?(be|stay|remain)?\s*(fully\s+|world[-\s]+)?(public|publicly|world[-\s]readable)\b
        | \b(public|publicly\s+(readable|accessible|available))\b[\s,:;()-]*
          (by\s+(design|intent|intention)|on\s+purpose|intentionally|deliberately)\b
        | \b(is|are|stays?|remains?)\s+(a\s+)?public\s+(website|site|web\s+site|download|downloads|assets?|cdn|mirror|dataset|data\s+set)\b
        | \bpublic\s+(website|web\s+site|downloads?|dataset|data\s+set)\b",
    )
    .ok()
});

static NEGATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(not|never|no|non|isn't|aren't|mustn't|shouldn't|cannot|can't|nothing|accidentally|wrongly|todo|fixme|should\s+we|why)\b",
    )
    .ok()
});

static SILENCED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(checkov:skip\s*=\s*|trivy:ignore:|tfsec:ignore:|tfmend:ignore(?:[:=]?\s*))([A-Za-z0-9_*\-]*)",
    )
    .ok()
});

/// Where code or a label says that a resource is meant to be public.
///
/// Website configuration, a tag or label, a name together with a grant to everybody, or a comment at the block. Returns the
/// words for the refusal.
#[must_use]
pub fn intended_public(subject: &Subject<'_, '_>) -> Option<String> {
    if let Some(why) = website(subject) {
        return Some(why);
    }
    for attribute in ["tags", "labels"] {
        if let Some(tag) = public_tag(subject, attribute) {
            return Some(format!("{} says so", tag));
        }
    }
    if let Some(why) = exposure::by_name_and_grant(subject) {
        return Some(why);
    }
    // What a module from elsewhere makes, its call speaks for.
    let (file, block) = crate::locate::reader_sees(subject.cfg, &subject.at);
    comments(file, &block.span().unwrap_or_default())
        .into_iter()
        .find(|(_, text)| says_public(text))
        .map(|(line, _)| format!("a comment says so ({}:{line})", file.path()))
}

/// What makes a bucket a website.
const WEBSITE: &str = "aws_s3_bucket_website_configuration";

/// Where the code makes a bucket a website.
pub(crate) fn website(subject: &Subject<'_, '_>) -> Option<String> {
    let inline = subject
        .cfg
        .nested(&subject.at, &subject.address, &["website"]);
    if inline
        .iter()
        .any(|block| !matches!(block.dynamic, Some(Dynamic::Unknown(_))))
    {
        return Some("it has a `website` configuration".to_owned());
    }
    if subject.at.resource.kind != "aws_s3_bucket" {
        return None;
    }
    let sites = super::companion::linked(subject, WEBSITE, "bucket").unwrap_or_default();
    let site = sites.first()?;
    Some(format!("`{}` makes it a website", site.address))
}

/// The refusal for what is meant to be public.
pub(crate) fn not_intended(subject: &Subject<'_, '_>) -> Result<(), Refusal> {
    if subject.at.resource.kind == "aws_s3_bucket" {
        subject.all_read(WEBSITE)?;
    }
    match intended_public(subject) {
        None => Ok(()),
        Some(why) => Err(Refusal::new(
            RefusalKind::IntendedPublic,
            format!("`{}` is meant to be public: {why}", subject.address),
            "suppress the finding with that reason, or remove the statement and run again",
        )),
    }
}

/// Whether a comment's text says that something is public on purpose.
pub(crate) fn says_public(text: &str) -> bool {
    let yes = PUBLIC.as_ref().is_some_and(|r| r.is_match(text));
    yes && !NEGATED.as_ref().is_some_and(|r| r.is_match(text))
}

/// A tag or label that says public.
fn public_tag(subject: &Subject<'_, '_>, attribute: &str) -> Option<String> {
    let Held::Value(value) = subject.held(&[attribute.to_owned()]) else {
        return None;
    };
    value.as_object()?.iter().find_map(|(key, value)| {
        let kind = attribute.trim_end_matches('s');
        tag_says_public(key, &value.as_text()?).then(|| format!("the {kind} `{key}`"))
    })
}

/// Whether a tag says that its resource is public: `visibility = "public"`, `public = "true"`.
pub(crate) fn tag_says_public(key: &str, value: &str) -> bool {
    const SAYING: [&str; 12] = [
        "visibility",
        "access",
        "exposure",
        "audience",
        "classification",
        "data-classification",
        "data_classification",
        "dataclassification",
        "confidentiality",
        "sensitivity",
        "data-sensitivity",
        "data_sensitivity",
    ];
    const NAMES: [&str; 6] = [
        "public",
        "public-access",
        "public_access",
        "publicaccess",
        "intended-public",
        "tfmend:public",
    ];
    const YES: [&str; 6] = ["true", "yes", "allowed", "intended", "intentional", "1"];
    let (name, text) = (key.to_lowercase(), value.to_lowercase());
    (SAYING.contains(&name.as_str()) && text == "public")
        || (NAMES.contains(&name.as_str()) && YES.contains(&text.as_str()))
}

/// Refuses when a comment at the block, or at a module call that leads to it, silences one of the rule's controls.
///
/// # Errors
/// `suppressed-in-code`, naming the comment.
pub(crate) fn not_silenced(
    subject: &Subject<'_, '_>,
    rule: &Rule,
    with: &Json,
) -> Result<(), Refusal> {
    let about = |entry: &Json| entry == with || entry.is_null() || with.is_null();
    match silencing(subject, rule, &about).into_iter().next() {
        None => Ok(()),
        Some((refusal, _)) => Err(refusal),
    }
}

/// How far comments silence a rule for one block.
#[derive(Debug, Clone, PartialEq)]
pub enum Silence {
    /// Not at all.
    None,
    /// Wholly; the refusal names the comment.
    Whole(Refusal),
    /// Only these arguments of the rule's controls, each with the refusal that names the comment.
    Parts(Vec<(Json, Refusal)>),
}

/// How far comments at a block, or at a module call that leads to it, silence a rule.
#[must_use]
pub fn silence(subject: &Subject<'_, '_>, rule: &Rule) -> Silence {
    let mut parts = Vec::new();
    for (refusal, about) in silencing(subject, rule, &|_| true) {
        match about {
            None => return Silence::Whole(refusal),
            Some(with) => parts.push((with, refusal)),
        }
    }
    if parts.is_empty() {
        Silence::None
    } else {
        Silence::Parts(parts)
    }
}

/// Every directive about the rule, where `about` accepts the arguments of its control: the refusal, and the arguments
/// that it is about (`None`: the whole rule).
fn silencing(
    subject: &Subject<'_, '_>,
    rule: &Rule,
    about: &dyn Fn(&Json) -> bool,
) -> Vec<(Refusal, Option<Json>)> {
    let Some(pattern) = SILENCED.as_ref() else {
        return Vec::new();
    };
    let calls = subject.cfg.calls(&subject.at);
    let calls = calls.iter().map(|call| {
        let span = call.block.span().unwrap_or_default();
        (call.file, span, format!("module call `{}` of ", call.name))
    });
    let own = (subject.file(), subject.span(), String::new());
    let mut found = Vec::new();
    for (file, span, of) in std::iter::once(own).chain(calls) {
        // Most files hold no directive at all.
        if !pattern.is_match(file.text()) {
            continue;
        }
        for (line, text) in comments(file, &span) {
            for captures in pattern.captures_iter(&text) {
                let group = |number| captures.get(number).map_or("", |m| m.as_str());
                for with in silenced(rule, &group(1).to_lowercase(), group(2)) {
                    if with.as_ref().is_some_and(|with| !about(with)) {
                        continue;
                    }
                    let refusal = Refusal::new(
                        RefusalKind::SuppressedInCode,
                        format!(
                            "a comment at {of}`{}` ({}:{line}) silences this control: `{}`",
                            subject.address,
                            file.path(),
                            group(0).trim().replace('`', "'")
                        ),
                        "suppress the finding in the scanner too, or remove the comment and run again",
                    );
                    found.push((refusal, with));
                }
            }
        }
    }
    found
}

/// What a directive of a tool about a code silences of this rule: the arguments of the controls it names, `None` for the
/// whole rule.
fn silenced(rule: &Rule, tool: &str, code: &str) -> Vec<Option<Json>> {
    let listed = |catalogue: ControlCatalogue| {
        rule.controls
            .iter()
            .filter(|c| c.control.catalogue == catalogue && same_code(&c.control.code, code))
            .map(|c| (!c.with.is_null()).then(|| c.with.clone()))
            .collect()
    };
    if tool.starts_with("checkov") {
        listed(ControlCatalogue::Checkov)
    } else if tool.starts_with("tfmend") {
        // `tfmend:ignore <rule>`; a word without a hyphen is the reason already.
        if code == rule.id || !code.contains('-') {
            vec![None]
        } else {
            Vec::new()
        }
    } else if code == "*" {
        vec![None]
    } else {
        listed(ControlCatalogue::Trivy)
    }
}

/// `AVD-AWS-0086`, `aws-0086` and `AWS-0086` are one id.
fn same_code(known: &str, written: &str) -> bool {
    let short = |s: &str| s.to_lowercase().trim_start_matches("avd-").to_owned();
    short(known) == short(written)
}

/// The comments of a block with their lines: directly above it, and inside. A line counts with its whole text from the
/// comment's mark on.
fn comments(file: &SourceFile, span: &Span) -> Vec<(usize, String)> {
    let text = file.text();
    let mut found = Vec::new();
    let first = file.line(span.start);
    let above: Vec<&str> = text.get(..span.start).unwrap_or("").lines().collect();
    let complete = above.len().min(first.saturating_sub(1));
    for (number, line) in above[..complete].iter().enumerate().rev() {
        let line = line.trim();
        if !(line.starts_with('#') || line.starts_with("//")) {
            break;
        }
        found.push((number + 1, line.to_owned()));
    }
    found.reverse();
    for (number, line) in file.slice(span.clone()).lines().enumerate() {
        let mark = [line.find('#'), line.find("//"), line.find("/*")]
            .into_iter()
            .flatten()
            .filter(|at| line[..*at].matches('"').count() % 2 == 0)
            .min();
        if let Some(at) = mark {
            found.push((first + number, line[at..].trim().to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_says_public_only_when_it_means_it() {
        for yes in [
            "# intentionally public",
            "# This bucket is meant to be public.",
            "# public by design: download page",
            "# serves our public website",
            "// must be publicly readable",
            "# tfmend:public",
            "# publicly accessible on purpose",
        ] {
            assert!(says_public(yes), "{yes}");
        }
        for no in [
            "# block public access",
            "# must not be public",
            "# TODO: should be public?",
            "# public subnet",
            "# accidentally meant to be public",
            "# never intentionally public",
            "# publications",
        ] {
            assert!(!says_public(no), "{no}");
        }
    }

    #[test]
    fn ids_are_compared_without_their_prefix() {
        assert!(same_code("AVD-AWS-0086", "aws-0086"));
        assert!(same_code("CKV_AWS_20", "CKV_AWS_20"));
        assert!(!same_code("CKV_AWS_20", "CKV_AWS_2"));
    }

    #[test]
    fn comments_above_and_inside_belong_to_the_block() {
        let text =
            "# far\n\n# near\nresource \"a\" \"b\" { # trailing\n  c = \"#no\"\n  // inside\n}\n";
        let file = SourceFile::new(
            crate::terraform::RepoPath::new("main.tf").unwrap(),
            text.as_bytes().to_vec(),
        );
        let start = text.find("resource").unwrap();
        let found = comments(&file, &(start..text.len() - 1));
        let texts: Vec<(usize, &str)> = found.iter().map(|(l, t)| (*l, t.as_str())).collect();
        assert_eq!(texts, [(3, "# near"), (4, "# trailing"), (6, "// inside")]);
    }
}
