//! A table as a source: reads the columns that anyone in the job needs, computes the others, makes watermarks.
//!
//! ```text
//! TableSourceScan     physical columns, metadata with the connector's types
//! Calc                the table's columns: metadata cast to declared types, computed columns
//! WatermarkAssigner
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use flitz_dataflow::connector::{Capabilities, MetadataColumn, ONLY_WRITTEN_YET, TableDef};
use flitz_dataflow::options::Options;
use flitz_dataflow::{ChangelogMode, Error, Field, Place, Result, Schema, suggest};
use flitz_functions::bind_cast;
use flitz_plan::{ColumnRef, Expr, NodeId, NodeKind, SourceNode, TableRef, WatermarkSpec};

use super::Lowering;
use super::prune::cheapest;
use crate::catalog::{ColumnKind, ObjectPath, Table};
use crate::relation::{Scan, remap};
use crate::resolver::window::whole_millis;

/// One source of the job, and what is read of it.
pub(crate) struct ScanUse {
    pub scan: Rc<Scan>,
    pub required: BTreeSet<usize>,
    lowered: Option<(NodeId, BTreeMap<usize, usize>)>,
}

impl ScanUse {
    pub fn new(scan: Rc<Scan>) -> ScanUse {
        ScanUse { scan, required: BTreeSet::new(), lowered: None }
    }
}

impl Lowering<'_> {
    /// The node behind which the table's required columns stand, and where each of them does.
    pub fn scan(&mut self, scan: &Rc<Scan>) -> Result<(NodeId, BTreeMap<usize, usize>)> {
        let index = self.scans.iter().position(|s| s.scan.same_source(scan));
        let index = index.ok_or_else(|| Error::internal("a scan that was not counted"))?;
        if let Some(lowered) = &self.scans[index].lowered {
            return Ok(lowered.clone());
        }
        let required = self.scans[index].required.clone();
        let lowered = self.source(scan, required).map_err(|e| locate(e, scan))?;
        self.scans[index].lowered = Some(lowered.clone());
        Ok(lowered)
    }

    fn source(&mut self, scan: &Scan, required: BTreeSet<usize>) -> Result<(NodeId, BTreeMap<usize, usize>)> {
        let table = &scan.table;
        let (definition, watermark_options) = table_def(&scan.path, table, &scan.options);
        let capabilities = self.context.connectors.of(&definition)?.describe(&definition)?;
        let Some(source) = capabilities.source.clone() else {
            let connector = definition.options.get("connector").unwrap_or_default();
            let error = match ONLY_WRITTEN_YET.contains(&connector) {
                true => Error::unsupported(format!("reading from connector '{connector}'")),
                false => {
                    Error::invalid(format!("table {} can't be read: connector '{connector}' only writes", scan.path))
                }
            };
            return Err(error.at(scan.span));
        };
        let batch = self.context.config.is_batch();
        if batch && !source.bounded {
            return Err(Error::invalid(format!("table {} is unbounded and can't be read in batch mode", scan.path))
                .hint("bound it by options of its connector (scan.bounded.mode for Kafka), or SET 'execution.runtime-mode' = 'streaming'")
                .at(scan.span));
        }
        if !source.changelog.is_insert_only() && source.changelog != ChangelogMode::ALL {
            return Err(Error::unsupported("reading a stream of upserts").at(scan.span));
        }

        if let Some((key, _)) = watermark_options.iter().next()
            && (table.watermark.is_none() || !source.watermark_push_down)
        {
            let why =
                if table.watermark.is_none() { "a WATERMARK" } else { "a source that makes watermarks per split" };
            return Err(Error::invalid(format!("'{key}' needs {why}, which table {} has not", scan.path)).option(key));
        }

        // What the required columns and the watermark are computed from.
        let mut wanted = required.clone();
        if let Some(watermark) = &table.watermark {
            wanted.insert(watermark.column);
            wanted.extend(watermark.expr.columns());
        }
        let mut read: BTreeSet<usize> = BTreeSet::new();
        for &column in &wanted {
            match &table.columns[column].kind {
                ColumnKind::Computed { expr, .. } => read.extend(expr.columns()),
                _ => drop(read.insert(column)),
            }
        }
        if read.is_empty() {
            // Rows must be counted.
            read.insert(cheapest(scan));
        }

        let (mut columns, mut fields, mut place) = (vec![], vec![], BTreeMap::new());
        for &i in &read {
            let column = &table.columns[i];
            if matches!(column.kind, ColumnKind::Physical) {
                place.insert(i, columns.len());
                columns.push(ColumnRef::Physical(physical_position(table, i)));
                fields.push(Field::new(column.name.clone(), column.data_type.clone()));
            }
        }
        for &i in &read {
            let column = &table.columns[i];
            if let ColumnKind::Metadata { key, .. } = &column.kind {
                let key = key.as_deref().unwrap_or(&column.name);
                let metadata = find_metadata(&capabilities, &definition, key).map_err(|e| e.or_at(column.span))?;
                place.insert(i, columns.len());
                columns.push(ColumnRef::Metadata { key: key.to_owned(), data_type: metadata.data_type.clone() });
                fields.push(Field::new(column.name.clone(), metadata.data_type.clone()));
            }
        }
        let node = SourceNode {
            table: table_ref(&definition),
            columns,
            bounded: source.bounded,
            watermark_push_down: source.watermark_push_down,
        };
        let read_schema = Schema::new(fields);
        let keys = source_keys(table, &place, source.changelog);
        let node = self.add(vec![], NodeKind::Source(node), read_schema.clone(), source.changelog, keys);

        // The table's own columns.
        let read_column = |i: usize| Expr::column(place[&i], read_schema.fields[place[&i]].data_type.clone());
        let typed = |i: usize| -> Result<Expr> {
            let column = &table.columns[i];
            let read = read_column(i);
            if read.data_type().kind == column.data_type.kind {
                return Ok(read);
            }
            let target = column.data_type.clone().with_nullable(read.data_type().nullable);
            bind_cast(read, target, false).map_err(|e| e.at(column.span))
        };
        let mut projection = vec![];
        let mut computed = vec![];
        let mut position = BTreeMap::new();
        for &i in &wanted {
            let column = &table.columns[i];
            let expr = match &column.kind {
                ColumnKind::Computed { expr, .. } => inline(expr.clone(), &typed)?,
                _ => typed(i)?,
            };
            position.insert(i, projection.len());
            computed.push(Field::new(column.name.clone(), expr.data_type().clone()));
            projection.push(expr);
        }
        if projection.is_empty() {
            return Ok((node, place));
        }
        let schema = Schema::new(computed);
        let node = self.calc(node, None, projection, schema.clone());
        let Some(watermark) = table.watermark.as_ref().filter(|_| !batch) else {
            return Ok((node, position));
        };
        let expr = remap(watermark.expr.clone(), &|i| position[&i]);
        let spec = self.watermark(&watermark_options, position[&watermark.column], expr)?;
        let mut schema = schema;
        schema.fields[spec.rowtime].data_type = table.schema().fields[watermark.column].data_type.clone();
        let (changelog, keys) = (self.plan.node(node).changelog, self.keys[node.0].clone());
        let node = self.add(vec![node], NodeKind::Watermark(spec), schema, changelog, keys);
        Ok((node, position))
    }

    fn watermark(&self, own: &Options, rowtime: usize, watermark: Expr) -> Result<WatermarkSpec> {
        if let Some((key, _)) = own.iter().find(|(k, _)| k.starts_with("scan.watermark.alignment.")) {
            return Err(Error::unsupported(format!("'{key}'")).option(key));
        }
        const KNOWN: &[&str] =
            &["scan.watermark.emit.strategy", "scan.watermark.emit.on-event.gap", "scan.watermark.idle-timeout"];
        if let Some((key, _)) = own.iter().find(|(k, _)| !KNOWN.contains(k)) {
            let error = Error::invalid(format!("there is no option '{key}'")).option(key);
            return Err(match suggest::nearest(key, KNOWN.iter().copied()) {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error,
            });
        }
        if own.integer("scan.watermark.emit.on-event.gap")?.is_some_and(|gap| gap != 1) {
            return Err(
                Error::unsupported("a gap between watermarks on events").option("scan.watermark.emit.on-event.gap")
            );
        }
        let on_event =
            own.choice("scan.watermark.emit.strategy", &[("on-periodic", false), ("on-event", true)], false)?;
        let config = self.context.config;
        let idle = match own.duration("scan.watermark.idle-timeout")? {
            Some(own) => Some(own),
            None => config.duration("table.exec.source.idle-timeout")?,
        };
        let interval = config.duration("pipeline.auto-watermark-interval")?.unwrap_or(Duration::from_millis(200));
        Ok(WatermarkSpec {
            rowtime,
            watermark,
            idle_timeout_millis: idle.map(whole_millis).filter(|millis| *millis > 0),
            interval_millis: whole_millis(interval),
            on_event,
        })
    }
}

/// A computed column over what is read.
fn inline(expr: Expr, typed: &impl Fn(usize) -> Result<Expr>) -> Result<Expr> {
    let mut failed = None;
    let inlined = expr.transform(&mut |e| match e {
        Expr::Column { index, data_type } => typed(index).unwrap_or_else(|error| {
            failed.get_or_insert(error);
            Expr::Column { index, data_type }
        }),
        other => other,
    });
    failed.map_or(Ok(inlined), Err)
}

/// What the connector gets to see, and the options of `scan.watermark.*`, which are ours.
pub(crate) fn table_def(path: &ObjectPath, table: &Table, options: &BTreeMap<String, String>) -> (TableDef, Options) {
    let (ours, theirs): (Vec<_>, Vec<_>) =
        options.clone().into_iter().partition(|(key, _)| key.starts_with("scan.watermark."));
    let definition = TableDef {
        name: path.to_string(),
        options: theirs.into_iter().collect(),
        physical: table.physical(),
        primary_key: table.primary_key.as_ref().map(|k| k.columns.clone()).unwrap_or_default(),
        partition_keys: table.partition_keys.clone(),
    };
    (definition, ours.into_iter().collect())
}

pub(crate) fn table_ref(definition: &TableDef) -> TableRef {
    TableRef {
        name: definition.name.clone(),
        options: definition.options.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        physical: definition.physical.clone(),
        primary_key: definition.primary_key.clone(),
        partition_keys: definition.partition_keys.clone(),
    }
}

pub(crate) fn physical_position(table: &Table, column: usize) -> usize {
    table.columns[..column].iter().filter(|c| matches!(c.kind, ColumnKind::Physical)).count()
}

pub(crate) fn find_metadata<'a>(
    capabilities: &'a Capabilities,
    definition: &TableDef,
    key: &str,
) -> Result<&'a MetadataColumn> {
    capabilities.metadata.iter().find(|m| m.key == key).ok_or_else(|| {
        let connector = definition.options.get("connector").unwrap_or_default();
        let error = Error::invalid(format!("connector '{connector}' has no metadata key '{key}'"));
        let known: Vec<&str> = capabilities.metadata.iter().map(|m| m.key.as_str()).collect();
        match suggest::nearest(key, known.iter().copied()) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None if known.is_empty() => error.hint("it has none"),
            None => error.hint(format!("there are {}", known.join(", "))),
        }
    })
}

/// The primary key identifies rows of a changelog; rows of an append-only stream may repeat it.
fn source_keys(table: &Table, place: &BTreeMap<usize, usize>, changelog: ChangelogMode) -> Vec<BTreeSet<usize>> {
    let Some(key) = table.primary_key.as_ref().filter(|_| !changelog.is_insert_only()) else { return vec![] };
    let position = |name: &String| place.get(&table.index_of(name)?).copied();
    key.columns.iter().map(position).collect::<Option<BTreeSet<usize>>>().into_iter().collect()
}

/// An error about an option points at the DDL, any other at the place in the query.
fn locate(error: Error, scan: &Scan) -> Error {
    match &error.place {
        Some(Place::Option(key)) if scan.table.options.contains_key(key) => scan.table.locate(error),
        Some(Place::Option(key)) if scan.options.contains_key(key) => error.at(scan.span),
        Some(_) => error,
        None => error.at(scan.span),
    }
}
