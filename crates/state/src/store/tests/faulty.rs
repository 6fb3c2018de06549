//! An object store that fails from its n-th operation on, as a process that dies there.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

#[derive(Debug)]
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    operations: AtomicUsize,
    fail_from: usize,
    /// Whether the write that fails takes place all the same, its answer lost.
    applied: bool,
}

impl Faulty {
    pub fn new(inner: Arc<dyn ObjectStore>, fail_from: usize, applied: bool) -> Faulty {
        Faulty { inner, operations: AtomicUsize::new(0), fail_from, applied }
    }

    pub fn operations(&self) -> usize {
        self.operations.load(Ordering::SeqCst)
    }

    /// Whether this operation takes place, and whether it says so.
    fn next(&self) -> (bool, Result<()>) {
        let number = self.operations.fetch_add(1, Ordering::SeqCst) + 1;
        match number < self.fail_from {
            true => (true, Ok(())),
            false => (
                self.applied && number == self.fail_from,
                Err(Error::Generic { store: "faulty", source: "the connection broke".into() }),
            ),
        }
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
        let (happens, said) = self.next();
        let result = match happens {
            true => Some(self.inner.put_opts(location, payload, options).await),
            false => None,
        };
        said?;
        result.unwrap()
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.next().1?;
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let (happens, said) = self.next();
        match (happens, said) {
            (true, _) => self.inner.delete_stream(locations),
            (false, Err(e)) => futures::stream::once(async { Err(e) }).boxed(),
            (false, Ok(())) => futures::stream::empty().boxed(),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.next().1 {
            Ok(()) => self.inner.list(prefix),
            Err(e) => futures::stream::once(async { Err(e) }).map_ok(|m| m).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.next().1?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
