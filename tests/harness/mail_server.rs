//! A mail server on loopback: the SMTP of the crate `mailin`, over TLS with certificates made for the occasion.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder, response};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use vokasi_api::config::{MailSettings, SmtpSettings, SmtpTls};
use vokasi_api::mail::Mailer;

/// The one who may sign in where signing in is asked for.
pub const USER: (&str, &str) = ("vokasi", "kata sandi server surel");

/// How a connection is encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    Starttls,
    Implicit,
    /// Not at all, which no mailer of ours accepts.
    None,
}

/// What is right or wrong with the server's certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Certified {
    Rightly,
    ForAnotherHost,
    UntilYesterday,
}

/// A message as the server took it.
#[derive(Clone)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
}

/// A running mail server; it ends when this is dropped.
pub struct MailServer {
    port: u16,
    authority: std::path::PathBuf,
    shared: Arc<Shared>,
    encryption: Encryption,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    inbox: Mutex<Vec<Received>>,
    /// What is answered to the next recipients; then everyone is welcome.
    replies: Mutex<VecDeque<u16>>,
    /// Whether the next message is taken and the connection lost before it is said.
    lose_answer: AtomicBool,
    stopped: AtomicBool,
    asks_to_sign_in: bool,
}

impl MailServer {
    pub fn start(encryption: Encryption) -> Self {
        Self::with(encryption, Certified::Rightly, false)
    }

    pub fn that_asks_to_sign_in() -> Self {
        Self::with(Encryption::Starttls, Certified::Rightly, true)
    }

    pub fn certified(certified: Certified) -> Self {
        Self::with(Encryption::Starttls, certified, false)
    }

    fn with(encryption: Encryption, certified: Certified, asks_to_sign_in: bool) -> Self {
        let (config, authority) = certificates(certified);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let file = std::env::temp_dir().join(format!("vokasi-authority-{}-{port}.pem", std::process::id()));
        std::fs::write(&file, authority).expect("the temporary folder can be written");
        let shared = Arc::new(Shared {
            inbox: Mutex::default(),
            replies: Mutex::default(),
            lose_answer: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            asks_to_sign_in,
        });
        let accepting = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if shared.stopped.load(Ordering::Relaxed) {
                        return;
                    }
                    let (shared, config) = (Arc::clone(&shared), Arc::clone(&config));
                    // A client that hangs up has its reasons.
                    thread::spawn(move || drop(serve(stream, encryption, &config, &shared)));
                }
            })
        };
        Self { port, authority: file, shared, encryption, accepting: Some(accepting) }
    }

    /// Answers the next recipients with these codes.
    pub fn reply(&self, codes: &[u16]) {
        self.shared.replies.lock().expect("nobody panics here").extend(codes);
    }

    /// Takes the next message, and loses the connection before the sender hears of it.
    pub fn lose_next_answer(&self) {
        self.shared.lose_answer.store(true, Ordering::Relaxed);
    }

    /// What was taken so far.
    pub fn inbox(&self) -> Vec<Received> {
        self.shared.inbox.lock().expect("nobody panics here").clone()
    }

    /// The only message so far.
    #[track_caller]
    pub fn only(&self) -> Received {
        let inbox = self.inbox();
        assert_eq!(inbox.len(), 1, "one message is expected");
        inbox[0].clone()
    }

    /// How to reach it, trusting the authority that certified it.
    pub fn settings(&self) -> SmtpSettings {
        let tls = if self.encryption == Encryption::Implicit { SmtpTls::Implicit } else { SmtpTls::Starttls };
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: Some(self.port),
            tls,
            login: None,
            ca_file: Some(self.authority.clone()),
        }
    }

    pub fn mailer(&self) -> Mailer {
        mailer(self.settings())
    }
}

/// A mailer over this server.
pub fn mailer(smtp: SmtpSettings) -> Mailer {
    let from = "vokasi@dinas.example".to_owned();
    Mailer::open(&MailSettings { from, smtp: Some(smtp), folder: "unused".into() }).expect("the settings hold")
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.accepting.take() {
            let _ = thread.join();
        }
        drop(std::fs::remove_file(&self.authority));
    }
}

impl Received {
    /// The headers of the message, unfolded, in their order.
    pub fn headers(&self) -> Vec<(String, String)> {
        headers(&self.text)
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        let found: Vec<String> =
            self.headers().into_iter().filter(|(found, _)| found == name).map(|(_, value)| value).collect();
        assert_eq!(found.len(), 1, "{name} in\n{}", self.text);
        found[0].clone()
    }

    /// What a person reads, as plain text and as HTML.
    pub fn parts(&self) -> (String, String) {
        parts(&self.text)
    }
}

fn headers(message: &str) -> Vec<(String, String)> {
    let head = message.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
    head.split("\r\n")
        .map(|line| line.split_once(": ").unwrap_or_else(|| panic!("no header: {line:?}")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The two parts of a message, decoded.
pub fn parts(message: &str) -> (String, String) {
    let kind = headers(message).into_iter().find(|(name, _)| name == "Content-Type").expect("a kind").1;
    assert!(kind.starts_with("multipart/alternative"), "{kind}");
    let boundary = kind.split('"').nth(1).expect("a boundary");
    let read: Vec<(String, String)> = message
        .split(&format!("--{boundary}\r\n"))
        .skip(1)
        .map(|part| {
            let body = part.split_once("\r\n\r\n").expect("a head and a body").1;
            let body = body.split(&format!("\r\n--{boundary}--")).next().unwrap_or_default();
            let encoded = headers(part).iter().any(|(_, value)| value == "quoted-printable");
            let kind = headers(part).into_iter().find(|(name, _)| name == "Content-Type").expect("a kind").1;
            (kind, if encoded { printed(body) } else { body.to_owned() })
        })
        .collect();
    let of = |wanted: &str| read.iter().find(|(kind, _)| kind.starts_with(wanted)).expect(wanted).1.clone();
    assert_eq!(read.len(), 2, "{message}");
    (of("text/plain").replace("\r\n", "\n"), of("text/html").replace("\r\n", "\n"))
}

/// Quoted-printable (RFC 2045).
fn printed(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut pieces = joined.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).expect("two digits"));
        bytes.extend(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// The server's side of TLS, and the authority that it is certified by.
fn certificates(certified: Certified) -> (Arc<ServerConfig>, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Otoritas uji");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("it signs itself");
    let host = if certified == Certified::ForAnotherHost { "surel.example" } else { "127.0.0.1" };
    let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
    if certified == Certified::UntilYesterday {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &authority).expect("the authority signs");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("the key fits");
    (Arc::new(config), authority.pem())
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn serve(tcp: TcpStream, encryption: Encryption, config: &Arc<ServerConfig>, shared: &Arc<Shared>) -> io::Result<()> {
    let ip: IpAddr = tcp.peer_addr()?.ip();
    let encrypted = |tcp: TcpStream| -> io::Result<Box<dyn Stream>> {
        let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        Ok(Box::new(StreamOwned::new(connection, tcp)))
    };
    let mut builder = SessionBuilder::new("surel.example");
    if encryption == Encryption::Starttls {
        builder.enable_start_tls();
    }
    if shared.asks_to_sign_in {
        builder.enable_auth(AuthMechanism::Plain);
    }
    let post = Post { shared: Arc::clone(shared), from: String::new(), to: Vec::new(), text: Vec::new() };
    let mut session: Session<Post> = builder.build(ip, post);
    let mut stream: Box<dyn Stream> = match encryption {
        Encryption::Implicit => encrypted(tcp.try_clone()?)?,
        _ => Box::new(tcp.try_clone()?),
    };
    if encryption == Encryption::Implicit {
        session.tls_active();
    }
    say(&mut stream, &session.greeting())?;
    loop {
        let line = line(&mut stream)?;
        if line.is_empty() {
            return Ok(());
        }
        let response = session.process(&line);
        if line == b".\r\n" && shared.lose_answer.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        match response.action {
            Action::Reply => say(&mut stream, &response)?,
            Action::NoReply => {}
            Action::Close => return say(&mut stream, &response),
            Action::UpgradeTls => {
                say(&mut stream, &response)?;
                stream = encrypted(tcp.try_clone()?)?;
                session.tls_active();
            }
        }
    }
}

fn say(stream: &mut Box<dyn Stream>, response: &Response) -> io::Result<()> {
    let mut bytes = Vec::new();
    response.write_to(&mut bytes)?;
    stream.write_all(&bytes)?;
    stream.flush()
}

fn line(stream: &mut Box<dyn Stream>) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut byte = [0];
    while line.last() != Some(&b'\n') && stream.read(&mut byte)? == 1 {
        line.push(byte[0]);
    }
    Ok(line)
}

/// What the server does with what comes in.
struct Post {
    shared: Arc<Shared>,
    from: String,
    to: Vec<String>,
    text: Vec<u8>,
}

impl Handler for Post {
    fn rcpt(&mut self, _: &str) -> Response {
        match self.shared.replies.lock().expect("nobody panics here").pop_front() {
            Some(code) => Response::custom(code, "Begitulah".to_owned()),
            None => response::OK,
        }
    }

    fn data_start(&mut self, _: &str, from: &str, _: bool, to: &[String]) -> Response {
        (self.from, self.to) = (from.to_owned(), to.to_vec());
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.text.extend(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let text = String::from_utf8(std::mem::take(&mut self.text)).expect("the message is text");
        let received = Received { from: self.from.clone(), to: self.to.clone(), text };
        self.shared.inbox.lock().expect("nobody panics here").push(received);
        response::OK
    }

    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        if (user, password) == USER { response::AUTH_OK } else { response::INVALID_CREDENTIALS }
    }
}
