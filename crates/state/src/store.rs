//! Where a job's checkpoints are, and recovery: the I/O around [`decide`](crate::decide).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use flitz_dataflow::connector::{EpochSink, FollowingSink};
use flitz_dataflow::options::Options;
use flitz_dataflow::{Attempt, Clock, Epoch, Error, ErrorKind, Result, RunId, SystemClock};

use crate::decide::{self, Accepted, Action, Choice, Facts, Lineage, SinkFacts, decide};
use crate::error::{of_other_end, of_refusal};
use crate::format::{self, ObjectName};
use crate::identity::{PlanNode, match_nodes};
use crate::location::{self, Folder};
use crate::objects::{Created, Objects};
use crate::session::{Begin, EpochKind, KeptCheckpoint, Piece, Session, WrittenRun, attempts, fenced};
use crate::snapshot::{OperatorState, Snapshot, StateRun};
use crate::spill::{Order, Scratch, SpillWriter};

/// State is read back in blocks of so many rows when it was loaded to scratch files.
const LOADED_BLOCK_ROWS: usize = 8192;

/// The checkpoints of one job. Cheap to clone; a local folder stays locked until the last clone (or
/// session) is dropped.
#[derive(Clone)]
pub struct CheckpointStore {
    inner: Arc<Inner>,
}

struct Inner {
    job: String,
    location: String,
    options: Options,
    retained: usize,
    objects: Arc<Objects>,
}

/// What recovery must know about the job.
pub struct Job<'a> {
    /// Fingerprint of the whole query: what has ended is not taken for the end of another one.
    pub query: &'a str,
    /// Every node that has something in a snapshot, in plan order.
    pub nodes: &'a [PlanNode],
    /// The sink whose transaction decides; None: the manifest decides.
    pub deciding: Option<&'a dyn EpochSink>,
    /// By sink node.
    pub following: &'a BTreeMap<usize, Arc<dyn FollowingSink>>,
    /// None: state is loaded into memory, however much it is.
    pub room: Option<Room>,
}

/// What state may take in memory; what is larger is loaded to scratch files.
#[derive(Clone, Debug)]
pub struct Room {
    pub memory_bytes: u64,
    pub scratch: Arc<Scratch>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    #[default]
    Resume,
    /// `--fresh`: a new run from the sources' start positions, whatever there is.
    Fresh,
    /// `--from-checkpoint N`: resume there, whatever the sink holds.
    FromCheckpoint(Epoch),
    /// `--resume-from OLD`: take over the checkpoints of a job of another name at the same location. Once
    /// that has happened it is the same as `Resume`.
    ResumeFrom(String),
}

/// Which checkpoint: epochs are numbered within a job, and an attempt writes each at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckpointId {
    pub attempt: Attempt,
    pub epoch: Epoch,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointInfo {
    pub id: CheckpointId,
    pub run: RunId,
    pub time_millis: i64,
    /// All that it refers to.
    pub bytes: u64,
    pub finished: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeInfo {
    pub epoch: Epoch,
    /// Since the checkpoint was written.
    pub age: Duration,
}

/// What recovery came to.
pub enum Recovery {
    /// The job goes on, or begins.
    Ready(Box<Session>),
    /// The bounded job came to its end earlier, and nobody knows yet: all its rows are out.
    Over(JobEnd, ResumeInfo),
}

/// The end of a bounded job. Until it is reported a next start of the job does nothing but find it again; the
/// folder stays locked as long as this lives.
#[derive(Clone)]
pub struct JobEnd {
    store: CheckpointStore,
    id: CheckpointId,
}

impl JobEnd {
    pub(crate) fn new(store: CheckpointStore, id: CheckpointId) -> JobEnd {
        JobEnd { store, id }
    }

    /// The last thing to do: whoever ran the job is about to hear of its end, and a next start is a new run.
    pub fn report(&self) -> Result<()> {
        self.store.create_reported(self.id)
    }
}

impl std::fmt::Debug for JobEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JobEnd({}, {})", self.store.job(), self.id.epoch)
    }
}

impl CheckpointStore {
    /// `location` is a directory, `file://…`, `s3://bucket/prefix` or `gs://bucket/prefix`; the job's
    /// checkpoints are in its folder `job` (`NAME` or `NAME/SINK`). Credentials come from the environment
    /// (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT`, `GOOGLE_SERVICE_ACCOUNT` …) or `options`: Flink's `s3.access-key`,
    /// `s3.secret-key`, `s3.endpoint`, `s3.path.style.access`. Of `options` also
    /// `execution.checkpointing.num-retained` is read; other keys don't matter here.
    ///
    /// # Errors
    /// `Unavailable` if the place can't be written, or if another process of this machine runs the job.
    pub fn open(location: &str, job: &str, options: &Options) -> Result<CheckpointStore> {
        let folder = location::open(location, job, options)?;
        CheckpointStore::in_folder(folder, location, job, options)
    }

    /// Where checkpoints go when nothing is set: `$XDG_STATE_HOME/flitz`.
    pub fn default_location() -> Result<String> {
        location::default_location()
    }

    pub(crate) fn in_folder(folder: Folder, location: &str, job: &str, options: &Options) -> Result<CheckpointStore> {
        const RETAINED: &str = "execution.checkpointing.num-retained";
        let retained = match options.integer(RETAINED)? {
            None => 1,
            Some(n) if n >= 1 => n as usize,
            Some(n) => {
                return Err(Error::invalid(format!("'{RETAINED}' must be 1 or more, found '{n}'")).option(RETAINED));
            }
        };
        Ok(CheckpointStore {
            inner: Arc::new(Inner {
                job: job.to_owned(),
                location: location.to_owned(),
                options: options.clone(),
                retained,
                objects: Arc::new(Objects::new(folder)?),
            }),
        })
    }

    /// Claims an attempt, fences the sink, decides where to resume, publishes what was decided but may
    /// not be visible yet, and loads: the steps of [`decide`](crate::decide). When it returns, store and sink agree.
    ///
    /// A restart within the process asks for [`Start::Resume`], however the first start was asked for.
    pub fn recover(&self, job: &Job<'_>, start: Start) -> Result<Recovery> {
        if let Start::ResumeFrom(old) = &start
            && old != self.job()
            && !self.list()?.iter().any(|name| matches!(name, ObjectName::Lineage(_)))
        {
            return self.take_over(old, job).map(|session| Recovery::Ready(Box::new(session)));
        }
        let (mut start, mut attempt) = (start, self.claim(Attempt(0))?);
        loop {
            let sink = self.fence(job, attempt)?;
            let contents = self.read(&start)?;
            let decided = decide(&contents.facts, sink.as_ref(), self.job(), &start, attempt, &new_run_id());
            let actions = match decided {
                Ok(actions) => actions,
                // Whoever has taken over meanwhile may have deleted what we were about to read.
                Err(refusal) => {
                    self.check_newest(attempt)?;
                    return Err(of_refusal(&refusal, self.job(), self.place()));
                }
            };
            if start == Start::Resume && self.holds_only_the_start_of_another_query(&actions, &contents, job) {
                start = Start::Fresh;
                continue;
            }
            match self.carry_out(actions, &contents, job, sink, attempt)? {
                Outcome::Recovered(recovery) => return Ok(recovery),
                Outcome::ClaimAgain(at_least) => attempt = self.claim(at_least)?,
            }
        }
    }

    /// A query that failed before its first checkpoint leaves where it would have begun to read: nothing that another
    /// query under the same name could lose.
    fn holds_only_the_start_of_another_query(&self, actions: &[Action], contents: &Contents, job: &Job<'_>) -> bool {
        let load = load_of(actions).filter(|id| id.epoch == Epoch(0));
        load.is_some_and(|id| match_nodes(&contents.manifests[&id].nodes, job.nodes).is_err())
    }

    /// What there is to resume from, oldest first.
    pub fn checkpoints(&self) -> Result<Vec<CheckpointInfo>> {
        let contents = self.read(&Start::Resume)?;
        let chain = decide::chain(&contents.facts);
        let info = |m: &&decide::Manifest| {
            let manifest = &contents.manifests[&m.id];
            CheckpointInfo {
                id: m.id,
                run: m.run.clone(),
                time_millis: manifest.time_millis,
                bytes: manifest.objects.iter().map(|o| o.bytes).sum(),
                finished: m.finished,
            }
        };
        Ok(chain.iter().map(info).collect())
    }

    pub fn job(&self) -> &str {
        &self.inner.job
    }

    /// The job's folder, for messages.
    pub fn place(&self) -> &str {
        self.inner.objects.place()
    }

    pub(crate) fn objects(&self) -> &Arc<Objects> {
        &self.inner.objects
    }

    pub(crate) fn retained(&self) -> usize {
        self.inner.retained
    }

    fn list(&self) -> Result<Vec<ObjectName>> {
        self.objects().wait(self.objects().list())
    }

    /// Becomes an attempt nobody else is, numbered `at_least` or higher.
    fn claim(&self, at_least: Attempt) -> Result<Attempt> {
        let mut at_least = at_least;
        loop {
            let attempt = decide::next_attempt(&attempts(&self.list()?)).max(at_least);
            if self.claim_exactly(attempt)? == Created::Ours {
                return Ok(attempt);
            }
            at_least = Attempt(attempt.0 + 1);
        }
    }

    fn claim_exactly(&self, attempt: Attempt) -> Result<Created> {
        let claim = format::Claim {
            job: self.job().to_owned(),
            process: std::process::id(),
            time_millis: SystemClock.now_millis(),
            nonce: random_hex(),
        };
        let bytes = format::encode_claim(&claim)?;
        self.objects().wait(self.objects().create(&ObjectName::Attempt(attempt), bytes))
    }

    fn fence(&self, job: &Job<'_>, attempt: Attempt) -> Result<Option<SinkFacts>> {
        let fence = |sink: &dyn EpochSink| {
            let marker = sink.fence(self.job(), attempt)?;
            Ok(SinkFacts { id: sink.id(), marker })
        };
        job.deciding.map(fence).transpose()
    }

    fn carry_out(
        &self,
        actions: Vec<Action>,
        contents: &Contents,
        job: &Job<'_>,
        sink: Option<SinkFacts>,
        attempt: Attempt,
    ) -> Result<Outcome> {
        // A checkpoint of another query is refused before anything is changed.
        let load = load_of(&actions);
        let nodes = match load {
            Some(id) => match_nodes(&contents.manifests[&id].nodes, job.nodes)?,
            None => BTreeMap::new(),
        };
        let chain: Vec<CheckpointId> = decide::chain(&contents.facts).iter().map(|m| m.id).collect();
        let mut begin = Begin {
            store: self.clone(),
            attempt,
            run: new_run_id(),
            query: job.query.to_owned(),
            nodes: job.nodes.to_vec(),
            sink: sink.map(|s| s.id),
            held: None,
            kept: vec![],
            written: vec![],
            snapshot: None,
            resumed: None,
            memory_bytes: job.room.as_ref().map(|room| room.memory_bytes),
        };
        let mut markers = vec![];
        let mut copies = vec![];
        for action in actions {
            match action {
                Action::ClaimAgain(at_least) => return Ok(Outcome::ClaimAgain(at_least)),
                Action::Look => self.check_newest(attempt)?,
                Action::Confirm(id) => self.create_confirmed(id)?,
                Action::Publish(id) => {
                    if !contents.facts.confirmed.contains(&id) {
                        publish(&contents.manifests[&id], job)?;
                    }
                }
                Action::CreateLineage(lineage) => {
                    begin.run = lineage.run.clone();
                    self.create_lineage(&lineage)?;
                }
                Action::Load(id) => {
                    let manifest = &contents.manifests[&id];
                    let loaded = self.load(manifest, &nodes, attempt, job.room.as_ref())?;
                    begin.held = Some(manifest.facts().holds());
                    begin.kept = chain
                        .iter()
                        .filter(|kept| contents.manifests[kept].run == manifest.run && **kept <= id)
                        .map(|kept| contents.manifests[kept].kept())
                        .collect();
                    begin.resumed = Some(resume_info(manifest));
                    begin.snapshot = Some(loaded.snapshot);
                    begin.written = loaded.written;
                }
                Action::End(id) => {
                    let ended = contents.manifests[&id].query.as_deref();
                    if ended.is_some_and(|query| query != job.query) {
                        return Err(of_other_end(self.job(), id.epoch));
                    }
                    let end = JobEnd::new(self.clone(), id);
                    return Ok(Outcome::Recovered(Recovery::Over(end, resume_info(&contents.manifests[&id]))));
                }
                Action::Copy(id) => copies.push(id),
                Action::Commit(id) => markers.push(id),
            }
        }
        let live = begin.snapshot.as_ref().map(|s| s.sealed.clone()).unwrap_or_default();
        for (node, sink) in job.following {
            sink.sweep(live.get(node).map_or(&[], Vec::as_slice))?;
        }
        let mut session = Session::begin(begin);
        for id in copies {
            session.write_resumed()?;
            if markers.contains(&id) {
                commit_resumed(&mut session, job, id)?;
            }
        }
        Ok(Outcome::Recovered(Recovery::Ready(Box::new(session))))
    }

    /// `--resume-from`: the newest checkpoint of job `old` becomes our first. It is written here before a
    /// lineage names it, so that a crash in between leaves us where we began.
    fn take_over(&self, old: &str, job: &Job<'_>) -> Result<Session> {
        let from = CheckpointStore::open(&self.inner.location, old, &self.inner.options)?;
        let highest = attempts(&self.list()?).into_iter().chain(attempts(&from.list()?));
        let mut attempt = decide::next_attempt(&highest.collect::<Vec<_>>());
        let sink = loop {
            // The old job's processes must see that they are superseded.
            if from.claim_exactly(attempt)? == Created::Ours && self.claim_exactly(attempt)? == Created::Ours {
                let sink = self.fence(job, attempt)?;
                let marker = sink.as_ref().and_then(|s| s.marker.as_ref());
                match marker.filter(|m| m.attempt >= attempt) {
                    Some(marker) => attempt = marker.attempt,
                    None => break sink,
                }
            }
            attempt = Attempt(attempt.0 + 1);
        };
        let contents = from.read(&Start::Resume)?;
        if !decide::is_newest(&contents.facts.attempts, attempt) {
            return Err(fenced(self.job(), attempt));
        }
        let choice = decide::choose(&contents.facts, sink.as_ref(), old)
            .map_err(|refusal| of_refusal(&refusal, old, from.place()))?;
        let parent = match choice {
            Choice::Begin => None,
            Choice::Resume { parent, .. } => Some(parent).filter(|p| !p.finished),
        };
        let Some(parent) = parent else {
            return Err(Error::invalid(format!("job '{old}' has nothing to resume from at {}", from.place()))
                .hint("start anew with `--fresh`"));
        };
        let manifest = &contents.manifests[&parent.id];
        let nodes = match_nodes(&manifest.nodes, job.nodes)?;
        let loaded = from.load(manifest, &nodes, attempt, job.room.as_ref())?;
        let id = CheckpointId { attempt, epoch: parent.id.epoch };
        let lineage = Lineage {
            attempt,
            run: parent.run.clone(),
            parent: None,
            first: id.epoch,
            accepts: sink.as_ref().map(|s| Accepted { marker: s.marker.clone() }),
        };
        let mut session = Session::begin(Begin {
            store: self.clone(),
            attempt,
            run: parent.run.clone(),
            query: job.query.to_owned(),
            nodes: job.nodes.to_vec(),
            sink: sink.map(|s| s.id),
            held: None,
            kept: vec![],
            written: vec![],
            snapshot: Some(loaded.snapshot),
            resumed: Some(resume_info(manifest)),
            memory_bytes: job.room.as_ref().map(|room| room.memory_bytes),
        });
        session.write_resumed()?;
        self.create_lineage(&lineage)?;
        from.check_newest(attempt)?;
        self.check_newest(attempt)?;
        publish(manifest, job)?;
        commit_resumed(&mut session, job, id)?;
        Ok(session)
    }

    /// `Fenced` if there is a newer attempt than `me`.
    pub(crate) fn check_newest(&self, me: Attempt) -> Result<()> {
        match decide::is_newest(&attempts(&self.list()?), me) {
            true => Ok(()),
            false => Err(fenced(self.job(), me)),
        }
    }

    /// Notes that everything of checkpoint `id` is visible.
    pub(crate) fn create_confirmed(&self, id: CheckpointId) -> Result<()> {
        let bytes = format::encode_confirmed(id)?;
        self.objects().wait(self.objects().create_own(&ObjectName::Confirmed(id), bytes))
    }

    fn create_reported(&self, id: CheckpointId) -> Result<()> {
        let bytes = format::encode_reported(id)?;
        self.objects().wait(self.objects().create_own(&ObjectName::Reported(id), bytes))
    }

    fn create_lineage(&self, lineage: &Lineage) -> Result<()> {
        let name = ObjectName::Lineage(lineage.attempt);
        self.objects().wait(self.objects().create_own(&name, format::encode_lineage(lineage)?))
    }

    /// Lists the folder and reads every lineage and manifest.
    fn read(&self, start: &Start) -> Result<Contents> {
        let listed = self.list()?;
        let wanted = |name: &&ObjectName| matches!(name, ObjectName::Lineage(_) | ObjectName::Manifest(_));
        let names: Vec<ObjectName> = listed.iter().filter(wanted).cloned().collect();
        let read = self.objects().wait(self.objects().get_all(names))?;

        let mut contents = Contents::default();
        contents.facts.attempts = attempts(&listed);
        for name in &listed {
            match name {
                ObjectName::Confirmed(id) => contents.facts.confirmed.push(*id),
                ObjectName::Reported(id) => contents.facts.reported.push(*id),
                _ => {}
            }
        }
        let mut damaged: Option<Error> = None;
        for (name, bytes) in read {
            let place = self.objects().place_of(&name);
            let result = match &name {
                ObjectName::Lineage(_) => {
                    format::decode_lineage(&place, &bytes).map(|lineage| contents.facts.lineages.push(lineage))
                }
                _ => format::Manifest::decode(&place, &bytes).map(|manifest| {
                    contents.facts.manifests.push(manifest.facts());
                    contents.manifests.insert(manifest.id(), manifest);
                }),
            };
            match (result, start, name) {
                (Ok(()), ..) | (_, Start::Fresh, _) => {}
                // Another checkpoint was asked for.
                (Err(_), Start::FromCheckpoint(epoch), ObjectName::Manifest(id)) if id.epoch != *epoch => {}
                (Err(e), ..) => damaged = damaged.or(Some(e)),
            }
        }
        match damaged {
            Some(error) if error.hint.is_none() => Err(error.hint(contents.choices())),
            Some(error) => Err(error),
            None => Ok(contents),
        }
    }

    fn load(
        &self,
        manifest: &format::Manifest,
        nodes: &BTreeMap<usize, usize>,
        me: Attempt,
        room: Option<&Room>,
    ) -> Result<Loaded> {
        let spoilt = |why: String| {
            // Whoever took over may have deleted it.
            if let Err(e) = self.check_newest(me)
                && e.kind == ErrorKind::Fenced
            {
                return e;
            }
            let message = format!("checkpoint {} of job '{}' can't be loaded: {why}", manifest.epoch, self.job());
            let others: Vec<String> = match self.read(&Start::FromCheckpoint(Epoch(u64::MAX))) {
                Ok(contents) => contents
                    .manifests
                    .keys()
                    .filter(|id| **id != manifest.id())
                    .map(|id| id.epoch.to_string())
                    .collect(),
                Err(_) => vec![],
            };
            Error::data(message).hint(match others.is_empty() {
                true => "restore the file, or start anew with `--fresh`".to_owned(),
                false => format!(
                    "restore the file, resume from another with `--from-checkpoint N` (there are {}), or start anew \
                     with `--fresh`",
                    others.join(", ")
                ),
            })
        };

        let bytes = manifest.objects.iter().map(|o| o.bytes).sum::<u64>();
        let room = room.filter(|room| bytes > room.memory_bytes / 2);
        let mut reader = ObjectReader { store: self, manifest, held: HashMap::new(), holds_all: room.is_none() };
        let objects: Vec<Arc<format::Object>> = manifest.objects.iter().cloned().map(Arc::new).collect();
        if room.is_none() {
            reader.read_all().map_err(|trouble| trouble.into_error(&spoilt))?;
        }

        let mut loaded = Loaded::default();
        let mut ids: HashMap<usize, BTreeSet<u64>> = HashMap::new();
        for operator in &manifest.operators {
            let node = heir(nodes, operator.node)?;
            let ids = ids.entry(node).or_default();
            let mut runs = vec![];
            for saved in &operator.runs {
                // Unique within the node: a worker may be given what several had.
                let id = match ids.contains(&saved.id) {
                    false => saved.id,
                    true => ids.last().map_or(0, |last| last + 1),
                };
                ids.insert(id);
                let run = reader.run(id, saved, room).map_err(|trouble| trouble.into_error(&spoilt))?;
                let run = Arc::new(run);
                let pieces = std::iter::once(format::Batches { object: saved.object, batch: saved.batch, count: 1 });
                let pieces = pieces.chain(saved.more.iter().copied()).map(|piece| Piece {
                    object: objects[piece.object].clone(),
                    batch: piece.batch,
                    count: piece.count,
                });
                loaded.written.push(WrittenRun { run: run.clone(), pieces: pieces.collect() });
                runs.push(run);
            }
            let value = operator.value.clone();
            loaded.snapshot.operators.push(OperatorState { node, worker: operator.worker, value, runs });
        }
        loaded.snapshot.epoch = Epoch(manifest.epoch);
        loaded.snapshot.finished = manifest.finished;
        for (node, splits) in &manifest.splits {
            let splits = splits.iter().cloned().map(Into::into).collect();
            loaded.snapshot.splits.insert(heir(nodes, *node)?, splits);
        }
        for (node, sealed) in &manifest.sealed {
            loaded.snapshot.sealed.insert(heir(nodes, *node)?, sealed.clone());
        }
        Ok(loaded)
    }
}

/// Reads the objects of a checkpoint: all at once, or one by one.
struct ObjectReader<'a> {
    store: &'a CheckpointStore,
    manifest: &'a format::Manifest,
    /// Contents by position in the manifest.
    held: HashMap<usize, Vec<RecordBatch>>,
    holds_all: bool,
}

impl ObjectReader<'_> {
    fn read_all(&mut self) -> Result<(), Trouble> {
        let names = self.manifest.objects.iter().filter_map(|o| ObjectName::parse(&o.name)).collect();
        let objects = self.store.objects();
        let read = objects.wait(objects.get_all(names))?;
        let read: HashMap<String, _> = read.into_iter().map(|(name, bytes)| (name.to_string(), bytes)).collect();
        for (position, object) in self.manifest.objects.iter().enumerate() {
            let bytes = read.get(&object.name).ok_or_else(|| self.missing(object))?;
            self.held.insert(position, self.decode(object, bytes)?);
        }
        Ok(())
    }

    fn run(&mut self, id: u64, saved: &format::Run, room: Option<&Room>) -> Result<StateRun, Trouble> {
        let mut batches = vec![];
        let mut writer: Option<SpillWriter> = None;
        for (object, batch) in saved.batches() {
            let rows = self.batch(object, batch)?;
            match room {
                None => batches.push(rows),
                Some(room) => writer
                    .get_or_insert_with(|| {
                        SpillWriter::new(&room.scratch, &rows.schema(), Order::Arrival, LOADED_BLOCK_ROWS, None)
                    })
                    .write_next(&rows)?,
            }
        }
        let tag = saved.tag.clone();
        Ok(match writer {
            Some(writer) => StateRun::on_disk(id, tag, writer.finish()?),
            None if batches.len() == 1 => StateRun::new(id, tag, batches.swap_remove(0)),
            None => StateRun::new(id, tag, concat_batches(&batches[0].schema(), &batches).map_err(Error::from)?),
        })
    }

    fn batch(&mut self, position: usize, batch: usize) -> Result<RecordBatch, Trouble> {
        let missing = || Trouble::Spoilt(format!("batch {batch} of object {position} is missing"));
        if !self.held.contains_key(&position) && !self.holds_all {
            let object = self.manifest.objects.get(position).ok_or_else(missing)?;
            let name = ObjectName::parse(&object.name).ok_or_else(missing)?;
            let objects = self.store.objects();
            let bytes = objects.wait(objects.get(&name))?.ok_or_else(|| self.missing(object))?;
            self.held.clear();
            self.held.insert(position, self.decode(object, &bytes)?);
        }
        self.held.get(&position).and_then(|batches| batches.get(batch)).cloned().ok_or_else(missing)
    }

    fn decode(&self, object: &format::Object, bytes: &bytes::Bytes) -> Result<Vec<RecordBatch>, Trouble> {
        let spoilt = |e: Error| Trouble::Spoilt(format!("{}/{}", self.store.place(), e.message));
        format::decode_batches(object, bytes).map_err(spoilt)
    }

    fn missing(&self, object: &format::Object) -> Trouble {
        Trouble::Spoilt(format!("{}/{} is missing", self.store.place(), object.name))
    }
}

enum Trouble {
    /// The checkpoint is not what it should be.
    Spoilt(String),
    /// Store or scratch disk are.
    Other(Error),
}

impl Trouble {
    fn into_error(self, spoilt: &dyn Fn(String) -> Error) -> Error {
        match self {
            Trouble::Spoilt(why) => spoilt(why),
            Trouble::Other(error) => error,
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Other(error)
    }
}

enum Outcome {
    Recovered(Recovery),
    ClaimAgain(Attempt),
}

#[derive(Default)]
struct Contents {
    facts: Facts,
    manifests: BTreeMap<CheckpointId, format::Manifest>,
}

impl Contents {
    /// What to do when a file is damaged.
    fn choices(&self) -> String {
        let have: Vec<String> = decide::chain(&self.facts).iter().map(|m| m.id.epoch.to_string()).collect();
        match have.is_empty() {
            true => "restore the file, or start anew with `--fresh`".to_owned(),
            false => format!(
                "restore the file, resume with `--from-checkpoint N` (there are {}), or start anew with `--fresh`",
                have.join(", ")
            ),
        }
    }
}

#[derive(Default)]
struct Loaded {
    snapshot: Snapshot,
    written: Vec<WrittenRun>,
}

impl format::Manifest {
    fn kept(&self) -> KeptCheckpoint {
        KeptCheckpoint { id: self.id(), objects: self.objects.iter().map(|o| o.name.clone()).collect() }
    }
}

impl Session {
    /// Writes what was resumed from as a checkpoint of this attempt.
    fn write_resumed(&mut self) -> Result<()> {
        let Some(snapshot) = self.snapshot.take() else {
            return Err(Error::internal("nothing was resumed"));
        };
        let result = self.write(&snapshot, EpochKind::Commits);
        self.snapshot = Some(snapshot);
        result.map(drop)
    }
}

/// Commits the marker of what was resumed from: store and sink agree again.
fn commit_resumed(session: &mut Session, job: &Job<'_>, id: CheckpointId) -> Result<()> {
    if let Some(sink) = job.deciding {
        sink.begin(id.epoch)?;
        sink.flush(id.epoch)?;
        sink.commit(&session.marker(id.epoch))?;
    }
    session.copied(id);
    Ok(())
}

/// Makes visible, in sinks that follow, what `manifest` decided.
fn publish(manifest: &format::Manifest, job: &Job<'_>) -> Result<()> {
    if manifest.sealed.values().all(Vec::is_empty) {
        return Ok(());
    }
    let nodes = match_nodes(&manifest.nodes, job.nodes)?;
    for (node, sealed) in &manifest.sealed {
        if let Some(sink) = nodes.get(node).and_then(|node| job.following.get(node)) {
            sink.publish(Epoch(manifest.epoch), sealed)?;
        }
    }
    Ok(())
}

fn heir(nodes: &BTreeMap<usize, usize>, saved: usize) -> Result<usize> {
    nodes.get(&saved).copied().ok_or_else(|| Error::internal(format!("the checkpoint names no node {saved}")))
}

fn resume_info(manifest: &format::Manifest) -> ResumeInfo {
    let age = SystemClock.now_millis().saturating_sub(manifest.time_millis).max(0) as u64;
    ResumeInfo { epoch: Epoch(manifest.epoch), age: Duration::from_millis(age) }
}

fn new_run_id() -> RunId {
    RunId(random_hex())
}

/// 64 random bits: the seed of a fresh hasher is random.
fn random_hex() -> String {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.write_i64(SystemClock.now_millis());
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests;

fn load_of(actions: &[Action]) -> Option<CheckpointId> {
    actions.iter().find_map(|a| if let Action::Load(id) = a { Some(*id) } else { None })
}
