//! An HTTP proxy for one test: takes CONNECT, writes down who asked for what, and passes bytes on.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The running proxy.
pub struct Proxy {
    /// `HOST:PORT`.
    pub address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || pass(stream, &seen));
            }
        });
        Self { address, heads }
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn pass(stream: TcpStream, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let target = head
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split(' ').next())
        .map(str::to_owned);
    seen.lock().unwrap().push(head);
    let mut there = TcpStream::connect(target?).ok()?;
    let mut here = stream;
    here.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    let (mut from_here, mut to_there) = (here.try_clone().ok()?, there.try_clone().ok()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_here, &mut to_there);
        let _ = to_there.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut there, &mut here);
    here.shutdown(Shutdown::Both).ok()
}
