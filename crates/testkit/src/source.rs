use std::sync::Arc;
use std::time::Duration;

use flitz_dataflow::connector::{ReadEvent, ScanSpec, Source, SourceReader, Split, SplitRows, TableColumn, Wake};
use flitz_dataflow::{Error, Result};

use crate::world::{Fault, World};

/// A split's position is the number of batches read.
pub(crate) struct MemorySource {
    world: World,
    table: String,
    /// Which of the rows' columns it was asked for.
    columns: Vec<usize>,
}

impl MemorySource {
    pub fn new(world: World, scan: &ScanSpec) -> Result<MemorySource> {
        let physical = |column: &TableColumn| match column {
            TableColumn::Physical(i) => Ok(*i),
            TableColumn::Metadata(m) => Err(Error::invalid(format!("the memory of a test has no metadata {}", m.key))),
        };
        let columns = scan.columns.iter().map(physical).collect::<Result<_>>()?;
        Ok(MemorySource { world, table: scan.table.name.clone(), columns })
    }
}

impl Source for MemorySource {
    fn discover(&self, known: &[Split]) -> Result<Vec<Split>> {
        let inner = self.world.lock();
        let source = inner
            .sources
            .get(&self.table)
            .ok_or_else(|| Error::invalid(format!("the test has no source {}", self.table)))?;
        let new = source.splits.keys().filter(|id| !known.iter().any(|split| split.id == **id));
        Ok(new.map(|id| Split { id: id.clone(), position: 0.into() }).collect())
    }

    fn discovery_interval(&self) -> Option<Duration> {
        self.world.lock().sources.get(&self.table)?.discovery_millis.map(Duration::from_millis)
    }

    fn reader(&self, _worker: usize, wake: Wake) -> Result<Box<dyn SourceReader>> {
        if let Some(source) = self.world.lock().sources.get_mut(&self.table) {
            source.wakes.push(wake);
        }
        Ok(Box::new(MemoryReader {
            world: self.world.clone(),
            table: self.table.clone(),
            columns: self.columns.clone(),
            splits: vec![],
            next: 0,
        }))
    }

    fn acknowledge(&self, splits: &[Split]) -> Result<()> {
        self.world.lock().acknowledged.insert(self.table.clone(), splits.to_vec());
        Ok(())
    }
}

struct MemoryReader {
    world: World,
    table: String,
    columns: Vec<usize>,
    splits: Vec<ReadSplit>,
    /// Splits take turns.
    next: usize,
}

struct ReadSplit {
    id: Arc<str>,
    position: usize,
    ended: bool,
}

impl SourceReader for MemoryReader {
    fn add_splits(&mut self, splits: Vec<Split>) -> Result<()> {
        self.splits.extend(splits.into_iter().map(|split| ReadSplit {
            id: split.id.into(),
            position: split.position.as_u64().unwrap_or(0) as usize,
            ended: false,
        }));
        Ok(())
    }

    fn poll(&mut self) -> Result<ReadEvent> {
        let mut inner = self.world.lock();
        for turn in 0..self.splits.len() {
            let index = (self.next + turn) % self.splits.len();
            let split = &mut self.splits[index];
            let Some(source) = inner.sources.get(&self.table) else { continue };
            let batch = source.splits.get(&*split.id).and_then(|batches| batches.get(split.position)).cloned();
            let bounded = source.bounded;
            match batch {
                Some(rows) => {
                    inner.pass(Fault::Read)?;
                    split.position += 1;
                    self.next = index + 1;
                    let rows = rows.with_rows(rows.rows().project(&self.columns)?);
                    let rows = SplitRows {
                        split: split.id.clone(),
                        bytes: rows.num_rows() as u64,
                        rows,
                        skipped: 0,
                        newest_record_millis: None,
                    };
                    return Ok(ReadEvent::Rows(rows));
                }
                None if bounded && !split.ended => {
                    split.ended = true;
                    return Ok(ReadEvent::SplitEnd(split.id.to_string()));
                }
                None => {}
            }
        }
        match self.splits.iter().all(|split| split.ended) {
            true => Ok(ReadEvent::End),
            false => Ok(ReadEvent::Pending { until: None }),
        }
    }

    fn snapshot(&mut self) -> Result<Vec<Split>> {
        let position = |split: &ReadSplit| Split { id: split.id.to_string(), position: split.position.into() };
        Ok(self.splits.iter().map(position).collect())
    }

    fn lag(&self) -> Vec<(String, u64)> {
        let inner = self.world.lock();
        let Some(source) = inner.sources.get(&self.table) else { return vec![] };
        let lag = |split: &ReadSplit| {
            let batches = source.splits.get(&*split.id).map_or(&[][..], Vec::as_slice);
            let waiting = batches.iter().skip(split.position).map(|b| b.num_rows() as u64).sum();
            (split.id.to_string(), waiting)
        };
        self.splits.iter().map(lag).collect()
    }

    fn is_out_of_reach(&self) -> bool {
        self.world.lock().sources.get(&self.table).is_some_and(|source| source.out_of_reach)
    }
}
