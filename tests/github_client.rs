//! The GitHub client: against a scripted line for its faults, against the double of GitHub for everything else.

#![cfg(feature = "github")]
#![allow(clippy::unwrap_used, clippy::print_stderr, unreachable_pub)] // a test stops at the first surprise, and says what it skips

#[path = "github_client/double.rs"]
mod double;
#[path = "support/github.rs"]
mod github;
#[path = "github_client/proxy.rs"]
mod proxy;
#[path = "github_client/wire.rs"]
mod wire;

use std::sync::{Arc, Mutex};

use http::Method;
use serde_json::{Value, json};
use tfmend::forge::github::{Client, GitHubError, Settings};
use wire::{Say, TOKEN, Wire, say};

const PULLS: &str = "/repos/acme/shop/pulls";

fn post(client: &Client) -> Result<Value, GitHubError> {
    client.write(Method::POST, PULLS, &json!({"title": "Fix"}))
}

// The line.

#[test]
fn a_read_survives_faults_of_the_server_and_of_the_line() {
    let wire = Wire::new(vec![
        say(502, "<html>bad gateway</html>"),
        Say::Nothing,
        Say::Half,
        say(200, r#"{"number": 7}"#),
    ]);
    let (client, clock) = wire.client();
    let pull: Value = client.get("/repos/acme/shop/pulls/7").unwrap();
    assert_eq!(pull["number"], 7);
    assert_eq!(clock.slept(), [1, 2, 4]);
    let requests = wire.requests();
    assert_eq!(
        requests[0].header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert_eq!(
        requests[0].header("x-github-api-version"),
        Some("2022-11-28")
    );
    let agent: Vec<_> = requests[0]
        .headers
        .iter()
        .filter(|(n, _)| n == "user-agent")
        .collect();
    assert!(agent.len() == 1 && agent[0].1.starts_with("tfmend/"));
    assert_eq!(wire.played().len(), 4);
}

#[test]
fn a_post_without_an_answer_is_sent_once_and_said() {
    for (script, status) in [
        (Say::Nothing, None),
        (Say::Half, None),
        (say(502, ""), Some(502)),
        (say(500, ""), Some(500)),
        (
            Say::Answer(503, &[("retry-after", "1")], String::new()),
            Some(503),
        ),
        (say(504, "upstream"), Some(504)),
    ] {
        let wire = Wire::new(vec![script]);
        let (client, clock) = wire.client();
        let error = post(&client).unwrap_err();
        assert!(error.is_unanswered(), "{error}");
        assert_eq!(error.status(), status);
        assert!(error.to_string().contains("POST /repos/acme/shop/pulls"));
        assert!(clock.slept().is_empty());
        assert_eq!(wire.played(), ["POST /repos/acme/shop/pulls"]);
    }
}

#[test]
fn a_change_that_can_be_repeated_is() {
    let wire = Wire::new(vec![
        Say::Nothing,
        say(503, ""),
        say(200, r#"{"number": 7}"#),
    ]);
    let (client, clock) = wire.client();
    let body = json!({"title": "New"});
    let pull: Value = client
        .write(Method::PATCH, "/repos/acme/shop/pulls/7", &body)
        .unwrap();
    assert_eq!(pull["number"], 7);
    assert_eq!(clock.slept(), [1, 2]);
    let requests = wire.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|r| r.body == r#"{"title":"New"}"#));
    assert_eq!(wire.played().len(), 3);
}

#[test]
fn one_that_never_gets_an_answer_stays_open_after_the_last_attempt() {
    let wire = Wire::new((0..5).map(|_| say(502, "")).collect());
    let (client, clock) = wire.client();
    let done: Result<Value, _> = client.write(Method::PATCH, PULLS, &json!({}));
    assert!(done.unwrap_err().is_unanswered());
    assert_eq!(clock.slept(), [1, 2, 4, 8]);
    let wire = Wire::new((0..5).map(|_| say(502, "")).collect());
    let (client, _) = wire.client();
    let error = client.get::<Value>(PULLS).unwrap_err();
    assert_eq!(error.status(), Some(502));
    assert!(!error.is_unanswered(), "a read leaves nothing open");
}

#[test]
fn a_limit_was_not_executed_so_a_post_waits_and_goes_again() {
    let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
    let wire = Wire::new(vec![
        Say::Answer(403, &[("retry-after", "7")], secondary.to_owned()),
        say(403, secondary),
        say(429, "{}"),
        say(201, r#"{"number": 1}"#),
    ]);
    let (client, clock) = wire.client();
    assert_eq!(post(&client).unwrap()["number"], 1);
    assert_eq!(clock.slept(), [7, 120, 240]);
    assert_eq!(wire.played().len(), 4);
}

#[test]
fn a_limit_that_lasts_too_long_says_until_when() {
    let wire = Wire::new(vec![
        Say::Answer(429, &[("retry-after", "600")], "{}".to_owned()),
        Say::Answer(429, &[("retry-after", "600")], "{}".to_owned()),
    ]);
    let (client, clock) = wire.client();
    let error = client.get::<Value>(PULLS).unwrap_err();
    assert_eq!(clock.slept(), [600], "the second time is beyond the budget");
    let text = error.to_string();
    // Ten minutes were waited, ten more are asked for.
    assert!(text.contains("2026-11-22T09:20:00Z"), "{text}");
    assert!(text.contains("TFMEND_GITHUB_MAX_WAIT_S"), "{text}");
    assert_eq!(error.status(), Some(429));
}

#[test]
fn a_delete_whose_first_answer_was_lost_is_done_when_the_object_is_gone() {
    for (status, body) in [
        (404, r#"{"message":"Not Found"}"#),
        (422, r#"{"message":"Reference does not exist"}"#),
    ] {
        let wire = Wire::new(vec![Say::Nothing, say(status, body)]);
        let (client, _) = wire.client();
        client.delete("/repos/acme/shop/git/refs/heads/x").unwrap();
        // Without a lost answer it is simply not there.
        let wire = Wire::new(vec![say(status, body)]);
        let (client, _) = wire.client();
        let error = client.delete("/repos/acme/shop/git/refs/heads/x");
        assert_eq!(error.unwrap_err().status(), Some(status));
    }
}

#[test]
fn writes_go_a_second_apart_and_reads_do_not() {
    let wire = Wire::new(vec![
        say(201, "{}"),
        say(200, "[]"),
        say(201, "{}"),
        Say::Answer(204, &[], String::new()),
    ]);
    let (client, clock) = wire.client();
    post(&client).unwrap();
    client.all::<Value>(PULLS).unwrap();
    post(&client).unwrap();
    client.delete("/repos/acme/shop/git/refs/heads/x").unwrap();
    assert_eq!(clock.slept(), [1, 1]);
}

#[test]
fn a_connection_that_the_server_closed_meanwhile_is_not_taken_for_a_lost_answer() {
    let wire = Wire::new(vec![
        Say::AnswerAndClose(200, "{}".to_owned()),
        say(201, r#"{"number": 2}"#),
    ]);
    let (client, _) = wire.client();
    client.about().unwrap();
    client.get::<Value>(PULLS).unwrap();
    // The client does something else for a while; its connection ends.
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(post(&client).unwrap()["number"], 2);
}

#[test]
fn nobody_there_is_said_after_a_few_attempts_and_a_post_is_not_left_open() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let clock = Arc::new(wire::Jumps::default());
    let client = wire::client(&url, clock.clone());
    let error = client
        .write::<_, Value>(Method::POST, PULLS, &json!({}))
        .unwrap_err();
    assert!(matches!(error, GitHubError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("GITHUB_API_URL"), "{error}");
    assert_eq!(clock.slept(), [1, 2, 4]);
}

#[test]
fn a_list_is_read_to_its_end_and_the_token_stays_with_its_host() {
    let wire = Wire::new(vec![
        Say::Answer(
            200,
            &[(
                "link",
                r#"<https://evil.test/repos/acme/shop/pulls?labels=a,b;c&page=2>; rel="next", <https://evil.test/x?page=9>; rel="last""#,
            )],
            "[1, 2]".to_owned(),
        ),
        Say::Answer(
            200,
            &[("link", r#"<https://evil.test/x?page=1>; rel="prev""#)],
            "[3]".to_owned(),
        ),
    ]);
    let (client, _) = wire.client();
    let all: Vec<u8> = client.all("/repos/acme/shop/pulls?state=open").unwrap();
    assert_eq!(all, [1, 2, 3]);
    assert_eq!(
        wire.played(),
        [
            "GET /repos/acme/shop/pulls?state=open&per_page=100",
            "GET /repos/acme/shop/pulls?labels=a,b;c&page=2"
        ]
    );
}

#[test]
fn a_list_that_turns_in_a_circle_ends() {
    let next = &[(
        "link",
        r#"</repos/acme/shop/pulls?per_page=100>; rel="next""#,
    )];
    let wire = Wire::new(vec![Say::Answer(200, next, "[1]".to_owned())]);
    let (client, _) = wire.client();
    let error = client.all::<u8>(PULLS).unwrap_err();
    assert!(matches!(error, GitHubError::Endless(_)), "{error}");
}

#[test]
fn a_renamed_repository_is_not_written_to_and_its_name_is_told() {
    let wire = Wire::new(vec![
        Say::Answer(
            301,
            &[("location", "https://api.github.test/repositories/42")],
            String::new(),
        ),
        say(
            200,
            r#"{"full_name":"acme/store","private":true,"default_branch":"main"}"#,
        ),
    ]);
    let settings = Settings {
        api: wire.url.clone(),
        ..Settings::with_token(TOKEN).unwrap()
    };
    let client = Client::new(settings, "acme/old".parse().unwrap()).unwrap();
    let error = post(&client).unwrap_err().to_string();
    assert!(
        error.contains("acme/old is called acme/store today"),
        "{error}"
    );
    assert_eq!(
        wire.played(),
        ["GET /repos/acme/old", "GET /repositories/42"]
    );
}

#[test]
fn a_write_follows_no_redirect() {
    for status in [301, 302, 303, 307, 308] {
        let wire = Wire::new(vec![Say::Answer(
            status,
            &[("location", "/repos/acme/store/pulls")],
            String::new(),
        )]);
        let (client, _) = wire.client();
        let error = post(&client).unwrap_err();
        assert!(matches!(error, GitHubError::Redirected { .. }), "{error}");
        assert!(error.to_string().contains("/repos/acme/store/pulls"));
        assert_eq!(wire.played(), ["POST /repos/acme/shop/pulls"]);
    }
}

#[test]
fn what_the_server_says_cannot_show_the_token_or_break_the_line() {
    let body = format!(
        r#"{{"message":"no \u001b[31m{TOKEN}\nerror: all fine {}","errors":["{TOKEN}"]}}"#,
        "x".repeat(5000)
    );
    let wire = Wire::new(vec![
        say(422, &body),
        say(200, &format!("{{\"number\": \"{TOKEN}\"}}")),
    ]);
    let (client, _) = wire.client();
    let error = post(&client).unwrap_err();
    let text = format!("{error} {error:?} {client:?} {:?}", client.settings());
    assert!(!text.contains(TOKEN), "{text}");
    assert!(!error.to_string().contains(['\n', '\u{1b}']), "{text}");
    assert!(error.to_string().len() < 1000, "{text}");
    assert!(error.says("ALL FINE"));

    #[derive(serde::Deserialize, Debug)]
    #[allow(dead_code, reason = "it is only read into")]
    struct Pull {
        number: u64,
    }
    let error = client.get::<Pull>(PULLS).unwrap_err();
    assert!(matches!(error, GitHubError::Unexpected { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
}

#[test]
fn a_route_is_a_route_of_this_host() {
    let wire = Wire::new(vec![say(200, "{}")]);
    let (client, _) = wire.client();
    for route in [
        "repos/acme/shop",
        "https://evil.test/repos/acme/shop",
        "//evil.test/repos",
        "/repos/acme/../../user",
        "/repos/a b",
    ] {
        let error = client.get::<Value>(route).unwrap_err();
        assert!(matches!(error, GitHubError::Route(_)), "{route}: {error}");
    }
    client.get::<Value>("/user").unwrap();
    assert_eq!(wire.played(), ["GET /user"]);
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything that is logged at any level while this runs.
fn logged(work: impl FnOnce()) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("trace")
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, work);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn each_write_is_logged_before_and_after_and_no_log_has_the_token() {
    let wire = Wire::new(vec![
        say(201, "{}"),
        Say::Answer(429, &[("retry-after", "5")], "{}".to_owned()),
        say(201, "{}"),
        Say::Nothing,
    ]);
    let (client, _) = wire.client();
    let text = logged(|| {
        post(&client).unwrap();
        post(&client).unwrap();
        post(&client).unwrap_err();
    });
    let writes: Vec<&str> = text
        .lines()
        .filter(|l| l.contains("tfmend::forge::write"))
        .collect();
    assert_eq!(writes.len(), 6, "{text}");
    for (line, (n, when)) in writes.iter().zip([
        (1, "before"),
        (1, "after"),
        (2, "before"),
        (2, "after"),
        (3, "before"),
        (3, "after"),
    ]) {
        assert!(line.contains("DEBUG"), "{line}");
        assert!(
            line.contains(when) && line.contains(&format!("n={n} ")),
            "{line}"
        );
        assert!(line.contains("POST") && line.contains(PULLS), "{line}");
    }
    assert!(
        text.contains("WARN") && text.contains("waiting 5 s, until 2026-11-22T09:00:0"),
        "{text}"
    );
    assert!(!text.contains(TOKEN) && !text.contains("SECRET"), "{text}");
}

#[test]
fn a_client_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Client>();
}
