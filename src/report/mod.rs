//! report (adapter).
