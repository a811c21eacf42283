//! The rule file format: one rule, one HCL file.
//!
//! Attributes are read by serde, blocks by name; an unknown attribute or block is an error that names the file, the
//! line and what is known there. `docs/rules/README.md` (made by [`super::page`]) and [`super::schema`] describe
//! the same structures, so that they cannot drift apart from this reader.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::generation::{ByGeneration, Generations};
use super::kinds::{
    Absence, Accept, Companion, Condition, DropElements, EvidenceNeeded, Grant, Ingress, Inline,
    On, PolicyStatement, Remedy, RemedyFor, Requirement, Setting, Settings, Test,
};
use super::section::Section;
use super::{Compliance, Impact, Profile, Reversibility, RollbackTruth, Rule, RuleControl, Scope};
use crate::finding::{Control, ControlCatalogue, Severity};
use crate::refusal::RefusalKind;

/// Why a rule file was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not HCL.
    #[error("{file}:{line}: not valid HCL: {message}")]
    Syntax {
        /// The rule file.
        file: String,
        /// 1-based.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// A field is missing, unknown or of the wrong type.
    #[error("{file}:{line}: in {section}: {message}")]
    Field {
        /// The rule file.
        file: String,
        /// 1-based.
        line: usize,
        /// The block that holds it.
        section: String,
        /// What is wrong and what is expected.
        message: String,
    },
    /// Two files define the same rule.
    #[error(
        "{file}: rule `{id}` is defined already (in {other}); write `overrides = true` to replace it, or choose another id"
    )]
    Duplicate {
        /// The later file.
        file: String,
        /// The id.
        id: String,
        /// The earlier file.
        other: String,
    },
    /// `overrides = true` without anything to replace.
    #[error(
        "{file}: `overrides = true`, but there is no rule `{id}` to replace; remove it, or correct the id"
    )]
    NothingToOverride {
        /// The file.
        file: String,
        /// The id.
        id: String,
    },
    /// Two rules answer the same control.
    #[error(
        "{file}: control {control} is answered by rule `{other}` already; a control belongs to one rule"
    )]
    ControlTaken {
        /// The later file.
        file: String,
        /// The control.
        control: String,
        /// The rule that has it.
        other: String,
    },
}

/// Top-level attributes of a rule file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// Names the bad state, kebab-case; equals the file's name without `.hcl`.
    id: String,
    /// One line: the bad state.
    title: String,
    /// Imperative, for the pull request's title.
    action: String,
    /// Why it matters: Markdown, a few sentences.
    why: String,
    /// Severity where a finding has none.
    severity: Severity,
    /// From which profile on the rule is proposed.
    profile: Profile,
    /// How far a fix may be undone.
    reversibility: Reversibility,
    /// What an apply does to the resource.
    impact: Impact,
    /// `resource` (default) or `account`.
    #[serde(default)]
    scope: Scope,
    /// How the safe state is verified.
    verify: String,
    /// Controls by catalogue; an entry is a code, or a code with arguments for the remedy.
    controls: BTreeMap<String, Vec<ControlEntry>>,
    /// A user's file may say that it replaces the rule of the same id.
    #[serde(default)]
    pub(super) overrides: bool,
}

/// A control: `"S3.8"` or `{ code = "EC2.13", with = { ports = [22] } }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum ControlEntry {
    /// The code alone.
    Code(String),
    /// With arguments for the remedy.
    With(ControlWith),
}

/// A control with arguments for the remedy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ControlWith {
    /// The code.
    code: String,
    /// The arguments.
    with: Json,
}

/// `compliance "NIST 800-53 r5" { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ComplianceFile {
    /// Requirement ids.
    ids: Vec<String>,
    /// Where the mapping is recorded.
    source: String,
}

/// `rollback { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RollbackFile {
    /// What reverting the commit and applying restores.
    restores: String,
    /// What it does not restore.
    #[serde(default)]
    does_not_restore: String,
}

/// Attributes that every remedy may have.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RemedyFile {
    /// Terraform types it serves.
    types: Vec<String>,
    /// Sentences for the reviewer.
    #[serde(default)]
    warnings: Vec<String>,
    /// Refuse where code or a label says that it is meant to be public.
    #[serde(default)]
    respect_intended_public: bool,
    /// `companion`: its type.
    resource: Option<String>,
    /// `companion`: its attribute that names the subject.
    link: Option<String>,
    /// `companion`: the subject's attribute that the link refers to (`id`).
    to: Option<String>,
    /// `drop-elements`: path of the list.
    path: Option<String>,
    /// `drop-elements`: what must not be in it.
    elements: Option<Vec<Json>>,
    /// `ingress`: ports that must not be open to everybody.
    ports: Option<Vec<u16>>,
    /// `policy-statement`: `Sid` of the statement that is written.
    sid: Option<String>,
    /// `grant`: members that must not be granted anything.
    members: Option<Vec<String>>,
    /// `advice`: Markdown.
    text: Option<String>,
}

/// `setting "path" { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingFile {
    /// What is written.
    value: Json,
    /// Other safe values.
    #[serde(default)]
    accept: Vec<Json>,
    /// Anything written is safe, except null, empty and `except`.
    #[serde(default)]
    accept_anything: bool,
    /// Values that `accept_anything` leaves out.
    #[serde(default)]
    except: Vec<Json>,
    /// Numbers from here on are safe.
    at_least: Option<f64>,
    /// Numbers up to here (without zero) are safe.
    at_most: Option<f64>,
    /// Parameter that replaces `value`.
    parameter: Option<String>,
    /// `"safe"`, `"unsafe"`, `"unknown"`, or by generation `{ default = "unknown", "< 4" = "unsafe" }`.
    absent: AbsenceFile,
    /// A sentence for the reviewer when it is changed.
    warning: Option<String>,
    /// Provider generations that have it: `">= 4"`; an unknown generation counts as the newest.
    provider: Option<String>,
    /// Written only together with a nested block that has to be made; never judged.
    #[serde(default)]
    only_in_new_block: bool,
    /// Attributes that must not be written beside it: the provider refuses the two together.
    #[serde(default)]
    conflicts_with: Vec<String>,
}

/// What absence means, for all generations or by generation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum AbsenceFile {
    /// For all.
    Always(Absence),
    /// By generation: `default`, and ranges of the provider's major version.
    By(BTreeMap<String, Absence>),
}

/// The test part of `safe_when "path" { … }` and `require "path" { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionFile {
    /// One of these values is written.
    one_of: Option<Vec<Json>>,
    /// With `one_of`: nothing written counts as well.
    #[serde(default)]
    or_absent: bool,
    /// Something (`true`) or nothing (`false`) is written.
    present: Option<bool>,
    /// `require`: what is in the way otherwise.
    message: Option<String>,
    /// `require`: what a human can do then.
    next: Option<String>,
}

/// `evidence "fact" { … }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EvidenceFile {
    /// The number that the fact must reach.
    at_least: f64,
    /// Parameter (or argument of a control) that replaces it.
    parameter: Option<String>,
    /// Refusal kind.
    refusal: String,
    /// What is in the way otherwise.
    message: String,
    /// What a human can do then.
    next: String,
}

/// `inline { … }` of a companion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InlineFile {
    /// Generations for which a new setting is written inline: `"< 4"`.
    provider: String,
    /// The subject's nested block or attribute that holds it.
    block: String,
}

/// `on { … }` of a `set`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OnFile {
    /// Type of the block that has the settings.
    resource: String,
    /// Its attribute that names the subject.
    link: String,
    /// The subject's attribute that the link refers to.
    to: String,
    /// What is in the way when there is none.
    missing: String,
    /// What a human can do then.
    next: String,
}

/// A rule file, read, with what concerns only its reading.
pub(super) struct RuleFile {
    /// The rule.
    pub(super) rule: Rule,
    /// It replaces the rule of the same id.
    pub(super) overrides: bool,
}

/// Reads one rule file; `file` is its name for messages and its id.
pub(super) fn read(file: &str, text: &str) -> Result<RuleFile, RuleError> {
    let body = super::section::parse(file, text)?;
    let top = Section::top(file, text, &body);
    let header: Header = top.attributes()?;
    let stem = file
        .rsplit('/')
        .next()
        .unwrap_or(file)
        .trim_end_matches(".hcl");
    if header.id != stem {
        return Err(top.error_at(
            "id",
            format!(
                "`id` is \"{}\", but the file is named `{stem}.hcl`; make them equal",
                header.id
            ),
        ));
    }
    if !is_kebab_case(&header.id) {
        return Err(top.error_at("id", "`id` must be kebab-case (a-z, 0-9, `-`)".to_owned()));
    }
    let mut compliance = Vec::new();
    let mut rollback = None;
    let mut remedies = Vec::new();
    for block in top.blocks(&["compliance", "rollback", "remedy"])? {
        match block.name() {
            "compliance" => {
                let file: ComplianceFile = block.attributes()?;
                block.blocks(&[])?;
                compliance.push(Compliance {
                    standard: block.label()?.to_owned(),
                    ids: file.ids,
                    source: file.source,
                });
            }
            "rollback" => {
                let file: RollbackFile = block.attributes()?;
                block.blocks(&[])?;
                rollback = Some(RollbackTruth {
                    restores: file.restores,
                    does_not_restore: file.does_not_restore,
                });
            }
            _ => remedies.push(remedy(&block)?),
        }
    }
    let Some(rollback) = rollback else {
        return Err(top.error("block `rollback` is missing: say what a revert restores".to_owned()));
    };
    if remedies.is_empty() {
        return Err(
            top.error("block `remedy` is missing: `remedy \"set\" { … }` for example".to_owned())
        );
    }
    let controls = controls(&top, header.controls)?;
    let mut subjects: Vec<String> = Vec::new();
    for kind in remedies.iter().flat_map(|r: &RemedyFor| &r.types) {
        if subjects.contains(kind) {
            return Err(top.error(format!(
                "type `{kind}` is served by two remedies; leave it in one"
            )));
        }
        subjects.push(kind.clone());
    }
    Ok(RuleFile {
        overrides: header.overrides,
        rule: Rule {
            id: header.id,
            title: header.title,
            action: header.action,
            why: header.why.trim().to_owned(),
            severity: header.severity,
            profile: header.profile,
            controls,
            compliance,
            reversibility: header.reversibility,
            impact: header.impact,
            scope: header.scope,
            subjects,
            remedies,
            rollback,
            verify: header.verify,
            file: file.to_owned(),
        },
    })
}

fn is_kebab_case(id: &str) -> bool {
    !id.is_empty()
        && !id.starts_with('-')
        && !id.ends_with('-')
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn controls(
    top: &Section<'_>,
    file: BTreeMap<String, Vec<ControlEntry>>,
) -> Result<Vec<RuleControl>, RuleError> {
    let mut controls: Vec<RuleControl> = Vec::new();
    for (name, entries) in file {
        let catalogue: ControlCatalogue =
            serde_json::from_value(Json::String(name.clone())).map_err(|_| {
                top.error_at(
                    "controls",
                    format!(
                        "unknown catalogue `{name}`; known: security-hub, prowler, checkov, trivy, scc, aws-config, access-analyzer"
                    ),
                )
            })?;
        for entry in entries {
            let (code, with) = match entry {
                ControlEntry::Code(code) => (code, Json::Null),
                ControlEntry::With(entry) => (entry.code, entry.with),
            };
            let control = Control { catalogue, code };
            if controls.iter().any(|c| c.control == control) {
                return Err(top.error_at("controls", format!("{control} is listed twice")));
            }
            controls.push(RuleControl { control, with });
        }
    }
    Ok(controls)
}

fn remedy(block: &Section<'_>) -> Result<RemedyFor, RuleError> {
    let mut file: RemedyFile = block.attributes()?;
    if file.types.is_empty() {
        return Err(block.error_at("types", "`types` names no Terraform type".to_owned()));
    }
    let remedy = match block.label()? {
        "set" => Remedy::Set(settings(block)?),
        "companion" => companion(block, &mut file)?,
        "drop-elements" => {
            block.blocks(&[])?;
            Remedy::DropElements(DropElements {
                path: path(&needed(block, "path", file.path.take())?),
                elements: needed(block, "elements", file.elements.take())?,
            })
        }
        "ingress" => {
            block.blocks(&[])?;
            Remedy::Ingress(Ingress {
                ports: needed(block, "ports", file.ports.take())?,
            })
        }
        "policy-statement" => {
            block.blocks(&[])?;
            Remedy::PolicyStatement(PolicyStatement {
                sid: needed(block, "sid", file.sid.take())?,
            })
        }
        "grant" => {
            block.blocks(&[])?;
            Remedy::Grant(Grant {
                members: needed(block, "members", file.members.take())?,
            })
        }
        "advice" => {
            block.blocks(&[])?;
            Remedy::Advice {
                text: needed(block, "text", file.text.take())?.trim().to_owned(),
            }
        }
        other => {
            return Err(block.error(format!(
                "unknown kind of remedy \"{other}\"; known: set, companion, drop-elements, ingress, policy-statement, grant, advice"
            )));
        }
    };
    for (name, left_over) in [
        ("resource", file.resource.is_some()),
        ("link", file.link.is_some()),
        ("to", file.to.is_some()),
        ("path", file.path.is_some()),
        ("elements", file.elements.is_some()),
        ("ports", file.ports.is_some()),
        ("sid", file.sid.is_some()),
        ("members", file.members.is_some()),
        ("text", file.text.is_some()),
    ] {
        if left_over {
            return Err(block.error_at(
                name,
                format!("`{name}` does not belong to a remedy \"{}\"", remedy.kind()),
            ));
        }
    }
    Ok(RemedyFor {
        types: file.types,
        remedy,
        warnings: file.warnings,
        respect_intended_public: file.respect_intended_public,
    })
}

fn needed<T>(block: &Section<'_>, name: &str, value: Option<T>) -> Result<T, RuleError> {
    value.ok_or_else(|| block.error(format!("`{name}` is missing")))
}

fn settings(block: &Section<'_>) -> Result<Settings, RuleError> {
    let mut read = Settings::default();
    for inner in block.blocks(&["setting", "safe_when", "require", "evidence", "on"])? {
        match inner.name() {
            "setting" => read.settings.push(setting(&inner)?),
            "safe_when" => {
                let (condition, message, next) = condition(&inner)?;
                if message.is_some() || next.is_some() {
                    return Err(inner.error("`message` and `next` belong to `require`".to_owned()));
                }
                read.safe_when.push(condition);
            }
            "require" => {
                let (condition, message, next) = condition(&inner)?;
                read.require.push(Requirement {
                    condition,
                    message: needed(&inner, "message", message)?,
                    next: needed(&inner, "next", next)?,
                });
            }
            "evidence" => read.evidence.push(evidence(&inner)?),
            _ => {
                let on: OnFile = inner.attributes()?;
                inner.blocks(&[])?;
                read.on = Some(On {
                    resource: on.resource,
                    link: on.link,
                    to: on.to,
                    missing: on.missing,
                    next: on.next,
                });
            }
        }
    }
    if read.settings.is_empty() {
        return Err(block.error("block `setting` is missing".to_owned()));
    }
    Ok(read)
}

fn companion(block: &Section<'_>, file: &mut RemedyFile) -> Result<Remedy, RuleError> {
    let mut own = Vec::new();
    let mut inline = None;
    for inner in block.blocks(&["setting", "inline"])? {
        if inner.name() == "setting" {
            own.push(setting(&inner)?);
            continue;
        }
        let form: InlineFile = inner.attributes()?;
        let provider = generations(&inner, "provider", &form.provider)?;
        let mut settings = Vec::new();
        for nested in inner.blocks(&["setting"])? {
            settings.push(setting(&nested)?);
        }
        inline = Some(Inline {
            provider,
            block: form.block,
            settings,
        });
    }
    if own.is_empty() {
        return Err(block.error("block `setting` is missing".to_owned()));
    }
    Ok(Remedy::Companion(Companion {
        resource: needed(block, "resource", file.resource.take())?,
        link: needed(block, "link", file.link.take())?,
        to: file.to.take().unwrap_or_else(|| "id".to_owned()),
        settings: own,
        inline,
    }))
}

fn setting(block: &Section<'_>) -> Result<Setting, RuleError> {
    let file: SettingFile = block.attributes()?;
    block.blocks(&[])?;
    let absent = match file.absent {
        AbsenceFile::Always(value) => ByGeneration::always(value),
        AbsenceFile::By(map) => {
            let mut read = ByGeneration::always(Absence::Unknown);
            for (key, value) in map {
                if key == "default" {
                    read.default = value;
                    continue;
                }
                let range = generations(block, "absent", &key)?;
                read.exceptions.push((range, value));
            }
            read
        }
    };
    Ok(Setting {
        path: path(block.label()?),
        value: file.value,
        accept: Accept {
            values: file.accept,
            anything: file.accept_anything,
            except: file.except,
            at_least: file.at_least,
            at_most: file.at_most,
        },
        parameter: file.parameter,
        absent,
        warning: file.warning,
        provider: file
            .provider
            .map(|text| generations(block, "provider", &text))
            .transpose()?,
        only_in_new_block: file.only_in_new_block,
        conflicts_with: file.conflicts_with,
    })
}

fn generations(block: &Section<'_>, field: &str, text: &str) -> Result<Generations, RuleError> {
    Generations::parse(text).ok_or_else(|| {
        block.error_at(
            field,
            format!("\"{text}\" is no range of major versions; write \"< 4\" or \">= 4\""),
        )
    })
}

type ReadCondition = (Condition, Option<String>, Option<String>);

fn condition(block: &Section<'_>) -> Result<ReadCondition, RuleError> {
    let file: ConditionFile = block.attributes()?;
    block.blocks(&[])?;
    let test = match (file.one_of, file.present) {
        (Some(values), None) => Test::OneOf(values, file.or_absent),
        (None, Some(true)) => Test::Present,
        (None, Some(false)) => Test::Absent,
        _ => {
            return Err(block.error("give either `one_of = […]` or `present = true|false`".into()));
        }
    };
    let condition = Condition {
        path: path(block.label()?),
        test,
    };
    Ok((condition, file.message, file.next))
}

fn evidence(block: &Section<'_>) -> Result<EvidenceNeeded, RuleError> {
    let file: EvidenceFile = block.attributes()?;
    block.blocks(&[])?;
    let refusal: RefusalKind =
        serde_json::from_value(Json::String(file.refusal.clone())).map_err(|_| {
            block.error_at(
                "refusal",
                format!(
                    "\"{}\" is not a kind of refusal; `tfmend schema` lists them",
                    file.refusal
                ),
            )
        })?;
    Ok(EvidenceNeeded {
        fact: block.label()?.to_owned(),
        at_least: file.at_least,
        parameter: file.parameter,
        refusal,
        message: file.message,
        next: file.next,
    })
}

fn path(text: &str) -> Vec<String> {
    text.split('.').map(str::to_owned).collect()
}
