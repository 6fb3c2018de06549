//! A PostgreSQL of the tests' own, made from the programs that the machine has.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

pub const USER: &str = "flitz";
pub const PASSWORD: &str = "geheim-im-test";

/// A server; gone when dropped, and when the tests are.
pub struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    child: Mutex<Option<Child>>,
}

/// A database of one test's own.
pub struct Database {
    pub server: Arc<Server>,
    pub name: String,
}

/// None: there is no PostgreSQL to start.
pub fn database() -> Option<Database> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let server = match shared.upgrade() {
        Some(server) => server,
        None => {
            let server = Arc::new(Server::make(false)?);
            *shared = Arc::downgrade(&server);
            server
        }
    };
    Some(Database::on(server))
}

/// On a server that the test may stop; with TLS if there is an `openssl` to make its certificate with.
pub fn database_of_its_own() -> Option<Database> {
    Some(Database::on(Arc::new(Server::make(true)?)))
}

impl Database {
    fn on(server: Arc<Server>) -> Database {
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        query(server.port, "postgres", &format!("CREATE DATABASE {name}"));
        Database { server, name }
    }

    pub fn url(&self) -> String {
        format!("jdbc:postgresql://127.0.0.1:{}/{}", self.server.port, self.name)
    }

    /// `CREATE TABLE` for Flitz of a table of the same name here.
    pub fn table(&self, name: &str, columns: &str, more: &str) -> String {
        let url = self.url();
        format!(
            "CREATE TABLE `{name}` ({columns}) WITH ('connector' = 'jdbc', 'url' = '{url}', 'table-name' = '{name}', \
             'username' = '{USER}', 'password' = '{PASSWORD}'{more});\n"
        )
    }

    /// Rows as text, columns separated by ` | `; NULL is `∅`.
    pub fn query(&self, sql: &str) -> String {
        query(self.server.port, &self.name, sql)
    }

    /// Nobody else may touch the table until this is dropped.
    pub fn lock(&self, table: &str) -> impl Drop + use<> {
        let (runtime, client) = connect(self.server.port, &self.name).unwrap();
        runtime.block_on(client.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE"))).unwrap();
        Lock { client: Some(client), runtime }
    }

    /// Without port and name, which are other ones in each run.
    pub fn tidy(&self, text: &str) -> String {
        text.replace(&self.server.port.to_string(), "PORT").replace(&self.name, "DB")
    }
}

impl Server {
    fn make(secured: bool) -> Option<Server> {
        let Some(programs) = programs() else {
            eprintln!("SKIPPED: no PostgreSQL: there is no initdb in PATH or /usr/lib/postgresql");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let server = Server { folder, programs, port, child: Mutex::default() };
        server.own(server.folder.path());
        let password = server.path("password");
        std::fs::File::create(&password).unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        server.own(&password);
        let mut initdb = server.program("initdb");
        initdb.arg("-D").arg(server.path("data")).args(["-U", USER, "-E", "UTF8", "--locale=C", "--no-sync"]);
        initdb.arg("--auth=scram-sha-256").arg("--pwfile").arg(&password);
        let made = initdb.stdin(Stdio::null()).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        if secured {
            server.make_certificate();
        }
        server.start();
        Some(server)
    }

    /// `server.crt` is signed by itself, for `localhost`.
    fn make_certificate(&self) {
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"]);
        openssl.args(["-addext", "subjectAltName=DNS:localhost"]).arg("-keyout").arg(self.path("data/server.key"));
        openssl.arg("-out").arg(self.path("data/server.crt"));
        if openssl.output().is_ok_and(|made| made.status.success()) {
            self.own(&self.path("data/server.key"));
            self.own(&self.path("data/server.crt"));
        }
    }

    pub fn certificate(&self) -> Option<PathBuf> {
        Some(self.path("data/server.crt")).filter(|file| file.exists())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn start(&self) {
        let mut postgres = self.program("postgres");
        postgres.arg("-D").arg(self.path("data")).arg("-p").arg(self.port.to_string());
        postgres.arg("-k").arg(self.folder.path());
        for setting in ["listen_addresses=localhost", "fsync=off", "max_connections=100", "log_min_messages=fatal"] {
            postgres.args(["-c", setting]);
        }
        if self.certificate().is_some() {
            postgres.args(["-c", "ssl=on"]);
        }
        postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        *self.child.lock().unwrap() = Some(spawn_mortal(postgres));
        let begun = Instant::now();
        while connect(self.port, "postgres").is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Connections break off.
    pub fn stop(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            // SAFETY: the process is our child and not yet waited for. SIGQUIT: an immediate shutdown.
            unsafe { libc::kill(child.id() as i32, libc::SIGQUIT) };
            child.wait().unwrap();
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// PostgreSQL refuses to be root.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        if is_root() {
            command.uid(NOBODY).gid(NOBODY).env("HOME", self.folder.path());
        }
        command.current_dir(self.folder.path());
        command
    }

    fn own(&self, path: &Path) {
        if is_root() {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Lock {
    client: Option<Client>,
    runtime: tokio::runtime::Runtime,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            self.runtime.block_on(client.batch_execute("ROLLBACK")).unwrap();
        }
    }
}

const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A child that dies with this process, however that ends: its parent is a thread that lives as long.
fn spawn_mortal(mut command: Command) -> Child {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        #[cfg(target_os = "linux")]
        // SAFETY: prctl is async-signal-safe and touches the new process alone.
        unsafe {
            command.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGQUIT);
                Ok(())
            });
        }
        send.send(command.spawn().unwrap()).unwrap();
        loop {
            std::thread::park();
        }
    });
    receive.recv().unwrap()
}

/// The folder of `initdb` and `postgres`, the newest.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn connect(port: u16, database: &str) -> Result<(tokio::runtime::Runtime, Client), tokio_postgres::Error> {
    let runtime = runtime();
    let client = runtime.block_on(async {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(port).user(USER).password(PASSWORD).dbname(database);
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        client.simple_query("SELECT 1").await?;
        Ok(client)
    })?;
    Ok((runtime, client))
}

fn query(port: u16, database: &str, sql: &str) -> String {
    let (runtime, client) = connect(port, database).unwrap();
    let messages = runtime.block_on(client.simple_query(sql)).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
    let mut text = String::new();
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            let fields: Vec<&str> = (0..row.len()).map(|i| row.get(i).unwrap_or("∅")).collect();
            text.push_str(&format!("{}\n", fields.join(" | ")));
        }
    }
    text
}
