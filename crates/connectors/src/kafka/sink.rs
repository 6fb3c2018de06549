//! Writing a table's rows to topics.
//!
//! A writer encodes on its worker's thread and hands records to the shared producer, which never waits: what does
//! not fit into its buffer stays here, counted by `held_bytes`, and is offered again by `tick`.
//!
//! | guarantee | `seal` | rows behind a sealed epoch |
//! |---|---|---|
//! | none | hands everything over | go out at once |
//! | at-least-once | waits until all is delivered | go out at once |
//! | exactly-once | hands everything over; `EpochSink::flush` waits | stay here, encoded, until `release` |

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::TimestampMillisecondType;
use flitz_dataflow::connector::{CommitGroup, Sink, SinkSpec, SinkWriter, TableColumn};
use flitz_dataflow::{ChangelogBatch, Epoch, Error, Result};

use super::broker::{
    Broker, DeliveryGuarantee, Headers, InFlight, Outgoing, OutgoingRecord, Producer, ProducerSpec, TopicHandle,
    TopicSelection,
};
use super::table::{KafkaTable, Partitioner, RecordMetadata};
use crate::format::Encoder;

/// How long at-least-once waits for the broker before a checkpoint fails. The records stay on their way meanwhile.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(300);

pub struct KafkaSink {
    producer: Arc<dyn Producer>,
    table: KafkaTable,
    spec: SinkSpec,
}

impl KafkaSink {
    pub fn new(broker: &dyn Broker, table: KafkaTable, spec: SinkSpec) -> Result<KafkaSink> {
        let producer = broker.producer(&ProducerSpec {
            guarantee: table.guarantee,
            transactional_prefix: table.transactional_prefix.clone(),
            topics: table.topic_names().to_vec(),
            properties: table.properties.clone(),
        })?;
        let sink = KafkaSink { producer, table, spec };
        // Found now and not by the first row.
        RowWriter::new(&sink.table, &sink.spec, 0)?;
        Ok(sink)
    }
}

impl Sink for KafkaSink {
    fn writer(&self, worker: usize) -> Result<Box<dyn SinkWriter>> {
        let rows = RowWriter::new(&self.table, &self.spec, worker)?;
        Ok(Box::new(KafkaWriter {
            producer: self.producer.clone(),
            guarantee: self.table.guarantee,
            rows,
            in_flight: Arc::default(),
            outgoing: Outgoing::default(),
            sent: 0,
            sealed: None,
            bytes: 0,
        }))
    }

    fn commit_group(&self) -> CommitGroup {
        match self.producer.epoch_sink() {
            Some(sink) => CommitGroup::Deciding(sink),
            None => CommitGroup::None,
        }
    }
}

struct KafkaWriter {
    producer: Arc<dyn Producer>,
    guarantee: DeliveryGuarantee,
    rows: RowWriter,
    in_flight: Arc<InFlight>,
    outgoing: Outgoing,
    /// The first so many of `outgoing` have been taken.
    sent: usize,
    /// This epoch is sealed and not released: what comes belongs to the next one.
    sealed: Option<Epoch>,
    /// Of keys and values written so far.
    bytes: u64,
}

impl KafkaWriter {
    /// Offers what is here; what is not taken stays.
    fn send(&mut self) -> Result<()> {
        if self.outgoing.is_empty() {
            return Ok(());
        }
        self.sent += self.producer.send(&self.in_flight, &self.outgoing, self.sent)?;
        if self.sent == self.outgoing.len() {
            self.outgoing.clear();
            self.sent = 0;
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<()> {
        let begun = Instant::now();
        loop {
            self.send()?;
            if self.outgoing.is_empty() {
                return Ok(());
            }
            if begun.elapsed() > FLUSH_TIMEOUT {
                return Err(Error::unavailable("the Kafka producer has taken no record for 5 minutes"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn waits_for_release(&self) -> bool {
        self.guarantee == DeliveryGuarantee::ExactlyOnce && self.sealed.is_some()
    }
}

impl SinkWriter for KafkaWriter {
    fn write(&mut self, batch: &ChangelogBatch) -> Result<()> {
        let before = self.outgoing.payload_bytes();
        self.rows.encode(batch, self.producer.as_ref(), &mut self.outgoing)?;
        self.bytes += (self.outgoing.payload_bytes() - before) as u64;
        match self.waits_for_release() {
            true => Ok(()),
            false => self.send(),
        }
    }

    fn seal(&mut self, epoch: Epoch) -> Result<serde_json::Value> {
        if self.waits_for_release() {
            return Err(Error::internal(format!("epoch {epoch} was sealed before the one before it was released")));
        }
        self.hand_over()?;
        if self.guarantee == DeliveryGuarantee::AtLeastOnce {
            self.producer.flush(&self.in_flight, FLUSH_TIMEOUT)?;
        }
        self.sealed = Some(epoch);
        Ok(serde_json::Value::Null)
    }

    fn release(&mut self, epoch: Epoch) -> Result<()> {
        if self.sealed == Some(epoch) {
            self.sealed = None;
            self.send()?;
        }
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        self.outgoing.bytes()
    }

    fn bytes_written(&self) -> u64 {
        self.bytes
    }

    fn tick(&mut self) -> Result<()> {
        match self.waits_for_release() {
            true => Ok(()),
            false => self.send(),
        }
    }

    fn finish(&mut self) -> Result<()> {
        if self.waits_for_release() {
            return Ok(());
        }
        self.hand_over()?;
        match self.guarantee {
            // The last epoch's flush waits for these.
            DeliveryGuarantee::ExactlyOnce => Ok(()),
            _ => self.producer.flush(&self.in_flight, FLUSH_TIMEOUT),
        }
    }
}

/// Turns rows into records.
struct RowWriter {
    value: Box<dyn Encoder>,
    /// Positions of the value's columns in a batch.
    value_columns: Vec<usize>,
    key: Option<(Box<dyn Encoder>, Vec<usize>)>,
    topics: TopicSelection,
    /// All rows go to this topic; None: to the one in the `topic` column.
    single_topic: Option<String>,
    partitioner: Partitioner,
    worker: usize,
    topic_column: Option<usize>,
    timestamp_column: Option<usize>,
    headers_column: Option<usize>,
    header_list_column: Option<usize>,
    /// Handles of topics met, by name.
    handles: Vec<(String, TopicHandle)>,
}

impl RowWriter {
    fn new(table: &KafkaTable, spec: &SinkSpec, worker: usize) -> Result<RowWriter> {
        let position = |physical: &usize| {
            let at = spec.columns.iter().position(|c| *c == TableColumn::Physical(*physical));
            at.ok_or_else(|| {
                let name = &spec.table.physical.fields[*physical].name;
                Error::internal(format!("column '{name}' is not among those written"))
            })
        };
        let positions = |columns: &[usize]| columns.iter().map(position).collect::<Result<Vec<usize>>>();
        let key = match &table.key {
            Some(key) => Some((key.format.encoder(&key.schema(&spec.table))?, positions(&key.columns)?)),
            None => None,
        };
        let metadata = |kind: RecordMetadata| kind.find(&spec.columns);
        let single_topic = match table.topic_names() {
            [one] => Some(one.clone()),
            _ => None,
        };
        if single_topic.is_none() && metadata(RecordMetadata::Topic).is_none() {
            return Err(Error::invalid("a table of several topics can be written only with a 'topic' metadata column")
                .option("topic")
                .hint("declare a column: topic STRING METADATA"));
        }
        Ok(RowWriter {
            value: table.value.encoder(&table.value_schema(&spec.table))?,
            value_columns: positions(&table.value_columns)?,
            key,
            topics: table.topics.clone(),
            single_topic,
            partitioner: table.partitioner,
            worker,
            topic_column: metadata(RecordMetadata::Topic),
            timestamp_column: metadata(RecordMetadata::Timestamp),
            headers_column: metadata(RecordMetadata::Headers),
            header_list_column: metadata(RecordMetadata::HeaderList),
            handles: Vec::new(),
        })
    }

    fn encode(&mut self, batch: &ChangelogBatch, producer: &dyn Producer, out: &mut Outgoing) -> Result<()> {
        let before = out.len();
        let count = batch.num_rows();
        self.value.encode(&project(batch, &self.value_columns)?, &mut out.values)?;
        if let Some((key, columns)) = &mut self.key {
            key.encode(&project(batch, columns)?, &mut out.keys)?;
        }
        if out.values.len() != before + count {
            return Err(Error::internal("an encoder did not give one message per row"));
        }
        let rows = batch.rows();
        let timestamps = self.timestamp_column.map(|i| rows.column(i).clone());
        match self.single_topic.clone() {
            Some(topic) => {
                let handle = self.handle(&topic, producer)?;
                for row in 0..count {
                    out.records.push(self.record(handle, timestamp(timestamps.as_ref(), row)));
                }
            }
            None => {
                let column = self.topic_column.map(|i| rows.column(i).clone());
                let topics = column.as_ref().and_then(|c| c.as_string_opt::<i32>());
                let topics = topics.ok_or_else(|| Error::internal("the topic column is not a string"))?;
                for row in 0..count {
                    if topics.is_null(row) {
                        return Err(Error::data("the topic of a row is NULL; it must name one of the table's topics"));
                    }
                    let handle = self.checked_handle(topics.value(row), producer)?;
                    out.records.push(self.record(handle, timestamp(timestamps.as_ref(), row)));
                }
            }
        }
        if self.headers_column.is_some() || self.header_list_column.is_some() {
            let column = |i: Option<usize>| i.map(|i| rows.column(i).clone());
            let (map, list) = (column(self.headers_column), column(self.header_list_column));
            for row in 0..count {
                let mut headers = headers(map.as_ref(), row);
                headers.extend(self::headers(list.as_ref(), row));
                out.headers.push(headers);
            }
        }
        Ok(())
    }

    fn record(&self, handle: TopicHandle, timestamp: Option<i64>) -> OutgoingRecord {
        let partition = match self.partitioner {
            Partitioner::Default => None,
            Partitioner::Fixed => Some((self.worker % handle.partitions.max(1) as usize) as i32),
        };
        OutgoingRecord { topic: handle.index, partition, timestamp }
    }

    fn handle(&mut self, topic: &str, producer: &dyn Producer) -> Result<TopicHandle> {
        if let Some((_, handle)) = self.handles.iter().find(|(name, _)| name == topic) {
            return Ok(*handle);
        }
        let handle = producer.topic(topic)?;
        self.handles.push((topic.to_owned(), handle));
        Ok(handle)
    }

    /// For topics that come with the rows.
    fn checked_handle(&mut self, topic: &str, producer: &dyn Producer) -> Result<TopicHandle> {
        if !self.topics.contains(topic) {
            return Err(match &self.topics {
                TopicSelection::Names(names) => {
                    Error::data(format!("a row is for topic '{topic}', which is not one of {}", names.join(", ")))
                }
                TopicSelection::Pattern(regex) => {
                    Error::data(format!("a row is for topic '{topic}', which does not match {}", regex.as_str()))
                }
            });
        }
        self.handle(topic, producer)
    }
}

fn project(batch: &ChangelogBatch, columns: &[usize]) -> Result<ChangelogBatch> {
    let rows = batch.rows();
    let schema = Arc::new(rows.schema().project(columns)?);
    let columns: Vec<ArrayRef> = columns.iter().map(|i| rows.column(*i).clone()).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(batch.with_rows(RecordBatch::try_new_with_options(schema, columns, &options)?))
}

fn timestamp(column: Option<&ArrayRef>, row: usize) -> Option<i64> {
    let column = column?.as_primitive_opt::<TimestampMillisecondType>()?;
    (!column.is_null(row)).then(|| column.value(row))
}

/// Headers of a row, from a map or from a list of pairs.
fn headers(column: Option<&ArrayRef>, row: usize) -> Headers {
    let Some(column) = column.filter(|c| !c.is_null(row)) else { return Headers::new() };
    let pairs = match (column.as_map_opt(), column.as_list_opt::<i32>()) {
        (Some(map), _) => map.value(row),
        (_, Some(list)) => match list.value(row).as_struct_opt() {
            Some(pairs) => pairs.clone(),
            None => return Headers::new(),
        },
        _ => return Headers::new(),
    };
    let (Some(names), Some(values)) = (pairs.column(0).as_string_opt::<i32>(), pairs.column(1).as_binary_opt::<i32>())
    else {
        return Headers::new();
    };
    let header = |i| (names.value(i).to_owned(), (!values.is_null(i)).then(|| values.value(i).to_vec()));
    (0..pairs.len()).filter(|i| !pairs.is_null(*i) && !names.is_null(*i)).map(header).collect()
}
