//! Formats: how the bytes of a record become columns and back. One file or folder per format.
//!
//! ```text
//!  Kafka batch, file chunk ─> Messages ─ Decoder::decode ─> Decoded { rows, kept, skipped }
//!  ChangelogBatch ─ Encoder::encode ─> Messages ─> Kafka producer, file
//! ```
//!
//! A connector finds the format of a table with [`TableFormat::of`], checks all options with
//! [`check_options`], and asks the [`FormatFactory`] for a [`Decoder`] or [`Encoder`]. Both belong to one
//! thread and keep scratch space between calls.

pub mod column;
pub mod csv;
pub mod json;
pub mod parse;
pub mod raw;
pub mod text;

use std::ops::Range;

use flitz_dataflow::connector::MetadataColumn;
use flitz_dataflow::options::{OptionDef, Options};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Error, Result, Schema};

/// Makes decoders and encoders of one `'format' = '…'`.
pub trait FormatFactory: Send + Sync {
    /// The value of `format`, and the prefix of its options.
    fn name(&self) -> &'static str;

    /// Its options, without prefix.
    fn options(&self) -> &'static [OptionDef];

    /// What the format can do with these options (without prefix). No I/O; refuses bad values.
    fn describe(&self, options: &Options) -> Result<FormatCapabilities>;

    fn decoder(&self, spec: &DecoderSpec) -> Result<Box<dyn Decoder>>;

    fn encoder(&self, spec: &EncoderSpec) -> Result<Box<dyn Encoder>>;
}

#[derive(Clone, Debug)]
pub struct FormatCapabilities {
    /// What its records say about rows: insert-only, or changes (CDC formats).
    pub changelog: ChangelogMode,
    /// Metadata keys that the records carry (CDC formats).
    pub metadata: Vec<MetadataColumn>,
    /// How a file of such records is cut.
    pub framing: Framing,
}

/// Where one record ends and the next begins in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// A record is a line. A `\r` before the `\n` is no part of it.
    Lines,
    /// A record is a line, but a quoted field may hold line ends.
    Csv(csv::Dialect),
}

/// Reads `projection` (positions in `physical`), in this order, and behind them `metadata`.
#[derive(Clone, Copy, Debug)]
pub struct DecoderSpec<'a> {
    /// All columns of the record, in declared order.
    pub physical: &'a Schema,
    pub projection: &'a [usize],
    /// Of [`FormatCapabilities::metadata`].
    pub metadata: &'a [MetadataColumn],
    pub origin: Origin,
    /// Without prefix.
    pub options: &'a Options,
}

/// Where the bytes of a record come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Cut from a file as [`Framing`] says.
    File,
    /// A message of its own, which may be anything.
    Message,
}

/// Writes records of all columns of `schema`.
#[derive(Clone, Copy, Debug)]
pub struct EncoderSpec<'a> {
    pub schema: &'a Schema,
    /// Without prefix.
    pub options: &'a Options,
}

/// Byte strings one behind another; some may be null (Kafka's tombstones).
///
/// Invariant: `ends` ascend and the last one is at most `bytes.len()`; null messages are empty.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    bytes: Vec<u8>,
    /// End of message `i` in `bytes`; its start is the end of the one before.
    ends: Vec<usize>,
    /// Indices of null messages, ascending.
    nulls: Vec<usize>,
}

impl Messages {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All bytes up to the end of the last message.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.ends.last().copied().unwrap_or(0)]
    }

    pub fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// Where message `i` begins in [`Self::bytes`].
    pub fn start(&self, i: usize) -> usize {
        if i == 0 { 0 } else { self.ends[i - 1] }
    }

    /// The bytes of message `i`; empty if it is null.
    pub fn bytes_of(&self, i: usize) -> &[u8] {
        &self.bytes[self.start(i)..self.ends[i]]
    }

    /// None if message `i` is null.
    pub fn get(&self, i: usize) -> Option<&[u8]> {
        (!self.is_null(i)).then(|| self.bytes_of(i))
    }

    pub fn is_null(&self, i: usize) -> bool {
        !self.nulls.is_empty() && self.nulls.binary_search(&i).is_ok()
    }

    pub fn iter(&self) -> impl Iterator<Item = Option<&[u8]>> {
        (0..self.len()).map(|i| self.get(i))
    }

    pub fn push(&mut self, message: &[u8]) {
        self.bytes.extend_from_slice(message);
        self.end_message();
    }

    pub fn push_null(&mut self) {
        self.nulls.push(self.ends.len());
        self.end_message();
    }

    /// The buffer behind the last message, to be written to; [`Self::end_message`] makes a message of it.
    /// Nothing before the last end may be changed.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// All bytes written since the last end are one message.
    pub fn end_message(&mut self) {
        self.ends.push(self.bytes.len());
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.nulls.clear();
    }
}

/// Reads records. A decoder remembers the shape of the records it has seen and is faster on more of the same.
pub trait Decoder: Send {
    /// The rows of messages `range`.
    fn decode(&mut self, messages: &Messages, range: Range<usize>) -> Result<Decoded, DecodeError>;
}

#[derive(Debug)]
pub struct Decoded {
    pub rows: ChangelogBatch,
    /// Which message each row came from (absolute, ascending); None: every message of the range gave one row.
    pub kept: Option<Vec<usize>>,
    /// Messages that could not be read and were left out because an option says so. Null messages don't count.
    pub skipped: u64,
}

/// A message that can't be read. The connector knows what place in the outside world its index stands for.
#[derive(Debug)]
pub struct DecodeError {
    /// Index in the [`Messages`].
    pub message: usize,
    pub error: Error,
}

/// Writes records.
pub trait Encoder: Send {
    /// Appends one message per row. Formats that are insert-only take no notice of row kinds.
    fn encode(&mut self, batch: &ChangelogBatch, out: &mut Messages) -> Result<()>;
}

/// The format that a table's `format`, `key.format` or `value.format` names, with its own options.
#[derive(Clone)]
pub struct TableFormat {
    pub factory: &'static dyn FormatFactory,
    /// Without prefix.
    pub options: Options,
    /// What its options begin with in the table: `json.`, `key.json.`.
    pub prefix: String,
}

impl TableFormat {
    /// `key`: `format`, `key.format` or `value.format`. None if the table doesn't have that option.
    pub fn of(options: &Options, key: &str) -> Result<Option<TableFormat>> {
        let Some(name) = options.get(key) else { return Ok(None) };
        let factory = lookup(name).map_err(|e| e.option(key))?;
        let prefix = format!("{}{name}.", key.strip_suffix("format").unwrap_or(""));
        Ok(Some(TableFormat { factory, options: options.with_prefix(&prefix), prefix }))
    }

    pub fn describe(&self) -> Result<FormatCapabilities> {
        self.factory.describe(&self.options).map_err(|e| self.with_prefix(e))
    }

    pub fn decoder(
        &self,
        physical: &Schema,
        projection: &[usize],
        metadata: &[MetadataColumn],
        origin: Origin,
    ) -> Result<Box<dyn Decoder>> {
        let spec = DecoderSpec { physical, projection, metadata, origin, options: &self.options };
        self.factory.decoder(&spec).map_err(|e| self.with_prefix(e))
    }

    pub fn encoder(&self, schema: &Schema) -> Result<Box<dyn Encoder>> {
        let spec = EncoderSpec { schema, options: &self.options };
        self.factory.encoder(&spec).map_err(|e| self.with_prefix(e))
    }

    /// An option that the format complains about is known to the user by its full key.
    fn with_prefix(&self, error: Error) -> Error {
        match &error.place {
            Some(flitz_dataflow::Place::Option(key)) => {
                let key = format!("{}{key}", self.prefix);
                error.option(key)
            }
            _ => error,
        }
    }
}

/// Checks the options of a table: each is the connector's (`known`) or one of its formats'.
pub fn check_options(owner: &str, options: &Options, known: &[OptionDef], formats: &[&TableFormat]) -> Result<()> {
    let of_format = |key: &str| formats.iter().find(|f| key.starts_with(&f.prefix));
    let own: Options =
        options.iter().filter(|(k, _)| of_format(k).is_none()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    own.check(owner, known)?;
    for format in formats {
        let name = format!("format '{}'", format.factory.name());
        format.options.check(&name, format.factory.options()).map_err(|e| format.with_prefix(e))?;
        format.describe()?;
    }
    Ok(())
}

/// The format of this name.
pub fn lookup(name: &str) -> Result<&'static dyn FormatFactory> {
    if let Some(factory) = FORMATS.iter().find(|f| f.name() == name) {
        return Ok(*factory);
    }
    let names: Vec<&str> = FORMATS.iter().map(|f| f.name()).collect();
    if KNOWN_TO_FLINK.contains(&name) {
        return Err(Error::unsupported(format!("format '{name}'")).hint(format!("there are {}", names.join(", "))));
    }
    let hint = match flitz_dataflow::suggest::nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("there are {}", names.join(", ")),
    };
    Err(Error::invalid(format!("there is no format '{name}'")).hint(hint))
}

/// The formats of this build.
pub fn formats() -> &'static [&'static dyn FormatFactory] {
    FORMATS
}

static FORMATS: &[&dyn FormatFactory] = &[&json::Json, &csv::Csv, &raw::Raw];

/// Formats that exist for Flink: asking for one of them is no mistake.
const KNOWN_TO_FLINK: &[&str] = &[
    "avro",
    "avro-confluent",
    "debezium-avro-confluent",
    "debezium-json",
    "canal-json",
    "maxwell-json",
    "ogg-json",
    "parquet",
    "orc",
    "protobuf",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_may_be_null() {
        let mut messages = Messages::default();
        messages.push(b"ab");
        messages.push_null();
        messages.buffer().extend_from_slice(b"cd");
        messages.end_message();
        assert_eq!(messages.iter().collect::<Vec<_>>(), [Some(&b"ab"[..]), None, Some(&b"cd"[..])]);
    }

    #[test]
    fn options_carry_the_prefix_of_their_format() {
        let options = [("key.format", "json"), ("key.json.ignore-parse-errors", "yes"), ("value.format", "avro")];
        let options: Options = options.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect();
        let key = TableFormat::of(&options, "key.format").unwrap().unwrap();
        assert_eq!(
            key.describe().unwrap_err().to_string(),
            "'ignore-parse-errors' must be true or false, found 'yes' (option 'key.json.ignore-parse-errors')"
        );
        assert_eq!(
            TableFormat::of(&options, "value.format").err().unwrap().to_string(),
            "not supported: format 'avro' (option 'value.format'); there are json, csv, raw"
        );
    }
}
