//! intake (adapter).
