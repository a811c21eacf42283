//! Terraform as written: files with spans, modules, addresses, partial values, edits, state.
//!
//! Pure: works on the bytes that [`crate::workspace`] hands it. Invariant 2 lives here (read spans,
//! write bytes, never print the tree), and the half of invariant 4 that says where a value is decided.

pub mod address;
pub mod data;
pub mod edit;
pub mod estate;
pub mod identity;
mod index;
pub mod module;
pub mod registry;
pub mod source;
pub mod state;
pub mod value;

pub use address::{Address, BlockAddress, InstanceKey, ModuleStep};
pub use edit::{Edit, EditError};
pub use estate::Estate;
pub use source::{RepoPath, SourceFile, Span};
pub use value::{Origin, Value};
