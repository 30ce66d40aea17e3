//! The server as it is seen through a proxy that puts another build of the marking page in place of its own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use vokasi_core::keys::{sha256_base64, sha256_hex};

use super::App;

/// Whose pieces come through.
#[derive(Clone, Copy)]
pub enum Build {
    /// All are the server's own.
    Own = 0,
    /// Page and worker are of the next build, and the program is the server's own: two machines of which one is new.
    Half = 1,
    /// All are of the next build, whose program says a word more.
    Next = 2,
}

/// A proxy before the server of a story; it stands until the tests end.
pub struct Proxy {
    pub url: String,
    build: Arc<AtomicU8>,
}

impl Proxy {
    pub fn before(app: &App) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let build = Arc::new(AtomicU8::new(Build::Own as u8));
        let server = app.url.trim_start_matches("http://").to_owned();
        let chosen = Arc::clone(&build);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, build) = (server.clone(), chosen.load(Ordering::SeqCst));
                // A browser that is killed hangs up in the middle.
                thread::spawn(move || drop(pass(client, &server, build)));
            }
        });
        Self { url, build }
    }

    pub fn serve(&self, build: Build) {
        self.build.store(build as u8, Ordering::SeqCst);
    }
}

/// One request and its answer.
fn pass(mut client: TcpStream, server: &str, build: u8) -> std::io::Result<()> {
    let mut asked = Vec::new();
    let mut piece = [0; 4096];
    let whole = |asked: &[u8]| {
        let text = String::from_utf8_lossy(asked).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
        let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.split("\r\n").next()?.parse().ok());
        body.len() >= length.unwrap_or(0)
    };
    while !whole(&asked) {
        let read = client.read(&mut piece)?;
        if read == 0 {
            return Ok(());
        }
        asked.extend_from_slice(&piece[..read]);
    }
    let asked = String::from_utf8_lossy(&asked).into_owned();
    let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
    let (head, mut body) = fetch(server, &asked)?;
    let wanted = match build {
        0 => false,
        1 => path.starts_with("/mark/"),
        _ => path.starts_with("/mark/") || path.starts_with("/assets/register.js"),
    };
    if wanted {
        body = of_the_next_build(server, &path, body)?;
    }
    let kept = head.lines().filter(|line| {
        let line = line.to_lowercase();
        !["content-length", "transfer-encoding", "connection", "etag"].iter().any(|name| line.starts_with(name))
    });
    let head = kept.collect::<Vec<_>>().join("\r\n");
    write!(client, "{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// Head and body of what the server answers.
fn fetch(server: &str, asked: &str) -> std::io::Result<(String, String)> {
    let (first, rest) = asked.split_once("\r\n").unwrap_or((asked, "\r\n"));
    let (headers, content) = rest.split_once("\r\n\r\n").unwrap_or((rest, ""));
    let kept = headers.lines().filter(|line| {
        let line = line.to_lowercase();
        !["connection", "accept-encoding", "if-none-match"].iter().any(|name| line.starts_with(name))
    });
    let headers = kept.collect::<Vec<_>>().join("\r\n");
    let mut stream = TcpStream::connect(server)?;
    write!(stream, "{first}\r\n{headers}\r\nconnection: close\r\n\r\n{content}")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    Ok((head.to_owned(), body.to_owned()))
}

/// The same piece as the next build has it.
fn of_the_next_build(server: &str, path: &str, body: String) -> std::io::Result<String> {
    let get = |path: &str, language: &str| {
        let asked = format!("GET {path} HTTP/1.1\r\nhost: {server}\r\naccept-language: {language}\r\n\r\n");
        fetch(server, &asked).map(|(_, body)| body)
    };
    let digest = |text: &str| format!("sha256-{}", sha256_base64(text.as_bytes()));
    let tag = |text: &str| sha256_hex(text.as_bytes())[..16].to_owned();
    let program = get("/assets/register.js", "id")?;
    let next = format!("{program}\nwindow.build = 'next';\n");
    if path.starts_with("/assets/") {
        return Ok(next);
    }
    let renew = |text: &str| text.replace(&tag(&program), &tag(&next)).replace(&digest(&program), &digest(&next));
    let mut body = renew(&body);
    if path == "/mark/worker.js" {
        for language in ["id", "en"] {
            let frame = get("/mark/0000000000000", language)?;
            body = body.replace(&digest(&frame), &digest(&renew(&frame)));
        }
        body = body.replace("BUILD = 'vokasi-mark-", "BUILD = 'vokasi-mark-next");
    }
    Ok(body)
}
