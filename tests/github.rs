//! `tfmend pr --github` as people live with it, against a GitHub with real Git behind it that holds every request against
//! GitHub's own description.
#![allow(clippy::unwrap_used)] // a test may stop here

#[path = "support/github.rs"]
mod double;
#[path = "github_story/mod.rs"]
mod story;
mod support;

use double::GitHubDouble;
use serde_json::{Value, json};
use story::{FEED, LOGS, MEDIA, Story, bucket, finding, passed, shown, steps};
use support::git;
use tempfile::TempDir;

#[test]
fn opens_each_once_and_then_writes_nothing() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    let first = story.run(&Story::all());
    assert_eq!(steps(&first), ["open", "open", "open"], "{first:#}");
    let written = story.writes().len();
    let bare = story.bare();
    for pull in story.pulls() {
        assert_eq!(pull["state"], "open");
        assert_eq!(
            pull["verified"], true,
            "no author was given, so GitHub signs"
        );
        assert_eq!(pull["draft"], false);
        assert_eq!(
            pull["labels"],
            json!(["security", "severity:high", "tfmend"])
        );
        let head = pull["head"].as_str().unwrap();
        let count = git(&bare, &["rev-list", "--count", &format!("main..{head}")]);
        assert_eq!(count.trim(), "1");
        let url = format!("{}/acme/infra/pull/{}", double.url, pull["number"]);
        let change = first["changes"].as_array().unwrap();
        assert!(
            change
                .iter()
                .any(|c| c["id"] == head && c["pull_request"] == url.as_str()),
            "{first:#}"
        );
    }
    let board = &story.state()["issues"][0];
    assert_eq!(board["labels"], json!(["tfmend:dashboard"]));
    assert!(
        board["body"].as_str().unwrap().contains("## Open (3)"),
        "{board:#}"
    );
    for _ in 0..2 {
        let again = story.run(&Story::all());
        assert_eq!(steps(&again), ["leave", "leave", "leave"], "{again:#}");
        assert_eq!(story.writes().len(), written, "{:?}", story.writes());
    }
    // A run for one finding knows nothing of the others: the dashboard of all stays.
    let id = finding(LOGS)["Id"].as_str().unwrap().to_owned();
    let one = story.run_with(&Story::all(), &["--finding-id", &id]);
    assert_eq!(one["summary"]["findings"], 1, "{one:#}");
    assert_eq!(story.writes().len(), written, "{:?}", story.writes());
    double.assert_obeyed();
}

#[test]
fn what_a_person_closes_stays_closed_and_what_they_reopen_is_theirs_to_rebuild() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    story.run(&Story::all());
    let logs = story.pull_of("logs");
    story.person("close", json!({"number": logs["number"]}));
    let next = story.run(&Story::all());
    assert_eq!(next["summary"]["suppressed"], 1, "{next:#}");
    assert_eq!(steps(&next), ["leave", "leave", "leave"]);
    assert_eq!(story.comments(&logs["number"]).len(), 1);
    let written = story.writes().len();
    story.run(&Story::all());
    assert_eq!(story.writes().len(), written, "said once");
    assert_eq!(story.pulls().len(), 3);
    // Without branch and without label it would be forgotten: nothing is opened, and the run says why.
    story.person("delete-branch", json!({"branch": logs["head"]}));
    story.person(
        "label",
        json!({"number": logs["number"], "remove": ["tfmend"]}),
    );
    story.run(&Story::all());
    assert_eq!(
        story.pulls().len(),
        3,
        "the newest page of closed ones has it"
    );
    double.assert_obeyed();
}

#[test]
fn a_branch_that_a_person_pushed_to_is_left_alone_until_the_box_is_ticked() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    story.run(&Story::all());
    let logs = story.pull_of("logs");
    let head = logs["head"].as_str().unwrap();
    let theirs = story.person(
        "push",
        json!({"branch": head, "files": {"notes.md": "mine\n"}, "message": "My own touch"}),
    );
    let next = story.run(&Story::all());
    assert_eq!(steps(&next), ["leave", "leave", "leave"], "{next:#}");
    let told = story.comments(&logs["number"]);
    assert!(
        told.len() == 1 && told[0].contains("commits are on this branch"),
        "{told:?}"
    );
    let written = story.writes().len();
    // Not even when the finding is resolved.
    let mut findings = Story::all();
    findings[0] = passed(LOGS);
    story.run(&findings);
    assert_eq!(
        story.state()["refs"][format!("refs/heads/{head}")],
        theirs["sha"]
    );
    assert_eq!(story.pull_of("logs")["state"], "open");
    story.run(&Story::all());
    assert_eq!(story.comments(&logs["number"]).len(), 1);
    assert!(
        story.writes().len() <= written + 2,
        "only the dashboard: {:?}",
        story.writes()
    );
    let body = logs["body"].as_str().unwrap();
    let ticked = body.replace("- [ ] ", "- [x] ").replace('\n', "\r\n");
    assert_ne!(ticked, body);
    story.person(
        "edit-pull",
        json!({"number": logs["number"], "body": ticked}),
    );
    let rebuilt = story.run(&Story::all());
    assert_eq!(steps(&rebuilt), ["leave", "leave", "update"], "{rebuilt:#}");
    let bare = story.bare();
    let count = git(&bare, &["rev-list", "--count", &format!("main..{head}")]);
    assert_eq!(count.trim(), "1", "their commit is gone");
    assert_eq!(
        story.pull_of("logs")["body"],
        logs["body"],
        "the box is empty again"
    );
    double.assert_obeyed();
}

#[test]
fn merged_is_done_and_a_moved_base_costs_nobody_a_push() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    story.run(&Story::all());
    let logs = story.pull_of("logs");
    story.person(
        "merge",
        json!({"number": logs["number"], "method": "squash"}),
    );
    let media = story.pull_of("media");
    // The checkout is behind now: nothing may be decided on it.
    let stale = story.try_run(&Story::all(), &[]);
    assert_eq!(stale.code, 2, "{}", stale.stderr);
    assert!(stale.stderr.contains("git pull"), "{}", stale.stderr);
    story.pull();
    let next = story.run(&Story::all());
    assert_eq!(next["summary"]["already_safe"], 1, "{next:#}");
    assert_eq!(steps(&next), ["leave", "leave"], "{next:#}");
    assert_eq!(story.pull_of("media")["head_sha"], media["head_sha"]);
    // A person changes the very block: the branch is made anew from the new base.
    let changed = bucket(MEDIA).replace("bucket =", "force_destroy = true\n  bucket       =");
    story.person(
        "push",
        json!({"branch": "main", "message": "fix(security): by hand", "files": {"media/main.tf": changed}}),
    );
    story.pull();
    let update = story.run(&Story::all());
    assert_eq!(steps(&update), ["leave", "update"], "{update:#}");
    let head = media["head"].as_str().unwrap();
    let text = shown(&story.bare(), head, "media/main.tf");
    assert!(
        text.contains("force_destroy") && text.contains("block_public"),
        "{text}"
    );
    // Somebody brings the fix to main by another way: the pull request is closed.
    story.person(
        "push",
        json!({"branch": "main", "message": "fix(security): by hand", "files": {"media/main.tf": text}}),
    );
    story.pull();
    let closed = story.run(&Story::all());
    assert_eq!(steps(&closed), ["close", "leave"], "{closed:#}");
    assert_eq!(story.pull_of("media")["state"], "closed");
    double.assert_obeyed();
}

#[test]
fn what_is_gone_is_closed_once_and_comes_back_when_it_fails_again() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    story.run(&Story::all());
    let logs = story.pull_of("logs");
    let mut findings = Story::all();
    findings[0] = passed(LOGS);
    let next = story.run(&findings);
    assert_eq!(steps(&next), ["close", "leave", "leave"], "{next:#}");
    let closed = story.pull_of("logs");
    assert_eq!(closed["state"], "closed");
    assert_eq!(story.comments(&logs["number"]).len(), 1);
    let branch = format!("refs/heads/{}", logs["head"].as_str().unwrap());
    assert_eq!(story.state()["refs"][&branch], Value::Null);
    let written = story.writes().len();
    story.run(&findings);
    assert_eq!(story.writes().len(), written);
    let again = story.run(&Story::all());
    assert_eq!(
        steps(&again),
        ["leave", "leave", "open"],
        "closed by us is no refusal: {again:#}"
    );
    assert_eq!(story.pulls().len(), 4);
    // A person opens again what we closed: our sign goes with the next run, so that their closing is their word.
    story.run(&findings);
    let closed = story
        .pulls()
        .into_iter()
        .max_by_key(|p| p["number"].as_u64())
        .unwrap();
    assert_eq!(closed["state"], "closed");
    assert!(
        closed["body"]
            .as_str()
            .unwrap()
            .ends_with("<!-- tfmend:closed -->")
    );
    let bare = story.bare();
    let head = closed["head"].as_str().unwrap();
    git(
        &bare,
        &[
            "update-ref",
            &format!("refs/heads/{head}"),
            closed["head_sha"].as_str().unwrap(),
        ],
    );
    story.person("reopen", json!({"number": closed["number"]}));
    let again = story.run(&Story::all());
    assert_eq!(steps(&again), ["leave", "leave", "update"], "{again:#}");
    story.person("close", json!({"number": closed["number"]}));
    let last = story.run(&Story::all());
    assert_eq!(last["summary"]["suppressed"], 1, "{last:#}");
    double.assert_obeyed();
}

#[test]
fn labels_that_people_take_off_or_put_on_stay_so() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    story.run(&Story::all());
    let number = story.pull_of("logs")["number"].clone();
    story.person(
        "label",
        json!({"number": number, "remove": ["security"], "add": ["tfmend:dashboard"]}),
    );
    let media = story.pull_of("media")["number"].clone();
    story.person("label", json!({"number": media, "add": ["tfmend:pause"]}));
    let written = story.writes().len();
    let mut findings = Story::all();
    findings[1] = passed(MEDIA);
    let next = story.run(&findings);
    assert_eq!(steps(&next), ["leave", "leave", "leave"], "{next:#}");
    assert_eq!(
        story.pull_of("logs")["labels"],
        json!(["severity:high", "tfmend", "tfmend:dashboard"])
    );
    assert_eq!(story.pull_of("media")["state"], "open", "paused");
    assert!(
        story.writes().len() <= written + 1,
        "only the dashboard: {:?}",
        story.writes()
    );
    double.assert_obeyed();
}

#[test]
fn a_public_repository_shows_nothing_unless_it_is_allowed() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::with(&double, "acme/open", &json!({"private": false}), &[]);
    let out = story.run(&Story::all());
    assert_eq!(out["summary"]["deferred"], 3, "{out:#}");
    assert_eq!(out["outcomes"][0]["reason"]["kind"], "public-repository");
    assert_eq!(steps(&out), ["defer", "defer", "defer"]);
    assert!(story.writes().is_empty(), "{:?}", story.writes());
    // Of what is there already, the obsolete is closed and the rest stays as it is.
    let allowed = "[github]\npublic = \"allow\"\n";
    let story = Story::with(
        &double,
        "acme/allowed",
        &json!({"private": false}),
        &[("tfmend.toml", allowed)],
    );
    assert_eq!(steps(&story.run(&Story::all())), ["open", "open", "open"]);
    story.person(
        "push",
        json!({"branch": "main", "message": "fix(security): by hand", "files": {"tfmend.toml": null}}),
    );
    story.pull();
    let mut findings = Story::all();
    findings[0] = passed(LOGS);
    let out = story.run(&findings);
    assert_eq!(steps(&out), ["close", "leave", "leave"], "{out:#}");
    let board = &story.state()["issues"][0]["body"];
    assert!(!board.as_str().unwrap().contains("aws_s3"), "{board}");
    double.assert_obeyed();
}

#[test]
fn modes_links_and_bytes_are_kept() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let double = &double;
    let text = format!("\u{feff}{}", bucket(LOGS).replace('\n', "\r\n"));
    double.post(
        "repositories",
        &json!({"owner": "acme", "name": "odd", "private": true, "files": {
            "logs/main.tf": {"text": text, "mode": "100755"},
            "logs/link.md": {"text": "../README.md", "mode": "120000"},
            "README.md": "# Odd\n",
            "run.sh": {"text": "#!/bin/sh\n", "mode": "100755"},
        }}),
    );
    let story = Story::on(double, "acme/odd");
    let out = story.run(&json!([finding(LOGS)]));
    assert_eq!(steps(&out), ["open"], "{out:#}");
    let bare = story.bare();
    let pull = story.pull_of("logs");
    let head = pull["head"].as_str().unwrap();
    let changed = git(&bare, &["diff", "--raw", "main", head]);
    assert_eq!(changed.lines().count(), 1, "{changed}");
    assert!(changed.starts_with(":100755 100755 "), "{changed}");
    let after = shown(&bare, head, "logs/main.tf");
    assert!(
        after.starts_with(&text),
        "what was there stays, to the byte: {after:?}"
    );
    assert!(!after.replace("\r\n", "").contains('\n'), "{after:?}");
    double.assert_obeyed();
}

#[test]
fn code_and_configuration_are_those_of_the_base_branch() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    // A fix that only stands in the working tree must close nothing.
    story.write("logs/main.tf", "# gone\n");
    let dirty = story.try_run(&Story::all(), &[]);
    assert_eq!(dirty.code, 2, "{}", dirty.stderr);
    assert!(dirty.stderr.contains("logs/main.tf"), "{}", dirty.stderr);
    story.write("logs/main.tf", &bucket(LOGS));
    // A configuration that nobody has merged decides nothing.
    story.write("tfmend.toml", "profile = \"all\"\n");
    let widened = story.try_run(&Story::all(), &[]);
    assert_eq!(widened.code, 2, "{}", widened.stderr);
    assert!(widened.stderr.contains("tfmend.toml"), "{}", widened.stderr);
    let named = story.checkout().join("tfmend.toml");
    let named = story.run_with(&Story::all(), &["--config", named.to_str().unwrap()]);
    assert_eq!(steps(&named), ["open", "open", "open"]);
    // What Git does not know is nobody's business.
    std::fs::remove_file(story.checkout().join("tfmend.toml")).unwrap();
    story.write("scratch.tf", "locals {}\n");
    assert_eq!(
        steps(&story.run(&Story::all())),
        ["leave", "leave", "leave"]
    );
    double.assert_obeyed();
}

#[test]
fn without_a_checkout_it_clones_and_commits_may_go_through_git() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::with(
        &double,
        "acme/infra",
        &json!({}),
        &[("tfmend.toml", "[github]\ncommits = \"git\"\n")],
    );
    let elsewhere = TempDir::new().unwrap();
    for expected in ["open", "leave"] {
        let mut command = story.bare_command(&Story::all(), &[]);
        command.current_dir(elsewhere.path());
        let ran = story::ended(command.spawn().unwrap());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(steps(&ran.json()), [expected; 3], "{}", ran.stdout);
    }
    assert!(
        std::fs::read_dir(elsewhere.path())
            .unwrap()
            .next()
            .is_none()
    );
    let pull = story.pull_of("logs");
    assert_eq!(pull["verified"], false, "a pushed commit is not signed");
    let bare = story.bare();
    let head = pull["head"].as_str().unwrap();
    assert!(shown(&bare, head, "logs/main.tf").contains("block_public"));
    assert!(
        !double
            .requests()
            .iter()
            .any(|r| r["operation"] == "git/create-commit")
    );
    // Closing and coming back go the same way.
    let mut findings = Story::all();
    findings[0] = passed(LOGS);
    assert_eq!(steps(&story.run(&findings)), ["close", "leave", "leave"]);
    assert_eq!(steps(&story.run(&Story::all())), ["leave", "leave", "open"]);
    double.assert_obeyed();
}

#[test]
fn a_branch_of_somebody_else_is_not_taken_and_the_rest_goes_on() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    let plan = story.run(&Story::all());
    let head = story.pull_of("logs")["head"].clone();
    assert!(
        plan["changes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["id"] == head)
    );
    let other = Story::new(&double, "acme/other");
    other.person(
        "push",
        json!({"branch": head, "from": "main", "files": {"logs/main.tf": "# mine\n"}}),
    );
    let ran = other.try_run(&Story::all(), &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(other.pulls().len(), 2, "the others are made");
    let out = ran.json();
    let taken = out["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["id"] == head)
        .unwrap();
    assert!(
        taken["reason"].as_str().unwrap().contains("somebody else"),
        "{out:#}"
    );
    assert_eq!(
        shown(&other.bare(), head.as_str().unwrap(), "logs/main.tf"),
        "# mine\n"
    );
    double.assert_obeyed();
}

#[test]
fn a_branch_that_a_killed_run_left_goes_when_it_is_old() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    double.fault(
        &json!({"match": {"operation": "pulls/create", "times": 0}, "do": "status", "status": 403,
        "body": {"message": "Resource not accessible by integration"}}),
    );
    let ran = story.try_run(&json!([finding(LOGS)]), &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("not accessible"), "{}", ran.stdout);
    let ours = |story: &Story<'_>| {
        story.state()["refs"]
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| name.contains("tfmend/"))
            .count()
    };
    assert_eq!(ours(&story), 1);
    story.person(
        "push",
        json!({"branch": "tfmend/by-hand/x-0a1b2c3d", "from": "main", "files": {"x.md": "x"}}),
    );
    // Another run beside this one may be about to open its pull request.
    story.run(&json!([passed(LOGS)]));
    assert_eq!(ours(&story), 2);
    let now = 86_400 + seconds();
    let mut command = story.command(&json!([passed(LOGS)]), &[]);
    command.env("SOURCE_DATE_EPOCH", now.to_string());
    let ran = story::ended(command.spawn().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ours(&story), 1, "the person's branch stays");
    double.assert_obeyed();
}

fn seconds() -> i64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(now.as_secs()).unwrap() + 60
}

#[test]
fn a_pull_request_for_another_base_is_named_and_left() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let story = Story::new(&double, "acme/infra");
    story.person("push", json!({"branch": "release", "from": "main"}));
    story.run(&Story::all());
    let number = story.pull_of("logs")["number"].clone();
    story.person("edit-pull", json!({"number": number, "base": "release"}));
    let ran = story.try_run(&Story::all(), &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("--base release"), "{}", ran.stdout);
    assert_eq!(story.pulls().len(), 3);
    git(&story.checkout(), &["fetch", "-q"]);
    git(&story.checkout(), &["checkout", "-q", "release"]);
    let there = story.run_with(&json!([finding(LOGS)]), &["--base", "release"]);
    assert_eq!(steps(&there), ["leave"], "{there:#}");
    let none = story.try_run(&json!([finding(FEED)]), &["--base", "nowhere"]);
    assert_eq!(none.code, 2, "{}", none.stderr);
    assert!(none.stderr.contains("nowhere"), "{}", none.stderr);
    double.assert_obeyed();
}
