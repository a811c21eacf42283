//! Where the names of a module's code are mentioned: made once for a module, so that following a name costs what
//! mentions it and not a search through every file.

use std::hash::{BuildHasher as _, BuildHasherDefault};

use rustc_hash::{FxHashMap, FxHasher};

use crate::terraform::source::SourceFile;

/// Blocks by the hash of every word that follows a dot in them. A hash may stand for several words: who asks looks.
#[derive(Default)]
pub(super) struct Words {
    /// (number of the file in its module, number of the block in the file), in order.
    blocks: FxHashMap<u64, Vec<(u32, u32)>>,
    /// Files that have to be searched: JSON, and where a word of other letters ends only a reader of Unicode can tell.
    pub(super) unread: Vec<usize>,
}

impl Words {
    /// Of the files of a module. Files that cannot be read say nothing.
    pub(super) fn of(files: &[&SourceFile]) -> Self {
        let mut words = Self::default();
        for (number, file) in files.iter().enumerate() {
            let Ok(outline) = file.contents().outline() else {
                continue;
            };
            if outline.is_placed() && file.text().is_ascii() {
                for (item, _) in file.block_names() {
                    let (start, end) = outline.items()[item].place();
                    words.add(file.slice(start as usize..end as usize), number, item);
                }
            } else {
                words.unread.push(number);
            }
        }
        words
    }

    fn add(&mut self, text: &str, file: usize, item: usize) {
        let (Ok(file), Ok(item)) = (u32::try_from(file), u32::try_from(item)) else {
            self.unread.push(file);
            return;
        };
        let bytes = text.as_bytes();
        for dot in memchr::memchr_iter(b'.', bytes) {
            let after = &text[dot + 1..];
            let name = after.trim_start();
            let end = name
                .bytes()
                .position(|b| !(b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
                .unwrap_or(name.len());
            if end == 0 {
                continue;
            }
            let blocks = self.blocks.entry(hash(&name[..end])).or_default();
            if blocks.last() != Some(&(file, item)) {
                blocks.push((file, item));
            }
        }
    }

    /// The blocks that may mention a name: file and block.
    pub(super) fn mentioning(&self, name: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
        let found = self.blocks.get(&hash(name)).into_iter().flatten();
        found.map(|(file, item)| (*file as usize, *item as usize))
    }
}

fn hash(word: &str) -> u64 {
    BuildHasherDefault::<FxHasher>::default().hash_one(word)
}
