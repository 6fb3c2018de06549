use std::sync::{Arc, OnceLock};
use std::time::Duration;

use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result};
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::multipart::MultipartStore;
use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig};

use crate::error::failed;
use crate::url::{ObjectUrl, Service};

const PAUSES: BackoffConfig =
    BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(3), base: 2.0 };

/// One bucket. Opening it does no I/O.
#[derive(Clone)]
pub struct Store {
    pub objects: Arc<dyn ObjectStore>,
    /// The same store's uploads in parts.
    pub uploads: Arc<dyn MultipartStore>,
}

impl Store {
    /// Credentials come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT`, `GOOGLE_SERVICE_ACCOUNT` …) or
    /// from `settings`: Flink's `s3.access-key`, `s3.secret-key`, `s3.endpoint`, `s3.endpoint.region`,
    /// `s3.path.style.access`. `patience`: how long a request is tried again; None: as the library has it, ten times
    /// within three minutes.
    pub fn open(url: &ObjectUrl, settings: &Options, patience: Option<Duration>) -> Result<Store> {
        let retry = match patience {
            Some(retry_timeout) => RetryConfig { retry_timeout, max_retries: usize::MAX, backoff: PAUSES },
            None => RetryConfig::default(),
        };
        match url.service {
            Service::S3 => Ok(Store::of(s3(url, settings, retry)?)),
            Service::Google => Ok(Store::of(google(url, retry)?)),
        }
    }

    pub fn of<S: ObjectStore + MultipartStore>(store: S) -> Store {
        let store = Arc::new(store);
        Store { objects: store.clone(), uploads: store }
    }
}

fn s3(url: &ObjectUrl, settings: &Options, retry: RetryConfig) -> Result<AmazonS3> {
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(&url.bucket).with_retry(retry);
    // Flink's names. Secrets are never repeated in an error.
    for (key, meaning) in [
        ("s3.access-key", AmazonS3ConfigKey::AccessKeyId),
        ("s3.secret-key", AmazonS3ConfigKey::SecretAccessKey),
        ("s3.endpoint", AmazonS3ConfigKey::Endpoint),
        ("s3.endpoint.region", AmazonS3ConfigKey::Region),
    ] {
        if let Some(value) = settings.get(key) {
            builder = builder.with_config(meaning, value);
        }
    }
    if settings.get("s3.endpoint").is_some_and(|e| e.starts_with("http://")) {
        builder = builder.with_allow_http(true);
    }
    if settings.get("s3.path.style.access").is_some() {
        builder = builder.with_virtual_hosted_style_request(!settings.bool("s3.path.style.access", false)?);
    }
    builder.build().map_err(|e| failed("can't use", &url.root(), &e))
}

fn google(url: &ObjectUrl, retry: RetryConfig) -> Result<GoogleCloudStorage> {
    // An emulator's service account file names an http:// address: that is the user's explicit choice.
    let allow_http = GoogleConfigKey::Client(ClientConfigKey::AllowHttp);
    GoogleCloudStorageBuilder::from_env()
        .with_config(allow_http, "true")
        .with_bucket_name(&url.bucket)
        .with_retry(retry)
        .build()
        .map_err(|e| failed("can't use", &url.root(), &e))
}

/// The threads that talk to object stores for tables, shared by all of the process.
pub fn runtime() -> Result<&'static tokio::runtime::Runtime> {
    static RUNTIME: OnceLock<std::io::Result<tokio::runtime::Runtime>> = OnceLock::new();
    let started = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("flitz-objects").enable_all().build()
    });
    started.as_ref().map_err(|e| Error::unavailable(format!("can't start threads for object stores: {e}")))
}
