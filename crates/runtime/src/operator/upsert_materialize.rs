//! Several rows of a query under one primary key of its sink: which of them the sink has.
//!
//! **DO DEDUPLICATE** keeps the rows of each primary key in the order in which they came. The last one stands:
//!
//! | comes | rows of the key before | after | emitted |
//! |---|---|---|---|
//! | `+I` or `+U` r | – | r | `+I r` |
//! | `+I` or `+U` r | a, b | a, b, r | `+U r` |
//! | `-U` or `-D` b | a, b | a | `+U a`: the one before comes back |
//! | `-U` or `-D` a | a, b | b | nothing |
//! | `-U` or `-D` a | a | – | `-D a` |
//!
//! A row that has an upsert key is found again by it, and its new version takes its place; else by all columns.
//!
//! **DO NOTHING** and **DO ERROR** hold changes back until the watermark moves on, for only then it is sure that an
//! old row and its new version have both come. What is left of a key's changes then, together with the row that stands,
//! is one row (it stands), none (`-D`), or several: a conflict, which changes nothing or ends the job. The first of them
//! stands if none has before.
//!
//! Per row kept about 100 bytes and the row; per change a look-up by key and a walk over the rows of that key.
//! Checkpoints are incremental by row, see [`KeyedRuns`]: a row is known by primary key and a sequence number.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int8Array, Int64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int8Type, Int64Type, Schema as ArrowSchema, SchemaRef};
use arrow::row::{RowConverter, RowParser, SortField};
use arrow::util::display::array_value_to_string;
use flitz_dataflow::{ChangelogBatch, Error, Result, RowKind, Schema, Watermark};
use flitz_plan::{Conflict, Node, NodeKind};

use super::groups::batch_of;
use super::keyed_runs::KeyedRuns;
use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};

type Bytes = Arc<[u8]>;

pub struct UpsertMaterialize {
    primary_key: Vec<usize>,
    /// What finds a row again.
    identity: Vec<usize>,
    conflict: Conflict,
    rows: RowConverter,
    parser: RowParser,
    keys: RowConverter,
    identities: RowConverter,
    schema: SchemaRef,
    entries: HashMap<Bytes, Entry>,
    /// Keys with changes that wait for the watermark, in the order in which they came.
    waiting: Vec<Bytes>,
    next_sequence: i64,
    /// Rows that no checkpoint has yet, by sequence number.
    unsaved: BTreeMap<i64, Kept>,
    /// Rows that a checkpoint has and that are no more.
    gone: Vec<Kept>,
    kept: usize,
    bytes: usize,
    runs: KeyedRuns,
    run_schema: SchemaRef,
}

#[derive(Default)]
struct Entry {
    /// With DO DEDUPLICATE all rows of the key, else the one that stands.
    rows: Vec<Kept>,
    /// Changes that wait for the watermark.
    buffer: Vec<Kept>,
}

#[derive(Clone)]
struct Kept {
    sequence: i64,
    role: Role,
    identity: Bytes,
    row: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Stands = 0,
    Added = 1,
    Retracted = 2,
}

impl Role {
    fn of(number: i8) -> Role {
        match number {
            0 => Role::Stands,
            1 => Role::Added,
            _ => Role::Retracted,
        }
    }
}

/// Rows to emit.
#[derive(Default)]
struct Emitted {
    kinds: Vec<RowKind>,
    rows: Vec<Bytes>,
}

impl Emitted {
    fn push(&mut self, kind: RowKind, row: &Bytes) {
        self.kinds.push(kind);
        self.rows.push(row.clone());
    }
}

fn converter(schema: &SchemaRef, columns: &[usize]) -> Result<RowConverter> {
    let fields = columns.iter().map(|&i| SortField::new(schema.field(i).data_type().clone())).collect();
    RowConverter::new(fields).map_err(|_| Error::unsupported("ON CONFLICT with a column of this type"))
}

impl UpsertMaterialize {
    pub fn new(node: &Node, input: &Schema, context: &OperatorContext) -> Result<UpsertMaterialize> {
        let NodeKind::UpsertMaterialize(spec) = &node.kind else {
            return Err(Error::internal("not an upsert materializer"));
        };
        // What a source declares NOT NULL may be NULL all the same.
        let fields: Vec<Arc<Field>> =
            input.to_arrow().fields().iter().map(|f| Arc::new(f.as_ref().clone().with_nullable(true))).collect();
        let schema: SchemaRef = Arc::new(ArrowSchema::new(fields.clone()));
        let all: Vec<usize> = (0..fields.len()).collect();
        let identity = spec.upsert_key.clone().unwrap_or_else(|| all.clone());
        let rows = converter(&schema, &all)?;
        let mut run_fields: Vec<Arc<Field>> = spec.primary_key.iter().map(|&i| fields[i].clone()).collect();
        run_fields.push(Arc::new(Field::new("sequence", DataType::Int64, false)));
        run_fields.push(Arc::new(Field::new("alive", DataType::Boolean, false)));
        run_fields.push(Arc::new(Field::new("role", DataType::Int8, false)));
        run_fields.extend(fields);
        Ok(UpsertMaterialize {
            keys: converter(&schema, &spec.primary_key)?,
            identities: converter(&schema, &identity)?,
            parser: rows.parser(),
            rows,
            runs: KeyedRuns::new(spec.primary_key.len() + 1, context.spilling.clone()),
            primary_key: spec.primary_key.clone(),
            identity,
            conflict: spec.conflict,
            schema,
            entries: HashMap::new(),
            waiting: vec![],
            next_sequence: 0,
            unsaved: BTreeMap::new(),
            gone: vec![],
            kept: 0,
            bytes: 0,
            run_schema: Arc::new(ArrowSchema::new(run_fields)),
        })
    }

    /// Columns of a batch in exactly the types of the schema: nested ones may differ in what may be NULL.
    fn typed(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let typed = |(column, field): (&ArrayRef, &Arc<Field>)| match column.data_type() == field.data_type() {
            true => Ok(column.clone()),
            false => Ok(cast(column, field.data_type())?),
        };
        rows.columns().iter().zip(self.schema.fields()).map(typed).collect()
    }

    /// Key and row of each row of a batch.
    fn encoded(&self, columns: &[ArrayRef]) -> Result<Vec<(Bytes, Kept)>> {
        let of = |positions: &[usize]| positions.iter().map(|&i| columns[i].clone()).collect::<Vec<_>>();
        let rows = self.rows.convert_columns(columns)?;
        let keys = self.keys.convert_columns(&of(&self.primary_key))?;
        let identities = self.identities.convert_columns(&of(&self.identity))?;
        let kept = |i: usize| Kept {
            sequence: 0,
            role: Role::Stands,
            identity: identities.row(i).as_ref().into(),
            row: rows.row(i).as_ref().into(),
        };
        Ok((0..rows.num_rows()).map(|i| (keys.row(i).as_ref().into(), kept(i))).collect())
    }

    fn decoded<'a>(&self, rows: impl Iterator<Item = &'a Bytes>) -> Result<Vec<ArrayRef>> {
        Ok(self.rows.convert_rows(rows.map(|bytes| self.parser.parse(bytes)))?)
    }

    /// Takes a row into the state.
    fn keep(&mut self, mut row: Kept, role: Role) -> Kept {
        row.sequence = self.next_sequence;
        row.role = role;
        self.next_sequence += 1;
        self.kept += 1;
        self.bytes += row.row.len() + row.identity.len();
        self.unsaved.insert(row.sequence, row.clone());
        row
    }

    fn drop_row(&mut self, row: Kept) {
        self.kept -= 1;
        self.bytes -= row.row.len() + row.identity.len();
        if self.unsaved.remove(&row.sequence).is_none() {
            self.gone.push(row);
        }
    }

    fn deduplicate(&mut self, kind: RowKind, key: Bytes, row: Kept, emitted: &mut Emitted) {
        let mut entry = self.entries.remove(&key).unwrap_or_default();
        let found = entry.rows.iter().position(|kept| kept.identity == row.identity);
        match kind {
            RowKind::Insert | RowKind::UpdateAfter => {
                let kind = if entry.rows.is_empty() { RowKind::Insert } else { RowKind::UpdateAfter };
                emitted.push(kind, &row.row);
                let is_known_by_key = self.identity.len() < self.schema.fields().len();
                let row = self.keep(row, Role::Stands);
                match found.filter(|_| is_known_by_key) {
                    // Sequence numbers tell the order after a restart, so those behind it move on too.
                    Some(place) => {
                        let behind = entry.rows.split_off(place + 1);
                        let old = entry.rows.pop();
                        entry.rows.push(row);
                        for later in behind {
                            let moved = self.keep(later.clone(), Role::Stands);
                            self.drop_row(later);
                            entry.rows.push(moved);
                        }
                        old.into_iter().for_each(|old| self.drop_row(old));
                    }
                    None => entry.rows.push(row),
                }
            }
            RowKind::UpdateBefore | RowKind::Delete => {
                if let Some(place) = found {
                    let was_last = place + 1 == entry.rows.len();
                    let old = entry.rows.remove(place);
                    self.drop_row(old);
                    match entry.rows.last() {
                        None => emitted.push(RowKind::Delete, &row.row),
                        Some(last) if was_last => emitted.push(RowKind::UpdateAfter, &last.row),
                        Some(_) => {}
                    }
                }
            }
        }
        if !entry.rows.is_empty() {
            self.entries.insert(key, entry);
        }
    }

    /// Holds a change back, or takes it and its opposite out.
    fn hold_back(&mut self, kind: RowKind, key: Bytes, row: Kept) {
        let (role, opposite) = match kind {
            RowKind::Insert | RowKind::UpdateAfter => (Role::Added, Role::Retracted),
            RowKind::UpdateBefore | RowKind::Delete => (Role::Retracted, Role::Added),
        };
        let buffer = &mut self.entries.entry(key.clone()).or_default().buffer;
        if let Some(place) = buffer.iter().position(|kept| kept.role == opposite && kept.row == row.row) {
            let cancelled = buffer.remove(place);
            self.drop_row(cancelled);
            return;
        }
        let row = self.keep(row, role);
        let buffer = &mut self.entries.entry(key.clone()).or_default().buffer;
        if buffer.is_empty() {
            self.waiting.push(key);
        }
        buffer.push(row);
    }

    /// What the changes that waited come to.
    fn decide(&mut self, key: Bytes, emitted: &mut Emitted) -> Result<()> {
        let Some(Entry { rows, buffer }) = self.entries.remove(&key) else { return Ok(()) };
        let previous = rows.into_iter().next();
        let is_known_by_key = self.identity.len() < self.schema.fields().len();
        let mut left: Vec<Kept> = previous.iter().cloned().collect();
        for change in &buffer {
            let found = left.iter().position(|kept| kept.identity == change.identity);
            match (change.role, found) {
                (Role::Retracted, Some(place)) => {
                    left.remove(place);
                }
                (Role::Retracted, None) => {}
                (_, Some(place)) if is_known_by_key => left[place] = change.clone(),
                _ => left.push(change.clone()),
            }
        }
        let several = left.len() > 1;
        if several && self.conflict == Conflict::Error {
            return Err(Error::data(format!(
                "primary key constraint violation: several rows with the primary key {}",
                self.shown_key(&left[0].row)?
            ))
            .hint("ON CONFLICT DO NOTHING keeps the first row, DO DEDUPLICATE the latest"));
        }
        let stands = match (previous, left.into_iter().next()) {
            // A conflict leaves what there was.
            (Some(previous), _) if several => Some(previous),
            (Some(previous), None) => {
                emitted.push(RowKind::Delete, &previous.row);
                self.drop_row(previous);
                None
            }
            (Some(previous), Some(new)) if previous.row != new.row => {
                emitted.push(RowKind::UpdateAfter, &new.row);
                self.drop_row(previous);
                Some(self.keep(new, Role::Stands))
            }
            (Some(previous), Some(_)) => Some(previous),
            (None, Some(new)) => {
                emitted.push(RowKind::Insert, &new.row);
                Some(self.keep(new, Role::Stands))
            }
            (None, None) => None,
        };
        buffer.into_iter().for_each(|change| self.drop_row(change));
        if let Some(row) = stands {
            self.entries.insert(key, Entry { rows: vec![row], buffer: vec![] });
        }
        Ok(())
    }

    /// `[id=1]`
    fn shown_key(&self, row: &Bytes) -> Result<String> {
        let columns = self.decoded(std::iter::once(row))?;
        let part = |&i: &usize| {
            let value = array_value_to_string(&columns[i], 0)?;
            Ok(format!("{}={value}", self.schema.field(i).name()))
        };
        let parts = self.primary_key.iter().map(part).collect::<Result<Vec<_>>>()?;
        Ok(format!("[{}]", parts.join(", ")))
    }

    fn emit(&self, emitted: Emitted, out: &mut Output) -> Result<()> {
        if emitted.rows.is_empty() {
            return Ok(());
        }
        let columns = self.decoded(emitted.rows.iter())?;
        let rows = batch_of(self.schema.clone(), columns, emitted.rows.len())?;
        out.push(ChangelogBatch::new(rows, Some(emitted.kinds.into())));
        Ok(())
    }

    fn changes_as_run(&mut self) -> Result<RecordBatch> {
        let (gone, unsaved) = (std::mem::take(&mut self.gone), std::mem::take(&mut self.unsaved));
        let changes: Vec<(&Kept, bool)> =
            gone.iter().map(|row| (row, false)).chain(unsaved.values().map(|row| (row, true))).collect();
        let rows = self.decoded(changes.iter().map(|(kept, _)| &kept.row))?;
        let mut columns: Vec<ArrayRef> = self.primary_key.iter().map(|&i| rows[i].clone()).collect();
        columns.push(Arc::new(Int64Array::from_iter_values(changes.iter().map(|(kept, _)| kept.sequence))));
        columns.push(Arc::new(changes.iter().map(|(_, alive)| Some(*alive)).collect::<BooleanArray>()));
        columns.push(Arc::new(Int8Array::from_iter_values(changes.iter().map(|(kept, _)| kept.role as i8))));
        columns.extend(rows);
        batch_of(self.run_schema.clone(), columns, changes.len())
    }
}

impl Operator for UpsertMaterialize {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        let columns = self.typed(batch.rows())?;
        let encoded = self.encoded(&columns)?;
        let mut emitted = Emitted::default();
        for (i, (key, row)) in encoded.into_iter().enumerate() {
            let kind = batch.kinds().map_or(RowKind::Insert, |kinds| kinds[i]);
            match self.conflict {
                Conflict::Deduplicate => self.deduplicate(kind, key, row, &mut emitted),
                Conflict::Nothing | Conflict::Error => self.hold_back(kind, key, row),
            }
        }
        self.emit(emitted, out)?;
        self.runs.tidy(self.kept)
    }

    fn watermark(&mut self, _watermark: Watermark, out: &mut Output) -> Result<()> {
        let mut emitted = Emitted::default();
        for key in std::mem::take(&mut self.waiting) {
            self.decide(key, &mut emitted)?;
        }
        self.emit(emitted, out)
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        let run = self.changes_as_run()?;
        self.runs.push(run)?;
        Ok(OperatorSnapshot { value: serde_json::Value::Null, runs: self.runs.runs() })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        let keys = self.primary_key.len();
        let Some(rows) = self.runs.restore(&states, keys, share, false)? else { return Ok(()) };
        if rows.schema().fields().len() != self.run_schema.fields().len() {
            return Err(Error::internal("an upsert materializer's saved state has other columns than its input"));
        }
        let sequences = rows.column(keys).as_primitive::<Int64Type>().clone();
        let roles = rows.column(keys + 2).as_primitive::<Int8Type>().clone();
        let encoded = self.encoded(&rows.columns()[keys + 3..])?;
        let mut sorted: Vec<(i64, usize)> = sequences.values().iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        for (sequence, i) in sorted {
            let (key, row) = encoded[i].clone();
            let row = Kept { sequence, role: Role::of(roles.value(i)), ..row };
            self.kept += 1;
            self.bytes += row.row.len() + row.identity.len();
            self.next_sequence = self.next_sequence.max(sequence + 1);
            let entry = self.entries.entry(key.clone()).or_default();
            match row.role {
                Role::Stands => entry.rows.push(row),
                Role::Added | Role::Retracted => {
                    if entry.buffer.is_empty() {
                        self.waiting.push(key);
                    }
                    entry.buffer.push(row);
                }
            }
        }
        Ok(())
    }

    /// What checkpoints have goes to disk; the rows that are kept stay in memory.
    fn spill(&mut self, _bytes: usize) -> Result<usize> {
        self.runs.spill()
    }

    fn stats(&self) -> OperatorStats {
        OperatorStats {
            state_rows: self.kept as u64,
            state_bytes: (self.bytes + self.kept * 2 * size_of::<Kept>() + self.runs.bytes()) as u64,
            late_rows: 0,
            spilled_bytes: self.runs.disk_bytes(),
        }
    }
}

#[cfg(test)]
pub mod tests {
    use expect_test::{Expect, expect};
    use flitz_dataflow::{ChangelogMode, Field as PlanField, TypeKind};

    use super::super::script::Script;
    use super::*;

    /// Columns `k, v`: primary key k, upsert key v.
    pub fn script(conflict: Conflict) -> Script {
        let schema = Schema::new(vec![
            PlanField::new("k", TypeKind::STRING.nullable()),
            PlanField::new("v", TypeKind::BigInt.nullable()),
        ]);
        let spec = flitz_plan::UpsertMaterialize { primary_key: vec![0], upsert_key: Some(vec![1]), conflict };
        let node = Node {
            inputs: vec![],
            kind: NodeKind::UpsertMaterialize(spec),
            schema: schema.clone(),
            changelog: ChangelogMode::UPSERT,
            upsert_key: Some(vec![0]),
        };
        let input = schema.clone();
        Script::new(schema, &[0], move |context| {
            Ok(Box::new(UpsertMaterialize::new(&node, &input, context)?) as Box<dyn Operator>)
        })
    }

    fn check(conflict: Conflict, text: &str, expected: Expect) {
        expected.assert_eq(&script(conflict).run(text));
    }

    #[test]
    fn the_latest_row_stands_and_the_one_before_comes_back() {
        check(
            Conflict::Deduplicate,
            "
            +I a 1 | +I a 2 | +I b 3
            barrier
            -U a 2 | +U b 2
            +I a 4
            barrier
            recover 2
            -D a 1
            -D b 3
            -D b 2 | -D a 4 | -D zz 9
            ",
            expect![[r#"
                +I a 1 | +I a 2 | +I b 3
                    +I a 1
                    +U a 2
                    +I b 3
                -U a 2 | +U b 2
                    +U a 1
                    +U b 2
                +I a 4
                    +U a 4
                -D b 2 | -D a 4 | -D zz 9
                    -D a 4
                    -D b 2
            "#]],
        );
    }

    #[test]
    fn the_first_row_stands_once_the_watermark_moves() {
        check(
            Conflict::Nothing,
            "
            +I a 1 | +I a 2 | +I b 3 | +I c 4 | -U c 4
            watermark 1
            +I b 5 | -U a 1 | +U a 1
            barrier
            recover 2
            watermark 2
            -D b 3 | -D a 1
            watermark 3
            +I b 7
            watermark 4
            ",
            expect![[r#"
                watermark 1
                    +I a 1
                    +I b 3
                watermark 3
                    -D a 1
                    -D b 3
                watermark 4
                    +I b 7
            "#]],
        );
    }

    #[test]
    fn a_conflict_ends_the_job() {
        check(
            Conflict::Error,
            "
            +I a 1 | +I b 3
            watermark 1
            -U a 1 | +U a 2
            watermark 2
            +I a 3
            watermark 3
            ",
            expect![[r#"
                watermark 1
                    +I a 1
                    +I b 3
                watermark 2
                    +U a 2
                watermark 3
                    error: primary key constraint violation: several rows with the primary key [k=a]; ON CONFLICT DO NOTHING keeps the first row, DO DEDUPLICATE the latest
            "#]],
        );
    }
}
