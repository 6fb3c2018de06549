//! Makes watermarks from rows, behind a source.
//!
//! Two rules, as in Flink:
//!
//! * **Per split** (sources with watermark push-down: Kafka). Each split remembers the largest watermark of
//!   its rows; the operator's watermark is the minimum over splits that are neither idle nor read to their
//!   end, and goes out behind each batch. A split that has shown no row yet holds it back.
//! * **As a whole** (files). The watermark starts at 0 and a row moves it when its own is more than
//!   `pipeline.auto-watermark-interval` ahead of the last one emitted, at once and *behind* that row; what is
//!   less far ahead goes out when the interval has passed on the clock.
//!
//! The second rule decides row by row which rows come late, whatever the batches are. A batch is nevertheless
//! cut only where it matters: before a row whose time is not after the watermark then in force, if that has
//! moved since the last cut. Rows in order are never cut.
//!
//! ```text
//! interval 200     row   1000   1100   1500   1250   1700
//! watermark = ts   emits 1000          1500          (1700 waits: 200 is not more than 200)
//! goes on as       [1000 1100 1500] watermark 1500 [1250 1700] …   1250 is late, as in Flink
//! ```
//!
//! Idleness: a split without rows for the idle timeout is left out of the minimum, unless rows are known to
//! wait for it. When none is left the operator is `Idle`, so that other inputs decide further on. A
//! split that is read to its end holds nothing back. The progress of splits is part of a checkpoint, so that
//! a restart decides lateness as the run without one.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{
    DataType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
};
use flitz_dataflow::{ChangelogBatch, Error, Result, StreamElement, Watermark};
use flitz_functions::{EvalContext, PhysicalExpr, compile};
use flitz_plan::{Expr, WatermarkSpec};
use serde::{Deserialize, Serialize};

use super::OperatorSnapshot;

pub struct WatermarkGenerator {
    rowtime: usize,
    rowtime_name: String,
    watermark: Expression,
    interval_millis: i64,
    idle_timeout_millis: Option<i64>,
    rule: Rule,
    /// Emit behind every row that advances it, even where no row is late (CURRENT_WATERMARK looks).
    every_row: bool,
    /// Batch mode: nothing before the end.
    silent: bool,
    splits: Vec<SplitState>,
    /// What downstream knows.
    emitted: i64,
    idle: bool,
}

enum Expression {
    Column(usize),
    Computed(Box<dyn PhysicalExpr>),
}

enum Rule {
    PerSplit,
    Whole(Whole),
}

/// Flink's `WatermarkAssignerOperator`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Whole {
    /// Largest watermark of any row.
    current: i64,
    /// Last one emitted.
    last: i64,
    /// Since when `current` is ahead of `last`, on the clock.
    #[serde(skip)]
    ahead_since: Option<i64>,
}

struct SplitState {
    id: Arc<str>,
    /// `i64::MIN` before the first row.
    watermark: i64,
    idle: bool,
    finished: bool,
    last_row_millis: i64,
}

/// What a split shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitProgress {
    pub watermark: Watermark,
    pub idle: bool,
}

/// Form of the generator's state in a checkpoint.
#[derive(Default, Serialize, Deserialize)]
struct Saved {
    splits: BTreeMap<String, i64>,
    whole: Option<Whole>,
}

/// How a generator is set up, beside its `WatermarkSpec`.
#[derive(Clone, Debug)]
pub struct WatermarkSetting {
    pub per_split: bool,
    pub every_row: bool,
    pub batch_mode: bool,
    pub rowtime_name: String,
}

impl WatermarkGenerator {
    pub fn new(spec: &WatermarkSpec, setting: WatermarkSetting, context: &EvalContext) -> Result<WatermarkGenerator> {
        let watermark = match &spec.watermark {
            Expr::Column { index, .. } => Expression::Column(*index),
            computed => Expression::Computed(compile(computed, context)?),
        };
        let rule = match setting.per_split {
            true => Rule::PerSplit,
            false => Rule::Whole(Whole { current: 0, last: 0, ahead_since: None }),
        };
        let on_event = setting.per_split && (spec.on_event || spec.interval_millis == 0);
        Ok(WatermarkGenerator {
            rowtime: spec.rowtime,
            rowtime_name: setting.rowtime_name,
            watermark,
            interval_millis: if on_event { 0 } else { spec.interval_millis },
            idle_timeout_millis: spec.idle_timeout_millis.filter(|t| *t > 0),
            rule,
            every_row: setting.every_row,
            silent: setting.batch_mode,
            splits: vec![],
            emitted: i64::MIN,
            idle: false,
        })
    }

    /// What downstream knows; `Watermark::MIN` before the first.
    pub fn emitted(&self) -> Watermark {
        Watermark::from_millis(self.emitted)
    }

    /// How far a split is. Without push-down all splits of a worker have the same watermark.
    pub fn progress(&self, split: &str) -> Option<SplitProgress> {
        let split = self.splits.iter().find(|s| &*s.id == split)?;
        let watermark = match self.rule {
            Rule::PerSplit => split.watermark,
            Rule::Whole(_) => self.emitted,
        };
        Some(SplitProgress { watermark: Watermark::from_millis(watermark), idle: split.idle })
    }

    pub fn add_split(&mut self, id: &str, now_millis: i64) {
        if !self.splits.iter().any(|s| &*s.id == id) {
            self.splits.push(SplitState {
                id: id.into(),
                watermark: i64::MIN,
                idle: false,
                finished: false,
                last_row_millis: now_millis,
            });
        }
    }

    /// Before the first row, when the splits are known: what a restored state already allows.
    pub fn open(&mut self, out: &mut Vec<StreamElement>) {
        self.advance(out);
    }

    /// Rows of split `split`: puts them to `out`, with watermarks between and behind them.
    pub fn rows(
        &mut self,
        split: &str,
        batch: ChangelogBatch,
        now_millis: i64,
        out: &mut Vec<StreamElement>,
    ) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.touch(split, now_millis, out);
        let watermarks = match &mut self.watermark {
            Expression::Column(i) => batch.rows().column(*i).clone(),
            Expression::Computed(expr) => expr.evaluate(batch.rows())?,
        };
        if self.silent {
            self.rowtimes(&batch)?;
            out.push(StreamElement::Batch(batch));
            return Ok(());
        }
        let index = self.splits.iter().position(|s| &*s.id == split);
        let row_by_row = matches!(self.rule, Rule::Whole(_)) || self.interval_millis == 0 || self.every_row;
        match row_by_row {
            true => self.row_by_row(index, &batch, &watermarks, now_millis, out)?,
            false => {
                if let (Some(index), Some(max)) = (index, max_millis(&watermarks)?) {
                    let progress = &mut self.splits[index];
                    progress.watermark = progress.watermark.max(max);
                }
                out.push(StreamElement::Batch(batch));
                self.advance(out);
            }
        }
        Ok(())
    }

    /// Cuts `batch` where a row may be late.
    fn row_by_row(
        &mut self,
        split: Option<usize>,
        batch: &ChangelogBatch,
        watermarks: &ArrayRef,
        now_millis: i64,
        out: &mut Vec<StreamElement>,
    ) -> Result<()> {
        let rowtimes = self.rowtimes(batch)?;
        let values = millis(watermarks)?;
        let nulls = watermarks.nulls().filter(|n| n.null_count() > 0);
        // The others can't move while rows of this split come.
        let others = match self.rule {
            Rule::Whole(_) => i64::MAX,
            Rule::PerSplit => {
                let others = self.splits.iter().enumerate().filter(|(i, s)| Some(*i) != split && s.counts());
                others.map(|(_, s)| s.watermark).min().unwrap_or(i64::MAX)
            }
        };
        let (mut current, mut last) = match &self.rule {
            Rule::Whole(whole) => (whole.current, whole.last),
            Rule::PerSplit => (split.map_or(i64::MIN, |i| self.splits[i].watermark), self.emitted),
        };
        let interval = if matches!(self.rule, Rule::Whole(_)) { self.interval_millis } else { 0 };
        let (mut start, mut moved) = (0, false);
        for row in 0..rowtimes.len() {
            if moved && (rowtimes[row] <= last || self.every_row) {
                out.push(StreamElement::Batch(batch.slice(start, row - start)));
                out.push(StreamElement::Watermark(Watermark::from_millis(last)));
                (start, moved) = (row, false);
            }
            if nulls.is_none_or(|n| n.is_valid(row)) {
                current = current.max(values[row]);
            }
            let candidate = current.min(others);
            if candidate > last && candidate.saturating_sub(last) > interval {
                (last, moved) = (candidate, true);
            }
        }
        out.push(StreamElement::Batch(batch.slice(start, rowtimes.len() - start)));
        if moved {
            out.push(StreamElement::Watermark(Watermark::from_millis(last)));
        }
        match &mut self.rule {
            Rule::Whole(whole) => {
                let ahead_since = if moved { Some(now_millis) } else { whole.ahead_since.or(Some(now_millis)) };
                *whole = Whole { current, last, ahead_since: ahead_since.filter(|_| current > last) };
                // Flink's watermark starts at 0 but is emitted only when it leaves it.
                if last > 0 {
                    self.emitted = last;
                }
            }
            Rule::PerSplit => {
                if let Some(index) = split {
                    self.splits[index].watermark = current;
                }
                self.emitted = last;
            }
        }
        Ok(())
    }

    /// The event time of each row. NULL fails the job where Flink's operator does; per split it is the
    /// window's business, and never late.
    fn rowtimes(&self, batch: &ChangelogBatch) -> Result<ScalarBuffer<i64>> {
        let column = batch.rows().column(self.rowtime);
        let times = millis(column)?;
        let Some(nulls) = column.nulls().filter(|n| n.null_count() > 0) else { return Ok(times) };
        if matches!(self.rule, Rule::Whole(_)) {
            return Err(Error::data(format!("the event time '{}' of a row is NULL", self.rowtime_name))
                .hint("filter such rows out before, or give the column a value with COALESCE"));
        }
        Ok(times.iter().enumerate().map(|(row, time)| if nulls.is_valid(row) { *time } else { i64::MAX }).collect())
    }

    /// A split shows life.
    fn touch(&mut self, split: &str, now_millis: i64, out: &mut Vec<StreamElement>) {
        if let Some(progress) = self.splits.iter_mut().find(|s| &*s.id == split) {
            progress.last_row_millis = now_millis;
            progress.idle = false;
        }
        if self.idle {
            self.idle = false;
            // Tells that this input counts again, even if these rows are all filtered out.
            out.push(StreamElement::Watermark(self.emitted()));
        }
    }

    pub fn split_end(&mut self, split: &str, out: &mut Vec<StreamElement>) {
        if let Some(progress) = self.splits.iter_mut().find(|s| &*s.id == split) {
            progress.finished = true;
        }
        self.advance(out);
    }

    /// No rows are being taken (back-pressure): silence is no idleness.
    pub fn hold(&mut self, now_millis: i64) {
        for split in &mut self.splits {
            split.last_row_millis = now_millis;
        }
    }

    /// When `tick` has something to do.
    pub fn next_timer(&self) -> Option<i64> {
        if self.silent {
            return None;
        }
        let idle = self.idle_timeout_millis.and_then(|timeout| {
            let counting = self.splits.iter().filter(|s| s.counts());
            counting.map(|s| s.last_row_millis.saturating_add(timeout)).min()
        });
        let periodic = match &self.rule {
            Rule::Whole(whole) => whole.ahead_since.map(|since| since + self.interval_millis),
            Rule::PerSplit => None,
        };
        idle.into_iter().chain(periodic).min()
    }

    /// The clock has moved. `lag`: rows known to wait, per split; asked only when a split looks idle.
    pub fn tick(&mut self, now_millis: i64, lag: impl FnOnce() -> Vec<(String, u64)>, out: &mut Vec<StreamElement>) {
        if self.silent {
            return;
        }
        if let Rule::Whole(whole) = &mut self.rule
            && whole.ahead_since.is_some_and(|since| since + self.interval_millis <= now_millis)
        {
            whole.ahead_since = None;
            whole.last = whole.current;
            self.advance(out);
        }
        let Some(timeout) = self.idle_timeout_millis else { return };
        let is_due = |s: &SplitState| s.counts() && s.last_row_millis.saturating_add(timeout) <= now_millis;
        if !self.splits.iter().any(is_due) {
            return;
        }
        let waiting = lag();
        let waits = |id: &str| waiting.iter().any(|(split, rows)| split == id && *rows > 0);
        // The longest silent goes first, so that the last word is the most recent split's.
        let mut due: Vec<usize> = (0..self.splits.len()).filter(|&i| is_due(&self.splits[i])).collect();
        due.sort_by_key(|&i| self.splits[i].last_row_millis);
        for index in due {
            match waits(&self.splits[index].id) {
                true => self.splits[index].last_row_millis = now_millis,
                false => {
                    self.splits[index].idle = true;
                    self.advance(out);
                }
            }
        }
    }

    /// Emits what the splits allow now: a new watermark, or that all of them are idle.
    pub fn advance(&mut self, out: &mut Vec<StreamElement>) {
        if self.silent {
            return;
        }
        let Some(minimum) = self.splits.iter().filter(|s| s.counts()).map(|s| s.watermark).min() else {
            if !self.idle {
                self.idle = true;
                out.push(StreamElement::Idle);
            }
            return;
        };
        let watermark = match &self.rule {
            Rule::PerSplit => minimum,
            Rule::Whole(whole) => whole.last,
        };
        let at_start = matches!(self.rule, Rule::Whole(_)) && watermark <= 0;
        if watermark > self.emitted && !at_start {
            self.emitted = watermark;
            self.idle = false;
            out.push(StreamElement::Watermark(self.emitted()));
        } else if self.idle {
            self.idle = false;
            out.push(StreamElement::Watermark(self.emitted()));
        }
    }

    pub fn snapshot(&self) -> Result<OperatorSnapshot> {
        let known = self.splits.iter().filter(|s| s.watermark > i64::MIN);
        let saved = Saved {
            splits: known.map(|s| (s.id.to_string(), s.watermark)).collect(),
            whole: match &self.rule {
                Rule::Whole(whole) => Some(*whole),
                Rule::PerSplit => None,
            },
        };
        let value = serde_json::to_value(saved).map_err(|e| Error::internal(e.to_string()))?;
        Ok(OperatorSnapshot { value, runs: vec![] })
    }

    /// After `add_split` of this worker's splits: takes over their progress from whichever worker had it.
    pub fn restore(&mut self, states: &[OperatorSnapshot]) -> Result<()> {
        let mut whole: Option<Whole> = None;
        for state in states {
            let saved: Saved = serde_json::from_value(state.value.clone())
                .map_err(|e| Error::internal(format!("unreadable watermark state: {e}")))?;
            for split in &mut self.splits {
                if let Some(watermark) = saved.splits.get(&*split.id) {
                    split.watermark = split.watermark.max(*watermark);
                }
            }
            if let Some(s) = saved.whole {
                // Workers of other splits were elsewhere: nothing that any of them kept may become late.
                let least = |w: Whole| Whole { current: w.current.min(s.current), last: w.last.min(s.last), ..w };
                whole = Some(whole.map_or(s, least));
            }
        }
        if let (Rule::Whole(mine), Some(saved)) = (&mut self.rule, whole) {
            *mine = saved;
        }
        Ok(())
    }
}

impl SplitState {
    /// Whether it takes part in the minimum.
    fn counts(&self) -> bool {
        !self.idle && !self.finished
    }
}

/// Milliseconds of a TIMESTAMP column, rounded down; arbitrary where it is NULL.
fn millis(column: &ArrayRef) -> Result<ScalarBuffer<i64>> {
    let per_milli = |values: &ScalarBuffer<i64>, units: i64| values.iter().map(|v| v.div_euclid(units)).collect();
    match column.data_type() {
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            Ok(column.as_primitive::<TimestampMillisecondType>().values().clone())
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Ok(per_milli(column.as_primitive::<TimestampMicrosecondType>().values(), 1_000))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Ok(per_milli(column.as_primitive::<TimestampNanosecondType>().values(), 1_000_000))
        }
        other => Err(Error::internal(format!("an event time of type {other}"))),
    }
}

/// The largest of the column that is not NULL.
fn max_millis(column: &ArrayRef) -> Result<Option<i64>> {
    let values: PrimitiveArray<TimestampMillisecondType> =
        PrimitiveArray::new(millis(column)?, column.nulls().cloned());
    Ok(arrow::compute::max(&values))
}

#[cfg(test)]
mod tests;
