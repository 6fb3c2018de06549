//! A folder that keeps the definitions of a catalog: `DATABASE/OBJECT.sql`, each a script that makes its object again,
//! `DATABASE/NAME.function.sql`, and `DATABASE/.database.sql`. People may read them, compare them and keep them in version control.
//!
//! - A file is replaced as a whole: written beside its place, made durable, renamed.
//! - Who changes something holds `.lock`, reads what others did, then writes: of two processes that create the same
//!   table one is told that it exists.
//! - Who only looks takes no lock: each file is the old or the new one.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use flitz_dataflow::{Error, Result};

const DATABASE_FILE: &str = ".database.sql";
/// No encoded name holds a dot.
const FUNCTION_SUFFIX: &str = ".function";

#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    /// False: what is written stays in the session.
    writable: bool,
    /// None: nothing was read yet.
    seen: Mutex<Option<Vec<Seen>>>,
}

/// A file as it was when it was read.
type Seen = (PathBuf, Option<SystemTime>, u64);

/// Others wait until this is dropped.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code)] Option<File>);

/// The texts of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDatabase {
    pub name: String,
    pub definition: String,
    /// Names and scripts of its tables and views.
    pub objects: Vec<(String, String)>,
    /// Those of its functions.
    pub functions: Vec<(String, String)>,
}

impl Directory {
    pub fn open(path: &str, writable: bool) -> Result<Directory> {
        let path = path.strip_prefix("file://").or_else(|| path.strip_prefix("file:")).unwrap_or(path);
        let root = std::path::absolute(path).map_err(|e| failed("find", Path::new(path), &e))?;
        if writable {
            fs::create_dir_all(&root).map_err(|e| failed("create", &root, &e))?;
        }
        Ok(Directory { root, writable, seen: Mutex::default() })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn lock(&self) -> Result<Lock> {
        if !self.writable {
            return Ok(Lock(None));
        }
        let path = self.root.join(".lock");
        let file = File::create(&path).map_err(|e| failed("open", &path, &e))?;
        file.lock().map_err(|e| failed("lock", &path, &e))?;
        Ok(Lock(Some(file)))
    }

    /// All definitions; None if no file has changed since the last time, or what was written stays in the session.
    pub fn read_changes(&self) -> Result<Option<Vec<StoredDatabase>>> {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.writable && seen.is_some() {
            return Ok(None);
        }
        let mut found: Vec<Seen> = vec![];
        let folders = self.entries(&self.root)?.into_iter().filter(|path| path.is_dir()).collect::<Vec<_>>();
        for folder in &folders {
            for path in self.entries(folder)?.into_iter().filter(|p| p.extension().is_some_and(|e| e == "sql")) {
                // Gone in between: somebody drops it.
                let Ok(metadata) = fs::metadata(&path) else { continue };
                found.push((path, metadata.modified().ok(), metadata.len()));
            }
        }
        if seen.as_ref() == Some(&found) {
            return Ok(None);
        }
        let mut databases = vec![];
        for folder in folders {
            let Some(name) = folder.file_name().and_then(|n| decode(&n.to_string_lossy())) else { continue };
            let Some(definition) = read(&folder.join(DATABASE_FILE))? else { continue };
            let (mut objects, mut functions) = (vec![], vec![]);
            for (path, ..) in found.iter().filter(|(path, ..)| path.parent() == Some(&folder)) {
                let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
                let (stem, kind) = match stem.strip_suffix(FUNCTION_SUFFIX) {
                    Some(name) => (name, &mut functions),
                    None => (stem.as_str(), &mut objects),
                };
                if !stem.starts_with('.')
                    && let (Some(name), Some(text)) = (decode(stem), read(path)?)
                {
                    kind.push((name, text));
                }
            }
            databases.push(StoredDatabase { name, definition, objects, functions });
        }
        *seen = Some(found);
        Ok(Some(databases))
    }

    pub fn write_database(&self, name: &str, text: &str) -> Result<()> {
        self.write(&self.folder(name).join(DATABASE_FILE), text)
    }

    pub fn remove_database(&self, name: &str) -> Result<()> {
        if !self.writable {
            return Ok(());
        }
        // Without this file the folder is no database any more, whatever is still in it.
        let folder = self.folder(name);
        self.remove(&folder.join(DATABASE_FILE))?;
        fs::remove_dir_all(&folder).map_err(|e| failed("remove", &folder, &e))
    }

    pub fn write_object(&self, database: &str, name: &str, text: &str) -> Result<()> {
        self.write(&self.file(database, name), text)
    }

    pub fn remove_object(&self, database: &str, name: &str) -> Result<()> {
        self.remove(&self.file(database, name))
    }

    pub fn write_function(&self, database: &str, name: &str, text: &str) -> Result<()> {
        self.write(&self.function_file(database, name), text)
    }

    pub fn remove_function(&self, database: &str, name: &str) -> Result<()> {
        self.remove(&self.function_file(database, name))
    }

    fn folder(&self, database: &str) -> PathBuf {
        self.root.join(encode(database))
    }

    fn file(&self, database: &str, name: &str) -> PathBuf {
        self.folder(database).join(format!("{}.sql", encode(name)))
    }

    fn function_file(&self, database: &str, name: &str) -> PathBuf {
        self.folder(database).join(format!("{}{FUNCTION_SUFFIX}.sql", encode(name)))
    }

    /// Sorted.
    fn entries(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(vec![]),
            Err(e) => return Err(failed("read", folder, &e)),
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
        paths.sort();
        Ok(paths)
    }

    fn write(&self, path: &Path, text: &str) -> Result<()> {
        if !self.writable {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(|e| failed("create", folder, &e))?;
        // One name is enough: writers hold the lock.
        let beside = folder.join(".new");
        let written = File::create(&beside).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, path)?;
            File::open(folder)?.sync_all()
        });
        written.map_err(|e| failed("write", path, &e))
    }

    fn remove(&self, path: &Path) -> Result<()> {
        if !self.writable {
            return Ok(());
        }
        match fs::remove_file(path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(failed("remove", path, &e)),
            _ => Ok(()),
        }
    }
}

/// None if there is no such file.
fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed("read", path, &e)),
    }
}

fn failed(what: &str, path: &Path, e: &std::io::Error) -> Error {
    Error::unavailable(format!("cannot {what} {} of the catalog: {e}", path.display()))
}

/// A name as a file name: letters, digits, `_` and `-` stay; any other byte becomes `%XX`.
fn encode(name: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => (b as char).to_string(),
        _ => format!("%{b:02X}"),
    };
    name.bytes().map(byte).collect()
}

/// None if `encode` never writes this.
fn decode(file_name: &str) -> Option<String> {
    let mut bytes = vec![];
    let mut rest = file_name.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = tail;
    }
    let name = String::from_utf8(bytes).ok()?;
    (encode(&name) == file_name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_a_file_name() {
        for name in ["orders", "a b", "../x", "Ü/%", ".hidden", ""] {
            assert_eq!(decode(&encode(name)).as_deref(), Some(name));
        }
        assert_eq!([decode("a b"), decode("%2"), decode("%61")], [None, None, None]);
    }
}
