//! What the figures were measured on.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use vokasi_api::state::Clock;

use crate::pace::{Outcome, median, timed};
use crate::table::duration;

/// Day, cores, memory, and how long the disk takes to make 4 KiB durable.
pub(crate) fn facts(folder: &Path) -> Outcome<String> {
    let day = Clock::System.now().utc().date_naive();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = memory_of("/proc/meminfo", "MemTotal:").unwrap_or_default() / 1024 / 1024;
    Ok(format!(
        "Measured on {day} on a machine with {cores} cores and {memory} GiB of memory, whose disk makes 4 KiB durable \
         (`fdatasync`) in {}.",
        duration(sync_time(folder)?)
    ))
}

/// A figure in KiB from one of the kernel's files.
pub(crate) fn memory_of(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn sync_time(folder: &Path) -> Outcome<f64> {
    let path = folder.join("sync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..200 {
        file.write_all(&[7; 4096])?;
        times.push(timed(|| Ok(file.sync_data()?))?.0);
    }
    fs::remove_file(path)?;
    Ok(median(&times))
}
