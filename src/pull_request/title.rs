//! Title of the pull request and message of its commit, in the repository's own style.

use std::collections::BTreeSet;

use crate::finding::{ControlCatalogue, Finding};
use crate::locate::Target;
use crate::rules::Catalogue;

use super::Fixed;
use super::escape::plain;

/// A title that is still read at a glance: what is longer gives up controls first, then words, the address never.
const READABLE: usize = 100;
/// Longest title; GitHub allows 256.
const TITLE: usize = 250;
/// Longest control in a title: `S3.8` and `PUBLIC_BUCKET_ACL` help the reader, the name of a Prowler check does not.
const CODE: usize = 20;
/// Most finding trailers in a commit.
const TRAILERS: usize = 20;

/// How commit subjects are written in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommitStyle {
    /// `fix(security): …`; also where there is no history to learn from.
    #[default]
    ConventionalScoped,
    /// `fix: …`.
    Conventional,
    /// `:lock: …`.
    Gitmoji,
    /// `Block public access on …`.
    Sentence,
    /// `block public access on …`.
    LowerCase,
}

impl CommitStyle {
    /// The style of most of these subjects (newest first). Merges, reverts and our own commits do not count.
    #[must_use]
    pub fn detect<S: AsRef<str>>(subjects: &[S]) -> Self {
        let subjects: Vec<&str> = subjects
            .iter()
            .map(|s| s.as_ref().trim())
            .filter(|s| {
                !s.is_empty()
                    && !s.starts_with("Merge ")
                    && !s.starts_with("Revert ")
                    && !s.starts_with("fix(security): ")
            })
            .collect();
        if subjects.len() < 3 {
            return Self::ConventionalScoped;
        }
        let most = |n: usize| n * 2 > subjects.len();
        let conventional: Vec<bool> = subjects.iter().filter_map(|s| conventional(s)).collect();
        if most(conventional.len()) {
            let scoped = conventional.iter().filter(|scoped| **scoped).count();
            return if scoped * 3 >= conventional.len() {
                Self::ConventionalScoped
            } else {
                Self::Conventional
            };
        }
        if most(subjects.iter().filter(|s| s.starts_with(':')).count()) {
            return Self::Gitmoji;
        }
        let lower = subjects
            .iter()
            .filter(|s| s.starts_with(|c: char| c.is_ascii_lowercase()))
            .count();
        if most(lower) {
            Self::LowerCase
        } else {
            Self::Sentence
        }
    }

    /// A subject in this style; `what` starts with a lower-case verb.
    #[must_use]
    pub fn subject(self, what: &str) -> String {
        match self {
            Self::ConventionalScoped => format!("fix(security): {what}"),
            Self::Conventional => format!("fix: {what}"),
            Self::Gitmoji => format!(":lock: {}", capital(what)),
            Self::Sentence => capital(what),
            Self::LowerCase => what.to_owned(),
        }
    }
}

/// `Some(has a scope)` for `type(scope)!: subject`.
fn conventional(subject: &str) -> Option<bool> {
    const TYPES: [&str; 11] = [
        "build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style",
        "test",
    ];
    let (head, _) = subject.split_once(": ")?;
    let head = head.strip_suffix('!').unwrap_or(head);
    let (kind, scope) = match head.split_once('(') {
        Some((kind, scope)) => (kind, Some(scope.strip_suffix(')')?)),
        None => (head, None),
    };
    TYPES.contains(&kind).then_some(scope.is_some())
}

pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| {
        c.to_uppercase().collect::<String>() + chars.as_str()
    })
}

/// The block as a reader would name it: the instance when there is only one, else the block; a block of a module
/// that several calls share is named inside its module.
#[must_use]
pub fn subject_of(members: &[Fixed]) -> String {
    let Some(first) = members.first() else {
        return String::new();
    };
    let addresses: BTreeSet<_> = members
        .iter()
        .filter_map(|m| match &m.located.target {
            Target::Instance(a) => Some((m.located.root.clone(), a.clone())),
            Target::Home(_) => None,
        })
        .collect();
    let blocks: BTreeSet<_> = addresses.iter().map(|(r, a)| (r, a.block())).collect();
    let alone = members
        .iter()
        .all(|m| m.remediation.also_changes.is_empty());
    let mut in_module: Vec<_> = blocks.iter().map(|(_, b)| (&b.kind, &b.name)).collect();
    in_module.dedup();
    match (addresses.first(), blocks.first()) {
        (Some((_, address)), _) if addresses.len() == 1 && alone => address.to_string(),
        (_, Some((_, block))) if blocks.len() == 1 => block.to_string(),
        (Some((_, address)), _) if in_module.len() == 1 => format!(
            "{}.{} in {}",
            address.kind,
            address.name,
            dir_name(first.remediation.file.parent().as_str())
        ),
        (Some(_), _) => format!("{} blocks", in_module.len()),
        // A block that is still to be written.
        (None, _) => first.remediation.block.clone(),
    }
}

fn dir_name(dir: &str) -> &str {
    if dir.is_empty() {
        "the top directory"
    } else {
        dir
    }
}

/// The first control of each finding as the reader knows it, without repetition.
#[must_use]
pub fn controls_of(members: &[Fixed]) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for finding in members.iter().flat_map(|m| &m.findings) {
        if let Some(control) = finding.controls.first() {
            let code = plain(&control.code, 80);
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    codes
}

/// The controls for a title: short ones as the finding names them; for a long one the short control that the rule
/// knows for the same thing, unless another finding of the change names it already.
#[must_use]
pub fn short_controls(members: &[Fixed], catalogue: &Catalogue) -> Vec<String> {
    let findings: Vec<&Finding> = members.iter().flat_map(|m| &m.findings).collect();
    let named: Vec<_> = findings
        .iter()
        .filter(|f| first_code(f).is_some_and(is_short))
        .filter_map(|f| catalogue.by_controls(&f.controls))
        .map(|(rule, control)| (&rule.id, &control.with))
        .collect();
    let mut codes: Vec<String> = Vec::new();
    for finding in findings {
        let Some(own) = first_code(finding) else {
            continue;
        };
        let code = if is_short(own) {
            Some(own)
        } else {
            catalogue
                .by_controls(&finding.controls)
                .filter(|(rule, control)| !named.contains(&(&rule.id, &control.with)))
                .and_then(|(rule, control)| {
                    rule.controls
                        .iter()
                        .find(|c| {
                            c.control.catalogue == ControlCatalogue::SecurityHub
                                && c.with == control.with
                        })
                        .map(|c| c.control.code.as_str())
                })
        };
        if let Some(code) = code.map(|c| plain(c, CODE)).filter(|c| !codes.contains(c)) {
            codes.push(code);
        }
    }
    codes
}

fn first_code(finding: &Finding) -> Option<&str> {
    finding.controls.first().map(|c| c.code.as_str())
}

pub(super) fn is_short(code: &str) -> bool {
    code.chars().count() <= CODE
}

/// Rule ids, most severe first, without repetition.
#[must_use]
pub fn rules_of(members: &[Fixed]) -> Vec<String> {
    let mut rules: Vec<String> = Vec::new();
    for member in members {
        if !rules.contains(&member.remediation.rule) {
            rules.push(member.remediation.rule.clone());
        }
    }
    rules
}

/// Title of the pull request and subject of its commit.
#[must_use]
pub fn title(members: &[Fixed], catalogue: &Catalogue, style: CommitStyle) -> String {
    let rules = rules_of(members);
    let actions: Vec<String> = rules
        .iter()
        .map(|id| {
            catalogue
                .rule(id)
                .map_or_else(|| format!("fix {id}"), |r| r.action.clone())
        })
        .collect();
    let whole = match actions.split_last() {
        None => "change nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    };
    let subject = subject_of(members);
    let head = |what: &str| style.subject(&format!("{} on {subject}", plain(what, 160)));
    let mut heads = vec![head(&whole)];
    if rules.len() > 1 {
        heads.push(head(&format!("resolve {} problems", rules.len())));
    }
    let codes = short_controls(members, catalogue);
    let mut tails = vec![if codes.is_empty() {
        String::new()
    } else {
        format!(" [{}]", codes.join(", "))
    }];
    if codes.len() > 2 {
        tails.push(format!(" [{}, {} more]", codes[0], codes.len() - 1));
    }
    let readable = heads
        .iter()
        .flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}")))
        .find(|title| title.chars().count() <= READABLE);
    let shortest = || format!("{}{}", heads[heads.len() - 1], tails[tails.len() - 1]);
    plain(&readable.unwrap_or_else(shortest), TITLE)
}

/// The commit's whole message; the same input gives the same bytes.
#[must_use]
pub fn commit_message(title: &str, members: &[Fixed]) -> String {
    let mut message = format!("{title}\n\n");
    let mut lines: Vec<String> = Vec::new();
    for member in members {
        let r = &member.remediation;
        let line = wrap(&format!(
            "{} ({}).",
            capital(plain(&r.summary, 300).trim_end_matches('.')),
            r.file
        ));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    message.push_str(&lines.join("\n"));
    message.push_str("\n\n");
    let findings: BTreeSet<String> = members
        .iter()
        .flat_map(|m| &m.findings)
        .map(|f| plain(&f.key.to_string(), 400))
        .collect();
    for key in findings.iter().take(TRAILERS) {
        message.push_str(&format!("Finding: {key}\n"));
    }
    for code in controls_of(members) {
        message.push_str(&format!("Control: {code}\n"));
    }
    for rule in rules_of(members) {
        message.push_str(&format!("Rule: {}\n", plain(&rule, 80)));
    }
    message
}

/// Lines of at most 72 characters where words allow it.
fn wrap(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 72 {
            out.push('\n');
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out
}

/// Highest severity first, then rule id: the order in which members are shown.
pub(crate) fn order(members: &mut [Fixed]) {
    members.sort_by(|a, b| {
        b.severity()
            .cmp(&a.severity())
            .then_with(|| a.remediation.rule.cmp(&b.remediation.rule))
            .then_with(|| a.remediation.instance.cmp(&b.remediation.instance))
            .then_with(|| a.first_key().cmp(&b.first_key()))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_is_learnt_from_the_majority() {
        let detect = |s: &[&str]| CommitStyle::detect(s);
        assert_eq!(detect(&[]), CommitStyle::ConventionalScoped);
        assert_eq!(detect(&["Initial commit"]), CommitStyle::ConventionalScoped);
        assert_eq!(
            detect(&["feat(vpc): a", "fix(ci): b", "chore!: c", "WIP"]),
            CommitStyle::ConventionalScoped
        );
        assert_eq!(
            detect(&["feat: a", "fix: b", "docs: c"]),
            CommitStyle::Conventional
        );
        assert_eq!(
            detect(&["Add a", "Fix b", "note: c"]),
            CommitStyle::Sentence
        );
        assert_eq!(
            detect(&["add a", "fix b", "note: c"]),
            CommitStyle::LowerCase
        );
        assert_eq!(detect(&[":bug: a", ":lock: b", "c"]), CommitStyle::Gitmoji);
        assert_eq!(
            detect(&[
                "Merge pull request #1",
                "Add a",
                "Add b",
                "Add c",
                "fix(security): x"
            ]),
            CommitStyle::Sentence
        );
    }

    #[test]
    fn subjects_follow_the_style() {
        assert_eq!(CommitStyle::Sentence.subject("enable it"), "Enable it");
        assert_eq!(
            CommitStyle::Gitmoji.subject("enable it"),
            ":lock: Enable it"
        );
        assert_eq!(CommitStyle::LowerCase.subject("enable it"), "enable it");
    }

    #[test]
    fn long_lines_wrap_between_words() {
        let text = "word ".repeat(30);
        assert!(wrap(text.trim()).lines().all(|l| l.len() <= 72));
        assert_eq!(wrap("a b"), "a b");
    }

    #[test]
    fn long_titles_give_up_words_and_controls_and_keep_the_address() {
        use crate::finding::{Control, Severity};
        use crate::pull_request::samples::{catalogue, estate, finding, fixed, splice};

        let estate = estate(&[("main.tf", "x = true\n")]);
        let named = |rule: &str, control: &str, address: &str| {
            let edit = splice(&estate, "main.tf", "x", "true", "false");
            fixed(
                finding(control, "a", Severity::High),
                rule,
                "",
                address,
                edit,
            )
        };
        let long = "module.a_rather_long_name_of_a_module.aws_db_instance.and_of_a_database_in_it";
        let both = [
            named("rds-public", "RDS.2", long),
            named("rds-no-deletion-protection", "RDS.8", long),
        ];
        let title = title(&both, &catalogue(), CommitStyle::default());
        assert!(title.contains(long), "{title}");
        assert!(
            title.starts_with("fix(security): resolve 2 problems on "),
            "{title}"
        );

        // The name of a check is no help in a title; the control that the rule knows for it is.
        let mut prowler = named("rds-public", "RDS.2", "aws_db_instance.x");
        prowler.findings[0].controls = vec![Control {
            catalogue: ControlCatalogue::Prowler,
            code: "rds_instance_no_public_access".into(),
        }];
        let real = Catalogue::embedded().unwrap();
        assert_eq!(short_controls(&[prowler.clone()], &real), ["RDS.2"]);
        let unknown = short_controls(&[prowler], &Catalogue::default());
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
