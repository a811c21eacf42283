//! What has to be known of every file before one of them is looked at closely: cheap to make, small to keep.

mod outline;
mod scan;
#[cfg(test)]
mod tests;

pub(crate) use outline::{Item, Outline};
pub(crate) use scan::mended;
