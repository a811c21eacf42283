//! The GitHub double as the tests in Rust use it: started, set, asked, and its judgement seen.
#![allow(clippy::unwrap_used)]

#[path = "support/github.rs"]
mod github;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use github::{GitHubDouble, TOKEN};
use serde_json::json;

#[test]
fn a_test_sets_the_stage_and_a_wrong_request_is_seen() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let main = double.repository("acme/infra", &[("main.tf", "a = 1\n")]);
    let url = format!(
        "http://x-access-token:{TOKEN}@{}/acme/infra.git",
        double.url.strip_prefix("http://").unwrap()
    );
    let listed = Command::new("git")
        .args(["ls-remote", &url, "refs/heads/main"])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(listed.stdout).unwrap(),
        format!("{main}\trefs/heads/main\n")
    );
    double.as_person(
        "push",
        &json!({"branch": "work", "files": {"main.tf": "a = 2\n"}}),
    );
    assert_eq!(
        double.file("acme/infra", "work", "main.tf").as_deref(),
        Some("a = 2\n")
    );
    double.assert_obeyed();
    assert_eq!(double.requests()[0]["operation"], "git-upload-pack");
    assert!(double.writes().is_empty());

    let answer = ask(
        &double,
        "POST",
        "/repos/acme/infra/labels",
        r#"{"nam":"x"}"#,
    );
    assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
    let violations = double.violations();
    assert_eq!(violations[0]["where"], "request");
    assert_eq!(violations[0]["operation"], "issues/create-label");
    assert_eq!(double.writes(), ["POST /repos/acme/infra/labels"]);
    assert!(
        double.state("acme/infra")["labels"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

/// One request of the REST API, as bytes: the answer's head and body.
fn ask(double: &GitHubDouble, method: &str, path: &str, body: &str) -> String {
    let host = double.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "{method} /api/v3{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: test\r\nConnection: close\r\n\
         Authorization: Bearer {TOKEN}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
