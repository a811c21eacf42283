//! The GitHub Actions step that a run is part of: its outputs, its summary, and how much it may say.
//!
//! Outputs are written in the heredoc form with a delimiter nobody can foresee, so that a title with a line break sets
//! no second output. In a public repository everybody reads the log and the summary: they say how many findings there
//! are and not which, unless the configuration allows it (invariant 10).

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::step_summary;
use crate::outcome::{ChangeView, OutcomeKind, Output};

/// Most bytes of the output `pull-requests`: people hand it to a program as one environment variable, and Linux takes
/// 128 KiB for one.
const LIST: usize = 100 * 1024;

/// What the runner gives a step to write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    outputs: Option<PathBuf>,
    summary: Option<PathBuf>,
    workspace: Option<PathBuf>,
    /// What the event says of the repository; `None` when it says nothing.
    public: Option<bool>,
}

/// Why a step could not be told.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// No runner around us.
    #[error(
        "--github-step: neither GITHUB_OUTPUT nor GITHUB_STEP_SUMMARY is set, so this is no step of a GitHub Actions workflow; leave the flag out"
    )]
    NotAStep,
    /// A file of the runner cannot be written.
    #[error(
        "{name} ({path}): {source}; check that the runner's temporary directory is writable and not full"
    )]
    Write {
        /// The variable that names the file.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Step {
    /// The step that the environment describes.
    ///
    /// # Errors
    /// When there is none.
    pub fn from_env(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, StepError> {
        let path = |name| get(name).filter(|p| !p.is_empty()).map(PathBuf::from);
        let (outputs, summary) = (path("GITHUB_OUTPUT"), path("GITHUB_STEP_SUMMARY"));
        if outputs.is_none() && summary.is_none() {
            return Err(StepError::NotAStep);
        }
        let public = path("GITHUB_EVENT_PATH")
            .and_then(|event| std::fs::read(event).ok())
            .and_then(|bytes| is_public(&bytes));
        Ok(Self {
            outputs,
            summary,
            workspace: path("GITHUB_WORKSPACE"),
            public,
        })
    }

    /// Whether the log and the summary of this step are open to everybody.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.public == Some(true)
    }

    /// The same output with files named from the top of the job's checkout, as GitHub looks for them, when `repository`
    /// is a directory inside of it.
    #[must_use]
    pub fn seen_from_the_top(&self, output: &Output, repository: &Path) -> Option<Output> {
        let top = self.workspace.as_ref()?.canonicalize().ok()?;
        let inside = repository.canonicalize().ok()?;
        let prefix = inside.strip_prefix(top).ok()?.to_str()?;
        if prefix.is_empty() {
            return None;
        }
        let mut output = output.clone();
        for file in output.outcomes.iter_mut().filter_map(|o| o.file.as_mut()) {
            *file = format!("{prefix}/{file}");
        }
        Some(output)
    }

    /// Appends the outputs and the summary of a run. With `disclose` false the summary says how many findings there are,
    /// and not which.
    ///
    /// # Errors
    /// A file of the runner cannot be written.
    pub fn tell(&self, output: &Output, disclose: bool) -> Result<(), StepError> {
        if let Some(path) = &self.outputs {
            let text: String = outputs(output)
                .iter()
                .map(|(name, value)| assignment(name, value, &delimiter))
                .collect();
            append(path, &text).map_err(|source| StepError::Write {
                name: "GITHUB_OUTPUT",
                path: path.clone(),
                source,
            })?;
        }
        if let Some(path) = &self.summary {
            let already = std::fs::metadata(path).map_or(0, |m| m.len());
            let text = step_summary::markdown(output, disclose, already);
            append(path, &text).map_err(|source| StepError::Write {
                name: "GITHUB_STEP_SUMMARY",
                path: path.clone(),
                source,
            })?;
        }
        Ok(())
    }
}

/// What the event's payload says of its repository.
fn is_public(event: &[u8]) -> Option<bool> {
    let event: Value = serde_json::from_slice(event).ok()?;
    let repository = event.get("repository")?;
    match repository.get("visibility").and_then(Value::as_str) {
        Some(visibility) => Some(visibility == "public"),
        None => repository.get("private")?.as_bool().map(|private| !private),
    }
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    file.write_all(text.as_bytes())
}

/// The outputs of the action, by name, in the order in which they are written.
#[must_use]
pub fn outputs(output: &Output) -> Vec<(&'static str, String)> {
    let done = |step: &str| {
        let made =
            |c: &&ChangeView| c.step == step && c.pull_request.is_some() && c.error.is_none();
        output.changes.iter().filter(made).count().to_string()
    };
    let people = output
        .outcomes
        .iter()
        .filter(|o| o.outcome.needs_human())
        .count();
    vec![
        ("pull-requests", pull_requests(output)),
        ("opened", done("open")),
        ("updated", done("update")),
        ("closed", done("close")),
        ("needs-human", people.to_string()),
        ("proposed", output.count(OutcomeKind::Proposed).to_string()),
        ("summary", json!(output.summary).to_string()),
    ]
}

/// The pull requests of the run as a JSON list; the last ones are left out when it gets too long for a variable.
fn pull_requests(output: &Output) -> String {
    let mut list = String::from("[");
    for c in output.changes.iter().filter(|c| c.pull_request.is_some()) {
        let one = json!({
            "url": c.pull_request,
            "step": c.step,
            "branch": c.id,
            "title": c.title,
            "findings": c.findings.len(),
            "error": c.error,
        })
        .to_string();
        if list.len() + one.len() + 2 > LIST {
            break;
        }
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(&one);
    }
    list.push(']');
    list
}

/// `name=value` in the form that takes any text.
fn assignment(name: &str, value: &str, delimiter: &dyn Fn() -> String) -> String {
    let mut end = delimiter();
    while value.contains(&end) {
        end = delimiter();
    }
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{name}<<{end}\n{value}\n{end}");
    text
}

/// A delimiter that the author of a finding cannot foresee: std seeds each hasher from the system's randomness.
fn delimiter() -> String {
    let random = || std::hash::RandomState::new().build_hasher().finish();
    format!("tfmend_{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(step: &str, title: &str, pull_request: Option<&str>) -> ChangeView {
        ChangeView {
            id: "tfmend/x/y-1".into(),
            title: title.into(),
            findings: vec!["k".into()],
            files: vec!["main.tf".into()],
            step: step.into(),
            reason: None,
            pull_request: pull_request.map(Into::into),
            error: None,
        }
    }

    /// Reads the file as the runner does.
    fn read_back(text: &str) -> Vec<(String, String)> {
        let mut lines = text.lines();
        let mut values = Vec::new();
        while let Some(line) = lines.next() {
            let (name, end) = line.split_once("<<").unwrap();
            let value: Vec<&str> = lines.by_ref().take_while(|l| *l != end).collect();
            values.push((name.to_owned(), value.join("\n")));
        }
        values
    }

    #[test]
    fn a_value_with_line_breaks_stays_one_value() {
        let hostile = "a\nopened=99\ntfmend_0\nb<<x\n::set-output name=opened::99";
        let tries = std::cell::Cell::new(0);
        let foreseen = || {
            tries.set(tries.get() + 1);
            format!("tfmend_{}", tries.get() - 1)
        };
        let text = assignment("title", hostile, &foreseen);
        assert_eq!(read_back(&text), [("title".into(), hostile.into())]);
        assert_eq!(
            tries.get(),
            2,
            "a delimiter that stands in the value is not taken"
        );
        assert_ne!(delimiter(), delimiter());
    }

    #[test]
    fn what_was_done_is_counted_and_what_was_only_planned_is_not() {
        let mut failed = change("update", "c", Some("https://github.com/o/r/pull/3"));
        failed.error = Some("the branch was changed".into());
        let changes = vec![
            change(
                "open",
                "a \"quoted\"\ntitle",
                Some("https://github.com/o/r/pull/1"),
            ),
            change("open", "not done", None),
            change("close", "b", Some("https://github.com/o/r/pull/2")),
            failed,
            change("defer", "waits", None),
        ];
        let values: std::collections::BTreeMap<_, _> =
            outputs(&Output::new(Vec::new(), changes, Vec::new()))
                .into_iter()
                .collect();
        assert_eq!(values["opened"], "1");
        assert_eq!(values["updated"], "0");
        assert_eq!(values["closed"], "1");
        assert_eq!(values["needs-human"], "0");
        let list: Value = serde_json::from_str(&values["pull-requests"]).unwrap();
        assert_eq!(list.as_array().unwrap().len(), 3);
        assert_eq!(list[0]["title"], "a \"quoted\"\ntitle");
        assert!(!values["pull-requests"].contains('\n'));
    }

    #[test]
    fn the_list_stays_short_enough_for_a_variable_and_stays_json() {
        let changes = (0..3000)
            .map(|n| {
                change(
                    "open",
                    &"ä".repeat(100),
                    Some(&format!("https://github.com/o/r/pull/{n}")),
                )
            })
            .collect();
        let list = pull_requests(&Output::new(Vec::new(), changes, Vec::new()));
        assert!(list.len() <= LIST);
        let list: Value = serde_json::from_str(&list).unwrap();
        assert!(list.as_array().unwrap().len() > 100);
    }

    #[test]
    fn the_event_says_whether_everybody_reads_along() {
        assert_eq!(
            is_public(br#"{"repository":{"private":false}}"#),
            Some(true)
        );
        assert_eq!(
            is_public(br#"{"repository":{"private":true,"visibility":"internal"}}"#),
            Some(false)
        );
        assert_eq!(is_public(br#"{"schedule":"0 5 * * *"}"#), None);
        assert_eq!(is_public(b"no json"), None);
    }

    #[test]
    fn files_are_appended_to_and_no_runner_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("out");
        std::fs::write(&file, "before=1\n").unwrap();
        let get = |name: &str| (name == "GITHUB_OUTPUT").then(|| file.display().to_string());
        let output = Output::new(Vec::new(), Vec::new(), Vec::new());
        Step::from_env(&get).unwrap().tell(&output, true).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let rest = text.strip_prefix("before=1\n").unwrap();
        assert_eq!(read_back(rest)[0], ("pull-requests".into(), "[]".into()));
        assert!(matches!(
            Step::from_env(&|_| None),
            Err(StepError::NotAStep)
        ));
    }
}
