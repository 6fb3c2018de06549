//! How long records wait for others to share their request.
//!
//! Little traffic goes out every [`LITTLE`]. Much traffic fills whole requests by itself, which saves the broker, and
//! librdkafka's thread, most of their work; what is left over goes out after [`MUCH`] at the latest.
//!
//! librdkafka's own linger time is fixed, and a short one has a price: idempotence allows one request per partition on
//! its way, and while its answer is awaited and the time of the records behind it is over, librdkafka's thread does not
//! sleep (a million `poll` calls in 5 seconds). So its linger time is [`NATIVE`], and a thread of ours says when to send.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use flitz_dataflow::{Error, Result};
use rdkafka::ClientConfig;

use super::Client;

/// Longer than records wait in librdkafka's queue while a broker takes them.
const NATIVE: Duration = Duration::from_secs(1);

const LITTLE: Duration = Duration::from_millis(2);
const MUCH: Duration = Duration::from_millis(20);

/// So many bytes within eight times [`LITTLE`] are much: 32 MB/s. They come in bursts, a batch of rows at a time.
const MUCH_BYTES: usize = 512 << 10;

/// Without a new record for so long, what waits waits for a broker: it is looked at every [`REST`] only.
const STUCK: Duration = Duration::from_millis(100);
const REST: Duration = Duration::from_millis(10);

/// Leaves lingering to this module if `linger.ms` is not set. True: it is not, [`Linger`] is to be started.
pub fn take_over(config: &mut ClientConfig) -> bool {
    if config.get("linger.ms").is_some() {
        return false;
    }
    // It must be less than a record or a transaction may take.
    let limits = ["delivery.timeout.ms", "transaction.timeout.ms"].map(|key| config.get(key));
    let least = limits.into_iter().flatten().filter_map(|ms| ms.parse().ok()).filter(|ms| *ms > 0).min();
    let least = Duration::from_millis(least.unwrap_or(u64::MAX));
    config.set("linger.ms", NATIVE.min(least / 2).as_millis().to_string());
    true
}

/// Sends what waits; lives as long as its producer.
pub struct Linger {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// The same thread, to be woken.
    wake: Thread,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    /// The thread sleeps until it is woken.
    asleep: AtomicBool,
    /// Handed to librdkafka since the thread last looked.
    bytes: AtomicUsize,
}

impl Linger {
    pub fn start(client: Arc<Client>) -> Result<Linger> {
        let shared = Arc::new(Shared::default());
        let spawned = {
            let shared = shared.clone();
            std::thread::Builder::new().name("kafka-linger".into()).spawn(move || shared.run(&client))
        };
        let thread = spawned.map_err(|e| Error::unavailable(format!("no thread that sends to Kafka: {e}")))?;
        Ok(Linger { shared, wake: thread.thread().clone(), thread: Some(thread) })
    }

    /// To be called after records of so many bytes were handed to librdkafka.
    pub fn sent(&self, bytes: usize) {
        self.shared.bytes.fetch_add(bytes, Ordering::Relaxed);
        if self.shared.asleep.swap(false, Ordering::AcqRel) {
            self.wake.unpark();
        }
    }
}

impl Drop for Linger {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.wake.unpark();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn run(&self, client: &Client) {
        let (mut pushed, mut filled) = (Instant::now(), Instant::now());
        let mut recent = 0;
        while !self.stop.load(Ordering::Acquire) {
            if client.unsettled() == 0 {
                self.asleep.store(true, Ordering::Release);
                // Looks again: records may have come before the flag was up.
                if client.unsettled() == 0 {
                    std::thread::park_timeout(Duration::from_millis(500));
                }
                self.asleep.store(false, Ordering::Release);
                if client.unsettled() == 0 {
                    continue;
                }
                // The first record after a silence is not stuck.
                filled = Instant::now();
            }
            std::thread::sleep(if filled.elapsed() > STUCK { REST } else { LITTLE });
            let bytes = self.bytes.swap(0, Ordering::Relaxed);
            if bytes > 0 {
                filled = Instant::now();
            }
            recent = recent - recent / 8 + bytes;
            if recent < MUCH_BYTES || pushed.elapsed() >= MUCH {
                client.push_out(Duration::from_millis(1));
                pushed = Instant::now();
            }
        }
    }
}
