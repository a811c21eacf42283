//! `--state-cmd`: a program whose output is a state (HCP Terraform, Spacelift, Scalr, env0 …).
//!
//! The words of the command are arguments of one program, never the text of a shell: `{root}` and `{workspace}` are
//! put into a word as they are, so that no directory's name becomes a command (invariant 10). What the repository's
//! own configuration says is never run by itself: whoever can change that file could then run anything on the machine
//! that only looks for fixes. A program that ends with an error, or does not end, is a problem of one root.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use super::Unread;
use crate::cli::Stop;
use crate::terraform::RepoPath;
use crate::terraform::state::State;
use crate::workspace;

/// Programs at a time: they wait for the network most of the time.
const AT_ONCE: usize = 4;
/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// Longest text of standard error that is passed on, characters.
const SAID: usize = 300;

/// A command with its places for root and workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    program: String,
    arguments: Vec<String>,
    /// How long one run may take.
    patience: Duration,
}

/// One run of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// The root; `None` when the command is run once for all.
    pub(super) root: Option<RepoPath>,
    /// The workspace, where the configuration names some.
    pub(super) workspace: Option<String>,
}

impl Template {
    /// Takes the text of `--state-cmd` apart.
    pub(super) fn parse(text: &str, patience: Duration) -> Result<Self, Stop> {
        let words = words(text)
            .map_err(|problem| Stop::Usage(anyhow!("--state-cmd `{text}`: {problem}")))?;
        Self::of(words, patience)
            .ok_or_else(|| Stop::Usage(anyhow!("--state-cmd: no program is named")))
    }

    /// Of words that are apart already; `None` without a program.
    pub(super) fn of(words: Vec<String>, patience: Duration) -> Option<Self> {
        let mut words = words.into_iter();
        Some(Self {
            program: words.next().filter(|program| !program.is_empty())?,
            arguments: words.collect(),
            patience,
        })
    }

    /// Whether it is run for each root.
    pub(super) fn is_for_roots(&self) -> bool {
        self.arguments
            .iter()
            .any(|word| word.contains("{root}") || word.contains("{workspace}"))
    }

    /// Runs it for each, some at a time; the answers are in order.
    pub(super) fn run_all(&self, runs: &[Run], top: &Path) -> Vec<Result<State, Unread>> {
        let next = AtomicUsize::new(0);
        let answers: Mutex<Vec<(usize, Result<State, Unread>)>> = Mutex::default();
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE.min(runs.len()) {
                scope.spawn(|| {
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(run) = runs.get(i) else { break };
                        let answer = self.state(run, top);
                        let mut all = answers
                            .lock()
                            .unwrap_or_else(std::sync::PoisonError::into_inner);
                        all.push((i, answer));
                    }
                });
            }
        });
        let mut answers = answers
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        answers.sort_by_key(|(i, _)| *i);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    fn state(&self, run: &Run, top: &Path) -> Result<State, Unread> {
        let name = name(run);
        let mut state = self
            .output(run, top)
            .map_err(|problem| format!("{name}: {problem}"))
            .and_then(|bytes| {
                State::read(&name, &bytes, run.root.clone()).map_err(|e| e.to_string())
            })
            .map_err(|problem| Unread::new(&name, run.root.clone(), problem))?;
        state.workspace.clone_from(&run.workspace);
        Ok(state)
    }

    /// What the program printed.
    fn output(&self, run: &Run, top: &Path) -> Result<Vec<u8>, String> {
        let root = match &run.root {
            Some(root) if !root.as_str().is_empty() => root.as_str(),
            _ => ".",
        };
        let workspace = run.workspace.as_deref().unwrap_or("default");
        let filled = |word: &String| put(word, &[("{root}", root), ("{workspace}", workspace)]);
        let mut command = Command::new(&self.program);
        command
            .args(self.arguments.iter().map(filled))
            .current_dir(top)
            .env("TFMEND_ROOT", root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(workspace) = &run.workspace {
            command
                .env("TFMEND_WORKSPACE", workspace)
                .env("TF_WORKSPACE", workspace);
        }
        let mut child = command
            .spawn()
            .map_err(|e| format!("`{}` cannot be run: {e}", self.program))?;
        let (out, err) = (drain(child.stdout.take()), drain(child.stderr.take()));
        let ended = self.wait(&mut child)?;
        // Somebody whom the program started may still hold the other end.
        let end = Instant::now() + Duration::from_secs(5);
        let rest = |from: mpsc::Receiver<Vec<u8>>| {
            from.recv_timeout(end.saturating_duration_since(Instant::now()))
                .map_err(|_| "it ended, but not all of its output came".to_owned())
        };
        let said = rest(err).unwrap_or_default();
        if !ended.success() {
            return Err(format!(
                "`{}` failed ({ended}): {}",
                self.program,
                shown(&said)
            ));
        }
        let bytes = rest(out)?;
        let limit = workspace::Limits::default().state;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(format!("more than the limit of {limit} bytes"));
        }
        Ok(bytes)
    }

    fn wait(&self, child: &mut Child) -> Result<std::process::ExitStatus, String> {
        let started = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if started.elapsed() < self.patience => std::thread::sleep(LOOK),
                Ok(None) => {
                    // It is gone or it is not: nothing more can be done about it.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!(
                        "`{}` did not end within {} s",
                        self.program,
                        self.patience.as_secs()
                    ));
                }
                Err(e) => return Err(format!("`{}` cannot be waited for: {e}", self.program)),
            }
        }
    }
}

/// How the state of a run is called.
fn name(run: &Run) -> String {
    let mut name = "state-cmd".to_owned();
    if let Some(root) = &run.root {
        name.push(':');
        name.push_str(if root.as_str().is_empty() {
            "."
        } else {
            root.as_str()
        });
    }
    if let Some(workspace) = &run.workspace {
        name.push_str(&format!(" (workspace {workspace})"));
    }
    name
}

/// Reads to the end, or to a little more than the limit, on a thread of its own.
fn drain(from: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (give, take) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            let limit = workspace::Limits::default().state;
            let _ = (&mut from).take(limit + 1).read_to_end(&mut bytes);
            // Whoever writes more is not made to wait.
            let _ = std::io::copy(&mut from, &mut std::io::sink());
        }
        let _ = give.send(bytes);
    });
    take
}

/// What a program said about its failure: one bounded line.
fn shown(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line: Vec<&str> = text.split_whitespace().collect();
    let line: String = line
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(SAID)
        .collect();
    if line.is_empty() {
        "it said nothing".to_owned()
    } else {
        line
    }
}

/// A word with its places filled. What is put in is not looked at again.
fn put(word: &str, places: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = word;
    'next: while !rest.is_empty() {
        for (place, text) in places {
            if let Some(after) = rest.strip_prefix(place) {
                out.push_str(text);
                rest = after;
                continue 'next;
            }
        }
        let end = rest.char_indices().nth(1).map_or(rest.len(), |(at, _)| at);
        out.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    out
}

/// Words as a shell takes them apart, and nothing else of a shell: spaces, `'…'`, `"…"` and a backslash.
fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        None => return Err("a quote is not closed"),
                        Some(end) if end == c => break,
                        Some('\\') if c == '"' => {
                            let escaped = chars.next().ok_or("a quote is not closed")?;
                            if !matches!(escaped, '"' | '\\' | '$' | '`') {
                                word.push('\\');
                            }
                            word.push(escaped);
                        }
                        Some(inside) => word.push(inside),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(
                chars
                    .next()
                    .ok_or("nothing stands behind the last backslash")?,
            ),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        match Template::parse(text, Duration::from_secs(20)) {
            Ok(template) => template,
            Err(_) => panic!("{text}"),
        }
    }

    fn of(root: &str) -> Run {
        Run {
            root: RepoPath::new(root),
            workspace: None,
        }
    }

    #[test]
    fn words_are_taken_apart_as_a_shell_does() {
        for (text, expected) in [
            ("a b  c", vec!["a", "b", "c"]),
            (
                "a 'b c' \"d \\\" e\" f\\ g",
                vec!["a", "b c", "d \" e", "f g"],
            ),
            ("a ''", vec!["a", ""]),
            ("-chdir='x y'/z", vec!["-chdir=x y/z"]),
            ("$HOME `x` a;b", vec!["$HOME", "`x`", "a;b"]),
            ("", vec![]),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
        for wrong in ["a 'b", "a \"b", "a\\", "\"\\"] {
            assert!(words(wrong).is_err(), "{wrong}");
        }
        assert!(Template::parse("", Duration::ZERO).is_err());
    }

    #[test]
    fn what_is_put_in_is_not_looked_at_again() {
        let places = [("{root}", "a{workspace}'; rm -rf /"), ("{workspace}", "w")];
        assert_eq!(
            put("-chdir={root}/{workspace}é{x", &places),
            "-chdir=a{workspace}'; rm -rf //wé{x"
        );
        assert!(template("x {root}").is_for_roots());
        assert!(template("x --ws={workspace}").is_for_roots());
        assert!(!template("x state pull").is_for_roots());
    }

    #[test]
    fn the_output_is_a_state_and_a_failure_is_one_roots_problem() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        let run = template(
            r#"python3 -c "import os, sys, json
root = sys.argv[1]
if 'bad' in root:
    sys.exit('no such workspace\n' + os.environ['TFMEND_ROOT'])
print(json.dumps({'version': 4, 'serial': 3, 'lineage': root, 'resources': []}))" {root}"#,
        );
        let runs = [of("live/a"), of("live/bad"), of(""), of("live/it's; $(x)")];
        let answers = run.run_all(&runs, top);
        let lineages: Vec<Option<String>> = answers
            .iter()
            .map(|a| a.as_ref().ok().and_then(|s| s.lineage.clone()))
            .collect();
        assert_eq!(
            lineages,
            [
                Some("live/a".to_owned()),
                None,
                Some(".".to_owned()),
                Some("live/it's; $(x)".to_owned())
            ]
        );
        let Some(Err(failed)) = answers.get(1) else {
            panic!("it fails");
        };
        assert_eq!(failed.state.root, RepoPath::new("live/bad"));
        assert!(
            failed
                .problem
                .starts_with("state-cmd:live/bad: `python3` failed")
                && failed.problem.ends_with("no such workspace live/bad"),
            "{}",
            failed.problem
        );
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let mut sleepy = template("python3 -c 'import time; time.sleep(60)' {root}");
        sleepy.patience = Duration::from_millis(300);
        let started = Instant::now();
        let answers = sleepy.run_all(&[of("a")], Path::new("."));
        assert!(started.elapsed() < Duration::from_secs(20));
        assert!(
            matches!(&answers[..], [Err(unread)] if unread.problem.contains("did not end within")),
        );
        let nothing = template("/no/such/program {root}").run_all(&[of("a")], Path::new("."));
        assert!(matches!(&nothing[..], [Err(unread)] if unread.problem.contains("cannot be run")));
    }
}
