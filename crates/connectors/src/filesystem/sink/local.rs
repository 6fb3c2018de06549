//! Parts on a local disk: hidden beside where they go, made visible by a rename.
//!
//! ```text
//!  open      .part-<uuid>-<worker>-<n>.inprogress.<job>
//!  seal      fsync
//!  publish   cut to the sealed length, renamed to part-<uuid>-<worker>-<n>
//! ```

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use flitz_dataflow::{Error, Result};

use super::{Opened, Part, StagedFile, Staging};

pub struct LocalStaging {
    pub root: PathBuf,
    /// Ends the names of staged files.
    pub job: String,
}

impl Staging for LocalStaging {
    fn open(&self, directory: &str, name: &str, _in_flight: &Arc<AtomicUsize>) -> Result<Opened> {
        let hidden = format!(".{name}.inprogress.{}", self.job);
        let staged = if directory.is_empty() { hidden } else { format!("{directory}/{hidden}") };
        let path = self.root.join(&staged);
        let failed = |e: std::io::Error| failed("create", &path, &e);
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
        }
        let file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
        sync_directory_of(&path).map_err(failed)?;
        Ok(Opened { staged, file: Box::new(LocalPart { file, path, synced: false }) })
    }

    fn settle(&self, part: &mut Part) -> Result<()> {
        Err(Error::internal(format!("{} was sealed without being durable", part.staged)))
    }

    fn publish(&self, parts: &[Part]) -> Result<()> {
        parts.iter().try_for_each(|part| self.publish_part(part))
    }

    fn forget_earlier(&self, _open: &[Part]) {}

    fn clear(&self, directories: &BTreeSet<String>, kept: &BTreeSet<String>) -> Result<()> {
        let kept: BTreeSet<PathBuf> = kept.iter().map(|target| self.root.join(target)).collect();
        for directory in directories {
            let Ok(entries) = fs::read_dir(self.root.join(directory)) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                let hidden = entry.file_name().to_string_lossy().starts_with(['.', '_']);
                if hidden || kept.contains(&path) {
                    continue;
                }
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(|e| failed("remove", &path, &e))?;
            }
        }
        Ok(())
    }

    fn mark(&self, directory: &str, name: &str) -> Result<()> {
        let path = self.root.join(directory).join(name);
        File::create(&path).map(drop).map_err(|e| failed("write", &path, &e))
    }

    fn sweep(&self, live: &[Part], own: &str) -> Result<()> {
        let keep: BTreeSet<PathBuf> = live.iter().map(|part| self.root.join(&part.staged)).collect();
        let mut staged = Vec::new();
        find_staged(&self.root, &format!(".inprogress.{}", self.job), &mut staged);
        let own = format!(".{own}");
        for path in staged {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            if !keep.contains(&path) && !name.starts_with(&own) {
                fs::remove_file(&path).map_err(|e| failed("remove", &path, &e))?;
            }
        }
        Ok(())
    }
}

impl LocalStaging {
    fn publish_part(&self, part: &Part) -> Result<()> {
        let (staged, target) = (self.root.join(&part.staged), self.root.join(&part.target));
        if !staged.exists() {
            if !target.exists() {
                tracing::warn!(part = %target.display(), "a part is neither staged nor visible: was it removed?");
            }
            return Ok(());
        }
        if part.bytes == 0 {
            return fs::remove_file(&staged).map_err(|e| failed("remove", &staged, &e));
        }
        let file = OpenOptions::new().write(true).open(&staged).map_err(|e| failed("open", &staged, &e))?;
        let length = file.metadata().map_err(|e| failed("look at", &staged, &e))?.len();
        if length < part.bytes {
            return Err(Error::unavailable(format!(
                "{} has {length} bytes, but {} were sealed",
                staged.display(),
                part.bytes
            )));
        }
        if length > part.bytes {
            file.set_len(part.bytes).map_err(|e| failed("cut", &staged, &e))?;
            file.sync_all().map_err(|e| failed("sync", &staged, &e))?;
        }
        fs::rename(&staged, &target).map_err(|e| failed("rename", &staged, &e))?;
        sync_directory_of(&target).map_err(|e| failed("sync the directory of", &target, &e))
    }
}

fn failed(what: &str, path: &Path, e: &std::io::Error) -> Error {
    let place = path.display();
    match e.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            Error::unavailable(format!("can't {what} {place}: the disk is full"))
                .hint("make room and start the job again: it goes on at its last checkpoint")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Error::unavailable(format!("can't {what} {place}: {e}")).hint("set 'path' to a place that can be written")
        }
        _ => Error::unavailable(format!("can't {what} {place}: {e}")),
    }
}

/// Files below `directory` whose names end in `suffix`. What can't be listed has none.
fn find_staged(directory: &Path, suffix: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            find_staged(&path, suffix, found);
        } else if entry.file_name().to_string_lossy().ends_with(suffix) {
            found.push(path);
        }
    }
}

fn sync_directory_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

struct LocalPart {
    file: File,
    path: PathBuf,
    synced: bool,
}

impl StagedFile for LocalPart {
    fn append(&mut self, buffer: &mut Vec<u8>) -> Result<()> {
        if !buffer.is_empty() {
            self.synced = false;
            self.file.write_all(buffer).map_err(|e| failed("write", &self.path, &e))?;
            buffer.clear();
        }
        Ok(())
    }

    fn seal(&mut self, buffer: &mut Vec<u8>, _last: bool) -> Result<Option<u64>> {
        self.append(buffer)?;
        if !self.synced {
            self.file.sync_data().map_err(|e| failed("sync", &self.path, &e))?;
            self.synced = true;
        }
        Ok(None)
    }
}
