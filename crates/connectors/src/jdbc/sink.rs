//! Rows on their way into a database: gathered by the worker, written by a thread of the writer's own.
//!
//! ```text
//!  write ─▶ gathered rows ─▶ (due) ─▶ Reducer ─▶ Session::flush … again … ─▶ done
//!  seal: all of it is due at once; returns when nothing is left
//! ```
//!
//! Rows are due when `sink.buffer-flush.max-rows` have gathered, when the first has waited for
//! `sink.buffer-flush.interval`, and at a barrier. While one flush is under way the next gathers.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use arrow::array::{Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use flitz_dataflow::connector::{CommitGroup, Sink, SinkSpec, SinkWriter, TableColumn};
use flitz_dataflow::{ChangelogBatch, Epoch, Error, Result, TypeKind};
use tokio::sync::Notify;

use super::changes::{Changes, Reducer};
use super::table::{FlushPolicy, JdbcTable};

/// How long a checkpoint waits for the database before it fails.
const SEAL_TIMEOUT: Duration = Duration::from_secs(300);

/// A table in a database, checked.
pub trait Database: Send + Sync {
    /// A session for one writer; `stop` tells it to give up what it is at.
    fn session(&self, stop: Arc<Notify>) -> Result<Box<dyn Session>>;

    fn columns(&self) -> &Columns;
}

pub trait Session: Send {
    /// All of it is committed when this returns; the bytes it took. After an error some of it may be.
    fn flush(&mut self, changes: &Changes) -> Result<u64, Failed>;
}

#[derive(Debug)]
pub struct Failed {
    pub error: Error,
    /// Whether the same flush may succeed later.
    pub again: bool,
}

/// The columns that are written, in the order of the rows.
#[derive(Clone, Debug)]
pub struct Columns {
    pub columns: Vec<Column>,
    pub schema: SchemaRef,
    /// Positions of the key's columns.
    pub keys: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct Column {
    /// As the DDL has it.
    pub name: String,
    pub kind: TypeKind,
}

pub fn columns(spec: &SinkSpec) -> Result<Columns> {
    let written = spec.table.schema_of(&spec.columns);
    if spec.columns.iter().any(|column| matches!(column, TableColumn::Metadata(_))) {
        return Err(Error::internal("a jdbc table has no metadata"));
    }
    let key = |name: &String| {
        written.index_of(name).ok_or_else(|| Error::internal(format!("key column '{name}' is not written")))
    };
    let keys = spec.table.primary_key.iter().map(key).collect::<Result<_>>()?;
    let column = |field: &flitz_dataflow::Field| Column {
        name: field.name.clone(),
        kind: field.data_type.kind.clone().with_attribute(flitz_dataflow::TimeAttribute::None),
    };
    let columns = written.fields.iter().map(column).collect();
    // Whether a column may be NULL is a matter between the query and the database.
    let fields = written.fields.iter().map(|f| f.data_type.to_arrow_field(&f.name).with_nullable(true));
    let schema = arrow::datatypes::Schema::new(fields.collect::<Vec<_>>());
    Ok(Columns { columns, schema: Arc::new(schema), keys })
}

pub struct JdbcSink {
    database: Arc<dyn Database>,
    table: JdbcTable,
}

impl JdbcSink {
    pub fn new(database: Arc<dyn Database>, table: JdbcTable) -> JdbcSink {
        JdbcSink { database, table }
    }
}

impl Sink for JdbcSink {
    fn writer(&self, worker: usize) -> Result<Box<dyn SinkWriter>> {
        let stop = Arc::new(Notify::new());
        let columns = self.database.columns();
        let flusher = Flusher {
            shared: Arc::new(Shared::new(self.table.flush)),
            reducer: Reducer::new(columns.schema.clone(), &columns.keys)?,
            session: self.database.session(stop.clone())?,
            retries: self.table.retries,
        };
        let shared = flusher.shared.clone();
        let thread = thread::Builder::new()
            .name(format!("flitz-jdbc-{worker}"))
            .spawn(move || flusher.run())
            .map_err(|e| Error::internal(format!("cannot start a thread: {e}")))?;
        Ok(Box::new(JdbcWriter { shared, schema: columns.schema.clone(), stop, thread: Some(thread) }))
    }

    fn commit_group(&self) -> CommitGroup {
        CommitGroup::None
    }
}

struct JdbcWriter {
    shared: Arc<Shared>,
    schema: SchemaRef,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl SinkWriter for JdbcWriter {
    fn write(&mut self, batch: &ChangelogBatch) -> Result<()> {
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let columns = batch.rows().columns().to_vec();
        let rows = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        self.shared.push(batch.with_rows(rows))
    }

    fn seal(&mut self, _: Epoch) -> Result<serde_json::Value> {
        self.shared.drain()?;
        Ok(serde_json::Value::Null)
    }

    fn release(&mut self, _: Epoch) -> Result<()> {
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        let queue = self.shared.lock();
        queue.bytes + queue.writing_bytes
    }

    fn bytes_written(&self) -> u64 {
        self.shared.lock().written_bytes
    }

    fn tick(&mut self) -> Result<()> {
        self.shared.lock().check()
    }

    fn finish(&mut self) -> Result<()> {
        self.shared.drain()
    }
}

/// Waits for the flush under way: nothing of this writer may reach the database after its job is gone, and another
/// attempt of it begun.
impl Drop for JdbcWriter {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic of it has been reported as the failure of the job.
            let _ = thread.join();
        }
    }
}

struct Shared {
    policy: FlushPolicy,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    batches: VecDeque<ChangelogBatch>,
    rows: usize,
    bytes: usize,
    /// When the first of them came.
    since: Option<Instant>,
    /// All that has gathered is due.
    wanted: bool,
    writing: bool,
    writing_bytes: usize,
    written_bytes: u64,
    failed: Option<Error>,
    closed: bool,
}

impl Queue {
    fn check(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn is_due(&self, policy: &FlushPolicy) -> bool {
        let overdue = policy.interval.zip(self.since).is_some_and(|(interval, since)| since.elapsed() >= interval);
        self.rows > 0 && (self.wanted || overdue || policy.due_rows.is_some_and(|rows| self.rows >= rows))
    }

    /// Up to `most` rows from the front.
    fn take(&mut self, most: usize) -> Vec<ChangelogBatch> {
        let mut taken = vec![];
        let mut left = most;
        while let Some(first) = self.batches.front_mut().filter(|_| left > 0) {
            if first.num_rows() > left {
                taken.push(first.slice(0, left));
                *first = first.slice(left, first.num_rows() - left);
                left = 0;
            } else if let Some(batch) = self.batches.pop_front() {
                left -= batch.num_rows();
                taken.push(batch);
            }
        }
        self.rows -= most - left;
        self.writing_bytes = taken.iter().map(bytes_of).sum();
        self.bytes = if self.rows == 0 { 0 } else { self.bytes.saturating_sub(self.writing_bytes) };
        self.writing = true;
        self.since = (self.rows > 0).then(Instant::now);
        self.wanted &= self.rows > 0;
        taken
    }
}

impl Shared {
    fn new(policy: FlushPolicy) -> Shared {
        Shared { policy, queue: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, batch: ChangelogBatch) -> Result<()> {
        let mut queue = self.lock();
        queue.check()?;
        if batch.num_rows() == 0 {
            return Ok(());
        }
        queue.rows += batch.num_rows();
        queue.bytes += bytes_of(&batch);
        queue.since.get_or_insert_with(Instant::now);
        queue.batches.push_back(batch);
        self.changed.notify_all();
        Ok(())
    }

    /// Returns when nothing is left to write.
    fn drain(&self) -> Result<()> {
        let deadline = Instant::now() + SEAL_TIMEOUT;
        let mut queue = self.lock();
        queue.wanted = queue.rows > 0;
        self.changed.notify_all();
        loop {
            queue.check()?;
            if queue.rows == 0 && !queue.writing {
                return Ok(());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let minutes = SEAL_TIMEOUT.as_secs() / 60;
                return Err(Error::unavailable(format!(
                    "the database has not taken the rows within {minutes} minutes"
                )));
            }
            queue = self.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for rows that are due; None: there will be none.
    fn next(&self) -> Option<Vec<ChangelogBatch>> {
        let mut queue = self.lock();
        loop {
            if queue.closed {
                return None;
            }
            if queue.is_due(&self.policy) {
                return Some(queue.take(self.policy.most_rows));
            }
            queue = match self.policy.interval.zip(queue.since) {
                Some((interval, since)) => {
                    let left = interval.saturating_sub(since.elapsed());
                    self.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// False: the writer is gone.
    fn pause(&self, pause: Duration) -> bool {
        let end = Instant::now() + pause;
        let mut queue = self.lock();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if queue.closed || left.is_zero() {
                return !queue.closed;
            }
            queue = self.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn written(&self, result: Result<u64>) {
        let mut queue = self.lock();
        queue.writing = false;
        queue.writing_bytes = 0;
        match result {
            Ok(bytes) => queue.written_bytes += bytes,
            Err(error) => queue.failed = Some(error),
        }
        self.changed.notify_all();
    }
}

struct Flusher {
    shared: Arc<Shared>,
    reducer: Reducer,
    session: Box<dyn Session>,
    retries: u64,
}

/// If the thread panics the job must not wait for it.
struct Panicked<'a>(&'a Shared);

impl Drop for Panicked<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.written(Err(Error::internal("the thread that writes to the database panicked")));
        }
    }
}

impl Flusher {
    fn run(mut self) {
        let shared = self.shared.clone();
        let _panicked = Panicked(&shared);
        while let Some(batches) = shared.next() {
            let result = self.flush(&batches);
            let failed = result.is_err();
            shared.written(result);
            if failed {
                return;
            }
        }
    }

    /// Tries again as Flink does: at once, then after one, two, three seconds.
    fn flush(&mut self, batches: &[ChangelogBatch]) -> Result<u64> {
        let changes = self.reducer.reduce(batches)?;
        let mut attempt = 0;
        loop {
            let failed = match self.session.flush(&changes) {
                Ok(bytes) => return Ok(bytes),
                Err(failed) => failed,
            };
            if !failed.again || attempt >= self.retries {
                return Err(failed.error);
            }
            tracing::warn!("{}; trying again ({} of {})", failed.error, attempt + 1, self.retries);
            if !self.shared.pause(Duration::from_secs(attempt)) {
                return Err(failed.error);
            }
            attempt += 1;
        }
    }
}

fn bytes_of(batch: &ChangelogBatch) -> usize {
    let size = |column: &arrow::array::ArrayRef| column.to_data().get_slice_memory_size().unwrap_or(0);
    batch.rows().columns().iter().map(size).sum()
}
