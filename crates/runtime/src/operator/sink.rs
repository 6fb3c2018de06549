//! Hands rows to a connector's writer.
//!
//! 1. NOT NULL columns are enforced: a NULL fails the job or, if the plan says so, drops its row.
//! 2. Row kinds that the sink does not take are dropped: `-U` for an upsert sink, whose `+U` of the same key
//!    overwrites.
//! 3. At a barrier the writer seals the epoch; rows of the next are held back by the writer until the
//!    epoch is committed (`release`).

use std::sync::Arc;

use arrow::array::{Array, BooleanArray};
use arrow::compute::filter_record_batch;
use flitz_dataflow::connector::SinkWriter;
use flitz_dataflow::{ChangelogBatch, Epoch, Error, Place, Result, RowKind};
use flitz_plan::{ColumnRef, SinkNode};

pub struct SinkOperator {
    table: String,
    writer: Box<dyn SinkWriter>,
    not_null: Vec<(usize, String)>,
    drop_null_rows: bool,
    takes_update_before: bool,
    rows: u64,
    rows_in_epoch: u64,
    /// Sealed and not yet released.
    unreleased: Option<Epoch>,
    finished: bool,
}

impl SinkOperator {
    pub fn new(node: &SinkNode, writer: Box<dyn SinkWriter>) -> SinkOperator {
        let name = |column: usize| match &node.columns[column] {
            ColumnRef::Physical(i) => node.table.physical.fields[*i].name.clone(),
            ColumnRef::Metadata { key, .. } => key.clone(),
        };
        SinkOperator {
            table: node.table.name.clone(),
            writer,
            not_null: node.not_null.iter().map(|&column| (column, name(column))).collect(),
            drop_null_rows: node.drop_null_rows,
            takes_update_before: node.changelog.update_before,
            rows: 0,
            rows_in_epoch: 0,
            unreleased: None,
            finished: false,
        }
    }

    pub fn write(&mut self, batch: ChangelogBatch) -> Result<()> {
        let Some(batch) = self.enforce_not_null(batch)? else { return Ok(()) };
        let Some(batch) = self.drop_update_before(batch)? else { return Ok(()) };
        self.writer.write(&batch).map_err(|e| self.placed(e))?;
        self.rows += batch.num_rows() as u64;
        self.rows_in_epoch += batch.num_rows() as u64;
        Ok(())
    }

    fn enforce_not_null(&self, batch: ChangelogBatch) -> Result<Option<ChangelogBatch>> {
        let mut kept: Option<Vec<bool>> = None;
        for (column, name) in &self.not_null {
            let Some(nulls) = batch.rows().column(*column).logical_nulls().filter(|n| n.null_count() > 0) else {
                continue;
            };
            if !self.drop_null_rows {
                return Err(Error::data(format!(
                    "column '{name}' is NOT NULL, however, a NULL is being written into it"
                ))
                .hint("SET 'table.exec.sink.not-null-enforcer' = 'DROP' drops such rows silently")
                .place(Place::Operator(self.table.clone())));
            }
            let kept = kept.get_or_insert_with(|| vec![true; batch.num_rows()]);
            for (kept, valid) in kept.iter_mut().zip(nulls.iter()) {
                *kept &= valid;
            }
        }
        match kept {
            None => Ok(Some(batch)),
            Some(kept) => filter(&batch, kept),
        }
    }

    fn drop_update_before(&self, batch: ChangelogBatch) -> Result<Option<ChangelogBatch>> {
        match batch.kinds() {
            Some(kinds) if !self.takes_update_before && kinds.contains(&RowKind::UpdateBefore) => {
                filter(&batch, kinds.iter().map(|kind| *kind != RowKind::UpdateBefore).collect())
            }
            _ => Ok(Some(batch)),
        }
    }

    /// Closes the epoch; returns what the snapshot keeps, and how many rows the epoch had.
    pub fn seal(&mut self, epoch: Epoch) -> Result<(serde_json::Value, u64)> {
        let sealed = self.writer.seal(epoch).map_err(|e| self.placed(e))?;
        self.unreleased = Some(epoch);
        Ok((sealed, std::mem::take(&mut self.rows_in_epoch)))
    }

    pub fn release(&mut self, epoch: Epoch) -> Result<()> {
        self.unreleased.take_if(|sealed| *sealed <= epoch);
        self.writer.release(epoch).map_err(|e| self.placed(e))
    }

    pub fn tick(&mut self) -> Result<()> {
        self.writer.tick().map_err(|e| self.placed(e))
    }

    pub fn awaits_checkpoint(&self) -> bool {
        self.writer.awaits_checkpoint()
    }

    pub fn finish(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.finished, true) {
            true => Ok(()),
            false => self.writer.finish().map_err(|e| self.placed(e)),
        }
    }

    pub fn held_bytes(&self) -> usize {
        self.writer.held_bytes()
    }

    /// Whether rows may be held back until an epoch is released.
    pub fn waits_for_release(&self) -> bool {
        self.unreleased.is_some()
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn bytes_written(&self) -> u64 {
        self.writer.bytes_written()
    }

    fn placed(&self, error: Error) -> Error {
        match error.place {
            Some(_) => error,
            None => error.place(Place::Operator(self.table.clone())),
        }
    }
}

/// The rows where `kept`; None if there are none.
fn filter(batch: &ChangelogBatch, kept: Vec<bool>) -> Result<Option<ChangelogBatch>> {
    if !kept.contains(&true) {
        return Ok(None);
    }
    let kinds: Option<Arc<[RowKind]>> =
        batch.kinds().map(|kinds| kinds.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(kind, _)| *kind).collect());
    let rows = filter_record_batch(batch.rows(), &BooleanArray::from(kept))?;
    Ok(Some(ChangelogBatch::new(rows, kinds)))
}
