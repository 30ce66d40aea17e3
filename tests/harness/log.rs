//! What the program logs, of all stories of a run together.

use std::io::Write;
use std::sync::{Mutex, Once};

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

/// Listens from the first story on, as somebody who asks for as much as there is.
pub fn listen() {
    ONCE.call_once(|| {
        // The stories' own client is not the program.
        let wanted = "debug,vokasi_api=trace,vokasi_core=trace,ureq=off,ureq_proto=off";
        tracing_subscriber::fmt()
            .with_env_filter(vokasi_api::telemetry::filter(wanted))
            .with_ansi(false)
            .with_writer(|| Lines)
            .init();
    });
}

/// What was logged until now.
pub fn lines() -> Vec<u8> {
    LINES.lock().expect("nobody breaks off here").clone()
}
