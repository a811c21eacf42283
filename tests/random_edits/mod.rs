//! Random edits of every kind the pen knows, with what each must change in the parsed file and nothing else.

use std::collections::BTreeMap;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};
use tfmend::terraform::edit::{NewBlock, Pen, Scope};
use tfmend::terraform::{Edit, SourceFile};

/// Small, seeded, good enough (splitmix64).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        if from.is_empty() {
            None
        } else {
            from.get(self.below(from.len()))
        }
    }
}

/// What a parsed file says, without its layout: how often each `path = value` and block stands in it.
pub(crate) type Outline = BTreeMap<String, i64>;

pub(crate) fn outline(file: &SourceFile) -> Outline {
    let mut out = Outline::new();
    if let Ok(body) = file.body() {
        walk(file, body, "", &mut out);
    }
    out
}

/// A value's text without white space and comments.
fn squeeze(file: &SourceFile, value: &Expression) -> String {
    match value {
        Expression::Array(list) => {
            let items: Vec<String> = list.iter().map(|e| squeeze(file, e)).collect();
            format!("[{}]", items.join(","))
        }
        Expression::Object(object) => {
            let items: Vec<String> = object
                .iter()
                .map(|(k, v)| {
                    let key = k
                        .span()
                        .map_or("", |s| file.slice(s))
                        .trim()
                        .trim_matches('"');
                    format!("{key}={}", squeeze(file, v.expr()))
                })
                .collect();
            format!("{{{}}}", items.join(","))
        }
        other => {
            let text = other.span().map_or("", |s| file.slice(s));
            text.split_whitespace().collect()
        }
    }
}

fn header(block: &Block, path: &str) -> String {
    let labels: Vec<&str> = block.labels.iter().map(|l| l.as_str()).collect();
    format!("{path}/{} {}", block.ident.as_str(), labels.join(" "))
}

fn walk(file: &SourceFile, body: &Body, path: &str, out: &mut Outline) {
    for structure in body {
        match structure {
            Structure::Attribute(a) => {
                let entry = format!("{path}.{}={}", a.key.as_str(), squeeze(file, &a.value));
                *out.entry(entry).or_default() += 1;
            }
            Structure::Block(b) => {
                let path = header(b, path);
                *out.entry(path.clone()).or_default() += 1;
                walk(file, &b.body, &path, out);
            }
        }
    }
}

/// after − before, without zeros.
pub(crate) fn change(before: &Outline, after: &Outline) -> Outline {
    let mut out = after.clone();
    for (k, n) in before {
        *out.entry(k.clone()).or_default() -= n;
    }
    out.retain(|_, n| *n != 0);
    out
}

/// An edit with its kind and what it must change.
pub(crate) struct Random {
    pub(crate) kind: &'static str,
    pub(crate) edits: Vec<Edit>,
    pub(crate) expected: Outline,
}

#[derive(Clone)]
struct Place<'b> {
    scope: Scope<'b>,
    path: String,
}

fn places<'b>(scope: Scope<'b>, path: String, out: &mut Vec<Place<'b>>) {
    for block in scope.body().blocks() {
        places(Scope::Block(block), header(block, &path), out);
    }
    out.push(Place { scope, path });
}

fn note(expected: &mut Outline, entry: String, n: i64) {
    *expected.entry(entry).or_default() += n;
}

const VALUES: [&str; 8] = [
    "true",
    "\"Enabled\"",
    "14",
    "[]",
    "var.some_quite_long_variable_name_indeed",
    "[\n\"10.0.0.0/8\",\n\"192.168.0.0/16\",\n]",
    "{\nName = \"a\"\nLongerName = \"b\"\n}",
    "aws_kms_key.this.arn",
];
const NAMES: [&str; 5] = [
    "zz",
    "zz_enabled",
    "zz_a_very_long_attribute_name",
    "zz_kms_key_id",
    "zz_1",
];

/// One random edit of the file, or `None` where the chosen kind does not fit.
pub(crate) fn random_edit(file: &SourceFile, rng: &mut Rng) -> Option<Random> {
    let body = file.body().ok()?;
    let tfvars = file.path().file_name().ends_with(".tfvars");
    let mut all = Vec::new();
    places(Scope::File(body), String::new(), &mut all);
    let place = rng.pick(&all)?.clone();
    let top = matches!(place.scope, Scope::File(_));
    let pen = Pen::new(file);
    let mut expected = Outline::new();
    let attributes: Vec<_> = place.scope.body().attributes().collect();
    let blocks: Vec<&Block> = place.scope.body().blocks().collect();
    let value = *rng.pick(&VALUES)?;
    let flat: String = value
        .replace(",\n]", "]")
        .replace("\n]", "]")
        .replace("[\n", "[")
        .replace("{\n", "{")
        .replace("\n}", "}")
        .replace(",\n", ",")
        .replace('\n', ",")
        .split_whitespace()
        .collect();
    let (kind, edits) = match rng.below(12) {
        0 | 1 => {
            let a = rng.pick(&attributes)?;
            let old = squeeze(file, &a.value);
            note(
                &mut expected,
                format!("{}.{}={old}", place.path, a.key.as_str()),
                -1,
            );
            note(
                &mut expected,
                format!("{}.{}={flat}", place.path, a.key.as_str()),
                1,
            );
            ("set", pen.set_attribute(place.scope, a.key.as_str(), value))
        }
        2 | 3 => {
            if top && !tfvars {
                return None;
            }
            let name = rng.pick(&NAMES)?;
            if place.scope.body().has_attribute(name) {
                return None;
            }
            note(&mut expected, format!("{}.{name}={flat}", place.path), 1);
            let sibling = rng
                .pick(&attributes)
                .map(|a| a.key.as_str())
                .filter(|_| value.len() % 2 == 0);
            (
                "insert",
                pen.set_attribute_after(place.scope, sibling, name, value),
            )
        }
        4 => {
            let a = rng.pick(&attributes)?;
            let old = squeeze(file, &a.value);
            note(
                &mut expected,
                format!("{}.{}={old}", place.path, a.key.as_str()),
                -1,
            );
            (
                "remove-attribute",
                pen.remove_attribute(place.scope, a.key.as_str()),
            )
        }
        5 => {
            let count = 1 + rng.below(blocks.len().min(3));
            let first = rng.below(blocks.len());
            let chosen: Vec<&Block> = blocks.iter().copied().skip(first).take(count).collect();
            if chosen.is_empty() {
                return None;
            }
            for block in &chosen {
                let path = header(block, &place.path);
                let mut gone = Outline::new();
                walk(file, &block.body, &path, &mut gone);
                note(&mut expected, path, -1);
                for (k, n) in gone {
                    note(&mut expected, k, -n);
                }
            }
            ("remove-blocks", pen.remove_blocks(place.scope, &chosen))
        }
        6 => {
            if top {
                return None;
            }
            let new = NewBlock::new("zz_options")
                .attribute("http_tokens", "\"required\"")
                .attribute("zz", "true")
                .block(NewBlock::new("deeper").attribute("a", "1"));
            let path = format!("{}/zz_options ", place.path);
            for entry in [
                path.clone(),
                format!("{path}.http_tokens=\"required\""),
                format!("{path}.zz=true"),
                format!("{path}/deeper "),
                format!("{path}/deeper .a=1"),
            ] {
                note(&mut expected, entry, 1);
            }
            if place.scope.body().has_blocks("zz_options") {
                return None;
            }
            ("insert-block", pen.ensure_block(place.scope, &new))
        }
        7 => {
            let block = rng.pick(&blocks)?;
            if tfvars {
                return None;
            }
            let new = NewBlock::resource("aws_zz", "zz")
                .attribute("bucket", "aws_s3_bucket.this.id")
                .attribute("block_public_acls", "true")
                .comment("why");
            let path = format!("{}/resource aws_zz zz", if top { "" } else { return None });
            for entry in [
                path.clone(),
                format!("{path}.bucket=aws_s3_bucket.this.id"),
                format!("{path}.block_public_acls=true"),
            ] {
                note(&mut expected, entry, 1);
            }
            if value.len() % 3 == 0 {
                ("append-block", pen.append_block(&new))
            } else {
                ("insert-after", pen.insert_after(block, &new))
            }
        }
        8 | 9 => {
            let lists: Vec<_> = attributes
                .iter()
                .filter_map(|a| Some((a.key.as_str(), a.value.as_array()?, &a.value)))
                .collect();
            let (key, list, whole) = *rng.pick(&lists)?;
            let numbers: Vec<usize> = (0..list.len()).filter(|_| rng.below(2) == 0).collect();
            let old: Vec<String> = list.iter().map(|e| squeeze(file, e)).collect();
            let kept: Vec<String> = old
                .iter()
                .enumerate()
                .filter(|(i, _)| !numbers.contains(i))
                .map(|(_, e)| e.clone())
                .collect();
            note(
                &mut expected,
                format!("{}.{key}={}", place.path, squeeze(file, whole)),
                -1,
            );
            note(
                &mut expected,
                format!("{}.{key}=[{}]", place.path, kept.join(",")),
                1,
            );
            ("remove-elements", pen.remove_elements(list, &numbers))
        }
        10 => {
            let lists: Vec<_> = attributes
                .iter()
                .filter_map(|a| Some((a.key.as_str(), a.value.as_array()?)))
                .collect();
            let (key, list) = *rng.pick(&lists)?;
            let mut items: Vec<String> = list.iter().map(|e| squeeze(file, e)).collect();
            note(
                &mut expected,
                format!("{}.{key}=[{}]", place.path, items.join(",")),
                -1,
            );
            items.push("\"10.9.0.0/16\"".to_owned());
            note(
                &mut expected,
                format!("{}.{key}=[{}]", place.path, items.join(",")),
                1,
            );
            (
                "append-element",
                pen.append_element(list, "\"10.9.0.0/16\""),
            )
        }
        _ => {
            let objects: Vec<_> = attributes
                .iter()
                .filter_map(|a| Some((a.key.as_str(), a.value.as_object()?, &a.value)))
                .collect();
            let (key, object, whole) = *rng.pick(&objects)?;
            let old = squeeze(file, whole);
            let inner = &old[1..old.len() - 1];
            let comma = if inner.is_empty() { "" } else { "," };
            note(&mut expected, format!("{}.{key}={old}", place.path), -1);
            note(
                &mut expected,
                format!("{}.{key}={{{inner}{comma}zz_owner=\"x\"}}", place.path),
                1,
            );
            ("set-entry", pen.set_entry(object, "zz_owner", "\"x\""))
        }
    };
    expected.retain(|_, n| *n != 0);
    Some(Random {
        kind,
        edits,
        expected,
    })
}
