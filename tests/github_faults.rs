//! What goes wrong between tfmend and GitHub: lost answers, limits, stale lists, runs that are killed at any write or run
//! beside each other. A run after that ends where an undisturbed one does, with nothing twice.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test may stop here

#[path = "support/github.rs"]
mod double;
#[path = "github_story/mod.rs"]
mod story;
mod support;

use double::GitHubDouble;
use serde_json::{Value, json};
use story::{FEED, LOGS, MEDIA, Story, bucket, ended, finding, passed};

/// Two of the three: enough to see an order.
fn two() -> Value {
    json!([finding(LOGS), finding(MEDIA)])
}

/// A second run with everything to do: one is obsolete, one needs another text and branch, one is new.
fn busy(story: &Story<'_>) -> Value {
    let changed = bucket(MEDIA).replace("bucket =", "force_destroy = true\n  bucket       =");
    story.person(
        "push",
        json!({"branch": "main", "files": {"media/main.tf": changed}}),
    );
    story.pull();
    json!([passed(LOGS), finding(MEDIA), finding(FEED)])
}

fn count(story: &Story<'_>, method: &str, from: usize) -> usize {
    story.writes()[from..]
        .iter()
        .filter(|w| w.starts_with(method))
        .count()
}

#[test]
fn a_lost_answer_never_makes_anything_twice() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let calm = Story::new(&double, "acme/calm");
    calm.run(&two());
    let opened = calm.lasting(true);
    let findings = busy(&calm);
    calm.run(&findings);
    let ended = calm.lasting(true);
    let operations = [
        "git/create-blob",
        "git/create-tree",
        "git/create-commit",
        "git/create-ref",
        "pulls/create",
        "issues/create-label",
        "issues/add-labels",
        "issues/create",
    ];
    for (i, operation) in operations.iter().enumerate() {
        for kind in ["drop-after", "drop-before"] {
            let story = Story::new(&double, &format!("acme/open-{kind}-{i}"));
            double.fault(&json!({
                "match": {"operation": operation, "route": format!("/{}/", story.name)}, "do": kind
            }));
            story.run(&two());
            assert_eq!(story.lasting(true), opened, "{operation} {kind}");
        }
    }
    for (i, operation) in [
        "issues/create-comment",
        "pulls/update",
        "git/update-ref",
        "git/delete-ref",
    ]
    .iter()
    .enumerate()
    {
        for kind in ["drop-after", "drop-before"] {
            let story = Story::new(&double, &format!("acme/busy-{kind}-{i}"));
            story.run(&two());
            let findings = busy(&story);
            double.fault(&json!({
                "match": {"operation": operation, "route": format!("/{}/", story.name)}, "do": kind
            }));
            story.run(&findings);
            assert_eq!(story.lasting(true), ended, "{operation} {kind}");
        }
    }
    double.assert_obeyed();
}

#[test]
fn limits_are_waited_out_and_stale_lists_mislead_nobody() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let calm = Story::new(&double, "acme/calm");
    calm.run(&two());
    let story = Story::new(&double, "acme/limited");
    for (operation, status) in [
        ("pulls/create", 403),
        ("git/create-ref", 429),
        ("pulls/list", 403),
    ] {
        double.fault(&json!({
            "match": {"operation": operation, "route": "/acme/limited/"},
            "do": "secondary-limit", "status": status, "retry_after": 1
        }));
    }
    story.run(&two());
    assert_eq!(story.lasting(true), calm.lasting(true));
    let story = Story::new(&double, "acme/stale");
    double.post("settings", &json!({"stale_lists": 2}));
    for _ in 0..3 {
        story.run(&two());
    }
    double.post("settings", &json!({"stale_lists": 0}));
    story.run(&two());
    assert_eq!(story.lasting(true), calm.lasting(true));
    double.assert_obeyed();
}

/// Kills the run at its `nth` request of a method, before or after GitHub has done it; then runs again.
fn killed(story: &Story<'_>, findings: &Value, method: &str, nth: usize, kind: &str) {
    story.double.fault(&json!({
        "match": {"method": method, "route": format!("/repos/{}/", story.name), "nth": nth}, "do": kind
    }));
    let mut run = story.command(findings, &[]).spawn().unwrap();
    story.double.wait_until_held();
    run.kill().unwrap();
    run.wait().unwrap();
    story.double.release();
    let again = story.try_run(findings, &[]);
    assert_eq!(again.code, 0, "{method} {nth} {kind}: {}", again.stderr);
}

#[test]
fn killed_at_every_write_a_second_run_ends_like_an_undisturbed_one() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let calm = Story::new(&double, "acme/calm");
    calm.run(&two());
    let opened = calm.lasting(true);
    let posts = count(&calm, "POST", 0);
    assert!(posts > 12, "{:?}", calm.writes());
    let before = calm.writes().len();
    let findings = busy(&calm);
    calm.run(&findings);
    let ended = calm.lasting(true);
    let methods = ["POST", "PATCH", "DELETE"].map(|m| (m, count(&calm, m, before)));
    assert!(methods.iter().all(|(_, n)| *n > 0), "{:?}", calm.writes());
    // Killed before write n + 1 is killed after write n.
    for nth in 1..=posts {
        let story = Story::new(&double, &format!("acme/open-{nth}"));
        killed(&story, &two(), "POST", nth, "hold-after");
        assert_eq!(story.lasting(true), opened, "POST {nth}");
    }
    for (method, times) in methods {
        for nth in 1..=times {
            let story = Story::new(&double, &format!("acme/busy-{method}-{nth}"));
            story.run(&two());
            let findings = busy(&story);
            killed(&story, &findings, method, nth, "hold-after");
            assert_eq!(story.lasting(true), ended, "{method} {nth}");
        }
    }
    // Before the very first one, and in the middle of a request that GitHub never carried out.
    for nth in [1, posts / 2] {
        let story = Story::new(&double, &format!("acme/before-{nth}"));
        killed(&story, &two(), "POST", nth, "hold-before");
        assert_eq!(story.lasting(true), opened, "POST {nth}");
    }
    double.assert_obeyed();
}

#[test]
fn five_runs_at_the_same_time_make_each_thing_once() {
    let Some(double) = GitHubDouble::start() else {
        return;
    };
    let calm = Story::new(&double, "acme/calm");
    calm.run(&two());
    let opened = calm.lasting(false);
    let findings = busy(&calm);
    calm.run(&findings);
    let done = calm.lasting(false);
    let story = Story::new(&double, "acme/shared");
    let together = |findings: &Value| {
        let runs: Vec<_> = (0..5)
            .map(|_| story.command(findings, &[]).spawn().unwrap())
            .collect();
        for run in runs {
            let ran = ended(run);
            assert_eq!(ran.code, 0, "{}\n{}", ran.stderr, ran.stdout);
        }
    };
    together(&two());
    assert_eq!(story.lasting(false), opened);
    let findings = busy(&story);
    together(&findings);
    // Whoever comes late may have written the dashboard on what it saw: the next run has the last word.
    story.run(&findings);
    assert_eq!(story.lasting(false), done);
    double.assert_obeyed();
}
