//! `'connector' = 'datagen'`: rows out of nothing, at a given rate; random or counted up.
//!
//! The rows are numbered. With `n` splits split `k` makes rows k, k + n, k + 2n, …, so a split's position is
//! how many of its rows are out, and sequences go on exactly where they were after a crash. Random values
//! are drawn anew. The source ends after `number-of-rows`, or when the shortest sequence is used up.

mod field;
mod generate;
mod reader;

use std::sync::Arc;
use std::time::Duration;

use flitz_dataflow::connector::{
    Capabilities, ConnectorContext, ConnectorFactory, ScanSpec, Sink, SinkSpec, Source, SourceCapabilities,
    SourceReader, Split, TableColumn, TableDef, Wake,
};
use flitz_dataflow::options::OptionDef;
use flitz_dataflow::suggest::nearest;
use flitz_dataflow::{ChangelogMode, Error, Result};

use self::field::Generator;
use self::reader::{DatagenReader, Position};

const OPTIONS: &[OptionDef] = &[
    OptionDef { key: "rows-per-second", meaning: "rows per second of all splits together" },
    OptionDef { key: "number-of-rows", meaning: "how many rows in all; unset: no end" },
    OptionDef { key: "scan.parallelism", meaning: "how many splits" },
    OptionDef { key: "fields.*", meaning: "how a column is made" },
];

#[derive(Clone, Copy, Debug, Default)]
pub struct DatagenFactory;

impl ConnectorFactory for DatagenFactory {
    fn name(&self) -> &'static str {
        "datagen"
    }

    fn options(&self) -> &'static [OptionDef] {
        OPTIONS
    }

    fn describe(&self, table: &TableDef) -> Result<Capabilities> {
        let options = DatagenOptions::of(table)?;
        let source = SourceCapabilities {
            bounded: options.rows.is_some(),
            changelog: ChangelogMode::INSERT_ONLY,
            watermark_push_down: false,
        };
        Ok(Capabilities { source: Some(source), sink: None, metadata: vec![] })
    }

    fn source(&self, scan: &ScanSpec, context: &ConnectorContext) -> Result<Arc<dyn Source>> {
        let options = DatagenOptions::of(&scan.table)?;
        let column = |column: &TableColumn| match column {
            TableColumn::Physical(i) => Ok(options.fields[*i].clone()),
            TableColumn::Metadata(m) => Err(Error::internal(format!("datagen has no metadata '{}'", m.key))),
        };
        Ok(Arc::new(Datagen {
            columns: scan.columns.iter().map(column).collect::<Result<Vec<_>>>()?.into(),
            schema: scan.table.schema_of(&scan.columns).to_arrow(),
            rows_per_second: options.rows_per_second,
            rows: options.rows,
            splits: options.parallelism.unwrap_or(context.parallelism).max(1) as u64,
            clock: context.clock.clone(),
        }))
    }

    fn sink(&self, sink: &SinkSpec, _: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        Err(Error::invalid(format!("table {} can't be written: connector 'datagen' only makes rows", sink.table.name)))
    }
}

/// The options of a table, understood.
#[derive(Debug)]
struct DatagenOptions {
    rows_per_second: u64,
    /// None: without end.
    rows: Option<u64>,
    parallelism: Option<usize>,
    /// One per physical column.
    fields: Vec<Generator>,
}

impl DatagenOptions {
    fn of(table: &TableDef) -> Result<DatagenOptions> {
        let options = &table.options;
        options.check("connector 'datagen'", OPTIONS)?;
        let at_least = |key: &str, least: i64, default: Option<i64>| match options.integer(key)?.or(default) {
            Some(n) if n < least => {
                Err(Error::invalid(format!("'{key}' must be {least} or more, found '{n}'")).option(key))
            }
            n => Ok(n),
        };
        let rows_per_second = at_least("rows-per-second", 1, Some(10_000))?.unwrap_or(10_000) as u64;
        let number_of_rows = at_least("number-of-rows", 0, None)?.map(|n| n as u64);
        let parallelism = at_least("scan.parallelism", 1, None)?.map(|n| n as usize);

        let mut used = vec![];
        let mut fields = vec![];
        for field in &table.physical.fields {
            fields.push(Generator::of_column(&field.name, &field.data_type, options, &mut used)?);
        }
        for (key, _) in options.iter().filter(|(key, _)| key.starts_with("fields.")) {
            if !used.iter().any(|known| known == key) {
                let error =
                    Error::invalid(format!("connector 'datagen' has no option '{key}' for this table")).option(key);
                return Err(match nearest(key, used.iter().map(String::as_str)) {
                    Some(near) => error.hint(format!("did you mean '{near}'?")),
                    None => error.hint("options of a column begin with 'fields.NAME.'"),
                });
            }
        }
        let sequences = fields.iter().filter_map(Generator::sequence_length);
        let rows = sequences.chain(number_of_rows).min();
        Ok(DatagenOptions { rows_per_second, rows, parallelism, fields })
    }
}

struct Datagen {
    columns: Arc<[Generator]>,
    schema: arrow::datatypes::SchemaRef,
    rows_per_second: u64,
    rows: Option<u64>,
    splits: u64,
    clock: Arc<dyn flitz_dataflow::Clock>,
}

impl Source for Datagen {
    fn discover(&self, known: &[Split]) -> Result<Vec<Split>> {
        // The number of splits is that of the first start: a sequence is dealt out among them.
        if !known.is_empty() {
            return Ok(vec![]);
        }
        let split = |index| Position { index, of: self.splits, made: 0 }.to_split();
        (0..self.splits).map(split).collect()
    }

    fn discovery_interval(&self) -> Option<Duration> {
        None
    }

    fn reader(&self, worker: usize, _: Wake) -> Result<Box<dyn SourceReader>> {
        let (columns, schema) = (self.columns.clone(), self.schema.clone());
        Ok(Box::new(DatagenReader::new(columns, schema, self.rows_per_second, self.rows, self.clock.clone(), worker)))
    }

    fn acknowledge(&self, _: &[Split]) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
