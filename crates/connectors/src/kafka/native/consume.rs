use std::ffi::{CString, c_void};
use std::ptr;
use std::slice;
use std::sync::Arc;

use flitz_dataflow::connector::Wake;
use flitz_dataflow::{Error, Result};
use rdkafka::ClientConfig;
use rdkafka::bindings as rd;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr, RDKafkaType};

use super::{Client, ClientEvents, c_string, text_of};
use crate::kafka::broker::{
    Assignment, Consumer, Headers, Polled, RecordBuffer, TimestampType, TopicPartition, Wanted, push_nullable,
};
use crate::kafka::failure;

/// Reads each partition from a queue of its own, in bulk.
///
/// The queue of a partition normally forwards to the consumer's; cutting that gives batches of one partition
/// without sorting messages apart. An empty queue that gets something calls `on_queue_event`, which wakes the worker.
pub struct NativeConsumer {
    client: Client,
    /// Errors that belong to no partition arrive here.
    events_queue: *mut rd::rd_kafka_queue_t,
    wanted: Wanted,
    slots: Vec<Slot>,
    /// Where the round robin goes on.
    next: usize,
    /// Scratch for one batch; empty between calls.
    messages: Vec<*mut rd::rd_kafka_message_t>,
    /// Boxed: queues keep its address.
    wake: Box<Wake>,
}

struct Slot {
    partition: TopicPartition,
    topic: CString,
    queue: *mut rd::rd_kafka_queue_t,
    position: i64,
    end: Option<i64>,
    state: SlotState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SlotState {
    Reading,
    /// Read to the end, not yet said.
    AtEnd,
    Ended,
}

/// Why a batch could not be taken.
enum Trouble {
    OffsetGone,
    Other(Error),
}

// SAFETY: the raw pointers are handles of thread-safe librdkafka objects owned by this value; `messages` is
// empty between calls. `Wake` is Send and Sync by its definition.
unsafe impl Send for NativeConsumer {}

impl NativeConsumer {
    pub fn new(config: &ClientConfig, events: Arc<ClientEvents>, wanted: Wanted, wake: Wake) -> Result<NativeConsumer> {
        let client = Client::new(config, RDKafkaType::RD_KAFKA_CONSUMER, events)?;
        let wake = Box::new(wake);
        // SAFETY: the handle is valid and has a group id, so it has a consumer queue; `wake` lives on the heap until
        // Drop has disabled the callback.
        let events_queue = unsafe {
            rd::rd_kafka_poll_set_consumer(client.rk);
            let queue = rd::rd_kafka_queue_get_consumer(client.rk);
            if !queue.is_null() {
                rd::rd_kafka_queue_cb_event_enable(queue, Some(on_queue_event), &raw const *wake as *mut c_void);
            }
            queue
        };
        if events_queue.is_null() {
            return Err(Error::internal("a Kafka consumer was made without group id"));
        }
        Ok(NativeConsumer { client, events_queue, wanted, slots: Vec::new(), next: 0, messages: Vec::new(), wake })
    }

    /// Errors of the client as a whole.
    fn serve_events(&mut self) -> Result<()> {
        // SAFETY: the queue is valid until Drop; the array has room for `len` pointers; each message is destroyed once.
        unsafe {
            if rd::rd_kafka_queue_length(self.events_queue) > 0 {
                let mut messages = [ptr::null_mut(); 16];
                let n = rd::rd_kafka_consume_batch_queue(self.events_queue, 0, messages.as_mut_ptr(), messages.len());
                for message in &messages[..n.max(0) as usize] {
                    let text = text_of(rd::rd_kafka_message_errstr(*message));
                    tracing::debug!(target: "flitz::kafka", "{text}");
                    rd::rd_kafka_message_destroy(*message);
                }
            }
        }
        self.client.events.check()
    }

    /// Fills `records` from the queue of `slot`.
    fn fetch(&mut self, slot: usize, max: usize, records: &mut RecordBuffer) -> Result<(), Trouble> {
        self.messages.resize(max, ptr::null_mut());
        // SAFETY: the queue is valid until Drop; the array has room for `max` pointers.
        let n = unsafe { rd::rd_kafka_consume_batch_queue(self.slots[slot].queue, 0, self.messages.as_mut_ptr(), max) };
        self.messages.truncate(n.max(0) as usize);
        let mut outcome = Ok(());
        for message in self.messages.drain(..) {
            if outcome.is_ok() {
                // SAFETY: `message` is a message that librdkafka just handed over; it is destroyed below, once.
                outcome = unsafe { take(&mut self.slots[slot], self.wanted, &*message, records) };
            }
            // SAFETY: as above.
            unsafe { rd::rd_kafka_message_destroy(message) };
        }
        outcome
    }

    /// Stops fetching a partition that is read to its end.
    fn stop(&mut self, slot: usize) {
        let slot = &self.slots[slot];
        let mut list = TopicPartitionList::new();
        list.add_partition(&slot.partition.topic, slot.partition.partition);
        // SAFETY: handle and list are valid; the list is not kept.
        let error = unsafe { rd::rd_kafka_incremental_unassign(self.client.rk, list.ptr()) };
        if let Err(e) = self.client.outcome(error) {
            tracing::debug!("{}-{}: {}", slot.partition.topic, slot.partition.partition, e.message);
        }
    }

    /// What the broker holds of a partition now, for the message that an offset is gone.
    fn out_of_range(&self, slot: usize) -> Error {
        let slot = &self.slots[slot];
        let (mut low, mut high) = (-1, -1);
        // SAFETY: handle and topic name are valid, both results point to integers.
        unsafe {
            rd::rd_kafka_query_watermark_offsets(
                self.client.rk,
                slot.topic.as_ptr(),
                slot.partition.partition,
                &mut low,
                &mut high,
                5_000,
            );
        }
        failure::offset_gone(&slot.partition, slot.position, (low >= 0 && high >= 0).then_some((low, high)))
    }
}

impl Consumer for NativeConsumer {
    fn assign(&mut self, partitions: Vec<Assignment>) -> Result<()> {
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        for Assignment { partition, start, end } in partitions {
            let topic = c_string(&partition.topic)?;
            // SAFETY: handle and name are valid. Cutting the forwarding before the assignment makes librdkafka leave it
            // cut. `wake` outlives the queue's callback, see Drop.
            let queue = unsafe {
                let queue = rd::rd_kafka_queue_get_partition(self.client.rk, topic.as_ptr(), partition.partition);
                if !queue.is_null() {
                    rd::rd_kafka_queue_forward(queue, ptr::null_mut());
                    let wake = &raw const *self.wake as *mut c_void;
                    rd::rd_kafka_queue_cb_event_enable(queue, Some(on_queue_event), wake);
                }
                queue
            };
            if queue.is_null() {
                return Err(Error::internal(format!(
                    "no queue for partition {} of {}",
                    partition.partition, partition.topic
                )));
            }
            let state = match end {
                Some(end) if start >= end => SlotState::AtEnd,
                _ => SlotState::Reading,
            };
            if state == SlotState::Reading {
                list.add_partition_offset(&partition.topic, partition.partition, Offset::Offset(start))
                    .map_err(|e| Error::internal(format!("offset {start} of {}: {e}", partition.topic)))?;
            }
            self.slots.push(Slot { partition, topic, queue, position: start, end, state });
        }
        if list.count() > 0 {
            self.client.learn_leaders();
            // SAFETY: handle and list are valid; the list is copied.
            let error = unsafe { rd::rd_kafka_incremental_assign(self.client.rk, list.ptr()) };
            self.client.outcome(error).map_err(|e| Error::unavailable(format!("Kafka: {}", e.message)))?;
        }
        Ok(())
    }

    fn poll(&mut self, max: usize, records: &mut RecordBuffer) -> Result<Polled> {
        records.clear();
        self.serve_events()?;
        for _ in 0..self.slots.len() {
            let at = self.next;
            self.next = if at + 1 == self.slots.len() { 0 } else { at + 1 };
            if self.slots[at].state == SlotState::AtEnd {
                self.slots[at].state = SlotState::Ended;
                return Ok(Polled::End(at));
            }
            // SAFETY: the queue is valid until Drop.
            let waiting = self.slots[at].state == SlotState::Reading
                && unsafe { rd::rd_kafka_queue_length(self.slots[at].queue) } > 0;
            if !waiting {
                continue;
            }
            match self.fetch(at, max, records) {
                Ok(()) => {}
                Err(Trouble::OffsetGone) => return Err(self.out_of_range(at)),
                Err(Trouble::Other(error)) => return Err(error),
            }
            let slot = &mut self.slots[at];
            if slot.end.is_some_and(|end| slot.position >= end) {
                slot.state = SlotState::AtEnd;
                self.next = at;
                self.stop(at);
            }
            records.next_offset = self.slots[at].position;
            if !records.is_empty() {
                return Ok(Polled::Records(at));
            }
            if self.slots[at].state == SlotState::AtEnd {
                self.slots[at].state = SlotState::Ended;
                return Ok(Polled::End(at));
            }
        }
        Ok(Polled::Nothing)
    }

    fn is_out_of_reach(&self) -> bool {
        self.client.events.out_of_reach()
    }

    fn lag(&self) -> Vec<(usize, u64)> {
        let mut lags = Vec::with_capacity(self.slots.len());
        for (i, slot) in self.slots.iter().enumerate() {
            let (mut low, mut high) = (-1, -1);
            // SAFETY: handle and name are valid; reads what the last fetch response said.
            let code = unsafe {
                let topic = slot.topic.as_ptr();
                rd::rd_kafka_get_watermark_offsets(self.client.rk, topic, slot.partition.partition, &mut low, &mut high)
            };
            if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 {
                let until = slot.end.map_or(high, |end| end.min(high));
                lags.push((i, (until - slot.position).max(0) as u64));
            }
        }
        lags
    }
}

impl Drop for NativeConsumer {
    fn drop(&mut self) {
        for queue in self.slots.iter().map(|s| s.queue).chain([self.events_queue]) {
            // SAFETY: each queue is valid and destroyed once. Disabling takes the queue's lock, under which the callback
            // runs, so no call to it is under way when `wake` is freed.
            unsafe {
                rd::rd_kafka_queue_cb_event_enable(queue, None, super::NULL);
                rd::rd_kafka_queue_destroy(queue);
            }
        }
    }
}

/// Copies one message, or notes what it says instead of a record.
///
/// # Safety
/// `message` is alive and belongs to the partition of `slot`.
unsafe fn take(
    slot: &mut Slot,
    wanted: Wanted,
    message: &rd::rd_kafka_message_t,
    records: &mut RecordBuffer,
) -> Result<(), Trouble> {
    match message.err {
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => {}
        RDKafkaRespErr::RD_KAFKA_RESP_ERR__PARTITION_EOF => {
            slot.position = slot.position.max(message.offset);
            return Ok(());
        }
        // `auto.offset.reset` is `error`.
        RDKafkaRespErr::RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET => return Err(Trouble::OffsetGone),
        code => {
            // SAFETY: by the caller.
            let text = unsafe { text_of(rd::rd_kafka_message_errstr(message)) };
            let error = failure::of_partition(&slot.partition, slot.position, RDKafkaErrorCode::from(code), &text);
            return error.map_err(Trouble::Other);
        }
    }
    if slot.end.is_some_and(|end| message.offset >= end) {
        slot.position = slot.position.max(message.offset);
        return Ok(());
    }
    slot.position = message.offset + 1;
    let mut kind = rd::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    // SAFETY: by the caller: payload and key are null or point to `len` and `key_len` bytes; the message outlives the slices.
    unsafe {
        push_nullable(&mut records.values, bytes_of(message.payload, message.len));
        if wanted.keys {
            push_nullable(&mut records.keys, bytes_of(message.key, message.key_len));
        }
        records.timestamps.push(rd::rd_kafka_message_timestamp(message, &mut kind));
        if wanted.headers {
            records.headers.push(headers_of(message));
        }
        if wanted.leader_epochs {
            records.leader_epochs.push(rd::rd_kafka_message_leader_epoch(message));
        }
    }
    records.offsets.push(message.offset);
    records.timestamp_types.push(match kind {
        rd::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_CREATE_TIME => TimestampType::CreateTime,
        rd::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => TimestampType::LogAppendTime,
        _ => TimestampType::NoTimestampType,
    });
    Ok(())
}

/// # Safety
/// `data` is null or points to `len` bytes that live as long as the result is used.
unsafe fn bytes_of<'a>(data: *const c_void, len: usize) -> Option<&'a [u8]> {
    // SAFETY: by the caller.
    (!data.is_null()).then(|| unsafe { slice::from_raw_parts(data as *const u8, len) })
}

/// # Safety
/// `message` is alive.
unsafe fn headers_of(message: &rd::rd_kafka_message_t) -> Headers {
    let mut list = ptr::null_mut();
    let mut headers = Headers::new();
    // SAFETY: the list belongs to the message; names are C strings and values `size` bytes within it.
    unsafe {
        if rd::rd_kafka_message_headers(message, &mut list) != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return headers;
        }
        let (mut name, mut value, mut size) = (ptr::null(), ptr::null(), 0);
        while rd::rd_kafka_header_get_all(list, headers.len(), &mut name, &mut value, &mut size)
            == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR
        {
            headers.push((text_of(name), bytes_of(value, size).map(<[u8]>::to_vec)));
        }
    }
    headers
}

unsafe extern "C" fn on_queue_event(_: *mut rd::rd_kafka_t, wake: *mut c_void) {
    // SAFETY: `wake` is the boxed Wake of a consumer, which disables this callback before it is freed.
    unsafe { &*(wake as *const Wake) }.wake();
}
