//! `restart-strategy.*`: whether and when a job that failed starts again, from its last checkpoint.
//!
//! Options and meaning are Flink's but for the default: where no strategy is named a job that fails ends, with
//! exit code 1, and whoever started the program starts it again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use flitz_dataflow::{Error, ErrorKind, Result};
use flitz_plan::Config;

#[derive(Clone, Debug, PartialEq)]
pub enum RestartStrategy {
    Never,
    FixedDelay {
        attempts: u64,
        delay: Duration,
    },
    FailureRate {
        failures: usize,
        interval: Duration,
        delay: Duration,
    },
    ExponentialDelay {
        initial: Duration,
        max: Duration,
        multiplier: f64,
        /// A job that ran for so long begins with `initial` again.
        reset: Duration,
        /// Share of the delay by which it varies.
        jitter: f64,
        attempts: u64,
    },
}

impl RestartStrategy {
    pub fn of(config: &Config) -> Result<RestartStrategy> {
        const KEY: &str = "restart-strategy.type";
        let name = config.get(KEY).unwrap_or_default().to_ascii_lowercase();
        let option = |rest: &str| format!("restart-strategy.{rest}");
        let duration = |rest: &str, default: u64| {
            Ok::<_, Error>(config.duration(&option(rest))?.unwrap_or(Duration::from_secs(default)))
        };
        let count = |rest: &str, default: u64| match config.integer(&option(rest))? {
            None => Ok(default),
            Some(n) if n > 0 => Ok(n as u64),
            Some(n) => Err(refuse(&option(rest), "more than 0", &n.to_string())),
        };
        let number = |rest: &str, default: f64, least: f64| match config.get(&option(rest)) {
            None => Ok(default),
            Some(text) => match text.parse::<f64>() {
                Ok(value) if value.is_finite() && value >= least => Ok(value),
                _ => Err(refuse(&option(rest), &format!("a number from {least} on"), text)),
            },
        };
        Ok(match name.as_str() {
            "" | "none" | "off" | "disable" => RestartStrategy::Never,
            "fixed-delay" | "fixeddelay" => RestartStrategy::FixedDelay {
                attempts: count("fixed-delay.attempts", 1)?,
                delay: duration("fixed-delay.delay", 1)?,
            },
            "failure-rate" | "failurerate" => RestartStrategy::FailureRate {
                failures: count("failure-rate.max-failures-per-interval", 1)? as usize,
                interval: duration("failure-rate.failure-rate-interval", 60)?,
                delay: duration("failure-rate.delay", 1)?,
            },
            "exponential-delay" | "exponentialdelay" => RestartStrategy::ExponentialDelay {
                initial: duration("exponential-delay.initial-backoff", 1)?,
                max: duration("exponential-delay.max-backoff", 60)?,
                multiplier: number("exponential-delay.backoff-multiplier", 1.5, 1.0)?,
                reset: duration("exponential-delay.reset-backoff-threshold", 3600)?,
                jitter: number("exponential-delay.jitter-factor", 0.1, 0.0)?,
                attempts: match config.get(&option("exponential-delay.attempts-before-reset-backoff")) {
                    Some("infinite") => u64::MAX,
                    _ => count("exponential-delay.attempts-before-reset-backoff", u64::MAX)?,
                },
            },
            _ => return Err(refuse(KEY, "none, fixed-delay, failure-rate or exponential-delay", &name)),
        })
    }
}

fn refuse(key: &str, wanted: &str, found: &str) -> Error {
    Error::invalid(format!("'{key}' must be {wanted}, found '{found}'")).option(key)
}

/// Of one job.
pub struct Restarts {
    strategy: RestartStrategy,
    failures: VecDeque<Instant>,
    /// Restarts, for `ExponentialDelay` since it began anew.
    count: u64,
    backoff: Duration,
}

impl Restarts {
    pub fn new(strategy: RestartStrategy) -> Restarts {
        Restarts { strategy, failures: VecDeque::new(), count: 0, backoff: Duration::ZERO }
    }

    /// How long to wait before the job starts again after it failed with `error`; None: that was it.
    pub fn after(&mut self, error: &Error, now: Instant) -> Option<Duration> {
        // What is wrong stays wrong, and what somebody else has taken over is his.
        if matches!(error.kind, ErrorKind::Invalid | ErrorKind::Unsupported | ErrorKind::Fenced) {
            return None;
        }
        let last = self.failures.back().copied();
        self.failures.push_back(now);
        self.count += 1;
        match self.strategy {
            RestartStrategy::Never => None,
            RestartStrategy::FixedDelay { attempts, delay } => (self.count <= attempts).then_some(delay),
            RestartStrategy::FailureRate { failures, interval, delay } => {
                while self.failures.front().is_some_and(|first| now.duration_since(*first) > interval) {
                    self.failures.pop_front();
                }
                (self.failures.len() <= failures).then_some(delay)
            }
            RestartStrategy::ExponentialDelay { initial, max, multiplier, reset, jitter, attempts } => {
                self.failures.truncate(0);
                self.failures.push_back(now);
                if last.is_none_or(|last| now.duration_since(last) >= reset + self.backoff) {
                    self.count = 1;
                    self.backoff = initial;
                } else {
                    self.backoff = self.backoff.mul_f64(multiplier).min(max);
                }
                let factor = 1.0 + jitter * (rand::random::<f64>() * 2.0 - 1.0);
                (self.count <= attempts).then(|| self.backoff.mul_f64(factor.max(0.0)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Config {
        let mut config = Config::default();
        pairs.iter().for_each(|(key, value)| config.set(format!("restart-strategy.{key}"), *value));
        config
    }

    /// Delays in ms for failures at these seconds; None: not again.
    fn delays(pairs: &[(&str, &str)], failures: &[u64]) -> Vec<Option<u128>> {
        let mut restarts = Restarts::new(RestartStrategy::of(&config(pairs)).unwrap());
        let (start, error) = (Instant::now(), Error::unavailable("the broker is away"));
        let after = |at: &u64| restarts.after(&error, start + Duration::from_secs(*at)).map(|d| d.as_millis());
        failures.iter().map(after).collect()
    }

    #[test]
    fn strategies_as_in_flink() {
        assert_eq!(delays(&[], &[0]), [None]);
        assert_eq!(delays(&[("type", "fixed-delay")], &[0, 1]), [Some(1000), None]);
        let fixed = [("type", "fixeddelay"), ("fixed-delay.attempts", "2"), ("fixed-delay.delay", "50 ms")];
        assert_eq!(delays(&fixed, &[0, 9, 10]), [Some(50), Some(50), None]);
        let rate = [("type", "failure-rate"), ("failure-rate.max-failures-per-interval", "2")];
        assert_eq!(delays(&rate, &[0, 50, 70, 120, 125]), [Some(1000), Some(1000), Some(1000), Some(1000), None]);
        let exponential = [("type", "exponential-delay"), ("exponential-delay.jitter-factor", "0")];
        assert_eq!(delays(&exponential, &[0, 1, 3, 7200]), [Some(1000), Some(1500), Some(2250), Some(1000)]);
        let few = [&exponential[..], &[("exponential-delay.attempts-before-reset-backoff", "1")]].concat();
        assert_eq!(delays(&few, &[0, 1]), [Some(1000), None]);
    }

    #[test]
    fn some_failures_are_final() {
        let strategy = RestartStrategy::of(&config(&[("type", "exponential-delay")])).unwrap();
        let mut restarts = Restarts::new(strategy);
        for error in [Error::invalid("no such column"), Error::fenced("taken over")] {
            assert_eq!(restarts.after(&error, Instant::now()), None);
        }
    }

    #[test]
    fn wrong_options_are_refused() {
        for (pairs, expected) in [
            (vec![("type", "sometimes")], "'restart-strategy.type' must be none, fixed-delay"),
            (vec![("type", "fixed-delay"), ("fixed-delay.attempts", "0")], "must be more than 0, found '0'"),
            (
                vec![("type", "exponential-delay"), ("exponential-delay.backoff-multiplier", "0.5")],
                "must be a number from 1 on, found '0.5'",
            ),
        ] {
            let error = RestartStrategy::of(&config(&pairs)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
