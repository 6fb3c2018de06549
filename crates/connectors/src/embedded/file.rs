//! The file: its tables, its connections, and who is told when it changes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use flitz_dataflow::connector::Wake;
use flitz_dataflow::{Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

use super::turn::Turn;

/// How long a writer waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);
const KEPT_LOCKED: &str = "another process has kept the file locked for a minute";
/// How often a process looks whether the file has changed: a bound on the latency between processes.
const WATCH_INTERVAL: Duration = Duration::from_millis(1);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS topic (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, retention_ms INTEGER
);
CREATE TABLE IF NOT EXISTS record (
  topic INTEGER NOT NULL, partition INTEGER NOT NULL, \"offset\" INTEGER NOT NULL, time INTEGER NOT NULL,
  key BLOB, value BLOB, headers TEXT, PRIMARY KEY (topic, partition, \"offset\")
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_end (
  topic INTEGER NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL, PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consumer_offset (
  consumer_group TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
  PRIMARY KEY (consumer_group, topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS flitz_epoch (
  prefix TEXT PRIMARY KEY, fence TEXT NOT NULL, job TEXT, run TEXT, attempt INTEGER, epoch INTEGER
);
CREATE VIEW IF NOT EXISTS records AS
  SELECT t.name AS topic, r.partition, r.\"offset\", strftime('%Y-%m-%dT%H:%M:%fZ', r.time / 1000.0, 'unixepoch') AS time,
         CAST(r.key AS TEXT) AS key, CAST(r.value AS TEXT) AS value, r.headers
  FROM record r JOIN topic t ON t.id = r.topic;
";

/// Whether the name is taken by what [`SCHEMA`] makes, or by SQLite itself.
pub fn is_own_table(name: &str) -> bool {
    const OWN: [&str; 6] = ["topic", "record", "log_end", "consumer_offset", "flitz_epoch", "records"];
    let name = name.to_ascii_lowercase();
    OWN.contains(&name.as_str()) || name.starts_with("sqlite_")
}

/// One file, shared by everything in this process that uses it.
pub struct EmbeddedFile {
    /// As the user wrote it, with `embedded:`.
    pub address: String,
    path: PathBuf,
    /// The one connection that writes.
    writer: Mutex<Connection>,
    /// Among processes.
    turn: Turn,
    /// Counts observed changes of the file, by whatever process.
    version: AtomicU64,
    listeners: Mutex<Vec<Wake>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicRow {
    pub id: i64,
    pub partitions: i32,
}

impl EmbeddedFile {
    /// The file at `path`, made with its folders if it is missing. A second call gives the same instance.
    pub fn open(address: &str, path: &Path) -> Result<Arc<EmbeddedFile>> {
        static OPEN: Mutex<Option<HashMap<PathBuf, Weak<EmbeddedFile>>>> = Mutex::new(None);
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|e| Error::unavailable(format!("cannot make folder {}: {e}", folder.display())))?;
        }
        let full = std::path::absolute(path)
            .map_err(|e| Error::unavailable(format!("{} is no usable path: {e}", path.display())))?;
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let open = open.get_or_insert_default();
        if let Some(file) = open.get(&full).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let file = EmbeddedFile::open_apart(address, &full)?;
        open.insert(full, Arc::downgrade(&file));
        Ok(file)
    }

    /// An instance of its own, at an absolute path.
    pub(super) fn open_apart(address: &str, full: &Path) -> Result<Arc<EmbeddedFile>> {
        let writer = connect(full).map_err(|e| broken(address, &e))?;
        patiently(|| writer.execute_batch(SCHEMA)).map_err(|e| broken(address, &e))?;
        let file = Arc::new(EmbeddedFile {
            address: address.to_owned(),
            path: full.to_owned(),
            writer: Mutex::new(writer),
            turn: Turn::open(full)
                .map_err(|e| Error::unavailable(format!("{address}: cannot make its lock files: {e}")))?,
            version: AtomicU64::new(1),
            listeners: Mutex::new(vec![]),
        });
        file.watch()?;
        Ok(file)
    }

    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// A connection of its own for a reader.
    pub fn reader(&self) -> Result<Connection> {
        connect(&self.path).map_err(|e| self.error(&e))
    }

    /// Runs `work` in one `BEGIN IMMEDIATE … COMMIT`; an error rolls back.
    pub fn transaction<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = self.turn.take(BUSY_TIMEOUT);
        let turn = turn.map_err(|e| Error::unavailable(format!("{}: cannot lock: {e}", self.address)))?;
        let Some(turn) = turn else {
            return Err(Error::unavailable(format!("{}: the file is locked", self.address)).hint(KEPT_LOCKED));
        };
        connection.execute_batch("BEGIN IMMEDIATE").map_err(|e| self.error(&e))?;
        let result = work(&connection)
            .and_then(|value| connection.execute_batch("COMMIT").map(|()| value).map_err(|e| self.error(&e)));
        if result.is_err() && !connection.is_autocommit() {
            // The first error is the one to report; a failed rollback is undone when the file is opened again.
            let _ = connection.execute_batch("ROLLBACK");
        }
        drop(turn);
        drop(connection);
        if result.is_ok() {
            self.changed();
        }
        result
    }

    /// Rises whenever the file may have changed.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// `wake` is called after every change from now on.
    pub fn listen(&self, wake: Wake) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(wake);
    }

    pub fn error(&self, e: &rusqlite::Error) -> Error {
        broken(&self.address, e)
    }

    fn changed(&self) {
        self.version.fetch_add(1, Ordering::AcqRel);
        for wake in self.listeners.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            wake.wake();
        }
    }

    /// A thread that notices what other processes commit, for as long as somebody holds the file.
    fn watch(self: &Arc<Self>) -> Result<()> {
        let connection = self.reader()?;
        let file = Arc::downgrade(self);
        let watch = move || {
            let mut last = None;
            while let Some(file) = file.upgrade() {
                let version: Option<i64> = connection.query_row("PRAGMA data_version", [], |row| row.get(0)).ok();
                if version != last {
                    last = version;
                    file.changed();
                }
                drop(file);
                thread::sleep(WATCH_INTERVAL);
            }
        };
        thread::Builder::new()
            .name("flitz-embedded-watch".to_owned())
            .spawn(watch)
            .map(drop)
            .map_err(|e| Error::internal(format!("cannot start a thread: {e}")))
    }
}

/// `topic` as the file knows it.
pub fn find_topic(connection: &Connection, topic: &str) -> rusqlite::Result<Option<TopicRow>> {
    connection
        .prepare_cached("SELECT id, partitions FROM topic WHERE name = ?1")?
        .query_row([topic], |row| Ok(TopicRow { id: row.get(0)?, partitions: row.get(1)? }))
        .optional()
}

/// First and next offset of a partition.
pub fn bounds(connection: &Connection, topic: i64, partition: i32) -> rusqlite::Result<(i64, i64)> {
    let end = connection
        .prepare_cached("SELECT next_offset FROM log_end WHERE topic = ?1 AND partition = ?2")?
        .query_row(params![topic, partition], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    let first: Option<i64> = connection
        .prepare_cached("SELECT min(\"offset\") FROM record WHERE topic = ?1 AND partition = ?2")?
        .query_row(params![topic, partition], |row| row.get(0))?;
    Ok((first.unwrap_or(end), end))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    patiently(|| try_connect(path))
}

/// Tries again while another process has the file to itself. SQLite waits by itself where it can, which is not
/// while two processes make the same new file, nor where a reader turns into a writer.
fn patiently<T>(mut work: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match work() {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline => {
                thread::sleep(WATCH_INTERVAL);
            }
            result => return result,
        }
    }
}

fn try_connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    // 16 MB of pages; the write-ahead log is folded back after the same amount.
    connection.pragma_update(None, "cache_size", -16_000)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn broken(address: &str, e: &rusqlite::Error) -> Error {
    let error = Error::unavailable(format!("{address}: {e}"));
    match e.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => error.hint("free some disk space and start the job again; nothing was lost"),
        Some(ErrorCode::DatabaseBusy) => error.hint(KEPT_LOCKED),
        Some(ErrorCode::NotADatabase) => error.hint("the file is not an embedded Flitz file; choose another path"),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            error.hint("check that the path exists and may be written")
        }
        _ => error,
    }
}
