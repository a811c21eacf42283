//! Code for the tests of dangers.

use crate::remedy::subject::Subject;
use crate::terraform::module::Configuration;
use crate::terraform::{Estate, RepoPath, SourceFile};

/// Asks about the first block of a type in a root of this code.
pub(super) fn first_of<T>(code: &str, kind: &str, ask: impl FnOnce(&Subject<'_, '_>) -> T) -> T {
    let path = RepoPath::new("main.tf").unwrap();
    let estate = Estate::new([SourceFile::new(path, code.as_bytes().to_vec())]);
    let cfg = Configuration::new(&estate);
    assert_eq!(cfg.problems(), [], "{code}");
    let at = cfg.occurrences(kind).remove(0);
    let address = cfg.instances(&at).known.remove(0);
    let cfg = &cfg;
    ask(&Subject { cfg, at, address })
}
