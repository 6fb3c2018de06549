//! Reading topics as a table.
//!
//! 1. `discover` lists partitions and turns the start mode into one exact offset for each; bounded modes give
//!    an end. Both are in the split's position, `{"topic", "partition", "offset", "end"}`.
//! 2. A reader polls its broker's consumer for records of one partition, decodes keys and values in bulk and
//!    puts metadata columns beside them: one batch per poll, rows in offset order.
//! 3. `acknowledge` commits the offsets of a complete checkpoint to the group, for tools to look at. They are
//!    read again by start mode `group-offsets` only, never on resuming.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flitz_dataflow::connector::{ReadEvent, ScanSpec, Source, SourceReader, Split, SplitRows, Wake};
use flitz_dataflow::{Error, Result};
use serde::{Deserialize, Serialize};

use super::broker::{Assignment, Broker, Consumer, OffsetQuery, Polled, RecordBuffer, TopicPartition, TopicSelection};
use super::properties::Reset;
use super::rows::RowReader;
use super::table::{KafkaTable, Start, Stop, missing_group};

/// The most rows in one batch.
const BATCH_ROWS: usize = 8192;

pub struct KafkaSource {
    broker: Arc<dyn Broker>,
    table: KafkaTable,
    scan: ScanSpec,
    /// Partitions found after the first look are new ones and read from their beginning.
    looked: AtomicBool,
    commits: bool,
}

/// `Split::position`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Position {
    topic: String,
    partition: i32,
    /// The next record.
    offset: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<i64>,
}

impl KafkaSource {
    pub fn new(broker: Arc<dyn Broker>, table: KafkaTable, scan: ScanSpec) -> Result<KafkaSource> {
        if matches!(table.start, Start::Group(_)) && table.group().is_none() {
            return Err(missing_group());
        }
        // Found now and not by the first record.
        RowReader::new(&table, &scan)?;
        let commits = table.group().is_some() && table.properties.bool("commit.offsets.on.checkpoint", true)?;
        Ok(KafkaSource { broker, table, scan, looked: AtomicBool::new(false), commits })
    }

    fn start_offsets(&self, partitions: &[TopicPartition], is_new: bool) -> Result<Vec<i64>> {
        if is_new {
            return self.ends(partitions, &OffsetQuery::Earliest);
        }
        match &self.table.start {
            Start::Earliest => self.ends(partitions, &OffsetQuery::Earliest),
            Start::Latest => self.ends(partitions, &OffsetQuery::Latest),
            Start::Timestamp(millis) => self.at_time(partitions, *millis),
            Start::Specific(offsets) => self.specified(partitions, offsets),
            Start::Group(reset) => self.committed(partitions, Some(*reset)),
        }
    }

    fn stop_offsets(&self, partitions: &[TopicPartition]) -> Result<Vec<Option<i64>>> {
        let offsets = match &self.table.stop {
            None => return Ok(vec![None; partitions.len()]),
            Some(Stop::Latest) => self.ends(partitions, &OffsetQuery::Latest),
            Some(Stop::Timestamp(millis)) => self.at_time(partitions, *millis),
            Some(Stop::Specific(offsets)) => self.specified(partitions, offsets),
            Some(Stop::Group) => self.committed(partitions, None),
        };
        Ok(offsets?.into_iter().map(Some).collect())
    }

    fn ends(&self, partitions: &[TopicPartition], at: &OffsetQuery) -> Result<Vec<i64>> {
        let offsets = self.broker.offsets(partitions, at)?;
        let known = |(offset, p): (Option<i64>, &TopicPartition)| {
            offset.ok_or_else(|| {
                Error::unavailable(format!("no offset is known for partition {} of '{}'", p.partition, p.topic))
            })
        };
        offsets.into_iter().zip(partitions).map(known).collect()
    }

    /// The first record that is young enough, or the end.
    fn at_time(&self, partitions: &[TopicPartition], millis: i64) -> Result<Vec<i64>> {
        self.or(partitions, self.broker.offsets(partitions, &OffsetQuery::Timestamp(millis))?, &OffsetQuery::Latest)
    }

    /// As given; else as committed; else from the beginning.
    fn specified(&self, partitions: &[TopicPartition], offsets: &BTreeMap<i32, i64>) -> Result<Vec<i64>> {
        let mut found: Vec<Option<i64>> = partitions.iter().map(|p| offsets.get(&p.partition).copied()).collect();
        if found.contains(&None)
            && let Some(group) = self.table.group()
        {
            let committed = self.broker.offsets(partitions, &OffsetQuery::Committed(group.to_owned()))?;
            found = found.into_iter().zip(committed).map(|(given, committed)| given.or(committed)).collect();
        }
        self.or(partitions, found, &OffsetQuery::Earliest)
    }

    /// As committed by the group. `reset` None: an end, which has to be known.
    fn committed(&self, partitions: &[TopicPartition], reset: Option<Reset>) -> Result<Vec<i64>> {
        let group = self.table.group().ok_or_else(missing_group)?;
        let committed = self.broker.offsets(partitions, &OffsetQuery::Committed(group.to_owned()))?;
        match reset {
            Some(Reset::Earliest) => self.or(partitions, committed, &OffsetQuery::Earliest),
            Some(Reset::Latest) => self.or(partitions, committed, &OffsetQuery::Latest),
            Some(Reset::None) | None => {
                let missing = committed.iter().position(Option::is_none);
                if let Some(TopicPartition { topic, partition }) = missing.map(|i| &partitions[i]) {
                    let text =
                        format!("group '{group}' has no committed offset for partition {partition} of '{topic}'");
                    return Err(Error::invalid(text)
                        .option("scan.startup.mode")
                        .hint("set 'properties.auto.offset.reset' = 'earliest' or 'latest', or another start mode"));
                }
                Ok(committed.into_iter().flatten().collect())
            }
        }
    }

    fn or(&self, partitions: &[TopicPartition], found: Vec<Option<i64>>, otherwise: &OffsetQuery) -> Result<Vec<i64>> {
        if !found.contains(&None) {
            return Ok(found.into_iter().flatten().collect());
        }
        let others = self.ends(partitions, otherwise)?;
        Ok(found.into_iter().zip(others).map(|(found, other)| found.unwrap_or(other)).collect())
    }
}

impl Source for KafkaSource {
    fn discover(&self, known: &[Split]) -> Result<Vec<Split>> {
        let found = self.broker.partitions(&self.table.topics)?;
        let known_ids: BTreeSet<&str> = known.iter().map(|s| s.id.as_str()).collect();
        let partitions: Vec<TopicPartition> =
            found.into_iter().filter(|p| !known_ids.contains(split_id(p).as_str())).collect();
        let is_new = self.looked.load(Ordering::Acquire) || !known.is_empty();
        if partitions.is_empty() {
            if matches!(self.table.topics, TopicSelection::Pattern(_)) && known.is_empty() {
                tracing::warn!("no topic matches the pattern of {} yet", self.scan.table.name);
            }
            self.looked.store(true, Ordering::Release);
            return Ok(Vec::new());
        }
        let starts = self.start_offsets(&partitions, is_new)?;
        let ends = self.stop_offsets(&partitions)?;
        self.looked.store(true, Ordering::Release);
        let split = |((partition, offset), end): ((TopicPartition, i64), Option<i64>)| {
            let id = split_id(&partition);
            let position = Position { topic: partition.topic.to_string(), partition: partition.partition, offset, end };
            Ok(Split { id, position: serde_json::to_value(position).map_err(|e| Error::internal(e.to_string()))? })
        };
        partitions.into_iter().zip(starts).zip(ends).map(split).collect()
    }

    fn discovery_interval(&self) -> Option<Duration> {
        self.table.discovery
    }

    fn reader(&self, _worker: usize, wake: Wake) -> Result<Box<dyn SourceReader>> {
        let rows = RowReader::new(&self.table, &self.scan)?;
        let consumer = self.broker.consumer(rows.wanted(), wake)?;
        Ok(Box::new(KafkaReader {
            consumer,
            rows,
            bounded: self.table.stop.is_some(),
            slots: Vec::new(),
            records: RecordBuffer::default(),
        }))
    }

    fn acknowledge(&self, splits: &[Split]) -> Result<()> {
        let Some(group) = self.table.group().filter(|_| self.commits) else { return Ok(()) };
        let mut positions = Vec::with_capacity(splits.len());
        for split in splits {
            let position = read_position(split)?;
            let partition = TopicPartition { topic: position.topic.into(), partition: position.partition };
            positions.push((partition, position.offset));
        }
        self.broker.commit_offsets(group, &positions)
    }
}

fn split_id(partition: &TopicPartition) -> String {
    format!("{}-{}", partition.topic, partition.partition)
}

fn read_position(split: &Split) -> Result<Position> {
    serde_json::from_value(split.position.clone())
        .map_err(|e| Error::internal(format!("position of split '{}' can't be read: {e}", split.id)))
}

/// Reads the partitions of one worker.
struct KafkaReader {
    consumer: Box<dyn Consumer>,
    rows: RowReader,
    bounded: bool,
    /// Numbered as the consumer numbers them.
    slots: Vec<Slot>,
    records: RecordBuffer,
}

struct Slot {
    id: Arc<str>,
    partition: TopicPartition,
    offset: i64,
    end: Option<i64>,
    ended: bool,
}

impl SourceReader for KafkaReader {
    fn add_splits(&mut self, splits: Vec<Split>) -> Result<()> {
        let mut assignments = Vec::with_capacity(splits.len());
        for split in splits {
            let Position { topic, partition, offset, end } = read_position(&split)?;
            let partition = TopicPartition { topic: topic.into(), partition };
            assignments.push(Assignment { partition: partition.clone(), start: offset, end });
            self.slots.push(Slot { id: split.id.into(), partition, offset, end, ended: false });
        }
        self.consumer.assign(assignments)
    }

    fn poll(&mut self) -> Result<ReadEvent> {
        match self.consumer.poll(BATCH_ROWS, &mut self.records)? {
            Polled::Records(slot) => {
                let slot = &mut self.slots[slot];
                let read = self.rows.read(&slot.partition, &self.records)?;
                slot.offset = self.records.next_offset;
                let bytes = self.records.values.bytes().len() + self.records.keys.bytes().len();
                Ok(ReadEvent::Rows(SplitRows {
                    split: slot.id.clone(),
                    rows: read.rows,
                    bytes: bytes as u64,
                    skipped: read.skipped,
                    newest_record_millis: self.records.timestamps.iter().copied().max().filter(|t| *t >= 0),
                }))
            }
            Polled::End(slot) => {
                let slot = &mut self.slots[slot];
                slot.ended = true;
                slot.offset = slot.end.map_or(slot.offset, |end| slot.offset.max(end));
                Ok(ReadEvent::SplitEnd(slot.id.to_string()))
            }
            Polled::Nothing if self.bounded && self.slots.iter().all(|s| s.ended) => Ok(ReadEvent::End),
            Polled::Nothing => Ok(ReadEvent::Pending { until: None }),
        }
    }

    fn snapshot(&mut self) -> Result<Vec<Split>> {
        let split = |slot: &Slot| {
            let position = Position {
                topic: slot.partition.topic.to_string(),
                partition: slot.partition.partition,
                offset: slot.offset,
                end: slot.end,
            };
            let position = serde_json::to_value(position).map_err(|e| Error::internal(e.to_string()))?;
            Ok(Split { id: slot.id.to_string(), position })
        };
        self.slots.iter().map(split).collect()
    }

    fn lag(&self) -> Vec<(String, u64)> {
        let lags = self.consumer.lag().into_iter();
        lags.filter_map(|(slot, lag)| Some((self.slots.get(slot)?.id.to_string(), lag))).collect()
    }

    fn is_out_of_reach(&self) -> bool {
        self.consumer.is_out_of_reach()
    }
}
