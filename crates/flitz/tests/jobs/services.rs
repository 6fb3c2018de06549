//! The broker that tests share, and those that they start.

use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// The shared broker, if there is one.
pub fn kafka() -> Option<String> {
    let given = std::env::var("FLITZ_TEST_KAFKA").ok();
    let address = given.clone().unwrap_or_else(|| "127.0.0.1:9092".to_owned());
    let mut sockets = address.to_socket_addrs().into_iter().flatten();
    if sockets.any(|socket| TcpStream::connect_timeout(&socket, Duration::from_secs(1)).is_ok()) {
        return Some(address);
    }
    assert!(given.is_none(), "FLITZ_TEST_KAFKA names {address}, where nobody listens");
    eprintln!("SKIPPED: no Kafka broker; start one and set FLITZ_TEST_KAFKA");
    None
}

/// A name that nobody else uses.
pub fn unique(name: &str) -> String {
    format!("flitz-jobs-{name}-{}", uuid::Uuid::new_v4().simple())
}

fn admin(servers: &str) -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", servers).create().unwrap()
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub fn create_topic(servers: &str, name: &str, partitions: i32) {
    let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    let created = wait(admin(servers).create_topics([&topic], &AdminOptions::new())).unwrap();
    created.into_iter().for_each(|result| drop(result.unwrap()));
}

/// What retention does: records before `offset` go.
pub fn delete_records(servers: &str, topic: &str, partition: i32, offset: i64) {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(offset)).unwrap();
    wait(admin(servers).delete_records(&list, &AdminOptions::new())).unwrap();
}

/// A broker of its own with a SASL_SSL listener; gone when dropped.
pub struct SecuredKafka {
    folder: tempfile::TempDir,
    port: u16,
}

impl SecuredKafka {
    pub fn start() -> Option<SecuredKafka> {
        if !script("kafka.sh").exists() {
            eprintln!("SKIPPED: no script to start a Kafka broker with; set FLITZ_SERVICES_DIR");
            return None;
        }
        let kafka = SecuredKafka { folder: tempfile::tempdir().unwrap(), port: free_ports() };
        let port = kafka.port.to_string();
        kafka.call(&["start", "--port", &port, "--sasl-ssl"]);
        Some(kafka)
    }

    /// The address without TLS and login.
    pub fn plain(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn secured(&self) -> String {
        format!("127.0.0.1:{}", self.port + 2)
    }

    pub fn authority(&self) -> String {
        self.folder.path().join("ssl/ca.pem").display().to_string()
    }

    fn call(&self, arguments: &[&str]) {
        let mut command = Command::new("bash");
        command.arg(script("kafka.sh")).args(arguments).arg("--dir").arg(self.folder.path());
        // The broker lives on and would keep a pipe open.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "kafka.sh {arguments:?}");
    }
}

impl Drop for SecuredKafka {
    fn drop(&mut self) {
        self.call(&["stop"]);
    }
}

/// An object store of its own, with a bucket `flitz`; gone when dropped.
pub struct Buckets {
    folder: tempfile::TempDir,
    script: PathBuf,
    /// `s3://flitz/`
    pub root: &'static str,
    /// How to reach it.
    pub variables: Vec<(String, String)>,
}

impl Buckets {
    pub fn s3() -> Option<Buckets> {
        let variables = |port: u16, _: &Path| {
            vec![
                ("AWS_ENDPOINT", format!("http://127.0.0.1:{port}")),
                ("AWS_ALLOW_HTTP", "true".to_owned()),
                ("AWS_ACCESS_KEY_ID", "flitz".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "flitz-secret".to_owned()),
                ("AWS_REGION", "us-east-1".to_owned()),
            ]
        };
        Buckets::start("s3.sh", "s3://flitz/", variables)
    }

    pub fn google() -> Option<Buckets> {
        let variables = |_: u16, folder: &Path| {
            vec![("GOOGLE_SERVICE_ACCOUNT", folder.join("service-account.json").display().to_string())]
        };
        Buckets::start("gcs.sh", "gs://flitz/", variables)
    }

    fn start(
        name: &str,
        root: &'static str,
        variables: impl Fn(u16, &Path) -> Vec<(&'static str, String)>,
    ) -> Option<Buckets> {
        let script = script(name);
        if !script.exists() {
            eprintln!("SKIPPED: no script {name} to start an object store with; set FLITZ_SERVICES_DIR");
            return None;
        }
        let (folder, port) = (tempfile::tempdir().unwrap(), free_ports());
        let variables = variables(port, folder.path());
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let buckets = Buckets { folder, script, root, variables };
        if buckets.call(&["start", "--port", &port.to_string()]) {
            return Some(buckets);
        }
        eprintln!("SKIPPED: {name} can't start an object store");
        None
    }

    /// Where it keeps everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn call(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new("bash");
        command.arg(&self.script).args(arguments).arg("--dir").arg(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    }
}

impl Drop for Buckets {
    fn drop(&mut self) {
        self.call(&["stop"]);
    }
}

fn script(name: &str) -> PathBuf {
    match std::env::var_os("FLITZ_SERVICES_DIR") {
        Some(folder) => Path::new(&folder).join(name),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/services").join(name),
    }
}

/// The first of three neighbouring ports that nobody uses, and no other test of this process was given.
fn free_ports() -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let is_free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    let start = 20_000 + (std::process::id() % 10_000) as u16 + GIVEN.fetch_add(30, Ordering::SeqCst);
    (start..start + 1000).step_by(3).find(|p| (*p..p + 3).all(is_free)).expect("three free ports")
}
