//! Reads a working tree into an [`crate::terraform::Estate`] and writes edits back.
