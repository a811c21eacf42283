//! A file after edits that were asked for lately.
//!
//! A fix asks for one and the same edit again and again: to try it, to prove it, to show it, to write it. Putting it
//! in, aligning it and reading what comes out is done once. What is remembered belongs to the bytes it was made of.

use std::sync::{Arc, Mutex, PoisonError};

use super::EditError;
use crate::terraform::source::{Contents, Span};

/// So many are remembered for one file: more are tried on it only when it holds many blocks that need a fix.
const KEPT: usize = 3;

/// Splices: range of the original, and text.
pub(super) type Splices = Vec<(Span, String)>;

/// A file after its edits.
pub(crate) struct Edited {
    /// SHA-256 of the file before.
    pub(super) base: String,
    /// The file afterwards; it can be read.
    pub(super) contents: Arc<Contents>,
    /// The plain splices that give exactly these bytes, in order, disjoint.
    pub(super) splices: Splices,
}

/// What became of a file by the edits that were asked for last.
#[derive(Default)]
pub(crate) struct Recent(Mutex<Vec<(Splices, Arc<Edited>)>>);

impl Recent {
    /// What becomes of the file by these splices, as `make` says it when they are not remembered.
    ///
    /// # Errors
    /// Those of `make`, each time.
    pub(super) fn get(
        &self,
        wanted: Splices,
        make: impl FnOnce(Splices) -> Result<Edited, EditError>,
    ) -> Result<Arc<Edited>, EditError> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = lock().iter().find(|(known, _)| *known == wanted).cloned();
        if let Some((_, edited)) = found {
            return Ok(edited);
        }
        let edited = Arc::new(make(wanted.clone())?);
        let mut known = lock();
        if known.len() >= KEPT {
            known.remove(0);
        }
        known.push((wanted, Arc::clone(&edited)));
        Ok(edited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::RepoPath;

    fn edited(text: &str) -> Edited {
        let path = RepoPath::new("a.tf").unwrap();
        Edited {
            base: String::new(),
            contents: Arc::new(Contents::new(path, text.as_bytes().to_vec())),
            splices: Vec::new(),
        }
    }

    fn wanted(number: usize) -> Splices {
        vec![(number..number, "x".to_owned())]
    }

    #[test]
    fn the_same_splices_are_put_in_once_and_others_are_not_mixed_up() {
        let recent = Recent::default();
        let mut made = 0;
        let mut get = |number: usize| {
            let edited = recent.get(wanted(number), |_| {
                made += 1;
                Ok(edited(&number.to_string()))
            });
            (edited.unwrap().contents.text().to_owned(), made)
        };
        assert_eq!(get(1), ("1".to_owned(), 1));
        assert_eq!(get(1), ("1".to_owned(), 1));
        assert_eq!(get(2), ("2".to_owned(), 2));
        // The oldest goes when there are too many.
        for number in 3..=KEPT + 1 {
            get(number);
        }
        assert_eq!(get(2).1, KEPT + 1);
        assert_eq!(get(1), ("1".to_owned(), KEPT + 2));
    }

    #[test]
    fn a_failure_is_not_remembered() {
        let recent = Recent::default();
        let missing = || EditError::Missing(RepoPath::new("a.tf").unwrap());
        assert!(recent.get(wanted(1), |_| Err(missing())).is_err());
        assert!(recent.get(wanted(1), |_| Ok(edited("a"))).is_ok());
    }
}
