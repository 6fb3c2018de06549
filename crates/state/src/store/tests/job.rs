//! A job that counts rows, and the sinks it writes to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arrow::array::{Int64Array, RecordBatch, StringArray};
use flitz_dataflow::connector::{EpochSink, FollowingSink, Marker, Split};
use flitz_dataflow::{Attempt, Epoch, Error, Result};
use serde_json::json;

use crate::snapshot::{OperatorState, Snapshot, StateRun};
use crate::spill::{Order, SpillWriter};
use crate::{CheckpointStats, CheckpointStore, EpochKind, Job, PlanNode, Recovery, Room, Session, Start};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Deciding,
    Files,
}

/// The outside world, which outlives every process.
#[derive(Clone, Default)]
pub struct System {
    mode: Mode,
    /// Scratch disk, for state beyond this much memory.
    pub room: Option<Room>,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Default)]
struct Inside {
    fenced_by: Attempt,
    marker: Option<Marker>,
    pending: Vec<i64>,
    visible: Vec<i64>,
    files: BTreeMap<String, Vec<i64>>,
    /// The commit to fail, counted down, and whether it takes place all the same.
    fail: Option<(usize, bool)>,
}

impl System {
    pub fn of(mode: Mode) -> System {
        System { mode, ..System::default() }
    }

    pub fn visible(&self) -> Vec<i64> {
        let inside = self.inside.lock().unwrap();
        match self.mode {
            Mode::Deciding => inside.visible.clone(),
            Mode::Files => {
                let mut rows: Vec<i64> = inside.files.values().flatten().copied().collect();
                rows.sort();
                rows
            }
        }
    }

    pub fn fail_commit(&self, count: usize, applied: bool) {
        self.inside.lock().unwrap().fail = Some((count, applied));
    }

    pub fn heal(&self) {
        self.inside.lock().unwrap().fail = None;
    }

    pub fn forget_marker(&self) {
        self.inside.lock().unwrap().marker = None;
    }

    pub fn rename_job(&self, job: &str) {
        self.inside.lock().unwrap().marker.as_mut().unwrap().job = job.to_owned();
    }
}

pub struct FakeSink(pub System);

impl EpochSink for FakeSink {
    fn id(&self) -> String {
        "fake".into()
    }

    fn fence(&self, _: &str, attempt: Attempt) -> Result<Option<Marker>> {
        let mut inside = self.0.inside.lock().unwrap();
        inside.fenced_by = attempt;
        inside.pending.clear();
        Ok(inside.marker.clone())
    }

    fn begin(&self, _: Epoch) -> Result<()> {
        self.0.inside.lock().unwrap().pending.clear();
        Ok(())
    }

    fn flush(&self, _: Epoch) -> Result<()> {
        Ok(())
    }

    fn commit(&self, marker: &Marker) -> Result<()> {
        let mut inside = self.0.inside.lock().unwrap();
        if inside.fenced_by != marker.attempt {
            return Err(Error::fenced("fake"));
        }
        let fails = match &mut inside.fail {
            Some((1, applied)) => Some(*applied),
            Some((count, _)) => {
                *count -= 1;
                None
            }
            None => None,
        };
        if fails.is_some() {
            inside.fail = None;
        }
        if fails != Some(false) {
            let rows = std::mem::take(&mut inside.pending);
            inside.visible.extend(rows);
            inside.marker = Some(marker.clone());
        }
        match fails {
            Some(_) => Err(Error::unavailable("the sink is away")),
            None => Ok(()),
        }
    }

    fn abort(&self) -> Result<()> {
        Ok(())
    }
}

struct Files(System);

impl FollowingSink for Files {
    fn settle(&self, _: Epoch, sealed: Vec<serde_json::Value>) -> Result<Vec<serde_json::Value>> {
        Ok(sealed)
    }

    fn publish(&self, _: Epoch, sealed: &[serde_json::Value]) -> Result<()> {
        for part in sealed {
            let rows = serde_json::from_value(part["rows"].clone()).unwrap();
            self.0.inside.lock().unwrap().files.insert(part["name"].as_str().unwrap().to_owned(), rows);
        }
        Ok(())
    }

    fn sweep(&self, _: &[serde_json::Value]) -> Result<()> {
        Ok(())
    }
}

pub fn following(system: &System) -> BTreeMap<usize, Arc<dyn FollowingSink>> {
    [(4, Arc::new(Files(system.clone())) as Arc<dyn FollowingSink>)].into()
}

pub fn nodes() -> Vec<PlanNode> {
    let node = |node: usize, key: &str, description: &str| PlanNode {
        node,
        key: key.to_owned(),
        description: description.to_owned(),
    };
    vec![
        node(0, "source orders", "Source(orders)"),
        node(2, "agg", "GroupAggregate(by=[user])"),
        node(4, "sink out", "Sink(out)"),
    ]
}

/// Reads rows 0, 1, 2 …, writes each to the sink and keeps one run per row (and worker).
pub struct Counting {
    pub session: Session,
    pub read: i64,
    pub workers: usize,
    pub finished: bool,
    /// Bytes that each run holds beside its row.
    pub payload: usize,
    pub restored: Vec<Arc<StateRun>>,
    system: System,
    runs: Vec<Arc<StateRun>>,
    forgotten: usize,
}

impl Counting {
    pub fn start(store: &CheckpointStore, system: &System, start: Start) -> Result<Counting> {
        let sink = FakeSink(system.clone());
        let deciding: Option<&dyn EpochSink> = match system.mode {
            Mode::Deciding => Some(&sink),
            Mode::Files => None,
        };
        let session = match store.recover(
            &Job {
                query: "query",
                nodes: &nodes(),
                deciding,
                following: &following(system),
                room: system.room.clone(),
            },
            start,
        )? {
            Recovery::Ready(session) => *session,
            Recovery::Over(..) => return Err(Error::internal("over")),
        };
        let mut job = Counting {
            session,
            read: 0,
            workers: 1,
            finished: false,
            payload: 0,
            restored: vec![],
            system: system.clone(),
            runs: vec![],
            forgotten: 0,
        };
        match job.session.snapshot.take() {
            None => drop(job.epoch(0)?),
            Some(snapshot) => {
                assert_eq!(snapshot.epoch.next(), job.session.next_epoch);
                job.read = snapshot.splits[&0][0].position["offset"].as_i64().unwrap();
                job.restored = snapshot.operators.iter().flat_map(|o| o.runs.clone()).collect();
                job.runs = snapshot.operators[0].runs.clone();
                let kept: Vec<i64> = job.runs.iter().map(|run| run.tag["row"].as_i64().unwrap()).collect();
                assert_eq!(kept, (job.read - kept.len() as i64..job.read).collect::<Vec<_>>(), "no run is lost");
                for run in &job.runs {
                    assert_eq!(run.rows().unwrap(), rows(run.tag["row"].as_i64().unwrap(), run.num_rows()));
                }
            }
        }
        Ok(job)
    }

    /// Moves every second run to disk, where it keeps its identity.
    pub fn spill(&mut self) {
        let room = self.system.room.as_ref().unwrap();
        for run in self.runs.iter().skip(1).step_by(2).filter(|run| run.spilled().is_none()) {
            let rows = run.rows().unwrap();
            let mut writer = SpillWriter::new(&room.scratch, &rows.schema(), Order::Arrival, 100, None);
            writer.write_next(&rows).unwrap();
            run.move_to_disk(writer.finish().unwrap());
        }
    }

    /// Lets go of the oldest runs.
    pub fn forget(&mut self, count: usize) {
        self.runs.drain(..count);
        self.forgotten += count;
    }

    pub fn epoch(&mut self, count: i64) -> Result<CheckpointStats> {
        let epoch = self.session.next_epoch;
        let output: Vec<i64> = (self.read..self.read + count).collect();
        self.system.inside.lock().unwrap().pending = output.clone();
        for row in &output {
            let tag = json!({ "row": row });
            let rows = rows(*row, if self.payload > 0 { self.payload / 20 } else { 1 });
            self.runs.push(Arc::new(StateRun::new(*row as u64, tag, rows)));
        }
        self.read += count;
        let part = json!({ "name": format!("{}-{epoch}", self.session.attempt), "rows": output });
        let sealed = if count > 0 { vec![part] } else { vec![] };
        let operator = |worker| {
            let copy = |run: &Arc<StateRun>| {
                let (id, tag, rows) = (run.id, run.tag.clone(), run.rows().unwrap());
                if worker == 0 { run.clone() } else { Arc::new(StateRun::new(id, tag, rows)) }
            };
            OperatorState { node: 2, worker, value: json!(self.read), runs: self.runs.iter().map(copy).collect() }
        };
        let snapshot = Snapshot {
            epoch,
            operators: (0..self.workers).map(operator).collect(),
            splits: [(0, vec![Split { id: "orders-0".into(), position: json!({ "offset": self.read }) }])].into(),
            sealed: [(4, sealed.clone())].into(),
            finished: self.finished,
        };
        let kind = if count > 0 || epoch == Epoch(0) { EpochKind::Commits } else { EpochKind::Follows };
        let stats = self.session.write(&snapshot, kind)?;
        match self.system.mode {
            Mode::Deciding if kind == EpochKind::Commits => {
                FakeSink(self.system.clone()).commit(&self.session.marker(epoch))?;
            }
            Mode::Deciding => {}
            Mode::Files => Files(self.system.clone()).publish(epoch, &sealed)?,
        }
        self.session.confirm(epoch)?;
        Ok(stats)
    }
}

fn rows(row: i64, count: usize) -> RecordBatch {
    let numbers = Int64Array::from_iter_values((0..count as i64).map(|i| row * 1_000_003 + i * 7));
    let names = StringArray::from_iter_values((0..count).map(|i| format!("{i:012}")));
    RecordBatch::try_from_iter([("n", Arc::new(numbers) as _), ("s", Arc::new(names) as _)]).unwrap()
}
