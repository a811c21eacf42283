//! journal (adapter).
