//! A real Git repository, a local forge beside it, and what people do with both.
#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use git2::{IndexAddOption, Repository, Signature};
use jiff::Timestamp;
use tfmend::forge::{Applied, Forge, LocalForge, apply};
use tfmend::pull_request::dashboard::Dashboard;
use tfmend::pull_request::{Fate, Fixed, Limits, Occasion, Proposal, Writing, propose};
use tfmend::terraform::Estate;

use crate::samples::{catalogue, estate, private};

pub struct Story {
    _directory: tempfile::TempDir,
    pub repo: PathBuf,
    pub forge: PathBuf,
    clock: std::cell::Cell<i64>,
}

impl Story {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let repo = directory.path().join("shop");
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main");
        Repository::init_opts(&repo, &options).unwrap();
        let story = Self {
            forge: directory.path().join("forge"),
            repo,
            _directory: directory,
            clock: std::cell::Cell::new(1_790_000_000),
        };
        for (name, text) in files {
            story.write(name, text);
        }
        story.commit("Add the databases");
        story
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.repo.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn commit(&self, message: &str) {
        commit_all(&Repository::open(&self.repo).unwrap(), message);
    }

    pub fn estate(&self) -> Estate {
        estate(&[(
            "main.tf",
            &fs::read_to_string(self.repo.join("main.tf")).unwrap(),
        )])
    }

    pub fn open(&self) -> LocalForge {
        // Every run is a minute later than the one before.
        self.clock.set(self.clock.get() + 60);
        let now = Timestamp::from_second(self.clock.get()).unwrap();
        LocalForge::open(&self.forge, &self.repo, now).unwrap()
    }

    pub fn run(&self, fixed: Vec<Fixed>) -> Vec<Applied> {
        self.run_with(fixed, &BTreeMap::new())
    }

    pub fn run_with(&self, fixed: Vec<Fixed>, fates: &BTreeMap<String, Fate>) -> Vec<Applied> {
        let mut forge = self.open();
        let proposals = forge.proposals().unwrap();
        let estate = self.estate();
        let plan = propose(
            fixed,
            &Occasion {
                estate: &estate,
                catalogue: &catalogue(),
                proposals: &proposals,
                fates,
                limits: &Limits::default(),
                writing: &Writing::default(),
            },
        );
        let applied = apply(&mut forge, &plan);
        for a in &applied {
            assert!(a.error.is_none(), "{:?}", a.error);
        }
        let board = Dashboard::of(&plan, &forge.proposals().unwrap());
        forge.publish(&board).unwrap();
        applied
    }

    pub fn orders(&self) -> Vec<Fixed> {
        vec![private(&self.estate(), "orders", "a")]
    }

    pub fn proposals(&self) -> Vec<Proposal> {
        self.open().proposals().unwrap()
    }

    pub fn store(&self) -> Repository {
        Repository::open_bare(self.forge.join("repository.git")).unwrap()
    }

    /// What a branch of the store holds at a path.
    pub fn at(&self, branch: &str, path: &str) -> Option<(String, i32)> {
        let store = self.store();
        let commit = store
            .find_reference(&format!("refs/heads/{branch}"))
            .ok()?
            .peel_to_commit()
            .unwrap();
        let entry = commit.tree().unwrap().get_path(Path::new(path)).ok()?;
        let blob = store.find_blob(entry.id()).unwrap();
        Some((
            String::from_utf8(blob.content().to_vec()).unwrap(),
            entry.filemode(),
        ))
    }

    pub fn head(&self, branch: &str) -> Option<git2::Oid> {
        self.store()
            .refname_to_id(&format!("refs/heads/{branch}"))
            .ok()
    }

    /// Merges a branch of the store into the checkout, as a person would.
    pub fn merge(&self, branch: &str, squash: bool) {
        let repo = Repository::open(&self.repo).unwrap();
        let store = self.forge.join("repository.git");
        let mut remote = repo.remote_anonymous(store.to_str().unwrap()).unwrap();
        remote
            .fetch(&[format!("+refs/heads/{branch}:refs/heads/pr")], None, None)
            .unwrap();
        let theirs = repo
            .find_reference("refs/heads/pr")
            .unwrap()
            .peel_to_commit()
            .unwrap();
        let ours = repo.head().unwrap().peel_to_commit().unwrap();
        let mut index = repo.merge_commits(&ours, &theirs, None).unwrap();
        assert!(!index.has_conflicts());
        let tree = repo.find_tree(index.write_tree_to(&repo).unwrap()).unwrap();
        let me = person();
        let parents = if squash {
            vec![&ours]
        } else {
            vec![&ours, &theirs]
        };
        repo.commit(Some("HEAD"), &me, &me, "Merge it", &tree, &parents)
            .unwrap();
        repo.checkout_head(Some(git2::build::CheckoutBuilder::new().force()))
            .unwrap();
    }

    /// A person's commit on a branch of the store.
    pub fn push_by_person(&self, branch: &str) {
        let store = self.store();
        let name = format!("refs/heads/{branch}");
        let parent = store
            .find_reference(&name)
            .unwrap()
            .peel_to_commit()
            .unwrap();
        let me = person();
        store
            .commit(
                Some(&name),
                &me,
                &me,
                "My own touch",
                &parent.tree().unwrap(),
                &[&parent],
            )
            .unwrap();
    }

    pub fn record(&self, number: u64) -> serde_json::Value {
        let path = self.forge.join(format!("pull-requests/{number}.json"));
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    pub fn set_record(&self, number: u64, key: &str, value: serde_json::Value) {
        let mut record = self.record(number);
        record[key] = value;
        let path = self.forge.join(format!("pull-requests/{number}.json"));
        fs::write(path, serde_json::to_vec(&record).unwrap()).unwrap();
    }

    /// All files of the forge but Git's own, with their content.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut all = BTreeMap::new();
        for directory in [self.forge.clone(), self.forge.join("pull-requests")] {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    all.insert(path.clone(), fs::read(&path).unwrap());
                }
            }
        }
        all
    }
}

pub fn person() -> Signature<'static> {
    Signature::now("Jo", "jo@shop.example").unwrap()
}

pub fn commit_all(repo: &Repository, message: &str) -> git2::Oid {
    let mut index = repo.index().unwrap();
    index.add_all(["."], IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repo.find_tree(index.write_tree().unwrap()).unwrap();
    let parent = repo.head().ok().map(|h| h.peel_to_commit().unwrap());
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    let me = person();
    repo.commit(Some("HEAD"), &me, &me, message, &tree, &parents)
        .unwrap()
}

pub fn words(applied: &[Applied]) -> Vec<&'static str> {
    applied.iter().map(|a| a.step.word()).collect()
}
