//! Records on their way into the file: framed end to end in memory, and in a side file when there are many.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flitz_dataflow::{Error, Result};

/// Memory for staged records before they spill.
const MEMORY_BYTES: usize = 64 << 20;

#[derive(Default)]
pub struct Staging {
    memory: Vec<u8>,
    spilled: Option<File>,
    spilled_bytes: u64,
    records: u64,
}

/// One record as staged. `key` and `value` None: null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staged<'a> {
    pub topic: u32,
    pub partition: i32,
    pub time: i64,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Option<&'a [u8]>,
}

const NULL: u32 = u32::MAX;
/// topic, partition, time, and three lengths.
const HEAD: usize = 4 + 4 + 8 + 3 * 4;

impl Staging {
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    pub fn bytes(&self) -> u64 {
        self.memory.len() as u64 + self.spilled_bytes
    }

    pub fn push(&mut self, record: Staged<'_>) {
        let length = |field: Option<&[u8]>| field.map_or(NULL, |f| f.len() as u32);
        self.memory.extend_from_slice(&record.topic.to_le_bytes());
        self.memory.extend_from_slice(&record.partition.to_le_bytes());
        self.memory.extend_from_slice(&record.time.to_le_bytes());
        for field in [record.key, record.value, record.headers] {
            self.memory.extend_from_slice(&length(field).to_le_bytes());
        }
        for field in [record.key, record.value, record.headers].into_iter().flatten() {
            self.memory.extend_from_slice(field);
        }
        self.records += 1;
    }

    /// Moves memory to a nameless file in `folder` when there is much of it.
    pub fn spill(&mut self, folder: &Path) -> Result<()> {
        if self.memory.len() < MEMORY_BYTES {
            return Ok(());
        }
        let full = |e: std::io::Error| {
            Error::unavailable(format!("cannot spill an epoch's rows to {}: {e}", folder.display()))
        };
        let file = match &mut self.spilled {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(folder).map_err(full)?),
        };
        file.write_all(&self.memory).map_err(full)?;
        self.spilled_bytes += self.memory.len() as u64;
        self.memory.clear();
        Ok(())
    }

    /// Calls `each` with every record in the order pushed. Nothing is consumed: a failed commit may be tried again.
    pub fn for_each(&mut self, mut each: impl FnMut(Staged<'_>) -> Result<()>) -> Result<()> {
        if let Some(file) = &mut self.spilled {
            let broken = |e: std::io::Error| Error::unavailable(format!("cannot read spilled rows back: {e}"));
            file.seek(SeekFrom::Start(0)).map_err(broken)?;
            let mut reader = BufReader::with_capacity(1 << 20, &mut *file);
            let (mut head, mut body, mut left) = ([0; HEAD], Vec::new(), self.spilled_bytes);
            while left > 0 {
                reader.read_exact(&mut head).map_err(broken)?;
                body.resize(body_length(&head), 0);
                reader.read_exact(&mut body).map_err(broken)?;
                left -= (HEAD + body.len()) as u64;
                each(decode(&head, &body))?;
            }
            file.seek(SeekFrom::End(0)).map_err(broken)?;
        }
        let mut rest = self.memory.as_slice();
        while let Some((head, tail)) = rest.split_first_chunk::<HEAD>() {
            let (body, tail) = tail.split_at(body_length(head));
            each(decode(head, body))?;
            rest = tail;
        }
        Ok(())
    }

    /// Forgets everything but keeps some memory for the next epoch.
    pub fn clear(&mut self) {
        self.memory.clear();
        self.memory.shrink_to(MEMORY_BYTES / 8);
        *self = Staging { memory: std::mem::take(&mut self.memory), ..Staging::default() };
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b))
}

fn lengths(head: &[u8; HEAD]) -> [u32; 3] {
    [number(&head[16..20]), number(&head[20..24]), number(&head[24..28])]
}

fn body_length(head: &[u8; HEAD]) -> usize {
    lengths(head).into_iter().filter(|l| *l != NULL).map(|l| l as usize).sum()
}

fn decode<'a>(head: &[u8; HEAD], mut body: &'a [u8]) -> Staged<'a> {
    let mut field = |length: u32| {
        (length != NULL).then(|| {
            let (field, rest) = body.split_at(length as usize);
            body = rest;
            field
        })
    };
    let [key, value, headers] = lengths(head).map(&mut field);
    let time = u64::from(number(&head[8..12])) | u64::from(number(&head[12..16])) << 32;
    Staged { topic: number(&head[0..4]), partition: number(&head[4..8]) as i32, time: time as i64, key, value, headers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_in_order_from_memory_and_file() {
        let folder = tempfile::tempdir().unwrap();
        let large = vec![b'x'; 1 << 20];
        let mut staging = Staging::default();
        for i in 0..150u32 {
            let value = if i % 3 == 0 { None } else { Some(large.as_slice()) };
            staging.push(Staged { topic: i, partition: -1, time: -5, key: Some(b"k"), value, headers: None });
            staging.spill(folder.path()).unwrap();
        }
        assert!(staging.spilled.is_some());
        for _ in 0..2 {
            let mut next = 0;
            staging
                .for_each(|record| {
                    assert_eq!((record.topic, record.partition, record.time), (next, -1, -5));
                    assert_eq!(record.value.map(<[u8]>::len), (next % 3 != 0).then_some(1 << 20));
                    next += 1;
                    Ok(())
                })
                .unwrap();
            assert_eq!(next, 150);
        }
        staging.clear();
        assert!(staging.is_empty());
    }
}
