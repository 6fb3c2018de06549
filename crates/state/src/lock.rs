//! One process per job on a machine: an OS lock on the job's folder. The system frees it when the process
//! ends, however it ends, so a lock is never stale. Other machines are kept out by attempts.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

use flitz_dataflow::{Error, Result};
use rustix::fs::{FlockOperation, flock};

use crate::error::of_io;

/// Name of the lock file in the job's folder.
pub const LOCK_FILE: &str = "lock";

/// Held until dropped.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Creates the folder if needed.
    pub fn acquire(folder: &Path, job: &str) -> Result<FolderLock> {
        let place = folder.display().to_string();
        std::fs::create_dir_all(folder).map_err(|e| of_io("can't create the checkpoint folder", &place, &e))?;
        let path = folder.join(LOCK_FILE);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|e| of_io("can't write", &path.display().to_string(), &e))?;
        if let Err(e) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            if e != rustix::io::Errno::WOULDBLOCK {
                return Err(of_io("can't lock", &path.display().to_string(), &e.into()));
            }
            let mut pid = String::new();
            let who = match file.read_to_string(&mut pid) {
                Ok(_) if !pid.trim().is_empty() => format!("process {}", pid.trim()),
                _ => "another process".to_owned(),
            };
            return Err(Error::unavailable(format!("job '{job}' is already running: {who} holds {place}"))
                .hint("stop it first, or give this job another name with SET 'pipeline.name' = '…'"));
        }
        let mut note_pid = || -> std::io::Result<()> {
            file.rewind()?;
            file.set_len(0)?;
            write!(file, "{}", std::process::id())
        };
        note_pid().map_err(|e| of_io("can't write", &path.display().to_string(), &e))?;
        Ok(FolderLock { _file: file })
    }
}
