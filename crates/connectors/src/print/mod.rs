//! `'connector' = 'print'`: a line per change on standard output, in the form of Flink's `Row.toString`.
//!
//! ```text
//! +I[1, alice, 2020-01-02T03:04:05.120, null]
//! id:2> -U[…]        with 'print-identifier' = 'id' and more than one parallel writer
//! ```
//!
//! Rows are visible as they are written; after a crash those since the last checkpoint are printed again,
//! as in Flink.

mod row;

use std::io::Write;
use std::sync::Arc;

use flitz_dataflow::connector::{
    Capabilities, CommitGroup, ConnectorContext, ConnectorFactory, ScanSpec, Sink, SinkCapabilities, SinkSpec,
    SinkWriter, Source, TableDef,
};
use flitz_dataflow::options::OptionDef;
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Epoch, Error, Result, Schema};

use self::row::RowText;

const OPTIONS: &[OptionDef] = &[
    OptionDef { key: "print-identifier", meaning: "put before every line, with `> `" },
    OptionDef { key: "standard-error", meaning: "print on standard error instead of standard output" },
    OptionDef { key: "sink.parallelism", meaning: "how many writers; more than one number their lines" },
];

#[derive(Clone, Copy, Debug, Default)]
pub struct PrintFactory;

impl ConnectorFactory for PrintFactory {
    fn name(&self) -> &'static str {
        "print"
    }

    fn options(&self) -> &'static [OptionDef] {
        OPTIONS
    }

    fn describe(&self, table: &TableDef) -> Result<Capabilities> {
        PrintOptions::of(table)?;
        let sink = SinkCapabilities { changelog: ChangelogMode::ALL };
        Ok(Capabilities { source: None, sink: Some(sink), metadata: vec![] })
    }

    fn source(&self, scan: &ScanSpec, _: &ConnectorContext) -> Result<Arc<dyn Source>> {
        Err(Error::invalid(format!("table {} can't be read: connector 'print' only takes rows", scan.table.name)))
    }

    fn sink(&self, sink: &SinkSpec, context: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        let options = PrintOptions::of(&sink.table)?;
        let writers = options.parallelism.unwrap_or(context.parallelism).max(1);
        let schema = sink.table.schema_of(&sink.columns);
        Ok(Arc::new(PrintSink { options, writers, schema }))
    }
}

#[derive(Clone, Debug)]
struct PrintOptions {
    identifier: Option<String>,
    stream: Stream,
    parallelism: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Output,
    Error,
}

impl PrintOptions {
    fn of(table: &TableDef) -> Result<PrintOptions> {
        let options = &table.options;
        options.check("connector 'print'", OPTIONS)?;
        let parallelism = match options.integer("sink.parallelism")? {
            None => None,
            Some(n) if n >= 1 => Some(n as usize),
            Some(n) => {
                return Err(Error::invalid(format!("'sink.parallelism' must be 1 or more, found '{n}'"))
                    .option("sink.parallelism"));
            }
        };
        Ok(PrintOptions {
            identifier: options.get("print-identifier").filter(|id| !id.is_empty()).map(str::to_owned),
            stream: if options.bool("standard-error", false)? { Stream::Error } else { Stream::Output },
            parallelism,
        })
    }

    /// What comes before each line of writer `worker` of `writers`.
    fn prefix(&self, worker: usize, writers: usize) -> String {
        match (&self.identifier, writers) {
            (None, 1) => String::new(),
            (None, _) => format!("{}> ", worker % writers + 1),
            (Some(id), 1) => format!("{id}> "),
            (Some(id), _) => format!("{id}:{}> ", worker % writers + 1),
        }
    }
}

struct PrintSink {
    options: PrintOptions,
    writers: usize,
    schema: Schema,
}

impl Sink for PrintSink {
    fn writer(&self, worker: usize) -> Result<Box<dyn SinkWriter>> {
        Ok(Box::new(PrintWriter {
            prefix: self.options.prefix(worker, self.writers).into_bytes(),
            stream: self.options.stream,
            rows: RowText::new(&self.schema),
            lines: vec![],
            written: 0,
        }))
    }

    fn commit_group(&self) -> CommitGroup {
        CommitGroup::None
    }
}

struct PrintWriter {
    prefix: Vec<u8>,
    stream: Stream,
    rows: RowText,
    /// Kept between batches for its capacity.
    lines: Vec<u8>,
    /// Bytes printed.
    written: u64,
}

impl PrintWriter {
    fn format(&mut self, batch: &ChangelogBatch) -> Result<()> {
        self.lines.clear();
        let columns = self.rows.bind(batch.rows())?;
        for row in 0..batch.num_rows() {
            self.lines.extend_from_slice(&self.prefix);
            self.lines.extend_from_slice(batch.kind(row).short().as_bytes());
            columns.push(&mut self.lines, row);
            self.lines.push(b'\n');
        }
        Ok(())
    }
}

impl SinkWriter for PrintWriter {
    fn write(&mut self, batch: &ChangelogBatch) -> Result<()> {
        self.format(batch)?;
        // One locked write per batch: lines of several writers never mix.
        let print = |out: &mut dyn Write| out.write_all(&self.lines).and_then(|()| out.flush());
        let (result, name) = match self.stream {
            Stream::Output => (print(&mut std::io::stdout().lock()), "standard output"),
            Stream::Error => (print(&mut std::io::stderr().lock()), "standard error"),
        };
        self.written += self.lines.len() as u64;
        result.map_err(|e| Error::unavailable(format!("can't write to {name}: {e}")))
    }

    fn bytes_written(&self) -> u64 {
        self.written
    }

    fn seal(&mut self, _: Epoch) -> Result<serde_json::Value> {
        Ok(serde_json::Value::Null)
    }

    fn release(&mut self, _: Epoch) -> Result<()> {
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        0
    }

    fn tick(&mut self) -> Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
