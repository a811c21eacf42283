//! forge (adapter).
