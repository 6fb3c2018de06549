//! Parts in an object store, which can neither append to an object nor rename one.
//!
//! A part is staged as two kinds of things, under `<path>/_flitz/<job>/` where no reader of the table looks:
//!
//! ```text
//!  part      |  8 MiB  |  8 MiB  |  8 MiB  | 3 MiB |
//!            `--------- uploaded ----------´`-tail-´
//!  <name>.upload       names the multipart upload of the target; written before the upload's first part
//!  <name>.tail-<n>     at each checkpoint, what is behind the uploaded parts; a new object each time
//! ```
//!
//! 1. Bytes go to a task per part. Whenever there are [`PART_BYTES`] of them they are sent off as the next part of
//!    the upload; the rest waits in memory and in a side file.
//! 2. `seal` has the task write the rest as a tail, or as the upload's last part if the part is closed; `settle`
//!    waits for it and puts upload id, entity tags and tail into the snapshot.
//! 3. `publish` adds the tail to the upload if there is one and completes it; a part without upload, all tail, is
//!    copied to its name by the store. Completing and copying are atomic, and done again they change nothing.
//!    Only then do the staged objects go.
//! 4. `sweep` reads the `.upload` objects that no live epoch names and aborts those uploads: stores keep (and
//!    charge for) the parts of an upload that is never completed. An upload whose `.upload` was not written has none.
//!
//! Why so, and what other ways there were: `docs/decisions/0007-files-in-object-stores.md`.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use flitz_dataflow::connector::ConnectorContext;
use flitz_dataflow::{Error, Result, failpoint};
use flitz_storage::{ObjectUrl, Store, failed, runtime};
use futures::{StreamExt, TryStreamExt};
use object_store::multipart::PartId;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{AbortHandle, JoinHandle};

use super::{Opened, Part, StagedFile, Staging};
use crate::filesystem::{FileTable, PATIENCE};

/// Of one part of an upload; more for parts so large that 10,000 of these would not do. All are of one size, which
/// some stores want.
const PART_BYTES: usize = 8 << 20;
/// Parts of an upload that we plan with; stores allow 10,000.
const PARTS_MAX: u64 = 9_000;
/// The largest object there can be, in S3 and in Google Cloud Storage.
const OBJECT_BYTES_MAX: u64 = 5 << 40;
/// Requests of one table at a time.
const CONCURRENCY: usize = 8;
/// Hidden from readers of the table, of Flink, Hive and Spark too, by its underscore.
const STAGED: &str = "_flitz";

/// Where the bytes of a staged part are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StagedObject {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upload: Option<Upload>,
    /// The object that holds what is behind the uploaded parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tail: Option<String>,
}

/// A multipart upload of the target, and the entity tags of its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Upload {
    id: String,
    parts: Vec<String>,
}

/// What a `.upload` object says.
#[derive(Serialize, Deserialize)]
struct Begun {
    id: String,
    /// Relative to the table's path.
    target: String,
}

pub struct ObjectStaging {
    bucket: Arc<Bucket>,
    /// `_flitz/<job>`
    folder: String,
    scratch: PathBuf,
    pub part_bytes: usize,
    tickets: Arc<Mutex<Tickets>>,
    /// By staged name: the tails that have been written.
    tails: Mutex<HashMap<String, Vec<String>>>,
}

/// What `settle` will be asked for.
#[derive(Default)]
struct Tickets {
    last: u64,
    waiting: HashMap<u64, oneshot::Receiver<Result<StagedObject>>>,
}

/// The table's prefix in its bucket.
struct Bucket {
    store: Store,
    url: ObjectUrl,
    table: String,
    permits: Semaphore,
}

impl ObjectStaging {
    pub fn new(url: ObjectUrl, job: String, table: &FileTable, context: &ConnectorContext) -> Result<ObjectStaging> {
        let store = Store::open(&url, &context.settings, Some(PATIENCE))?;
        ObjectStaging::in_store(store, url, job, table, context)
    }

    pub fn in_store(
        store: Store,
        url: ObjectUrl,
        job: String,
        table: &FileTable,
        context: &ConnectorContext,
    ) -> Result<ObjectStaging> {
        let largest = table.rolling.bytes;
        if largest > OBJECT_BYTES_MAX {
            return Err(Error::invalid("no object can be larger than 5 TiB").option("sink.rolling-policy.file-size"));
        }
        let mebibytes = (largest / PARTS_MAX).div_ceil(1 << 20) as usize;
        let bucket = Bucket { store, url, table: table.name.clone(), permits: Semaphore::new(CONCURRENCY) };
        Ok(ObjectStaging {
            bucket: Arc::new(bucket),
            folder: format!("{STAGED}/{job}"),
            scratch: context.scratch.clone(),
            part_bytes: PART_BYTES.max(mebibytes << 20),
            tickets: Arc::default(),
            tails: Mutex::default(),
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Staging for ObjectStaging {
    fn open(&self, directory: &str, name: &str, in_flight: &Arc<AtomicUsize>) -> Result<Opened> {
        let staged = format!("{}/{name}", self.folder);
        let target = if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
        let (commands, received) = mpsc::unbounded_channel();
        let failure = Failure::default();
        let uploader = Uploader {
            bucket: self.bucket.clone(),
            staged: staged.clone(),
            target,
            failure: failure.clone(),
            upload: None,
            on_their_way: Vec::new(),
            parts: Vec::new(),
            tails: 0,
            tail: None,
        };
        let task = runtime()?.spawn(uploader.run(received)).abort_handle();
        let file = ObjectPart {
            commands,
            task: Some(task),
            failure,
            tickets: self.tickets.clone(),
            rest: SideFile { folder: self.scratch.clone(), file: None, bytes: 0 },
            part_bytes: self.part_bytes,
            changed: false,
            uploads: false,
            in_flight: in_flight.clone(),
        };
        Ok(Opened { staged, file: Box::new(file) })
    }

    fn settle(&self, part: &mut Part) -> Result<()> {
        let ticket = part.ticket.take().and_then(|ticket| lock(&self.tickets).waiting.remove(&ticket));
        let ticket = ticket.ok_or_else(|| Error::internal(format!("{} is not being staged", part.staged)))?;
        let staged = runtime()?.block_on(ticket);
        let staged = staged.map_err(|_| Error::internal(format!("staging {} broke off", part.staged)))??;
        if let Some(tail) = &staged.tail {
            lock(&self.tails).entry(part.staged.clone()).or_default().push(tail.clone());
        }
        part.object = Some(staged);
        Ok(())
    }

    fn publish(&self, parts: &[Part]) -> Result<()> {
        let published = parts.iter().map(|part| async move {
            self.bucket.publish(part).await?;
            failpoint::hit("part-visible");
            let mut staged = lock(&self.tails).remove(&part.staged).unwrap_or_default();
            let object = part.object.clone().unwrap_or_default();
            staged.extend(object.tail);
            staged.extend(object.upload.map(|_| upload_object(&part.staged)));
            self.bucket.delete_staged(staged).await;
            Ok(())
        });
        runtime()?.block_on(futures::stream::iter(published).buffer_unordered(CONCURRENCY).try_collect())
    }

    fn forget_earlier(&self, open: &[Part]) {
        let mut earlier = Vec::new();
        let mut tails = lock(&self.tails);
        for part in open {
            let current = part.object.as_ref().and_then(|object| object.tail.as_ref());
            if let Some(tails) = tails.get_mut(&part.staged) {
                earlier.extend(tails.extract_if(.., |tail| Some(&*tail) != current));
            }
        }
        drop(tails);
        let bucket = self.bucket.clone();
        if let (false, Ok(runtime)) = (earlier.is_empty(), runtime()) {
            runtime.spawn(async move { bucket.delete_staged(earlier).await });
        }
    }

    fn clear(&self, directories: &BTreeSet<String>, kept: &BTreeSet<String>) -> Result<()> {
        runtime()?.block_on(self.bucket.clear(directories, kept))
    }

    fn mark(&self, directory: &str, name: &str) -> Result<()> {
        let name = format!("{directory}/{name}");
        runtime()?.block_on(self.bucket.put(&name, Bytes::new()))
    }

    fn sweep(&self, live: &[Part], own: &str) -> Result<()> {
        let mut keep = BTreeSet::new();
        for (part, object) in live.iter().filter_map(|part| Some((part, part.object.as_ref()?))) {
            // An upload that was begun after the epoch is not the epoch's.
            keep.extend(object.upload.as_ref().map(|_| upload_object(&part.staged)));
            keep.extend(object.tail.clone());
        }
        runtime()?.block_on(self.bucket.sweep(&self.folder, &keep, own))
    }
}

fn upload_object(staged: &str) -> String {
    format!("{staged}.upload")
}

impl Bucket {
    fn key(&self, name: &str) -> Result<Path> {
        self.url.below(name).map_err(|e| Error::invalid(format!("table {}: {e}", self.table)))
    }

    fn failed(&self, doing: &str, name: &str, error: &object_store::Error) -> Error {
        let place = self.key(name).map_or_else(|_| name.to_owned(), |key| self.url.with_key(key).to_string());
        failed(&format!("table {}: can't {doing}", self.table), &place, error)
    }

    async fn put(&self, name: &str, bytes: Bytes) -> Result<()> {
        let put = self.store.objects.put(&self.key(name)?, PutPayload::from(bytes)).await;
        put.map(drop).map_err(|e| self.failed("write", name, &e))
    }

    async fn put_part(&self, target: &str, upload: &str, index: usize, bytes: Bytes) -> object_store::Result<String> {
        let (key, id) = (self.url.below(target)?, upload.to_owned());
        Ok(self.store.uploads.put_part(&key, &id, index, PutPayload::from(bytes)).await?.content_id)
    }

    /// Makes a settled part visible. If that fails because it has been done already, all is well.
    async fn publish(&self, part: &Part) -> Result<()> {
        if part.bytes == 0 {
            return Ok(());
        }
        let object = part.object.as_ref();
        let object = object.ok_or_else(|| Error::internal(format!("{} was not staged in a store", part.staged)))?;
        let Err(error) = self.make_visible(part, object).await else { return Ok(()) };
        let gone = matches!(error, object_store::Error::NotFound { .. }) || error.to_string().contains("NoSuchUpload");
        match self.store.objects.head(&self.key(&part.target)?).await {
            Ok(there) if there.size == part.bytes => Ok(()),
            Err(object_store::Error::NotFound { .. }) if gone => self.neither_staged_nor_visible(part, object).await,
            _ => Err(self.failed("write", &part.target, &error)),
        }
    }

    async fn make_visible(&self, part: &Part, object: &StagedObject) -> object_store::Result<()> {
        let key = |name: &str| self.url.below(name);
        let target = key(&part.target)?;
        let Some(upload) = &object.upload else {
            return match &object.tail {
                Some(tail) => self.store.objects.copy(&key(tail)?, &target).await,
                None => Ok(()),
            };
        };
        let mut parts = upload.parts.clone();
        if let Some(tail) = &object.tail {
            let bytes = self.store.objects.get(&key(tail)?).await?.bytes().await?;
            parts.push(self.put_part(&part.target, &upload.id, parts.len(), bytes).await?);
        }
        let parts = parts.into_iter().map(|content_id| PartId { content_id }).collect();
        self.store.uploads.complete_multipart(&target, &upload.id, parts).await.map(drop)
    }

    /// Whoever published a part removes what was staged of it afterwards. If that is still there nobody has.
    async fn neither_staged_nor_visible(&self, part: &Part, object: &StagedObject) -> Result<()> {
        let staged = object.upload.as_ref().map(|_| upload_object(&part.staged)).or_else(|| object.tail.clone());
        if let Some(staged) = staged
            && self.store.objects.head(&self.key(&staged)?).await.is_ok()
        {
            return Err(Error::unavailable(format!(
                "table {}: the upload of {} is gone before it was completed",
                self.table, part.target
            ))
            .hint(
                "a rule of the bucket may abort uploads after some days: give it more of them than a job may be down",
            ));
        }
        tracing::warn!(part = %part.target, table = %self.table, "a part is neither staged nor visible: was it removed?");
        Ok(())
    }

    /// What is left over when this fails is swept at the next start.
    async fn delete_staged(&self, names: Vec<String>) {
        for name in names {
            let deleted = match self.key(&name) {
                Ok(key) => self.store.objects.delete(&key).await,
                Err(_) => continue,
            };
            match deleted {
                // Google says NotFound of what is gone already, Amazon says nothing.
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(e) => tracing::warn!("{}", self.failed("remove", &name, &e)),
            }
        }
    }

    async fn list(&self, directory: &str) -> Result<Vec<ObjectMeta>> {
        let prefix = if directory.is_empty() { self.url.key.clone() } else { self.key(directory)? };
        let listed = self.store.objects.list(Some(&prefix)).try_collect().await;
        listed.map_err(|e| self.failed("list", directory, &e))
    }

    async fn clear(&self, directories: &BTreeSet<String>, kept: &BTreeSet<String>) -> Result<()> {
        let kept = kept.iter().map(|target| self.key(target)).collect::<Result<BTreeSet<Path>>>()?;
        for directory in directories {
            let prefix = if directory.is_empty() { self.url.key.clone() } else { self.key(directory)? };
            let is_hidden = |key: &Path| {
                let first = key.prefix_match(&prefix).and_then(|mut names| names.next());
                first.is_none_or(|name| name.as_ref().starts_with(['.', '_']))
            };
            let listed = self.list(directory).await?.into_iter().map(|object| object.location);
            let removed: Vec<_> = listed.filter(|key| !is_hidden(key) && !kept.contains(key)).map(Ok).collect();
            let mut deleted = self.store.objects.delete_stream(futures::stream::iter(removed).boxed());
            while let Some(result) = deleted.next().await {
                match result {
                    Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(e) => return Err(self.failed("remove what lies in", directory, &e)),
                }
            }
        }
        Ok(())
    }

    async fn sweep(&self, folder: &str, keep: &BTreeSet<String>, own: &str) -> Result<()> {
        for object in self.list(folder).await? {
            let file_name = object.location.filename().unwrap_or_default();
            let name = format!("{folder}/{file_name}");
            if file_name.starts_with(own) || keep.contains(&name) {
                continue;
            }
            if file_name.ends_with(".upload") {
                self.abort(&name).await?;
            }
            self.delete_staged(vec![name]).await;
        }
        Ok(())
    }

    /// Gives up the upload that the object `name` names. One that is completed, or gone, stays as it is.
    async fn abort(&self, name: &str) -> Result<()> {
        let read = match self.store.objects.get(&self.key(name)?).await {
            Ok(found) => found.bytes().await,
            Err(e) => Err(e),
        };
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(object_store::Error::NotFound { .. }) => return Ok(()),
            Err(e) => return Err(self.failed("read", name, &e)),
        };
        let Ok(begun) = serde_json::from_slice::<Begun>(&bytes) else { return Ok(()) };
        if let Err(e) = self.store.uploads.abort_multipart(&self.key(&begun.target)?, &begun.id).await {
            tracing::debug!("{}", self.failed("abort the upload of", &begun.target, &e));
        }
        Ok(())
    }
}

/// What the task of a part is told, in order.
enum Command {
    /// The next part of the upload.
    Chunk(InFlight),
    /// What is behind them. `rest`: None if it is what it was at the last seal.
    Seal { rest: Option<InFlight>, last: bool, done: oneshot::Sender<Result<StagedObject>> },
}

/// Bytes that count as held until they are dropped.
struct InFlight {
    bytes: Bytes,
    count: Arc<AtomicUsize>,
}

impl InFlight {
    fn new(bytes: Vec<u8>, count: &Arc<AtomicUsize>) -> InFlight {
        count.fetch_add(bytes.len(), Ordering::Relaxed);
        InFlight { bytes: bytes.into(), count: count.clone() }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.count.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

/// The first error of a part's task, for the writer to find.
#[derive(Clone, Default)]
struct Failure(Arc<Mutex<Option<Error>>>);

impl Failure {
    fn set(&self, error: &Error) {
        lock(&self.0).get_or_insert_with(|| error.clone());
    }

    fn check(&self) -> Result<()> {
        lock(&self.0).clone().map_or(Ok(()), Err)
    }
}

/// The task of one part.
struct Uploader {
    bucket: Arc<Bucket>,
    staged: String,
    target: String,
    failure: Failure,
    upload: Option<String>,
    /// In their order; behind `parts`.
    on_their_way: Vec<JoinHandle<Result<String>>>,
    /// Entity tags.
    parts: Vec<String>,
    /// Tails written so far, and the last of them.
    tails: u64,
    tail: Option<String>,
}

impl Uploader {
    /// Ends when the writer is done with the part.
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        while let Some(command) = commands.recv().await {
            match command {
                Command::Chunk(chunk) => {
                    if self.failure.check().is_ok()
                        && let Err(error) = self.upload(chunk).await
                    {
                        self.failure.set(&error);
                    }
                }
                Command::Seal { rest, last, done } => {
                    let sealed = match self.failure.check() {
                        Ok(()) => self.seal(rest, last).await,
                        Err(error) => Err(error),
                    };
                    if let Err(error) = &sealed {
                        self.failure.set(error);
                    }
                    // Nobody waits if the job has ended.
                    let _ = done.send(sealed);
                }
            }
        }
    }

    async fn upload(&mut self, chunk: InFlight) -> Result<()> {
        let upload = match &self.upload {
            Some(upload) => upload.clone(),
            None => self.begin().await?,
        };
        let (bucket, target, failure) = (self.bucket.clone(), self.target.clone(), self.failure.clone());
        let index = self.parts.len() + self.on_their_way.len();
        self.on_their_way.push(tokio::spawn(async move {
            let _permit = bucket.permits.acquire().await;
            let put = bucket.put_part(&target, &upload, index, chunk.bytes.clone()).await;
            put.map_err(|e| {
                let error = bucket.failed("write", &target, &e);
                failure.set(&error);
                error
            })
        }));
        Ok(())
    }

    /// From here on a sweep finds the upload.
    async fn begin(&mut self) -> Result<String> {
        let id = self.bucket.store.uploads.create_multipart(&self.bucket.key(&self.target)?).await;
        let id = id.map_err(|e| self.bucket.failed("write", &self.target, &e))?;
        let begun = Begun { id: id.clone(), target: self.target.clone() };
        let begun = serde_json::to_vec(&begun).map_err(|e| Error::internal(e.to_string()))?;
        self.bucket.put(&upload_object(&self.staged), begun.into()).await?;
        self.upload = Some(id.clone());
        Ok(id)
    }

    async fn seal(&mut self, rest: Option<InFlight>, last: bool) -> Result<StagedObject> {
        if let Some(rest) = rest {
            self.tail = None;
            match rest.bytes.is_empty() {
                true => {}
                false if last && self.upload.is_some() => self.upload(rest).await?,
                false => {
                    let name = format!("{}.tail-{}", self.staged, self.tails);
                    self.tails += 1;
                    let _permit = self.bucket.permits.acquire().await;
                    self.bucket.put(&name, rest.bytes.clone()).await?;
                    self.tail = Some(name);
                }
            }
        }
        for part in self.on_their_way.drain(..) {
            let part = part.await.map_err(|e| Error::internal(format!("uploading {}: {e}", self.target)))?;
            self.parts.push(part?);
        }
        let upload = self.upload.clone().map(|id| Upload { id, parts: self.parts.clone() });
        Ok(StagedObject { upload, tail: self.tail.clone() })
    }
}

/// The writer's end of a part.
struct ObjectPart {
    commands: mpsc::UnboundedSender<Command>,
    /// None when it is to be left to end by itself.
    task: Option<AbortHandle>,
    failure: Failure,
    tickets: Arc<Mutex<Tickets>>,
    /// Too little for a part of the upload.
    rest: SideFile,
    part_bytes: usize,
    /// Since the last seal.
    changed: bool,
    /// There is an upload.
    uploads: bool,
    in_flight: Arc<AtomicUsize>,
}

impl StagedFile for ObjectPart {
    fn append(&mut self, buffer: &mut Vec<u8>) -> Result<()> {
        self.failure.check()?;
        if buffer.is_empty() {
            return Ok(());
        }
        self.changed = true;
        if self.rest.bytes + buffer.len() >= self.part_bytes {
            let mut all = self.rest.take()?;
            all.append(buffer);
            self.uploads = true;
            let mut chunks = all.chunks_exact(self.part_bytes);
            for chunk in &mut chunks {
                self.send(Command::Chunk(InFlight::new(chunk.to_vec(), &self.in_flight)))?;
            }
            buffer.extend_from_slice(chunks.remainder());
        }
        self.rest.push(buffer)?;
        buffer.clear();
        Ok(())
    }

    fn seal(&mut self, buffer: &mut Vec<u8>, last: bool) -> Result<Option<u64>> {
        if self.rest.bytes + buffer.len() >= self.part_bytes {
            self.append(buffer)?;
        }
        self.failure.check()?;
        let changed = self.changed || !buffer.is_empty();
        // The bytes of the last tail are wanted again if they become the last part of an upload.
        let rest = match changed || (last && self.uploads) {
            true => {
                let mut rest = self.rest.read()?;
                rest.extend_from_slice(buffer);
                Some(InFlight::new(rest, &self.in_flight))
            }
            false => None,
        };
        self.changed = false;
        if !last {
            self.rest.push(buffer)?;
        }
        buffer.clear();
        let (done, waiting) = oneshot::channel();
        self.send(Command::Seal { rest, last, done })?;
        if last {
            self.task = None;
        }
        let mut tickets = lock(&self.tickets);
        tickets.last += 1;
        let ticket = tickets.last;
        tickets.waiting.insert(ticket, waiting);
        Ok(Some(ticket))
    }
}

impl Drop for ObjectPart {
    /// The job has failed, or has ended and settled everything: nobody wants more of an open part.
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl ObjectPart {
    fn send(&self, command: Command) -> Result<()> {
        self.commands.send(command).map_err(|_| Error::internal("the task that writes a part is gone"))
    }
}

/// Bytes that wait on disk, in a file without a name that goes with the process.
struct SideFile {
    folder: PathBuf,
    file: Option<File>,
    bytes: usize,
}

impl SideFile {
    fn push(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let failed = |e: std::io::Error| {
            Error::unavailable(format!("can't write a side file in {}: {e}", self.folder.display()))
        };
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile_in(&self.folder).map_err(failed)?),
        };
        file.seek(SeekFrom::Start(self.bytes as u64)).and_then(|_| file.write_all(bytes)).map_err(failed)?;
        self.bytes += bytes.len();
        Ok(())
    }

    fn read(&mut self) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.bytes];
        if let Some(file) = &mut self.file {
            let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_exact(&mut bytes));
            read.map_err(|e| Error::unavailable(format!("can't read a side file in {}: {e}", self.folder.display())))?;
        }
        Ok(bytes)
    }

    fn take(&mut self) -> Result<Vec<u8>> {
        let bytes = self.read()?;
        self.bytes = 0;
        Ok(bytes)
    }
}
