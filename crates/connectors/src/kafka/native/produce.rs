use std::collections::BTreeMap;
use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use flitz_dataflow::{Error, Result};
use rdkafka::ClientConfig;
use rdkafka::bindings as rd;
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr, RDKafkaType};

use super::linger::{self, Linger};
use super::partitioner::{self, Run};
use super::{Client, ClientEvents, argument, c_string, millis};
use crate::kafka::broker::{Headers, InFlight};
use crate::kafka::failure;

/// A producer whose delivery reports are read by a thread of its own.
pub struct NativeProducer {
    shared: Arc<Shared>,
    topics: RwLock<Topics>,
    /// Every counter that a message on its way may point to.
    writers: Mutex<Vec<Arc<InFlight>>>,
    reports: Option<JoinHandle<()>>,
    /// None: librdkafka lingers as it was told to.
    linger: Option<Linger>,
}

struct Shared {
    client: Arc<Client>,
    stop: AtomicBool,
}

#[derive(Default)]
struct Topics {
    handles: BTreeMap<u32, *mut rd::rd_kafka_topic_t>,
    /// Every run that a topic may point to, as its opaque value.
    runs: Vec<Arc<Run>>,
}

// SAFETY: topic handles are thread-safe objects of librdkafka.
unsafe impl Send for Topics {}
// SAFETY: as above; the map is only changed under the lock around it.
unsafe impl Sync for Topics {}

/// `RD_KAFKA_PARTITION_UA`: the partitioner chooses.
const ANY_PARTITION: i32 = -1;

/// Most records that `ProduceSession::produce_batch` takes at once.
const BATCH: usize = 2048;

/// A record to be produced, without its topic.
pub struct Message<'a> {
    /// None: the partitioner chooses.
    pub partition: Option<i32>,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
}

/// What became of a record handed to `NativeProducer::produce`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Produced {
    Queued,
    /// The buffer is full: try again when some have been delivered.
    Full,
}

/// What a transactional call answered.
#[derive(Debug)]
pub struct TransactionError {
    pub code: RDKafkaErrorCode,
    pub message: String,
    /// The producer can't be used any more.
    pub fatal: bool,
    /// The same call may be made again; its outcome is not known before it succeeds or fails otherwise.
    pub retriable: bool,
    /// The transaction has failed and holds nothing.
    pub requires_abort: bool,
}

impl NativeProducer {
    pub fn new(config: &ClientConfig, events: Arc<ClientEvents>) -> Result<NativeProducer> {
        let mut config = config.clone();
        let lingers = linger::take_over(&mut config);
        let client = Arc::new(Client::new(&config, RDKafkaType::RD_KAFKA_PRODUCER, events)?);
        let linger = if lingers { Some(Linger::start(client.clone())?) } else { None };
        let shared = Arc::new(Shared { client, stop: AtomicBool::new(false) });
        let reports = {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name("kafka-reports".into())
                .spawn(move || shared.read_reports())
                .map_err(|e| Error::unavailable(format!("no thread for delivery reports: {e}")))?
        };
        Ok(NativeProducer {
            shared,
            topics: RwLock::default(),
            writers: Mutex::default(),
            reports: Some(reports),
            linger,
        })
    }

    pub fn check(&self) -> Result<()> {
        self.shared.client.events.check()
    }

    pub fn complaint(&self) -> Option<String> {
        self.shared.client.events.complaint()
    }

    /// Makes `index` stand for this topic.
    pub fn add_topic(&self, index: u32, name: &str) -> Result<()> {
        let c_name = c_string(name)?;
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        let run = Arc::new(Run::new());
        topics.runs.push(run.clone());
        let rk = self.shared.client.rk;
        // SAFETY: handle and name are valid; librdkafka takes over the configuration; the run is kept until the client
        // is gone.
        let handle = unsafe {
            let conf = rd::rd_kafka_default_topic_conf_dup(rk);
            partitioner::install(conf, &run);
            rd::rd_kafka_topic_new(rk, c_name.as_ptr(), conf)
        };
        if handle.is_null() {
            return Err(Error::invalid(format!("'{}' can't be the name of a topic", name.escape_debug())));
        }
        // A topic that librdkafka has already keeps the run it was made with.
        if let Some(before) = topics.handles.insert(index, handle) {
            // SAFETY: the handle was ours and is no longer in the map; messages hold references of their own.
            unsafe { rd::rd_kafka_topic_destroy(before) };
        }
        Ok(())
    }

    /// Waits, shortly, until the leaders of all topics are known: else the first records would be late.
    pub fn learn_leaders(&self) {
        self.shared.client.learn_leaders();
    }

    /// Makes sure that `writer` outlives the messages that will point to it.
    pub fn keep(&self, writer: &Arc<InFlight>) {
        let mut writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        if !writers.iter().any(|w| Arc::ptr_eq(w, writer)) {
            writers.push(writer.clone());
        }
    }

    /// Calls `produce` for records until one does not fit; `writer` must have been kept.
    pub fn session<'a>(&'a self, writer: &'a Arc<InFlight>) -> ProduceSession<'a> {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        ProduceSession { producer: self, topics, writer, batch: Vec::new() }
    }

    /// Pushes out what waits. True: nothing is on its way any more. To be called until then.
    pub fn push_out(&self) -> bool {
        let client = &self.shared.client;
        let done = client.push_out(Duration::from_millis(2));
        if !done && client.unsettled() > BATCH {
            // Much fills requests by itself, and does not get on by haste.
            std::thread::sleep(Duration::from_millis(3));
        }
        done
    }

    /// Drops what has not been sent, and stops waiting for what has.
    pub fn purge(&self) {
        // SAFETY: the handle is valid.
        unsafe {
            rd::rd_kafka_purge(self.shared.client.rk, rd::RD_KAFKA_PURGE_F_QUEUE | rd::RD_KAFKA_PURGE_F_INFLIGHT)
        };
    }

    pub fn init_transactions(&self, timeout: Duration) -> Result<(), TransactionError> {
        // SAFETY: the handle is valid.
        self.outcome(unsafe { rd::rd_kafka_init_transactions(self.shared.client.rk, millis(timeout)) })
    }

    pub fn begin_transaction(&self) -> Result<(), TransactionError> {
        // SAFETY: the handle is valid.
        self.outcome(unsafe { rd::rd_kafka_begin_transaction(self.shared.client.rk) })
    }

    /// Offsets of a group that nobody needs to have joined.
    pub fn send_offsets(
        &self,
        offsets: &TopicPartitionList,
        group: &str,
        timeout: Duration,
    ) -> Result<(), TransactionError> {
        let Ok(group) = c_string(group) else { return Err(TransactionError::invalid("a group name with NUL")) };
        // SAFETY: handle, list and group are valid during the call; the group's metadata is freed once, here.
        let error = unsafe {
            let metadata = rd::rd_kafka_consumer_group_metadata_new(group.as_ptr());
            let rk = self.shared.client.rk;
            let error = rd::rd_kafka_send_offsets_to_transaction(rk, offsets.ptr(), metadata, millis(timeout));
            rd::rd_kafka_consumer_group_metadata_destroy(metadata);
            error
        };
        self.outcome(error)
    }

    pub fn commit_transaction(&self, timeout: Duration) -> Result<(), TransactionError> {
        // SAFETY: the handle is valid.
        self.outcome(unsafe { rd::rd_kafka_commit_transaction(self.shared.client.rk, millis(timeout)) })
    }

    pub fn abort_transaction(&self, timeout: Duration) -> Result<(), TransactionError> {
        // SAFETY: the handle is valid.
        self.outcome(unsafe { rd::rd_kafka_abort_transaction(self.shared.client.rk, millis(timeout)) })
    }

    fn outcome(&self, error: *mut rd::rd_kafka_error_t) -> Result<(), TransactionError> {
        self.shared.client.outcome(error)
    }

    /// So many bytes were given to librdkafka.
    fn lingers(&self, bytes: usize) {
        if let Some(linger) = &self.linger {
            linger.sent(bytes);
        }
    }
}

impl Drop for NativeProducer {
    fn drop(&mut self) {
        self.purge();
        self.linger = None;
        self.shared.stop.store(true, Ordering::Release);
        if let Some(thread) = self.reports.take() {
            let _ = thread.join();
        }
        // The runs stay until the client is gone.
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        for topic in std::mem::take(&mut topics.handles).into_values() {
            // SAFETY: each handle is valid and destroyed once, before the client.
            unsafe { rd::rd_kafka_topic_destroy(topic) };
        }
    }
}

/// The topics stay locked, so that a record costs no lock.
pub struct ProduceSession<'a> {
    producer: &'a NativeProducer,
    topics: std::sync::RwLockReadGuard<'a, Topics>,
    writer: &'a Arc<InFlight>,
    batch: Vec<rd::rd_kafka_message_t>,
}

impl<'a> ProduceSession<'a> {
    /// Copies records of one topic, without headers and of now, into librdkafka's buffer, up to [`BATCH`] of them;
    /// returns how many it took, which is fewer when it is full. Spares most of what a call of `produce` per record costs.
    pub fn produce_batch<'r>(&mut self, topic: u32, records: impl Iterator<Item = Message<'r>>) -> Result<usize> {
        let (handle, run) = self.topic(topic)?;
        let opaque = self.opaque();
        let mut bytes = 0;
        self.batch.clear();
        self.batch.extend(records.take(BATCH).map(|record| {
            let ((payload, len), (key, key_len)) = (parts(record.value), parts(record.key));
            bytes += len + key_len;
            rd::rd_kafka_message_t {
                err: RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR,
                rkt: ptr::null_mut(),
                partition: record.partition.unwrap_or(ANY_PARTITION),
                payload,
                len,
                key,
                key_len,
                offset: 0,
                _private: opaque,
            }
        }));
        // The partitioner chooses for the first record, and the others follow it.
        let first = self.batch.first().is_some_and(|first| first.partition == ANY_PARTITION && first.key.is_null());
        let mut taken = if first { self.produce_part(handle, topic, 0..1)? } else { 0 };
        if let Some(partition) = run.partition() {
            let follow = |m: &&mut rd::rd_kafka_message_t| m.partition == ANY_PARTITION && m.key.is_null();
            self.batch.iter_mut().filter(follow).for_each(|m| m.partition = partition);
        }
        if taken == usize::from(first) {
            taken += self.produce_part(handle, topic, taken..self.batch.len())?;
        }
        run.add_bytes(bytes);
        self.producer.lingers(bytes);
        Ok(taken)
    }

    /// These records of the batch; returns how many were taken.
    fn produce_part(
        &mut self,
        handle: *mut rd::rd_kafka_topic_t,
        topic: u32,
        part: std::ops::Range<usize>,
    ) -> Result<usize> {
        let messages = &mut self.batch[part];
        let count = messages.len();
        // Counted before: the reports may come before the call returns.
        self.writer.0.fetch_add(count as u64, Ordering::AcqRel);
        let flags = rd::RD_KAFKA_MSG_F_COPY | rd::RD_KAFKA_MSG_F_PARTITION;
        // SAFETY: the handle is valid and the messages are as many as said; values and keys are copied; their opaque value
        // is kept by the producer (`keep`) until it is dropped.
        let taken =
            unsafe { rd::rd_kafka_produce_batch(handle, ANY_PARTITION, flags, messages.as_mut_ptr(), count as c_int) }
                as usize;
        self.writer.0.fetch_sub((count - taken) as u64, Ordering::AcqRel);
        use RDKafkaRespErr::{RD_KAFKA_RESP_ERR__QUEUE_FULL as FULL, RD_KAFKA_RESP_ERR_NO_ERROR as NO_ERROR};
        let Some(refused) = messages.iter().find(|m| m.err != NO_ERROR && m.err != FULL) else { return Ok(taken) };
        let (size, code) = (refused.len + refused.key_len, RDKafkaErrorCode::from(refused.err));
        Err(self.refusal(topic, size, code, &code.to_string()))
    }

    /// Copies one record into librdkafka's buffer.
    pub fn produce(
        &self,
        topic: u32,
        record: Message<'_>,
        timestamp: Option<i64>,
        headers: Option<&Headers>,
    ) -> Result<Produced> {
        let (handle, run) = self.topic(topic)?;
        let client = &self.producer.shared.client;
        let mem = |bytes: Option<&[u8]>| {
            let (ptr, size) = parts(bytes);
            rd::rd_kafka_vu_s__bindgen_ty_1 { mem: rd::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 { ptr, size } }
        };
        use rd::rd_kafka_vtype_t as vtype;
        use rd::rd_kafka_vu_s__bindgen_ty_1 as value_of;
        let header_list = match headers {
            Some(headers) if !headers.is_empty() => header_list(headers),
            _ => ptr::null_mut(),
        };
        let arguments = [
            argument(vtype::RD_KAFKA_VTYPE_RKT, value_of { rkt: handle }),
            argument(vtype::RD_KAFKA_VTYPE_PARTITION, value_of { i32_: record.partition.unwrap_or(ANY_PARTITION) }),
            argument(vtype::RD_KAFKA_VTYPE_MSGFLAGS, value_of { i: rd::RD_KAFKA_MSG_F_COPY }),
            argument(vtype::RD_KAFKA_VTYPE_VALUE, mem(record.value)),
            argument(vtype::RD_KAFKA_VTYPE_KEY, mem(record.key)),
            argument(vtype::RD_KAFKA_VTYPE_TIMESTAMP, value_of { i64_: timestamp.unwrap_or(0) }),
            argument(vtype::RD_KAFKA_VTYPE_OPAQUE, value_of { ptr: self.opaque() }),
            argument(vtype::RD_KAFKA_VTYPE_HEADERS, value_of { headers: header_list }),
        ];
        // The list of headers comes last and is left out if there is none: librdkafka does not take null.
        let count = arguments.len() - usize::from(header_list.is_null());
        // Counted before: the report may come before the call returns.
        self.writer.0.fetch_add(1, Ordering::AcqRel);
        // SAFETY: `arguments` has `count` valid entries; value and key are copied; `opaque` is kept by the producer
        // (`keep`) until it is dropped; librdkafka takes over the headers if it succeeds.
        let error = unsafe { rd::rd_kafka_produceva(client.rk, arguments.as_ptr(), count) };
        let size = record.value.map_or(0, <[u8]>::len) + record.key.map_or(0, <[u8]>::len);
        let Err(error) = client.outcome(error) else {
            run.add_bytes(size);
            self.producer.lingers(size);
            return Ok(Produced::Queued);
        };
        self.writer.0.fetch_sub(1, Ordering::AcqRel);
        if !header_list.is_null() {
            // SAFETY: the call failed, so the list is still ours.
            unsafe { rd::rd_kafka_headers_destroy(header_list) };
        }
        match error.code {
            RDKafkaErrorCode::QueueFull => Ok(Produced::Full),
            _ => Err(self.refusal(topic, size, error.code, &error.message)),
        }
    }

    fn topic(&self, topic: u32) -> Result<(*mut rd::rd_kafka_topic_t, &'a Run)> {
        let handle = self.topics.handles.get(&topic).copied();
        let handle =
            handle.ok_or_else(|| Error::internal(format!("topic number {topic} is unknown to the producer")))?;
        // SAFETY: the handle is valid; its opaque value is a run that the producer keeps.
        let run = unsafe { &*(rd::rd_kafka_topic_opaque(handle) as *const Run) };
        Ok((handle, run))
    }

    /// What a message carries: the counter of its writer.
    fn opaque(&self) -> *mut c_void {
        Arc::as_ptr(self.writer) as *mut c_void
    }

    /// Why a record of so many bytes was not taken: what the producer has failed of before, else `code`.
    fn refusal(&self, topic: u32, size: usize, code: RDKafkaErrorCode, text: &str) -> Error {
        let failed = self.producer.shared.client.events.check().err();
        failed.unwrap_or_else(|| failure::refused_record(self.topic_name(topic).as_deref(), size, code, text))
    }

    fn topic_name(&self, topic: u32) -> Option<String> {
        // SAFETY: the handle is valid, its name a C string that lives as long.
        let name = |handle: &*mut _| unsafe { CStr::from_ptr(rd::rd_kafka_topic_name(*handle)) };
        self.topics.handles.get(&topic).map(|h| name(h).to_string_lossy().into_owned())
    }
}

fn parts(bytes: Option<&[u8]>) -> (*mut c_void, usize) {
    bytes.map_or((super::NULL, 0), |b| (b.as_ptr() as *mut c_void, b.len()))
}

fn header_list(headers: &Headers) -> *mut rd::rd_kafka_headers_t {
    // SAFETY: names and values are passed with their lengths and copied; -1 stands for a null value.
    unsafe {
        let list = rd::rd_kafka_headers_new(headers.len());
        for (name, value) in headers {
            let (data, size) = match value {
                Some(bytes) => (bytes.as_ptr() as *const _, bytes.len() as isize),
                None => (ptr::null(), -1),
            };
            rd::rd_kafka_header_add(list, name.as_ptr() as *const _, name.len() as isize, data, size);
        }
        list
    }
}

impl Shared {
    /// Counts deliveries down and keeps the first refusal, until told to stop.
    fn read_reports(&self) {
        // SAFETY: the handle is valid as long as `self`.
        let queue = unsafe { rd::rd_kafka_queue_get_main(self.client.rk) };
        let mut stopped_at: Option<Instant> = None;
        loop {
            // SAFETY: the queue is valid; the event is destroyed once, below.
            let event = unsafe { rd::rd_kafka_queue_poll(queue, 50) };
            if !event.is_null() {
                // SAFETY: the event is alive.
                unsafe {
                    match rd::rd_kafka_event_type(event) {
                        rd::RD_KAFKA_EVENT_DR => self.read_deliveries(event),
                        rd::RD_KAFKA_EVENT_ERROR => {
                            let code = RDKafkaErrorCode::from(rd::rd_kafka_event_error(event));
                            let text = super::text_of(rd::rd_kafka_event_error_string(event));
                            self.client.events.error(code, &text);
                        }
                        _ => {}
                    }
                    rd::rd_kafka_event_destroy(event);
                }
            }
            if self.stop.load(Ordering::Acquire) {
                // Purged messages are still reported; a moment is enough for them.
                let since = *stopped_at.get_or_insert_with(Instant::now);
                if self.client.unsettled() == 0 || since.elapsed() > Duration::from_millis(500) {
                    break;
                }
            }
        }
        // SAFETY: the queue is ours and not used again.
        unsafe { rd::rd_kafka_queue_destroy(queue) };
    }

    /// # Safety
    /// `event` is a live delivery report.
    unsafe fn read_deliveries(&self, event: *mut rd::rd_kafka_event_t) {
        loop {
            // SAFETY: by the caller.
            let message = unsafe { rd::rd_kafka_event_message_next(event) };
            if message.is_null() {
                return;
            }
            // SAFETY: messages live as long as their event. `_private` is the counter given to `produce`, which
            // the producer keeps.
            let message = unsafe { &*message };
            let refused = message.err != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR;
            if refused
                && message.err != RDKafkaRespErr::RD_KAFKA_RESP_ERR__PURGE_QUEUE
                && message.err != RDKafkaRespErr::RD_KAFKA_RESP_ERR__PURGE_INFLIGHT
            {
                // SAFETY: the message has a topic whose name is a C string.
                let topic = unsafe { super::text_of(rd::rd_kafka_topic_name(message.rkt)) };
                let complaint = self.client.events.complaint();
                let code = RDKafkaErrorCode::from(message.err);
                self.client.events.fail(failure::undelivered(&topic, code, complaint.as_deref()));
            }
            if !message._private.is_null() {
                // SAFETY: as above.
                unsafe { &*(message._private as *const InFlight) }.0.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }
}

impl TransactionError {
    fn invalid(message: &str) -> TransactionError {
        TransactionError {
            code: RDKafkaErrorCode::InvalidArgument,
            message: message.to_owned(),
            fatal: false,
            retriable: false,
            requires_abort: false,
        }
    }
}
