//! Stories on the double of GitHub, which has real Git behind it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tfmend::forge::github::clock::Clock;
use tfmend::forge::github::probe::Kind;
use tfmend::forge::github::settings::Proxy as ProxySettings;
use tfmend::forge::github::{Client, Credentials, GitHubError, Settings, Standing};

use crate::github::{self, GitHubDouble};
use crate::logged;
use crate::proxy::Proxy;
use crate::wire::{Say, Wire, say};

const SHOP: &str = "acme/shop";

/// The machine's clock, some seconds off, that does not wait.
#[derive(Default)]
struct Off(AtomicI64);

impl Clock for Off {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, _: Duration) {}
}

/// A client of the double with these credentials.
fn client_by(double: &GitHubDouble, credentials: Credentials, clock: Arc<Off>) -> Client {
    let settings = Settings {
        api: double.api(),
        server: double.url.clone(),
        credentials,
        pace: Duration::ZERO,
        max_wait: Duration::from_secs(60),
        ..Settings::with_token("unused").unwrap()
    };
    Client::with_clock(settings, SHOP.parse().unwrap(), clock).unwrap()
}

fn client(double: &GitHubDouble, token: &str) -> Client {
    client_by(double, Credentials::Token(token.into()), Arc::default())
}

/// As the program makes it from its environment.
fn client_from_env(double: &GitHubDouble) -> Client {
    let env = double.env();
    let settings = Settings::from_env(&|name| {
        env.iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.clone())
    })
    .unwrap();
    Client::new(settings, SHOP.parse().unwrap()).unwrap()
}

fn git(dir: &Path, args: &[&str]) -> String {
    let done = Command::new("git")
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"])
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Every byte below a directory, for a search.
fn holds(dir: &Path, needle: &str) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            false
        } else if path.is_dir() {
            holds(&path, needle)
        } else {
            let bytes = fs::read(&path).unwrap();
            bytes.windows(needle.len()).any(|w| w == needle.as_bytes())
        }
    })
}

/// A commit on top of what is checked out; gives its id.
fn commit(dir: &Path, text: &str) -> String {
    fs::write(dir.join("main.tf"), text).unwrap();
    git(dir, &["commit", "-qam", "Change"]);
    git(dir, &["rev-parse", "HEAD"])
}

#[test]
fn objects_are_read_written_and_deleted() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let base = double.repository(SHOP, &[("main.tf", "# shop\n")]);
    let client = client_from_env(&double);
    let about = client.about().unwrap();
    assert_eq!(
        (about.full_name.as_str(), about.default_branch.as_str()),
        (SHOP, "main")
    );
    assert!(!about.is_public() && about.has_issues && !about.archived);

    let labels = client.repository().route("labels");
    for name in ["a", "b", "c"] {
        let body = json!({"name": name, "color": "ededed"});
        let made: Value = client.write(Method::POST, &labels, &body).unwrap();
        assert_eq!(made["name"], name);
    }
    let by_two: Vec<Value> = client.all(&format!("{labels}?per_page=2")).unwrap();
    let names: Vec<&str> = by_two.iter().map(|l| l["name"].as_str().unwrap()).collect();
    assert!(
        ["a", "b", "c"].iter().all(|n| names.contains(n)),
        "{names:?}"
    );
    assert_eq!(client.all::<Value>(&labels).unwrap(), by_two);

    let again: GitHubError = client
        .write::<_, Value>(Method::POST, &labels, &json!({"name": "a"}))
        .unwrap_err();
    assert_eq!(again.status(), Some(422));
    assert!(again.says("already_exists"), "{again}");

    let refs = client.repository().route("git/refs");
    let body = json!({"ref": "refs/heads/tfmend/x", "sha": base});
    client
        .write::<_, Value>(Method::POST, &refs, &body)
        .unwrap();
    let twice = client.write::<_, Value>(Method::POST, &refs, &body);
    assert!(twice.unwrap_err().says("reference already exists"));
    let branch = client.repository().route("git/refs/heads/tfmend/x");
    client.delete(&branch).unwrap();
    let error = client
        .get::<Value>(&client.repository().route("git/ref/heads/tfmend/x"))
        .unwrap_err();
    assert!(error.is_not_found(), "{error}");
    double.assert_obeyed();
}

#[test]
fn refusals_name_the_route_and_the_next_step() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "")]);
    double.post(
        "tokens",
        &json!({"token": "ghs_reader", "type": "installation", "permissions": {"contents": "read", "issues": "read"}}),
    );
    let reader = client(&double, "ghs_reader");
    let error = reader
        .write::<_, Value>(
            Method::POST,
            &reader.repository().route("labels"),
            &json!({"name": "a"}),
        )
        .unwrap_err();
    assert_eq!(error.status(), Some(403));
    let text = error.to_string();
    for part in [
        "POST /repos/acme/shop/labels",
        "Resource not accessible by integration",
        "write access",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let nobody = client(&double, "ghs_nobody").about().unwrap_err();
    assert_eq!(nobody.status(), Some(401));
    assert!(nobody.to_string().contains("doctor"), "{nobody}");
    assert!(!nobody.to_string().contains("ghs_nobody"), "{nobody}");
    double.assert_obeyed();
}

#[test]
fn executed_and_lost_is_sent_once() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "")]);
    let client = client_from_env(&double);
    double.fault(&json!({"match": {"method": "POST", "route": "/issues$"}, "do": "drop-after"}));
    let issues = client.repository().route("issues");
    let error = client
        .write::<_, Value>(Method::POST, &issues, &json!({"title": "Board"}))
        .unwrap_err();
    assert!(error.is_unanswered(), "{error}");
    assert_eq!(client.all::<Value>(&issues).unwrap().len(), 1);
    // The same to a change that may be repeated ends well.
    double.fault(&json!({"match": {"method": "PATCH", "route": "/issues/1$"}, "do": "drop-after"}));
    let changed: Value = client
        .write(
            Method::PATCH,
            &client.repository().route("issues/1"),
            &json!({"title": "New"}),
        )
        .unwrap();
    assert_eq!(changed["title"], "New");
    double.assert_obeyed();
}

// Apps.

/// An RSA key pair as PEM; `None` (said by name) without the `openssl` command.
fn key_pair() -> Option<(String, String)> {
    let openssl = |args: &[&str], input: &str| {
        use std::io::Write as _;
        let mut child = Command::new("openssl")
            .args(args)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(input.as_bytes()).ok()?;
        let done = child.wait_with_output().ok()?;
        done.status
            .success()
            .then(|| String::from_utf8(done.stdout).unwrap())
    };
    let pair = openssl(&["genrsa", "2048"], "")
        .and_then(|private| Some((openssl(&["rsa", "-pubout"], &private)?, private)));
    if pair.is_none() {
        assert!(std::env::var("TFMEND_NO_SKIP").as_deref() != Ok("1"));
        eprintln!("SKIPPED: GitHub App (no openssl command)");
    }
    pair.map(|(public, private)| (private, public))
}

fn app(key: &str, installation: Option<u64>) -> Credentials {
    Credentials::App {
        id: 77,
        key: key.into(),
        installation,
    }
}

fn minted(double: &GitHubDouble) -> usize {
    double
        .requests()
        .iter()
        .filter(|r| {
            r["path"]
                .as_str()
                .is_some_and(|p| p.ends_with("access_tokens"))
        })
        .count()
}

#[test]
fn an_app_gets_a_token_for_one_repository_and_renews_it_in_time() {
    let (Some(double), Some((private, public))) = (GitHubDouble::start(), key_pair()) else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "# shop\n")]);
    double.repository("acme/other", &[("main.tf", "")]);
    double.post(
        "apps",
        &json!({"app_id": 77, "slug": "tfmend", "public_key_pem": public, "installations": [{"id": 5, "account": "acme"}]}),
    );
    let clock: Arc<Off> = Arc::default();
    let client = client_by(&double, app(&private, None), clock.clone());
    let issues = client.repository().route("issues");
    let log = logged(|| {
        let made: Value = client
            .write(Method::POST, &issues, &json!({"title": "Board"}))
            .unwrap();
        assert_eq!(made["user"]["login"], "tfmend[bot]");
        client.all::<Value>(&issues).unwrap();
    });
    assert_eq!(minted(&double), 1);
    for secret in [
        "ghs_",
        "PRIVATE KEY",
        private.lines().nth(3).unwrap(),
        "eyJ",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    // It is for this repository alone.
    assert!(
        client
            .get::<Value>("/repos/acme/other")
            .unwrap_err()
            .is_not_found()
    );
    // Nearly an hour later it is renewed before GitHub refuses it.
    clock.0.store(50 * 60, Ordering::SeqCst);
    client.all::<Value>(&issues).unwrap();
    assert_eq!(minted(&double), 1);
    clock.0.store(56 * 60, Ordering::SeqCst);
    client.all::<Value>(&issues).unwrap();
    assert_eq!(minted(&double), 2);
    // Git takes the same token, and keeps none of it.
    let dir = TempDir::new().unwrap();
    client.clone_into(dir.path(), None).unwrap();
    assert!(!holds(dir.path(), "ghs_"));
    double.assert_obeyed();
}

#[test]
fn an_app_whose_token_was_revoked_makes_another_once() {
    let Some((private, _)) = key_pair() else {
        return;
    };
    let token = |name: &str| {
        Say::Answer(
            201,
            &[],
            format!(
                r#"{{"token":"ghs_{name}","expires_at":"2126-11-22T10:00:00Z","permissions":{{"contents":"write"}}}}"#
            ),
        )
    };
    let bad = || say(401, r#"{"message":"Bad credentials"}"#);
    let wire = Wire::new(vec![
        say(200, r#"{"id": 5}"#),
        // A lost answer: another token does no harm.
        Say::Nothing,
        token("one"),
        bad(),
        token("two"),
        say(201, r#"{"number": 1}"#),
        bad(),
        token("three"),
        bad(),
    ]);
    let settings = Settings {
        api: wire.url.clone(),
        server: wire.url.clone(),
        credentials: app(&private, None),
        pace: Duration::ZERO,
        ..Settings::with_token("unused").unwrap()
    };
    let clock = Arc::<Off>::default();
    let client = Client::with_clock(settings, SHOP.parse().unwrap(), clock).unwrap();
    let write = || {
        let body = json!({"title": "Board"});
        client.write::<_, Value>(Method::POST, "/repos/acme/shop/issues", &body)
    };
    assert_eq!(write().unwrap()["number"], 1);
    let error = write().unwrap_err();
    assert_eq!(error.status(), Some(401), "{error}");
    let requests = wire.requests();
    assert!(
        requests[1]
            .line
            .ends_with("/app/installations/5/access_tokens")
    );
    assert_eq!(requests[1].body, r#"{"repositories":["shop"]}"#);
    let bearers: Vec<&str> = requests
        .iter()
        .filter(|r| r.line.ends_with("/issues"))
        .filter_map(|r| r.header("authorization"))
        .collect();
    assert_eq!(
        bearers,
        [
            "Bearer ghs_one",
            "Bearer ghs_two",
            "Bearer ghs_two",
            "Bearer ghs_three"
        ]
    );
    assert_eq!(wire.played().len(), 9);
}

#[test]
fn an_app_that_cannot_be_used_says_why() {
    let (Some(double), Some((private, public)), Some((other, _))) =
        (GitHubDouble::start(), key_pair(), key_pair())
    else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "")]);
    double.post(
        "apps",
        &json!({"app_id": 77, "public_key_pem": public, "installations": [{"id": 5, "account": "umbrella"}]}),
    );
    let of = |credentials| {
        client_by(&double, credentials, Arc::default())
            .about()
            .unwrap_err()
            .to_string()
    };
    let text = of(app(&private, None));
    assert!(
        text.contains("App 77: it is not installed on acme/shop"),
        "{text}"
    );
    let text = of(app(&private, Some(6)));
    assert!(text.contains("there is no installation 6"), "{text}");
    let text = of(app(&private, Some(5)));
    assert!(
        text.contains("installation 5 may not use acme/shop"),
        "{text}"
    );
    let text = of(app(&other, None));
    assert!(text.contains("does not take its signature"), "{text}");
    assert!(text.contains("clock"), "{text}");
    let settings = Settings {
        credentials: app("-----BEGIN RSA PRIVATE KEY-----\nMIISECRET\n", None),
        ..Settings::with_token("x").unwrap()
    };
    let error = Client::new(settings, SHOP.parse().unwrap()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
    double.assert_obeyed();
}

// Git.

/// A repository with everything that a clone could get wrong.
fn odd_repository(dir: &Path) {
    git(dir, &["init", "-q", "-b", "main"]);
    fs::write(dir.join("main.tf"), "# shop\n").unwrap();
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "Start"]);
    fs::write(dir.join("dos.tf"), "a = 1\r\nb = 2\r\n").unwrap();
    fs::write(dir.join("run.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(dir.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("main.tf", dir.join("link.tf")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", dir.join("out.tf")).unwrap();
    fs::create_dir_all(dir.join("a b/ü")).unwrap();
    fs::write(dir.join("a b/ü/x.tf"), b"\xff\x00\n").unwrap();
    git(dir, &["add", "-A"]);
    // Attributes that ask for a conversion on checkout.
    fs::write(dir.join(".gitattributes"), "*.tf text eol=crlf ident\n").unwrap();
    git(dir, &["add", ".gitattributes"]);
    let sub = format!("160000,{},sub", git(dir, &["rev-parse", "HEAD"]));
    git(dir, &["update-index", "--add", "--cacheinfo", &sub]);
    git(dir, &["commit", "-qm", "Odd"]);
    git(dir, &["branch", "release/1.x", "HEAD~1"]);
}

#[test]
fn a_clone_has_the_bytes_modes_and_links_that_git_has() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let origin = TempDir::new().unwrap();
    odd_repository(origin.path());
    let tip = double.import(SHOP, origin.path());
    let client = client_from_env(&double);

    let dir = TempDir::new().unwrap();
    let clone = dir.path().join("new/clone");
    let text = logged(|| client.clone_into(&clone, None).unwrap());
    assert_eq!(fs::read(clone.join("main.tf")).unwrap(), b"# shop\n");
    assert_eq!(
        fs::read(clone.join("dos.tf")).unwrap(),
        b"a = 1\r\nb = 2\r\n"
    );
    assert_eq!(fs::read(clone.join("a b/ü/x.tf")).unwrap(), b"\xff\x00\n");
    let mode = fs::metadata(clone.join("run.sh"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0o111);
    let link = |name: &str| fs::read_link(clone.join(name)).unwrap();
    assert_eq!(link("link.tf"), Path::new("main.tf"));
    assert_eq!(link("out.tf"), Path::new("/etc/passwd"));
    let sub = clone.join("sub");
    assert!(!sub.exists() || fs::read_dir(sub).unwrap().next().is_none());
    assert_eq!(git(&clone, &["rev-parse", "HEAD"]), tip);
    assert_eq!(git(&clone, &["branch", "--show-current"]), "main");
    assert_eq!(
        git(&clone, &["rev-list", "--count", "HEAD"]),
        "1",
        "it is shallow"
    );
    let url = git(&clone, &["remote", "get-url", "origin"]);
    assert_eq!(url, format!("{}/acme/shop.git", double.url));
    assert!(!holds(&clone, github::TOKEN));
    assert!(!text.contains(github::TOKEN));

    // Another branch, with its history, into an empty directory.
    let whole = TempDir::new().unwrap();
    client
        .clone_with_history(whole.path(), Some("release/1.x"))
        .unwrap();
    assert_eq!(
        git(whole.path(), &["branch", "--show-current"]),
        "release/1.x"
    );
    let whole_main = TempDir::new().unwrap();
    client.clone_with_history(whole_main.path(), None).unwrap();
    assert_eq!(
        git(whole_main.path(), &["rev-list", "--count", "HEAD"]),
        "2"
    );
    double.assert_obeyed();
}

#[test]
fn a_clone_that_cannot_be_had_leaves_the_directory_and_says_why() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "")]);
    let client = client_from_env(&double);
    let dir = TempDir::new().unwrap();

    fs::write(dir.path().join("mine"), "").unwrap();
    let error = client.clone_into(dir.path(), None).unwrap_err();
    assert!(matches!(error, GitHubError::NotEmpty(_)), "{error}");
    assert!(dir.path().join("mine").exists());

    let empty = TempDir::new().unwrap();
    for branch in ["nope", "../x", "a b", "*"] {
        let error = client.clone_into(empty.path(), Some(branch)).unwrap_err();
        assert!(matches!(error, GitHubError::NoBranch { .. }), "{error}");
    }
    let wrong = self::client(&double, "ghs_wrong");
    let error = wrong.clone_into(empty.path(), Some("main")).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("doctor") && !text.contains("ghs_wrong"),
        "{text}"
    );
    // Something stands where the directory should be.
    let error = client.clone_into(&dir.path().join("mine/x"), Some("main"));
    assert!(matches!(
        error,
        Err(GitHubError::Io { .. } | GitHubError::Git { .. })
    ));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);

    double.repository_with("acme/empty", &[], &json!({}));
    let settings = client.settings().clone();
    let client = Client::new(settings, "acme/empty".parse().unwrap()).unwrap();
    let error = client.clone_into(empty.path(), Some("main")).unwrap_err();
    assert!(matches!(error, GitHubError::Empty(_)), "{error}");
    double.assert_obeyed();
}

#[test]
fn another_server_does_not_get_the_token_from_git() {
    let ask = || {
        Say::Answer(
            401,
            &[("www-authenticate", "Basic realm=\"x\"")],
            String::new(),
        )
    };
    let elsewhere = Wire::new((0..9).map(|_| ask()).collect());
    let location: &'static str = Box::leak(
        format!(
            "{}/acme/shop.git/info/refs?service=git-upload-pack",
            elsewhere.url
        )
        .into_boxed_str(),
    );
    let headers: &'static [(&str, &str)] = Box::leak(Box::new([("location", location)]));
    let wire = Wire::new(
        (0..9)
            .map(|_| Say::Answer(301, headers, String::new()))
            .collect(),
    );
    let (client, _) = wire.client();
    let dir = TempDir::new().unwrap();
    let error = client.clone_into(dir.path(), Some("main")).unwrap_err();
    assert!(matches!(error, GitHubError::Git { .. }), "{error}");
    git(dir.path(), &["init", "-q"]);
    fs::write(dir.path().join("main.tf"), "").unwrap();
    git(dir.path(), &["add", "-A"]);
    let head = commit(dir.path(), "one\n");
    client
        .push_branch(dir.path(), "tfmend/x", &head, None)
        .unwrap_err();
    assert!(wire.requests().len() >= 2);
    // Another port is another server.
    let asked = elsewhere.requests();
    assert!(!asked.is_empty());
    assert!(
        asked.iter().all(|r| r.header("authorization").is_none()),
        "{asked:?}"
    );
}

#[test]
fn a_push_moves_the_branch_only_from_where_it_was_expected() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "# shop\n")]);
    let client = client_from_env(&double);
    let dir = TempDir::new().unwrap();
    let clone = dir.path();
    client.clone_into(clone, None).unwrap();
    let base = git(clone, &["rev-parse", "HEAD"]);
    let at = |branch: &str| double.state(SHOP)["refs"][format!("refs/heads/{branch}")].clone();

    let first = commit(clone, "first\n");
    client.push_branch(clone, "tfmend/x", &first, None).unwrap();
    assert_eq!(at("tfmend/x"), first.as_str());
    // Once more is fine.
    client.push_branch(clone, "tfmend/x", &first, None).unwrap();

    // Another commit of the same base replaces it, from the right place only.
    git(clone, &["reset", "-q", "--hard", &base]);
    let second = commit(clone, "second\n");
    for wrong in [None, Some(base.as_str())] {
        let error = client
            .push_branch(clone, "tfmend/x", &second, wrong)
            .unwrap_err();
        let GitHubError::Moved { found, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(found, &first);
        assert_eq!(at("tfmend/x"), first.as_str());
    }
    client
        .push_branch(clone, "tfmend/x", &second, Some(&first))
        .unwrap();
    assert_eq!(at("tfmend/x"), second.as_str());
    // A branch that should be there and is not.
    let error = client.push_branch(clone, "tfmend/y", &second, Some(&first));
    assert!(matches!(error, Err(GitHubError::Moved { .. })));
    assert_eq!(at("tfmend/y"), Value::Null);
    // No name of a branch, no commit.
    for branch in ["a b", "x:refs/heads/main", "*", ""] {
        let error = client.push_branch(clone, branch, &second, None);
        assert!(
            matches!(error, Err(GitHubError::Rejected { .. })),
            "{branch}"
        );
    }
    assert!(
        client
            .push_branch(clone, "z", &"0".repeat(39), None)
            .is_err()
    );
    assert!(
        client
            .push_branch(clone, "z", &"a".repeat(40), None)
            .is_err()
    );
    assert!(!holds(clone, github::TOKEN));
    assert_eq!(at("main"), base.as_str());
    double.assert_obeyed();
}

#[test]
fn a_push_whose_answer_is_lost_is_looked_up_and_one_without_permission_is_said() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "# shop\n")]);
    let quick = client(&double, github::TOKEN);
    let dir = TempDir::new().unwrap();
    quick.clone_into(dir.path(), None).unwrap();
    let first = commit(dir.path(), "first\n");
    double.fault(
        &json!({"match": {"method": "POST", "route": "git-receive-pack"}, "do": "drop-after"}),
    );
    quick
        .push_branch(dir.path(), "tfmend/x", &first, None)
        .unwrap();
    let second = commit(dir.path(), "second\n");
    double.fault(
        &json!({"match": {"method": "POST", "route": "git-receive-pack"}, "do": "drop-before"}),
    );
    quick
        .push_branch(dir.path(), "tfmend/x", &second, Some(&first))
        .unwrap();
    assert_eq!(
        double.state(SHOP)["refs"]["refs/heads/tfmend/x"],
        second.as_str()
    );
    double.fault(&json!({"match": {"method": "POST", "route": "git-receive-pack", "times": 0}, "do": "drop-before"}));
    let third = commit(dir.path(), "third\n");
    let error = quick.push_branch(dir.path(), "tfmend/x", &third, Some(&second));
    assert!(error.unwrap_err().is_unanswered());

    double.post(
        "tokens",
        &json!({"token": "ghs_reader", "type": "installation", "permissions": {"contents": "read"}}),
    );
    let error = client(&double, "ghs_reader")
        .push_branch(dir.path(), "tfmend/z", &first, None)
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("write access to contents"), "{text}");
    assert!(!error.is_unanswered(), "{text}");
}

#[test]
fn of_two_pushes_at_once_one_wins_and_the_other_is_told() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "# shop\n")]);
    let dir = TempDir::new().unwrap();
    client(&double, github::TOKEN)
        .clone_into(dir.path(), None)
        .unwrap();
    let base = git(dir.path(), &["rev-parse", "HEAD"]);
    let commits: Vec<String> = (0..4)
        .map(|n| {
            git(dir.path(), &["reset", "-q", "--hard", &base]);
            commit(dir.path(), &format!("number {n}\n"))
        })
        .collect();
    let results: Vec<bool> = std::thread::scope(|scope| {
        let runs: Vec<_> = commits
            .iter()
            .map(|commit| {
                let (double, dir) = (&double, dir.path());
                scope.spawn(move || {
                    let done =
                        client(double, github::TOKEN).push_branch(dir, "tfmend/x", commit, None);
                    assert!(
                        matches!(done, Ok(()) | Err(GitHubError::Moved { .. })),
                        "{done:?}"
                    );
                    done.is_ok()
                })
            })
            .collect();
        runs.into_iter().map(|r| r.join().unwrap()).collect()
    });
    assert_eq!(results.iter().filter(|won| **won).count(), 1, "{results:?}");
    let winner = &commits[results.iter().position(|won| *won).unwrap()];
    assert_eq!(
        double.state(SHOP)["refs"]["refs/heads/tfmend/x"],
        winner.as_str()
    );
}

// TLS.

/// Set in the child process that trusts the private authority.
const CHILD: &str = "TFMEND_TEST_TLS";

#[test]
fn over_tls_with_a_private_authority() {
    if let Ok(settings) = std::env::var(CHILD) {
        tls_story(&settings);
        return;
    }
    let Some(double) = GitHubDouble::start_tls() else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "# shop\n")]);
    // Which certificates count is decided once, when a process starts.
    let run = |settings: &str, ca: Option<&Path>| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args([
                "--exact",
                "double::over_tls_with_a_private_authority",
                "--nocapture",
            ])
            .env(CHILD, settings)
            .env_remove("SSL_CERT_DIR");
        match ca {
            Some(ca) => child.env("SSL_CERT_FILE", ca),
            None => child.env_remove("SSL_CERT_FILE"),
        };
        let done = child.output().unwrap();
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
        assert!(done.status.success(), "{text}");
        assert!(text.contains("1 passed"), "{text}");
    };
    let ca = double.ca.clone().unwrap();
    run(&format!("trusted {}", double.url), Some(&ca));
    run(&format!("untrusted {}", double.url), None);
    let proxy = Proxy::start();
    run(
        &format!("proxy={} {}", proxy.address, double.url),
        Some(&ca),
    );
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1, "{heads:?}");
    let host = double.url.strip_prefix("https://").unwrap();
    for head in heads {
        assert!(head.starts_with(&format!("CONNECT {host} ")), "{head}");
        let head = head.to_ascii_lowercase();
        // ann:s3cret
        assert!(
            head.contains("proxy-authorization: basic yw5uonmzy3jlda=="),
            "{head}"
        );
        assert!(!head.contains("bearer"), "{head}");
    }
    let state = double.state(SHOP);
    assert!(state["refs"]["refs/heads/tfmend/x"].is_string(), "{state}");
    assert!(state["refs"]["refs/heads/tfmend/y"].is_null(), "{state}");
    double.assert_obeyed();
}

fn tls_story(settings: &str) {
    let (trust, url) = settings.split_once(' ').unwrap();
    let settings = Settings {
        api: format!("{url}/api/v3"),
        server: url.to_owned(),
        pace: Duration::ZERO,
        ..Settings::with_token(github::TOKEN).unwrap()
    };
    let make = |settings| {
        Client::with_clock(settings, SHOP.parse().unwrap(), Arc::<Off>::default()).unwrap()
    };
    if let Some(proxy) = trust.strip_prefix("proxy=") {
        let through = |except: &str| Settings {
            proxy: ProxySettings {
                address: Some(format!("http://ann:s3cret@{proxy}").into()),
                except: except.to_owned(),
            },
            ..settings.clone()
        };
        assert!(!format!("{:?}", through("")).contains("s3cret"));
        make(through("example.com")).about().unwrap();
        // The test counts: this one goes straight.
        make(through("localhost")).about().unwrap();
        return;
    }
    let client = make(settings);
    let dir = TempDir::new().unwrap();
    if trust == "trusted" {
        let issues = client.repository().route("issues");
        client
            .write::<_, Value>(Method::POST, &issues, &json!({"title": "Board"}))
            .unwrap();
        client.clone_into(dir.path(), None).unwrap();
        let head = commit(dir.path(), "over tls\n");
        client
            .push_branch(dir.path(), "tfmend/x", &head, None)
            .unwrap();
        return;
    }
    let error = client.about().unwrap_err();
    assert!(matches!(error, GitHubError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
    let error = client.clone_into(dir.path(), Some("main")).unwrap_err();
    assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
}

// What doctor asks.

fn standing(client: &Client, name: &str) -> Option<(Standing, String)> {
    client
        .probe()
        .checks
        .into_iter()
        .filter(|c| c.name == name)
        .max_by_key(|c| c.standing)
        .map(|c| (c.standing, format!("{}; {}", c.text, c.next)))
}

#[test]
fn doctor_hears_what_the_credentials_are_and_lack() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "")]);
    let action = client(&double, github::TOKEN);
    let probe = action.probe();
    assert_eq!(probe.kind, Kind::Installation);
    assert_eq!(probe.standing(), Standing::Unclear, "{:?}", probe.checks);
    assert!(probe.skew.unwrap().abs() < SignedDuration::from_secs(5));
    assert!(probe.remaining.unwrap() > 100);
    let (_, text) = standing(&action, "permissions").unwrap();
    assert!(
        text.contains("contents: write") && text.contains("pull-requests"),
        "{text}"
    );
    // It only reads.
    assert!(double.writes().is_empty(), "{:?}", double.writes());

    double.post(
        "tokens",
        &json!({"token": "ghs_few", "type": "installation", "permissions": {"contents": "read", "issues": "write"}}),
    );
    let (state, text) = standing(&client(&double, "ghs_few"), "permissions").unwrap();
    assert_eq!(state, Standing::Bad);
    assert!(text.contains("may not even read pull requests"), "{text}");

    let wrong = client(&double, "ghp_wrong");
    let probe = wrong.probe();
    assert_eq!(
        (probe.kind, probe.standing()),
        (Kind::Classic, Standing::Bad)
    );
    let text = format!("{probe:?}");
    assert!(
        text.contains("401") && !text.contains("ghp_wrong"),
        "{text}"
    );

    let off: Arc<Off> = Arc::default();
    off.0.store(-45, Ordering::SeqCst);
    let late = client_by(&double, Credentials::Token(github::TOKEN.into()), off);
    let (state, text) = standing(&late, "clock").unwrap();
    assert_eq!(state, Standing::Unclear);
    assert!(
        text.contains("s behind GitHub's clock") && text.contains("NTP"),
        "{text}"
    );

    for (facts, expected, says) in [
        (json!({"archived": true}), Standing::Bad, "archived"),
        (
            json!({"archived": false, "private": false}),
            Standing::Unclear,
            "everybody would see",
        ),
        (
            json!({"private": true, "has_issues": false}),
            Standing::Unclear,
            "no dashboard",
        ),
    ] {
        let mut change = facts.clone();
        change["repository"] = json!(SHOP);
        double.post("repository", &change);
        let (state, text) = standing(&client(&double, github::TOKEN), "repository").unwrap();
        assert_eq!(state, expected, "{facts}: {text}");
        assert!(text.contains(says), "{text}");
    }
    double.assert_obeyed();
}

#[test]
fn doctor_hears_which_permission_an_app_lacks() {
    let (Some(double), Some((private, public))) = (GitHubDouble::start(), key_pair()) else {
        return;
    };
    double.repository(SHOP, &[("main.tf", "")]);
    let with = |permissions: Value| {
        double.post(
            "apps",
            &json!({"app_id": 77, "slug": "mender", "public_key_pem": public,
                    "installations": [{"id": 5, "account": "acme", "permissions": permissions}]}),
        );
        client_by(&double, app(&private, None), Arc::default())
    };
    let few = with(json!({"contents": "write", "pull_requests": "read"}));
    let (state, text) = standing(&few, "permissions").unwrap();
    assert_eq!(state, Standing::Bad);
    assert!(
        text.contains("pull_requests: write") && text.contains("issues: write"),
        "{text}"
    );
    assert!(!text.contains("contents: write"), "{text}");
    let all = with(json!({"contents": "write", "pull_requests": "write", "issues": "write"}));
    let probe = all.probe();
    assert_eq!(probe.standing(), Standing::Good, "{:?}", probe.checks);
    assert_eq!(probe.kind, Kind::App);
    assert_eq!(probe.login.as_deref(), Some("mender[bot]"));
    double.assert_obeyed();
}
