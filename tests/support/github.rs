//! A GitHub of our own for one test: starts scripts/github_double.py and talks to its control routes.
//!
//! The double is stateful, has real Git behind it, and holds every request and answer against GitHub's
//! published description: end a test with [`GitHubDouble::assert_obeyed`].
#![allow(dead_code, clippy::unwrap_used, unreachable_pub)] // each test binary uses its part
#![allow(clippy::print_stderr)] // what is skipped is said by name

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The token that every repository of the double takes: an installation token that may do everything.
pub const TOKEN: &str = "ghs_test";

/// A running double; ended when dropped.
pub struct GitHubDouble {
    child: Child,
    /// Where it is, without a path: `http://127.0.0.1:PORT`, or `https://localhost:PORT`.
    pub url: String,
    /// The certificate of its private authority, when it speaks TLS.
    pub ca: Option<PathBuf>,
    control: String,
}

impl GitHubDouble {
    /// Starts one. `None` (said by name) where it cannot be set up; with `TFMEND_NO_SKIP=1` that is
    /// a failure.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same over TLS, with a certificate of a private authority.
    pub fn start_tls() -> Option<Self> {
        Self::start_with(&["--tls"])
    }

    fn start_with(more: &[&str]) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/github_double.py");
        let mut child = Command::new("python3")
            .arg(script)
            .args(more)
            .stdin(Stdio::piped()) // it ends when this closes, also when the test is killed
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is on PATH");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        if line.starts_with("SKIPPED") {
            let _ = child.wait();
            assert!(
                std::env::var("TFMEND_NO_SKIP").as_deref() != Ok("1"),
                "{line}"
            );
            eprintln!("{}", line.trim());
            return None;
        }
        let ready: Value = serde_json::from_str(&line)
            .unwrap_or_else(|e| panic!("the double did not start: {e}: {line:?}"));
        let text = |name: &str| ready[name].as_str().map(str::to_owned);
        Some(Self {
            child,
            url: text("url").unwrap(),
            control: text("control").unwrap(),
            ca: text("ca").map(PathBuf::from),
        })
    }

    /// The base of the REST API, as on Enterprise.
    pub fn api(&self) -> String {
        format!("{}/api/v3", self.url)
    }

    /// What a child process needs to talk to it with [`TOKEN`], as Actions would set it.
    pub fn env(&self) -> Vec<(String, String)> {
        let mut env = vec![
            ("GITHUB_API_URL".to_owned(), self.api()),
            ("GITHUB_SERVER_URL".to_owned(), self.url.clone()),
            ("GITHUB_TOKEN".to_owned(), TOKEN.to_owned()),
            ("TFMEND_GITHUB_PACE_MS".to_owned(), "0".to_owned()),
            ("NO_PROXY".to_owned(), "127.0.0.1,localhost".to_owned()),
            ("no_proxy".to_owned(), "127.0.0.1,localhost".to_owned()),
        ];
        if let Some(ca) = &self.ca {
            env.push(("SSL_CERT_FILE".to_owned(), ca.display().to_string()));
        }
        env
    }

    /// Makes a private repository `owner/name` with one commit on `main`; gives that commit.
    pub fn repository(&self, full_name: &str, files: &[(&str, &str)]) -> String {
        self.repository_with(full_name, files, &json!({}))
    }

    /// The same with more facts: `private`, `protected`, `collaborators`, `default_branch`, ….
    pub fn repository_with(
        &self,
        full_name: &str,
        files: &[(&str, &str)],
        facts: &Value,
    ) -> String {
        let (owner, name) = full_name.split_once('/').expect("owner/name");
        let files: serde_json::Map<String, Value> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), json!(text)))
            .collect();
        let mut body = json!({"owner": owner, "name": name, "private": true, "files": files});
        for (key, value) in facts.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let made = self.post("repositories", &body);
        made["sha"].as_str().unwrap_or_default().to_owned()
    }

    /// Imports a local Git repository: its branches, with the one that is checked out as default.
    pub fn import(&self, full_name: &str, path: &Path) -> String {
        let (owner, name) = full_name.split_once('/').expect("owner/name");
        let body = json!({"owner": owner, "name": name, "import": path});
        let made = self.post("repositories", &body);
        made["sha"].as_str().unwrap_or_default().to_owned()
    }

    /// What a person does on the site: `merge`, `close`, `reopen`, `push`, `comment`, `edit-pull`,
    /// `label`, `delete-branch`, `open-issue`, `open-pull` (also from a fork), `check`.
    pub fn as_person(&self, act: &str, body: &Value) -> Value {
        self.post(&format!("as-person/{act}"), body)
    }

    /// Registers an App for everything its account `acme` has; gives its private key (PEM).
    pub fn app(&self, id: u64, installation: u64) -> String {
        let body =
            json!({"app_id": id, "installations": [{"id": installation, "account": "acme"}]});
        let made = self.post("apps", &body);
        made["private_key_pem"].as_str().unwrap().to_owned()
    }

    /// Sets a fault: `{"match": {"method", "route", "operation", "nth", "times"}, "do": …}`.
    pub fn fault(&self, fault: &Value) {
        self.post("faults", fault);
    }

    /// Waits until a request is held by `hold-before` or `hold-after`; gives its facts.
    pub fn wait_until_held(&self) -> Value {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(first) = self.get("held").as_array().and_then(|held| held.first()) {
                return first.clone();
            }
            assert!(Instant::now() < end, "no request was held");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Lets everything that is held go on.
    pub fn release(&self) {
        self.post("release", &json!({}));
    }

    /// Pulls, issues, comments, labels and refs of one repository.
    pub fn state(&self, full_name: &str) -> Value {
        self.get(&format!("state?repository={full_name}"))
    }

    /// The text of a file at a branch or commit.
    pub fn file(&self, full_name: &str, at: &str, path: &str) -> Option<String> {
        let file = self.get(&format!("file?repository={full_name}&ref={at}&path={path}"));
        file["text"].as_str().map(str::to_owned)
    }

    /// Every request so far, with operation, token and status.
    pub fn requests(&self) -> Vec<Value> {
        self.get("requests").as_array().cloned().unwrap_or_default()
    }

    /// The requests that write, as `METHOD /path`.
    pub fn writes(&self) -> Vec<String> {
        self.requests()
            .iter()
            .filter(|line| line["method"] != "GET" && line["operation"] != "git-upload-pack")
            .map(|line| {
                format!(
                    "{} {}",
                    line["method"].as_str().unwrap(),
                    line["path"].as_str().unwrap()
                )
            })
            .collect()
    }

    /// What did not obey GitHub's description.
    pub fn violations(&self) -> Vec<Value> {
        self.get("violations")
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Every request and every answer so far obeyed GitHub's description.
    pub fn assert_obeyed(&self) {
        let violations = self.violations();
        assert!(
            violations.is_empty(),
            "{}",
            serde_json::to_string_pretty(&violations).unwrap()
        );
    }

    /// `POST /_double/ROUTE`; panics when the double did not understand.
    pub fn post(&self, route: &str, body: &Value) -> Value {
        self.control("POST", route, body.to_string().as_bytes())
    }

    /// `GET /_double/ROUTE`.
    pub fn get(&self, route: &str) -> Value {
        self.control("GET", route, b"")
    }

    fn control(&self, method: &str, route: &str, body: &[u8]) -> Value {
        let host = self.control.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "{method} /_double/{route} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{method} /_double/{route}: {body}");
        serde_json::from_str(body).unwrap()
    }
}

impl Drop for GitHubDouble {
    fn drop(&mut self) {
        // Closing its input lets it remove its data; it is killed if it does not follow.
        drop(self.child.stdin.take());
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
