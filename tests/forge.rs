//! Stories on the local forge: a real Git repository, real branches, records and pages.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use git2::Repository;
use jiff::Timestamp;
use tfmend::forge::{Forge, ForgeError, LocalForge, NewCommit, apply};
use tfmend::pull_request::{Fate, Limits, Note, Occasion, ProposalState, Writing, propose};
// The samples name these through `crate`.
use tfmend::{finding, locate, pull_request, remedy, rules, terraform};

#[path = "../src/pull_request/samples.rs"]
mod samples;
#[path = "forge/story.rs"]
mod story;
use samples::*;
use story::{Story, person, words};

#[test]
fn it_opens_a_pull_request_and_leaves_it_alone_the_next_time() {
    let story = Story::new(&[("main.tf", MAIN), ("README.md", "# shop\n")]);
    let applied = story.run(story.orders());
    assert_eq!(words(&applied), ["open"]);
    let branch = applied[0].id.clone();
    let (text, mode) = story.at(&branch, "main.tf").unwrap();
    assert_eq!(text, MAIN.replacen("= true #", "= false #", 1));
    assert_eq!(mode, 0o100_644);
    assert_eq!(story.at(&branch, "README.md").unwrap().0, "# shop\n");
    assert!(Path::new(applied[0].url.as_ref().unwrap()).is_file());
    // The user's own repository is not touched.
    assert_eq!(
        fs::read_to_string(story.repo.join("main.tf")).unwrap(),
        MAIN
    );
    let repo = Repository::open(&story.repo).unwrap();
    assert_eq!(repo.branches(None).unwrap().count(), 1);

    let before = story.files();
    let head = story.head(&branch);
    for _ in 0..2 {
        let again = story.run(story.orders());
        assert_eq!(words(&again), ["leave"]);
        assert_eq!(again[0].step.reason(), Some("up to date"));
    }
    assert_eq!(story.head(&branch), head);
    assert_eq!(story.files(), before, "a run without news writes nothing");
}

#[test]
fn the_commit_is_one_on_the_base_and_says_what_it_is() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let applied = story.run(story.orders());
    let store = story.store();
    let commit = store
        .find_commit(story.head(&applied[0].id).unwrap())
        .unwrap();
    assert_eq!(commit.parent_count(), 1);
    assert_eq!(Some(commit.parent_id(0).unwrap()), story.head("main"));
    assert_eq!(commit.author().name().unwrap(), "tfmend[bot]");
    assert_eq!(commit.time().seconds(), 1_790_000_060);
    let message = commit.message().unwrap();
    assert!(message.starts_with(
        "fix(security): make the database private on aws_db_instance.orders [RDS.2]\n\n"
    ));
    let trailers = git2::message_trailers_strs(message).unwrap();
    let keys: Vec<&str> = trailers.iter().map(|(k, _)| k).collect();
    assert_eq!(keys, ["Finding", "Control", "Rule"]);
}

#[test]
fn modes_links_and_line_ends_stay_as_they_are() {
    let crlf = MAIN.replace('\n', "\r\n");
    let story = Story::new(&[("main.tf", &crlf), ("run.sh", "#!/bin/sh\n")]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        for name in ["main.tf", "run.sh"] {
            fs::set_permissions(story.repo.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        symlink("main.tf", story.repo.join("link.tf")).unwrap();
    }
    story.commit("Modes");
    let branch = story.run(story.orders())[0].id.clone();
    let (text, mode) = story.at(&branch, "main.tf").unwrap();
    assert_eq!(text, crlf.replacen("= true #", "= false #", 1));
    #[cfg(unix)]
    {
        assert_eq!(mode, 0o100_755);
        assert_eq!(story.at(&branch, "run.sh").unwrap().1, 0o100_755);
        assert_eq!(
            story.at(&branch, "link.tf").unwrap(),
            ("main.tf".to_owned(), 0o120_000)
        );
    }
}

#[test]
fn a_resolved_finding_closes_its_pull_request_with_the_evidence() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let branch = story.run(story.orders())[0].id.clone();
    // Nothing said about the finding: no evidence, so it stays.
    assert_eq!(words(&story.run(vec![])), ["leave"]);
    let fates = [(
        "security-hub-asff:aws/securityhub:111122223333:a".to_owned(),
        Fate::Resolved("the scanner says PASSED".into()),
    )]
    .into();
    assert_eq!(words(&story.run_with(vec![], &fates)), ["close"]);
    assert_eq!(story.head(&branch), None);
    let record = story.record(1);
    assert_eq!(record["state"], "closed");
    assert_eq!(record["closed_by"], "tfmend");
    assert!(
        record["comments"][0]["body"]
            .as_str()
            .unwrap()
            .contains("the scanner says PASSED")
    );
    // It failed again: a new pull request, with a new number.
    assert_eq!(words(&story.run(story.orders())), ["open"]);
    assert_eq!(story.record(2)["branch"], branch);
}

#[test]
fn what_a_person_closes_stays_closed() {
    for by_record in [true, false] {
        let story = Story::new(&[("main.tf", MAIN)]);
        let branch = story.run(story.orders())[0].id.clone();
        if by_record {
            story.set_record(1, "state", "closed".into());
        } else {
            story
                .store()
                .find_reference(&format!("refs/heads/{branch}"))
                .unwrap()
                .delete()
                .unwrap();
        }
        for _ in 0..2 {
            assert_eq!(words(&story.run(story.orders())), ["leave"]);
        }
        let record = story.record(1);
        assert_eq!(record["state"], "closed");
        assert_eq!(record["closed_by"], serde_json::Value::Null);
        assert_eq!(record["comments"].as_array().unwrap().len(), 1, "said once");
        assert!(!story.forge.join("pull-requests/2.json").exists());
        let board = fs::read_to_string(story.forge.join("dashboard.md")).unwrap();
        assert!(board.contains("## Closed by you (1)"), "{board}");
    }
}

#[test]
fn a_person_reopens_and_has_it_rebuilt() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let branch = story.run(story.orders())[0].id.clone();
    story
        .store()
        .find_reference(&format!("refs/heads/{branch}"))
        .unwrap()
        .delete()
        .unwrap();
    story.run(story.orders());
    story.set_record(1, "state", "open".into());
    tick(&story);
    assert_eq!(words(&story.run(story.orders())), ["update"]);
    assert!(story.head(&branch).is_some());
    assert_eq!(words(&story.run(story.orders())), ["leave"]);
}

/// Ticks the rebuild box in the Markdown file.
fn tick(story: &Story) {
    let path = fs::read_dir(story.forge.join("pull-requests"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "md"))
        .unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("- [ ] Rebuild"));
    fs::write(path, text.replace("- [ ] Rebuild", "- [x] Rebuild")).unwrap();
}

#[test]
fn a_branch_that_a_person_pushed_to_is_left_alone_until_the_box_is_ticked() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let branch = story.run(story.orders())[0].id.clone();
    story.push_by_person(&branch);
    let theirs = story.head(&branch);
    for _ in 0..2 {
        assert_eq!(words(&story.run(story.orders())), ["leave"]);
    }
    assert_eq!(story.head(&branch), theirs);
    assert_eq!(story.record(1)["comments"].as_array().unwrap().len(), 1);
    assert!(story.proposals()[0].notes.contains(&Note::HumanCommits));

    tick(&story);
    assert_eq!(words(&story.run(story.orders())), ["update"]);
    assert_ne!(story.head(&branch), theirs);
    assert!(story.proposals()[0].only_ours);
    assert_eq!(words(&story.run(story.orders())), ["leave"]);
}

#[test]
fn an_advancing_base_moves_the_branch_only_when_it_must() {
    let story = Story::new(&[("main.tf", MAIN), ("other.tf", "locals {\n}\n")]);
    let branch = story.run(story.orders())[0].id.clone();
    let first = story.head(&branch);
    // Elsewhere: the branch stays.
    story.write("other.tf", "locals {\n  a = 1\n}\n");
    story.commit("Elsewhere");
    assert_eq!(words(&story.run(story.orders())), ["leave"]);
    assert_eq!(story.head(&branch), first);
    assert_eq!(
        story.head("main").unwrap(),
        Repository::open(&story.repo)
            .unwrap()
            .head()
            .unwrap()
            .target()
            .unwrap()
    );
    // In the block: the change is made anew on the present base.
    story.write(
        "main.tf",
        &MAIN.replace("# opened for the migration", "# TODO close"),
    );
    story.commit("In the block");
    assert_eq!(words(&story.run(story.orders())), ["update"]);
    assert_ne!(story.head(&branch), first);
    let (text, _) = story.at(&branch, "main.tf").unwrap();
    assert!(
        text.contains("publicly_accessible = false # TODO close"),
        "{text}"
    );
    let tip = story
        .store()
        .find_commit(story.head(&branch).unwrap())
        .unwrap()
        .parent_id(0)
        .unwrap();
    assert_eq!(Some(tip), story.head("main"));
}

#[test]
fn two_pull_requests_on_neighbouring_lines_the_second_is_made_anew_after_the_first_is_merged() {
    let lines = "resource \"aws_db_instance\" \"a\" { publicly_accessible = true }\nresource \"aws_db_instance\" \"b\" { publicly_accessible = true }\n";
    let story = Story::new(&[("main.tf", lines)]);
    let both = vec![
        private(&story.estate(), "a", "1"),
        private(&story.estate(), "b", "2"),
    ];
    let applied = story.run(both);
    assert_eq!(words(&applied), ["open", "open"]);
    story.merge(&applied[0].id, false);
    let again = story.run(vec![private(&story.estate(), "b", "2")]);
    assert_eq!(words(&again), ["update"]);
    assert_eq!(again[0].id, applied[1].id);
    let proposals = story.proposals();
    assert_eq!(proposals[0].state, ProposalState::Merged);
    assert_eq!(proposals[1].mergeable, Some(true));
    assert_eq!(
        story
            .at(&applied[1].id, "main.tf")
            .unwrap()
            .0
            .matches("false")
            .count(),
        2
    );
}

#[test]
fn a_merge_is_seen_and_nothing_is_opened_again() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let branch = story.run(story.orders())[0].id.clone();
    story.merge(&branch, false);
    assert!(story.run(vec![]).is_empty());
    assert_eq!(story.record(1)["state"], "merged");
    // Also when the branch is deleted afterwards.
    story
        .store()
        .find_reference(&format!("refs/heads/{branch}"))
        .unwrap()
        .delete()
        .unwrap();
    assert_eq!(story.proposals()[0].state, ProposalState::Merged);
    // Reverted: the finding is back, and so is a pull request.
    story.write("main.tf", MAIN);
    story.commit("Revert it");
    assert_eq!(words(&story.run(story.orders())), ["open"]);
    assert_eq!(story.record(2)["branch"], branch);
    assert_eq!(words(&story.run(story.orders())), ["leave"]);
}

#[test]
fn a_squashed_merge_closes_with_the_evidence() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let branch = story.run(story.orders())[0].id.clone();
    story.merge(&branch, true);
    let applied = story.run(vec![]);
    assert_eq!(words(&applied), ["close"]);
    assert_eq!(
        applied[0].step.reason(),
        Some("the base branch holds this change already")
    );
    assert_eq!(story.head(&branch), None);
}

/// A kill between any two writes, played by undoing the later ones.
#[test]
fn a_run_that_was_cut_short_is_completed_without_a_second_pull_request() {
    let whole = {
        let story = Story::new(&[("main.tf", MAIN)]);
        story.run(story.orders());
        story.run(story.orders()).len()
    };
    for cut in [
        "record",
        "pages",
        "page",
        "index",
        "branch-without-record",
        "closing",
    ] {
        let story = Story::new(&[("main.tf", MAIN)]);
        let branch = story.run(story.orders())[0].id.clone();
        let pages = || {
            fs::read_dir(story.forge.join("pull-requests"))
                .unwrap()
                .map(|e| e.unwrap().path())
                .filter(|p| p.extension().is_some_and(|e| e != "json"))
        };
        match cut {
            "record" => {
                pages().for_each(|p| fs::remove_file(p).unwrap());
                fs::remove_file(story.forge.join("pull-requests/1.json")).unwrap();
            }
            "pages" => pages().for_each(|p| fs::remove_file(p).unwrap()),
            "page" => fs::write(pages().next().unwrap(), "half").unwrap(),
            "index" => fs::remove_file(story.forge.join("index.html")).unwrap(),
            "branch-without-record" => {
                fs::remove_file(story.forge.join("pull-requests/1.json")).unwrap();
                // And the finding is gone: the left-over branch goes too.
                story.run(vec![]);
                assert_eq!(story.head(&branch), None, "{cut}");
            }
            _ => {
                // The record says closed by us, the branch is still there.
                story.set_record(1, "state", "closed".into());
                story.set_record(1, "closed_by", "tfmend".into());
                story.open();
                assert_eq!(story.head(&branch), None, "{cut}");
                assert_eq!(words(&story.run(story.orders())), ["open"], "{cut}");
                continue;
            }
        }
        story.run(story.orders());
        let again = story.run(story.orders());
        assert_eq!(again.len(), whole, "{cut}");
        assert_eq!(words(&again), ["leave"], "{cut}");
        assert!(!story.forge.join("pull-requests/2.json").exists(), "{cut}");
        assert_eq!(pages().count(), 2, "{cut}");
        assert!(story.forge.join("index.html").exists());
    }
}

#[test]
fn a_push_without_its_record_is_completed() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let branch = story.run(story.orders())[0].id.clone();
    let old = story.record(1);
    story.write(
        "main.tf",
        &MAIN.replace("# opened for the migration", "# x"),
    );
    story.commit("In the block");
    story.run(story.orders());
    let new = story.head(&branch);
    // The branch was written, the record was not.
    fs::write(
        story.forge.join("pull-requests/1.json"),
        serde_json::to_vec(&old).unwrap(),
    )
    .unwrap();
    assert_eq!(words(&story.run(story.orders())), ["update"]);
    assert_eq!(
        story.head(&branch),
        new,
        "the same commit is not made twice"
    );
    assert_eq!(story.record(1)["head"], new.unwrap().to_string());
    assert_eq!(words(&story.run(story.orders())), ["leave"]);
}

#[test]
fn runs_at_the_same_time_open_each_pull_request_once() {
    let text: String = (0..6)
        .map(|i| {
            format!(
                "resource \"aws_db_instance\" \"d{i}\" {{\n  publicly_accessible = true\n}}\n\n"
            )
        })
        .collect();
    let story = Story::new(&[("main.tf", &text)]);
    let (repo, forge_dir) = (story.repo.clone(), story.forge.clone());
    let code = story.estate();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let now = Timestamp::from_second(1_790_000_000).unwrap();
                let mut forge = LocalForge::open(&forge_dir, &repo, now).unwrap();
                let proposals = forge.proposals().unwrap();
                let fixed = (0..6)
                    .map(|i| private(&code, &format!("d{i}"), &format!("k{i}")))
                    .collect();
                let plan = propose(
                    fixed,
                    &Occasion {
                        estate: &code,
                        catalogue: &catalogue(),
                        proposals: &proposals,
                        fates: &BTreeMap::new(),
                        limits: &Limits::default(),
                        writing: &Writing::default(),
                    },
                );
                assert!(apply(&mut forge, &plan).iter().all(|a| a.error.is_none()));
            });
        }
    });
    let proposals = story.proposals();
    assert_eq!(
        proposals.iter().map(|p| p.number).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6]
    );
    let branches: std::collections::BTreeSet<_> = proposals.iter().map(|p| &p.branch).collect();
    assert_eq!(branches.len(), 6);
}

#[test]
fn uncommitted_changes_never_get_into_a_pull_request() {
    let story = Story::new(&[("main.tf", MAIN)]);
    story.write("main.tf", &format!("{MAIN}# my password is hunter2\n"));
    let fixed = story.orders();
    let mut forge = story.open();
    let code = story.estate();
    let plan = propose(
        fixed,
        &Occasion {
            estate: &code,
            catalogue: &catalogue(),
            proposals: &[],
            fates: &BTreeMap::new(),
            limits: &Limits::default(),
            writing: &Writing::default(),
        },
    );
    let applied = apply(&mut forge, &plan);
    let error = applied[0].error.as_ref().unwrap();
    assert!(matches!(error, ForgeError::Uncommitted { .. }), "{error}");
    assert!(error.to_string().contains("commit or stash"), "{error}");
    assert!(forge.proposals().unwrap().is_empty());
}

#[test]
fn a_checkout_below_the_top_of_the_repository_is_edited_where_it_is() {
    let story = Story::new(&[("README.md", "x\n"), ("infra/main.tf", MAIN)]);
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let mut forge = LocalForge::open(&story.forge, &story.repo.join("infra"), now).unwrap();
    let code = estate(&[("main.tf", MAIN)]);
    let plan = propose(
        vec![private(&code, "orders", "a")],
        &Occasion {
            estate: &code,
            catalogue: &catalogue(),
            proposals: &[],
            fates: &BTreeMap::new(),
            limits: &Limits::default(),
            writing: &Writing::default(),
        },
    );
    let applied = apply(&mut forge, &plan);
    assert!(applied[0].error.is_none(), "{:?}", applied[0].error);
    assert!(
        story
            .at(&applied[0].id, "infra/main.tf")
            .unwrap()
            .0
            .contains("= false")
    );
    assert!(story.at(&applied[0].id, "main.tf").is_none());
}

#[test]
fn what_is_no_usable_checkout_is_said_with_the_next_step() {
    let directory = tempfile::tempdir().unwrap();
    let forge = directory.path().join("forge");
    let open = |repo: &Path| {
        LocalForge::open(&forge, repo, Timestamp::from_second(0).unwrap())
            .err()
            .unwrap()
            .to_string()
    };
    let plain = directory.path().join("plain");
    fs::create_dir(&plain).unwrap();
    assert!(open(&plain).contains("git init"), "{}", open(&plain));
    let empty = directory.path().join("empty");
    Repository::init(&empty).unwrap();
    assert!(
        open(&empty).contains("commit the code first"),
        "{}",
        open(&empty)
    );
    let bare = directory.path().join("bare.git");
    Repository::init_bare(&bare).unwrap();
    assert!(open(&bare).contains("bare repository"), "{}", open(&bare));
    assert!(!forge.exists(), "nothing is left behind");
}

#[test]
fn a_forge_that_is_ahead_of_the_checkout_is_not_overwritten() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let branch = story.run(story.orders())[0].id.clone();
    // Somebody merges inside the forge, as on a real one.
    let tip = story.head(&branch).unwrap();
    story
        .store()
        .reference("refs/heads/main", tip, true, "merge")
        .unwrap();
    let now = Timestamp::from_second(1_790_009_000).unwrap();
    let error = LocalForge::open(&story.forge, &story.repo, now)
        .err()
        .unwrap();
    assert!(matches!(error, ForgeError::Behind { .. }), "{error}");
    assert_eq!(story.head("main"), Some(tip));
    // After the pull all is well.
    story.merge("main", false);
    assert_eq!(story.proposals()[0].state, ProposalState::Merged);
}

#[test]
fn a_rewritten_history_is_followed_when_nobody_merged() {
    let story = Story::new(&[("main.tf", MAIN)]);
    story.run(story.orders());
    let repo = Repository::open(&story.repo).unwrap();
    let tree = repo.head().unwrap().peel_to_tree().unwrap();
    let me = person();
    let root = repo
        .commit(None, &me, &me, "Start anew", &tree, &[])
        .unwrap();
    repo.reference("refs/heads/main", root, true, "rewrite")
        .unwrap();
    story.run(story.orders());
    assert_eq!(story.head("main"), Some(root));
    assert_eq!(story.proposals().len(), 1);
}

#[test]
fn a_checkout_on_another_branch_does_not_touch_the_pull_requests_of_this_one() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let branch = story.run(story.orders())[0].id.clone();
    let head = story.head(&branch);
    let repo = Repository::open(&story.repo).unwrap();
    let tip = repo.head().unwrap().peel_to_commit().unwrap();
    repo.branch("feature", &tip, false).unwrap();
    repo.set_head("refs/heads/feature").unwrap();
    let now = Timestamp::from_second(1_790_009_000).unwrap();
    let error = LocalForge::open(&story.forge, &story.repo, now)
        .err()
        .unwrap();
    assert!(error.to_string().contains("check out main"), "{error}");
    assert_eq!(story.head(&branch), head);
}

#[test]
fn a_detached_checkout_is_taken_for_the_branch_that_points_there() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let repo = Repository::open(&story.repo).unwrap();
    repo.set_head_detached(repo.head().unwrap().target().unwrap())
        .unwrap();
    assert_eq!(words(&story.run(story.orders())), ["open"]);
    assert_eq!(story.record(1)["base"], "main");
}

#[test]
fn a_linked_worktree_is_a_checkout() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let repo = Repository::open(&story.repo).unwrap();
    let linked = story.repo.with_file_name("linked");
    repo.worktree("linked", &linked, None).unwrap();
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let forge = LocalForge::open(&story.forge, &linked, now).unwrap();
    assert_eq!(forge.base().branch, "linked");
}

#[test]
fn a_broken_record_stops_the_run_instead_of_opening_twice() {
    let story = Story::new(&[("main.tf", MAIN)]);
    story.run(story.orders());
    fs::write(story.forge.join("pull-requests/1.json"), "{").unwrap();
    let now = Timestamp::from_second(1_790_009_000).unwrap();
    let error = LocalForge::open(&story.forge, &story.repo, now)
        .err()
        .unwrap();
    assert!(error.to_string().contains("1.json"), "{error}");
}

#[test]
fn a_branch_never_equals_its_base_and_never_leaves_the_repository() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let mut forge = story.open();
    let source = terraform::SourceFile::new(path("main.tf"), MAIN.as_bytes().to_vec());
    let push = |forge: &mut LocalForge, name: &str, before: Option<String>, after: &str| {
        forge.push(&NewCommit {
            branch: "tfmend/x/y-00000000",
            message: "m",
            before: &[(path(name), before)].into(),
            after: &[(path(name), after.as_bytes().to_vec())].into(),
            expected_head: None,
        })
    };
    let same = push(&mut forge, "main.tf", Some(source.hash()), MAIN);
    assert!(matches!(same, Err(ForgeError::NothingChanges(_))));
    let git = push(&mut forge, ".git/hooks/post-checkout", None, "x");
    assert!(matches!(git, Err(ForgeError::InTheWay { .. })));
    let exists = push(&mut forge, "main.tf", None, "x");
    assert!(matches!(exists, Err(ForgeError::InTheWay { .. })));
    let below_a_file = push(&mut forge, "main.tf/x.tf", None, "x");
    assert!(matches!(below_a_file, Err(ForgeError::InTheWay { .. })));
    assert_eq!(story.head("tfmend/x/y-00000000"), None);
}

#[test]
fn a_branch_moves_by_compare_and_swap() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let branch = story.run(story.orders())[0].id.clone();
    let mut forge = story.open();
    let source = terraform::SourceFile::new(path("main.tf"), MAIN.as_bytes().to_vec());
    let before = [(path("main.tf"), Some(source.hash()))].into();
    let after = [(path("main.tf"), b"x = 1\n".to_vec())].into();
    let commit = |expected: Option<&'static str>| NewCommit {
        branch: &branch,
        message: "m",
        before: &before,
        after: &after,
        expected_head: expected,
    };
    let moved = forge.push(&commit(Some("0000000000000000000000000000000000000001")));
    assert!(matches!(moved, Err(ForgeError::Moved(_))));
    drop(forge);
    story.push_by_person(&branch);
    let taken = story.open().push(&commit(None));
    assert!(matches!(taken, Err(ForgeError::BranchTaken(_))));
}

#[test]
fn hostile_names_make_harmless_pages() {
    let story = Story::new(&[("main.tf", MAIN)]);
    let mut fixed = story.orders();
    let evil = "<script>alert(1)</script> \"><img src=x onerror=y> ../../etc/passwd";
    fixed[0].findings[0].controls[0].code = evil.into();
    fixed[0].findings[0].resource.id = evil.into();
    fixed[0].located.because = evil.into();
    let applied = story.run(fixed);
    assert_eq!(words(&applied), ["open"]);
    for (path, bytes) in story.files() {
        if path.extension().is_some_and(|e| e == "html") {
            let page = String::from_utf8(bytes).unwrap();
            assert!(
                !page.contains("<script") && !page.contains("<img"),
                "{}",
                path.display()
            );
        }
    }
    assert!(
        Path::new(applied[0].url.as_ref().unwrap())
            .starts_with(story.forge.canonicalize().unwrap())
    );
}
