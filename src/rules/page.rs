//! A rule as a page of documentation: Markdown, derived from the rule file.

use std::fmt::Write as _;

use super::kinds::{Absence, Companion, Condition, Remedy, RemedyFor, Setting, Settings, Test};
use super::{ByGeneration, Catalogue, Impact, Profile, Reversibility, Rule, Scope};
use crate::finding::ControlCatalogue;

/// The page of one rule (`docs/rules/<id>.md`).
#[must_use]
pub fn page(rule: &Rule) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail; the results of `write!` carry no information here.
    let _ = write!(
        out,
        "<!-- Made from src/rules/catalogue/{}; do not edit by hand. -->\n\n# {}\n\n{}.\n\n{}\n\n",
        rule.file,
        rule.id,
        rule.title.trim_end_matches('.'),
        rule.why
    );
    let _ = writeln!(
        out,
        "| | |\n|---|---|\n| change | {} |\n| severity | {} |\n| profile | {} |\n| impact | {} |\n| reversibility | {} |\n| scope | {} |\n| serves | {} |",
        cell(&rule.action),
        word(&rule.severity),
        match rule.profile {
            Profile::Starter => "starter",
            Profile::Standard => "standard",
            Profile::All => "all",
        },
        match rule.impact {
            Impact::InPlace => "in place, without interruption",
            Impact::GrantRemoved => "a grant is removed",
            Impact::Disruptive => "in place, with an interruption",
            Impact::ForcesReplacement => "would replace the resource: never proposed as a diff",
        },
        match rule.reversibility {
            Reversibility::Safe => "a revert restores everything",
            Reversibility::Care => "can break somebody: a human looks",
            Reversibility::NeverAuto => "never by itself",
        },
        match rule.scope {
            Scope::Resource => "one resource",
            Scope::Account => "account and region; the block may have to be written",
        },
        rule.subjects
            .iter()
            .map(|s| format!("`{s}`"))
            .collect::<Vec<_>>()
            .join(", "),
    );
    out.push_str("\n## Remedy\n\n");
    for remedy in &rule.remedies {
        describe(&mut out, remedy, rule.remedies.len() > 1);
    }
    out.push_str("## Controls\n\n");
    for (catalogue, name) in [
        (ControlCatalogue::SecurityHub, "AWS Security Hub"),
        (ControlCatalogue::Scc, "Google SCC"),
        (ControlCatalogue::AwsConfig, "AWS Config"),
        (ControlCatalogue::AccessAnalyzer, "IAM Access Analyzer"),
        (ControlCatalogue::Prowler, "Prowler"),
        (ControlCatalogue::Checkov, "Checkov"),
        (ControlCatalogue::Trivy, "Trivy"),
    ] {
        let codes: Vec<String> = rule
            .controls
            .iter()
            .filter(|c| c.control.catalogue == catalogue)
            .map(|c| match &c.with {
                serde_json::Value::Null => format!("`{}`", c.control.code),
                with => format!("`{}` with `{with}`", c.control.code),
            })
            .collect();
        if !codes.is_empty() {
            let _ = writeln!(out, "- {name}: {}", codes.join(", "));
        }
    }
    if !rule.compliance.is_empty() {
        out.push_str("\n## Compliance\n\n");
        for entry in &rule.compliance {
            let _ = writeln!(
                out,
                "- {}: {} (source: {})",
                entry.standard,
                entry.ids.join(", "),
                entry.source
            );
        }
    }
    let _ = write!(
        out,
        "\n## Rollback\n\nReverting the commit and applying restores: {}\n",
        lower_first(&rule.rollback.restores)
    );
    if !rule.rollback.does_not_restore.is_empty() {
        let _ = write!(
            out,
            "\nIt does not restore: {}\n",
            lower_first(&rule.rollback.does_not_restore)
        );
    }
    let _ = write!(out, "\n## Verification\n\n{}\n", rule.verify);
    out
}

/// The list of all rules (`docs/rules/README.md`).
#[must_use]
pub fn index(catalogue: &Catalogue) -> String {
    let mut out = format!(
        "<!-- Made from src/rules/catalogue; do not edit by hand. -->\n\n# Rules\n\n{} rules.\n\n| rule | what is wrong | severity | profile |\n|---|---|---|---|\n",
        catalogue.rules().len()
    );
    for rule in catalogue.rules() {
        let _ = writeln!(
            out,
            "| [{id}]({id}.md) | {} | {} | {} |",
            cell(&rule.title),
            word(&rule.severity),
            match rule.profile {
                Profile::Starter => "starter",
                Profile::Standard => "standard",
                Profile::All => "all",
            },
            id = rule.id,
        );
    }
    out
}

fn describe(out: &mut String, remedy: &RemedyFor, name_types: bool) {
    if name_types {
        let types: Vec<String> = remedy.types.iter().map(|t| format!("`{t}`")).collect();
        let _ = write!(out, "For {}:\n\n", types.join(", "));
    }
    match &remedy.remedy {
        Remedy::Set(settings) => describe_settings(out, settings),
        Remedy::Companion(companion) => describe_companion(out, companion),
        Remedy::Ingress(ingress) => {
            let ports: Vec<String> = ingress.ports.iter().map(u16::to_string).collect();
            let _ = writeln!(
                out,
                "- sources that are everybody (`0.0.0.0/0`, `::/0`, halves of them) are dropped from rules that let in port {}, or replaced by the parameter `approved_cidrs`; a rule that lets nobody in any more goes, and the last inline one becomes `ingress = []`",
                ports.join(", ")
            );
        }
        Remedy::PolicyStatement(statement) => {
            let _ = writeln!(
                out,
                "- the bucket's policy, in whatever form it is written, gets the statement `{}`: deny everything to everybody over a connection without TLS; a bucket without a policy gets one",
                statement.sid
            );
        }
        Remedy::Grant(grant) => {
            let members: Vec<String> = grant.members.iter().map(|m| format!("`{m}`")).collect();
            let _ = writeln!(
                out,
                "- {} withdrawn from every grant on the bucket (IAM member, binding and policy, access control, ACL); a grant to nobody else goes as a whole",
                members.join(", ")
            );
        }
        Remedy::DropElements(drop) => {
            let elements: Vec<String> = drop.elements.iter().map(|e| format!("`{e}`")).collect();
            let _ = writeln!(
                out,
                "- drop {} from `{}`",
                elements.join(", "),
                drop.path.join(".")
            );
        }
        Remedy::Advice { text } => {
            let _ = write!(out, "No edit; what a human would do:\n\n{text}\n");
        }
    }
    if remedy.respect_intended_public {
        out.push_str("- refused where code or a tag says that it is meant to be public\n");
    }
    for warning in &remedy.warnings {
        let _ = writeln!(out, "- mind: {warning}");
    }
    out.push('\n');
}

fn describe_settings(out: &mut String, settings: &Settings) {
    if let Some(on) = &settings.on {
        let _ = writeln!(
            out,
            "- in the `{}` whose `{}` is this resource:",
            on.resource, on.link
        );
    }
    for setting in &settings.settings {
        describe_setting(out, setting);
    }
    for condition in &settings.safe_when {
        let _ = writeln!(
            out,
            "- safe by other means when {}",
            condition_text(condition)
        );
    }
    for requirement in &settings.require {
        let _ = writeln!(
            out,
            "- refused unless {}: {}",
            condition_text(&requirement.condition),
            requirement.message
        );
    }
    for evidence in &settings.evidence {
        let _ = write!(
            out,
            "- only when the finding's `{}` is at least {}",
            evidence.fact, evidence.at_least
        );
        if let Some(parameter) = &evidence.parameter {
            let _ = write!(out, " (parameter `{parameter}`)");
        }
        out.push('\n');
    }
}

fn describe_companion(out: &mut String, companion: &Companion) {
    let _ = writeln!(
        out,
        "- beside it, `{}` with `{}` naming it:",
        companion.resource, companion.link
    );
    for setting in &companion.settings {
        describe_setting(out, setting);
    }
    if let Some(inline) = &companion.inline {
        let _ = writeln!(
            out,
            "- or, with a provider `{}` or where the code has it already, inline as `{}`:",
            inline.provider, inline.block
        );
        for setting in &inline.settings {
            describe_setting(out, setting);
        }
    }
}

fn describe_setting(out: &mut String, setting: &Setting) {
    let path = setting.path.join(".");
    if setting.only_in_new_block {
        let _ = writeln!(
            out,
            "- `{path}` = `{}`, where its block has to be written",
            setting.value
        );
        return;
    }
    let _ = write!(out, "- `{path}` = `{}`", setting.value);
    if let Some(range) = setting.provider {
        let _ = write!(out, " (provider `{range}`)");
    }
    if let Some(since) = setting.since {
        let _ = write!(out, " (provider {since} or later)");
    }
    if let Some(parameter) = &setting.parameter {
        let _ = write!(out, ", or the parameter `{parameter}`");
    }
    let mut also: Vec<String> = setting
        .accept
        .values
        .iter()
        .map(|v| format!("`{v}`"))
        .collect();
    if setting.accept.anything {
        also.push("anything that is set".to_owned());
    }
    if let Some(limit) = setting.accept.at_least {
        also.push(format!("{limit} and more"));
    }
    if let Some(limit) = setting.accept.at_most {
        also.push(format!("{limit} and less"));
    }
    if !also.is_empty() {
        let _ = write!(out, "; also safe: {}", also.join(", "));
    }
    if !setting.conflicts_with.is_empty() {
        let _ = write!(
            out,
            "; refused beside `{}`",
            setting.conflicts_with.join("`, `")
        );
    }
    let _ = writeln!(out, "; nothing written: {}", absence(&setting.absent));
}

fn absence(absent: &ByGeneration<Absence>) -> String {
    let mut text = absence_word(absent.default).to_owned();
    for (range, value) in &absent.exceptions {
        let _ = write!(text, ", with a provider `{range}` {}", absence_word(*value));
    }
    text
}

fn absence_word(absence: Absence) -> &'static str {
    match absence {
        Absence::Safe => "safe",
        Absence::Unsafe => "unsafe",
        Absence::Unknown => "unknown",
    }
}

fn condition_text(condition: &Condition) -> String {
    let path = condition.path.join(".");
    match &condition.test {
        Test::Present => format!("`{path}` is set"),
        Test::Absent => format!("`{path}` is not set"),
        Test::OneOf(values, or_absent) => {
            let values: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
            format!(
                "`{path}` is {}{}",
                values.join(" or "),
                if *or_absent { " or not set" } else { "" }
            )
        }
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

fn word(severity: &crate::finding::Severity) -> String {
    format!("{severity:?}").to_lowercase()
}
