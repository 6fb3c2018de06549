use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flitz_dataflow::connector::{
    Capabilities, ConnectorContext, ConnectorFactory, ConnectorRegistry, Marker, ScanSpec, Sink, SinkCapabilities,
    SinkSpec, Source, SourceCapabilities, TableDef, Wake,
};
use flitz_dataflow::{Attempt, ChangelogBatch, ChangelogMode, Error, Result};

use crate::sink::MemorySink;
use crate::source::MemorySource;

/// Everything outside of the job. Clones are the same world.
#[derive(Clone, Default)]
pub struct World {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
pub(crate) struct Inner {
    pub sources: BTreeMap<String, SourceTable>,
    pub sinks: BTreeMap<String, SinkTable>,
    pub transaction: Transaction,
    /// What fails, and at which occurrence from now.
    faults: BTreeMap<Fault, u64>,
    /// Splits that a job was told are read this far, by source.
    pub acknowledged: BTreeMap<String, Vec<flitz_dataflow::connector::Split>>,
}

#[derive(Default)]
pub(crate) struct SourceTable {
    pub splits: BTreeMap<String, Vec<ChangelogBatch>>,
    pub bounded: bool,
    pub push_down: bool,
    pub out_of_reach: bool,
    /// Looked for again every so many milliseconds.
    pub discovery_millis: Option<u64>,
    pub wakes: Vec<Wake>,
}

pub(crate) struct SinkTable {
    pub visibility: Visibility,
    /// What a reader sees.
    pub rows: Vec<String>,
    /// Sealed and durable, by file name.
    pub files: BTreeMap<String, Vec<String>>,
    pub published: BTreeSet<String>,
}

/// The one transaction that all deciding sinks of the world share.
#[derive(Default)]
pub(crate) struct Transaction {
    pub owner: Option<Attempt>,
    pub open: bool,
    pub rows: Vec<(String, String)>,
    pub marker: Option<Marker>,
    pub flushed: bool,
    /// No flush comes to an end.
    pub stalled: bool,
}

/// When the rows of a sink can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    AtOnce,
    /// With the transaction that decides.
    Deciding,
    /// When files are published after the decision.
    Following,
}

/// A point at which something fails. The error ends the attempt, as a crash would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Read,
    Write,
    Seal,
    Begin,
    Flush,
    BeforeCommit,
    /// The commit has happened, but nobody hears of it.
    AfterCommit,
    BeforePublish,
    AfterPublish,
}

impl World {
    pub fn new() -> World {
        World::default()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A bounded source with these splits; watermarks behind it.
    pub fn source(&self, table: &str, splits: &[(&str, Vec<ChangelogBatch>)]) {
        let splits = splits.iter().map(|(id, batches)| ((*id).to_owned(), batches.clone())).collect();
        let source = SourceTable { splits, bounded: true, ..SourceTable::default() };
        self.lock().sources.insert(table.to_owned(), source);
    }

    /// A source without end, watermarks per split.
    pub fn endless_source(&self, table: &str, splits: &[(&str, Vec<ChangelogBatch>)]) {
        self.source(table, splits);
        if let Some(source) = self.lock().sources.get_mut(table) {
            (source.bounded, source.push_down) = (false, true);
        }
    }

    /// The system of the source is away, or back.
    pub fn set_out_of_reach(&self, table: &str, out_of_reach: bool) {
        if let Some(source) = self.lock().sources.get_mut(table) {
            source.out_of_reach = out_of_reach;
        }
    }

    /// Has the source look for new splits.
    pub fn discover_every(&self, table: &str, millis: u64) {
        if let Some(source) = self.lock().sources.get_mut(table) {
            source.discovery_millis = Some(millis);
        }
    }

    /// More rows for a split, or a new split.
    pub fn append(&self, table: &str, split: &str, batch: ChangelogBatch) {
        let mut inner = self.lock();
        let source = inner.sources.entry(table.to_owned()).or_default();
        source.splits.entry(split.to_owned()).or_default().push(batch);
        let wakes = source.wakes.clone();
        drop(inner);
        wakes.iter().for_each(Wake::wake);
    }

    pub fn sink(&self, table: &str, visibility: Visibility) {
        let sink = SinkTable { visibility, rows: vec![], files: BTreeMap::new(), published: BTreeSet::new() };
        self.lock().sinks.insert(table.to_owned(), sink);
    }

    /// What a reader of the sink sees, in order.
    pub fn rows(&self, table: &str) -> Vec<String> {
        self.lock().sinks.get(table).map(|sink| sink.rows.clone()).unwrap_or_default()
    }

    /// The same, sorted: the order among workers is not defined.
    pub fn sorted_rows(&self, table: &str) -> Vec<String> {
        let mut rows = self.rows(table);
        rows.sort();
        rows
    }

    pub fn marker(&self) -> Option<Marker> {
        self.lock().transaction.marker.clone()
    }

    /// Which splits of `table` a job acknowledged last.
    pub fn acknowledged(&self, table: &str) -> Vec<flitz_dataflow::connector::Split> {
        self.lock().acknowledged.get(table).cloned().unwrap_or_default()
    }

    /// The `nth` time from now (1 is the next) that a job comes to this point, it fails.
    pub fn fail(&self, fault: Fault, nth: u64) {
        self.lock().faults.insert(fault, nth);
    }

    /// Whether a fault that was set has not come yet.
    /// From here on flushes of the transaction hang until it is aborted.
    pub fn stall_flush(&self) {
        self.lock().transaction.stalled = true;
    }

    pub fn has_faults_left(&self) -> bool {
        !self.lock().faults.is_empty()
    }

    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// The connector `memory` over this world.
    pub fn registry(&self) -> ConnectorRegistry {
        let mut registry = ConnectorRegistry::default();
        registry.register(Arc::new(MemoryConnector { world: self.clone() }));
        registry
    }
}

impl Inner {
    /// Fails if a test wants it to.
    pub fn pass(&mut self, fault: Fault) -> Result<()> {
        let Some(left) = self.faults.get_mut(&fault) else { return Ok(()) };
        *left -= 1;
        if *left > 0 {
            return Ok(());
        }
        self.faults.remove(&fault);
        Err(Error::unavailable(format!("a test has it fail at {fault:?}")))
    }
}

struct MemoryConnector {
    world: World,
}

impl ConnectorFactory for MemoryConnector {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn describe(&self, table: &TableDef) -> Result<Capabilities> {
        let inner = self.world.lock();
        let source = inner.sources.get(&table.name);
        Ok(Capabilities {
            source: source.map(|s| SourceCapabilities {
                bounded: s.bounded,
                changelog: ChangelogMode::INSERT_ONLY,
                watermark_push_down: s.push_down,
            }),
            sink: Some(SinkCapabilities { changelog: ChangelogMode::ALL }),
            metadata: vec![],
        })
    }

    fn source(&self, scan: &ScanSpec, _context: &ConnectorContext) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(MemorySource::new(self.world.clone(), scan)?))
    }

    fn sink(&self, sink: &SinkSpec, _context: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        Ok(Arc::new(MemorySink::new(self.world.clone(), &sink.table.name)))
    }
}
