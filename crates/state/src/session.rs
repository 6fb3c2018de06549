//! Writing checkpoints: one attempt at running the job, from recovery to its end.
//!
//! A checkpoint costs what changed since the last one: runs are known by identity (the `Arc` that operator,
//! snapshot and checkpoint share), and those that an earlier checkpoint wrote are referred to. The runs of
//! one worker of one node that are new go into one object, unless their schemas differ or it grows large. An
//! object of which little is alive has the rest written anew, so that dead rows don't pile up. A run on scratch disk is
//! read and written a piece at a time, into objects of its own.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flitz_dataflow::connector::Marker;
use flitz_dataflow::{Attempt, Clock, Epoch, Error, Result, RunId, SystemClock};
use futures::{StreamExt, TryStreamExt};
use tokio::task::JoinHandle;

use crate::decide;
use crate::format::{self, ObjectName};
use crate::identity::PlanNode;
use crate::objects::{CONCURRENCY, Objects, delete};
use crate::snapshot::{Held, Snapshot, StateRun};
use crate::store::{CheckpointId, CheckpointStore, JobEnd, ResumeInfo};

/// A new object is begun when one holds this much.
const OBJECT_BYTES: usize = 64 << 20;
/// The same while memory is short, for objects are held in it until they are written.
const OBJECT_BYTES_IF_SHORT: usize = 8 << 20;
/// So much of a run on disk is read at a time, to be written to one.
const COPY_BYTES: usize = 1 << 20;
/// What an object of that size may grow to.
const OBJECT_ROOM: usize = OBJECT_BYTES_IF_SHORT + 2 * COPY_BYTES;
/// Objects of large runs are numbered from here on, this many for each run.
const PARTS_OF_RUN: usize = 1_000_000;
/// Uploads under way while memory is short.
const CONCURRENCY_IF_SHORT: usize = 2;
/// Memory is short if runs are on disk, or if more than one part in so many of what runs may take is to be written.
const SHORT_PART: u64 = 8;
/// Smaller objects are not worth rewriting.
const REWRITE_BYTES_MIN: u64 = 1 << 20;

/// Whether the sink's transaction will record this epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochKind {
    /// Rows went out (or it is epoch 0): `commit` comes next.
    Commits,
    /// No row went out: there is nothing to commit.
    Follows,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckpointStats {
    /// Written for this checkpoint, the manifest included.
    pub bytes: u64,
    pub objects: usize,
    pub duration: Duration,
    /// All that this checkpoint refers to.
    pub total_bytes: u64,
}

/// One attempt at running the job.
pub struct Session {
    pub attempt: Attempt,
    pub run: RunId,
    /// None: the job starts anew, with checkpoint 0.
    pub snapshot: Option<Snapshot>,
    pub next_epoch: Epoch,
    pub resumed: Option<ResumeInfo>,
    store: CheckpointStore,
    query: String,
    nodes: Vec<PlanNode>,
    sink: Option<String>,
    /// What the sink's marker names; None before the first commit of a run.
    held: Option<CheckpointId>,
    confirmed: Option<CheckpointId>,
    /// What is being written and when that began: a second try must write the same bytes.
    began: Option<(CheckpointId, i64)>,
    /// What is written of it, once all its objects are: a second try must name the same.
    uploaded: Option<(CheckpointId, HashMap<RunIdentity, WrittenRun>, Vec<Arc<format::Object>>)>,
    /// How often the upload of its objects was tried; a run may have moved to disk since the last time.
    tries: usize,
    /// The newest checkpoint ends the job.
    finished: bool,
    /// Written, not yet confirmed.
    open: Option<(CheckpointId, EpochKind)>,
    /// Checkpoints of the chain that are there, oldest first.
    kept: Vec<KeptCheckpoint>,
    /// The runs of the newest checkpoint and where they are.
    written: HashMap<RunIdentity, WrittenRun>,
    /// What the folder held when the newest checkpoint had been written.
    listed: Vec<ObjectName>,
    deletion: Option<JoinHandle<()>>,
    /// What runs may take; None: there is no limit.
    memory_bytes: Option<u64>,
}

/// The address of a run. A [`WrittenRun`] beside it keeps the address from being used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct RunIdentity(usize);

impl RunIdentity {
    fn of(run: &Arc<StateRun>) -> RunIdentity {
        RunIdentity(Arc::as_ptr(run).addr())
    }
}

/// A checkpoint and the state objects that it refers to.
#[derive(Clone, Debug)]
pub struct KeptCheckpoint {
    pub id: CheckpointId,
    pub objects: BTreeSet<String>,
}

#[derive(Clone, Debug)]
pub struct WrittenRun {
    pub run: Arc<StateRun>,
    /// In order.
    pub pieces: Vec<Piece>,
}

/// Neighbouring batches of one object.
#[derive(Clone, Debug)]
pub struct Piece {
    pub object: Arc<format::Object>,
    pub batch: usize,
    pub count: usize,
}

/// How a session begins; made by recovery.
pub struct Begin {
    pub store: CheckpointStore,
    pub attempt: Attempt,
    pub run: RunId,
    pub query: String,
    pub nodes: Vec<PlanNode>,
    pub sink: Option<String>,
    pub held: Option<CheckpointId>,
    pub kept: Vec<KeptCheckpoint>,
    pub written: Vec<WrittenRun>,
    pub snapshot: Option<Snapshot>,
    pub resumed: Option<ResumeInfo>,
    pub memory_bytes: Option<u64>,
}

impl Session {
    pub(crate) fn begin(begin: Begin) -> Session {
        Session {
            attempt: begin.attempt,
            run: begin.run,
            next_epoch: begin.snapshot.as_ref().map_or(Epoch(0), |s| s.epoch.next()),
            snapshot: begin.snapshot,
            resumed: begin.resumed,
            store: begin.store,
            query: begin.query,
            nodes: begin.nodes,
            sink: begin.sink,
            held: begin.held,
            confirmed: begin.held,
            began: None,
            uploaded: None,
            tries: 0,
            finished: false,
            open: None,
            kept: begin.kept,
            written: begin.written.into_iter().map(|w| (RunIdentity::of(&w.run), w)).collect(),
            listed: vec![],
            deletion: None,
            memory_bytes: begin.memory_bytes,
        }
    }

    /// What the sink's transaction of `epoch` records.
    pub fn marker(&self, epoch: Epoch) -> Marker {
        Marker { job: self.store.job().to_owned(), run: self.run.clone(), attempt: self.attempt, epoch }
    }

    /// Makes the snapshot durable. Runs that were written before are referred to, not written again. After an
    /// `Unavailable` it may be tried again with the same snapshot.
    ///
    /// # Errors
    /// `Fenced` if a newer attempt exists: nothing of this epoch may become visible then.
    pub fn write(&mut self, snapshot: &Snapshot, kind: EpochKind) -> Result<CheckpointStats> {
        let started = Instant::now();
        let id = CheckpointId { attempt: self.attempt, epoch: snapshot.epoch };
        if let Some((open, _)) = self.open {
            return Err(Error::internal(format!("checkpoint {} before {} is confirmed", id.epoch, open.epoch)));
        }
        let follows = match kind {
            EpochKind::Commits => None,
            EpochKind::Follows => match self.held {
                Some(held) => Some(held),
                None => return Err(Error::internal("the first epoch of a run must be committed")),
            },
        };

        let again = self.began.filter(|(same, _)| *same == id);
        let began = again.map_or_else(|| SystemClock.now_millis(), |(_, millis)| millis);
        self.began = Some((id, began));
        let objects = self.store.objects().clone();
        let (written, new_objects) = match self.uploaded.take() {
            Some((of, written, new_objects)) if of == id => (written, new_objects),
            _ => {
                self.tries = if again.is_some() { self.tries + 1 } else { 0 };
                let mut plan = self.plan_objects(id, snapshot);
                let mut written = std::mem::take(&mut plan.known);
                let mut new_objects = vec![];
                for (runs, objects) in objects.wait(upload(objects.clone(), plan))? {
                    written.extend(runs.into_iter().map(|written| (RunIdentity::of(&written.run), written)));
                    new_objects.extend(objects);
                }
                (written, new_objects)
            }
        };
        self.uploaded = Some((id, written.clone(), new_objects.clone()));

        let manifest = self.manifest(id, began, follows, snapshot, &written)?;
        let bytes = manifest.encode()?;
        let manifest_bytes = bytes.len() as u64;
        objects.wait(objects.create_own(&ObjectName::Manifest(id), bytes))?;
        // Write, then look: see `decide`.
        self.listed = objects.wait(objects.list())?;
        self.fenced_if_newer(&self.listed)?;

        self.kept.push(KeptCheckpoint { id, objects: manifest.objects.iter().map(|o| o.name.clone()).collect() });
        self.written = written;
        self.uploaded = None;
        self.open = Some((id, kind));
        self.finished = snapshot.finished;
        Ok(CheckpointStats {
            bytes: manifest_bytes + new_objects.iter().map(|o| o.bytes).sum::<u64>(),
            objects: new_objects.len() + 1,
            duration: started.elapsed(),
            total_bytes: manifest_bytes + manifest.objects.iter().map(|o| o.bytes).sum::<u64>(),
        })
    }

    /// Every sink shows `epoch`: older checkpoints are deleted, in the background.
    pub fn confirm(&mut self, epoch: Epoch) -> Result<()> {
        let (id, kind) = match self.open.take() {
            Some((id, kind)) if id.epoch == epoch => (id, kind),
            other => return Err(Error::internal(format!("checkpoint {epoch} is confirmed, {other:?} was written"))),
        };
        if kind == EpochKind::Commits {
            self.held = Some(id);
        }
        self.confirmed = Some(id);
        self.next_epoch = epoch.next();

        let chain: Vec<CheckpointId> = self.kept.iter().map(|k| k.id).collect();
        let stay = decide::retained(&chain, id, self.store.retained());
        self.kept.retain(|k| stay.contains(&k.id));
        let superfluous = superfluous(&self.listed, self.attempt, &self.kept);
        self.delete_in_background(superfluous);
        Ok(())
    }

    /// `Fenced` if a newer attempt exists.
    pub fn check_attempt(&self) -> Result<()> {
        self.store.check_newest(self.attempt)
    }

    /// A clean stop after the last `confirm`: notes that nothing is open, so that the job resumes even
    /// if the sink forgets its marker (Kafka drops offsets of idle groups after a week).
    pub fn finish(&mut self) -> Result<()> {
        let objects = self.store.objects().clone();
        if let Some(deletion) = self.deletion.take() {
            // Only a panic in it could fail, and what is left over goes next time.
            let _ = objects.wait(deletion);
        }
        match self.confirmed.filter(|id| id.attempt == self.attempt && self.open.is_none()) {
            Some(id) => self.store.create_confirmed(id),
            None => Ok(()),
        }
    }

    /// The end of the bounded job, once its last checkpoint is confirmed.
    pub fn end(&self) -> Option<JobEnd> {
        let id = self.confirmed.filter(|_| self.finished && self.open.is_none())?;
        Some(JobEnd::new(self.store.clone(), id))
    }

    /// The sink holds `id` now: recovery committed its marker.
    pub(crate) fn copied(&mut self, id: CheckpointId) {
        self.open = None;
        self.held = Some(id);
        self.confirmed = Some(id);
    }

    fn fenced_if_newer(&self, listed: &[ObjectName]) -> Result<()> {
        match decide::is_newest(&attempts(listed), self.attempt) {
            true => Ok(()),
            false => Err(fenced(self.store.job(), self.attempt)),
        }
    }

    /// Which runs are known, and which go into what new objects.
    fn plan_objects(&self, id: CheckpointId, snapshot: &Snapshot) -> ObjectPlan {
        let runs = || snapshot.operators.iter().flat_map(|o| &o.runs);
        let mut live_rows: HashMap<&str, u64> = HashMap::new();
        for written in runs().filter_map(|run| self.written.get(&RunIdentity::of(run))) {
            // A run of several objects has them for itself.
            if let [piece] = written.pieces.as_slice() {
                *live_rows.entry(&piece.object.name).or_default() += written.run.num_rows() as u64;
            }
        }
        let mostly_dead = |written: &WrittenRun| {
            let [piece] = written.pieces.as_slice() else { return false };
            let object = &piece.object;
            object.bytes >= REWRITE_BYTES_MIN
                && live_rows.get(object.name.as_str()).is_some_and(|live| live * 4 < object.rows)
        };

        let is_new = |run: &&Arc<StateRun>| !self.written.contains_key(&RunIdentity::of(run));
        let new_bytes: u64 = runs().filter(is_new).map(|run| run.memory_bytes() as u64).sum();
        let much = self.memory_bytes.is_some_and(|bytes| new_bytes > bytes / SHORT_PART);
        let short = much || runs().any(|run| run.spilled().is_some());
        let object_bytes = if short { OBJECT_BYTES_IF_SHORT } else { OBJECT_BYTES };
        let mut plan = ObjectPlan { short, ..ObjectPlan::default() };
        for operator in &snapshot.operators {
            // A run is in memory now and may be on disk at the next try: no name is used twice.
            let first_part = self.tries * 1_000 * PARTS_OF_RUN;
            let name = |part| ObjectName::State { id, node: operator.node, worker: operator.worker, part };
            let mut parts: Vec<NewObject> = vec![];
            let mut long = vec![];
            let mut planned: BTreeSet<RunIdentity> = BTreeSet::new();
            for run in &operator.runs {
                let identity = RunIdentity::of(run);
                match self.written.get(&identity) {
                    Some(known) if !mostly_dead(known) => {
                        plan.known.insert(identity, known.clone());
                        continue;
                    }
                    _ if !planned.insert(identity) => continue,
                    _ => {}
                }
                let bytes = run.memory_bytes().max(run.disk_bytes() as usize);
                if short && bytes > OBJECT_BYTES_IF_SHORT {
                    let part = first_part + (long.len() + 1) * PARTS_OF_RUN;
                    long.push(NewObject { first: name(part), runs: vec![run.clone()], bytes: LONG });
                    continue;
                }
                let fits =
                    |part: &&mut NewObject| part.runs[0].schema() == run.schema() && part.bytes + bytes <= object_bytes;
                match parts.iter_mut().find(fits) {
                    Some(part) => {
                        part.runs.push(run.clone());
                        part.bytes += bytes;
                    }
                    None => {
                        let part = first_part + parts.len();
                        parts.push(NewObject { runs: vec![run.clone()], bytes, first: name(part) });
                    }
                }
            }
            plan.new.extend(parts);
            plan.new.extend(long);
        }
        plan
    }

    fn manifest(
        &self,
        id: CheckpointId,
        time_millis: i64,
        follows: Option<CheckpointId>,
        snapshot: &Snapshot,
        written: &HashMap<RunIdentity, WrittenRun>,
    ) -> Result<format::Manifest> {
        let mut objects: Vec<format::Object> = vec![];
        let mut positions: HashMap<String, usize> = HashMap::new();
        let mut operators = vec![];
        for operator in &snapshot.operators {
            let mut runs = vec![];
            for run in &operator.runs {
                let at = written.get(&RunIdentity::of(run)).ok_or_else(|| Error::internal("a run was not written"))?;
                let mut pieces = at.pieces.iter().map(|piece| {
                    let object = *positions.entry(piece.object.name.clone()).or_insert_with(|| {
                        objects.push((*piece.object).clone());
                        objects.len() - 1
                    });
                    format::Batches { object, batch: piece.batch, count: piece.count }
                });
                let first = pieces.next().ok_or_else(|| Error::internal("a run without rows was written"))?;
                let rest = format::Batches { batch: first.batch + 1, count: first.count - 1, ..first };
                let more = (rest.count > 0).then_some(rest).into_iter().chain(pieces).collect();
                let (id, tag) = (run.id, run.tag.clone());
                runs.push(format::Run { id, tag, object: first.object, batch: first.batch, more });
            }
            let value = operator.value.clone();
            operators.push(format::Operator { node: operator.node, worker: operator.worker, value, runs });
        }
        let splits = snapshot.splits.iter().map(|(n, splits)| (*n, splits.iter().cloned().map(Into::into).collect()));
        let nodes = self.nodes.iter().map(|n| format::Node {
            node: n.node,
            key: n.key.clone(),
            description: n.description.clone(),
        });
        Ok(format::Manifest {
            job: self.store.job().to_owned(),
            run: self.run.0.clone(),
            attempt: id.attempt.0,
            epoch: id.epoch.0,
            time_millis,
            follows: follows.map(Into::into),
            confirmed: self.confirmed.map(Into::into),
            sink: self.sink.clone(),
            finished: snapshot.finished,
            query: Some(self.query.clone()),
            nodes: nodes.collect(),
            objects,
            operators,
            splits: splits.collect(),
            sealed: snapshot.sealed.clone(),
        })
    }

    fn delete_in_background(&mut self, names: Vec<ObjectName>) {
        if names.is_empty() {
            return;
        }
        let objects = self.store.objects();
        let earlier = self.deletion.take();
        let folder = objects.folder().clone();
        self.deletion = Some(objects.spawn(async move {
            if let Some(earlier) = earlier {
                let _ = earlier.await;
            }
            // Manifests first: none is ever seen without what it refers to.
            let (manifests, rest): (Vec<_>, Vec<_>) =
                names.into_iter().partition(|name| matches!(name, ObjectName::Manifest(_)));
            delete(&folder, manifests).await;
            delete(&folder, rest).await;
        }));
    }
}

#[derive(Default)]
struct ObjectPlan {
    /// Memory is.
    short: bool,
    known: HashMap<RunIdentity, WrittenRun>,
    new: Vec<NewObject>,
}

/// Runs of equal schema, to be written into one object; or a large run, to be written into as many as it takes.
struct NewObject {
    /// The first; those that follow have the next parts.
    first: ObjectName,
    runs: Vec<Arc<StateRun>>,
    /// `LONG`: more than an object.
    bytes: usize,
}

const LONG: usize = usize::MAX;

type Uploaded = (Vec<WrittenRun>, Vec<Arc<format::Object>>);

async fn upload(objects: Arc<Objects>, plan: ObjectPlan) -> Result<Vec<Uploaded>> {
    let concurrency = if plan.short { CONCURRENCY_IF_SHORT } else { CONCURRENCY };
    let upload_one = |part: NewObject| {
        let objects = objects.clone();
        async move {
            if part.bytes == LONG { upload_long(&objects, part).await } else { upload_together(&objects, part).await }
        }
    };
    futures::stream::iter(plan.new).map(upload_one).buffered(concurrency).try_collect().await
}

/// Several runs into one object.
async fn upload_together(objects: &Objects, part: NewObject) -> Result<Uploaded> {
    let runs = part.runs.clone();
    let encode = move || -> Result<_> {
        let mut encoder = format::BatchEncoder::new(&runs[0].schema())?;
        let mut batches = vec![];
        for run in &runs {
            let first = encoder.batches;
            run.for_each_batch(|batch| encoder.write(&batch))?;
            batches.push((first, encoder.batches - first));
        }
        Ok((encoder.finish()?, batches))
    };
    let ((bytes, rows), batches) = blocking(encode).await?;
    let object = create(objects, &part.first, bytes, rows).await?;
    let written = part
        .runs
        .into_iter()
        .zip(batches)
        .map(|(run, (batch, count))| WrittenRun { run, pieces: vec![Piece { object: object.clone(), batch, count }] });
    Ok((written.collect(), vec![object]))
}

/// A run into objects of its own, each of them encoded only when the one before is written. If it moves to disk
/// meanwhile its rows are in another order, so it is begun again: else it would be held in memory until it is written.
/// Objects that nothing refers to are deleted when the checkpoint is confirmed.
async fn upload_long(objects: &Objects, part: NewObject) -> Result<Uploaded> {
    let ObjectName::State { id, node, worker, part: first } = part.first else {
        return Err(Error::internal("state under another name"));
    };
    let mut parts = first..;
    let mut new = vec![];
    let mut written = vec![];
    for run in part.runs {
        let mut from = Position::of(&run);
        let mut pieces = vec![];
        loop {
            let encode = {
                let run = run.clone();
                move || from.encode_next(&run)
            };
            let Some(encoded) = blocking(encode).await? else { break };
            if from.is_moved(encoded.until) {
                pieces.clear();
            }
            from = encoded.until;
            let name = ObjectName::State { id, node, worker, part: parts.next().unwrap_or_default() };
            let object = create(objects, &name, encoded.bytes, encoded.rows).await?;
            pieces.push(Piece { object, batch: 0, count: encoded.batches });
        }
        new.extend(pieces.iter().map(|piece: &Piece| piece.object.clone()));
        written.push(WrittenRun { run, pieces });
    }
    Ok((written, new))
}

/// How much of a run is written.
#[derive(Clone, Copy)]
enum Position {
    /// So many rows.
    Memory(usize),
    /// So many blocks.
    Disk(usize),
}

impl Position {
    fn of(run: &StateRun) -> Position {
        match run.held() {
            Held::Memory(_) => Position::Memory(0),
            Held::Disk(_) => Position::Disk(0),
        }
    }

    /// Whether the run went to disk between the two.
    fn is_moved(self, later: Position) -> bool {
        matches!((self, later), (Position::Memory(_), Position::Disk(_)))
    }

    /// The next object; None: all is written.
    fn encode_next(self, run: &StateRun) -> Result<Option<Encoded>> {
        let done = |row| row == run.num_rows();
        match (run.held(), self) {
            (_, Position::Memory(row)) if done(row) => Ok(None),
            (Held::Memory(rows), Position::Memory(row)) => {
                // So many rows that an object has the bytes it should.
                let share = rows.num_rows() as u128 * OBJECT_BYTES_IF_SHORT as u128 / run.memory_bytes().max(1) as u128;
                let count = (share as usize).max(1).min(rows.num_rows() - row);
                let mut encoder = format::BatchEncoder::with_room(&rows.schema(), OBJECT_ROOM)?;
                encoder.write(&rows.slice(row, count))?;
                Encoded::of(encoder, Position::Memory(row + count)).map(Some)
            }
            (Held::Disk(rows), position) => {
                let mut block = match position {
                    Position::Disk(block) => block,
                    Position::Memory(_) => 0,
                };
                if block == rows.blocks() {
                    return Ok(None);
                }
                let mut encoder = format::BatchEncoder::with_room(rows.schema(), OBJECT_ROOM)?;
                while block < rows.blocks() && encoder.bytes() < OBJECT_BYTES_IF_SHORT {
                    encoder.write(&rows.batch_from(&mut block, COPY_BYTES)?)?;
                }
                Encoded::of(encoder, Position::Disk(block)).map(Some)
            }
            (Held::Memory(_), Position::Disk(_)) => Err(Error::internal("a run came back from disk")),
        }
    }
}

/// An object, and what of its run is written with it.
struct Encoded {
    until: Position,
    batches: usize,
    bytes: bytes::Bytes,
    rows: u64,
}

impl Encoded {
    fn of(encoder: format::BatchEncoder, until: Position) -> Result<Encoded> {
        let batches = encoder.batches;
        let (bytes, rows) = encoder.finish()?;
        Ok(Encoded { until, batches, bytes, rows })
    }
}

async fn create(objects: &Objects, name: &ObjectName, bytes: bytes::Bytes, rows: u64) -> Result<Arc<format::Object>> {
    let (length, crc32) = (bytes.len() as u64, format::crc32(&bytes));
    objects.create_own(name, bytes).await?;
    Ok(Arc::new(format::Object { name: name.to_string(), bytes: length, crc32, rows }))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Error::internal(format!("writing a checkpoint failed: {e}")))?
}

/// What may go: all of this and older attempts that no checkpoint that stays needs.
pub fn superfluous(listed: &[ObjectName], me: Attempt, kept: &[KeptCheckpoint]) -> Vec<ObjectName> {
    let needed: BTreeSet<&str> = kept.iter().flat_map(|k| k.objects.iter().map(String::as_str)).collect();
    let stays = |name: &ObjectName| match name {
        ObjectName::Attempt(attempt) => *attempt == me,
        // A lineage leads to the checkpoints before it.
        ObjectName::Lineage(attempt) => *attempt == me || kept.iter().any(|k| k.id.attempt <= *attempt),
        ObjectName::Manifest(id) => kept.iter().any(|k| k.id == *id),
        ObjectName::Confirmed(id) | ObjectName::Reported(id) => kept.iter().any(|k| k.id == *id),
        ObjectName::State { .. } => needed.contains(name.to_string().as_str()),
    };
    listed.iter().filter(|name| name.attempt() <= me && !stays(name)).cloned().collect()
}

pub fn attempts(listed: &[ObjectName]) -> Vec<Attempt> {
    let attempt = |name: &ObjectName| match name {
        ObjectName::Attempt(attempt) => Some(*attempt),
        _ => None,
    };
    listed.iter().filter_map(attempt).collect()
}

pub fn fenced(job: &str, attempt: Attempt) -> Error {
    Error::fenced(format!("another process has taken over job '{job}'; this one (attempt {attempt}) stops"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spill::{Order, Scratch, SpillWriter};
    use arrow::array::{Int64Array, RecordBatch};

    /// A run that moves to disk while it is written is written from its beginning, as it lies there.
    #[test]
    fn a_run_that_moves_is_begun_again() {
        let numbers = Int64Array::from_iter_values(0..5 << 20);
        let rows = RecordBatch::try_from_iter([("n", Arc::new(numbers) as _)]).unwrap();
        let run = StateRun::new(0, serde_json::json!({}), rows.clone());
        let first = Position::of(&run).encode_next(&run).unwrap().unwrap();
        assert!(first.rows < 3 << 20 && first.bytes.len() < OBJECT_BYTES_IF_SHORT * 5 / 4, "{} rows", first.rows);

        let folder = tempfile::tempdir().unwrap();
        let scratch = Arc::new(Scratch::new(vec![folder.path().to_owned()]).unwrap());
        let mut writer = SpillWriter::new(&scratch, &rows.schema(), Order::Arrival, 8192, None);
        writer.write_next(&rows).unwrap();
        run.move_to_disk(writer.finish().unwrap());
        let mut at = first.until;
        let mut written = 0;
        while let Some(next) = at.encode_next(&run).unwrap() {
            assert_eq!(at.is_moved(next.until), written == 0);
            written += next.rows as usize;
            at = next.until;
        }
        assert_eq!(written, run.num_rows());
        assert!(Position::Memory(written).encode_next(&run).unwrap().is_none(), "all was written before it moved");
    }
}
