//! The edit engine: exact results in the shapes real code has, refusals, and properties over thousands of random
//! edits with the real `terraform fmt` as the judge.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it skips"
)]

mod random_edits;

use std::path::Path;
use std::process::Command;

use random_edits::{Rng, change, outline, random_edit};
use tfmend::terraform::edit::{NewBlock, Pen, Scope, apply, diff, settle};
use tfmend::terraform::{Edit, EditError, Estate, RepoPath, SourceFile, Span};

fn path(name: &str) -> RepoPath {
    RepoPath::new(name).unwrap()
}

fn estate(text: impl AsRef<[u8]>) -> Estate {
    Estate::new([SourceFile::new(path("main.tf"), text.as_ref().to_vec())])
}

/// Applies what `make` wants of the file's first block.
fn edited(text: &str, make: impl Fn(&Pen<'_>, &hcl_edit::structure::Block) -> Vec<Edit>) -> String {
    let estate = estate(text);
    let edits = edits(&estate, make);
    let out = apply(&estate, &edits).unwrap();
    match out.into_values().next() {
        Some(bytes) => String::from_utf8(bytes).unwrap(),
        None => text.to_owned(),
    }
}

fn edits(
    estate: &Estate,
    make: impl Fn(&Pen<'_>, &hcl_edit::structure::Block) -> Vec<Edit>,
) -> Vec<Edit> {
    let file = estate.file(&path("main.tf")).unwrap();
    let block = file.body().unwrap().blocks().next().unwrap();
    make(&Pen::new(file), block)
}

fn set(text: &str, name: &str, value: &str) -> String {
    edited(text, |pen, block| pen.set_attribute(block, name, value))
}

#[test]
fn an_attribute_is_inserted_where_a_person_would_write_it() {
    // Behind the leading attributes, before tags; the chain is aligned again.
    assert_eq!(
        set(
            "resource \"a\" \"b\" {\n  count = 1\n\n  name = \"x\" # the name\n  kind = \"y\"\n\n  tags = {\n    a = 1\n  }\n}\n",
            "publicly_accessible",
            "false"
        ),
        "resource \"a\" \"b\" {\n  count = 1\n\n  name                = \"x\" # the name\n  kind                = \"y\"\n  publicly_accessible = false\n\n  tags = {\n    a = 1\n  }\n}\n"
    );
    // Apart from meta-arguments.
    assert_eq!(
        set("resource \"a\" \"b\" {\n  count = 1\n}\n", "x", "1"),
        "resource \"a\" \"b\" {\n  count = 1\n\n  x = 1\n}\n"
    );
    // Before nested blocks, behind a comment on the opening line.
    assert_eq!(
        set("r \"a\" \"b\" { # why\n  n {\n  }\n}\n", "x", "1"),
        "r \"a\" \"b\" { # why\n  x = 1\n\n  n {\n  }\n}\n"
    );
    // Empty blocks, with and without a line end, and blocks on one line.
    assert_eq!(
        set("r \"a\" \"b\" {}\n", "x", "1"),
        "r \"a\" \"b\" {\n  x = 1\n}\n"
    );
    assert_eq!(
        set("r \"a\" \"b\" {\n}\n", "x", "1"),
        "r \"a\" \"b\" {\n  x = 1\n}\n"
    );
    assert_eq!(
        set("r \"a\" \"b\" { enabled = false } # c", "mfa", "1"),
        "r \"a\" \"b\" {\n  enabled = false\n  mfa     = 1\n} # c"
    );
    // Behind a heredoc, whose text stays as it is.
    assert_eq!(
        set(
            "r \"a\" \"b\" {\n  policy = <<-EOF\n      {\n   }\n  EOF\n}\n",
            "longer_name",
            "1"
        ),
        "r \"a\" \"b\" {\n  policy      = <<-EOF\n      {\n   }\n  EOF\n  longer_name = 1\n}\n"
    );
}

#[test]
fn a_value_is_replaced_and_its_comment_stays() {
    assert_eq!(
        set(
            "r \"a\" \"b\" {\n  a = false # c1\n  bb = 1   # c2\n}\n",
            "a",
            "true"
        ),
        // The `=` chain was crooked before and stays so; the comments were not aligned either.
        "r \"a\" \"b\" {\n  a = true # c1\n  bb = 1   # c2\n}\n"
    );
    assert_eq!(
        set(
            "r \"a\" \"b\" {\n  a  = false # c1\n  bb = 1     # c2\n}\n",
            "a",
            "true"
        ),
        "r \"a\" \"b\" {\n  a  = true # c1\n  bb = 1    # c2\n}\n"
    );
    // A value that becomes a list of several lines splits the chain.
    assert_eq!(
        set(
            "r \"a\" \"b\" {\n  a     = 1\n  bb    = 1\n  ccccc = 1\n}\n",
            "bb",
            "[\n1,\n]"
        ),
        "r \"a\" \"b\" {\n  a = 1\n  bb = [\n    1,\n  ]\n  ccccc = 1\n}\n"
    );
    assert!(
        edits(&estate("r \"a\" \"b\" {\n  a = 1\n}\n"), |p, b| p
            .set_attribute(b, "a", "1"))
        .is_empty()
    );
}

#[test]
fn crlf_bom_and_invalid_bytes_are_kept() {
    let text = b"\xef\xbb\xbf# \xff\xfe caf\xe9\r\nr \"a\" \"b\" {\r\n  a = 1\r\n}\r\n";
    let estate = estate(text);
    let edits = edits(&estate, |pen, block| {
        pen.set_attribute(block, "long", "[\n1,\n]")
    });
    let out = apply(&estate, &edits)
        .unwrap()
        .into_values()
        .next()
        .unwrap();
    let expected = b"\xef\xbb\xbf# \xff\xfe caf\xe9\r\nr \"a\" \"b\" {\r\n  a = 1\r\n  long = [\r\n    1,\r\n  ]\r\n}\r\n";
    assert_eq!(out, expected);
}

#[test]
fn blocks_are_inserted_and_removed_with_the_right_blank_lines() {
    let options = NewBlock::new("metadata_options").attribute("http_tokens", "\"required\"");
    let ensure = |text: &str| edited(text, |p, b| p.ensure_block(b, &options));
    assert_eq!(
        ensure("r \"a\" \"b\" {\n  ami = 1\n\n  lifecycle {\n  }\n}\n"),
        "r \"a\" \"b\" {\n  ami = 1\n\n  metadata_options {\n    http_tokens = \"required\"\n  }\n\n  lifecycle {\n  }\n}\n"
    );
    assert_eq!(
        ensure(
            "r \"a\" \"b\" {\n  metadata_options {\n    http_tokens   = \"optional\" # old\n    http_endpoint = 1\n  }\n}\n"
        ),
        "r \"a\" \"b\" {\n  metadata_options {\n    http_tokens   = \"required\" # old\n    http_endpoint = 1\n  }\n}\n"
    );
    assert_eq!(
        ensure("r \"a\" \"b\" {\n  metadata_options {}\n}\n"),
        "r \"a\" \"b\" {\n  metadata_options {\n    http_tokens = \"required\"\n  }\n}\n"
    );
    assert_eq!(
        ensure("r \"a\" \"b\" {}\n"),
        "r \"a\" \"b\" {\n  metadata_options {\n    http_tokens = \"required\"\n  }\n}\n"
    );

    let remove = |text: &str| {
        edited(text, |p, b| {
            let gone: Vec<_> = b.body.get_blocks("ingress").collect();
            p.remove_blocks(b, &gone)
        })
    };
    assert_eq!(
        remove(
            "r \"a\" \"b\" {\n  a = 1\n\n  # SSH from anywhere\n  ingress {\n    x = 1\n  } # gone, too\n\n  egress {\n  }\n}\n"
        ),
        "r \"a\" \"b\" {\n  a = 1\n\n  egress {\n  }\n}\n"
    );
    assert_eq!(
        remove("r \"a\" \"b\" {\n  a = 1\n\n  ingress {\n  }\n\n  ingress {\n  }\n}\n"),
        "r \"a\" \"b\" {\n  a = 1\n}\n"
    );
    // A section's header stays, and so does a comment that may be about the next block as well.
    assert_eq!(
        remove(
            "r \"a\" \"b\" {\n  ######\n  # Rules\n  ######\n  ingress {\n  }\n\n  egress {\n  }\n}\n"
        ),
        "r \"a\" \"b\" {\n  ######\n  # Rules\n  ######\n\n  egress {\n  }\n}\n"
    );
    assert_eq!(
        remove("r \"a\" \"b\" {\n  # Rules\n  ingress {\n  }\n  egress {\n  }\n}\n"),
        "r \"a\" \"b\" {\n  # Rules\n  egress {\n  }\n}\n"
    );
    let replace = |text: &str| {
        edited(text, |p, b| {
            let gone: Vec<_> = b.body.get_blocks("ingress").collect();
            p.replace_blocks(b, &gone, "ingress", "[]")
        })
    };
    assert_eq!(
        replace(
            "r \"a\" \"b\" {\n  a = 1\n\n  ingress {\n    x = 1\n  }\n\n  ingress {\n    x = 1\n  }\n\n  egress {\n  }\n}\n"
        ),
        "r \"a\" \"b\" {\n  a = 1\n\n  ingress = []\n\n  egress {\n  }\n}\n"
    );
}

#[test]
fn top_level_blocks_come_and_go() {
    let text = "# licence\nr \"a\" \"b\" {}\n\n# about c\nr \"a\" \"c\" {}\n";
    let estate = estate(text);
    let file = estate.file(&path("main.tf")).unwrap();
    let body = file.body().unwrap();
    let blocks: Vec<_> = body.blocks().collect();
    let pen = Pen::new(file);
    let result = |edits: &[Edit]| {
        String::from_utf8(apply(&estate, edits).unwrap().into_values().next().unwrap()).unwrap()
    };
    assert_eq!(
        result(&pen.remove_block(body, blocks[1])),
        "# licence\nr \"a\" \"b\" {}\n"
    );
    assert_eq!(
        result(&pen.remove_block(body, blocks[0])),
        "# licence\n\n# about c\nr \"a\" \"c\" {}\n"
    );
    let new = NewBlock::resource("x", "y").attribute("a", "1");
    assert_eq!(
        result(&pen.insert_after(blocks[0], &new)),
        "# licence\nr \"a\" \"b\" {}\n\nresource \"x\" \"y\" {\n  a = 1\n}\n\n# about c\nr \"a\" \"c\" {}\n"
    );
    assert_eq!(
        result(&pen.append_block(&new)),
        format!("{text}\nresource \"x\" \"y\" {{\n  a = 1\n}}\n")
    );
}

#[test]
fn lists_keep_their_shape() {
    let list = |text: &str, make: &dyn Fn(&Pen<'_>, &hcl_edit::expr::Array) -> Vec<Edit>| {
        edited(&format!("r \"a\" \"b\" {{\n{text}\n}}\n"), |p, b| {
            make(
                p,
                b.body.get_attribute("l").unwrap().value.as_array().unwrap(),
            )
        })
        .trim_start_matches("r \"a\" \"b\" {\n")
        .trim_end_matches("\n}\n")
        .to_owned()
    };
    let drop = |text: &str, numbers: &[usize]| list(text, &|p, l| p.remove_elements(l, numbers));
    let add = |text: &str| list(text, &|p, l| p.append_element(l, "\"z\""));
    assert_eq!(
        drop("  l = [\"a\", \"b\", \"c\"]", &[1]),
        "  l = [\"a\", \"c\"]"
    );
    assert_eq!(
        drop("  l = [\"a\", \"b\", \"c\"]", &[2]),
        "  l = [\"a\", \"b\"]"
    );
    assert_eq!(
        drop("  l = [\"a\", \"b\", \"c\"]", &[0, 2]),
        "  l = [\"b\"]"
    );
    assert_eq!(drop("  l = [\"a\", \"b\",]", &[1]), "  l = [\"a\",]");
    assert_eq!(drop("  l = [\"a\"]", &[0]), "  l = []");
    assert_eq!(
        drop(
            "  l = [\n    \"a\", # one\n    # about b\n    \"b\", # two\n    # about c\n    \"c\",\n  ]",
            &[1]
        ),
        "  l = [\n    \"a\", # one\n    # about c\n    \"c\",\n  ]"
    );
    assert_eq!(
        drop("  l = [\n    \"a\",\n    \"b\"\n  ]", &[1]),
        "  l = [\n    \"a\"\n  ]"
    );
    assert_eq!(
        drop("  l = [\n    \"a\",\n    \"b\" # two\n  ]", &[0]),
        "  l = [\n    \"b\" # two\n  ]"
    );
    assert_eq!(add("  l = []"), "  l = [\"z\"]");
    assert_eq!(add("  l = [\"a\"]"), "  l = [\"a\", \"z\"]");
    assert_eq!(
        add("  l = [\n    \"a\"\n  ]"),
        "  l = [\n    \"a\",\n    \"z\"\n  ]"
    );
    assert_eq!(
        add("  l = [\n    \"a\", # one\n  ]"),
        "  l = [\n    \"a\", # one\n    \"z\",\n  ]"
    );
    assert_eq!(
        add("  l = [\n    \"a\" # one\n  ]"),
        "  l = [\n    \"a\", # one\n    \"z\",\n  ]"
    );
    assert_eq!(
        add("  l = [\n    # none yet\n  ]"),
        "  l = [\n    # none yet\n    \"z\",\n  ]"
    );
}

#[test]
fn edits_of_one_file_compose() {
    let text = "r \"a\" \"b\" { enabled = false }\n";
    let estate = estate(text);
    let both = |names: [&str; 2]| {
        let all: Vec<Edit> = names
            .iter()
            .flat_map(|n| edits(&estate, |p, b| p.set_attribute(b, n, "1")))
            .collect();
        String::from_utf8(apply(&estate, &all).unwrap().into_values().next().unwrap()).unwrap()
    };
    assert_eq!(
        both(["x", "yy"]),
        "r \"a\" \"b\" {\n  enabled = false\n  x       = 1\n  yy      = 1\n}\n"
    );
    assert_eq!(
        both(["x", "x"]),
        "r \"a\" \"b\" {\n  enabled = false\n  x       = 1\n}\n"
    );
    // Removing two neighbours in two edits is removing both.
    let list = self::estate("r \"a\" \"b\" {\n  l = [\"a\", \"b\"]\n}\n");
    let all: Vec<Edit> = [0, 1]
        .iter()
        .flat_map(|n| {
            edits(&list, |p, b| {
                p.remove_elements(
                    b.body.get_attribute("l").unwrap().value.as_array().unwrap(),
                    &[*n],
                )
            })
        })
        .collect();
    let out = apply(&list, &all).unwrap().into_values().next().unwrap();
    assert_eq!(out, b"r \"a\" \"b\" {\n  l = []\n}\n");
}

fn splice(estate: &Estate, range: Span, text: &str) -> Edit {
    let file = estate.file(&path("main.tf")).unwrap();
    Pen::new(file).splice(range, text)
}

#[test]
fn what_cannot_be_applied_is_refused_as_a_whole() {
    let text = "\u{e9} = 1\nb = 2\n";
    let estate = estate(text);
    let main = path("main.tf");
    let good = splice(&estate, 3..4, "==");
    assert!(matches!(apply(&estate, &[good]), Err(EditError::Broken(p, _)) if p == main));
    assert_eq!(
        apply(&estate, &[splice(&estate, 1..2, "x")]),
        Err(EditError::Range(main.clone(), 1, 2))
    );
    assert_eq!(
        apply(&estate, &[splice(&estate, 0..99, "x")]),
        Err(EditError::Range(main.clone(), 0, 99))
    );
    let a = splice(&estate, 5..6, "7");
    let b = splice(&estate, 5..6, "8");
    assert_eq!(
        apply(&estate, &[a.clone(), b]),
        Err(EditError::Overlap(main.clone(), 5))
    );
    assert!(apply(&estate, &[a.clone(), a.clone()]).is_ok());
    let later = self::estate("a = 2\n");
    assert_eq!(apply(&later, &[a]), Err(EditError::Stale(main.clone())));
    let elsewhere = Estate::new([]);
    assert_eq!(
        apply(&elsewhere, &[splice(&estate, 0..0, "")]),
        Err(EditError::Missing(main.clone()))
    );
    let new = Pen::new_file(main.clone(), &[]);
    assert_eq!(apply(&estate, &[new]), Err(EditError::Exists(main)));
    let bom = self::estate(b"\xef\xbb\xbfa = 1\n");
    assert!(matches!(
        apply(&bom, &[splice(&bom, 0..0, "b = 1\n")]),
        Err(EditError::Range(..))
    ));
    let json = Estate::new([SourceFile::new(path("p.json"), b"{}".to_vec())]);
    let file = json.file(&path("p.json")).unwrap();
    let broken = Pen::new(file).splice(1..1, "x");
    assert!(matches!(
        apply(&json, &[broken]),
        Err(EditError::Broken(..))
    ));
}

#[test]
fn new_files_for_two_fixes_hold_both() {
    let estate = Estate::new([]);
    let one = Pen::new_file(path("x.tf"), &[NewBlock::resource("a", "b")]);
    let two = Pen::new_file(path("x.tf"), &[NewBlock::resource("a", "c")]);
    let out = apply(&estate, &[one.clone(), two, one]).unwrap();
    assert_eq!(
        out.into_values().next().unwrap(),
        b"resource \"a\" \"b\" {}\n\nresource \"a\" \"c\" {}\n"
    );
}

#[test]
fn the_diff_is_one_that_git_applies() {
    let estate = estate("a = 1\nb = 2");
    let edit = splice(&estate, 4..5, "7");
    assert_eq!(
        diff(
            &estate,
            &[edit, Pen::new_file(path("n.tf"), &[NewBlock::new("x")])]
        )
        .unwrap(),
        "--- a/main.tf\n+++ b/main.tf\n@@ -1,2 +1,2 @@\n-a = 1\n+a = 7\n b = 2\n\\ No newline at end of file\n--- /dev/null\n+++ b/n.tf\n@@ -0,0 +1 @@\n+x {}\n"
    );
}

/// Terraform on PATH, or `None` after saying that the test was skipped.
fn terraform(test: &str) -> Option<()> {
    let there = Command::new("terraform")
        .arg("version")
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .output()
        .is_ok_and(|o| o.status.success());
    if there {
        return Some(());
    }
    assert!(
        std::env::var_os("TFMEND_NO_SKIP").is_none_or(|v| v != "1"),
        "{test}: no terraform on PATH, and TFMEND_NO_SKIP=1 forbids skipping"
    );
    println!("SKIPPED: {test}: no terraform on PATH");
    None
}

fn fmt(dir: &Path, check: bool) -> Vec<String> {
    let mut command = Command::new("terraform");
    command.args(["fmt", "-recursive", "-list=true"]);
    if check {
        command.arg("-check");
    }
    let out = command
        .arg(dir)
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert!(stderr.trim().is_empty(), "terraform fmt: {stderr}");
    String::from_utf8_lossy(&out.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// A random file in the manner of real ones; `terraform fmt` puts it in order afterwards.
fn random_file(rng: &mut Rng) -> String {
    let mut out = String::new();
    if rng.below(3) == 0 {
        out.push_str("# Copyright\n\n");
    }
    for n in 0..1 + rng.below(4) {
        if rng.below(3) == 0 {
            out.push_str("# about the next one\n");
        }
        out.push_str(&format!("resource \"aws_thing\" \"n{n}\" {{"));
        if rng.below(8) == 0 {
            out.push_str("}\n");
        } else {
            out.push_str(if rng.below(6) == 0 {
                " # opening\n"
            } else {
                "\n"
            });
            random_body(rng, &mut out, 0);
            out.push_str("}\n");
        }
        if rng.below(4) > 0 {
            out.push('\n');
        }
    }
    if rng.below(6) == 0 {
        out.truncate(out.trim_end().len());
    }
    if rng.below(5) == 0 {
        out = out.replace('\n', "\r\n");
    }
    out
}

fn random_body(rng: &mut Rng, out: &mut String, depth: usize) {
    const KEYS: [&str; 8] = [
        "a",
        "name",
        "cidr_blocks",
        "description",
        "kms_key_id",
        "tags",
        "x",
        "publicly_accessible",
    ];
    let mut used = Vec::new();
    for _ in 0..rng.below(7) {
        match rng.below(9) {
            0 => out.push('\n'),
            1 => out.push_str("# a comment\n"),
            2 if depth < 3 => {
                if rng.below(4) == 0 {
                    out.push_str("versioning { enabled = true }\n");
                } else {
                    out.push_str("ingress {\n");
                    random_body(rng, out, depth + 1);
                    out.push_str("}\n");
                }
            }
            _ => {
                let key = KEYS[rng.below(KEYS.len())];
                if used.contains(&key) {
                    continue;
                }
                used.push(key);
                let value = match rng.below(17) {
                    13 => "[{\na = 1\n}]",
                    14 => "[{\na = 1\n}, {\nb = 22\nccc = 3\n}]",
                    15 => "[\"one\", \"two\",\n\"three\"]",
                    11 => "[\n<<-EOT\n  one\nEOT\n]",
                    12 => "[\n<<-EOT\n  one\nEOT\n,\n\"two\",\n<<EOT\n  three\nEOT\n]",
                    0 => "[\"a\", \"b\", \"c\"]",
                    1 => "[\n\"a\", # one\n\"b\",\n\n# three\n\"c\"\n]",
                    2 => "[\n{ a = 1 },\n{\nb = 22 # x\nccc = 3 # y\n},\n]",
                    3 => "{\na = 1 # one\nlong_key = \"b${var.x[\"k\"]}\" # two\n}",
                    4 => "{ a = 1, b = 2 }",
                    5 => "<<-EOT\n      keep  = this\n    as it is\n  EOT",
                    6 => "<<EOF\n{\n  \"a\": \"${var.b}\"\n}\nEOF",
                    7 => "merge(local.tags, {\nName = \"x\"\n})",
                    8 => "var.a == \"}\" ? 1 : 2",
                    9 => {
                        "jsonencode({\nVersion = \"2012-10-17\"\nStatement = [{\nEffect = \"Deny\"\n}]\n})"
                    }
                    10 => "[]",
                    _ => "\"plain # no comment\"",
                };
                out.push_str(&format!("{key} = {value}"));
                if rng.below(3) == 0 && !value.starts_with("<<") {
                    out.push_str(" # why");
                }
                out.push('\n');
            }
        }
    }
}

/// Plain replacement of bytes, as anybody would do it.
fn plainly(before: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut out = before.to_vec();
    for edit in edits.iter().rev() {
        if let Edit::Splice { range, text, .. } = edit {
            out.splice(range.clone(), text.bytes());
        }
    }
    out
}

/// Every settled splice that no edit asked for moves spaces and nothing else.
fn only_spaces_elsewhere(before: &[u8], wanted: &[Edit], settled: &[Edit]) {
    for edit in settled {
        let Edit::Splice { range, text, .. } = edit else {
            continue;
        };
        let asked = wanted.iter().any(|w| {
            matches!(w, Edit::Splice { range: r, .. } if r.start <= range.end && range.start <= r.end)
        });
        let spaces =
            before[range.clone()].iter().all(|b| *b == b' ') && text.bytes().all(|b| b == b' ');
        assert!(asked || spaces, "bytes outside the edit changed: {edit:?}");
    }
}

#[test]
fn thousands_of_random_edits_keep_files_as_terraform_fmt_leaves_them() {
    const FILES: usize = 160;
    const EDITS: usize = 16;
    let test = "thousands_of_random_edits_keep_files_as_terraform_fmt_leaves_them";
    if terraform(test).is_none() {
        return;
    }
    let before = tempfile::tempdir().unwrap();
    let after = tempfile::tempdir().unwrap();
    // Another seed is another few thousand edits: TFMEND_SEED=7 cargo test --test edit
    let seed = std::env::var("TFMEND_SEED")
        .ok()
        .and_then(|s| s.parse().ok());
    let mut rng = Rng(seed.unwrap_or(20_260_101));
    for n in 0..FILES {
        std::fs::write(
            before.path().join(format!("f{n}.tf")),
            random_file(&mut rng),
        )
        .unwrap();
    }
    fmt(before.path(), false);
    let mut made = std::collections::BTreeMap::<&str, usize>::new();
    for n in 0..FILES {
        let bytes = std::fs::read(before.path().join(format!("f{n}.tf"))).unwrap();
        let estate = estate(&bytes);
        let file = estate.file(&path("main.tf")).unwrap();
        let told = outline(file);
        let mut previous: Option<Vec<Edit>> = None;
        for k in 0..EDITS {
            let Some(random) = random_edit(file, &mut rng) else {
                continue;
            };
            let result = apply(&estate, &random.edits).unwrap_or_else(|e| {
                panic!(
                    "{} on file {n}: {e}\n{}",
                    random.kind,
                    String::from_utf8_lossy(&bytes)
                )
            });
            let new = result.into_values().next().unwrap_or_else(|| bytes.clone());
            let show = || {
                format!(
                    "{} on\n{}\ngave\n{}",
                    random.kind,
                    String::from_utf8_lossy(&bytes),
                    String::from_utf8_lossy(&new)
                )
            };
            let changed = estate.with_edits(&random.edits).unwrap();
            let changed = changed.file(&path("main.tf")).unwrap();
            assert_eq!(
                change(&told, &outline(changed)),
                random.expected,
                "{}",
                show()
            );
            let settled = settle(&estate, &random.edits).unwrap();
            assert_eq!(plainly(&bytes, &settled), new, "{}", show());
            only_spaces_elsewhere(&bytes, &random.edits, &settled);
            let twice: Vec<Edit> = random.edits.iter().chain(&random.edits).cloned().collect();
            let again = apply(&estate, &twice).unwrap().into_values().next();
            assert_eq!(again.unwrap_or_else(|| bytes.clone()), new, "{}", show());
            std::fs::write(after.path().join(format!("f{n}-{k}.tf")), &new).unwrap();
            *made.entry(random.kind).or_default() += 1;
            if let Some(other) = previous.replace(random.edits.clone()) {
                composed(
                    &estate,
                    &other,
                    &random.edits,
                    &after.path().join(format!("f{n}-{k}c.tf")),
                );
            }
        }
    }
    let crooked = fmt(after.path(), true);
    let first = crooked.first().map(|f| {
        let text = std::fs::read_to_string(f).unwrap_or_default();
        let _ = fmt(after.path(), false);
        let fixed = std::fs::read_to_string(f).unwrap_or_default();
        format!("--- ours\n{text}\n--- terraform's\n{fixed}")
    });
    assert!(
        crooked.is_empty(),
        "{} of {made:?} are not as terraform fmt leaves them, first: {}",
        crooked.len(),
        first.unwrap_or_default()
    );
    assert!(made.len() >= 10, "every kind of edit is tried: {made:?}");
    assert!(made.values().sum::<usize>() > 1_000, "{made:?}");
}

/// Two edits together: the order does not matter, unless both insert at one offset.
fn composed(estate: &Estate, a: &[Edit], b: &[Edit], to: &Path) {
    let ab: Vec<Edit> = a.iter().chain(b).cloned().collect();
    let ba: Vec<Edit> = b.iter().chain(a).cloned().collect();
    let insertions = |edits: &[Edit]| -> Vec<usize> {
        edits
            .iter()
            .filter_map(|e| match e {
                Edit::Splice { range, .. } if range.is_empty() => Some(range.start),
                _ => None,
            })
            .collect()
    };
    let same_place = insertions(a).iter().any(|at| insertions(b).contains(at));
    match (apply(estate, &ab), apply(estate, &ba)) {
        (Ok(first), Ok(second)) => {
            if !same_place {
                assert_eq!(first, second);
            }
            if let Some(bytes) = first.into_values().next() {
                std::fs::write(to, bytes).unwrap();
            }
        }
        (Err(first), Err(second)) => {
            assert!(
                matches!(first, EditError::Overlap(..) | EditError::Broken(..)),
                "{first}"
            );
            assert_eq!(
                std::mem::discriminant(&first),
                std::mem::discriminant(&second)
            );
        }
        (first, second) => panic!("the order decides: {first:?} / {second:?}"),
    }
}

#[test]
fn a_scope_may_be_a_variable_file() {
    let estate = Estate::new([SourceFile::new(
        path("x.auto.tfvars"),
        b"a = 1\nlong = 2".to_vec(),
    )]);
    let file = estate.file(&path("x.auto.tfvars")).unwrap();
    let edits = Pen::new(file).set_attribute(Scope::File(file.body().unwrap()), "longest", "true");
    let out = apply(&estate, &edits)
        .unwrap()
        .into_values()
        .next()
        .unwrap();
    assert_eq!(out, b"a = 1\nlong = 2\nlongest = true");
}

#[test]
fn a_block_on_one_line_stays_on_one_line_where_the_value_does() {
    let text = "r \"a\" \"b\" { enabled = false }\n";
    assert_eq!(
        set(text, "enabled", "true"),
        "r \"a\" \"b\" { enabled = true }\n"
    );
    assert_eq!(
        set(text, "enabled", "[\n1,\n]"),
        "r \"a\" \"b\" {\n  enabled = [\n    1,\n  ]\n}\n"
    );
    assert_eq!(
        set(
            "r \"a\" \"b\" {\n    enabled = false\n}\n",
            "enabled",
            "[\n1,\n]"
        ),
        "r \"a\" \"b\" {\n    enabled = [\n      1,\n    ]\n}\n"
    );
    let same = "r \"a\" \"b\" {\n  l = [\n    1,\n  ]\n}\n";
    assert_eq!(set(same, "l", "[\n    1,\n  ]"), same);
}

#[test]
fn an_attribute_of_a_file_goes_behind_what_is_there() {
    let at_top = |text: &str| {
        let estate = estate(text);
        let file = estate.file(&path("main.tf")).unwrap();
        let edits = Pen::new(file).set_attribute(file.body().unwrap(), "x", "1");
        String::from_utf8(
            apply(&estate, &edits)
                .unwrap()
                .into_values()
                .next()
                .unwrap(),
        )
        .unwrap()
    };
    assert_eq!(at_top("a   = 1\nbcd = 2\n"), "a   = 1\nbcd = 2\nx   = 1\n");
    assert_eq!(at_top("r {\n}\n\n"), "r {\n}\nx = 1\n\n");
    assert_eq!(at_top("x = 2 # why\n"), "x = 1 # why\n");
}

#[test]
fn a_nested_block_is_the_one_with_the_same_labels() {
    let wanted = NewBlock::new("setting").label("b").attribute("x", "1");
    let ensure = |text: &str| edited(text, |p, b| p.ensure_block(b, &wanted));
    assert_eq!(
        ensure(
            "r \"a\" \"b\" {\n  setting \"a\" {\n    x = 2\n  }\n\n  setting \"b\" {\n    x = 2\n  }\n}\n"
        ),
        "r \"a\" \"b\" {\n  setting \"a\" {\n    x = 2\n  }\n\n  setting \"b\" {\n    x = 1\n  }\n}\n"
    );
    assert_eq!(
        ensure("r \"a\" \"b\" {\n  setting \"a\" {\n    x = 2\n  }\n}\n"),
        "r \"a\" \"b\" {\n  setting \"a\" {\n    x = 2\n  }\n\n  setting \"b\" {\n    x = 1\n  }\n}\n"
    );
    assert_eq!(
        ensure("r \"a\" \"b\" {\n  setting \"b\" \"c\" {\n    x = 2\n  }\n}\n"),
        "r \"a\" \"b\" {\n  setting \"b\" \"c\" {\n    x = 2\n  }\n\n  setting \"b\" {\n    x = 1\n  }\n}\n"
    );
}

#[test]
fn a_new_block_stands_apart_from_what_follows_at_once() {
    let text = "r \"a\" \"b\" {}\nr \"a\" \"c\" {}\n";
    let new = NewBlock::resource("x", "y");
    let after = |number: usize| {
        edited(text, |p, _| {
            let blocks: Vec<_> = p.file().body().unwrap().blocks().collect();
            p.insert_after(blocks[number], &new)
        })
    };
    assert_eq!(
        after(0),
        "r \"a\" \"b\" {}\n\nresource \"x\" \"y\" {}\n\nr \"a\" \"c\" {}\n"
    );
    assert_eq!(
        after(1),
        "r \"a\" \"b\" {}\nr \"a\" \"c\" {}\n\nresource \"x\" \"y\" {}\n"
    );
}

#[test]
fn two_texts_for_one_new_file_fit_together_only_as_hcl() {
    let estate = Estate::new([]);
    let new = |text: &str| Edit::NewFile {
        file: path("p.json"),
        text: text.to_owned(),
    };
    let one = apply(&estate, &[new("{}"), new("{}")]).unwrap();
    assert_eq!(one.into_values().next().unwrap(), b"{}");
    assert_eq!(
        apply(&estate, &[new("{}"), new("[]")]),
        Err(EditError::Overlap(path("p.json"), 0))
    );
}

/// What `make` does to the attribute `v` of a block.
fn in_attribute(
    text: &str,
    make: impl Fn(&Pen<'_>, &hcl_edit::expr::Expression) -> Vec<Edit>,
) -> String {
    edited(&format!("r \"a\" \"b\" {{\n{text}\n}}\n"), |p, b| {
        make(p, &b.body.get_attribute("v").unwrap().value)
    })
    .trim_start_matches("r \"a\" \"b\" {\n")
    .trim_end_matches("\n}\n")
    .to_owned()
}

fn drop_elements(text: &str, numbers: &[usize]) -> String {
    in_attribute(text, |p, v| {
        p.remove_elements(v.as_array().unwrap(), numbers)
    })
}

fn append_element(text: &str, value: &str) -> String {
    in_attribute(text, |p, v| p.append_element(v.as_array().unwrap(), value))
}

#[test]
fn an_entry_of_an_object_is_set_in_the_manner_of_its_neighbours() {
    let put = |text: &str, key: &str| {
        in_attribute(text, |p, v| p.set_entry(v.as_object().unwrap(), key, "9"))
    };
    assert_eq!(put("  v = { a = 1, b = 2 }", "a"), "  v = { a = 9, b = 2 }");
    assert_eq!(put("  v = { a = 1, b = 2 }", "b"), "  v = { a = 1, b = 9 }");
    assert_eq!(
        put("  v = { a = 1, \"b\" = 2 }", "b"),
        "  v = { a = 1, \"b\" = 9 }"
    );
    assert_eq!(put("  v = { b = 2 }", "\"b\""), "  v = { b = 9 }");
    assert_eq!(put("  v = { a = 1 }", "z"), "  v = { a = 1, z = 9 }");
    assert_eq!(
        put("  v = { \"a\" : 1 }", "\"z\""),
        "  v = { \"a\" : 1, \"z\" : 9 }"
    );
    assert_eq!(put("  v = {}", "z"), "  v = { z = 9 }");
    assert_eq!(
        put("  v = {\n    # none yet\n  }", "z"),
        "  v = {\n    # none yet\n    z = 9\n  }"
    );
    assert_eq!(
        put("  v = {\n    a = 1\n  }", "z"),
        "  v = {\n    a = 1\n    z = 9\n  }"
    );
    assert_eq!(
        put("  v = {\n    a = 1,\n  }", "z"),
        "  v = {\n    a = 1,\n    z = 9,\n  }"
    );
    assert_eq!(
        put("  v = {\n    a = <<EOF\nx\nEOF\n  }", "z"),
        "  v = {\n    a = <<EOF\nx\nEOF\n    z = 9\n  }"
    );
    let drop = |text: &str, numbers: &[usize]| {
        in_attribute(text, |p, v| {
            p.remove_entries(v.as_object().unwrap(), numbers)
        })
    };
    assert_eq!(drop("  v = { a = 1, b = 2 }", &[0]), "  v = { b = 2 }");
    assert_eq!(
        drop("  v = {\n    a = 1\n    b = 2 # two\n  }", &[1]),
        "  v = {\n    a = 1\n  }"
    );
}

#[test]
fn a_heredoc_in_a_list_keeps_its_comma_on_the_next_line() {
    let text = "  v = [\n    <<EOF\nx\nEOF\n    ,\n    \"b\",\n  ]";
    assert_eq!(drop_elements(text, &[0]), "  v = [\n    \"b\",\n  ]");
    assert_eq!(
        drop_elements(text, &[1]),
        "  v = [\n    <<EOF\nx\nEOF\n    ,\n  ]"
    );
    assert_eq!(
        append_element("  v = [\n    <<EOF\nx\nEOF\n    ,\n  ]", "\"z\""),
        "  v = [\n    <<EOF\nx\nEOF\n    ,\n    \"z\"\n  ]"
    );
    assert_eq!(
        append_element("  v = [\n    <<EOF\nx\nEOF\n  ]", "\"z\""),
        "  v = [\n    <<EOF\nx\nEOF\n    ,\n    \"z\"\n  ]"
    );
}

#[test]
fn objects_that_hug_the_brackets_of_a_list_stay_as_fmt_leaves_them() {
    let two = "  v = [{\n    a = 1\n    }, {\n    b = 2\n  }]";
    assert_eq!(drop_elements(two, &[0]), "  v = [{\n    b = 2\n  }]");
    assert_eq!(drop_elements(two, &[1]), "  v = [{\n    a = 1\n  }]");
    let three = "  v = [{\n    a = 1\n    }, {\n    b = 2\n    }, {\n    c = 3\n  }]";
    assert_eq!(
        drop_elements(three, &[1]),
        "  v = [{\n    a = 1\n    }, {\n    c = 3\n  }]"
    );
    assert_eq!(drop_elements(three, &[2]), two);
    assert_eq!(drop_elements(three, &[1, 2]), "  v = [{\n    a = 1\n  }]");
    assert_eq!(drop_elements(three, &[0, 1]), "  v = [{\n    c = 3\n  }]");
    // What follows is on one line, and opens nothing.
    assert_eq!(
        drop_elements("  v = [{\n    a = 1\n    }, {\n    b = 2\n  }, 3]", &[1]),
        "  v = [{\n    a = 1\n  }, 3]"
    );
    assert_eq!(
        append_element("  v = [{\n    a = 1\n  }]", "{\nc = 3\n}"),
        "  v = [{\n    a = 1\n    }, {\n    c = 3\n  }]"
    );
    assert_eq!(
        append_element("  v = [{\n    a = 1\n  }]", "3"),
        "  v = [{\n    a = 1\n  }, 3]"
    );
}

#[test]
fn several_elements_at_the_end_leave_no_comma_behind() {
    assert_eq!(
        drop_elements("  v = [\"a\", \"b\", \"c\"]", &[1, 2]),
        "  v = [\"a\"]"
    );
    assert_eq!(
        drop_elements("  v = [\"a\", \"b\", \"c\",]", &[1, 2]),
        "  v = [\"a\",]"
    );
    assert_eq!(
        drop_elements("  v = [\"a\", \"b\", \"c\", \"d\"]", &[0, 2, 3]),
        "  v = [\"b\"]"
    );
    assert_eq!(
        drop_elements("  v = [\n    \"a\", \"b\",\n    \"c\",\n  ]", &[1, 2]),
        "  v = [\n    \"a\",\n  ]"
    );
}

#[test]
fn elements_that_share_a_line_leave_it_to_the_others() {
    let text = "  v = [\n    \"a\", \"b\",\n    \"c\",\n  ]";
    assert_eq!(
        drop_elements(text, &[0]),
        "  v = [\n    \"b\",\n    \"c\",\n  ]"
    );
    assert_eq!(
        drop_elements(text, &[1]),
        "  v = [\n    \"a\",\n    \"c\",\n  ]"
    );
    assert_eq!(drop_elements(text, &[2]), "  v = [\n    \"a\", \"b\",\n  ]");
    assert_eq!(drop_elements(text, &[7]), text);
}

#[test]
fn a_block_comment_behind_a_value_belongs_to_its_line() {
    assert_eq!(
        set("r \"a\" \"b\" {\n  a = 1 /* why */\n}\n", "x", "1"),
        "r \"a\" \"b\" {\n  a = 1 /* why */\n  x = 1\n}\n"
    );
    assert_eq!(
        append_element("  v = [\n    \"a\" /* why */,\n  ]", "\"z\""),
        "  v = [\n    \"a\" /* why */,\n    \"z\",\n  ]"
    );
}

#[test]
fn what_stands_between_removed_blocks_stays() {
    let remove = |text: &str| {
        edited(text, |p, b| {
            let gone: Vec<_> = b.body.get_blocks("ingress").collect();
            p.remove_blocks(b, &gone)
        })
    };
    assert_eq!(
        remove("r \"a\" \"b\" {\n  ingress {\n  }\n\n  egress {\n  }\n\n  ingress {\n  }\n}\n"),
        "r \"a\" \"b\" {\n  egress {\n  }\n}\n"
    );
    // The last block of a file without a last line end, and the only one.
    let last = |text: &str| {
        let estate = estate(text);
        let file = estate.file(&path("main.tf")).unwrap();
        let body = file.body().unwrap();
        let edits = Pen::new(file).remove_block(body, body.blocks().last().unwrap());
        apply(&estate, &edits)
            .unwrap()
            .into_values()
            .next()
            .unwrap()
    };
    assert_eq!(last("a {}\n\nb {\n}"), b"a {}");
    assert_eq!(last("b {\n}"), b"");
    assert_eq!(last("a {}\r\n\r\nb {\r\n}\r\n"), b"a {}\r\n");
}

#[test]
fn the_first_line_has_the_line_ends_of_the_next_one() {
    let crlf = estate("a = [1]\r\nb = 2\r\n");
    let out = apply(&crlf, &[splice(&crlf, 5..6, "\n  3,\n")]).unwrap();
    assert_eq!(
        out.into_values().next().unwrap(),
        b"a = [\r\n  3,\r\n]\r\nb = 2\r\n"
    );
    let empty_first = estate("\na = 1\r\n");
    let out = apply(&empty_first, &[splice(&empty_first, 0..0, "b = 2\n")]).unwrap();
    assert_eq!(out.into_values().next().unwrap(), b"b = 2\n\na = 1\r\n");
    let none = estate("a = 1");
    let out = apply(&none, &[splice(&none, 5..5, "\nb = 2\n")]).unwrap();
    assert_eq!(out.into_values().next().unwrap(), b"a = 1\nb = 2\n");
}

#[test]
fn a_deletion_and_a_replacement_of_the_same_bytes_are_a_conflict() {
    let estate = estate("a = 12345\n");
    let delete = splice(&estate, 4..7, "");
    let replace = splice(&estate, 6..9, "8");
    for order in [[&delete, &replace], [&replace, &delete]] {
        let edits: Vec<Edit> = order.into_iter().cloned().collect();
        assert_eq!(
            apply(&estate, &edits),
            Err(EditError::Overlap(path("main.tf"), 6))
        );
    }
    let other = splice(&estate, 4..7, "8");
    let deletes = splice(&estate, 6..9, "");
    assert_eq!(
        apply(&estate, &[other, deletes]),
        Err(EditError::Overlap(path("main.tf"), 6))
    );
    let both = [delete, splice(&estate, 6..8, "")];
    assert_eq!(
        apply(&estate, &both).unwrap().into_values().next().unwrap(),
        b"a = 5\n"
    );
}

#[test]
fn an_edit_adds_no_key_that_stands_there_already() {
    let main = path("main.tf");
    let text = "a = {\n  k = 1\n}\nb = {\n  m = 1\n  m = 2\n}\n";
    let estate = estate(text);
    let file = estate.file(&main).unwrap();
    let insert = |before: &str| {
        let at = text.find(before).unwrap();
        let edit = Pen::new(file).splice(at..at, "k = 3\n  ".to_owned());
        apply(&estate, &[edit])
    };
    assert!(matches!(insert("k = 1"), Err(EditError::Broken(p, _)) if p == main));
    // What stands twice already is the author's.
    let out = insert("m = 2").unwrap();
    assert!(String::from_utf8_lossy(&out[&main]).contains("m = 1\n  k = 3\n  m = 2\n"));
}
