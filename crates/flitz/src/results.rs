//! Rows of a SELECT on standard output.

use std::io::{IsTerminal, StdoutLock, Write};

use arrow::array::{Array, StringArray};
use flitz_connectors::format::{Encoder, Messages, TableFormat};
use flitz_dataflow::options::Options;
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Error, Result, Schema, TypeKind};
use flitz_functions::EvalContext;

use crate::cli::OutputFormat;
use crate::text::TextColumns;

/// Columns wider than this are cut in tables (`table.display.max-column-width`).
const COLUMN_WIDTH_MAX: usize = 30;

/// One line to standard output.
pub fn print_line(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").map_err(unwritable)
}

/// Prints the batches of one query.
pub struct ResultPrinter {
    form: Form,
    /// An updating query: every row is printed with its kind.
    updating: bool,
    rows: u64,
}

enum Form {
    Table { columns: Vec<String>, least: Vec<usize>, widths: Vec<usize>, texts: TextColumns },
    Lines { texts: TextColumns },
    Encoded { encoder: Box<dyn Encoder>, header: Option<String>, messages: Messages },
}

impl ResultPrinter {
    pub fn new(
        schema: &Schema,
        changelog: ChangelogMode,
        output: Option<OutputFormat>,
        context: &EvalContext,
    ) -> Result<ResultPrinter> {
        let default = if std::io::stdout().is_terminal() { OutputFormat::Table } else { OutputFormat::Lines };
        let names: Vec<String> = schema.fields.iter().map(|f| f.name.clone()).collect();
        let form = match output.unwrap_or(default) {
            OutputFormat::Table => {
                let least = schema.fields.iter().map(|f| least_width(&f.data_type.kind)).collect();
                Form::Table { columns: names, least, widths: vec![], texts: TextColumns::new(schema, context)? }
            }
            OutputFormat::Lines => Form::Lines { texts: TextColumns::new(schema, context)? },
            OutputFormat::Json => encoded("json", schema, None)?,
            OutputFormat::Csv => encoded("csv", schema, Some(names.join(",")))?,
        };
        Ok(ResultPrinter { form, updating: !changelog.is_insert_only(), rows: 0 })
    }

    pub fn print(&mut self, batch: &ChangelogBatch) -> Result<()> {
        let mut out = std::io::stdout().lock();
        let updating = self.updating;
        self.rows += batch.num_rows() as u64;
        match &mut self.form {
            Form::Lines { texts } => {
                let columns = texts.of(batch.rows())?;
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
            }
            Form::Table { columns, least, widths, texts } => {
                let values = texts.of(batch.rows())?;
                if widths.is_empty() {
                    *widths = column_widths(columns, &values);
                    for (width, least) in widths.iter_mut().zip(least) {
                        *width = (*width).max(*least);
                    }
                    table_head(&mut out, columns, widths, updating)?;
                }
                for row in 0..batch.num_rows() {
                    let cells = values.iter().map(|column| text(column, row, "<NULL>"));
                    table_row(&mut out, updating.then(|| batch.kind(row).short()), cells, widths)?;
                }
            }
            Form::Encoded { encoder, header, messages } => {
                if let Some(header) = header.take() {
                    writeln!(out, "{header}").map_err(unwritable)?;
                }
                messages.clear();
                encoder.encode(batch, messages)?;
                for message in messages.iter() {
                    out.write_all(message.unwrap_or_default()).map_err(unwritable)?;
                    out.write_all(b"\n").map_err(unwritable)?;
                }
            }
        }
        out.flush().map_err(unwritable)
    }

    /// After the last row: closes a table and says how many rows there were.
    pub fn finish(&mut self) -> Result<()> {
        if let Form::Table { columns, widths, .. } = &mut self.form {
            let mut out = std::io::stdout().lock();
            if widths.is_empty() {
                *widths = column_widths(columns, &[]);
                table_head(&mut out, columns, widths, self.updating)?;
            }
            rule(&mut out, widths, self.updating)?;
            let plural = if self.rows == 1 { "row" } else { "rows" };
            writeln!(out, "{} {plural}", self.rows).map_err(unwritable)?;
        }
        Ok(())
    }
}

/// A table that is there at once: the answer of SHOW, DESCRIBE and the like.
pub fn print_table(columns: &[String], rows: &[Vec<Option<String>>]) -> Result<()> {
    let values: Vec<StringArray> =
        (0..columns.len()).map(|c| rows.iter().map(|row| row[c].as_deref()).collect()).collect();
    let mut out = std::io::stdout().lock();
    // EXPLAIN and SHOW CREATE answer with text of several lines: no frame around that.
    if let [Some(text)] = rows.iter().flatten().collect::<Vec<_>>().as_slice()
        && text.contains('\n')
    {
        return writeln!(out, "{text}").map_err(unwritable);
    }
    let mut widths = column_widths(columns, &values);
    for (width, column) in widths.iter_mut().zip(&values) {
        *width = column.iter().flatten().map(|t| t.chars().count()).fold(*width, usize::max);
    }
    table_head(&mut out, columns, &widths, false)?;
    for row in 0..rows.len() {
        table_row(&mut out, None, values.iter().map(|column| text(column, row, "<NULL>")), &widths)?;
    }
    rule(&mut out, &widths, false)
}

fn encoded(format: &str, schema: &Schema, header: Option<String>) -> Result<Form> {
    let options: Options = [("format".to_owned(), format.to_owned())].into_iter().collect();
    let format = TableFormat::of(&options, "format")?.ok_or_else(|| Error::internal("no output format"))?;
    Ok(Form::Encoded { encoder: format.encoder(schema)?, header, messages: Messages::default() })
}

fn text<'a>(column: &'a StringArray, row: usize, null: &'a str) -> &'a str {
    if column.is_null(row) { null } else { column.value(row) }
}

/// What a column will need, judged by its type: later rows may be wider than the first.
fn least_width(kind: &TypeKind) -> usize {
    match kind {
        TypeKind::Boolean => 5,
        TypeKind::TinyInt | TypeKind::SmallInt => 6,
        TypeKind::Int => 11,
        TypeKind::BigInt => 12,
        TypeKind::Decimal { .. } | TypeKind::Float => 14,
        TypeKind::Double => 20,
        TypeKind::Char(n) => (*n as usize).min(COLUMN_WIDTH_MAX),
        _ => 16,
    }
}

/// As wide as the header and the first rows ask for: a growing table can't look further ahead.
fn column_widths(columns: &[String], values: &[StringArray]) -> Vec<usize> {
    let width = |(i, name): (usize, &String)| {
        let rows = values.get(i).map_or(6, |column| {
            (0..column.len()).map(|row| text(column, row, "<NULL>").chars().count()).max().unwrap_or(6)
        });
        name.chars().count().max(rows.min(COLUMN_WIDTH_MAX))
    };
    columns.iter().enumerate().map(width).collect()
}

fn table_head(out: &mut StdoutLock<'_>, columns: &[String], widths: &[usize], updating: bool) -> Result<()> {
    rule(out, widths, updating)?;
    table_row(out, updating.then_some("op"), columns.iter().map(String::as_str), widths)?;
    rule(out, widths, updating)
}

fn rule(out: &mut StdoutLock<'_>, widths: &[usize], updating: bool) -> Result<()> {
    let mut line = String::from(if updating { "+----" } else { "" });
    for width in widths {
        line.push('+');
        line.push_str(&"-".repeat(width + 2));
    }
    writeln!(out, "{line}+").map_err(unwritable)
}

fn table_row<'a>(
    out: &mut StdoutLock<'_>,
    kind: Option<&str>,
    cells: impl Iterator<Item = &'a str>,
    widths: &[usize],
) -> Result<()> {
    let mut line = kind.map(|k| format!("| {k} ")).unwrap_or_default();
    for (cell, width) in cells.zip(widths) {
        let length = cell.chars().count();
        line.push_str("| ");
        if length <= *width {
            line.push_str(&" ".repeat(width - length));
            line.push_str(cell);
        } else {
            line.extend(cell.chars().take(width.saturating_sub(1)));
            line.push('…');
        }
        line.push(' ');
    }
    writeln!(out, "{line}|").map_err(unwritable)
}

fn unwritable(e: std::io::Error) -> Error {
    Error::unavailable(format!("cannot write to standard output: {e}"))
}
