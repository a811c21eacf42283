//! The rules on code: every folder `testdata/rules/<rule>/<case>/` is Terraform with one located finding
//! (`case.json`) and what tfmend must make of it: `fixed.diff`, `refusal.txt`, `safe.txt` or `advice.txt`. A
//! `tfmend.toml` says how the roots are run.
//!
//! `UPDATE_EXPECT=1` rewrites the expectations; look at the difference before you commit it. `TFMEND_CASE=text` runs
//! only the cases whose path holds that text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value as Json;
use tfmend::config::Config;
use tfmend::finding::{
    CloudResource, Control, Finding, FindingKey, RecordPlace, Severity, Source, State,
};
use tfmend::locate::{Confidence, Evidence, HeldPart, Located, Target};
use tfmend::remedy::{self, Context, Fix, Parameters, RefusalKind, Remediation, Width};
use tfmend::rules::Catalogue;
use tfmend::terraform::edit::diff;
use tfmend::terraform::module::{Configuration, RootSettings, StateAtHand};
use tfmend::terraform::{Address, Estate, RepoPath, SourceFile};

/// What `case.json` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Instance address inside the root.
    address: Option<Address>,
    /// Or the file into which an account's block goes.
    home: Option<String>,
    /// Directory of the root module.
    #[serde(default)]
    root: String,
    /// The control of the finding; decides the arguments. The rule's first one by default.
    control: Option<Control>,
    /// Paths of the states at hand, in the repository or elsewhere: they tell workspaces apart.
    #[serde(default)]
    states: Vec<String>,
    #[serde(default)]
    facts: BTreeMap<String, String>,
    #[serde(default)]
    parameters: BTreeMap<String, Json>,
    /// What states hold of the object besides.
    #[serde(default)]
    held_parts: Vec<HeldPart>,
    /// How many other instances may change, where there is a choice (`[limits] max_also_changes`).
    width: Option<usize>,
}

/// The configuration of a case.
const CONFIG: &str = "tfmend.toml";

const EXPECTATIONS: [&str; 4] = ["fixed.diff", "refusal.txt", "safe.txt", "advice.txt"];

fn cases() -> Vec<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rules");
    let wanted = std::env::var("TFMEND_CASE").unwrap_or_default();
    let mut found = Vec::new();
    for rule in sorted(&top) {
        for case in sorted(&rule) {
            if case.join("case.json").is_file() && case.to_string_lossy().contains(&wanted) {
                found.push(case);
            }
        }
    }
    found
}

fn sorted(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
        .map(|entry| entry.expect("can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    entries.sort();
    entries
}

/// All files of a case but the ones that are about it.
fn estate(case: &Path) -> Estate {
    type Links = Vec<(RepoPath, RepoPath)>;
    fn walk(dir: &Path, top: &Path, files: &mut Vec<SourceFile>, links: &mut Links) {
        for entry in std::fs::read_dir(dir).expect("can be read") {
            let path = entry.expect("can be read").path();
            if path.is_dir() {
                walk(&path, top, files, links);
                continue;
            }
            let relative = path.strip_prefix(top).expect("inside");
            let name = relative.to_str().expect("UTF-8");
            if name != "case.json" && name != CONFIG && !EXPECTATIONS.contains(&name) {
                let bytes = std::fs::read(&path).expect("can be read");
                if path.is_symlink() {
                    let target = path.canonicalize().expect("leads somewhere");
                    let real = target.strip_prefix(top).expect("inside").to_str();
                    let real = RepoPath::new(real.expect("UTF-8")).expect("inside");
                    links.push((RepoPath::new(name).expect("inside"), real));
                }
                files.push(SourceFile::new(RepoPath::new(name).expect("inside"), bytes));
            }
        }
    }
    let mut files = Vec::new();
    let mut links = Vec::new();
    let top = case.canonicalize().expect("is there");
    walk(&top, &top, &mut files, &mut links);
    Estate::new(files).with_links(links)
}

/// How the roots of a case are run.
fn settings(folder: &Path, case: &Case, estate: &Estate) -> RootSettings {
    let mut settings = match std::fs::read_to_string(folder.join(CONFIG)) {
        Ok(text) => Config::parse(&text, CONFIG)
            .and_then(|config| {
                config.root_settings_of(
                    |file| estate.file(file).is_some(),
                    |dir| estate.files_in(dir).next().is_some(),
                )
            })
            .unwrap_or_else(|e| panic!("{}: {e}", folder.display())),
        Err(_) => RootSettings::default(),
    };
    let states = case.states.iter().map(|name| StateAtHand {
        name: name.clone(),
        ..StateAtHand::default()
    });
    settings.states = states.collect();
    settings
}

fn finding(control: &Control, case: &Case) -> Finding {
    Finding {
        key: FindingKey {
            source: Source::SecurityHubAsff,
            product: "aws/securityhub".to_owned(),
            account: "111122223333".to_owned(),
            id: "1".to_owned(),
        },
        controls: vec![control.clone()],
        threat: None,
        resource: CloudResource {
            id: "arn:aws:example".to_owned(),
            kind: String::new(),
            aliases: Vec::new(),
            tags: BTreeMap::new(),
        },
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        severity: Severity::High,
        state: State::Failed,
        title: String::new(),
        description: String::new(),
        url: None,
        first_seen: None,
        updated_at: None,
        facts: case.facts.clone(),
        tracking: None,
        record: RecordPlace {
            input: "-".into(),
            number: 1,
        },
    }
}

/// What a case comes to: name of the expectation file, its text, and the estate as fixed.
struct Outcome {
    file: &'static str,
    text: String,
    fixed: Option<Estate>,
}

fn run(catalogue: &Catalogue, folder: &Path) -> Outcome {
    let text = std::fs::read_to_string(folder.join("case.json")).expect("case.json");
    let case: Case = serde_json::from_str(&text).expect("case.json reads");
    let rule_id = folder
        .parent()
        .and_then(Path::file_name)
        .and_then(|n| n.to_str())
        .expect("rule's folder");
    let rule = catalogue
        .rule(rule_id)
        .unwrap_or_else(|| panic!("there is no rule `{rule_id}`"));
    let entry = match &case.control {
        None => &rule.controls[0],
        Some(control) => rule
            .controls
            .iter()
            .find(|c| c.control == *control)
            .unwrap_or_else(|| panic!("`{rule_id}` does not answer {control}")),
    };
    let root = RepoPath::new(&case.root).expect("root inside");
    let target = match (&case.address, &case.home) {
        (Some(address), None) => Target::Instance(address.clone()),
        (None, Some(home)) => Target::Home(RepoPath::new(home).expect("home inside")),
        _ => panic!("case.json needs either address or home"),
    };
    let located = Located {
        root,
        target,
        evidence: Evidence::State,
        confidence: Confidence::Exact,
        because: "the fixture says so".to_owned(),
        workspace: None,
        held_parts: case.held_parts.clone(),
    };
    let finding = finding(&entry.control, &case);
    let parameters = Parameters(case.parameters.clone());
    let before = estate(folder);
    let settings = settings(folder, &case, &before);
    let cfg = Configuration::with_settings(&before, &settings);
    let context = Context {
        cfg: &cfg,
        catalogue,
        parameters: &parameters,
    };
    let width = case.width.map_or_else(Width::default, Width::at_most);
    let fix = |context: &Context<'_, '_>, located: &Located| {
        remedy::fix_within(context, located, rule, &entry.with, &finding, width)
    };
    let outcome = match fix(&context, &located) {
        Fix::Refused(refusal) => Outcome {
            file: "refusal.txt",
            text: format!(
                "{}\n{}\nnext: {}\n",
                serde_json::to_value(refusal.kind)
                    .expect("kind")
                    .as_str()
                    .expect("text"),
                refusal.message,
                refusal.next
            ),
            fixed: None,
        },
        Fix::AlreadySafe(why) => Outcome {
            file: "safe.txt",
            text: format!("{why}\n"),
            fixed: None,
        },
        Fix::Advice(text) => Outcome {
            file: "advice.txt",
            text: format!("{text}\n"),
            fixed: None,
        },
        Fix::Remediation(remediation) => {
            let fixed = before.with_edits(&remediation.edits).expect("edits apply");
            Outcome {
                file: "fixed.diff",
                text: shown(&before, &remediation),
                fixed: Some(fixed),
            }
        }
    };
    if let Some(fixed) = &outcome.fixed {
        // Applying twice equals applying once: the rule finds nothing left to do.
        let cfg = Configuration::with_settings(fixed, &settings);
        let context = Context {
            cfg: &cfg,
            ..context
        };
        let again = match (&located.target, remediation_address(&outcome)) {
            (Target::Home(_), Some(address)) => Located {
                target: Target::Instance(address),
                ..located.clone()
            },
            _ => located.clone(),
        };
        let second = fix(&context, &again);
        // A grant that was the finding's own object is gone.
        let gone = outcome.text.contains("impact: grant-removed")
            && matches!(&second, Fix::Refused(r) if r.kind == RefusalKind::StateWithoutCode);
        assert!(
            gone || matches!(second, Fix::AlreadySafe(_)),
            "{}: fixed once, and then: {second:?}",
            folder.display()
        );
    }
    outcome
}

/// The address that a written diff names in its first line.
fn remediation_address(outcome: &Outcome) -> Option<Address> {
    outcome
        .text
        .lines()
        .find_map(|l| l.strip_prefix("instance: "))
        .and_then(|text| text.parse().ok())
}

/// A remediation as text: what the reviewer learns, and the difference.
fn shown(estate: &Estate, remediation: &Remediation) -> String {
    let mut out = format!(
        "{}\ninstance: {}\nwhere: {}:{} {} {}\nimpact: {}\n",
        remediation.summary,
        remediation.instance.address,
        remediation.file,
        remediation.line,
        remediation.block,
        remediation.path,
        serde_json::to_value(remediation.impact)
            .expect("impact")
            .as_str()
            .expect("text"),
    );
    for other in &remediation.also_changes {
        out += &format!("also: {} in `{}`\n", other.address, other.root);
    }
    for previous in &remediation.previous {
        out += &match &previous.value {
            Some(value) => format!("was: {} = {value}\n", previous.path),
            None => format!("was: {} not written\n", previous.path),
        };
    }
    for warning in &remediation.warnings {
        out += &format!("mind: {warning}\n");
    }
    out += "\n";
    out += &diff(estate, &remediation.edits).expect("edits apply");
    out
}

#[test]
fn every_case_ends_as_expected() {
    let catalogue = Catalogue::embedded().expect("the embedded rules read");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    let folders = cases();
    assert!(!folders.is_empty());
    for folder in &folders {
        let outcome = run(&catalogue, folder);
        if update {
            for name in EXPECTATIONS {
                let _ = std::fs::remove_file(folder.join(name));
            }
            std::fs::write(folder.join(outcome.file), &outcome.text).expect("can write");
            continue;
        }
        let present: Vec<&str> = EXPECTATIONS
            .into_iter()
            .filter(|name| folder.join(name).is_file())
            .collect();
        let expected = std::fs::read_to_string(folder.join(outcome.file)).unwrap_or_default();
        if present != [outcome.file] || expected != outcome.text {
            wrong.push(format!(
                "{}: expected {present:?}\n{expected}\n--- but got {}\n{}",
                folder.display(),
                outcome.file,
                outcome.text
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases differ (UPDATE_EXPECT=1 rewrites them):\n\n{}",
        wrong.len(),
        folders.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn every_rule_has_cases() {
    if std::env::var_os("TFMEND_CASE").is_some() {
        return;
    }
    let catalogue = Catalogue::embedded().expect("the embedded rules read");
    let folders = cases();
    for rule in catalogue.rules() {
        let number = folders
            .iter()
            .filter(|f| {
                f.parent()
                    .and_then(Path::file_name)
                    .is_some_and(|n| n == rule.id.as_str())
            })
            .count();
        assert!(number >= 1, "rule `{}` has no case", rule.id);
    }
}

#[test]
fn what_is_added_is_what_terraform_fmt_leaves() {
    let Ok(_) = std::process::Command::new("terraform")
        .arg("version")
        .output()
    else {
        assert!(
            std::env::var_os("TFMEND_NO_SKIP").is_none(),
            "no terraform on PATH"
        );
        eprintln!("SKIPPED: what_is_added_is_what_terraform_fmt_leaves: no terraform on PATH");
        return;
    };
    let catalogue = Catalogue::embedded().expect("the embedded rules read");
    let dir = tempfile::tempdir().expect("a directory");
    for (number, folder) in cases().iter().enumerate() {
        let before = estate(folder);
        let Some(fixed) = run(&catalogue, folder).fixed else {
            continue;
        };
        for (side, estate) in [("before", &before), ("after", &fixed)] {
            for file in estate.files() {
                let path = dir
                    .path()
                    .join(side)
                    .join(number.to_string())
                    .join(file.path().as_str());
                std::fs::create_dir_all(path.parent().expect("inside")).expect("can write");
                std::fs::write(path, file.bytes()).expect("can write");
            }
        }
    }
    let unclean = |side: &str| {
        let out = std::process::Command::new("terraform")
            .args(["fmt", "-check", "-recursive", "-list=true"])
            .current_dir(dir.path().join(side))
            .env_remove("TF_CLI_CONFIG_FILE")
            .output()
            .expect("terraform runs");
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    assert_eq!(
        unclean("after"),
        unclean("before"),
        "an edit left a file that terraform fmt would change"
    );
}
