use std::sync::Arc;

use flitz_dataflow::{Error, Result};
use rusqlite::{Connection, params};

use super::file::{EmbeddedFile, bounds, find_topic};
use crate::kafka::broker::{Assignment, Consumer, Headers, Polled, RecordBuffer, TimestampType, Wanted, push_nullable};
use crate::kafka::failure::offset_gone;

/// Reads partitions in turn, one statement a batch: no snapshot outlives a `poll`.
pub struct EmbeddedConsumer {
    file: Arc<EmbeddedFile>,
    connection: Connection,
    wanted: Wanted,
    slots: Vec<Slot>,
    /// Where the round-robin goes on.
    next: usize,
}

struct Slot {
    assignment: Assignment,
    topic: i64,
    position: i64,
    ended: bool,
    /// Version of the file at which nothing was left to read: not asked again before it changes.
    drained_at: u64,
}

impl EmbeddedConsumer {
    pub fn new(file: Arc<EmbeddedFile>, wanted: Wanted) -> Result<EmbeddedConsumer> {
        let connection = file.reader()?;
        Ok(EmbeddedConsumer { file, connection, wanted, slots: vec![], next: 0 })
    }

    /// Fills `records` from `slot`; whether there was anything.
    fn read(&mut self, slot: usize, max: usize, records: &mut RecordBuffer) -> rusqlite::Result<bool> {
        let Slot { assignment, topic, position, .. } = &self.slots[slot];
        let mut statement = self.connection.prepare_cached(
            "SELECT \"offset\", time, value, key, headers FROM record
             WHERE topic = ?1 AND partition = ?2 AND \"offset\" >= ?3 AND \"offset\" < ?4 ORDER BY \"offset\" LIMIT ?5",
        )?;
        let end = assignment.end.unwrap_or(i64::MAX);
        let mut rows = statement.query(params![topic, assignment.partition.partition, position, end, max as i64])?;
        while let Some(row) = rows.next()? {
            let offset: i64 = row.get(0)?;
            records.offsets.push(offset);
            records.timestamps.push(row.get(1)?);
            records.timestamp_types.push(TimestampType::CreateTime);
            push_nullable(&mut records.values, row.get_ref(2)?.as_bytes_or_null()?);
            if self.wanted.keys {
                push_nullable(&mut records.keys, row.get_ref(3)?.as_bytes_or_null()?);
            }
            if self.wanted.headers {
                records.headers.push(read_headers(row.get_ref(4)?.as_str_or_null()?));
            }
            if self.wanted.leader_epochs {
                records.leader_epochs.push(-1);
            }
            records.next_offset = offset + 1;
        }
        Ok(!records.is_empty())
    }

    /// The position lies before what is kept or behind what was ever written: rows are missing.
    fn check_position(&self, slot: usize) -> Result<()> {
        let Slot { assignment, topic, position, .. } = &self.slots[slot];
        let partition = assignment.partition.partition;
        let (first, end) = bounds(&self.connection, *topic, partition).map_err(|e| self.file.error(&e))?;
        if (first..=end).contains(position) {
            return Ok(());
        }
        Err(offset_gone(&assignment.partition, *position, Some((first, end))))
    }
}

impl Consumer for EmbeddedConsumer {
    fn assign(&mut self, partitions: Vec<Assignment>) -> Result<()> {
        for assignment in partitions {
            let name = &assignment.partition.topic;
            let topic = find_topic(&self.connection, name).map_err(|e| self.file.error(&e))?.ok_or_else(|| {
                Error::invalid(format!("there is no topic '{name}' in {}", self.file.address)).option("topic")
            })?;
            let position = assignment.start;
            self.slots.push(Slot { assignment, topic: topic.id, position, ended: false, drained_at: 0 });
            self.check_position(self.slots.len() - 1)?;
        }
        Ok(())
    }

    fn poll(&mut self, max: usize, records: &mut RecordBuffer) -> Result<Polled> {
        records.clear();
        for _ in 0..self.slots.len() {
            let slot = self.next % self.slots.len();
            self.next = slot + 1;
            let version = self.file.version();
            let Slot { assignment, position, ended, drained_at, .. } = &mut self.slots[slot];
            if *ended || *drained_at == version {
                continue;
            }
            if assignment.end.is_some_and(|end| *position >= end) {
                *ended = true;
                return Ok(Polled::End(slot));
            }
            let expected = *position;
            if !self.read(slot, max, records).map_err(|e| self.file.error(&e))? {
                self.slots[slot].drained_at = version;
                continue;
            }
            if records.offsets.first() != Some(&expected) {
                // Retention has overtaken the reader.
                self.check_position(slot)?;
            }
            self.slots[slot].position = records.next_offset;
            return Ok(Polled::Records(slot));
        }
        Ok(Polled::Nothing)
    }

    fn lag(&self) -> Vec<(usize, u64)> {
        let lag = |slot: &Slot| {
            let (_, end) = bounds(&self.connection, slot.topic, slot.assignment.partition.partition).ok()?;
            let end = slot.assignment.end.map_or(end, |e| e.min(end));
            Some(end.saturating_sub(slot.position).max(0) as u64)
        };
        self.slots.iter().enumerate().filter_map(|(i, slot)| Some((i, lag(slot)?))).collect()
    }
}

/// Headers are kept as JSON so that any SQLite client can read them: `[["name", "base64"], ["other", null]]`.
pub fn write_headers(headers: &Headers) -> Option<String> {
    use base64::Engine;
    let encode = |value: &Vec<u8>| base64::engine::general_purpose::STANDARD.encode(value);
    let pairs: Vec<(&str, Option<String>)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_ref().map(encode))).collect();
    if pairs.is_empty() { None } else { serde_json::to_string(&pairs).ok() }
}

fn read_headers(text: Option<&str>) -> Headers {
    use base64::Engine;
    let pairs: Vec<(String, Option<String>)> = text.and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
    let decode = |value: String| base64::engine::general_purpose::STANDARD.decode(value).unwrap_or_default();
    pairs.into_iter().map(|(name, value)| (name, value.map(decode))).collect()
}
