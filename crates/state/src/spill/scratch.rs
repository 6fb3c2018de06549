use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use flitz_dataflow::{Error, Result};

use crate::error::of_scratch;

/// A file that has grown so large is followed by another.
const FILE_BYTES: u64 = 256 << 20;

/// Where spilled state lies: folders that are used in turn. Shared by the workers of a job.
#[derive(Debug)]
pub struct Scratch {
    folders: Vec<PathBuf>,
    current: Mutex<Current>,
    written: AtomicU64,
    held: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Current {
    file: Option<Arc<ScratchFile>>,
    end: u64,
    files: usize,
}

#[derive(Debug)]
struct ScratchFile {
    file: File,
    folder: PathBuf,
}

/// Bytes written in one piece. Given back when dropped.
#[derive(Debug)]
pub struct Extent {
    file: Arc<ScratchFile>,
    held: Arc<AtomicU64>,
    pub offset: u64,
    len: u64,
}

impl Scratch {
    /// Nothing is created before something is written.
    pub fn new(folders: Vec<PathBuf>) -> Result<Scratch> {
        if folders.is_empty() {
            return Err(Error::internal("no folder for scratch files"));
        }
        Ok(Scratch { folders, current: Mutex::default(), written: AtomicU64::new(0), held: Arc::default() })
    }

    /// Written so far.
    pub fn written_bytes(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// On disk now.
    pub fn held_bytes(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    pub(super) fn append(&self, bytes: &[u8]) -> Result<Extent> {
        let len = bytes.len() as u64;
        let (file, offset) = self.reserve(len)?;
        file.file.write_all_at(bytes, offset).map_err(|e| of_scratch("can't write", &file.folder, &e))?;
        self.written.fetch_add(len, Ordering::Relaxed);
        self.held.fetch_add(len, Ordering::Relaxed);
        Ok(Extent { file, held: self.held.clone(), offset, len })
    }

    fn reserve(&self, len: u64) -> Result<(Arc<ScratchFile>, u64)> {
        // A thread that died while it held this left nothing half done.
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &current.file {
            Some(file) if current.end < FILE_BYTES => file.clone(),
            _ => {
                let file = Arc::new(ScratchFile::create(&self.folders[current.files % self.folders.len()])?);
                (current.end, current.files) = (0, current.files + 1);
                current.file = Some(file.clone());
                file
            }
        };
        let offset = current.end;
        // Holes are punched in whole pages.
        current.end += len.next_multiple_of(4096);
        Ok((file, offset))
    }
}

impl ScratchFile {
    fn create(folder: &Path) -> Result<ScratchFile> {
        let create = || {
            std::fs::create_dir_all(folder)?;
            tempfile::tempfile_in(folder)
        };
        let file = create().map_err(|e| of_scratch("can't make room for", folder, &e))?;
        Ok(ScratchFile { file, folder: folder.to_owned() })
    }
}

impl Extent {
    pub fn read(&self, offset: u64, bytes: &mut [u8]) -> Result<()> {
        self.file.file.read_exact_at(bytes, offset).map_err(|e| of_scratch("can't read", &self.file.folder, &e))
    }
}

impl Drop for Extent {
    fn drop(&mut self) {
        self.held.fetch_sub(self.len, Ordering::Relaxed);
        punch_hole(&self.file.file, self.offset, self.len);
    }
}

/// Gives the space back, where that is possible; else it is given back with the file.
#[cfg(target_os = "linux")]
fn punch_hole(file: &File, offset: u64, len: u64) {
    use rustix::fs::{FallocateFlags, fallocate};
    let _ = fallocate(file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, offset, len.next_multiple_of(4096));
}

#[cfg(not(target_os = "linux"))]
fn punch_hole(_file: &File, _offset: u64, _len: u64) {}
