//! What is on this machine: configuration, code and states, Git, Terraform.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Findings;
use crate::cli::args::DoctorArgs;
use crate::config::{self, Config};
use crate::forge::Checkout;
use crate::policy::{Overrides, Policy};
use crate::rules::Profile;
use crate::terraform::RepoPath;
use crate::terraform::module::Configuration;
use crate::terraform::state::State;
use crate::terraform::state::backend::Backend;
use crate::workspace::{Limits, Workspace};

const CONFIGURATION: &str = "configuration";
const CODE: &str = "code";
const TOOLS: &str = "tools";
/// Where `tfmend init` puts the workflow.
const WORKFLOW: &str = ".github/workflows/tfmend.yml";
/// How long another program may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most names in one line.
const NAMED: usize = 5;

pub(super) fn configuration(args: &DoctorArgs, found: &mut Findings) {
    let file = match &args.config {
        Some(path) => Ok(Some(path.clone())),
        None => config::find(&args.repo),
    };
    let read = config::load(&args.repo, args.config.as_deref()).and_then(|config| {
        let policy = Policy::new(&config, Profile::Starter, Overrides::default())?;
        Ok((config, policy))
    });
    match (file, read) {
        (Err(e), _) | (_, Err(e)) => {
            found.fail(CONFIGURATION, e.to_string(), "correct it; `tfmend schema config` describes every key");
        }
        (Ok(None), Ok(_)) => found.warn(
            CONFIGURATION,
            "none: `plan` and `fix` use every rule, `pr` the profile `starter` with the usual limits",
            "`tfmend init` writes a commented one",
        ),
        (Ok(Some(file)), Ok((config, policy))) => allowed(&file, &config, &policy, found),
    }
    let workflow = std::fs::read_to_string(args.repo.join(WORKFLOW)).unwrap_or_default();
    if workflow.contains("OWNER/tfmend@0000000000000000000000000000000000000000") {
        found.warn(
            CONFIGURATION,
            format!("{WORKFLOW} does not name the action yet"),
            "`tfmend init --force --action OWNER/tfmend@COMMIT`, with a copy of tfmend that your runners can reach",
        );
    }
}

fn allowed(file: &Path, config: &Config, policy: &Policy, found: &mut Findings) {
    let limits = policy.limits();
    let word = |profile: Profile| {
        serde_json::to_value(profile)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    found.ok(
        CONFIGURATION,
        format!(
            "{}: profile {}, at most {} open pull requests and {} new ones a run, {} policies, {} ignores, {} accounts named, \
             {} of them with a role for emergencies",
            file.display(),
            word(policy.profile()),
            limits.open,
            limits.per_run,
            config.policy.len(),
            config.ignore.len(),
            config.accounts.len(),
            config
                .accounts
                .values()
                .filter(|a| a.emergency_role.is_some())
                .count(),
        ),
    );
    if limits.open == 0 || limits.per_run == 0 {
        found.warn(
            CONFIGURATION,
            "no pull request is opened, because a limit is 0; `pr` writes the dashboard only",
            "raise `open` and `per_run` under [limits] when the plan shows what you want",
        );
    }
    for stage in &config.stages.paused {
        let name = format!("{:?}", stage.get_ref()).to_lowercase();
        found.warn(
            CONFIGURATION,
            format!("stage {name} is paused"),
            "take it out of [stages] paused to go on",
        );
    }
    for (by, what) in policy.ended_ignores(jiff::Timestamp::now()) {
        found.warn(
            CONFIGURATION,
            format!("an ignore has ended: {what} ({by})"),
            "take it out, or give it a new last day",
        );
    }
}

pub(super) fn code(args: &DoctorArgs, found: &mut Findings) {
    let tree = match Workspace::read(&args.repo, Limits::default()) {
        Ok(tree) => tree,
        Err(e) => {
            found.fail(CODE, e.to_string(), "");
            return;
        }
    };
    let configuration = Configuration::new(tree.estate());
    let roots = configuration.roots();
    if roots.is_empty() {
        found.fail(
            CODE,
            format!("no Terraform code in {}", args.repo.display()),
            "give the repository's top directory with --repo",
        );
        return;
    }
    found.ok(
        CODE,
        format!(
            "{} files with {}",
            tree.estate().files().count(),
            counted(roots.len(), "root module")
        ),
    );
    let problems: Vec<String> = configuration
        .problems()
        .iter()
        .map(ToString::to_string)
        .chain(tree.skipped().iter().map(ToString::to_string))
        .collect();
    for problem in problems.iter().take(NAMED) {
        found.warn(CODE, problem.clone(), "what is not read is not edited");
    }
    if problems.len() > NAMED {
        found.warn(
            CODE,
            format!("and {} more files", problems.len() - NAMED),
            "`tfmend plan` names them all",
        );
    }
    states(&tree, &configuration, found);
}

fn states(tree: &Workspace, configuration: &Configuration<'_>, found: &mut Findings) {
    let mut readable = Vec::new();
    let mut with_state: BTreeSet<RepoPath> = BTreeSet::new();
    for path in tree.estate().states() {
        match tree.state(path) {
            Ok(_) => {
                readable.push(path.to_string());
                with_state.insert(State::beside(path));
            }
            Err(problem) => {
                found.warn(CODE, problem, "a state that cannot be read locates nothing")
            }
        }
    }
    let without = without_state(configuration, &with_state);
    let mut next = "give states with --state FILE|DIR (`terraform state pull > FILE`)".to_owned();
    if without
        .iter()
        .any(|(_, kind)| kind.as_deref() == Some("s3"))
    {
        next.push_str("; --state-from-backend reads those of S3 backends");
    }
    if without
        .iter()
        .any(|(_, kind)| kind.as_deref().is_some_and(|k| k != "s3"))
    {
        next.push_str("; --state-cmd takes what a program prints");
    }
    if readable.is_empty() {
        found.warn(
            CODE,
            "no state beside a root module: resources are located by names and tags, which is exact less often",
            &next,
        );
        return;
    }
    let named = |names: &[String]| {
        let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>();
        let more = names.len().saturating_sub(NAMED);
        match more {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    };
    found.ok(
        CODE,
        format!(
            "{} beside a root module: {}",
            counted(readable.len(), "state"),
            named(&readable)
        ),
    );
    let without: Vec<String> = without
        .into_iter()
        .filter_map(|(root, kind)| Some(format!("{root} ({})", kind?)))
        .collect();
    if !without.is_empty() {
        found.warn(
            CODE,
            format!(
                "{} with its state somewhere else: {}",
                counted(without.len(), "root module"),
                named(&without)
            ),
            &next,
        );
    }
}

/// The directories of roots without a readable state beside them, each with the type of its backend.
fn without_state(
    configuration: &Configuration<'_>,
    with_state: &BTreeSet<RepoPath>,
) -> Vec<(RepoPath, Option<String>)> {
    let mut seen = BTreeSet::new();
    configuration
        .roots()
        .iter()
        .filter(|root| !with_state.contains(&root.home) && seen.insert(root.home.clone()))
        .map(|root| {
            let written = Backend::of_unit(configuration.estate(), &root.home)
                .or_else(|| Backend::of(configuration, &root.dir));
            (root.home.clone(), written.map(|backend| backend.kind))
        })
        .collect()
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

pub(super) fn tools(args: &DoctorArgs, found: &mut Findings) {
    match Checkout::open(&args.repo) {
        Ok(checkout) => {
            let base = checkout.base();
            let commit = base.commit.get(..12).unwrap_or(&base.commit);
            found.ok(TOOLS, format!("Git: {} at {commit}", base.branch));
        }
        Err(e) => found.warn(
            TOOLS,
            format!("Git: {e}"),
            "`plan` and `fix` work without it, `pr` does not",
        ),
    }
    match terraform() {
        Some(version) => found.ok(TOOLS, format!("{version} (not needed by tfmend)")),
        None => found.ok(TOOLS, "Terraform: none on the path (not needed by tfmend)"),
    }
}

/// `Terraform v1.11.4`, if there is one and it answers.
fn terraform() -> Option<String> {
    let mut child = Command::new("terraform")
        .arg("version")
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20))
            }
            _ => {
                // It hangs: whatever it would say does not matter enough to wait.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
    let output = child.wait_with_output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find(|l| l.starts_with("Terraform v"))
        .map(str::to_owned)
}
