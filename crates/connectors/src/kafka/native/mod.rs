//! librdkafka, called directly where its Rust binding has no bulk calls. The only unsafe code of this connector.
//!
//! Ownership: a [`Client`] owns one `rd_kafka_t`; queues and topics made from it are destroyed before it, in
//! the `Drop` of [`NativeConsumer`] and [`NativeProducer`]. librdkafka is thread-safe throughout. Callbacks get a
//! pointer to [`ClientEvents`], which an `Arc` in the client keeps alive until after `rd_kafka_destroy`.

mod consume;
mod linger;
mod partitioner;
mod produce;
mod reach;

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flitz_dataflow::{Error, Result};
use rdkafka::ClientConfig;
use rdkafka::bindings as rd;
use rdkafka::types::{RDKafka, RDKafkaErrorCode, RDKafkaRespErr, RDKafkaType};

pub use consume::NativeConsumer;
pub use produce::{Message, NativeProducer, Produced, TransactionError};

use super::failure;

/// What librdkafka has told us outside of any call.
pub struct ClientEvents {
    address: String,
    failed: AtomicBool,
    failure: Mutex<Option<Error>>,
    /// The last complaint that may pass: explains a time-out.
    complaint: Mutex<Option<String>>,
    /// A partition's broker did not answer when last looked at.
    out_of_reach: AtomicBool,
}

impl ClientEvents {
    pub fn new(address: &str) -> Arc<ClientEvents> {
        Arc::new(ClientEvents {
            address: address.to_owned(),
            failed: AtomicBool::new(false),
            failure: Mutex::new(None),
            complaint: Mutex::new(None),
            out_of_reach: AtomicBool::new(false),
        })
    }

    /// An error if the client can't go on. Costs one load when all is well.
    pub fn check(&self) -> Result<()> {
        if !self.failed.load(Ordering::Acquire) {
            return Ok(());
        }
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        Err(failure.clone().unwrap_or_else(|| Error::internal("a Kafka client failed without saying why")))
    }

    /// The first failure stays.
    pub fn fail(&self, error: Error) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.failed.store(true, Ordering::Release);
    }

    /// Whether silence may come from a broker that is away rather than from an empty partition.
    pub fn out_of_reach(&self) -> bool {
        self.out_of_reach.load(Ordering::Relaxed)
    }

    /// Why the cluster could not be reached, in librdkafka's words.
    pub fn complaint(&self) -> Option<String> {
        self.complaint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An error that belongs to no message: authentication and TLS failures are final, a broker that is away
    /// is not, librdkafka goes on trying.
    pub fn error(&self, code: RDKafkaErrorCode, reason: &str) {
        match failure::final_failure(&self.address, code, reason) {
            Some(error) => self.fail(error),
            None if code == RDKafkaErrorCode::AllBrokersDown => {}
            None => {
                tracing::debug!(broker = self.address, "{reason}");
                *self.complaint.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
            }
        }
    }
}

/// One `rd_kafka_t` and what its callbacks write to.
struct Client {
    rk: *mut RDKafka,
    events: Arc<ClientEvents>,
    destroy_flags: c_int,
}

// SAFETY: all functions of librdkafka may be called on one handle from any thread at once (its INTRODUCTION.md,
// "Threads and callbacks"); `events` is Sync.
unsafe impl Send for Client {}
// SAFETY: as above.
unsafe impl Sync for Client {}

impl Client {
    fn new(config: &ClientConfig, kind: RDKafkaType, events: Arc<ClientEvents>) -> Result<Client> {
        let conf = config.create_native_config().map_err(|e| failure::bad_configuration(&e))?;
        // From here on the configuration is librdkafka's unless `rd_kafka_new` fails, and then it is ours again.
        let mut conf = ManuallyDrop::new(conf);
        let mut text = [0 as c_char; 512];
        let producer = kind == RDKafkaType::RD_KAFKA_PRODUCER;
        // SAFETY: `conf` is a valid configuration; the callbacks have the signatures librdkafka asks for; the opaque
        // pointer stays valid as long as the handle because `Client` holds the Arc and destroys the handle in
        // its own Drop, before its fields are dropped.
        let rk = unsafe {
            rd::rd_kafka_conf_set_opaque(conf.ptr(), Arc::as_ptr(&events) as *mut c_void);
            rd::rd_kafka_conf_set_log_cb(conf.ptr(), Some(on_log));
            if producer {
                // As events, delivery reports let rd_kafka_flush wait for the counter instead of polling.
                rd::rd_kafka_conf_set_events(conf.ptr(), rd::RD_KAFKA_EVENT_DR | rd::RD_KAFKA_EVENT_ERROR);
            } else {
                rd::rd_kafka_conf_set_error_cb(conf.ptr(), Some(on_error));
                rd::rd_kafka_conf_set_stats_cb(conf.ptr(), Some(on_statistics));
            }
            rd::rd_kafka_new(kind, conf.ptr(), text.as_mut_ptr(), text.len())
        };
        if rk.is_null() {
            // SAFETY: rd_kafka_new failed, so the configuration was not consumed; it is not used again.
            unsafe { ManuallyDrop::drop(&mut conf) };
            // SAFETY: librdkafka ends the text with a NUL within the buffer.
            let text = unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy().into_owned();
            return Err(failure::bad_client(&events.address, &text));
        }
        let destroy_flags = if producer { 0 } else { rd::RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE };
        Ok(Client { rk, events, destroy_flags })
    }

    /// Waits, shortly, for the leaders of the topics that this client has handles or queues of. What is asked of it
    /// before its first connection stands would else wait for librdkafka's timers, up to a second. A cluster
    /// that is away is found out about later, by the calls that need it.
    fn learn_leaders(&self) {
        let mut metadata = ptr::null();
        // SAFETY: the handle is valid; no topic and `all_topics` 0 stand for those known here; the answer is freed once.
        unsafe {
            let code = rd::rd_kafka_metadata(self.rk, 0, ptr::null_mut(), &mut metadata, LEADERS_TIMEOUT_MILLIS);
            if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
                rd::rd_kafka_metadata_destroy(metadata);
            }
        }
    }

    /// Sends what a producer holds, without lingering, and waits so long for it to be delivered. True: all was.
    fn push_out(&self, timeout: Duration) -> bool {
        // SAFETY: the handle is valid.
        let code = unsafe { rd::rd_kafka_flush(self.rk, millis(timeout)) };
        code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR
    }

    /// Records of a producer whose delivery has not been reported.
    fn unsettled(&self) -> usize {
        // SAFETY: the handle is valid.
        let count = unsafe { rd::rd_kafka_outq_len(self.rk) };
        count.max(0) as usize
    }

    /// Turns a `rd_kafka_error_t` into ours and frees it; null is success.
    fn outcome(&self, error: *mut rd::rd_kafka_error_t) -> Result<(), TransactionError> {
        if error.is_null() {
            return Ok(());
        }
        // SAFETY: `error` is a live error object that this call owns; its strings live until it is destroyed.
        unsafe {
            let outcome = TransactionError {
                code: RDKafkaErrorCode::from(rd::rd_kafka_error_code(error)),
                message: CStr::from_ptr(rd::rd_kafka_error_string(error)).to_string_lossy().into_owned(),
                fatal: rd::rd_kafka_error_is_fatal(error) != 0,
                retriable: rd::rd_kafka_error_is_retriable(error) != 0,
                requires_abort: rd::rd_kafka_error_txn_requires_abort(error) != 0,
            };
            rd::rd_kafka_error_destroy(error);
            Err(outcome)
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: the handle is valid and nobody uses it after this: queues and topics were destroyed by our owner.
        unsafe { rd::rd_kafka_destroy_flags(self.rk, self.destroy_flags) }
    }
}

unsafe extern "C" fn on_error(_: *mut rd::rd_kafka_t, code: c_int, reason: *const c_char, opaque: *mut c_void) {
    // SAFETY: `opaque` is the ClientEvents set in Client::new, alive as long as the handle; `reason` is a C string.
    let (events, reason) = unsafe { (&*(opaque as *const ClientEvents), text_of(reason)) };
    // SAFETY: librdkafka passes a member of its own enumeration as int.
    let code: RDKafkaRespErr = unsafe { std::mem::transmute(code) };
    events.error(code.into(), &reason);
}

unsafe extern "C" fn on_statistics(
    _: *mut rd::rd_kafka_t,
    json: *mut c_char,
    len: usize,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: `opaque` is the ClientEvents set in Client::new, alive as long as the handle; `json` has `len` bytes.
    let (events, json) =
        unsafe { (&*(opaque as *const ClientEvents), std::slice::from_raw_parts(json as *const u8, len)) };
    match reach::answers(json) {
        Ok(answers) => events.out_of_reach.store(!answers, Ordering::Relaxed),
        Err(e) => tracing::debug!(target: "flitz::kafka", "statistics of librdkafka can't be read: {e}"),
    }
    // librdkafka frees the text.
    0
}

unsafe extern "C" fn on_log(_: *const rd::rd_kafka_t, level: c_int, facility: *const c_char, text: *const c_char) {
    // SAFETY: both are C strings that live during the call.
    let (facility, text) = unsafe { (text_of(facility), text_of(text)) };
    // What matters comes through the error callback too; at `warn` this would be said twice.
    match level {
        0..=2 => tracing::warn!(target: "flitz::kafka", "{facility}: {text}"),
        _ => tracing::debug!(target: "flitz::kafka", "{facility}: {text}"),
    }
}

/// # Safety
/// `text` is null or a C string.
unsafe fn text_of(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: by the caller.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

fn c_string(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::invalid(format!("'{}' holds a NUL character", text.escape_default())))
}

/// One variable argument of `rd_kafka_produceva`.
fn argument(vtype: rd::rd_kafka_vtype_t, u: rd::rd_kafka_vu_s__bindgen_ty_1) -> rd::rd_kafka_vu_t {
    rd::rd_kafka_vu_t { vtype, u }
}

fn millis(timeout: Duration) -> c_int {
    timeout.as_millis().min(c_int::MAX as u128) as c_int
}

const LEADERS_TIMEOUT_MILLIS: c_int = 1_000;

const NULL: *mut c_void = ptr::null_mut();
