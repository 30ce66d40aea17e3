//! The program `vokasi`.

use std::process::ExitCode;

fn main() -> ExitCode {
    vokasi_api::cli::run()
}
