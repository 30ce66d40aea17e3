//! Time, taken in turns.

use std::time::Instant;

/// What can go wrong while measuring is told and ends the run.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Seconds that something takes, and what it gave.
pub(crate) fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(f64, T)> {
    let begin = Instant::now();
    let value = work()?;
    Ok((begin.elapsed().as_secs_f64(), value))
}

/// Times of two things that were done in turns, in seconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pair {
    pub(crate) ours: Vec<f64>,
    pub(crate) limit: Vec<f64>,
}

impl Pair {
    /// One turn of each.
    pub(crate) fn add(&mut self, ours: f64, limit: f64) {
        self.ours.push(ours);
        self.limit.push(limit);
    }

    /// The median of the ratios, turn by turn: what the machine did meanwhile falls on both.
    pub(crate) fn ratio(&self) -> f64 {
        median(&self.ours.iter().zip(&self.limit).map(|(ours, limit)| ours / limit).collect::<Vec<_>>())
    }
}

/// Does two things in turns, so many times each after one turn that does not count.
pub(crate) fn in_turns(
    turns: usize,
    mut ours: impl FnMut() -> Outcome,
    mut limit: impl FnMut() -> Outcome,
) -> Outcome<Pair> {
    let mut pair = Pair::default();
    ours()?;
    limit()?;
    for _ in 0..turns {
        let (one, ()) = timed(&mut ours)?;
        let (other, ()) = timed(&mut limit)?;
        pair.add(one, other);
    }
    Ok(pair)
}

/// The middle one.
pub(crate) fn median(values: &[f64]) -> f64 {
    share(values, 50)
}

/// The value that so many per cent of the values do not exceed.
pub(crate) fn share(values: &[f64], per_cent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() * per_cent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}
