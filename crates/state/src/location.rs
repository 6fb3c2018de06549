//! Where checkpoints are: from the text of `execution.checkpointing.dir` to an object store and a folder in it.

use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result};
use flitz_storage::{ObjectUrl, Store};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;

use crate::error::{of_io, of_store};
use crate::lock::FolderLock;

const OPTION: &str = "execution.checkpointing.dir";

/// A job's folder, ready to be read and written.
#[derive(Debug)]
pub struct Folder {
    pub store: Arc<dyn ObjectStore>,
    pub path: Path,
    /// As the user would write it, for messages.
    pub place: String,
    /// Held for local folders.
    pub _lock: Option<FolderLock>,
}

/// `$XDG_STATE_HOME/flitz`, else `~/.local/state/flitz`.
pub fn default_location() -> Result<String> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    match state {
        Some(state) => Ok(state.join("flitz").display().to_string()),
        None => Err(Error::invalid("no place for checkpoints: neither XDG_STATE_HOME nor HOME is set")
            .hint(format!("set '{OPTION}' to a directory"))),
    }
}

/// Opens the folder of `job` at `location`. A local one is created and locked.
pub fn open(location: &str, job: &str, options: &Options) -> Result<Folder> {
    if let Some(url) = ObjectUrl::parse(location) {
        return open_remote(url.map_err(|e| e.option(OPTION))?, job, options);
    }
    let Some((scheme, rest)) = location.split_once("://") else {
        let path = location.strip_prefix("file:").unwrap_or(location);
        return open_local(FsPath::new(path), job);
    };
    match scheme {
        "file" => match rest.strip_prefix("localhost").unwrap_or(rest) {
            path if path.starts_with('/') => open_local(FsPath::new(path), job),
            _ => Err(Error::invalid(format!("'{location}' is not an absolute path"))
                .option(OPTION)
                .hint("write 'file:///path/to/folder'")),
        },
        "hdfs" | "abfs" | "abfss" | "wasb" | "wasbs" | "oss" | "viewfs" => {
            Err(Error::unsupported(format!("checkpoints in '{scheme}://'"))
                .option(OPTION)
                .hint("use a directory, s3:// or gs://"))
        }
        _ => Err(Error::invalid(format!("'{location}' is no place for checkpoints"))
            .option(OPTION)
            .hint("use a directory, s3://bucket/prefix or gs://bucket/prefix")),
    }
}

fn open_local(location: &FsPath, job: &str) -> Result<Folder> {
    if location.as_os_str().is_empty() {
        return Err(Error::invalid("the place for checkpoints is empty").option(OPTION));
    }
    let shown = location.display().to_string();
    let make = || {
        std::fs::create_dir_all(location)?;
        location.canonicalize()
    };
    let root = make().map_err(|e| of_io("can't create the checkpoint folder", &shown, &e))?;
    let store = LocalFileSystem::new_with_prefix(&root)
        .map_err(|e| of_store("can't open the checkpoint folder", &shown, &e))?
        .with_fsync(true);
    let path = job_path(&Path::default(), job);
    let folder =
        store.path_to_filesystem(&path).map_err(|e| of_store("can't open the checkpoint folder", &shown, &e))?;
    let lock = FolderLock::acquire(&folder, job)?;
    remove_unfinished_writes(&folder);
    Ok(Folder { store: Arc::new(store), path, place: folder.display().to_string(), _lock: Some(lock) })
}

fn open_remote(url: ObjectUrl, job: &str, options: &Options) -> Result<Folder> {
    let path = job_path(&url.key, job);
    let place = url.with_key(path.clone()).to_string();
    Ok(Folder { store: Store::open(&url, options, None)?.objects, path, place, _lock: None })
}

/// `NAME/SINK` is a folder in a folder; anything odd in a name is percent-encoded.
fn job_path(prefix: &Path, job: &str) -> Path {
    prefix.parts().chain(job.split('/').filter(|part| !part.is_empty()).map(Into::into)).collect()
}

/// A crash in the middle of a local write leaves `NAME#1` behind; the lock is ours, so nobody is writing.
fn remove_unfinished_writes(folder: &FsPath) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let unfinished = name.to_str().and_then(|n| n.rsplit_once('#')).is_some_and(|(name, number)| {
            crate::format::ObjectName::parse(name).is_some() && number.bytes().all(|b| b.is_ascii_digit())
        });
        if unfinished && let Err(e) = std::fs::remove_file(entry.path()) {
            tracing::warn!("can't remove {}: {e}", entry.path().display());
        }
    }
}
