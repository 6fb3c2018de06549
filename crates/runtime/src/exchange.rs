//! Moves elements between workers.
//!
//! ```text
//!   worker 0 ──ring──> worker 1        one bounded ring per ordered pair of workers, shared by all
//!            <──ring──                 exchanges of the job; order within a pair is kept
//! ```
//!
//! Rows go to the worker that owns their key; watermarks, idleness, barriers and ends go to all. A worker
//! never waits for room: what does not fit stays in an overflow queue, and while that holds anything the
//! worker polls no source (see [`Outgoing::is_blocked`]). It goes on taking from its own rings, so two workers
//! with full rings can't lock each other out.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

use arrow::array::UInt32Array;
use arrow::compute::take_record_batch;
use flitz_dataflow::connector::Wake;
use flitz_dataflow::{ChangelogBatch, Result, StreamElement};
use rtrb::{Consumer, Producer, PushError, RingBuffer};

use crate::keys::{hash_keys, worker_of};

/// Elements that fit into one ring.
const RING_CAPACITY: usize = 64;

/// Which worker gets which rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Stays on its worker.
    Forward,
    /// By hash of these columns.
    Hash(Vec<usize>),
    /// All to one worker.
    Single(usize),
}

/// An element for input channel `channel` of node `node` of the receiving worker's task.
#[derive(Debug)]
pub struct Message {
    pub node: usize,
    pub channel: usize,
    pub element: StreamElement,
}

/// Ends the sleep of one worker's thread.
#[derive(Clone, Default)]
pub struct Sleeper(Arc<OnceLock<Thread>>);

impl Sleeper {
    /// Called once by the thread itself, before it first sleeps.
    pub fn register(&self) {
        let _ = self.0.set(std::thread::current());
    }

    pub fn wake(&self) {
        if let Some(thread) = self.0.get() {
            thread.unpark();
        }
    }

    pub fn as_wake(&self) -> Wake {
        let sleeper = self.clone();
        Wake(Arc::new(move || sleeper.wake()))
    }
}

/// One worker's ends of all rings.
pub struct Links {
    pub outgoing: Outgoing,
    pub incoming: Incoming,
}

/// Rings between every two workers; element `i` belongs to worker `i`.
pub fn connect(sleepers: &[Sleeper]) -> Vec<Links> {
    let workers = sleepers.len();
    let mut outgoing: Vec<Vec<Option<Link>>> = (0..workers).map(|_| vec![]).collect();
    let mut incoming: Vec<Vec<Option<Consumer<Message>>>> = (0..workers).map(|_| vec![]).collect();
    for (from, links) in outgoing.iter_mut().enumerate() {
        for (to, received) in incoming.iter_mut().enumerate() {
            if from == to {
                links.push(None);
                received.push(None);
                continue;
            }
            let (ring, end) = RingBuffer::new(RING_CAPACITY);
            links.push(Some(Link { ring, overflow: VecDeque::new(), peer: sleepers[to].clone() }));
            received.push(Some(end));
        }
    }
    let pairs = outgoing.into_iter().zip(incoming);
    pairs
        .map(|(links, rings)| Links {
            outgoing: Outgoing { links, overflowing: 0 },
            incoming: Incoming { rings, peers: sleepers.to_vec() },
        })
        .collect()
}

struct Link {
    ring: Producer<Message>,
    overflow: VecDeque<Message>,
    peer: Sleeper,
}

pub struct Outgoing {
    links: Vec<Option<Link>>,
    /// How many messages lie in overflow queues.
    overflowing: usize,
}

impl Outgoing {
    /// Hands `message` to worker `to`, which is not the sender itself.
    pub fn send(&mut self, to: usize, message: Message) {
        let Some(link) = &mut self.links[to] else { return };
        let refused = match link.overflow.is_empty() {
            true => link.ring.push(message).err().map(|PushError::Full(message)| message),
            false => Some(message),
        };
        match refused {
            None => link.peer.wake(),
            Some(message) => {
                link.overflow.push_back(message);
                self.overflowing += 1;
            }
        }
    }

    /// Moves what overflowed into rings that have room again; whether anything moved.
    pub fn flush(&mut self) -> bool {
        let before = self.overflowing;
        if before == 0 {
            return false;
        }
        for link in self.links.iter_mut().flatten() {
            let mut moved = false;
            while let Some(message) = link.overflow.pop_front() {
                if let Err(PushError::Full(message)) = link.ring.push(message) {
                    link.overflow.push_front(message);
                    break;
                }
                self.overflowing -= 1;
                moved = true;
            }
            if moved {
                link.peer.wake();
            }
        }
        self.overflowing < before
    }

    pub fn is_blocked(&self) -> bool {
        self.overflowing > 0
    }
}

pub struct Incoming {
    rings: Vec<Option<Consumer<Message>>>,
    peers: Vec<Sleeper>,
}

impl Incoming {
    /// Up to `max` messages of worker `from`, in the order they were sent.
    pub fn receive(&mut self, from: usize, max: usize, into: &mut Vec<Message>) {
        let Some(ring) = &mut self.rings[from] else { return };
        let was_full = ring.slots() == RING_CAPACITY;
        while into.len() < max
            && let Ok(message) = ring.pop()
        {
            into.push(message);
        }
        if was_full {
            self.peers[from].wake();
        }
    }

    pub fn workers(&self) -> usize {
        self.rings.len()
    }
}

/// Splits a batch by owner: `(worker, its rows)`, rows in their order. A batch whose rows all have one owner
/// is not copied.
pub fn partition(batch: ChangelogBatch, keys: &[usize], parallelism: usize) -> Result<Vec<(usize, ChangelogBatch)>> {
    let mut rows_of: Vec<Vec<u32>> = vec![vec![]; parallelism];
    for (row, hash) in hash_keys(batch.rows(), keys)?.into_iter().enumerate() {
        rows_of[worker_of(hash, parallelism)].push(row as u32);
    }
    let all = batch.num_rows();
    if let Some(owner) = rows_of.iter().position(|rows| rows.len() == all) {
        return Ok(vec![(owner, batch)]);
    }
    let mut parts = Vec::with_capacity(parallelism);
    for (worker, rows) in rows_of.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
        let kinds = batch.kinds().map(|kinds| rows.iter().map(|row| kinds[*row as usize]).collect());
        let taken = take_record_batch(batch.rows(), &UInt32Array::from(rows))?;
        parts.push((worker, ChangelogBatch::new(taken, kinds)));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use flitz_dataflow::Watermark;

    use super::*;

    fn watermark(millis: i64) -> Message {
        Message { node: 0, channel: 0, element: StreamElement::Watermark(Watermark::from_millis(millis)) }
    }

    #[test]
    fn order_survives_a_full_ring() {
        let mut links = connect(&[Sleeper::default(), Sleeper::default()]);
        let mut receiver = links.pop().unwrap().incoming;
        let mut sender = links.pop().unwrap().outgoing;
        let count = 3 * RING_CAPACITY as i64;
        (0..count).for_each(|i| sender.send(1, watermark(i)));
        assert!(sender.is_blocked());
        let mut received = vec![];
        while (received.len() as i64) < count {
            receiver.receive(0, received.len() + 10, &mut received);
            sender.flush();
        }
        assert!(!sender.is_blocked());
        for (i, message) in received.iter().enumerate() {
            assert!(matches!(message.element, StreamElement::Watermark(w) if w.millis() == i as i64));
        }
    }
}
