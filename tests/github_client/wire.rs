//! A server that says exactly what it is told, once per request: for faults of the line, which a real one has rarely.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use tfmend::forge::github::clock::Clock;
use tfmend::forge::github::{Client, Settings};

/// The token in these tests; it must never be seen.
pub const TOKEN: &str = "ghp_0123456789abcdefSECRET";

/// What the server does with one request.
pub enum Say {
    /// Status, headers, body.
    Answer(u16, &'static [(&'static str, &'static str)], String),
    /// Reads the request and ends the connection.
    Nothing,
    /// Sends half an answer and ends the connection.
    Half,
    /// Answers, then ends the connection although it could be used again.
    AnswerAndClose(u16, String),
}

/// `Say::Answer` without headers.
pub fn say(status: u16, body: &str) -> Say {
    Say::Answer(status, &[], body.to_owned())
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}

/// The server; it ends with its script.
pub struct Wire {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl Wire {
    /// Plays a script: the answer to the question who the repository is comes by itself.
    pub fn new(script: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(script.into_iter()));
        let thread = std::thread::spawn(move || {
            // libgit2 leaves a connection open after an error: each has a thread of its own.
            for stream in listener.incoming().map_while(Result::ok) {
                if script.lock().unwrap().len() == 0 {
                    return;
                }
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                std::thread::spawn(move || {
                    serve(stream, &script, &seen);
                    if script.lock().unwrap().len() == 0 {
                        // Wakes the one who accepts, so that it ends.
                        let _ = TcpStream::connect(address);
                    }
                });
            }
        });
        Self {
            url,
            requests,
            thread: Some(thread),
        }
    }

    /// A client of it with a clock that jumps.
    pub fn client(&self) -> (Client, Arc<Jumps>) {
        let clock = Arc::new(Jumps::default());
        (self.client_by(clock.clone()), clock)
    }

    pub fn client_by(&self, clock: Arc<dyn Clock>) -> Client {
        client(&self.url, clock)
    }

    /// What was asked, without the question who the repository is.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|r| r.line).collect()
    }

    /// Waits until the whole script was played.
    pub fn played(mut self) -> Vec<String> {
        self.thread.take().unwrap().join().unwrap();
        self.lines()
    }
}

/// A client of an address with a token.
pub fn client(url: &str, clock: Arc<dyn Clock>) -> Client {
    let settings = Settings {
        api: url.to_owned(),
        server: url.to_owned(),
        ..Settings::with_token(TOKEN).unwrap()
    };
    Client::with_clock(settings, "acme/shop".parse().unwrap(), clock).unwrap()
}

fn serve(stream: TcpStream, script: &Mutex<std::vec::IntoIter<Say>>, seen: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read(&mut reader) {
        if request.line == "GET /repos/acme/shop" {
            let about = r#"{"full_name":"acme/shop","private":true,"default_branch":"main"}"#;
            answer(&mut stream, 200, &[], about, false);
            continue;
        }
        let (said, last) = {
            let mut script = script.lock().unwrap();
            seen.lock().unwrap().push(request);
            (script.next(), script.len() == 0)
        };
        match said {
            Some(Say::Answer(status, headers, body)) => {
                answer(&mut stream, status, headers, &body, last);
                if last {
                    return;
                }
            }
            Some(Say::AnswerAndClose(status, body)) => {
                answer(&mut stream, status, &[], &body, false);
                // Not before the client has gone on to something else.
                std::thread::sleep(Duration::from_millis(50));
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
            Some(Say::Half) => {
                let _ =
                    stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"n");
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
            Some(Say::Nothing) | None => {
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
        }
    }
}

fn answer(stream: &mut TcpStream, status: u16, headers: &[(&str, &str)], body: &str, last: bool) {
    let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if last {
        head.push_str("Connection: close\r\n");
    }
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers
        .iter()
        .find(|(n, _)| n == "content-length")
        .map_or(0, |(_, v)| v.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        line: line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

/// A clock that stands still and jumps when somebody sleeps.
#[derive(Default)]
pub struct Jumps {
    slept: Mutex<Vec<u64>>,
}

impl Jumps {
    /// Every sleep, in seconds.
    pub fn slept(&self) -> Vec<u64> {
        self.slept.lock().unwrap().clone()
    }
}

impl Clock for Jumps {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let slept: u64 = self.slept.lock().unwrap().iter().sum();
        start + Duration::from_secs(slept)
    }

    fn sleep(&self, duration: Duration) {
        self.slept.lock().unwrap().push(duration.as_secs());
    }
}
