use serde_json::{Value as Json, json};

use super::*;
use crate::terraform::Estate;
use crate::terraform::edit::apply;

const YAML: &str = "\
# databases
defaults: &defaults
  class: small   # the usual
  public: yes
databases:
  dev:
    <<: *defaults
    storage: 20
  prod:
    class: 'large'
    public: no

  # the last one
  test: {class: small, public: True}
shared:
  - all   # why?
  - \"222233334444\"
flow: [all, other]
";

const JSON: &str = "{\n  \"dev\": {\n    \"public\": true,\n    \"tags\": []\n  },\n  \"prod\": {\"public\": \"false\"},\n  \"shared\": [\n    \"all\",\n    \"222233334444\"\n  ]\n}\n";

fn file(name: &str, text: &str) -> SourceFile {
    SourceFile::new(RepoPath::new(name).unwrap(), text.as_bytes().to_vec())
}

/// The node at a path of keys and numbers.
fn node(file: &SourceFile, path: &[&str]) -> Node {
    let mut node = root(file).unwrap();
    for step in path {
        node = match &node.content {
            Content::List(items) => items[step.parse::<usize>().unwrap()].clone(),
            _ => node.entry(step).unwrap().value.clone(),
        };
    }
    node
}

fn edited(file: &SourceFile, edits: &[Edit]) -> String {
    let estate = Estate::new([SourceFile::new(file.path().clone(), file.bytes().to_vec())]);
    let mut out = apply(&estate, edits).unwrap();
    String::from_utf8(out.remove(file.path()).unwrap()).unwrap()
}

/// What is new: the lines of `after` that `before` does not have, and how many went.
fn difference(before: &str, after: &str) -> (Vec<String>, usize) {
    let has = |text: &str, line: &str| text.lines().any(|l| l == line);
    let new = after.lines().filter(|l| !has(before, l));
    let gone = before.lines().filter(|l| !has(after, l)).count();
    (new.map(str::to_owned).collect(), gone)
}

fn replaced(file: &SourceFile, path: &[&str], value: &Json) -> Option<(Vec<String>, usize)> {
    let (_, edits) = replace(file, &node(file, path).span, |_| Some(value.clone()))?;
    Some(difference(file.text(), &edited(file, &edits)))
}

#[test]
fn a_scalar_is_replaced_in_the_words_of_the_file() {
    let yaml = file("a.yaml", YAML);
    let one = |path: &[&str], value: Json, line: &str| {
        assert_eq!(
            replaced(&yaml, path, &value),
            Some((vec![line.to_owned()], 1)),
            "{path:?}"
        );
    };
    one(
        &["defaults", "class"],
        json!("medium"),
        "  class: medium   # the usual",
    );
    one(
        &["databases", "prod", "class"],
        json!("medium"),
        "    class: 'medium'",
    );
    one(
        &["databases", "prod", "class"],
        json!("it's"),
        "    class: \"it's\"",
    );
    one(
        &["databases", "prod", "class"],
        json!(null),
        "    class: null",
    );
    one(
        &["databases", "test", "public"],
        json!(false),
        "  test: {class: small, public: False}",
    );
    one(
        &["databases", "dev", "storage"],
        json!(30),
        "    storage: 30",
    );
    let json_file = file("a.json", JSON);
    assert_eq!(
        replaced(&json_file, &["dev", "public"], &json!(false)),
        Some((vec!["    \"public\": false,".to_owned()], 1))
    );
    // Text stays text.
    assert_eq!(
        replaced(&json_file, &["prod", "public"], &json!(true)),
        Some((vec!["  \"prod\": {\"public\": \"true\"},".to_owned()], 1))
    );
}

#[test]
fn an_anchored_value_is_replaced_for_all_who_have_it_from_there() {
    let yaml = file("a.yaml", YAML);
    let own = node(&yaml, &["defaults", "public"]).span;
    assert_eq!(node(&yaml, &["databases", "dev", "public"]).span, own);
    assert_eq!(
        replaced(&yaml, &["defaults", "public"], &json!(false)),
        Some((vec!["  public: no".to_owned()], 1))
    );
    assert_eq!(
        borrowers(&yaml, &own),
        [(node(&yaml, &["databases", "dev"]).span, "public".to_owned())]
    );
}

#[test]
fn what_an_alias_repeats_changes_where_it_is_written() {
    let text = "a: &x true\nb: *x\nc: &m {k: 1}\nd: *m\n";
    let yaml = file("a.yml", text);
    // Both have one place, and whoever asks what it decides hears of both.
    assert_eq!(node(&yaml, &["a"]).span, node(&yaml, &["b"]).span);
    assert_eq!(
        replaced(&yaml, &["b"], &json!(false)),
        Some((vec!["a: &x false".to_owned()], 1))
    );
    let edits = set_key(&yaml, &node(&yaml, &["d"]).span, "l", &json!(2)).unwrap();
    assert_eq!(
        difference(text, &edited(&yaml, &edits)),
        (vec!["c: &m {k: 1, l: 2}".to_owned()], 1)
    );
}

#[test]
fn a_key_is_added_as_the_others_are_written() {
    let added = |file: &SourceFile, path: &[&str], key: &str, value: Json| {
        let edits = set_key(file, &node(file, path).span, key, &value)?;
        Some(difference(file.text(), &edited(file, &edits)))
    };
    let yaml = file("a.yaml", YAML);
    let line = |text: &str| Some((vec![text.to_owned()], 0));
    assert_eq!(
        added(&yaml, &["databases", "dev"], "public", json!(false)),
        line("    public: false")
    );
    assert_eq!(
        added(&yaml, &["databases", "prod"], "tier", json!("a b")),
        line("    tier: \"a b\"")
    );
    assert_eq!(
        added(&yaml, &["databases", "test"], "x", json!(1)),
        Some((
            vec!["  test: {class: small, public: True, x: 1}".to_owned()],
            1
        ))
    );
    // `defaults` is repeated by an alias: what is added would reach further.
    assert_eq!(added(&yaml, &["defaults"], "x", json!(1)), None);
    assert_eq!(added(&yaml, &[], "x", json!(1)), line("x: 1"));
    let sequence = file("b.yaml", "list:\n  - name: a\n    k: 1\n  - name: b\n");
    for number in ["0", "1"] {
        assert_eq!(
            added(&sequence, &["list", number], "public", json!(false)),
            line("    public: false")
        );
    }
    let json_file = file("a.json", JSON);
    assert_eq!(
        added(&json_file, &["dev"], "x", json!("y")),
        Some((
            vec![
                "    \"tags\": [],".to_owned(),
                "    \"x\": \"y\"".to_owned()
            ],
            1
        ))
    );
    assert_eq!(
        added(&json_file, &["prod"], "x", json!(true)),
        Some((
            vec!["  \"prod\": {\"public\": \"false\", \"x\": true},".to_owned()],
            1
        ))
    );
    let empty = file("c.json", "{\"dev\": {}}");
    assert_eq!(
        added(&empty, &["dev"], "x", json!(true)),
        Some((vec!["{\"dev\": {\"x\": true}}".to_owned()], 1))
    );
}

#[test]
fn elements_come_and_go_with_their_lines() {
    let without = |file: &SourceFile, path: &[&str], numbers: &[usize]| {
        let span = node(file, path).span;
        let holder = holders(file, &span).into_iter().next()?;
        let edits = remove(file, &holder, numbers)?;
        Some(difference(file.text(), &edited(file, &edits)))
    };
    let yaml = file("a.yaml", YAML);
    assert_eq!(without(&yaml, &["shared", "0"], &[0]), Some((vec![], 1)));
    assert_eq!(
        without(&yaml, &["shared", "0"], &[0, 1]),
        Some((vec!["shared: []".to_owned()], 3))
    );
    assert_eq!(
        without(&yaml, &["flow", "0"], &[0]),
        Some((vec!["flow: [other]".to_owned()], 1))
    );
    assert_eq!(
        without(&yaml, &["flow", "1"], &[1]),
        Some((vec!["flow: [all]".to_owned()], 1))
    );
    let json_file = file("a.json", JSON);
    assert_eq!(
        without(&json_file, &["shared", "0"], &[0]),
        Some((vec![], 1))
    );
    assert_eq!(
        without(&json_file, &["shared", "1"], &[1]),
        Some((vec!["    \"all\"".to_owned()], 2))
    );
    let appended = |file: &SourceFile, path: &[&str]| {
        let edits = append(file, &node(file, path).span, &json!("new"))?;
        Some(difference(file.text(), &edited(file, &edits)))
    };
    assert_eq!(
        appended(&yaml, &["shared"]),
        Some((vec!["  - \"new\"".to_owned()], 0))
    );
    assert_eq!(
        appended(&yaml, &["flow"]),
        Some((vec!["flow: [all, other, new]".to_owned()], 1))
    );
    assert_eq!(
        appended(&json_file, &["shared"]),
        Some((
            vec!["    \"222233334444\",".to_owned(), "    \"new\"".to_owned()],
            1
        ))
    );
}

#[test]
fn line_ends_and_last_lines_are_kept() {
    let crlf = file("a.yaml", "a:\r\n  b: yes # x\r\n  c: 1\r\n");
    let (_, edits) = replace(&crlf, &node(&crlf, &["a", "b"]).span, |_| {
        Some(json!(false))
    })
    .unwrap();
    assert_eq!(edited(&crlf, &edits), "a:\r\n  b: no # x\r\n  c: 1\r\n");
    let edits = set_key(&crlf, &node(&crlf, &["a"]).span, "d", &json!(2)).unwrap();
    assert_eq!(
        edited(&crlf, &edits),
        "a:\r\n  b: yes # x\r\n  c: 1\r\n  d: 2\r\n"
    );
    let open = file("a.yaml", "a:\n  b: 1");
    let edits = set_key(&open, &node(&open, &["a"]).span, "c", &json!(2)).unwrap();
    assert_eq!(edited(&open, &edits), "a:\n  b: 1\n  c: 2");
}

#[test]
fn a_form_that_would_say_something_else_is_left_alone() {
    // A block scalar at the end: a line behind it would be part of it, or not.
    let block = file("a.yaml", "a:\n  t: |\n    text\n\nb: 1\n");
    if let Some(edits) = set_key(&block, &node(&block, &["a"]).span, "k", &json!(1)) {
        let after = edited(&block, &edits);
        assert_eq!(
            node(&file("a.yaml", &after), &["a", "k"]).content,
            Content::Number(1.0)
        );
        assert_eq!(
            node(&file("a.yaml", &after), &["a", "t"]).content,
            Content::String("text\n".to_owned())
        );
    }
    // Several documents, and tabs, are not read at all.
    for odd in ["a: 1\n---\nb: 2\n", "\ta: 1\n"] {
        let odd = file("a.yaml", odd);
        assert_eq!(at(&odd, &(3..4)), None);
        assert_eq!(replace(&odd, &(3..4), |_| Some(json!(2))), None);
    }
}
