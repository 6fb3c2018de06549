//! The objects of one job's folder: created, read, listed and deleted, never changed.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use flitz_dataflow::{Error, Result};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};

use crate::error::{of_io, of_store};
use crate::format::ObjectName;
use crate::location::Folder;

/// Requests under way at a time.
pub const CONCURRENCY: usize = 8;

#[derive(Debug)]
pub struct Objects {
    folder: Arc<Folder>,
    runtime: tokio::runtime::Runtime,
}

/// What became of [`Objects::create`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is there with our bytes.
    Ours,
    /// Somebody else was first.
    Taken,
}

impl Objects {
    pub fn new(folder: Folder) -> Result<Objects> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(CONCURRENCY)
            .thread_name("flitz-checkpoint")
            .enable_all()
            .build()
            .map_err(|e| of_io("can't start threads for", &folder.place, &e))?;
        Ok(Objects { folder: Arc::new(folder), runtime })
    }

    pub fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    pub fn place(&self) -> &str {
        &self.folder.place
    }

    /// Waits for `work` on the calling thread, which must not be one of an async runtime.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Runs `work` beside the caller.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
        self.runtime.spawn(work)
    }

    /// Durable when it returns. If the answer to a first try got lost, the second finds our own bytes.
    pub async fn create(&self, name: &ObjectName, bytes: Bytes) -> Result<Created> {
        let path = self.path(name);
        let put = self.folder.store.put_opts(&path, PutPayload::from(bytes.clone()), PutMode::Create.into()).await;
        match put {
            Ok(_) => Ok(Created::Ours),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                match self.get(name).await? {
                    Some(there) if there == bytes => Ok(Created::Ours),
                    _ => Ok(Created::Taken),
                }
            }
            Err(e) => Err(of_store("can't write", &self.place_of(name), &e)),
        }
    }

    /// Creates what nobody else may have created: names carry the attempt, which is ours alone.
    pub async fn create_own(&self, name: &ObjectName, bytes: Bytes) -> Result<()> {
        match self.create(name, bytes).await? {
            Created::Ours => Ok(()),
            Created::Taken => {
                Err(Error::internal(format!("{} exists already with other content", self.place_of(name))))
            }
        }
    }

    /// None if it is not there.
    pub async fn get(&self, name: &ObjectName) -> Result<Option<Bytes>> {
        let failed = |e| of_store("can't read", &self.place_of(name), &e);
        match self.folder.store.get(&self.path(name)).await {
            Ok(found) => match found.bytes().await {
                Ok(bytes) => Ok(Some(bytes)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(e) => Err(failed(e)),
            },
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(failed(e)),
        }
    }

    /// Everything of ours that is there, sorted. Stores list consistently: what was created before is in it.
    pub async fn list(&self) -> Result<Vec<ObjectName>> {
        let listed = self.folder.store.list_with_delimiter(Some(&self.folder.path)).await;
        let listed = match listed {
            Err(object_store::Error::NotFound { .. }) => return Ok(vec![]),
            listed => listed.map_err(|e| of_store("can't list", &self.folder.place, &e))?,
        };
        let names = listed.objects.iter().filter_map(|o| ObjectName::parse(o.location.filename()?));
        let mut names: Vec<ObjectName> = names.collect();
        names.sort();
        Ok(names)
    }

    /// Reads many; those that vanished since they were listed are left out.
    pub async fn get_all(&self, names: Vec<ObjectName>) -> Result<Vec<(ObjectName, Bytes)>> {
        futures::stream::iter(names)
            .map(|name| async move { Ok(self.get(&name).await?.map(|bytes| (name, bytes))) })
            .buffered(CONCURRENCY)
            .try_filter_map(|found| async move { Ok(found) })
            .try_collect()
            .await
    }

    pub fn place_of(&self, name: &ObjectName) -> String {
        format!("{}/{name}", self.folder.place)
    }

    fn path(&self, name: &ObjectName) -> Path {
        path_in(&self.folder, name)
    }
}

/// What is left over when this fails is deleted with the next checkpoint.
pub async fn delete(folder: &Folder, names: Vec<ObjectName>) {
    let paths: Vec<_> = names.iter().map(|name| Ok(path_in(folder, name))).collect();
    let mut deleted = folder.store.delete_stream(futures::stream::iter(paths).boxed());
    while let Some(result) = deleted.next().await {
        match result {
            // Google says NotFound of what is gone already, Amazon says nothing.
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(e) => tracing::warn!("{}", of_store("can't delete old checkpoints in", &folder.place, &e)),
        }
    }
}

fn path_in(folder: &Folder, name: &ObjectName) -> Path {
    folder.path.clone().join(name.to_string())
}
