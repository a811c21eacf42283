//! AWS for tests: `scripts/aws_testbed.py`, started once a test binary.
//!
//! Each [`AwsTestbed`] has an access key of its own, by which its calls and faults are told from those of tests that
//! run at the same time. The emulator's state is shared: give every test regions, buckets and names of its own.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)] // each test binary uses its part

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::project;

/// The emulator's first account: that of every key that no role gave out.
pub const ACCOUNT: &str = "123456789012";

/// One recorded call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// As botocore names it: `securityhub`, `s3`, `ec2`, `sts`.
    pub service: String,
    pub action: String,
    /// The region the request was signed for.
    pub region: String,
    pub access_key: String,
    /// ARN of the assumed role behind the key.
    pub role: Option<String>,
    /// 0 when the connection was cut.
    pub status: u16,
}

struct Shared {
    // Its standard input closes with this process, and the testbed ends by itself.
    _child: Child,
    url: String,
    roles: Value,
}

static SHARED: OnceLock<Result<Shared, String>> = OnceLock::new();
static HANDLES: AtomicUsize = AtomicUsize::new(1);

pub struct AwsTestbed {
    url: String,
    key: String,
    roles: Value,
}

impl AwsTestbed {
    /// The testbed; `None`, and a line that says why, where it cannot be had.
    pub fn start() -> Option<Self> {
        match SHARED.get_or_init(launch) {
            Ok(shared) => Some(Self {
                url: shared.url.clone(),
                key: format!("TESTKEY{:05}", HANDLES.fetch_add(1, Ordering::Relaxed)),
                roles: shared.roles.clone(),
            }),
            Err(why) => {
                assert!(
                    std::env::var("TFMEND_NO_SKIP").as_deref() != Ok("1"),
                    "{why}"
                );
                eprintln!("{why}");
                None
            }
        }
    }

    /// Where clients send their requests (`AWS_ENDPOINT_URL`).
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The access key of this handle.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Account → ARN of its role `tfmend-emergency`; three accounts.
    pub fn roles(&self) -> Vec<(String, String)> {
        let roles = self.roles.as_object().unwrap();
        roles
            .iter()
            .map(|(account, arn)| (account.clone(), arn.as_str().unwrap().to_owned()))
            .collect()
    }

    /// What a child process needs to talk to the testbed and to nothing else. No region: name one, or add it.
    pub fn env(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_ACCESS_KEY_ID", &self.key),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_SESSION_TOKEN", ""),
            ("AWS_PROFILE", ""),
            ("AWS_REGION", ""),
            ("AWS_DEFAULT_REGION", ""),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("NO_PROXY", "127.0.0.1"),
            ("no_proxy", "127.0.0.1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// The calls of this handle's key and of the roles it assumed, in order.
    pub fn calls(&self) -> Vec<Call> {
        let (_, answer) = self.http("GET", "/_testbed/calls", &[], b"");
        let text = |call: &Value, name: &str| call[name].as_str().unwrap_or_default().to_owned();
        answer["calls"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|call| call["by"] == self.key.as_str())
            .map(|call| Call {
                service: text(call, "service"),
                action: text(call, "action"),
                region: text(call, "region"),
                access_key: text(call, "access_key"),
                role: call["role"].as_str().map(str::to_owned),
                status: u16::try_from(call["status"].as_u64().unwrap()).unwrap(),
            })
            .collect()
    }

    /// How often an action was called.
    pub fn count(&self, action: &str) -> usize {
        self.calls().iter().filter(|c| c.action == action).count()
    }

    /// Orders a fault for this handle's calls: see `scripts/testbed/aws_recorder.py`.
    pub fn fault(&self, mut fault: Value) {
        fault["access_key"] = json!(self.key);
        let body = fault.to_string();
        assert_eq!(
            self.http("POST", "/_testbed/faults", &[], body.as_bytes())
                .0,
            200
        );
    }

    /// Tells a stand-in of Security Hub something (`aggregate`, `v2`).
    pub fn tell_security_hub(&self, what: &str, mut given: Value) {
        given["access_key"] = json!(self.key);
        let path = format!("/_testbed/security-hub/{what}");
        assert_eq!(
            self.http("POST", &path, &[], given.to_string().as_bytes())
                .0,
            200
        );
    }

    /// A call of a REST service as this handle's key; status and answer.
    pub fn call(
        &self,
        service: &str,
        region: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let scope = format!("{}/20260101/{region}/{service}/aws4_request", self.key);
        let signature =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let headers = [
            ("Authorization", signature.as_str()),
            ("Content-Type", "application/json"),
        ];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.http(method, path, &headers, body.as_bytes())
    }

    /// Switches Security Hub on in a region and imports findings in ASFF, 100 at a time.
    pub fn import(&self, region: &str, findings: &[Value]) {
        let (status, _) = self.call("securityhub", region, "POST", "/accounts", &json!({}));
        assert_eq!(status, 200, "EnableSecurityHub");
        for batch in findings.chunks(100) {
            let body = json!({ "Findings": batch });
            let (status, answer) =
                self.call("securityhub", region, "POST", "/findings/import", &body);
            assert_eq!(
                (status, &answer["FailedCount"]),
                (200, &json!(0)),
                "{answer}"
            );
        }
    }

    /// A finding as Security Hub holds it now.
    pub fn finding(&self, region: &str, id: &str) -> Value {
        let body = json!({"Filters": {"Id": [{"Value": id, "Comparison": "EQUALS"}]}});
        let (_, answer) = self.call("securityhub", region, "POST", "/findings", &body);
        answer["Findings"][0].clone()
    }

    fn http(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (u16, Value) {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(120)))
            .unwrap();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        stream
            .write_all(format!("{request}\r\n").as_bytes())
            .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }
}

fn launch() -> Result<Shared, String> {
    let mut child = Command::new("python3")
        .arg(project("scripts/aws_testbed.py"))
        .args(["--accounts", "3"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("SKIPPED: aws testbed (python3: {e})"))?;
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    match serde_json::from_str::<Value>(&line) {
        Ok(up) => Ok(Shared {
            url: up["url"].as_str().unwrap().to_owned(),
            roles: up["roles"].clone(),
            _child: child,
        }),
        Err(_) if line.starts_with("SKIPPED") => Err(line.trim().to_owned()),
        Err(_) => panic!("the aws testbed did not start: {line}"),
    }
}
