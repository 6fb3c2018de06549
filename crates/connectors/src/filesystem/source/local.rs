use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use flitz_dataflow::connector::Wake;
use flitz_dataflow::{Error, Result};

use super::{Fetched, FileBytes, Files, Found, Position};

/// A directory of this machine, or a file.
pub struct LocalFiles {
    pub root: PathBuf,
    pub table: String,
}

impl Files for LocalFiles {
    fn list(&self, again: bool) -> Result<Vec<Found>> {
        let mut paths = Vec::new();
        match fs::metadata(&self.root) {
            Ok(metadata) if metadata.is_dir() => list_files(&self.root, &mut paths)?,
            Ok(_) => paths.push(self.root.clone()),
            // A watched directory that is away for a moment has nothing new.
            Err(_) if again => {}
            Err(e) => {
                return Err(Error::unavailable(format!(
                    "path {} of table {} does not exist or can't be read: {e}",
                    self.root.display(),
                    self.table
                )));
            }
        }
        // A file that has gone since it was listed is none.
        Ok(paths.iter().filter_map(|path| found(path)).collect())
    }

    fn path_of(&self, id: &str) -> PathBuf {
        PathBuf::from(id)
    }

    fn are_far(&self) -> bool {
        false
    }

    fn open(&self, id: &str, position: &Position, _wake: &Wake) -> Result<Box<dyn FileBytes>> {
        let failed = |e: std::io::Error| Error::unavailable(format!("can't read {id}: {e}"));
        let mut file = File::open(id).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        if size < position.end {
            return Err(Error::unavailable(format!(
                "{id} has shrunk from {} to {size} bytes since it was found",
                position.end
            )));
        }
        file.seek(SeekFrom::Start(position.offset)).map_err(failed)?;
        Ok(Box::new(LocalFile { id: id.to_owned(), file, left: position.end - position.offset }))
    }
}

fn found(path: &Path) -> Option<Found> {
    let metadata = fs::metadata(path).ok()?;
    let modified = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    Some(Found {
        id: path.to_string_lossy().into_owned(),
        bytes: metadata.len(),
        modified_millis: modified.map_or(0, |d| d.as_millis() as i64),
        entity: None,
    })
}

/// All files below `directory` that are not hidden.
fn list_files(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = |e: std::io::Error| Error::unavailable(format!("can't list {}: {e}", directory.display()));
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_string_lossy().starts_with(['.', '_']) {
            continue;
        }
        let path = entry.path();
        match path.is_dir() {
            true => list_files(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

struct LocalFile {
    id: String,
    file: File,
    left: u64,
}

impl FileBytes for LocalFile {
    fn read(&mut self, wanted: usize, into: &mut Vec<u8>) -> Result<Fetched> {
        let failed = |e: std::io::Error| Error::unavailable(format!("can't read {}: {e}", self.id));
        let read = (&mut self.file).take(self.left.min(wanted as u64)).read_to_end(into).map_err(failed)?;
        self.left -= read as u64;
        Ok(if read > 0 { Fetched::Some } else { Fetched::End })
    }
}
