//! The seal of a commit of ours: its last trailer, a hash of the rest of the message and of the tree.
//!
//! Who made a commit cannot be told from its author: a personal access token commits in a person's name, Enterprise
//! servers have names of their own, and a person who amends a commit may keep its author. The seal tells it from the commit
//! itself: whoever changes a file, adds a commit or merges something makes a commit whose seal is missing or does not
//! fit. So a branch is wholly ours if and only if every commit on it has its seal (invariant 8); it is not a signature,
//! and whoever forges one lets us overwrite their own commit, nothing else.

use sha2::{Digest as _, Sha256};

const TRAILER: &str = "Tfmend-Seal: ";

/// The message with the seal for a tree as its last trailer.
pub(super) fn sealed(message: &str, tree: &str) -> String {
    let message = plain(message);
    format!("{message}\n{TRAILER}{}\n", of(&message, tree))
}

/// Whether a commit is one of ours, untouched.
pub(super) fn is_ours(message: &str, tree: &str, parents: usize) -> bool {
    let message = plain(message);
    parents == 1
        && message
            .rsplit_once('\n')
            .and_then(|(rest, last)| Some((rest, last.strip_prefix(TRAILER)?)))
            .is_some_and(|(rest, seal)| seal == of(rest.trim_end(), tree))
}

/// Whether two messages are the same; servers differ in how they end one.
pub(super) fn same(a: &str, b: &str) -> bool {
    plain(a) == plain(b)
}

fn plain(message: &str) -> String {
    message.replace("\r\n", "\n").trim_end().to_owned()
}

fn of(message: &str, tree: &str) -> String {
    let hash = Sha256::new()
        .chain_update(tree.as_bytes())
        .chain_update(b"\n")
        .chain_update(message.as_bytes())
        .finalize();
    hash[..8].iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    const OTHER: &str = "5b825dc642cb6eb9a060e54bf8d69288fbee4904";

    #[test]
    fn a_seal_fits_its_own_commit_only() {
        let message = sealed("Fix it\n\nWhy.\n\nRule: x\n", TREE);
        assert!(message.contains("\nRule: x\nTfmend-Seal: "), "{message}");
        assert!(is_ours(&message, TREE, 1));
        assert!(is_ours(message.trim_end(), TREE, 1), "a server trims");
        assert!(is_ours(&message.replace('\n', "\r\n"), TREE, 1));
        assert!(!is_ours(&message, OTHER, 1), "a file was amended");
        assert!(!is_ours(&message, TREE, 2), "a merge");
        assert!(!is_ours(&message, TREE, 0), "a root commit");
        assert!(!is_ours(&message.replace("Why", "What"), TREE, 1));
        assert!(!is_ours("Fix it", TREE, 1));
        assert!(!is_ours(&format!("{message}Signed-off-by: Jo\n"), TREE, 1));
        assert!(!is_ours("", TREE, 1));
    }

    #[test]
    fn the_same_change_has_the_same_message() {
        assert_eq!(sealed("a\n", TREE), sealed("a", TREE));
        assert_ne!(sealed("a", TREE), sealed("a", OTHER));
        assert!(same(&sealed("a", TREE), sealed("a", TREE).trim_end()));
    }
}
