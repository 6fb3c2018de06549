//! The metrics of a job, through the `metrics` facade. Counters and gauges are written when a worker
//! publishes its figures (ten times a second), histograms once per batch.
//!
//! | Name | Labels | Meaning |
//! |---|---|---|
//! | `flitz_records_in_total`, `flitz_bytes_in_total` | job, table | read from a source |
//! | `flitz_skipped_records_total` | job, table | unreadable records skipped because an option says so |
//! | `flitz_rows_out_total`, `flitz_bytes_out_total` | job, table | written to a sink |
//! | `flitz_late_rows_total` | job, operator | dropped because their window had fired |
//! | `flitz_split_lag_records` | job, table, split | records known to wait (Kafka: end offset - position) |
//! | `flitz_split_watermark_seconds` | job, table, split | event time of the split's watermark, Unix seconds |
//! | `flitz_watermark_lag_seconds` | job, table, split | how far that is behind the clock |
//! | `flitz_state_rows`, `flitz_state_bytes` | job, operator, worker | keyed state in memory (rows: also on disk) |
//! | `flitz_state_spilled_bytes` | job, operator, worker | keyed state on disk, for want of memory |
//! | `flitz_spill_written_bytes_total` | job | written to scratch files |
//! | `flitz_memory_bytes` | job, worker | state and rows held back |
//! | `flitz_event_latency_seconds` | job, table | histogram: age of the newest record of a batch when its rows have gone through the worker |
//! | `flitz_processing_latency_seconds` | job, table | histogram: from reading a batch to having pushed its rows through |
//! | `flitz_checkpoint_duration_seconds` | job | histogram: barrier to committed |
//! | `flitz_checkpoint_bytes`, `flitz_checkpoint_epoch` | job | of the last one |
//! | `flitz_checkpoint_age_seconds` | job | since the last one was complete |
//! | `flitz_checkpoints_total` | job | completed |

use std::collections::BTreeMap;
use std::time::Duration;

use flitz_dataflow::{Epoch, Watermark};
use metrics::{Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::status::WorkerFigures;

/// Gives the recorder the meaning of each metric.
pub fn describe() {
    describe_counter!("flitz_records_in_total", "Records read from a source");
    describe_counter!("flitz_bytes_in_total", "Bytes read from a source");
    describe_counter!("flitz_skipped_records_total", "Unreadable records that an option says to skip");
    describe_counter!("flitz_rows_out_total", "Rows written to a sink");
    describe_counter!("flitz_bytes_out_total", "Bytes written to a sink");
    describe_counter!("flitz_late_rows_total", "Rows dropped because their window had fired");
    describe_gauge!("flitz_split_lag_records", "Records that wait to be read");
    describe_gauge!("flitz_split_watermark_seconds", "Event time of the watermark, in seconds since 1970");
    describe_gauge!("flitz_watermark_lag_seconds", "How far the watermark is behind the clock");
    describe_gauge!("flitz_state_rows", "Rows of keyed state");
    describe_gauge!("flitz_state_bytes", "Bytes of keyed state in memory");
    describe_gauge!("flitz_state_spilled_bytes", "Bytes of keyed state on disk");
    describe_counter!("flitz_spill_written_bytes_total", "Bytes written to scratch files");
    describe_gauge!("flitz_memory_bytes", "State and rows held back");
    describe_histogram!(
        "flitz_event_latency_seconds",
        "Age of the newest record of a batch when it has been processed"
    );
    describe_histogram!("flitz_processing_latency_seconds", "From reading a batch to having processed it");
    describe_histogram!("flitz_checkpoint_duration_seconds", "From the barrier to the commit");
    describe_gauge!("flitz_checkpoint_bytes", "Bytes written for the last checkpoint");
    describe_gauge!("flitz_checkpoint_epoch", "Number of the last checkpoint");
    describe_gauge!("flitz_checkpoint_age_seconds", "Since the last checkpoint was complete");
    describe_counter!("flitz_checkpoints_total", "Completed checkpoints");
}

/// Turns the figures of one worker, which only grow, into increments.
pub struct WorkerMetrics {
    job: String,
    worker: String,
    /// Names of operators and tables, by plan node.
    names: Vec<String>,
    before: WorkerFigures,
    latencies: BTreeMap<usize, Latencies>,
}

struct Latencies {
    event: Histogram,
    processing: Histogram,
}

impl WorkerMetrics {
    pub fn new(job: &str, worker: usize, names: Vec<String>) -> WorkerMetrics {
        WorkerMetrics {
            job: job.to_owned(),
            worker: worker.to_string(),
            names,
            before: WorkerFigures::default(),
            latencies: BTreeMap::new(),
        }
    }

    /// A batch of source `node` has gone through.
    pub fn batch(&mut self, node: usize, took: Duration, newest_record_age_millis: Option<i64>) {
        let (job, table) = (&self.job, &self.names[node]);
        let latencies = self.latencies.entry(node).or_insert_with(|| Latencies {
            event: histogram!("flitz_event_latency_seconds", "job" => job.clone(), "table" => table.clone()),
            processing: histogram!("flitz_processing_latency_seconds", "job" => job.clone(), "table" => table.clone()),
        });
        latencies.processing.record(took.as_secs_f64());
        if let Some(age) = newest_record_age_millis {
            latencies.event.record(age.max(0) as f64 / 1000.0);
        }
    }

    pub fn publish(&mut self, figures: &WorkerFigures, now_millis: i64) {
        let job = || self.job.clone();
        for (node, source) in &figures.sources {
            let before = self.before.sources.get(node).cloned().unwrap_or_default();
            let table = || self.names[*node].clone();
            counter!("flitz_records_in_total", "job" => job(), "table" => table())
                .increment(source.records - before.records);
            counter!("flitz_bytes_in_total", "job" => job(), "table" => table()).increment(source.bytes - before.bytes);
            counter!("flitz_skipped_records_total", "job" => job(), "table" => table())
                .increment(source.skipped - before.skipped);
            for split in &source.splits {
                let id = || split.id.clone();
                if let Some(lag) = split.lag {
                    gauge!("flitz_split_lag_records", "job" => job(), "table" => table(), "split" => id())
                        .set(lag as f64);
                }
                if let Some(watermark) = split.watermark.filter(|w| *w != Watermark::MIN && *w != Watermark::MAX) {
                    gauge!("flitz_split_watermark_seconds", "job" => job(), "table" => table(), "split" => id())
                        .set(watermark.millis() as f64 / 1000.0);
                    gauge!("flitz_watermark_lag_seconds", "job" => job(), "table" => table(), "split" => id())
                        .set((now_millis - watermark.millis()) as f64 / 1000.0);
                }
            }
        }
        for (i, operator) in figures.operators.iter().enumerate() {
            let before = self.before.operators.get(i).copied().unwrap_or_default();
            let name = || self.names[operator.plan_node].clone();
            if operator.late_rows > 0 || operator.state_bytes > 0 {
                counter!("flitz_late_rows_total", "job" => job(), "operator" => name())
                    .increment(operator.late_rows - before.late_rows);
            }
            if operator.spilled_bytes > 0 || before.spilled_bytes > 0 {
                let worker = self.worker.clone();
                gauge!("flitz_state_spilled_bytes", "job" => job(), "operator" => name(), "worker" => worker)
                    .set(operator.spilled_bytes as f64);
            }
            if operator.state_bytes > 0 || before.state_bytes > 0 {
                let worker = || self.worker.clone();
                gauge!("flitz_state_rows", "job" => job(), "operator" => name(), "worker" => worker())
                    .set(operator.state_rows as f64);
                gauge!("flitz_state_bytes", "job" => job(), "operator" => name(), "worker" => worker())
                    .set(operator.state_bytes as f64);
            }
        }
        for (node, bytes) in &figures.sink_bytes {
            let rows = |f: &WorkerFigures| -> u64 {
                f.operators.iter().filter(|o| o.plan_node == *node).map(|o| o.rows_out).sum()
            };
            let table = || self.names[*node].clone();
            let bytes_before = self.before.sink_bytes.get(node).copied().unwrap_or_default();
            counter!("flitz_rows_out_total", "job" => job(), "table" => table())
                .increment(rows(figures) - rows(&self.before));
            counter!("flitz_bytes_out_total", "job" => job(), "table" => table())
                .increment(bytes.saturating_sub(bytes_before));
        }
        if figures.spill_written_bytes > 0 {
            counter!("flitz_spill_written_bytes_total", "job" => job())
                .increment(figures.spill_written_bytes - self.before.spill_written_bytes);
        }
        gauge!("flitz_memory_bytes", "job" => job(), "worker" => self.worker.clone()).set(figures.memory_bytes as f64);
        self.before = figures.clone();
    }
}

pub fn checkpoint_completed(job: &str, epoch: Epoch, took: Duration, bytes: u64) {
    histogram!("flitz_checkpoint_duration_seconds", "job" => job.to_owned()).record(took.as_secs_f64());
    gauge!("flitz_checkpoint_bytes", "job" => job.to_owned()).set(bytes as f64);
    gauge!("flitz_checkpoint_epoch", "job" => job.to_owned()).set(epoch.0 as f64);
    gauge!("flitz_checkpoint_age_seconds", "job" => job.to_owned()).set(0.0);
    counter!("flitz_checkpoints_total", "job" => job.to_owned()).increment(1);
}

pub fn checkpoint_age(job: &str, age_millis: i64) {
    gauge!("flitz_checkpoint_age_seconds", "job" => job.to_owned()).set(age_millis as f64 / 1000.0);
}
