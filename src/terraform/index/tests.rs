//! The scan beside the parser: what it accepts the parser accepts, and both say the same.

use std::path::{Path, PathBuf};

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};
use hcl_edit::visit::{Visit, visit_block, visit_expr};

use super::Outline;
use crate::terraform::source::{RepoPath, SourceFile};

fn file(text: &str) -> SourceFile {
    SourceFile::new(RepoPath::new("a.tf").unwrap(), text.as_bytes().to_vec())
}

/// Every span in a block.
fn spans(block: &Block) -> Vec<Option<std::ops::Range<usize>>> {
    struct Spans(Vec<Option<std::ops::Range<usize>>>);
    impl Visit for Spans {
        fn visit_expr(&mut self, node: &Expression) {
            self.0.push(node.span());
            visit_expr(self, node);
        }
        fn visit_block(&mut self, node: &Block) {
            self.0.push(node.span());
            self.0.push(node.ident.span());
            self.0.extend(node.labels.iter().map(hcl_edit::Span::span));
            visit_block(self, node);
        }
    }
    let mut found = Spans(Vec::new());
    found.visit_block(block);
    found.0
}

/// What an outline says, spelled out.
fn said(outline: &Outline, text: &str) -> Vec<String> {
    let items = outline.items().iter();
    items
        .map(|item| {
            format!(
                "{} {:?} {:?} {} {:?} {:?} {}",
                outline.name(|| text, item),
                outline.label(|| text, item, 0),
                outline.label(|| text, item, 1),
                item.is_block(),
                item.place(),
                outline.source(|| text, item),
                item.has_backend(),
            )
        })
        .collect()
}

/// Whether the scan accepts the text; then everything must be as the parser says.
fn compare(text: &str) -> bool {
    let Some(outline) = Outline::scan(text) else {
        return false;
    };
    let whole = file(text);
    let body: &Body = match whole.body() {
        Ok(body) => body,
        Err(problem) => panic!("accepted, but {problem}:\n{text}"),
    };
    assert_eq!(
        said(&outline, text),
        said(&Outline::of_body(body, true), text),
        "{text}"
    );
    let alone = file(text);
    for (number, structure) in body.iter().enumerate() {
        match (structure.as_block(), alone.block(number)) {
            (Some(a), Some(b)) => {
                assert_eq!(a, b, "{text}");
                assert_eq!(spans(a), spans(b), "{text}");
            }
            (None, None) => {}
            _ => panic!("item {number} of\n{text}"),
        }
    }
    true
}

fn code_below(top: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![top.to_path_buf()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if path
            .extension()
            .is_some_and(|e| ["tf", "tfvars", "tofu", "hcl"].iter().any(|w| e == *w))
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// All HCL of testdata, and of a directory named by `TFMEND_CORPUS`, if one is.
fn corpus() -> Vec<String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = code_below(&own.join("testdata"));
    files.extend(code_below(&own.join("src/rules/catalogue")));
    if let Ok(more) = std::env::var("TFMEND_CORPUS") {
        files.extend(code_below(Path::new(&more)));
    }
    files
        .iter()
        .filter_map(|path| String::from_utf8(std::fs::read(path).ok()?).ok())
        .collect()
}

/// A small generator of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap()
    }
}

#[test]
fn real_files_are_outlined_as_the_parser_reads_them() {
    let files = corpus();
    let mut doubted = 0;
    for text in &files {
        let readable = file(text).body().is_ok();
        if !compare(text) && readable {
            doubted += 1;
        }
    }
    assert!(files.len() > 300, "{}", files.len());
    // Doubt costs time: it must stay the exception.
    assert!(doubted * 50 < files.len(), "{doubted} of {}", files.len());
}

#[test]
fn mutilated_files_are_never_accepted_against_the_parser() {
    const BITS: [&str; 44] = [
        "\"", "${", "%{", "}", "{", "[", "]", "(", ")", "=", "==", "\n", "\r\n", "\r", ",", "#",
        "//", "/*", "*/", "<<EOT\n", "<<-EOT\n", "EOT\n", "?", ":", ".", "...", "for ", "in", "if",
        " ", "-", "!", "a", "a = 1\n", "\\", "$${", "1e", "=>", "é", "\u{0}", "::", "~", "&&",
        "[*]",
    ];
    let files = corpus();
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let (mut accepted, mut tried) = (0, 0);
    for text in files.iter().filter(|t| t.len() < 4_000) {
        for _ in 0..12 {
            let mut changed = text.clone();
            for _ in 0..=dice.below(2) {
                let near = |dice: &mut Dice, text: &str| {
                    let mut at = dice.below(text.len() + 1);
                    while !text.is_char_boundary(at) {
                        at -= 1;
                    }
                    at
                };
                let (a, b) = (near(&mut dice, &changed), near(&mut dice, &changed));
                match dice.below(4) {
                    0 => changed.insert_str(a, BITS[dice.below(BITS.len())]),
                    1 => {
                        let mut end = a.max(b).min(a.min(b) + 3);
                        while !changed.is_char_boundary(end) {
                            end -= 1;
                        }
                        changed.replace_range(a.min(b)..end, "");
                    }
                    2 => changed.truncate(a),
                    _ => {
                        let end = a.max(b).min(a.min(b) + 40);
                        let part = changed.get(a.min(b)..end).unwrap_or_default().to_owned();
                        changed.insert_str(near(&mut dice, &changed), &part);
                    }
                }
            }
            tried += 1;
            accepted += usize::from(compare(&changed));
        }
    }
    assert!(
        tried > 3_000 && accepted > tried / 20,
        "{accepted} of {tried}"
    );
}

#[test]
fn odd_shapes_are_accepted_or_doubted_but_never_misread() {
    for (text, accepted) in [
        ("", true),
        ("a = 1", true),
        ("a = 1 # x", true),
        ("a {}", true),
        ("a \"b\" c {\n}\n", true),
        ("a { b = 1 }\n", true),
        ("a { b = 1\n}\n", false),
        ("a {\n b = 1 }\n", false),
        ("a = 1\na = 2\n", false),
        ("a = [1,\n 2\n]\n", true),
        ("a = {\n b = 1\n \"b\" = 2\n}\n", true),
        ("a = {\n b = 1\n b = 2\n}\n", false),
        ("a = f(x...)\n", true),
        ("a = f(x, )\n", true),
        ("a = [for k, v in x : k if v != null]\n", true),
        ("a = {for k, v in x : k => v... if v != null}\n", true),
        ("a = <<EOT\nx ${b} $${c}\n  EOT\nd = 1\n", true),
        ("a = <<EOT\nEOT\nb = 1\n", false),
        ("a = \"${b ? \"x\" : \"y\"}\"\n", true),
        ("a = \"%{ if b }x%{ endif }\"\n", false),
        ("a = x[0].b[*].c.0.d\n", true),
        ("a = -1 + 2 * (3 - 4) / 5 % 6\n", true),
        ("a = b ?\n c : d\n", false),
        ("a = (b ?\n c :\n d)\n", true),
        ("a = !b && c || d == e\n", true),
        ("a = 1.5e3\n", true),
        ("a = 1e400\n", false),
        ("é = 1\n", false),
        ("a = provider::x::y(1)\n", false),
        ("module \"m\" {\n  source = \"./m\"\n}\n", true),
        ("module \"m\" {\n  source = \"./${x}\"\n}\n", true),
        ("module \"m\" { source = \"./m\" }\n", true),
        ("terraform {\n  backend \"s3\" {}\n}\n", true),
        ("terraform {\n  cloud {\n  }\n}\n", true),
    ] {
        assert_eq!(compare(text), accepted, "{text:?}");
    }
    // Nothing of any depth overflows the stack.
    for open in ["[", "{", "(", "a = {\n b", "${", "\"${", "!", "-", "f("] {
        let text = format!("a = {}", open.repeat(50_000));
        assert!(Outline::scan(&text).is_none());
    }
    assert!(Outline::scan(&"a {\n".repeat(50_000)).is_none());
}
