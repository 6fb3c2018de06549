//! What a running job says on standard error: one line that is rewritten on a terminal, a line now and then
//! in a log, and an explanation when nothing comes out.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use flitz_runtime::JobStatus;
use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressStyle};

/// How long rows may go in and none come out before we say why.
const SILENCE: Duration = Duration::from_secs(10);
/// How often a line is written when nobody watches.
const LOG_INTERVAL: Duration = Duration::from_secs(10);
const REDRAW: Duration = Duration::from_millis(200);

pub struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
    started: Instant,
    last_drawn: Instant,
    last_logged: Instant,
    rate: Rate,
    explained: bool,
}

/// Records per second, as a reader of the line wants it.
#[derive(Default)]
pub struct Rate {
    last: Option<(Instant, u64)>,
    per_second: f64,
}

impl Rate {
    pub fn update(&mut self, status: &JobStatus) {
        let records = status.records_in();
        let (since, before) = self.last.unwrap_or((Instant::now() - REDRAW, 0));
        let now = records.saturating_sub(before) as f64 / since.elapsed().as_secs_f64();
        // A little inertia keeps the figure readable.
        self.per_second = if self.last.is_none() || before == 0 { now } else { self.per_second * 0.7 + now * 0.3 };
        self.last = Some((Instant::now(), records));
    }

    pub fn per_second(&self) -> f64 {
        self.per_second
    }
}

impl Progress {
    pub fn new(quiet: bool) -> Progress {
        Progress::below(&MultiProgress::new(), quiet)
    }

    /// A line below those of other jobs.
    pub fn below(others: &MultiProgress, quiet: bool) -> Progress {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = others.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        let now = Instant::now();
        Progress {
            bar,
            quiet,
            started: now,
            last_drawn: now,
            last_logged: now,
            rate: Rate::default(),
            explained: false,
        }
    }

    /// Called often; draws when it is time to. `extra` comes at the end of the line.
    pub fn update(&mut self, status: &JobStatus, extra: &str) {
        if self.last_drawn.elapsed() < REDRAW || self.quiet {
            return;
        }
        self.rate.update(status);
        self.last_drawn = Instant::now();
        let line = format!("{}{extra}", line(status, self.rate.per_second()));
        match &self.bar {
            Some(bar) => {
                bar.set_message(line);
                bar.tick();
            }
            None if self.last_logged.elapsed() >= LOG_INTERVAL => {
                self.last_logged = Instant::now();
                eprintln!("{line}");
            }
            None => {}
        }
        if !self.explained && self.started.elapsed() >= SILENCE {
            self.explained = true;
            if let Some(reason) = status.explain_silence() {
                self.say(&format!("{}: no output for {} s: {reason}", status.job, SILENCE.as_secs()));
            }
        }
    }

    /// A line above the status line.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None if !self.quiet => eprintln!("{text}"),
            None => {}
        }
    }

    /// Runs `print` without the status line in its way.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `order-analytics  1.2 M in, 120 out  52 k/s  watermark 10:50:30  lag 12  checkpoint 42 (1 s ago, 12 KiB)`
pub fn line(status: &JobStatus, rate: f64) -> String {
    let mut parts = vec![
        status.job.clone(),
        format!("{} in, {} out", count(status.records_in() as f64), count(status.rows_out() as f64)),
        format!("{}/s", count(rate)),
    ];
    let splits = || status.sources.iter().flat_map(|s| &s.splits);
    if let Some(watermark) = splits().filter(|s| !s.idle && !s.finished).filter_map(|s| s.watermark).min() {
        parts.push(format!("watermark {watermark}"));
    }
    let lags: Vec<u64> = splits().filter_map(|s| s.lag).collect();
    if !lags.is_empty() {
        parts.push(format!("lag {}", count(lags.iter().sum::<u64>() as f64)));
    }
    if let Some(epoch) = status.checkpoint.last_epoch {
        let size = HumanBytes(status.checkpoint.last_bytes);
        let age = status.checkpoint.age_millis.unwrap_or(0) as f64 / 1000.0;
        parts.push(format!("checkpoint {epoch} ({age:.1} s ago, {size})"));
    }
    if status.spilled_bytes() > 0 {
        parts.push(format!("{} on disk", HumanBytes(status.spilled_bytes())));
    }
    if status.late_rows() > 0 {
        parts.push(format!("{} late", status.late_rows()));
    }
    if status.skipped_records() > 0 {
        parts.push(format!("{} skipped", status.skipped_records()));
    }
    parts.join("  ")
}

/// `950`, `12.3 k`, `1.20 M`
fn count(n: f64) -> String {
    match n {
        n if n >= 1e6 => format!("{:.2} M", n / 1e6),
        n if n >= 1e4 => format!("{:.1} k", n / 1e3),
        n => format!("{n:.0}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts_are_short() {
        assert_eq!([950.0, 12_300.0, 1_200_000.0].map(super::count), ["950", "12.3 k", "1.20 M"]);
    }
}
