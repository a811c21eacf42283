//! The house keeps its shape: layers, purity, sizes, and that no module is named after nothing.

#![allow(clippy::unwrap_used)] // a test may stop here

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules in travelling order with what each may use of the others. `outcome` is the vocabulary of the end.
const LAYERS: &[(&str, &[&str])] = &[
    ("finding", &[]),
    ("terraform", &[]),
    ("refusal", &["terraform"]),
    ("rules", &["finding", "terraform", "refusal"]),
    ("locate", &["finding", "rules", "terraform", "refusal"]),
    (
        "remedy",
        &["finding", "rules", "terraform", "refusal", "locate"],
    ),
    (
        "policy",
        &[
            "finding",
            "rules",
            "terraform",
            "locate",
            "remedy",
            "refusal",
            "config",
        ],
    ),
    ("ownership", &["terraform"]),
    (
        "pull_request",
        &[
            "ownership",
            "finding",
            "rules",
            "terraform",
            "locate",
            "remedy",
            "outcome",
        ],
    ),
    // Adapters: never each other.
    ("workspace", &["terraform"]),
    // A session is what the others that ask a cloud stand on.
    ("cloud", &[]),
    ("intake", &["finding", "cloud"]),
    ("forge", &["pull_request", "terraform"]),
    ("journal", &["finding"]),
    // The live cloud: what is allowed, then the one place that acts.
    ("approval", &["policy"]),
    (
        "emergency",
        &[
            "approval", "cloud", "config", "finding", "journal", "policy", "remedy", "rules",
        ],
    ),
    ("notify", &["finding", "cloud", "pull_request", "outcome"]),
    // The rest.
    (
        "config",
        &["finding", "rules", "locate", "remedy", "terraform"],
    ),
    (
        "outcome",
        &["finding", "rules", "terraform", "locate", "remedy"],
    ),
    (
        "check",
        &[
            "finding",
            "rules",
            "terraform",
            "refusal",
            "remedy",
            "policy",
            "outcome",
        ],
    ),
    ("report", &["outcome", "check"]),
];

const PURE: &[&str] = &[
    "finding",
    "rules",
    "policy",
    "terraform",
    "locate",
    "remedy",
    "ownership",
    "pull_request",
    "approval",
    "outcome",
    "check",
];

/// What would break purity, and what to do instead.
const IMPURE: &[(&str, &str)] = &[
    (
        "std::fs",
        "hand the bytes in from workspace, intake or config",
    ),
    ("std::env", "hand the value in"),
    ("TcpStream", "adapters only"),
    ("TcpListener", "adapters only"),
    ("UdpSocket", "adapters only"),
    ("std::process", "adapters only"),
    ("SystemTime::now", "`now` comes in as an argument"),
    ("Timestamp::now", "`now` comes in as an argument"),
    ("Zoned::now", "`now` comes in as an argument"),
    ("Instant::now", "`now` comes in as an argument"),
    ("println!", "return a value"),
    ("async fn", "adapters only"),
];

fn rust_files(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![below.to_path_buf()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files_of(module: &str) -> Vec<PathBuf> {
    let folder = source().join(module);
    if folder.is_dir() {
        rust_files(&folder)
    } else {
        vec![source().join(format!("{module}.rs"))]
    }
}

/// The code without comments and without its test module: tests may read fixtures.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or("");
    text.lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn is_test_file(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name == "tests.rs"
        || name.ends_with("_tests.rs")
        || path.components().any(|c| c.as_os_str() == "tests")
}

fn crate_modules_used(code: &str) -> BTreeSet<String> {
    let word = |rest: &str| -> String {
        rest.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let inside = group.split('}').next().unwrap_or("");
            used.extend(inside.split(',').map(|part| word(part.trim())));
        } else {
            used.insert(word(rest));
        }
    }
    used.remove("");
    used
}

#[test]
fn modules_use_only_what_stands_before_them_on_the_road() {
    let mut wrong = Vec::new();
    for (module, may) in LAYERS {
        for file in files_of(module).iter().filter(|f| !is_test_file(f)) {
            for used in crate_modules_used(&code(file)) {
                let known = LAYERS.iter().any(|(m, _)| *m == used)
                    || ["cli", "pipeline"].contains(&used.as_str());
                if known && used != *module && !may.contains(&used.as_str()) {
                    wrong.push(format!("{}: {module} must not use {used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_crate_has_a_place_in_the_layers() {
    let declared = fs::read_to_string(source().join("lib.rs")).unwrap();
    let placed: BTreeSet<&str> = LAYERS
        .iter()
        .map(|(m, _)| *m)
        .chain(["cli", "pipeline"])
        .collect();
    let missing: Vec<&str> = declared
        .lines()
        .filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'))
        .filter(|m| !placed.contains(m))
        .collect();
    assert!(
        missing.is_empty(),
        "no layer for {missing:?}: add it to LAYERS"
    );
}

#[test]
fn pure_stages_touch_nothing_outside() {
    let mut wrong = Vec::new();
    for module in PURE {
        for file in files_of(module).iter().filter(|f| !is_test_file(f)) {
            let code = code(file);
            for (pattern, instead) in IMPURE {
                if code.contains(pattern) {
                    wrong.push(format!("{}: `{pattern}`: {instead}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_readable() {
    // A file's own tests at its end do not count.
    let lines = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        text.split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or("")
            .lines()
            .count()
    };
    assert!(
        lines(&source().join("main.rs")) <= 20,
        "main.rs: parse, run, exit code"
    );
    assert!(
        lines(&source().join("pipeline/mod.rs")) <= 240,
        "pipeline: the spine only"
    );
    let long: Vec<String> = rust_files(&source())
        .iter()
        .filter(|f| !is_test_file(f) && lines(f) > 600)
        .map(|f| format!("{} has {} lines", f.display(), lines(f)))
        .collect();
    assert!(
        long.is_empty(),
        "what do these want to become?\n{}",
        long.join("\n")
    );
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<String> = rust_files(&source())
        .iter()
        .filter(|f| !is_test_file(f) && !fs::read_to_string(f).unwrap().starts_with("//!"))
        .map(|f| f.display().to_string())
        .collect();
    assert!(
        silent.is_empty(),
        "no //! at the top of\n{}",
        silent.join("\n")
    );
}

#[test]
fn modules_are_nouns_of_the_road() {
    let nothing = [
        "utils", "util", "helpers", "helper", "common", "manager", "misc",
    ];
    let wrong: Vec<String> = rust_files(&source())
        .iter()
        .filter(|f| {
            f.with_extension("")
                .components()
                .any(|c| nothing.contains(&c.as_os_str().to_string_lossy().as_ref()))
        })
        .map(|f| f.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_undone_in_the_source() {
    let mut wrong = Vec::new();
    for file in rust_files(&source()) {
        for macro_name in ["todo!(", "unimplemented!("] {
            if code(&file).contains(macro_name) {
                wrong.push(format!("{}: {macro_name}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How the names of AWS operations begin that change something.
#[cfg(feature = "aws")]
const CHANGING: &[&str] = &[
    "accept",
    "add",
    "associate",
    "attach",
    "authorize",
    "batch",
    "cancel",
    "copy",
    "create",
    "delete",
    "detach",
    "disable",
    "disassociate",
    "enable",
    "import",
    "invoke",
    "modify",
    "publish",
    "put",
    "reboot",
    "register",
    "reject",
    "release",
    "remove",
    "replace",
    "reset",
    "restore",
    "revoke",
    "run",
    "send_message",
    "set_",
    "start",
    "stop",
    "tag",
    "terminate",
    "untag",
    "update",
    "upload",
];

#[cfg(feature = "aws")]
#[test]
fn outside_the_emergency_the_cloud_is_written_to_as_the_closed_list_says() {
    let request = regex::Regex::new(r"\.\s*([a-z0-9_]+)\(\)").unwrap();
    let mut called: BTreeSet<String> = BTreeSet::new();
    let mut wrong = Vec::new();
    let live = source().join("emergency");
    for file in rust_files(&source())
        .iter()
        .filter(|f| !f.starts_with(&live))
    {
        let code = code(file);
        if is_test_file(file) || !code.contains("aws_sdk_") {
            continue;
        }
        for method in request.captures_iter(&code) {
            let method = &method[1];
            let changes = method.contains('_') && CHANGING.iter().any(|v| method.starts_with(v));
            // The runtime's builder, not a client.
            if !changes || method == "enable_all" {
                continue;
            }
            if tfmend::cloud::WRITES.iter().any(|w| w.method == method) {
                called.insert(method.to_owned());
            } else {
                wrong.push(format!(
                    "{}: `{method}` changes the cloud: only src/emergency may, or it is added to cloud::WRITES",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let listed: BTreeSet<String> = tfmend::cloud::WRITES
        .iter()
        .map(|w| w.method.to_owned())
        .collect();
    assert_eq!(called, listed, "the list names what nobody calls");
    let page = fs::read_to_string(source().join("../docs/security-hub.md")).unwrap();
    for write in tfmend::cloud::WRITES {
        assert!(
            page.contains(&format!("`{}`", write.call)),
            "docs/security-hub.md: {}",
            write.call
        );
    }
}

/// Invariant 6: one door. What changes a resource is built and sent in the files of the two actions, `Write::send` is
/// called by `act` alone, and `act` by `execute` alone, which wants an approval.
#[cfg(feature = "emergency")]
#[test]
fn a_resource_of_the_cloud_changes_behind_one_door() {
    let live = source().join("emergency");
    let request = regex::Regex::new(r"\.\s*([a-z0-9_]+)\(\)").unwrap();
    let mut called: BTreeSet<String> = BTreeSet::new();
    let mut sends = Vec::new();
    for file in rust_files(&live).iter().filter(|f| !is_test_file(f)) {
        let code = code(file);
        let name = file.strip_prefix(&live).unwrap().display().to_string();
        for method in request.captures_iter(&code) {
            let method = &method[1];
            if method.contains('_') && CHANGING.iter().any(|v| method.starts_with(v)) {
                called.insert(format!("{name}: {method}"));
            }
        }
        if code.contains("send(scene)") {
            sends.push(name);
        }
    }
    let expected = [
        "ingress/mod.rs: authorize_security_group_ingress",
        "ingress/mod.rs: revoke_security_group_ingress",
        "public_access.rs: delete_public_access_block",
        "public_access.rs: put_public_access_block",
    ];
    assert_eq!(called, expected.map(str::to_owned).into());
    sends.sort();
    assert_eq!(sends, ["change.rs", "mod.rs"]);
    let door = code(&live.join("mod.rs"));
    assert_eq!(door.matches("send(scene)").count(), 1, "in `act`");
    assert_eq!(door.matches("act(action,").count(), 1, "in `execute`");
    let execute = door.split("pub fn execute(").nth(1).unwrap();
    let before_act = execute.split("act(action,").next().unwrap();
    for step in ["approval.allows(", ".sound()", "record.intended("] {
        assert!(
            before_act.contains(step),
            "`{step}` comes before the first call"
        );
    }
    // An approval is made by `grant` alone.
    let approval = code(&source().join("approval/mod.rs"));
    assert_eq!(
        approval.matches("Approval {").count(),
        3,
        "the type, its methods, `grant`"
    );
    let made: Vec<String> = rust_files(&source())
        .iter()
        .filter(|f| !f.starts_with(source().join("approval")))
        .filter(|f| code(f).contains("Approval {"))
        .map(|f| f.display().to_string())
        .collect();
    assert!(made.is_empty(), "{made:?}");
}
