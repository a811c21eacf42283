//! tfmend
