//! Objects of a bucket: listed with their sizes and times, fetched range by range ahead of the reader.
//!
//! A task per open object asks for [`RANGE_BYTES`] at a time, [`RANGES_AHEAD`] of them at once, and waits when the
//! reader does not follow, so that a slow job holds a few ranges in memory and no connection open. Each answer must
//! be of the object that was found: one that was overwritten meanwhile is an error, not a mixture.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use flitz_dataflow::connector::Wake;
use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result};
use flitz_storage::{ObjectUrl, Store, failed, runtime};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::{Fetched, FileBytes, Files, Found, Position};
use crate::filesystem::{FileTable, PATIENCE};

const RANGE_BYTES: u64 = 4 << 20;
const RANGES_AHEAD: usize = 2;

/// What lies below a prefix, or one object.
pub struct ObjectFiles {
    url: ObjectUrl,
    store: Store,
    table: String,
    /// Whether new objects are looked for.
    watched: bool,
    /// It was said that there is nothing yet.
    said: AtomicBool,
}

impl ObjectFiles {
    pub fn new(url: ObjectUrl, table: &FileTable, settings: &Options) -> Result<ObjectFiles> {
        let store = Store::open(&url, settings, Some(PATIENCE))?;
        Ok(ObjectFiles::in_store(store, url, table))
    }

    pub fn in_store(store: Store, url: ObjectUrl, table: &FileTable) -> ObjectFiles {
        let watched = table.monitor_interval.is_some();
        ObjectFiles { url, store, table: table.name.clone(), watched, said: AtomicBool::new(false) }
    }

    fn id_of(&self, key: &Path) -> String {
        self.url.with_key(key.clone()).to_string()
    }

    async fn found(&self) -> Result<Vec<Found>> {
        let failed = |e| failed("can't list", &self.url.to_string(), &e);
        // As Flink has it, an object of exactly this key is a file, whatever lies below it.
        if !self.url.key.as_ref().is_empty() {
            match self.store.objects.head(&self.url.key).await {
                Ok(object) if object.size > 0 => return Ok(vec![self.found_one(&object)]),
                // Some tools mark directories by empty objects.
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(e) => return Err(failed(e)),
            }
        }
        let listed: Vec<ObjectMeta> =
            self.store.objects.list(Some(&self.url.key)).try_collect().await.map_err(failed)?;
        if listed.is_empty() && !self.watched && !self.url.key.as_ref().is_empty() {
            return Err(Error::unavailable(format!(
                "path {} of table {} does not exist: nothing lies there",
                self.url, self.table
            )));
        }
        if listed.is_empty() && !self.said.swap(true, Ordering::Relaxed) {
            tracing::warn!(table = %self.table, path = %self.url, "there are no files yet");
        }
        // No rows come of an empty one, be it a file or the mark of a directory.
        let listed = listed.iter().filter(|object| object.size > 0 && !self.is_hidden(&object.location));
        Ok(listed.map(|object| self.found_one(object)).collect())
    }

    fn found_one(&self, object: &ObjectMeta) -> Found {
        Found {
            id: self.id_of(&object.location),
            bytes: object.size,
            modified_millis: object.last_modified.timestamp_millis(),
            entity: object.e_tag.as_deref().map(Arc::from),
        }
    }

    /// A name below the table's path begins with `.` or `_`.
    fn is_hidden(&self, key: &Path) -> bool {
        key.prefix_match(&self.url.key).is_some_and(|mut names| names.any(|name| name.as_ref().starts_with(['.', '_'])))
    }
}

impl Files for ObjectFiles {
    fn list(&self, again: bool) -> Result<Vec<Found>> {
        match runtime()?.block_on(self.found()) {
            Err(error) if again && self.watched => {
                // What is away for a moment has nothing new; the next look comes soon.
                tracing::warn!(%error, "looking for new files failed");
                Ok(Vec::new())
            }
            found => found,
        }
    }

    fn path_of(&self, id: &str) -> PathBuf {
        let key = id.strip_prefix(&self.url.root()).unwrap_or(id);
        PathBuf::from(format!("/{key}"))
    }

    fn are_far(&self) -> bool {
        true
    }

    fn open(&self, id: &str, position: &Position, wake: &Wake) -> Result<Box<dyn FileBytes>> {
        let key = id.strip_prefix(&self.url.root()).and_then(|key| Path::parse(key).ok());
        let key = key.ok_or_else(|| Error::internal(format!("split {id} is no object of {}", self.url.root())))?;
        let (sender, ranges) = mpsc::channel(1);
        let object = Object {
            store: self.store.objects.clone(),
            key,
            id: id.to_owned(),
            bytes: position.end,
            entity: position.entity.clone(),
        };
        let (left, wake) = (position.offset..position.end, wake.clone());
        let task = runtime()?.spawn(async move {
            fetch(object, left, &sender, &wake).await;
            // The end is an event too.
            drop(sender);
            wake.wake();
        });
        Ok(Box::new(ObjectBytes {
            id: id.to_owned(),
            ranges,
            left: position.end - position.offset,
            task: task.abort_handle(),
        }))
    }
}

/// The object as it was found.
struct Object {
    store: Arc<dyn ObjectStore>,
    key: Path,
    id: String,
    bytes: u64,
    entity: Option<Arc<str>>,
}

/// Hands over all ranges of `left` in order, or the first error.
async fn fetch(object: Object, left: Range<u64>, sender: &mpsc::Sender<Result<Bytes>>, wake: &Wake) {
    let ranges = (left.start..left.end).step_by(RANGE_BYTES as usize);
    let ranges = ranges.map(|start| start..(start + RANGE_BYTES).min(left.end));
    let object = &object;
    let mut fetched = futures::stream::iter(ranges).map(|range| object.range(range)).buffered(RANGES_AHEAD);
    while let Some(range) = fetched.next().await {
        let is_last = range.is_err();
        if sender.send(range).await.is_err() || is_last {
            return;
        }
        wake.wake();
    }
}

impl Object {
    async fn range(&self, range: Range<u64>) -> Result<Bytes> {
        let failed = |e| failed("can't read", &self.id, &e);
        let length = range.end - range.start;
        let options = GetOptions::default().with_range(Some(range));
        let found = self.store.get_opts(&self.key, options).await.map_err(failed)?;
        let is_same = found.meta.size == self.bytes
            && match (&self.entity, &found.meta.e_tag) {
                (Some(then), Some(now)) => **then == **now,
                _ => true,
            };
        if !is_same {
            return Err(Error::unavailable(format!("{} has been overwritten since it was found", self.id))
                .hint("files that a job reads must stay as they are: write new ones"));
        }
        let bytes = found.bytes().await.map_err(failed)?;
        match bytes.len() as u64 == length {
            true => Ok(bytes),
            false => Err(Error::unavailable(format!("{}: {} of {length} bytes came", self.id, bytes.len()))),
        }
    }
}

struct ObjectBytes {
    id: String,
    ranges: mpsc::Receiver<Result<Bytes>>,
    /// Bytes that have not been handed over.
    left: u64,
    task: AbortHandle,
}

impl FileBytes for ObjectBytes {
    fn read(&mut self, _wanted: usize, into: &mut Vec<u8>) -> Result<Fetched> {
        if self.left == 0 {
            return Ok(Fetched::End);
        }
        match self.ranges.try_recv() {
            Ok(range) => {
                let range = range?;
                into.extend_from_slice(&range);
                self.left -= range.len() as u64;
                Ok(Fetched::Some)
            }
            Err(mpsc::error::TryRecvError::Empty) => Ok(Fetched::Waiting),
            Err(mpsc::error::TryRecvError::Disconnected) => {
                Err(Error::internal(format!("reading {} ended {} bytes before its end", self.id, self.left)))
            }
        }
    }
}

impl Drop for ObjectBytes {
    fn drop(&mut self) {
        self.task.abort();
    }
}
