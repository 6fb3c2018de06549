//! Rows of a SELECT, and answers of SHOW and the like, on standard output.

use std::io::{IsTerminal, StdoutLock, Write};
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use flitz_connectors::format::{Encoder, Messages, TableFormat};
use flitz_dataflow::options::Options;
use flitz_dataflow::{ChangelogBatch, Error, Field, Result, Schema, TypeKind};
use flitz_functions::EvalContext;
use flitz_plan::{Config, Node};
use flitz_sql::{PlannedJob, ResultTable};

use crate::cli::OutputFormat;
use crate::materialized::Materialized;
use crate::tableau::{Frame, NULL};
use crate::text::TextColumns;

/// Rows of a finished table that are printed before it says that there are more.
const ROWS_SHOWN_MAX: usize = 1000;
/// Columns of Flink's tables are no wider, where nothing else is set.
const COLUMN_WIDTH_MAX: usize = 30;
/// A terminal of unknown size.
const LINE_WIDTH: usize = 120;

/// One line to standard output.
pub fn print_line(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").map_err(unwritable)
}

/// How the rows of a query are shown.
pub enum Display {
    /// Each row as it comes.
    Changes(ResultPrinter),
    /// The table that the rows make, once it is complete.
    Table(TableDisplay),
    /// The table that the rows make, drawn anew as it changes.
    Live(TableDisplay),
}

impl Display {
    /// `--output` decides; else `sql-client.execution.result-mode`; else the shell shows tables, and a script prints
    /// each row.
    pub fn new(
        job: &PlannedJob,
        collected: &Node,
        output: Option<OutputFormat>,
        in_shell: bool,
        context: &EvalContext,
    ) -> Result<Display> {
        let schema = &collected.schema;
        let updating = !collected.changelog.is_insert_only();
        let width_set = width_max(&job.config)?;
        let width_max = width_set.unwrap_or(COLUMN_WIDTH_MAX);
        let mode = job.config.get("sql-client.execution.result-mode").map(str::to_lowercase);
        let form = match (output, mode.as_deref()) {
            (Some(output), _) => Form::of_output(output, schema, updating, width_max, context)?,
            (None, Some("tableau")) => Form::tableau(schema, job.config.is_batch(), width_max, context)?,
            (None, Some("changelog")) => Form::growing(schema, true, width_max, context)?,
            (None, _) if !in_shell => {
                let terminal = std::io::stdout().is_terminal();
                let output = if terminal { OutputFormat::Table } else { OutputFormat::Lines };
                Form::of_output(output, schema, updating, width_max, context)?
            }
            (None, _) if updating || job.plan.is_bounded() => {
                let rows_max = job.config.integer("sql-client.execution.max-table-result.rows")?;
                let rows_max = rows_max.and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).unwrap_or(1_000_000);
                // A table that is complete is as wide as it fits into the terminal; one that changes keeps still.
                return match job.plan.is_bounded() {
                    true => {
                        let width_max = width_set.unwrap_or(usize::MAX);
                        TableDisplay::new(schema, width_max, rows_max, context).map(Display::Table)
                    }
                    false => TableDisplay::new(schema, width_max, rows_max, context).map(Display::Live),
                };
            }
            (None, _) => Form::growing(schema, false, width_max, context)?,
        };
        Ok(Display::Changes(ResultPrinter { form, updating, rows: 0, started: Instant::now() }))
    }

    pub fn print(&mut self, batch: &ChangelogBatch) -> Result<()> {
        match self {
            Display::Changes(printer) => printer.print(batch),
            Display::Table(table) | Display::Live(table) => table.apply(batch),
        }
    }

    /// Whether a row has come so far.
    pub fn has_rows(&self) -> bool {
        match self {
            Display::Changes(printer) => printer.rows > 0,
            Display::Table(table) | Display::Live(table) => table.rows.len() > 0,
        }
    }

    /// After the last row.
    pub fn finish(&mut self) -> Result<()> {
        match self {
            Display::Changes(printer) => printer.finish(),
            Display::Table(table) | Display::Live(table) => table.print(),
        }
    }
}

/// `table.display.max-column-width`, by its older name too.
fn width_max(config: &Config) -> Result<Option<usize>> {
    let set = match config.integer("table.display.max-column-width")? {
        None => config.integer("sql-client.display.max-column-width")?,
        set => set,
    };
    Ok(set.and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0))
}

/// The table that a query's rows make.
pub struct TableDisplay {
    pub names: Vec<String>,
    pub rows: Materialized,
    pub width_max: usize,
    texts: TextColumns,
    started: Instant,
}

impl TableDisplay {
    fn new(schema: &Schema, width_max: usize, rows_max: usize, context: &EvalContext) -> Result<TableDisplay> {
        Ok(TableDisplay {
            names: names(schema),
            rows: Materialized::new(rows_max),
            width_max,
            texts: TextColumns::new(schema, context)?,
            started: Instant::now(),
        })
    }

    pub fn apply(&mut self, batch: &ChangelogBatch) -> Result<()> {
        let columns = self.texts.of(batch.rows())?;
        for row in 0..batch.num_rows() {
            let cell = |column: &StringArray| (!column.is_null(row)).then(|| shown(column.value(row)));
            self.rows.apply(batch.kind(row), columns.iter().map(cell).collect());
        }
        Ok(())
    }

    /// `12 rows`, and how many of them there is room for.
    pub fn summary(&self, drawn: usize) -> String {
        let total = self.rows.len();
        let plural = if total == 1 { "row" } else { "rows" };
        match drawn < total {
            true => format!("{drawn} of {total} {plural} shown"),
            false => format!("{total} {plural}"),
        }
    }

    fn print(&self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        let drawn = self.rows.len().min(ROWS_SHOWN_MAX);
        self.draw(&mut out, 0, drawn, terminal_width()).map_err(unwritable)?;
        let more = if drawn < self.rows.len() {
            "; SET 'sql-client.execution.result-mode' = 'tableau'; shows all"
        } else {
            ""
        };
        writeln!(out, "{} ({}){more}", self.summary(drawn), seconds(self.started)).map_err(unwritable)
    }

    /// Rows `from..from + count` within lines of `columns` characters.
    pub fn draw(&self, out: &mut impl Write, from: usize, count: usize, columns: usize) -> std::io::Result<()> {
        let rows: Vec<_> = self.rows.iter().skip(from).take(count).collect();
        let cells = |row: &'_ crate::materialized::Row| -> Vec<String> {
            row.iter().map(|cell| cell.clone().unwrap_or_else(|| NULL.to_owned())).collect()
        };
        let rows: Vec<Vec<String>> = rows.into_iter().map(cells).collect();
        let mut frame =
            Frame::of_rows(self.names.clone(), rows.iter().map(|r| r.iter().map(String::as_str)), self.width_max);
        frame.fit(columns);
        frame.head(out)?;
        for row in &rows {
            frame.row(out, "", row.iter().map(String::as_str))?;
        }
        frame.rule(out)
    }
}

/// Prints the batches of one query.
pub struct ResultPrinter {
    form: Form,
    /// An updating query.
    updating: bool,
    rows: u64,
    started: Instant,
}

enum Form {
    /// Tab-separated values; rows of updating queries begin with their kind.
    Lines { texts: TextColumns },
    /// A table that grows.
    Growing { frame: Frame, headed: bool, texts: TextColumns },
    /// Flink's tableau mode over a stream: every row with its kind.
    Tableau { frame: Frame, headed: bool, texts: TextColumns },
    /// Flink's tableau mode in batch: the rows, once they are all there.
    TableauBatch { names: Vec<String>, width_max: usize, rows: Vec<Vec<String>>, texts: TextColumns },
    /// Another program reads it. With `changes` the first column says what happened to the row.
    Encoded { encoder: Box<dyn Encoder>, header: Option<String>, changes: Option<SchemaRef>, messages: Messages },
}

impl Form {
    fn of_output(
        output: OutputFormat,
        schema: &Schema,
        updating: bool,
        width_max: usize,
        context: &EvalContext,
    ) -> Result<Form> {
        match output {
            OutputFormat::Table => Form::growing(schema, updating, width_max, context),
            OutputFormat::Lines => Ok(Form::Lines { texts: TextColumns::new(schema, context)? }),
            OutputFormat::Json => encoded("json", schema, updating),
            OutputFormat::Csv => encoded("csv", schema, updating),
        }
    }

    fn growing(schema: &Schema, with_kinds: bool, width_max: usize, context: &EvalContext) -> Result<Form> {
        let types = schema.fields.iter().map(|f| &f.data_type.kind);
        let frame = Frame::of_types(names(schema), types, width_max, with_kinds);
        Ok(Form::Growing { frame, headed: false, texts: TextColumns::new(schema, context)? })
    }

    fn tableau(schema: &Schema, batch: bool, width_max: usize, context: &EvalContext) -> Result<Form> {
        let texts = TextColumns::new(schema, context)?;
        if batch {
            return Ok(Form::TableauBatch { names: names(schema), width_max, rows: vec![], texts });
        }
        let types = schema.fields.iter().map(|f| &f.data_type.kind);
        Ok(Form::Tableau { frame: Frame::of_types(names(schema), types, width_max, true), headed: false, texts })
    }
}

impl ResultPrinter {
    fn print(&mut self, batch: &ChangelogBatch) -> Result<()> {
        let mut out = std::io::stdout().lock();
        self.rows += batch.num_rows() as u64;
        match &mut self.form {
            Form::Lines { texts } => lines(&mut out, batch, &texts.of(batch.rows())?, self.updating)?,
            Form::Growing { frame, headed, texts } | Form::Tableau { frame, headed, texts } => {
                let columns = texts.of(batch.rows())?;
                if !std::mem::replace(headed, true) {
                    frame.head(&mut out).map_err(unwritable)?;
                }
                for row in 0..batch.num_rows() {
                    let cells = columns.iter().map(|column| text(column, row, NULL));
                    frame.row(&mut out, batch.kind(row).short(), cells).map_err(unwritable)?;
                }
            }
            Form::TableauBatch { rows, texts, .. } => {
                let columns = texts.of(batch.rows())?;
                let cells = |row: usize| columns.iter().map(|column| text(column, row, NULL).to_owned()).collect();
                rows.extend((0..batch.num_rows()).map(cells));
            }
            Form::Encoded { encoder, header, changes, messages } => {
                if let Some(header) = header.take() {
                    writeln!(out, "{header}").map_err(unwritable)?;
                }
                messages.clear();
                match changes {
                    Some(schema) => encoder.encode(&with_kinds(batch, schema)?, messages)?,
                    None => encoder.encode(batch, messages)?,
                }
                for message in messages.iter() {
                    out.write_all(message.unwrap_or_default()).map_err(unwritable)?;
                    out.write_all(b"\n").map_err(unwritable)?;
                }
            }
        }
        out.flush().map_err(unwritable)
    }

    /// After the last row: closes a table and says how many rows there were.
    fn finish(&mut self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        let count = |n: u64| format!("{n} {}", if n == 1 { "row" } else { "rows" });
        let elapsed = seconds(self.started);
        match &mut self.form {
            Form::Growing { frame, headed, .. } => {
                if !*headed {
                    frame.head(&mut out).map_err(unwritable)?;
                }
                frame.rule(&mut out).map_err(unwritable)?;
                writeln!(out, "{}", count(self.rows)).map_err(unwritable)
            }
            Form::Tableau { frame, headed, .. } => {
                if !*headed {
                    frame.head(&mut out).map_err(unwritable)?;
                }
                if self.rows == 0 {
                    // So says Flink.
                    return writeln!(out, "Received a total of 0 row ({elapsed})").map_err(unwritable);
                }
                frame.rule(&mut out).map_err(unwritable)?;
                writeln!(out, "Received a total of {} ({elapsed})", count(self.rows)).map_err(unwritable)
            }
            Form::TableauBatch { names, width_max, rows, .. } => {
                framed(&mut out, names, rows, *width_max)?;
                match rows.is_empty() {
                    true => writeln!(out, "Empty set ({elapsed})").map_err(unwritable),
                    false => writeln!(out, "{} in set ({elapsed})", count(rows.len() as u64)).map_err(unwritable),
                }
            }
            Form::Lines { .. } | Form::Encoded { .. } => Ok(()),
        }
    }
}

fn lines(out: &mut StdoutLock<'_>, batch: &ChangelogBatch, columns: &[StringArray], updating: bool) -> Result<()> {
    let mut line = String::new();
    for row in 0..batch.num_rows() {
        line.clear();
        if updating {
            line.push_str(batch.kind(row).short());
        }
        for (i, column) in columns.iter().enumerate() {
            if i > 0 || updating {
                line.push('\t');
            }
            line.push_str(text(column, row, "NULL"));
        }
        line.push('\n');
        out.write_all(line.as_bytes()).map_err(unwritable)?;
    }
    Ok(())
}

/// A table that is there at once: the answer of SHOW, DESCRIBE and the like.
pub fn print_table(table: &ResultTable) -> Result<()> {
    let mut out = std::io::stdout().lock();
    // EXPLAIN and SHOW CREATE answer with text of several lines: no frame around that.
    if let [Some(text)] = table.rows.iter().flatten().collect::<Vec<_>>().as_slice()
        && text.contains('\n')
    {
        return writeln!(out, "{}", text.trim_end()).map_err(unwritable);
    }
    let cells = |row: &Vec<Option<String>>| row.iter().map(|cell| cell.clone().unwrap_or_default()).collect();
    let rows: Vec<Vec<String>> = table.rows.iter().map(cells).collect();
    framed(&mut out, &table.columns, &rows, usize::MAX)?;
    let footer = match rows.len() {
        0 => "Empty set".to_owned(),
        1 => "1 row in set".to_owned(),
        n => format!("{n} rows in set"),
    };
    writeln!(out, "{footer}").map_err(unwritable)
}

fn framed(out: &mut impl Write, names: &[String], rows: &[Vec<String>], width_max: usize) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let frame = Frame::of_rows(names.to_vec(), rows.iter().map(|r| r.iter().map(String::as_str)), width_max);
    frame.head(out).map_err(unwritable)?;
    for row in rows {
        frame.row(out, "", row.iter().map(String::as_str)).map_err(unwritable)?;
    }
    frame.rule(out).map_err(unwritable)
}

fn encoded(format: &str, schema: &Schema, updating: bool) -> Result<Form> {
    let mut schema = schema.clone();
    if updating {
        let taken = |name: &str| schema.fields.iter().any(|f| f.name == name);
        let name = if taken("op") { "op$" } else { "op" };
        schema.fields.insert(0, Field::new(name, TypeKind::STRING.not_null()));
    }
    let options: Options = [("format".to_owned(), format.to_owned())].into_iter().collect();
    let encoder = TableFormat::of(&options, "format")?.ok_or_else(|| Error::internal("no output format"))?;
    Ok(Form::Encoded {
        encoder: encoder.encoder(&schema)?,
        header: (format == "csv").then(|| names(&schema).join(",")),
        changes: updating.then(|| schema.to_arrow()),
        messages: Messages::default(),
    })
}

/// The rows with their kinds as a first column.
fn with_kinds(batch: &ChangelogBatch, schema: &SchemaRef) -> Result<ChangelogBatch> {
    let kinds: StringArray = (0..batch.num_rows()).map(|row| Some(batch.kind(row).short())).collect();
    let mut columns: Vec<ArrayRef> = vec![Arc::new(kinds)];
    columns.extend(batch.rows().columns().iter().cloned());
    Ok(ChangelogBatch::append_only(RecordBatch::try_new(schema.clone(), columns)?))
}

fn names(schema: &Schema) -> Vec<String> {
    schema.fields.iter().map(|f| f.name.clone()).collect()
}

fn text<'a>(column: &'a StringArray, row: usize, null: &'a str) -> &'a str {
    if column.is_null(row) { null } else { column.value(row) }
}

/// On one line, whatever it holds.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn terminal_width() -> usize {
    crossterm::terminal::size().map_or(LINE_WIDTH, |(columns, _)| columns as usize)
}

fn seconds(since: Instant) -> String {
    format!("{:.2} seconds", since.elapsed().as_secs_f64())
}

fn unwritable(e: std::io::Error) -> Error {
    Error::unavailable(format!("cannot write to standard output: {e}"))
}
