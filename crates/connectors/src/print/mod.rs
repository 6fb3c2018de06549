//! `'connector' = 'print'`: a line per row on standard output, as Java prints Flink's rows.
//!
//! Flink puts the number of the subtask before a line when a sink runs in parallel. Here all workers write to one
//! sink, so lines carry the `print-identifier` alone.

mod text;

use std::io::Write;
use std::sync::Arc;

use flitz_dataflow::connector::{
    Capabilities, CommitGroup, ConnectorContext, ConnectorFactory, ScanSpec, Sink, SinkCapabilities, SinkSpec,
    SinkWriter, Source, TableDef,
};
use flitz_dataflow::options::{OptionDef, Options};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Epoch, Error, Result, Schema};

const OPTIONS: &[OptionDef] = &[
    OptionDef { key: "print-identifier", meaning: "text before every line" },
    OptionDef { key: "standard-error", meaning: "write to standard error instead" },
    OptionDef { key: "sink.parallelism", meaning: "1: all workers write to one sink" },
];

pub struct PrintFactory;

impl ConnectorFactory for PrintFactory {
    fn name(&self) -> &'static str {
        "print"
    }

    fn describe(&self, table: &TableDef) -> Result<Capabilities> {
        table.options.check("connector 'print'", OPTIONS)?;
        Settings::of(&table.options)?;
        Ok(Capabilities {
            source: None,
            sink: Some(SinkCapabilities { changelog: ChangelogMode::ALL }),
            metadata: vec![],
        })
    }

    fn source(&self, scan: &ScanSpec, _context: &ConnectorContext) -> Result<Arc<dyn Source>> {
        Err(Error::invalid(format!("table {} can't be read: it prints", scan.table.name)))
    }

    fn sink(&self, sink: &SinkSpec, _context: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        let settings = Settings::of(&sink.table.options)?;
        Ok(Arc::new(Print { settings, schema: sink.table.schema_of(&sink.columns) }))
    }
}

#[derive(Clone)]
struct Settings {
    /// `id> ` or nothing.
    prefix: String,
    standard_error: bool,
}

impl Settings {
    fn of(options: &Options) -> Result<Settings> {
        match options.integer("sink.parallelism")? {
            None | Some(1) => {}
            Some(n) if n > 1 => {
                return Err(Error::unsupported("'sink.parallelism' above 1 for print").option("sink.parallelism"));
            }
            Some(n) => {
                return Err(Error::invalid(format!("'sink.parallelism' must be 1 or more, found '{n}'"))
                    .option("sink.parallelism"));
            }
        }
        let prefix = match options.get("print-identifier") {
            Some(identifier) if !identifier.is_empty() => format!("{identifier}> "),
            _ => String::new(),
        };
        Ok(Settings { prefix, standard_error: options.bool("standard-error", false)? })
    }
}

struct Print {
    settings: Settings,
    schema: Schema,
}

impl Sink for Print {
    fn writer(&self, _worker: usize) -> Result<Box<dyn SinkWriter>> {
        Ok(Box::new(PrintWriter { settings: self.settings.clone(), schema: self.schema.clone(), lines: vec![] }))
    }

    fn commit_group(&self) -> CommitGroup {
        CommitGroup::None
    }
}

struct PrintWriter {
    settings: Settings,
    schema: Schema,
    lines: Vec<u8>,
}

impl SinkWriter for PrintWriter {
    fn write(&mut self, batch: &ChangelogBatch) -> Result<()> {
        self.lines.clear();
        for row in 0..batch.num_rows() {
            self.lines.extend_from_slice(self.settings.prefix.as_bytes());
            text::push_row(&mut self.lines, batch, row, &self.schema)?;
            self.lines.push(b'\n');
        }
        // One write and one flush a batch: lines of workers don't mix, and a reader sees them at once.
        let written = if self.settings.standard_error {
            std::io::stderr().lock().write_all(&self.lines)
        } else {
            let mut out = std::io::stdout().lock();
            out.write_all(&self.lines).and_then(|()| out.flush())
        };
        written.map_err(|e| Error::unavailable(format!("cannot print: {e}")))
    }

    fn seal(&mut self, _epoch: Epoch) -> Result<serde_json::Value> {
        Ok(serde_json::Value::Null)
    }

    fn release(&mut self, _epoch: Epoch) -> Result<()> {
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
