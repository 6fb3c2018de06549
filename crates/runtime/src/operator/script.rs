//! Operators under test: a script of batches, watermarks, barriers and recoveries, and what comes out.
//!
//! ```text
//! +I a 2 10 | -D b 3 NULL     a batch; values by the schema, times in milliseconds
//! watermark 9
//! right +I a 2 10             a batch of the second input, of the same schema
//! timer 100                   the clock moves there
//! barrier
//! recover 2                   from the last barrier, with two workers; rows go to their key's owner
//! spill 100                   so many bytes of state go to disk; without a number all that can
//! end
//! ```

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array, make_array};
use arrow::compute::{cast, take_record_batch};
use arrow::datatypes::{DataType as Arrow, TimeUnit};
use arrow::util::display::array_value_to_string;
use flitz_dataflow::{ChangelogBatch, ManualClock, Result, RowKind, Schema, Watermark};
use flitz_functions::EvalContext;
use flitz_state::snapshot::StateRun;
use flitz_state::spill::{Order, Scratch, SpillWriter};

use super::spilling::Spilling;
use super::{Operator, OperatorContext, OperatorSnapshot, Output, Share};
use crate::keys::{hash_keys, worker_of};

const MILLIS: Arrow = Arrow::Timestamp(TimeUnit::Millisecond, None);

pub struct Script {
    schema: Schema,
    keys: Vec<usize>,
    clock: ManualClock,
    zone: &'static str,
    batch_mode: bool,
    every_change: bool,
    sorted: bool,
    make: Box<dyn Fn(&OperatorContext) -> Result<Box<dyn Operator>>>,
    workers: Vec<Box<dyn Operator>>,
    saved: Vec<OperatorSnapshot>,
    spilling: Spilling,
    /// What a checkpoint has is restored to disk.
    restores_to_disk: bool,
    _folder: tempfile::TempDir,
}

impl Script {
    pub fn new(
        schema: Schema,
        keys: &[usize],
        make: impl Fn(&OperatorContext) -> Result<Box<dyn Operator>> + 'static,
    ) -> Script {
        let folder = tempfile::tempdir().expect("a folder for scratch files");
        let scratch = Arc::new(Scratch::new(vec![folder.path().to_owned()]).expect("a folder"));
        Script {
            schema,
            spilling: Spilling { scratch, part_bytes: 2_000 },
            restores_to_disk: false,
            _folder: folder,
            keys: keys.to_vec(),
            clock: ManualClock::at(0),
            zone: "UTC",
            batch_mode: false,
            every_change: false,
            sorted: false,
            make: Box::new(make),
            workers: vec![],
            saved: vec![],
        }
    }

    pub fn zone(mut self, zone: &'static str) -> Script {
        self.zone = zone;
        self
    }

    /// Rows that come out together are sorted as text, as they always are with several workers.
    pub fn sorted(mut self) -> Script {
        self.sorted = true;
        self
    }

    pub fn batch_mode(mut self) -> Script {
        self.batch_mode = true;
        self
    }

    pub fn every_change(mut self) -> Script {
        self.every_change = true;
        self
    }

    pub fn restores_to_disk(mut self) -> Script {
        self.restores_to_disk = true;
        self
    }

    /// What a restart finds.
    fn loaded(&self) -> Result<Vec<OperatorSnapshot>> {
        let mut saved = self.saved.clone();
        for run in saved.iter_mut().flat_map(|state| &mut state.runs) {
            let rows = run.rows()?;
            let mut loaded = StateRun::new(run.id, run.tag.clone(), rows.clone());
            if self.restores_to_disk {
                let scratch = &self.spilling.scratch;
                let mut writer = SpillWriter::new(scratch, &rows.schema(), Order::Arrival, 3, None);
                writer.write_next(&rows)?;
                loaded = StateRun::on_disk(run.id, run.tag.clone(), writer.finish()?);
            }
            *run = Arc::new(loaded);
        }
        Ok(saved)
    }

    fn start(&mut self, parallelism: usize) -> Result<()> {
        let saved = self.loaded()?;
        self.workers.clear();
        for worker in 0..parallelism {
            let share = Share { worker, parallelism };
            let eval = EvalContext::new(Arc::new(self.clock.clone()), self.zone)?;
            let context = OperatorContext {
                eval,
                share,
                holds_global: worker == 0,
                batch_mode: self.batch_mode,
                every_change: self.every_change,
                spilling: Some(self.spilling.clone()),
            };
            let mut operator = (self.make)(&context)?;
            if !saved.is_empty() {
                operator.restore(saved.clone(), share)?;
            }
            self.workers.push(operator);
        }
        Ok(())
    }

    /// What came out, one line per row, behind the line that made it come.
    pub fn run(mut self, text: &str) -> String {
        let mut log = String::new();
        self.start(1).expect("the operator starts");
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match self.step(line) {
                Ok(rows) if rows.is_empty() => {}
                Ok(rows) => log.push_str(&format!("{line}\n    {}\n", rows.join("\n    "))),
                Err(error) => {
                    log.push_str(&format!("{line}\n    error: {error}\n"));
                    break;
                }
            }
        }
        log
    }

    fn step(&mut self, line: &str) -> Result<Vec<String>> {
        let mut out = Output::default();
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        let number = rest.trim().parse::<i64>();
        match (command, number) {
            ("watermark", Ok(millis)) => {
                for worker in &mut self.workers {
                    worker.watermark(Watermark::from_millis(millis), &mut out)?;
                    finish(worker, &mut out)?;
                }
            }
            ("timer", Ok(now)) => {
                self.clock.advance(now - flitz_dataflow::Clock::now_millis(&self.clock));
                for worker in &mut self.workers {
                    if worker.next_timer().is_some_and(|due| due <= now) {
                        worker.timer(now, &mut out)?;
                        finish(worker, &mut out)?;
                    }
                }
            }
            ("barrier", _) => {
                self.saved.clear();
                for worker in &mut self.workers {
                    worker.before_barrier(&mut out)?;
                    self.saved.push(worker.snapshot()?);
                }
            }
            ("spill", bytes) => {
                let bytes = bytes.map_or(usize::MAX / 2, |bytes| bytes as usize);
                for worker in &mut self.workers {
                    worker.spill(bytes)?;
                }
            }
            ("recover", Ok(parallelism)) => self.start(parallelism as usize)?,
            ("recover", Err(_)) => self.start(1)?,
            ("late", _) => {
                return Ok(vec![self.workers.iter().map(|w| w.stats().late_rows).sum::<u64>().to_string()]);
            }
            ("end", _) => {
                for worker in &mut self.workers {
                    worker.watermark(Watermark::MAX, &mut out)?;
                    finish(worker, &mut out)?;
                    worker.end(&mut out)?;
                }
            }
            ("right", _) => self.route(1, parse_batch(&self.schema, rest), &mut out)?,
            _ => self.route(0, parse_batch(&self.schema, line), &mut out)?,
        }
        let mut rows: Vec<String> = out.drain().flat_map(|batch| print_batch(&batch)).collect();
        if self.sorted || self.workers.len() > 1 {
            rows.sort();
        }
        Ok(rows)
    }

    fn route(&mut self, input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        let parallelism = self.workers.len();
        let hashes = hash_keys(batch.rows(), &self.keys)?;
        for worker in 0..parallelism {
            let mine: Vec<u32> = (0..batch.num_rows() as u32)
                .filter(|row| worker_of(hashes[*row as usize], parallelism) == worker)
                .collect();
            let kinds = batch.kinds().map(|kinds| mine.iter().map(|row| kinds[*row as usize]).collect());
            let rows = take_record_batch(batch.rows(), &UInt32Array::from(mine))?;
            self.workers[worker].process(input, ChangelogBatch::new(rows, kinds), out)?;
            finish(&mut self.workers[worker], out)?;
        }
        Ok(())
    }
}

fn finish(worker: &mut Box<dyn Operator>, out: &mut Output) -> Result<()> {
    while worker.has_more() {
        // As if what was emitted so far had gone downstream.
        let mut more = Output::default();
        worker.more(&mut more)?;
        more.drain().for_each(|batch| out.push(batch));
    }
    Ok(())
}

/// `+I a 1 | -D b 2`
pub fn parse_batch(schema: &Schema, line: &str) -> ChangelogBatch {
    let rows: Vec<Vec<&str>> = line.split('|').map(|row| row.split_whitespace().collect()).collect();
    let kinds: Vec<RowKind> = rows
        .iter()
        .map(|row| match row[0] {
            "+I" => RowKind::Insert,
            "-U" => RowKind::UpdateBefore,
            "+U" => RowKind::UpdateAfter,
            "-D" => RowKind::Delete,
            other => panic!("'{other}' is neither a row kind nor a command"),
        })
        .collect();
    let arrow = schema.to_arrow();
    let columns: Vec<ArrayRef> = arrow
        .fields()
        .iter()
        .enumerate()
        .map(|(i, field)| {
            let texts: StringArray = rows.iter().map(|row| Some(row[i + 1]).filter(|v| *v != "NULL")).collect();
            let texts: ArrayRef = Arc::new(texts);
            match field.data_type() {
                Arrow::Timestamp(unit, _) => {
                    let millis = cast(&cast(&texts, &Arrow::Int64).unwrap(), &MILLIS).unwrap();
                    let local = cast(&millis, &Arrow::Timestamp(*unit, None)).unwrap();
                    let data = local.to_data().into_builder().data_type(field.data_type().clone());
                    make_array(data.build().unwrap())
                }
                other => cast(&texts, other).unwrap(),
            }
        })
        .collect();
    let batch = RecordBatch::try_new(arrow, columns).unwrap();
    let kinds = kinds.iter().any(|kind| *kind != RowKind::Insert).then(|| kinds.into());
    ChangelogBatch::new(batch, kinds)
}

pub fn print_batch(batch: &ChangelogBatch) -> Vec<String> {
    let columns: Vec<ArrayRef> = batch
        .rows()
        .columns()
        .iter()
        .map(|column| match column.data_type() {
            Arrow::Timestamp(unit, _) => {
                let data = column.to_data().into_builder().data_type(Arrow::Timestamp(*unit, None));
                cast(&cast(&make_array(data.build().unwrap()), &MILLIS).unwrap(), &Arrow::Int64).unwrap()
            }
            _ => column.clone(),
        })
        .collect();
    (0..batch.num_rows())
        .map(|row| {
            let values = columns.iter().map(|column| match column.is_null(row) {
                true => "NULL".to_owned(),
                false => array_value_to_string(column, row).unwrap(),
            });
            std::iter::once(batch.kind(row).to_string()).chain(values).collect::<Vec<_>>().join(" ")
        })
        .collect()
}
