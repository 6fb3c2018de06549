//! The rows of a SELECT, to whoever runs the job. A slow reader slows the sources, never loses rows.

use std::collections::VecDeque;

use crossbeam_channel::{Sender, TrySendError};
use flitz_dataflow::ChangelogBatch;

pub struct CollectOperator {
    rows: Sender<ChangelogBatch>,
    /// What the reader has not had room for.
    waiting: VecDeque<ChangelogBatch>,
}

impl CollectOperator {
    pub fn new(rows: Sender<ChangelogBatch>) -> CollectOperator {
        CollectOperator { rows, waiting: VecDeque::new() }
    }

    pub fn push(&mut self, batch: ChangelogBatch) {
        self.waiting.push_back(batch);
        self.flush();
    }

    /// Hands over what there is room for. A reader that has gone away wants no more: its rows are dropped.
    pub fn flush(&mut self) {
        while let Some(batch) = self.waiting.pop_front() {
            match self.rows.try_send(batch) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => {}
                Err(TrySendError::Full(batch)) => {
                    self.waiting.push_front(batch);
                    return;
                }
            }
        }
    }

    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}
