//! Writing: a thread that commits what has gathered, or one transaction per epoch.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use flitz_dataflow::connector::{EpochSink, Marker};
use flitz_dataflow::{Attempt, Epoch, Error, Result, RunId, failpoint};
use rusqlite::{Connection, OptionalExtension, params};

use super::consumer::write_headers;
use super::file::{EmbeddedFile, TopicRow, find_topic};
use super::staging::{Staged, Staging};
use crate::kafka::broker::{DeliveryGuarantee, InFlight, Outgoing, Producer, ProducerSpec, TopicHandle, partition_of};

/// Bytes that may wait for the writing thread before `send` takes no more.
const QUEUE_BYTES: u64 = 32 << 20;
/// Records deleted by retention in one step.
const RETENTION_STEP: i64 = 20_000;

/// Partitions of a topic that a sink makes by writing to it.
pub const DEFAULT_PARTITIONS: i32 = 3;

/// Producers of equal file and prefix are one instance; without a prefix each has its own writing thread.
pub fn open(file: Arc<EmbeddedFile>, spec: &ProducerSpec) -> Result<Arc<dyn Producer>> {
    static OPEN: Mutex<Option<HashMap<(PathBuf, String), Weak<EmbeddedProducer>>>> = Mutex::new(None);
    let Some(prefix) = &spec.transactional_prefix else {
        let producer = EmbeddedProducer::new(file, None);
        if spec.guarantee != DeliveryGuarantee::ExactlyOnce {
            producer.start_writer()?;
        }
        return Ok(producer);
    };
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let open = open.get_or_insert_default();
    let key = (file.folder().join(&file.address), prefix.clone());
    if let Some(producer) = open.get(&key).and_then(Weak::upgrade) {
        return Ok(producer);
    }
    let producer = EmbeddedProducer::new(file, Some(prefix.clone()));
    open.insert(key, Arc::downgrade(&producer));
    Ok(producer)
}

pub struct EmbeddedProducer {
    this: Weak<EmbeddedProducer>,
    file: Arc<EmbeddedFile>,
    prefix: Option<String>,
    /// This instance's token in the marker's row.
    fence: String,
    queue: Mutex<Queue>,
    /// Something to write, something written, or the end.
    changed: Condvar,
    /// Spreads records without key over partitions.
    rotation: AtomicU32,
}

#[derive(Default)]
struct Queue {
    topics: Vec<TopicEntry>,
    staging: Staging,
    /// Whom to tell when the staged records are written, and how many of them are theirs.
    waiting: Vec<(Arc<InFlight>, u64)>,
    /// The writing thread has taken records and not yet committed them.
    writing: bool,
    failed: Option<Error>,
    closed: bool,
}

#[derive(Clone)]
struct TopicEntry {
    name: String,
    id: i64,
    partitions: i32,
}

impl EmbeddedProducer {
    fn new(file: Arc<EmbeddedFile>, prefix: Option<String>) -> Arc<EmbeddedProducer> {
        Arc::new_cyclic(|this| EmbeddedProducer {
            this: this.clone(),
            file,
            prefix,
            fence: uuid::Uuid::new_v4().to_string(),
            queue: Mutex::default(),
            changed: Condvar::new(),
            rotation: AtomicU32::new(0),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits what has gathered, again and again: the longer a commit takes, the larger the next one.
    fn start_writer(self: &Arc<Self>) -> Result<()> {
        let producer = Arc::downgrade(self);
        let run = move || {
            while let Some(producer) = producer.upgrade() {
                if !producer.write_once() {
                    return;
                }
            }
        };
        thread::Builder::new()
            .name("flitz-embedded-write".to_owned())
            .spawn(run)
            .map(drop)
            .map_err(|e| Error::internal(format!("cannot start a thread: {e}")))
    }

    /// Waits a little for records and commits them; false when there will be no more.
    fn write_once(&self) -> bool {
        let mut queue = self.lock();
        if queue.staging.is_empty() {
            if queue.closed || queue.failed.is_some() {
                return false;
            }
            let wait = self.changed.wait_timeout(queue, Duration::from_millis(100));
            queue = wait.unwrap_or_else(PoisonError::into_inner).0;
            if queue.staging.is_empty() {
                return true;
            }
        }
        let mut staging = std::mem::take(&mut queue.staging);
        let waiting = std::mem::take(&mut queue.waiting);
        let topics = queue.topics.clone();
        queue.writing = true;
        drop(queue);
        let result = self.file.transaction(|connection| append(&self.file, connection, &topics, &mut staging));
        for (writer, count) in waiting {
            writer.0.fetch_sub(count, Ordering::AcqRel);
        }
        let mut queue = self.lock();
        queue.writing = false;
        if let Err(e) = result {
            queue.failed = Some(e);
        }
        self.changed.notify_all();
        true
    }

    fn marker(&self, connection: &Connection, prefix: &str) -> rusqlite::Result<Option<(String, Option<Marker>)>> {
        connection
            .prepare_cached("SELECT fence, job, run, attempt, epoch FROM flitz_epoch WHERE prefix = ?1")?
            .query_row([prefix], |row| {
                let epoch: Option<i64> = row.get(4)?;
                let marker = match epoch {
                    None => None,
                    Some(epoch) => Some(Marker {
                        job: row.get(1)?,
                        run: RunId(row.get(2)?),
                        attempt: Attempt(row.get::<_, i64>(3)? as u64),
                        epoch: Epoch(epoch as u64),
                    }),
                };
                Ok((row.get(0)?, marker))
            })
            .optional()
    }

    fn make_topic(&self, name: &str) -> Result<TopicRow> {
        self.file.transaction(|connection| {
            let make = || {
                connection.execute(
                    "INSERT INTO topic (name, partitions) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    params![name, DEFAULT_PARTITIONS],
                )?;
                find_topic(connection, name)
            };
            make().map_err(|e| self.file.error(&e))?.ok_or_else(|| Error::internal(format!("topic {name} is gone")))
        })
    }

    /// One transaction: rows and marker, unless another process has taken the prefix over.
    fn write_epoch(&self, marker: &Marker, topics: &[TopicEntry], staging: &mut Staging) -> Result<()> {
        let prefix = self.prefix()?;
        self.file.transaction(|connection| {
            let found = self.marker(connection, prefix).map_err(|e| self.file.error(&e))?;
            match found {
                Some((fence, _)) if fence != self.fence => {
                    return Err(Error::fenced(format!(
                        "another process has taken over '{prefix}' in {}",
                        self.file.address
                    )));
                }
                // A commit whose answer was lost.
                Some((_, Some(last))) if last == *marker => return Ok(()),
                _ => {}
            }
            append(&self.file, connection, topics, staging)?;
            failpoint::hit("offsets-sent");
            connection
                .execute(
                    "UPDATE flitz_epoch SET job = ?2, run = ?3, attempt = ?4, epoch = ?5 WHERE prefix = ?1",
                    params![prefix, marker.job, marker.run.0, marker.attempt.0 as i64, marker.epoch.0 as i64],
                )
                .map(drop)
                .map_err(|e| self.file.error(&e))
        })
    }

    fn prefix(&self) -> Result<&str> {
        self.prefix.as_deref().ok_or_else(|| Error::internal("a producer without prefix has no epochs"))
    }
}

impl Drop for EmbeddedProducer {
    fn drop(&mut self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

impl Producer for EmbeddedProducer {
    fn topic(&self, name: &str) -> Result<TopicHandle> {
        let mut queue = self.lock();
        if let Some(index) = queue.topics.iter().position(|t| t.name == name) {
            return Ok(TopicHandle { index: index as u32, partitions: queue.topics[index].partitions });
        }
        let row = match find_topic(&self.file.reader()?, name).map_err(|e| self.file.error(&e))? {
            Some(row) => row,
            None => self.make_topic(name)?,
        };
        queue.topics.push(TopicEntry { name: name.to_owned(), id: row.id, partitions: row.partitions });
        Ok(TopicHandle { index: queue.topics.len() as u32 - 1, partitions: row.partitions })
    }

    fn send(&self, writer: &Arc<InFlight>, records: &Outgoing, from: usize) -> Result<usize> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64);
        let mut queue = self.lock();
        if let Some(e) = &queue.failed {
            return Err(e.clone());
        }
        let transactional = self.prefix.is_some();
        let mut taken = 0;
        for i in from..records.len() {
            if !transactional && queue.staging.bytes() > QUEUE_BYTES {
                break;
            }
            let record = records.records[i];
            let partitions = queue.topics.get(record.topic as usize).map_or(1, |t| t.partitions).max(1);
            let key = if records.keys.is_empty() { None } else { records.keys.get(i) };
            let partition = match (record.partition, key) {
                (Some(partition), _) => partition,
                (None, Some(key)) => partition_of(key, partitions),
                (None, None) => (self.rotation.fetch_add(1, Ordering::Relaxed) % partitions as u32) as i32,
            };
            let headers = records.headers.get(i).and_then(write_headers);
            queue.staging.push(Staged {
                topic: record.topic,
                partition,
                time: record.timestamp.unwrap_or(now),
                key,
                value: records.values.get(i),
                headers: headers.as_deref().map(str::as_bytes),
            });
            taken += 1;
        }
        if transactional {
            queue.staging.spill(self.file.folder())?;
        } else if taken > 0 {
            writer.0.fetch_add(taken as u64, Ordering::AcqRel);
            queue.waiting.push((writer.clone(), taken as u64));
            self.changed.notify_all();
        }
        Ok(taken)
    }

    fn flush(&self, writer: &Arc<InFlight>, timeout: Duration) -> Result<()> {
        let deadline = Instant::now() + timeout;
        let mut queue = self.lock();
        loop {
            if let Some(e) = &queue.failed {
                return Err(e.clone());
            }
            if writer.0.load(Ordering::Acquire) == 0 {
                return Ok(());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::unavailable(format!("{}: records not written in time", self.file.address)));
            }
            queue = self.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn epoch_sink(&self) -> Option<Arc<dyn EpochSink>> {
        self.prefix.as_ref()?;
        self.this.upgrade().map(|this| this as Arc<dyn EpochSink>)
    }
}

/// `begin` and `flush` have nothing to do: rows are staged until `commit` writes them all.
impl EpochSink for EmbeddedProducer {
    fn id(&self) -> String {
        format!("{} {}", self.file.address, self.prefix.as_deref().unwrap_or_default())
    }

    fn fence(&self, job: &str, attempt: Attempt) -> Result<Option<Marker>> {
        let prefix = self.prefix()?;
        let _ = (job, attempt);
        self.file.transaction(|connection| {
            let take = || {
                connection.execute(
                    "INSERT INTO flitz_epoch (prefix, fence) VALUES (?1, ?2)
                     ON CONFLICT (prefix) DO UPDATE SET fence = excluded.fence",
                    params![prefix, self.fence],
                )?;
                self.marker(connection, prefix)
            };
            Ok(take().map_err(|e| self.file.error(&e))?.and_then(|(_, marker)| marker))
        })
    }

    fn begin(&self, _epoch: Epoch) -> Result<()> {
        Ok(())
    }

    fn flush(&self, _epoch: Epoch) -> Result<()> {
        match &self.lock().failed {
            Some(e) => Err(e.clone()),
            None => Ok(()),
        }
    }

    fn commit(&self, marker: &Marker) -> Result<()> {
        // Without the lock: nobody sends before the epoch is released, but writers may ask for their topics.
        let mut queue = self.lock();
        let (topics, mut staging) = (queue.topics.clone(), std::mem::take(&mut queue.staging));
        drop(queue);
        failpoint::hit("commit-sent");
        let result = self.write_epoch(marker, &topics, &mut staging);
        match result {
            Ok(()) => failpoint::hit("commit-confirmed"),
            // To be tried again.
            Err(_) => self.lock().staging = staging,
        }
        result
    }

    fn abort(&self) -> Result<()> {
        self.lock().staging.clear();
        Ok(())
    }
}

/// Appends staged records to their partitions, and takes away what retention no longer wants.
fn append(file: &EmbeddedFile, connection: &Connection, topics: &[TopicEntry], staging: &mut Staging) -> Result<()> {
    let failed = |e: rusqlite::Error| file.error(&e);
    let mut ends: HashMap<(u32, i32), i64> = HashMap::new();
    let mut insert =
        connection.prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)").map_err(failed)?;
    staging.for_each(|record| {
        let topic = topics
            .get(record.topic as usize)
            .ok_or_else(|| Error::internal(format!("topic number {} was never named", record.topic)))?;
        if record.partition < 0 || record.partition >= topic.partitions {
            return Err(Error::data(format!(
                "topic '{}' has no partition {}: it has {}",
                topic.name, record.partition, topic.partitions
            )));
        }
        let end = match ends.get_mut(&(record.topic, record.partition)) {
            Some(end) => end,
            None => {
                let (_, end) = super::file::bounds(connection, topic.id, record.partition).map_err(failed)?;
                ends.entry((record.topic, record.partition)).or_insert(end)
            }
        };
        let headers = record.headers.map(|h| String::from_utf8_lossy(h));
        insert
            .execute(params![topic.id, record.partition, *end, record.time, record.key, record.value, headers])
            .map_err(failed)?;
        *end += 1;
        Ok(())
    })?;
    for ((topic, partition), end) in ends {
        let topic = topics[topic as usize].id;
        connection
            .prepare_cached("INSERT OR REPLACE INTO log_end VALUES (?1, ?2, ?3)")
            .and_then(|mut s| s.execute(params![topic, partition, end]))
            .map_err(failed)?;
        retain(connection, topic, partition).map_err(failed)?;
    }
    Ok(())
}

/// Deletes the oldest records of a partition that are past the topic's retention, a bounded number at a time.
/// As long as the oldest is young enough that is all that is looked at, however many there are.
fn retain(connection: &Connection, topic: i64, partition: i32) -> rusqlite::Result<()> {
    let cutoff: Option<i64> = connection
        .prepare_cached("SELECT unixepoch() * 1000 - retention_ms FROM topic WHERE id = ?1")?
        .query_row([topic], |row| row.get(0))?;
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT time FROM record WHERE topic = ?1 AND partition = ?2 ORDER BY \"offset\" LIMIT 1")?
        .query_row(params![topic, partition], |row| row.get(0))
        .optional()?;
    let (Some(cutoff), Some(oldest)) = (cutoff, oldest) else { return Ok(()) };
    if oldest >= cutoff {
        return Ok(());
    }
    connection
        .prepare_cached(
            "WITH oldest AS (
               SELECT \"offset\", time FROM record WHERE topic = ?1 AND partition = ?2 ORDER BY \"offset\" LIMIT ?4
             )
             DELETE FROM record WHERE topic = ?1 AND partition = ?2 AND \"offset\" < coalesce(
               (SELECT min(\"offset\") FROM oldest WHERE time >= ?3), (SELECT max(\"offset\") + 1 FROM oldest)
             )",
        )?
        .execute(params![topic, partition, cutoff, RETENTION_STEP])
        .map(drop)
}
