use crate::{ChangelogBatch, Epoch, Watermark};

/// The only thing that travels on an edge between operators.
#[derive(Clone, Debug)]
pub enum StreamElement {
    Batch(ChangelogBatch),
    /// No row with an earlier event time will follow, except late ones.
    Watermark(Watermark),
    /// Nothing comes from here for now: leave this input out of the minimum until a batch or watermark arrives.
    Idle,
    Barrier(Barrier),
    /// Nothing will follow. A `Watermark::MAX` precedes it unless the job was stopped.
    End,
}

/// Closes an epoch: rows before it belong to `epoch`, rows after it to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Barrier {
    pub epoch: Epoch,
}
