//! A store in memory that breaks down at its n-th request, as a process that dies there: nothing comes after it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartId, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

#[derive(Debug)]
pub struct Faulty {
    inner: Arc<InMemory>,
    requests: AtomicUsize,
    fail_from: usize,
    /// Whether the request that fails takes place all the same, its answer lost.
    applied: bool,
}

impl Faulty {
    pub fn new(inner: Arc<InMemory>, fail_from: usize, applied: bool) -> Faulty {
        Faulty { inner, requests: AtomicUsize::new(0), fail_from, applied }
    }

    async fn pass<T>(&self, request: impl Future<Output = Result<T>>) -> Result<T> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        if number < self.fail_from {
            return request.await;
        }
        if self.applied && number == self.fail_from {
            let _ = request.await;
        }
        Err(Error::Generic { store: "faulty", source: "the connection broke".into() })
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.pass(self.inner.put_opts(location, payload, options)).await
    }

    async fn put_multipart_opts(&self, to: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(to, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.pass(self.inner.get_opts(location, options)).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        match number < self.fail_from {
            true => self.inner.delete_stream(locations),
            false => locations.map(|_| Err(Error::Generic { store: "faulty", source: "broken".into() })).boxed(),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.pass(self.inner.copy_opts(from, to, options)).await
    }
}

#[async_trait]
impl MultipartStore for Faulty {
    async fn create_multipart(&self, path: &Path) -> Result<MultipartId> {
        self.pass(self.inner.create_multipart(path)).await
    }

    async fn put_part(&self, path: &Path, id: &MultipartId, index: usize, data: PutPayload) -> Result<PartId> {
        self.pass(self.inner.put_part(path, id, index, data)).await
    }

    async fn complete_multipart(&self, path: &Path, id: &MultipartId, parts: Vec<PartId>) -> Result<PutResult> {
        self.pass(self.inner.complete_multipart(path, id, parts)).await
    }

    async fn abort_multipart(&self, path: &Path, id: &MultipartId) -> Result<()> {
        self.pass(self.inner.abort_multipart(path, id)).await
    }
}
