//! Which partition a record goes to that names none: by its key as Java's default partitioner does, and without a key
//! to one partition after the other, each for [`RUN_BYTES`] or for one batch, whichever is more.
//!
//! librdkafka's own choice is asked for record by record, and goes on with one partition for 10 ms: with idempotence one
//! request per partition is on its way, so its thread waits for that one's answer, in a loop that does not sleep.

use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use rdkafka::bindings as rd;

use crate::kafka::broker::partition_of;

/// As Java's `batch.size`.
const RUN_BYTES: usize = 16 << 10;

const NONE: i32 = -1;

/// The partition that records of a topic without a key go to at the moment.
pub struct Run {
    partition: AtomicI32,
    /// Sent there so far.
    bytes: AtomicUsize,
}

impl Run {
    pub fn new() -> Run {
        Run { partition: AtomicI32::new(NONE), bytes: AtomicUsize::new(0) }
    }

    /// The partition of the record that was last sent without one; None before the topic is known.
    pub fn partition(&self) -> Option<i32> {
        Some(self.partition.load(Ordering::Relaxed)).filter(|p| *p != NONE)
    }

    pub fn add_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The partition of the next record, one with a leader if there is any.
    fn next(&self, partitions: i32, has_leader: impl Fn(i32) -> bool) -> i32 {
        let current = self.partition.load(Ordering::Relaxed);
        let stays = current != NONE && current < partitions && self.bytes.load(Ordering::Relaxed) < RUN_BYTES;
        if stays && has_leader(current) {
            return current;
        }
        let after = |i: i32| (current + i).rem_euclid(partitions);
        let next = (1..=partitions).map(after).find(|p| has_leader(*p)).unwrap_or_else(|| after(1));
        self.partition.store(next, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
        next
    }
}

/// Makes a topic's configuration choose partitions as this module says.
///
/// # Safety
/// `conf` is a live configuration, and `run` outlives the client.
pub unsafe fn install(conf: *mut rd::rd_kafka_topic_conf_t, run: &Run) {
    // SAFETY: by the caller.
    unsafe {
        rd::rd_kafka_topic_conf_set_partitioner_cb(conf, Some(partition));
        rd::rd_kafka_topic_conf_set_opaque(conf, ptr_of(run));
    }
}

fn ptr_of(run: &Run) -> *mut c_void {
    std::ptr::from_ref(run) as *mut c_void
}

/// Called by librdkafka, under the topic's lock.
unsafe extern "C" fn partition(
    topic: *const rd::rd_kafka_topic_t,
    key: *const c_void,
    key_len: usize,
    partitions: i32,
    run: *mut c_void,
    _message: *mut c_void,
) -> i32 {
    if !key.is_null() {
        // SAFETY: a key that is there has as many bytes as said.
        return partition_of(unsafe { std::slice::from_raw_parts(key.cast(), key_len) }, partitions);
    }
    // SAFETY: `install` gave a run that outlives the client.
    let run = unsafe { &*(run as *const Run) };
    // SAFETY: librdkafka allows this call in a partitioner.
    run.next(partitions, |p| unsafe { rd::rd_kafka_topic_partition_available(topic, p) } != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_go_round_the_partitions_that_have_leaders() {
        let run = Run::new();
        assert_eq!(run.partition(), None);
        let send = |bytes: usize, leaders: &[i32]| {
            let partition = run.next(3, |p| leaders.contains(&p));
            assert_eq!(run.partition(), Some(partition));
            run.add_bytes(bytes);
            partition
        };
        let all = [0, 1, 2];
        let small: Vec<i32> = (0..5).map(|_| send(6 << 10, &all)).collect();
        assert_eq!(small, [0, 0, 0, 1, 1]);
        let large: Vec<i32> = (0..4).map(|_| send(64 << 10, &all)).collect();
        assert_eq!(large, [1, 2, 0, 1]);
        assert_eq!(send(1, &[0, 1]), 0, "2 has no leader");
        assert_eq!(send(1, &[1]), 1, "the leader of 0 is gone");
        assert_eq!(send(1, &[]), 2, "one must be chosen");
        assert_eq!(run.next(1, |_| true), 0, "of fewer partitions");
    }
}
