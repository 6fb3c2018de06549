//! Records of a topic become rows of a table.
//!
//! The value's format reads its columns in bulk, the key's format does likewise, and rows of the two are matched by
//! record, as each may leave records out. A column that both hold is the value's. A record whose value is null
//! (a tombstone) is left out, and so is one whose key the key's format gives no row for, as Flink does it.

use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, BinaryBuilder, Int32Array, Int64Array, ListArray, MapArray, RecordBatch,
    RecordBatchOptions, StringArray, StringBuilder, StructArray, TimestampMillisecondArray, UInt64Array,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType as ArrowType, SchemaRef};
use flitz_dataflow::connector::{MetadataColumn, ScanSpec, TableColumn};
use flitz_dataflow::{ChangelogBatch, Error, Place, Result, RowKind};

use super::broker::{Headers, RecordBuffer, TopicPartition, Wanted};
use super::table::{KafkaTable, RecordMetadata, VALUE_METADATA};
use crate::format::{DecodeError, Decoded, Decoder, Messages, Origin};

pub struct RowReader {
    value: Box<dyn Decoder>,
    /// None: the table has no key columns.
    key: Option<Box<dyn Decoder>>,
    columns: Vec<Column>,
    schema: SchemaRef,
    wanted: Wanted,
    /// The option that leaves out values that can't be read.
    skip: Option<&'static str>,
}

/// Where a column of the scan comes from.
enum Column {
    /// Position in the rows of the value's decoder.
    Value(usize),
    /// Position in the rows of the key's decoder.
    Key(usize),
    Record(RecordMetadata, ArrowType),
}

/// Rows of one batch of records.
pub struct Read {
    pub rows: ChangelogBatch,
    pub skipped: u64,
}

impl RowReader {
    pub fn new(table: &KafkaTable, scan: &ScanSpec) -> Result<RowReader> {
        let mut value_projection: Vec<usize> = Vec::new();
        let mut value_metadata: Vec<MetadataColumn> = Vec::new();
        let mut key_projection: Vec<usize> = Vec::new();
        let mut wanted = Wanted { keys: table.key.is_some(), ..Wanted::default() };
        // Metadata of the value's format comes behind its columns: resolved to `Value` when their number is known.
        enum Planned {
            Column(Column),
            ValueMetadata(usize),
        }
        let mut planned = Vec::with_capacity(scan.columns.len());
        for column in &scan.columns {
            planned.push(match column {
                TableColumn::Physical(i) => {
                    let in_value = table.value_columns.iter().position(|c| c == i);
                    let in_key = table.key.as_ref().and_then(|key| key.columns.iter().position(|c| c == i));
                    match (in_value, in_key) {
                        (Some(at), _) => {
                            value_projection.push(at);
                            Planned::Column(Column::Value(value_projection.len() - 1))
                        }
                        (None, Some(at)) => {
                            key_projection.push(at);
                            Planned::Column(Column::Key(key_projection.len() - 1))
                        }
                        (None, None) => return Err(Error::internal("a column is neither in key nor value")),
                    }
                }
                TableColumn::Metadata(m) => match RecordMetadata::of_key(&m.key) {
                    Some(kind) => {
                        wanted.headers |= matches!(kind, RecordMetadata::Headers | RecordMetadata::HeaderList);
                        wanted.leader_epochs |= kind == RecordMetadata::LeaderEpoch;
                        Planned::Column(Column::Record(kind, m.data_type.to_arrow()))
                    }
                    None => {
                        let key = m.key.strip_prefix(VALUE_METADATA).unwrap_or(&m.key).to_owned();
                        value_metadata.push(MetadataColumn { key, ..m.clone() });
                        Planned::ValueMetadata(value_metadata.len() - 1)
                    }
                },
            });
        }
        let columns = planned
            .into_iter()
            .map(|column| match column {
                Planned::Column(column) => column,
                Planned::ValueMetadata(i) => Column::Value(value_projection.len() + i),
            })
            .collect();
        let value_schema = table.value_schema(&scan.table);
        let value = table.value.decoder(&value_schema, &value_projection, &value_metadata, Origin::Message)?;
        let key = match &table.key {
            Some(key) => Some(key.format.decoder(&key.schema(&scan.table), &key_projection, &[], Origin::Message)?),
            None => None,
        };
        let skip = match (table.value.factory.name(), scan.table.options.get("format")) {
            ("json", Some(_)) => Some("json.ignore-parse-errors"),
            ("csv", Some(_)) => Some("csv.ignore-parse-errors"),
            _ => None,
        };
        let schema = scan.table.schema_of(&scan.columns).to_arrow();
        Ok(RowReader { value, key, columns, schema, wanted, skip })
    }

    /// What the consumer has to copy.
    pub fn wanted(&self) -> Wanted {
        self.wanted
    }

    pub fn read(&mut self, partition: &TopicPartition, records: &RecordBuffer) -> Result<Read> {
        let skip = self.skip;
        let at = |e: DecodeError, what: &str| unreadable(partition, records, e, what);
        let value = decode(self.value.as_mut(), &records.values).map_err(|e| {
            let error = at(e, "value");
            skip.map_or(error.clone(), |option| {
                error.hint(format!("set '{option}' = 'true' to skip such records and count them"))
            })
        })?;
        let key = match &mut self.key {
            Some(key) => Some(decode(key.as_mut(), &records.keys).map_err(|e| at(e, "key"))?),
            None => None,
        };
        let skipped = value.skipped + key.as_ref().map_or(0, |k| k.skipped);
        let matched = Matched::new(records.len(), value, key)?;
        let columns = self.columns.iter().map(|column| match column {
            Column::Value(i) => Ok(matched.value.rows().column(*i).clone()),
            Column::Key(i) => match &matched.key {
                Some(key) => Ok(key.column(*i).clone()),
                None => Err(Error::internal("a key column without key")),
            },
            Column::Record(kind, data_type) => {
                metadata(*kind, data_type, partition, records, matched.records.as_deref())
            }
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(matched.value.num_rows()));
        let rows = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        Ok(Read { rows: matched.value.with_rows(rows), skipped })
    }
}

fn decode(decoder: &mut dyn Decoder, messages: &Messages) -> Result<Decoded, DecodeError> {
    decoder.decode(messages, 0..messages.len())
}

fn unreadable(partition: &TopicPartition, records: &RecordBuffer, error: DecodeError, what: &str) -> Error {
    let place = Place::Record {
        topic: partition.topic.to_string(),
        partition: partition.partition,
        offset: records.offsets.get(error.message).copied().unwrap_or(-1),
    };
    let mut error = error.error.place(place);
    error.message = format!("the {what} of a record can't be read: {}", error.message);
    error
}

/// Rows of values and keys side by side.
struct Matched {
    value: ChangelogBatch,
    key: Option<RecordBatch>,
    /// The record each row came from; None: row `i` is record `i`.
    records: Option<Vec<usize>>,
}

impl Matched {
    fn new(count: usize, value: Decoded, key: Option<Decoded>) -> Result<Matched> {
        let Some(key) = key else { return Ok(Matched { value: value.rows, key: None, records: value.kept }) };
        if value.kept.is_none() && key.kept.is_none() {
            return Ok(Matched { value: value.rows, key: Some(key.rows.rows().clone()), records: None });
        }
        let all = || (0..count).collect::<Vec<_>>();
        let (value_of, key_of) = (value.kept.unwrap_or_else(all), key.kept.unwrap_or_else(all));
        // Every row of a record's value meets every row of its key; both lists ascend.
        let (mut value_rows, mut key_rows, mut records) = (Vec::new(), Vec::new(), Vec::new());
        let mut first_key = 0;
        for (value_row, record) in value_of.iter().enumerate() {
            while key_of.get(first_key).is_some_and(|r| r < record) {
                first_key += 1;
            }
            let same = key_of[first_key..].iter().take_while(|r| *r == record).count();
            for key_row in first_key..first_key + same {
                value_rows.push(value_row as u64);
                key_rows.push(key_row as u64);
                records.push(*record);
            }
        }
        let kinds: Option<Arc<[RowKind]>> =
            value.rows.kinds().map(|_| value_rows.iter().map(|row| value.rows.kind(*row as usize)).collect());
        let value = ChangelogBatch::new(take_rows(value.rows.rows(), value_rows)?, kinds);
        Ok(Matched { value, key: Some(take_rows(key.rows.rows(), key_rows)?), records: Some(records) })
    }
}

fn take_rows(batch: &RecordBatch, rows: Vec<u64>) -> Result<RecordBatch> {
    let count = rows.len();
    let rows = UInt64Array::from(rows);
    let columns: Vec<ArrayRef> = batch.columns().iter().map(|c| take(c, &rows, None)).collect::<Result<_, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    Ok(RecordBatch::try_new_with_options(batch.schema(), columns, &options)?)
}

/// One metadata column; `rows` names the record of each row.
fn metadata(
    kind: RecordMetadata,
    data_type: &ArrowType,
    partition: &TopicPartition,
    records: &RecordBuffer,
    rows: Option<&[usize]>,
) -> Result<ArrayRef> {
    let count = rows.map_or(records.len(), <[usize]>::len);
    let record = |row: usize| rows.map_or(row, |rows| rows[row]);
    Ok(match kind {
        RecordMetadata::Topic => Arc::new(StringArray::from_iter_values((0..count).map(|_| &*partition.topic))),
        RecordMetadata::Partition => Arc::new(Int32Array::from(vec![partition.partition; count])),
        RecordMetadata::Offset => {
            Arc::new(Int64Array::from_iter_values((0..count).map(|i| records.offsets[record(i)])))
        }
        RecordMetadata::LeaderEpoch => {
            let epoch = |i| records.leader_epochs.get(record(i)).copied().filter(|epoch| *epoch >= 0);
            Arc::new(Int32Array::from_iter((0..count).map(epoch)))
        }
        RecordMetadata::Timestamp => {
            let times = (0..count).map(|i| records.timestamps[record(i)]);
            Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC"))
        }
        RecordMetadata::TimestampType => {
            let names = (0..count).map(|i| records.timestamp_types[record(i)].name());
            Arc::new(StringArray::from_iter_values(names))
        }
        RecordMetadata::Headers => header_map(data_type, (0..count).map(|i| &records.headers[record(i)]))?,
        RecordMetadata::HeaderList => header_list(data_type, (0..count).map(|i| &records.headers[record(i)]))?,
    })
}

/// `MAP<STRING, BYTES>`: of several headers of one name the last counts.
fn header_map<'a>(data_type: &ArrowType, headers: impl Iterator<Item = &'a Headers>) -> Result<ArrayRef> {
    let ArrowType::Map(entries, _) = data_type else {
        return Err(Error::internal("headers are a map"));
    };
    let unique = headers.map(|headers| {
        let last = |(i, (name, _)): &(usize, &(String, Option<Vec<u8>>))| {
            !headers[i + 1..].iter().any(|(later, _)| later == name)
        };
        headers.iter().enumerate().filter(last).map(|(_, header)| header)
    });
    let (ends, pairs) = header_pairs(entries.data_type(), unique)?;
    Ok(Arc::new(MapArray::try_new(entries.clone(), ends, pairs, None, false)?))
}

/// `ARRAY<ROW<key STRING, value BYTES>>`: all of them, in order.
fn header_list<'a>(data_type: &ArrowType, headers: impl Iterator<Item = &'a Headers>) -> Result<ArrayRef> {
    let ArrowType::List(item) = data_type else {
        return Err(Error::internal("a header list is a list"));
    };
    let (ends, pairs) = header_pairs(item.data_type(), headers.map(|h| h.iter()))?;
    Ok(Arc::new(ListArray::try_new(item.clone(), ends, Arc::new(pairs), None)?))
}

fn header_pairs<'a, H>(pair: &ArrowType, headers: impl Iterator<Item = H>) -> Result<(OffsetBuffer<i32>, StructArray)>
where
    H: Iterator<Item = &'a (String, Option<Vec<u8>>)>,
{
    let ArrowType::Struct(fields) = pair else {
        return Err(Error::internal("a header is a pair"));
    };
    let (mut names, mut values) = (StringBuilder::new(), BinaryBuilder::new());
    let mut ends = vec![0i32];
    for record in headers {
        for (name, value) in record {
            names.append_value(name);
            values.append_option(value.as_deref());
        }
        ends.push(names.len() as i32);
    }
    let columns: Vec<ArrayRef> = vec![Arc::new(names.finish()), Arc::new(values.finish())];
    let pairs = StructArray::try_new(fields.clone(), columns, None)?;
    Ok((OffsetBuffer::new(ScalarBuffer::from(ends)), pairs))
}
