//! config (adapter).
