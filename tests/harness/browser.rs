//! A phone with the page open: a headless Chromium of its own, spoken to over a pipe.
//!
//! It takes commands of the `DevTools` protocol from one pipe and answers on another, so no port is open through which
//! somebody else could drive it, and it ends with the process that holds the pipe. It resolves no name, and its profile
//! is a folder that goes with it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::databases::goes_with_the_tests;
use super::{App, Value, json};

/// What the addresses of the browser's own surfaces begin with.
const ITS_OWN: &str = "chrome://";
/// How long anything on the page may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a finger looks for on the page: rows, fields by their label, buttons by what stands on them.
const FINGER: &str = r"
    const shown = (one) => one.checkVisibility();
    const said = (one) => (one.getAttribute('aria-label') || one.innerText).replace(/\s+/g, ' ').trim();
    const rows = (name) => name === null ? [document] : [...document.querySelectorAll('li')].filter((row) => row.innerText.includes(name));
    const button = (name, row) => rows(row).flatMap((one) => [...one.querySelectorAll('button, label:has([type=checkbox])')]).find((one) => shown(one) && said(one) === name);
    const field = (name, row) => rows(row).flatMap((one) => [...one.querySelectorAll('label')]).find((one) => shown(one) && said(one) === name)?.control;
";

/// A phone, with one tab open at a time.
pub struct Browser {
    process: Child,
    profile: PathBuf,
    commands: ChildStdin,
    messages: Receiver<Value>,
    next: u64,
    server: String,
    /// The tab, and the conversation with it.
    tab: (String, String),
    conversations: Vec<String>,
    width: u32,
    offline: bool,
    requests: Vec<String>,
    complaints: Vec<String>,
}

impl Browser {
    /// A phone of 390 pixels across, with an empty tab.
    pub fn open(app: &App) -> Self {
        Self::before(&app.url)
    }

    /// The same, of a server at another address.
    pub fn before(server: &str) -> Self {
        // Each story has a server of its own, and with it a number that no other story has.
        let port = server.rsplit(':').next().unwrap_or_default();
        let profile = std::env::temp_dir().join(format!("vokasi_browser_{}_{port}", std::process::id()));
        fs::create_dir(&profile).expect("the temporary folder can be written");
        // Should the tests be killed, the browser ends with its pipe, and the folder goes as well.
        goes_with_the_tests(&profile);
        let mut process = start(&profile);
        let commands = process.stdin.take().expect("it is piped");
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        let (send, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in answers.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("the browser speaks JSON");
                if send.send(message).is_err() {
                    break;
                }
            }
        });
        let mut phone = Self {
            process,
            profile,
            commands,
            messages,
            next: 0,
            server: server.to_owned(),
            tab: Default::default(),
            conversations: Vec::new(),
            width: 390,
            offline: false,
            requests: Vec::new(),
            complaints: Vec::new(),
        };
        // Pages, and programs that work behind them: each is stopped until it was told what holds for it.
        let everything = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        phone.ask("", "Target.setAutoAttach", &everything);
        phone.new_tab();
        phone
    }

    /// Closes the tab, with all that it alone had kept, and opens another.
    pub fn new_tab(&mut self) {
        let old = std::mem::take(&mut self.tab.0);
        if !old.is_empty() {
            self.ask("", "Target.closeTarget", &json!({ "targetId": old }));
        }
        let made = self.ask("", "Target.createTarget", &json!({ "url": "about:blank" }));
        made["targetId"].as_str().expect("an id").clone_into(&mut self.tab.0);
        let until = Instant::now() + PATIENCE;
        while !self.conversations.iter().any(|one| one.ends_with(&self.tab.0)) {
            self.listen(until);
        }
        let conversation = self.conversations.iter().find(|one| one.ends_with(&self.tab.0)).expect("it was just there");
        self.tab.1 = conversation.split(' ').next().unwrap_or_default().to_owned();
        self.wide(self.width);
    }

    /// Types an address of the server.
    pub fn visit(&mut self, path: &str) {
        let url = format!("{}{path}", self.server);
        let tab = self.tab.1.clone();
        let answer = self.ask(&tab, "Page.navigate", &json!({ "url": url }));
        assert_eq!(answer["errorText"], Value::Null, "{path} does not open");
        self.until("document.readyState === 'complete'", &format!("{path} opens"));
        self.remind();
    }

    /// Loads the tab again.
    pub fn reload(&mut self) {
        self.run("window.before = true");
        let tab = self.tab.1.clone();
        self.ask(&tab, "Page.reload", &json!({}));
        self.until("!window.before && document.readyState === 'complete'", "the tab loads again");
    }

    /// Goes back to the page before, which has slept as it was.
    pub fn back(&mut self) {
        self.run("window.before = true; setTimeout(() => history.back())");
        self.until("!window.before && document.readyState === 'complete'", "the page before comes back");
        self.remind();
    }

    /// Taps a button.
    #[track_caller]
    pub fn tap(&mut self, button: &str) {
        self.tap_on(&format!("button({}, null)", Value::from(button)), button);
    }

    /// Taps a button beside somebody's name.
    #[track_caller]
    pub fn tap_beside(&mut self, name: &str, button: &str) {
        self.tap_on(&format!("button({}, {})", Value::from(button), Value::from(name)), &format!("{name}: {button}"));
    }

    /// Types into a field, over what stands there.
    #[track_caller]
    pub fn fill(&mut self, label: &str, text: &str) {
        self.fill_in(&format!("field({}, null)", Value::from(label)), label, text);
    }

    /// Types into a field beside somebody's name.
    #[track_caller]
    pub fn fill_beside(&mut self, name: &str, label: &str, text: &str) {
        let field = format!("field({}, {})", Value::from(label), Value::from(name));
        self.fill_in(&field, &format!("{name}: {label}"), text);
    }

    /// What a field beside somebody's name holds.
    #[track_caller]
    pub fn field_beside(&mut self, name: &str, label: &str) -> Value {
        let field = format!("field({}, {})", Value::from(label), Value::from(name));
        self.run(&format!("{FINGER} {field}?.value ?? null"))
    }

    /// What stands on the button that is pressed beside somebody's name.
    pub fn pressed_beside(&mut self, name: &str) -> Value {
        let row = Value::from(name);
        self.run(&format!(
            "{FINGER} rows({row}).flatMap((one) => [...one.querySelectorAll('[aria-pressed=true]')]).map(said).join()"
        ))
    }

    /// Waits until the page says so.
    #[track_caller]
    pub fn reads(&mut self, text: &str) {
        self.until(
            &format!("document.body.innerText.includes({})", Value::from(text)),
            &format!("the page says {text:?}"),
        );
    }

    /// Waits until it is said beside somebody's name.
    #[track_caller]
    pub fn reads_beside(&mut self, name: &str, text: &str) {
        let condition = format!(
            "{FINGER} rows({}).some((one) => one.innerText.includes({}))",
            Value::from(name),
            Value::from(text)
        );
        self.until(&condition, &format!("beside {name} stands {text:?}"));
    }

    /// Everything the page says now.
    pub fn text(&mut self) -> String {
        self.run("document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// What the page's own program would be told.
    #[track_caller]
    pub fn run(&mut self, program: &str) -> Value {
        let tab = self.tab.1.clone();
        let program = json!({ "expression": format!("{{ {program} }}"), "returnByValue": true, "awaitPromise": true });
        let answer = self.ask(&tab, "Runtime.evaluate", &program);
        assert_eq!(answer["exceptionDetails"], Value::Null, "the page cannot tell");
        answer["result"]["value"].clone()
    }

    /// Waits until this holds on the page.
    #[track_caller]
    pub fn until(&mut self, condition: &str, what: &str) {
        let end = Instant::now() + PATIENCE;
        while self.run(condition) != Value::Bool(true) {
            assert!(Instant::now() < end, "not so: {what}\n{}", self.account());
            self.listen(Instant::now() + Duration::from_millis(20));
        }
    }

    /// Takes the network away, from the page and from what works behind it.
    pub fn lose_network(&mut self) {
        self.connect(false);
    }

    /// Gives it back.
    pub fn find_network(&mut self) {
        self.connect(true);
    }

    /// Makes the screen this many pixels wide.
    pub fn wide(&mut self, width: u32) {
        self.width = width;
        let screen = json!({ "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": true });
        let tab = self.tab.1.clone();
        self.ask(&tab, "Emulation.setDeviceMetricsOverride", &screen);
    }

    /// Nothing is wider than the screen, everything that is tapped is as high as a finger, and each has a name that a
    /// screen reader says.
    #[track_caller]
    pub fn suits_a_thumb(&mut self, width: u32) {
        let before = self.width;
        self.wide(width);
        let wide = self.run("document.documentElement.scrollWidth");
        assert!(wide.as_u64() <= Some(width.into()), "{wide} pixels on {width}\n{}", self.account());
        let low = "const low = [...document.querySelectorAll('button, input:not([type=checkbox]), label:has([type=checkbox])')]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML); low";
        assert_eq!(self.run(low), json!([]));
        let tab = self.tab.1.clone();
        let tree = self.ask(&tab, "Accessibility.getFullAXTree", &json!({}));
        let nodes = tree["nodes"].as_array().expect("a tree");
        let roles = ["button", "textbox", "spinbutton", "checkbox", "group"];
        let tools = nodes.iter().filter(|node| roles.contains(&node["role"]["value"].as_str().unwrap_or_default()));
        let names: Vec<&str> = tools.map(|node| node["name"]["value"].as_str().unwrap_or_default()).collect();
        assert!(names.len() > 2 && names.iter().all(|name| !name.is_empty()), "{names:?}");
        self.wide(before);
    }

    /// The page asked nobody but the server, and nothing went wrong that the story did not mean.
    #[track_caller]
    pub fn behaved(&mut self) {
        let server = &self.server;
        let astray: Vec<_> = self.requests.iter().filter(|url| !url.starts_with(server.as_str())).take(5).collect();
        assert!(astray.is_empty() && !self.requests.is_empty(), "{astray:?}");
        assert!(self.complaints.is_empty(), "{}", self.account());
    }

    /// Keeps a picture of the screen in the folder that `VOKASI_TEST_PICTURES` names, if it does.
    pub fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("VOKASI_TEST_PICTURES") else { return };
        let tab = self.tab.1.clone();
        let picture = self.ask(&tab, "Page.captureScreenshot", &json!({}));
        let bytes = STANDARD.decode(picture["data"].as_str().expect("a picture")).expect("base64");
        fs::write(PathBuf::from(folder).join(format!("{name}.png")), bytes).expect("the folder can be written");
    }

    fn tap_on(&mut self, button: &str, what: &str) {
        let place = format!(
            "{FINGER} (() => {{
                const one = {button};
                if (!one || one.disabled) return null;
                one.scrollIntoView({{ block: 'center' }});
                const box = one.getBoundingClientRect();
                const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                return one.contains(document.elementFromPoint(x, y)) ? {{ x, y }} : null;
            }})()"
        );
        let end = Instant::now() + PATIENCE;
        let mut at = self.run(&place);
        while at.is_null() {
            assert!(Instant::now() < end, "no button to tap: {what}\n{}", self.account());
            self.listen(Instant::now() + Duration::from_millis(20));
            at = self.run(&place);
        }
        let tab = self.tab.1.clone();
        for kind in ["mousePressed", "mouseReleased"] {
            let touch = json!({ "type": kind, "x": at["x"], "y": at["y"], "button": "left", "clickCount": 1 });
            self.ask(&tab, "Input.dispatchMouseEvent", &touch);
        }
    }

    fn fill_in(&mut self, field: &str, what: &str, text: &str) {
        self.until(&format!("{FINGER} Boolean({field})"), &format!("there is a field {what}"));
        self.run(&format!("{FINGER} {field}.focus(); {field}.select();"));
        let tab = self.tab.1.clone();
        self.ask(&tab, "Input.insertText", &json!({ "text": text }));
    }

    /// A page that was opened without a network asks in vain, but its browser still says that there is one.
    fn remind(&mut self) {
        if self.offline {
            self.connect(false);
        }
    }

    fn connect(&mut self, connected: bool) {
        self.offline = !connected;
        for conversation in self.conversations.clone() {
            let session = conversation.split(' ').next().unwrap_or_default();
            self.ask(session, "Network.emulateNetworkConditions", &conditions(self.offline));
        }
        self.until(&format!("navigator.onLine === {connected}"), "the page knows of the network");
    }

    /// Says something in a conversation and waits for the answer.
    #[track_caller]
    fn ask(&mut self, session: &str, method: &str, parameters: &Value) -> Value {
        let id = self.tell(session, method, parameters);
        let until = Instant::now() + PATIENCE;
        loop {
            let message = self.messages.recv_timeout(until.saturating_duration_since(Instant::now()));
            let message = message.unwrap_or_else(|error| panic!("{method}: the browser says nothing ({error})"));
            if message["id"] == id {
                assert_eq!(message["error"], Value::Null, "{method}");
                return message["result"].clone();
            }
            self.notice(&message);
        }
    }

    fn tell(&mut self, session: &str, method: &str, parameters: &Value) -> u64 {
        self.next += 1;
        let mut command = json!({ "id": self.next, "method": method, "params": parameters });
        if !session.is_empty() {
            command["sessionId"] = session.into();
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).expect("the browser listens; scripts/test brings it (Debian: chromium)");
        self.next
    }

    fn listen(&mut self, until: Instant) {
        if let Ok(message) = self.messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.notice(&message);
        }
    }

    fn notice(&mut self, message: &Value) {
        let what = &message["params"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match message["method"].as_str().unwrap_or_default() {
            "Target.attachedToTarget" => {
                let session = text(&what["sessionId"]);
                // The browser's own surfaces, such as what opens under its address line, are no pages of ours.
                if text(&what["targetInfo"]["url"]).starts_with(ITS_OWN) {
                    self.tell(&session, "Runtime.runIfWaitingForDebugger", &json!({}));
                    return;
                }
                self.conversations.push(format!("{session} {}", text(&what["targetInfo"]["targetId"])));
                for domain in ["Network.enable", "Runtime.enable", "Log.enable", "Page.enable"] {
                    self.tell(&session, domain, &json!({}));
                }
                self.tell(&session, "Network.emulateNetworkConditions", &conditions(self.offline));
                self.tell(&session, "Runtime.runIfWaitingForDebugger", &json!({}));
            }
            "Target.detachedFromTarget" => {
                let session = text(&what["sessionId"]);
                self.conversations.retain(|one| !one.starts_with(&session));
            }
            "Network.requestWillBeSent" => {
                let asked = text(&what["request"]["url"]);
                if !asked.starts_with(ITS_OWN) {
                    self.requests.push(asked);
                }
            }
            "Runtime.exceptionThrown" => self.complaints.push(what["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled" => self.complaints.push(what["args"].to_string()),
            "Log.entryAdded" => {
                let entry = &what["entry"];
                let meant = ["net::ERR_INTERNET_DISCONNECTED", "status of 401"];
                let said = text(&entry["text"]);
                let harmless = entry["source"] == "network" && meant.iter().any(|one| said.contains(one));
                if !harmless && entry["level"] != "verbose" && entry["level"] != "info" {
                    self.complaints.push(entry.to_string());
                }
            }
            _ => {}
        }
    }

    /// What somebody who looks at a failed story wants to know.
    fn account(&mut self) -> String {
        let tab = self.tab.1.clone();
        let program = json!({ "expression": "location.href + '\\n' + document.body.innerText", "returnByValue": true });
        let page = self.ask(&tab, "Runtime.evaluate", &program);
        format!("{}\n{}", page["result"]["value"].as_str().unwrap_or_default(), self.complaints.join("\n"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It is the first of a group of its own, and takes the rest of it along.
        let group = i32::try_from(self.process.id()).unwrap_or_default();
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status();
        let _ = self.process.kill();
        let _ = self.process.wait();
        // Its last writer may still be on the way out.
        for _ in 0..50 {
            if fs::remove_dir_all(&self.profile).is_ok() {
                break;
            }
            thread::park_timeout(Duration::from_millis(20));
        }
    }
}

fn conditions(offline: bool) -> Value {
    json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 })
}

fn start(profile: &std::path::Path) -> Child {
    let program = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|program| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    });
    let program = program.expect("a browser is missing; scripts/test brings it (Debian: apt-get install chromium)");
    // The browser reads what it is to do from the third descriptor and answers on the fourth.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", program]);
    command.args([
        "--headless",
        "--remote-debugging-pipe",
        // Root may not run it otherwise, and some machines forbid what its sandbox is made of. It sees our pages alone.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-default-browser-check",
        "--no-proxy-server",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--disable-extensions",
        "--disable-sync",
        "--metrics-recording-only",
        "--password-store=basic",
        "--accept-lang=id-ID,id",
    ]);
    command.arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
    command.env("HOME", profile).env("TMPDIR", profile).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    command.spawn().expect("a shell starts")
}
