//! What one run notes of a tree for the next one.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::cache::{Note, Noted, Store};
use super::data::Asked;
use super::listing::Folder;
use super::stamp::Stamp;
use crate::terraform::source::{About, Contents};
use crate::terraform::state::State;
use crate::terraform::{RepoPath, SourceFile};

/// A file of which something may be noted.
#[derive(Clone)]
pub(super) struct Kept {
    path: RepoPath,
    stamp: Stamp,
    what: What,
}

#[derive(Clone)]
enum What {
    /// What the bytes say is worked out when it is written: others may have asked for it by then.
    Code(Arc<Contents>, Arc<[Asked]>),
    State(Box<State>),
}

impl Kept {
    pub(super) fn code(file: &SourceFile, stamp: Stamp, asked: Arc<[Asked]>) -> Self {
        Self {
            path: file.path().clone(),
            stamp,
            what: What::Code(Arc::clone(file.contents()), asked),
        }
    }

    pub(super) fn state(path: &RepoPath, stamp: Stamp, state: &State) -> Self {
        Self {
            path: path.clone(),
            stamp,
            what: What::State(Box::new(state.clone())),
        }
    }

    /// The note.
    pub(super) fn noted(&self) -> Noted {
        Noted {
            path: self.path.clone(),
            stamp: self.stamp,
            note: match &self.what {
                What::Code(contents, asked) => Note::Code {
                    about: About::noted(contents),
                    asked: Arc::clone(asked),
                },
                What::State(state) => Note::State(state.clone()),
            },
        }
    }
}

/// What is to be noted of a tree, and where.
pub(super) struct Notes {
    store: Arc<Store>,
    folders: Vec<Arc<Folder>>,
    /// `None` when too little is new.
    kept: Mutex<Option<Vec<Kept>>>,
    writing: Mutex<Option<JoinHandle<()>>>,
}

impl Notes {
    /// Without `kept` nothing is written: too little is new.
    pub(super) fn new(store: Store, folders: Vec<Arc<Folder>>, kept: Option<Vec<Kept>>) -> Self {
        Self {
            store: Arc::new(store),
            folders,
            kept: Mutex::new(kept),
            writing: Mutex::default(),
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// One more.
    pub(super) fn keep(&self, kept: impl FnOnce() -> Kept) {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = &mut *all {
            all.push(kept());
        }
    }

    /// Begins to write.
    pub(super) fn begin(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = kept.take() else {
            return;
        };
        let (store, folders) = (Arc::clone(&self.store), self.folders.clone());
        let thread = std::thread::Builder::new().name("notes".to_owned());
        if let Ok(writing) = thread.spawn(move || store.save(&folders, &kept)) {
            let mut slot = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            *slot = Some(writing);
        }
    }

    /// Waits for the end of it.
    pub(super) fn end(&self) {
        let mut slot = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writing) = slot.take() {
            // A panic there is no failure of the run.
            let _ = writing.join();
        }
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        self.end();
    }
}
