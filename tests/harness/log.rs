//! What the program logs, of all stories of a run together.

use std::io::Write;
use std::sync::{Mutex, Once};

use tracing_subscriber::EnvFilter;

static ONCE: Once = Once::new();
static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.lock().expect("nobody breaks off here").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens from the first story on, to everything that the program says itself and to what its server says of note.
pub fn listen() {
    ONCE.call_once(|| {
        let filter = EnvFilter::new("info,vokasi_api=trace,vokasi_core=trace,actix_web=debug,actix_http=debug");
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Lines).init();
    });
}

/// What was logged until now.
pub fn lines() -> Vec<u8> {
    LINES.lock().expect("nobody breaks off here").clone()
}
