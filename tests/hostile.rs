//! Hostile and broken input through the real binary: a clear message, the rest of the run unharmed, nothing
//! interpreted, nothing outside of the repository touched.

mod support;

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Ran, Repo, asff, tfmend};

/// A bucket that is always found and fixed: the rest of the run.
const GOOD: &str = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"acme-hostile-logs\"\n}\n";

fn finding() -> Value {
    asff("S3.8", "AwsS3Bucket", "arn:aws:s3:::acme-hostile-logs")
}

fn unharmed(ran: &Ran) {
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

/// Plans the good finding in a repository with more in it; gives the problems that were named.
fn problems(repo: &Repo) -> Vec<String> {
    let ran = support::run("plan", repo, &finding(), &[]);
    unharmed(&ran);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let out = ran.json();
    assert_eq!(out["outcomes"][0]["outcome"], "proposed", "{out:#}");
    let problems = out["problems"].as_array().cloned().unwrap_or_default();
    problems
        .iter()
        .map(|p| p.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn depth_and_size_of_code_are_bounded() {
    const N: usize = 10_000;
    let wrap = |open: &str, close: &str| {
        format!(
            "locals {{\n  a = {}1{}\n}}\n",
            open.repeat(N),
            close.repeat(N)
        )
    };
    let big = "# a comment of some length\n".repeat(20 << 20 >> 4);
    let keys: String = (0..32_000).map(|i| format!("    k{i} = {i}\n")).collect();
    let json_keys: serde_json::Map<String, Value> =
        (0..32_000).map(|i| (format!("k{i}"), json!(i))).collect();
    // What each says at least.
    let cases: Vec<(&str, String, &str)> = vec![
        ("deep.tf", wrap("(", ")"), "deep.tf:2:"),
        ("deep.tf", wrap("[", "]"), "deep.tf:2:"),
        ("deep.tf", wrap("{ a = ", "}"), "deep.tf:2:"),
        ("deep.tf", wrap("\"${", "}\""), "deep.tf:2:"),
        ("deep.tf", wrap("abs(", ")"), "deep.tf:2:"),
        ("deep.tf", wrap("[for x in y : ", "]"), "deep.tf:2:"),
        ("deep.tf", wrap("!", ""), "deep.tf:2:"),
        ("deep.tf", wrap("true ? 1 : ", ""), "deep.tf:2:"),
        ("deep.tf", wrap("x[", "]"), "deep.tf:2:"),
        (
            "deep.tf",
            "a {\n".repeat(N) + &"}\n".repeat(N),
            "nesting depth",
        ),
        ("deep.tf", "a {\n".repeat(N), "nesting depth"),
        ("terraform.tfvars", wrap("[", "]"), "terraform.tfvars:2:"),
        (
            "deep.tf.json",
            format!(
                "{{\"locals\":{{\"a\":{}{}}}}}",
                "[".repeat(N),
                "]".repeat(N)
            ),
            "recursion limit",
        ),
        (
            "deep.tf.json",
            json!({"locals": {"a": format!("${{{}}}", "(".repeat(N))}}).to_string(),
            "deep.tf.json:1:1",
        ),
        (
            "terraform.tfstate",
            format!(
                "{{\"version\":4,\"resources\":{}{}}}",
                "[".repeat(N),
                "]".repeat(N)
            ),
            "terraform.tfstate",
        ),
        ("big.tf", big, "more than the limit"),
        (
            "keys.tf",
            format!("locals {{\n  a = {{\n{keys}  }}\n}}\n"),
            "keys.tf:2:",
        ),
        (
            "keys.tf.json",
            json!({"locals": {"a": json_keys}}).to_string(),
            "too many keys",
        ),
    ];
    for (name, text, says) in cases {
        let repo = Repo::new(&[("main.tf", GOOD), (name, &text)]);
        let problems = problems(&repo);
        assert!(
            problems
                .iter()
                .any(|p| p.contains(name) && p.contains(says)),
            "{name}: {says:?} in {problems:?}"
        );
        assert!(
            problems.iter().all(|p| p.len() < 2000),
            "a message as long as the file"
        );
    }
}

#[test]
fn code_that_never_ends_is_cut_off() {
    let doubling = |make: fn(usize) -> String| {
        let lines: String = (0..60)
            .map(|i| format!("  a{i} = {}\n", make(i + 1)))
            .collect();
        format!(
            "locals {{\n{lines}  a60 = \"x\"\n}}\nresource \"aws_s3_bucket\" \"b\" {{\n  bucket = jsonencode(local.a0)\n}}\n"
        )
    };
    let bucket =
        |attributes: &str| format!("resource \"aws_s3_bucket\" \"b\" {{\n{attributes}}}\n");
    let cases = [
        doubling(|i| format!("\"${{local.a{i}}}${{local.a{i}}}\"")),
        doubling(|i| format!("[local.a{i}, local.a{i}]")),
        doubling(|i| format!("{{ x = local.a{i}, y = local.a{i} }}")),
        doubling(|i| format!("concat([local.a{i}], [local.a{i}])")),
        bucket("  count = 1000000000\n  bucket = \"b-${count.index}\"\n"),
        bucket("  count = 1e15\n  bucket = \"b-${count.index}\"\n"),
        bucket("  count = -1\n  bucket = \"b-${count.index}\"\n"),
        bucket(
            "  for_each = toset([for i in range(1000) : [for j in range(1000) : [for k in range(1000) : \"${i}${j}${k}\"]]])\n  bucket = each.key\n",
        ),
        bucket("  for_each = toset([for i in range(1000000000) : tostring(i)])\n  bucket = each.key\n"),
        format!(
            "locals {{\n  r = range(1000)\n}}\n{}",
            bucket("  for_each = setproduct(local.r, local.r, local.r)\n  bucket = each.key\n")
        ),
        bucket(&format!(
            "  bucket = replace(\"{}\", \"a\", \"{}\")\n",
            "a".repeat(50_000),
            "b".repeat(50_000)
        )),
        bucket(&format!(
            "  bucket = replace(\"{}\", \"/(a+)+$/\", \"x\")\n",
            "a".repeat(5_000)
        )),
        bucket(&format!(
            "  bucket = join(\"{}\", split(\"\", \"{}\"))\n",
            "s".repeat(50_000),
            "b".repeat(50_000)
        )),
        bucket("  bucket = format(\"%1000000000d\", 1)\n"),
        bucket("  bucket = indent(1000000000, \"a\\nb\")\n"),
        bucket("  bucket = cidrsubnets(\"::/0\", 128, 200)[0]\n"),
        bucket("  bucket = parseint(\"99999999999999999999999999999999\", 10)\n"),
        bucket("  bucket = substr(\"ab\", 1, 9000000000000000)\n"),
        bucket("  bucket = element([\"a\"], 9000000000000000)\n"),
        bucket("  bucket = timeadd(\"9999-12-31T00:00:00Z\", \"99999999999h\")\n"),
        bucket("  bucket = range(-9000000000000000, 9000000000000000, 8999999999999999)[0]\n"),
        bucket("  bucket = formatdate(\"YYYY\", \"0000-00-00T99:99:99Z\")\n"),
        "locals {\n  a = local.b\n  b = local.a\n}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = local.a\n}\n".to_owned(),
        "variable \"a\" {\n  default = var.a\n}\nresource \"aws_s3_bucket\" \"b\" {\n  count = length(aws_s3_bucket.b)\n  bucket = var.a\n}\n".to_owned(),
        bucket("  bucket = aws_s3_bucket.b.bucket\n"),
        "module \"m\" {\n  source = \"./\"\n}\n".to_owned(),
        "module \"m\" {\n  source = \"../../../..\"\n}\nmodule \"n\" {\n  source = \"/etc\"\n}\nmodule \"o\" {\n  source = \"./a/../../../etc\"\n}\n".to_owned(),
    ];
    for code in cases {
        let repo = Repo::new(&[("main.tf", GOOD), ("other.tf", &code)]);
        let began = Instant::now();
        problems(&repo);
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "took {:?}: {}",
            began.elapsed(),
            &code[..code.len().min(300)]
        );
    }
}

#[test]
fn a_circle_of_modules_ends() {
    let repo = Repo::new(&[
        ("main.tf", GOOD),
        ("a/main.tf", "module \"m\" {\n  source = \"../b\"\n}\n"),
        (
            "b/main.tf",
            "module \"m\" {\n  source = \"../a\"\n}\nresource \"aws_s3_bucket\" \"x\" {\n  bucket = \"x\"\n}\n",
        ),
    ]);
    assert_eq!(problems(&repo), [""; 0]);
}

#[test]
fn broken_files_are_named_and_leave_the_rest() {
    let cut = &GOOD[..GOOD.len() - 10];
    let cases: [(&str, &[u8]); 8] = [
        ("cut/main.tf", cut.as_bytes()),
        (
            "cut/main.tf",
            b"variable \"a\" {\n  default = <<EOT\nno end",
        ),
        ("cut/main.tf", b"locals { a = \"${"),
        ("cut/main.tf", b"\xff\xfea\0 \0=\0 \x001\0"),
        ("cut/main.tf", b"\0\x01\x02"),
        ("cut/main.tf.json", b"{\"resource\": {"),
        ("cut/terraform.tfvars", b"a = ["),
        (
            "cut/terraform.tfstate",
            b"{\"version\": 4, \"resources\": [{\"mode\": \"man",
        ),
    ];
    for (name, bytes) in cases {
        let repo = Repo::new(&[("main.tf", GOOD), ("cut/versions.tf", "")]);
        repo.write(name, bytes);
        let problems = problems(&repo);
        assert!(
            problems.iter().any(|p| p.contains(name)),
            "{name} in {problems:?}"
        );
    }
    // States that can be read as far as they go.
    for state in [
        "{\"version\": 3, \"modules\": []}",
        "{\"version\": 4, \"serial\": 99999999999999999999999999, \"resources\": [{\"mode\": \"managed\", \"type\": \"aws_s3_bucket\", \"name\": \"logs\", \"instances\": [{\"attributes\": {\"id\": 1e400}}]}]}",
        "{\"version\": 4, \"resources\": [{\"module\": \"module.x[\\\"../../..\\\"]\", \"mode\": \"managed\", \"type\": \"aws_s3_bucket\", \"name\": \"../../etc\", \"provider\": \"x\", \"instances\": [{\"attributes\": {\"bucket\": \"../../../etc/passwd\", \"arn\": \"arn:aws:s3:::../../x\"}}]}]}",
        "{\"version\": 99999999999999999999}",
        "",
        "[]",
        "null",
        "{\"version\": \"4\", \"resources\": {}}",
    ] {
        let repo = Repo::new(&[("main.tf", GOOD), ("cut/main.tf", "")]);
        repo.write("cut/terraform.tfstate", state.as_bytes());
        problems(&repo);
    }
}

#[test]
fn bytes_outside_an_edit_stay_whatever_they_are() {
    let mut code = b"\xef\xbb\xbf# caf\xe9 \x80\r\nresource \"aws_s3_bucket\" \"logs\" {\r\n  bucket = \"acme-hostile-logs\"\r\n  tags = {\r\n    odd = \"\xff\xfe\"\r\n  }\r\n}\r\n".to_vec();
    let repo = Repo::new(&[]);
    repo.write("main.tf", &code);
    let ran = support::run("fix", &repo, &finding(), &[]);
    unharmed(&ran);
    let after = repo.read("main.tf");
    assert!(after.len() > code.len());
    // Nothing that was there is gone: it is a subsequence of what is there now.
    code.reverse();
    for byte in &after {
        if code.last() == Some(byte) {
            code.pop();
        }
    }
    assert!(code.is_empty(), "{:?} is missing", code);
    assert!(
        !after.windows(2).any(|w| w[1] == b'\n' && w[0] != b'\r'),
        "a line end of another kind"
    );
    let again = support::run("fix", &repo, &finding(), &[]);
    assert_eq!(again.json()["summary"]["proposed"], 0);
    assert_eq!(
        repo.read("main.tf"),
        after,
        "applying twice is applying once"
    );
}

#[test]
fn findings_cut_anywhere_are_counted_and_the_whole_ones_are_used() {
    let repo = Repo::new(&[("main.tf", GOOD)]);
    let text = json!([finding(), asff("S3.8", "AwsS3Bucket", "arn:aws:s3:::other")]).to_string();
    let path = repo.path().to_str().unwrap();
    let args = [
        "plan",
        "--findings",
        "-",
        "--repo",
        path,
        "--format",
        "json",
    ];
    for cut in (0..text.len()).step_by(text.len() / 23) {
        let ran = tfmend(&args, &text.as_bytes()[..cut]);
        unharmed(&ran);
        if cut == 0 {
            assert_eq!(ran.code, 3, "{}", ran.stderr);
            continue;
        }
        assert_eq!(ran.code, 0, "{cut}: {}", ran.stderr);
        let out = ran.json();
        let outcomes = out["outcomes"].as_array().unwrap().len() as u64;
        assert_eq!(out["summary"]["findings"], outcomes);
        assert!(out["summary"]["invalid"].as_u64().unwrap() >= 1, "{cut}");
        let whole = u64::from(cut > finding().to_string().len());
        assert_eq!(out["summary"]["proposed"], whole, "{cut}");
    }
}

#[test]
fn odd_findings_are_named_and_leave_the_rest() {
    let repo = Repo::new(&[("main.tf", GOOD)]);
    let path = repo.path().to_str().unwrap();
    let args = [
        "plan",
        "--findings",
        "-",
        "--repo",
        path,
        "--format",
        "json",
    ];
    let good = finding().to_string();
    let mut huge = finding();
    huge["Description"] = json!("x".repeat(20 << 20));
    let cases: Vec<(Vec<u8>, u64, u64)> = vec![
        // (input, proposed, invalid)
        (format!("\u{feff}{good}").into_bytes(), 1, 0),
        (good.replace(',', ",\r\n").into_bytes(), 1, 0),
        (format!("{huge}\n{good}\n").into_bytes(), 1, 1),
        (
            format!("{good}\n{}\n", "{\"a\":".repeat(10_000)).into_bytes(),
            1,
            1,
        ),
        (
            format!("{}{}\n{good}\n", "[".repeat(10_000), "]".repeat(10_000)).into_bytes(),
            1,
            1,
        ),
        (format!("{{\"Id\": nope}}\n{good}\n").into_bytes(), 1, 1),
        (
            [b"{\"Id\": \"\xff\xfe\"}\n", good.as_bytes()].concat(),
            1,
            1,
        ),
    ];
    for (input, proposed, invalid) in cases {
        let head = String::from_utf8_lossy(&input[..input.len().min(60)]).into_owned();
        let ran = tfmend(&args, &input);
        unharmed(&ran);
        assert_eq!(ran.code, 0, "{head}: {}", ran.stderr);
        let out = ran.json();
        assert_eq!(out["summary"]["proposed"], proposed, "{head}: {out:#}");
        assert!(
            out["summary"]["invalid"].as_u64().unwrap() >= invalid,
            "{head}"
        );
    }
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(good.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let ran = tfmend(&args, &utf16);
    unharmed(&ran);
    assert!(
        ran.stdout.contains("UTF-16") && ran.stdout.contains("iconv"),
        "{}",
        ran.stdout
    );
}

#[cfg(unix)]
#[test]
fn links_pipes_and_odd_files_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("main.tf"), "# secret\n").unwrap();
    let repo = Repo::new(&[("main.tf", GOOD)]);
    let at = |name: &str| repo.path().join(name);
    symlink(outside.path().join("main.tf"), at("away.tf")).unwrap();
    symlink(outside.path(), at("away")).unwrap();
    symlink(repo.path(), at("loop")).unwrap();
    symlink("self.tf", at("self.tf")).unwrap();
    symlink("/dev/zero", at("zero.tf")).unwrap();
    symlink("/proc/self/environ", at("terraform.tfvars")).unwrap();
    symlink(outside.path().join("main.tf"), at("terraform.tfstate")).unwrap();
    fs::create_dir_all(at("dir/main.tf")).unwrap();
    fs::write(at("dir/main.tf/inner.tf"), "").unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(at("pipe.tf"))
        .status();
    assert!(made.is_ok_and(|s| s.success()));
    let problems = problems(&repo);
    for name in [
        "away.tf",
        "away:",
        "loop:",
        "self.tf",
        "zero.tf",
        "terraform.tfvars",
        "terraform.tfstate",
        "pipe.tf",
    ] {
        assert!(
            problems.iter().any(|p| p.starts_with(name)),
            "{name} in {problems:#?}"
        );
    }
    assert!(!problems.concat().contains("secret"));
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_nothing_else_changes() {
    let repo = Repo::new(&[("main.tf", GOOD)]);
    let dir = repo.path().join("main.tf");
    let ran = support::run(
        "fix",
        &repo,
        &finding(),
        &["--journal", dir.to_str().unwrap()],
    );
    unharmed(&ran);
    assert_eq!(ran.code, 1, "a file of code is no journal: {}", ran.stdout);
    assert!(ran.stderr.contains("main.tf"), "{}", ran.stderr);
    assert_eq!(repo.text("main.tf"), GOOD);
}

/// Everything that somebody might try in a text.
const TEXTS: [&str; 9] = [
    "\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7} \u{9b}31m",
    "x\r\n::error file=main.tf::forged\n::stop-commands::abc\n##[error]forged",
    "\"><script>alert(1)</script><img src=x onerror=alert(1)>",
    "\n\n# Heading\n\n[click](javascript:alert(1)) @octocat #1 ![i](https://evil.example/i.png)",
    "{{ 7777 * 7 }}{% for i in range(end=9) %}54439{% endfor %}${7777 * 7}%{ if true }x%{ endif }",
    "--> <!-- tfmend:v1 {\"keys\":[\"forged\"]} --> <!--",
    "```\n</details>\n~~~\n| a | b |\n|---|---|",
    "\u{202e}drowssap\u{2066}\u{200b}",
    "'; touch ../../evil; echo '$(touch evil)`touch evil`../../../../evil",
];

/// A repository whose names, keys, tags and comments are hostile, and findings that are, too.
fn hostile() -> (Repo, Value) {
    let hcl = |text: &str| {
        json!(text)
            .to_string()
            .replace("${", "$${")
            .replace("%{", "%%{")
            .replace("\\b", "\\\\b")
            .replace("\\f", "\\\\f")
    };
    let comment = |text: &str| {
        text.split(['\n', '\r'])
            .map(|line| format!("# {line}\n"))
            .collect::<String>()
    };
    let repo = Repo::new(&[]);
    let mut findings = Vec::new();
    for (i, text) in TEXTS.iter().enumerate() {
        let code = format!(
            "{comment}resource \"aws_s3_bucket\" {label} {{\n  {inner}for_each = toset([{key}])\n  bucket   = \"acme-hostile-{i}\"\n  tags = {{\n    note = {tag}\n  }}\n}}\n",
            comment = comment(text),
            inner = comment(text).replace("\n#", "\n  #") + "  ",
            label = json!(format!("b{i}")),
            key = hcl(text),
            tag = hcl(text),
        );
        repo.write(&format!("root{i}/main.tf"), code.as_bytes());
        let mut finding = asff(
            "S3.8",
            "AwsS3Bucket",
            &format!("arn:aws:s3:::acme-hostile-{i}"),
        );
        finding["Title"] = json!(text);
        finding["Description"] = json!(text);
        finding["Id"] = json!(format!("{text}-{i}"));
        finding["ProductName"] = json!(text);
        finding["Resources"][0]["Tags"] = json!({"git_file": "../../../etc/passwd", "yor_trace": text, "Name": text, (*text): text});
        finding["Remediation"] =
            json!({"Recommendation": {"Text": text, "Url": format!("javascript:{text}")}});
        finding["ProductFields"] =
            json!({"StandardsControlArn": text, "RelatedAWSResources:0/name": text});
        findings.push(finding);
        // The same with names that nothing is found for.
        let mut lost = asff("S3.8", "AwsS3Bucket", &format!("arn:aws:s3:::{text}"));
        lost["Id"] = json!(format!("lost {text}"));
        lost["Region"] = json!(text);
        findings.push(lost);
        let mut no_rule = asff(text, text, text);
        no_rule["AwsAccountId"] = json!(text);
        findings.push(no_rule);
    }
    (repo, json!(findings))
}

/// No control character but the line end, nothing that hides or turns text, no workflow command.
fn harmless_on_a_terminal(text: &str) {
    for c in text.chars() {
        assert!(
            c == '\n'
                || !c.is_control()
                    && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'),
            "{c:?} in {text}"
        );
    }
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line:?}");
        assert!(!line.contains("##["), "{line:?}");
    }
}

#[test]
fn nothing_in_any_output_is_interpreted() {
    let (repo, findings) = hostile();
    let path = repo.path().to_str().unwrap().to_owned();
    let input = findings.to_string();
    let plan = |format: &str| {
        let ran = tfmend(
            &[
                "plan",
                "--findings",
                "-",
                "--repo",
                &path,
                "--format",
                format,
                "--all",
            ],
            input.as_bytes(),
        );
        unharmed(&ran);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran
    };
    let out = plan("json").json();
    assert_eq!(
        out["summary"]["findings"],
        findings.as_array().unwrap().len()
    );
    assert_eq!(
        out["summary"]["proposed"],
        TEXTS.len(),
        "{:#}",
        out["summary"]
    );

    harmless_on_a_terminal(&plan("text").stdout);
    assert!(!plan("text").stdout.contains("54439\n"));

    let sarif = plan("sarif").json();
    assert_eq!(sarif["version"], "2.1.0");

    let annotations = plan("github").stdout;
    let lines: Vec<&str> = annotations.lines().collect();
    assert!(lines.len() <= 30, "{annotations}");
    for line in lines {
        let level = ["::error ", "::warning ", "::notice "];
        assert!(level.iter().any(|l| line.starts_with(l)), "{line}");
        assert!(!line.contains('\r'), "{line:?}");
    }
}

#[test]
fn nothing_in_a_pull_request_is_interpreted() {
    let (repo, findings) = hostile();
    repo.commit();
    let around = tempfile::tempdir().unwrap();
    let forge = around.path().join("a/b/forge");
    fs::create_dir_all(forge.parent().unwrap()).unwrap();
    let ran = support::run(
        "pr",
        &repo,
        &findings,
        &[
            "--forge",
            &format!("local:{}", forge.display()),
            "--profile",
            "all",
        ],
    );
    unharmed(&ran);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let opened = ran.json()["changes"].as_array().unwrap().len();
    assert!(opened > 1);
    let mut pages = 0;
    for entry in fs::read_dir(forge.join("pull-requests"))
        .unwrap()
        .chain(fs::read_dir(&forge).unwrap())
    {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!name.contains("evil"), "{name}");
        let kind = path.extension().map(|e| e.to_string_lossy().into_owned());
        let Some(kind) = kind.filter(|k| ["html", "md", "json", "ndjson"].contains(&k.as_str()))
        else {
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        pages += 1;
        match kind.as_str() {
            "html" => {
                for bad in [
                    "<script",
                    "<img",
                    "onerror=alert(1)>",
                    "href=\"javascript",
                    "<h1>Heading",
                    "evil.example/i.png\"",
                ] {
                    assert!(!text.contains(bad), "{bad} in {name}");
                }
            }
            "json" => {
                let record: Value = serde_json::from_str(&text).unwrap();
                let body = record["body"].as_str().unwrap();
                let marker = tfmend::pull_request::Marker::parse(body).unwrap();
                assert!(!marker.keys.iter().any(|k| k == "forged"), "{body}");
                assert!(!record["title"].as_str().unwrap().contains('\n'));
                let branch = record["branch"].as_str().unwrap();
                assert!(
                    branch
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "-/_.".contains(c)),
                    "{branch}"
                );
            }
            _ => {
                for line in text.lines() {
                    let _: Value = serde_json::from_str(line).unwrap();
                }
            }
        }
        // A template would have computed it.
        assert!(!text.replace("%}54439{%", "").contains("54439"), "{name}");
    }
    assert!(pages > opened);
    assert!(!around.path().join("evil").exists() && !around.path().join("a/evil").exists());
    let again = support::run(
        "pr",
        &repo,
        &findings,
        &[
            "--forge",
            &format!("local:{}", forge.display()),
            "--profile",
            "all",
        ],
    );
    let steps = again.json();
    let steps = steps["changes"].as_array().unwrap();
    assert!(
        steps
            .iter()
            .all(|c| c["step"] == "leave" || c["step"] == "defer"),
        "{steps:#?}"
    );
}
