//! A gate between the binary and the testbed: it lets calls through one by one, and can hold one of them for good,
//! before it is passed on or after it was answered. While a call is held the binary is killed: so every moment between
//! two calls, and between a call and its answer, is met exactly.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Where a call is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The cloud never hears of it.
    Before,
    /// The cloud has done it; the binary never hears of that.
    After,
}

struct Order {
    left: usize,
    hold: Hold,
}

pub struct Gate {
    pub url: String,
    order: Arc<Mutex<Option<Order>>>,
    held: Receiver<()>,
}

impl Gate {
    /// A gate in front of `upstream` (`http://HOST:PORT`).
    pub fn new(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let order = Arc::new(Mutex::new(None));
        let (tell, held) = channel();
        let host = upstream.strip_prefix("http://").unwrap().to_owned();
        let orders = Arc::clone(&order);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (host, orders, tell) = (host.clone(), Arc::clone(&orders), tell.clone());
                std::thread::spawn(move || serve(stream, &host, &orders, &tell));
            }
        });
        Self { url, order, held }
    }

    /// From now on: the call after `after` others is held.
    pub fn hold(&self, after: usize, hold: Hold) {
        *self.order.lock().unwrap() = Some(Order { left: after, hold });
    }

    /// Nothing is held any more.
    pub fn open(&self) {
        *self.order.lock().unwrap() = None;
        while self.held.try_recv().is_ok() {}
    }

    /// Waits until a call is held; `false` when none is before the child ends.
    pub fn wait(&self, child: &mut std::process::Child) -> bool {
        loop {
            let pause = std::time::Duration::from_millis(20);
            match self.held.recv_timeout(pause) {
                Ok(()) => return true,
                Err(_) if child.try_wait().unwrap().is_some() => {
                    return self.held.try_recv().is_ok();
                }
                Err(_) => {}
            }
        }
    }
}

/// One connection: one request, one answer, closed.
fn serve(
    stream: TcpStream,
    host: &str,
    order: &Mutex<Option<Order>>,
    tell: &Sender<()>,
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let lower = line.to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            head.push_str("Connection: close\r\n\r\n");
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let hold = {
        let mut order = order.lock().unwrap();
        match order.as_mut() {
            Some(order) if order.left == 0 => Some(order.hold),
            Some(order) => {
                order.left -= 1;
                None
            }
            None => None,
        }
    };
    if hold == Some(Hold::Before) {
        tell.send(()).ok()?;
        // Open, and silent, until the other side is gone.
        let _ = reader.read(&mut [0]);
        return None;
    }
    let mut upstream = TcpStream::connect(host).ok()?;
    upstream.write_all(head.as_bytes()).ok()?;
    upstream.write_all(&body).ok()?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).ok()?;
    if hold == Some(Hold::After) {
        tell.send(()).ok()?;
        let _ = reader.read(&mut [0]);
        return None;
    }
    // The client must not use this connection again.
    let text = String::from_utf8_lossy(&answer);
    let end = text.find("\r\n").unwrap_or(0) + 2;
    let mut stream = stream;
    stream.write_all(&answer[..end]).ok()?;
    if !text[..text.find("\r\n\r\n").unwrap_or(text.len())]
        .to_lowercase()
        .contains("\nconnection:")
    {
        stream.write_all(b"Connection: close\r\n").ok()?;
    }
    stream.write_all(&answer[end..]).ok()?;
    stream.flush().ok()
}
