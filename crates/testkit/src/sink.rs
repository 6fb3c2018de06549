use std::sync::Arc;

use flitz_dataflow::connector::{CommitGroup, EpochSink, FollowingSink, Marker, Sink, SinkWriter};
use flitz_dataflow::{Attempt, ChangelogBatch, Epoch, Error, Result};

use crate::rows::row_texts;
use crate::world::{Fault, Visibility, World};

#[derive(Clone)]
pub(crate) struct MemorySink {
    world: World,
    table: String,
}

impl MemorySink {
    pub fn new(world: World, table: &str) -> MemorySink {
        MemorySink { world, table: table.to_owned() }
    }

    fn visibility(&self) -> Visibility {
        self.world.lock().sinks.get(&self.table).map_or(Visibility::AtOnce, |sink| sink.visibility)
    }
}

impl Sink for MemorySink {
    fn writer(&self, worker: usize) -> Result<Box<dyn SinkWriter>> {
        Ok(Box::new(MemoryWriter {
            sink: self.clone(),
            visibility: self.visibility(),
            worker,
            rows: vec![],
            held: vec![],
            sealed: None,
            finished: false,
        }))
    }

    fn commit_group(&self) -> CommitGroup {
        match self.visibility() {
            Visibility::AtOnce => CommitGroup::None,
            Visibility::Deciding => CommitGroup::Deciding(Arc::new(MemoryTransaction { world: self.world.clone() })),
            Visibility::Following => CommitGroup::Following(Arc::new(self.clone())),
        }
    }
}

struct MemoryWriter {
    sink: MemorySink,
    visibility: Visibility,
    worker: usize,
    /// Of a file that is being written.
    rows: Vec<String>,
    /// Of the next epoch, while one is sealed and not released.
    held: Vec<String>,
    sealed: Option<Epoch>,
    finished: bool,
}

impl MemoryWriter {
    fn hand_over(&self, rows: Vec<String>) -> Result<()> {
        let mut inner = self.sink.world.lock();
        match self.visibility {
            Visibility::Deciding if !inner.transaction.open => {
                Err(Error::internal("a row came before the transaction was begun"))
            }
            Visibility::Deciding => {
                let table = self.sink.table.clone();
                inner.transaction.rows.extend(rows.into_iter().map(|row| (table.clone(), row)));
                Ok(())
            }
            _ => {
                if let Some(table) = inner.sinks.get_mut(&self.sink.table) {
                    table.rows.extend(rows);
                }
                Ok(())
            }
        }
    }
}

impl SinkWriter for MemoryWriter {
    fn write(&mut self, batch: &ChangelogBatch) -> Result<()> {
        if self.finished {
            return Err(Error::internal("a row came after the writer was finished"));
        }
        self.sink.world.lock().pass(Fault::Write)?;
        let rows = row_texts(batch);
        match self.visibility {
            Visibility::Following => self.rows.extend(rows),
            Visibility::Deciding if self.sealed.is_some() => self.held.extend(rows),
            Visibility::Deciding | Visibility::AtOnce => self.hand_over(rows)?,
        }
        Ok(())
    }

    fn seal(&mut self, epoch: Epoch) -> Result<serde_json::Value> {
        let mut inner = self.sink.world.lock();
        inner.pass(Fault::Seal)?;
        self.sealed = Some(epoch);
        if self.visibility != Visibility::Following || self.rows.is_empty() {
            return Ok(serde_json::Value::Null);
        }
        let table = inner.sinks.get_mut(&self.sink.table).ok_or_else(|| Error::internal("no such sink"))?;
        // An abandoned attempt may have staged a file of the same epoch.
        let name = format!("{}-{}-{}", table.files.len(), epoch, self.worker);
        table.files.insert(name.clone(), std::mem::take(&mut self.rows));
        Ok(name.into())
    }

    fn release(&mut self, epoch: Epoch) -> Result<()> {
        if self.sealed != Some(epoch) {
            return Err(Error::internal(format!("epoch {epoch} is released, {:?} was sealed", self.sealed)));
        }
        self.sealed = None;
        let held = std::mem::take(&mut self.held);
        if held.is_empty() { Ok(()) } else { self.hand_over(held) }
    }

    fn held_bytes(&self) -> usize {
        self.held.iter().map(String::len).sum()
    }

    fn tick(&mut self) -> Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.finished = true;
        Ok(())
    }
}

impl FollowingSink for MemorySink {
    fn settle(&self, _epoch: Epoch, sealed: Vec<serde_json::Value>) -> Result<Vec<serde_json::Value>> {
        Ok(sealed)
    }

    fn publish(&self, _epoch: Epoch, sealed: &[serde_json::Value]) -> Result<()> {
        let mut inner = self.world.lock();
        inner.pass(Fault::BeforePublish)?;
        if let Some(table) = inner.sinks.get_mut(&self.table) {
            for name in sealed.iter().filter_map(|name| name.as_str()) {
                if table.published.insert(name.to_owned()) {
                    let rows = table.files.get(name).cloned();
                    table.rows.extend(rows.ok_or_else(|| Error::internal(format!("file {name} is gone")))?);
                }
            }
        }
        inner.pass(Fault::AfterPublish)
    }

    fn sweep(&self, live: &[serde_json::Value]) -> Result<()> {
        if let Some(table) = self.world.lock().sinks.get_mut(&self.table) {
            let published = table.published.clone();
            table.files.retain(|name, _| published.contains(name) || live.iter().any(|l| l == name.as_str()));
        }
        Ok(())
    }
}

/// Rows and marker become visible together.
struct MemoryTransaction {
    world: World,
}

impl EpochSink for MemoryTransaction {
    fn id(&self) -> String {
        "memory".to_owned()
    }

    fn fence(&self, _job: &str, attempt: Attempt) -> Result<Option<Marker>> {
        let mut inner = self.world.lock();
        let transaction = &mut inner.transaction;
        transaction.owner = Some(attempt);
        transaction.open = false;
        transaction.rows.clear();
        Ok(transaction.marker.clone())
    }

    fn begin(&self, _epoch: Epoch) -> Result<()> {
        let mut inner = self.world.lock();
        inner.pass(Fault::Begin)?;
        if inner.transaction.open {
            return Err(Error::internal("a transaction is begun while one is open"));
        }
        (inner.transaction.open, inner.transaction.flushed) = (true, false);
        Ok(())
    }

    fn flush(&self, _epoch: Epoch) -> Result<()> {
        let mut inner = self.world.lock();
        inner.pass(Fault::Flush)?;
        while inner.transaction.stalled {
            drop(inner);
            std::thread::sleep(std::time::Duration::from_millis(1));
            inner = self.world.lock();
        }
        inner.transaction.flushed = true;
        Ok(())
    }

    fn commit(&self, marker: &Marker) -> Result<()> {
        let mut inner = self.world.lock();
        inner.pass(Fault::BeforeCommit)?;
        if inner.transaction.owner != Some(marker.attempt) {
            return Err(Error::fenced("a newer attempt has taken over"));
        }
        if !inner.transaction.flushed {
            return Err(Error::internal("a commit without a flush"));
        }
        let rows = std::mem::take(&mut inner.transaction.rows);
        for (table, row) in rows {
            if let Some(table) = inner.sinks.get_mut(&table) {
                table.rows.push(row);
            }
        }
        inner.transaction.marker = Some(marker.clone());
        inner.transaction.open = false;
        inner.pass(Fault::AfterCommit)
    }

    fn abort(&self) -> Result<()> {
        let mut inner = self.world.lock();
        inner.transaction.open = false;
        inner.transaction.stalled = false;
        inner.transaction.rows.clear();
        Ok(())
    }
}
