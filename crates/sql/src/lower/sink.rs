//! The end of a query in a table: types, NOT NULL, row kinds and keys against what the sink takes.

use std::collections::BTreeSet;

use flitz_dataflow::connector::SinkCapabilities;
use flitz_dataflow::{ChangelogMode, Error, Field, Result, Schema, TimeAttribute};
use flitz_functions::bind_cast;
use flitz_plan::{ColumnRef, Conflict, NodeId, NodeKind, SinkNode, UpsertMaterialize};

use super::Lowering;
use super::scan::{find_metadata, physical_position, table_def, table_ref};
use crate::ast::OnConflict;
use crate::catalog::ColumnKind;
use crate::relation::{Rel, RelOp};
use crate::resolver::insert::InsertTarget;

impl Lowering<'_> {
    /// `rel` has one column per writable column of the table, in its order, of its types.
    pub fn sink(&mut self, rel: Rel, target: InsertTarget) -> Result<()> {
        let table = target.table.clone();
        self.sink_node(rel, &target).map_err(|e| {
            let located = if e.place.is_none() { e.at(target.span) } else { table.locate(e) };
            located.or_at(target.span)
        })
    }

    fn sink_node(&mut self, rel: Rel, target: &InsertTarget) -> Result<()> {
        let table = &target.table;
        let (definition, _) = table_def(&target.path, table, &target.options);
        let capabilities = self.context.connectors.of(&definition)?.describe(&definition)?;
        let Some(sink) = capabilities.sink.clone() else {
            let connector = definition.options.get("connector").unwrap_or_default();
            return Err(Error::invalid(format!(
                "table {} can't be written: connector '{connector}' only reads",
                target.path
            ))
            .at(target.span));
        };
        if target.overwrite && !self.context.connectors.of(&definition)?.overwrites() {
            let connector = definition.options.get("connector").unwrap_or_default();
            return Err(Error::invalid(format!(
                "INSERT OVERWRITE: connector '{connector}' can't replace what a table holds"
            ))
            .hint("it is for connector 'filesystem'")
            .at(target.span));
        }
        let rowtime = self.rowtime(&rel, target)?;

        let (mut columns, mut projection, mut fields, mut not_null) = (vec![], vec![], vec![], vec![]);
        for (position, &i) in table.writable().iter().enumerate() {
            let column = &table.columns[i];
            let mut value = rel.column(position);
            if rowtime != Some(position) {
                value = crate::resolver::expr::materialized(value);
            }
            if value.data_type().nullable && !column.data_type.nullable {
                not_null.push(position);
            }
            match &column.kind {
                ColumnKind::Metadata { key, .. } => {
                    let key = key.as_deref().unwrap_or(&column.name);
                    let metadata = find_metadata(&capabilities, &definition, key).map_err(|e| e.at(column.span))?;
                    if !metadata.writable {
                        return Err(Error::invalid(format!("metadata '{key}' can't be written"))
                            .hint(format!("declare column `{}` VIRTUAL", column.name))
                            .at(column.span));
                    }
                    if value.data_type().kind != metadata.data_type.kind {
                        let nullable = value.data_type().nullable;
                        value = bind_cast(value, metadata.data_type.clone().with_nullable(nullable), false)?;
                    }
                    columns.push(ColumnRef::Metadata { key: key.to_owned(), data_type: metadata.data_type.clone() });
                }
                _ => columns.push(ColumnRef::Physical(physical_position(table, i))),
            }
            fields.push(Field::new(column.name.clone(), value.data_type().clone()));
            projection.push(value);
        }
        let input = self.rel(&rel)?;
        let input = self.calc(input, None, projection, Schema::new(fields));
        let (changelog, materialize) = self.accepted(input, &rel, target, &sink)?;
        let input = match materialize {
            Some(materialize) => {
                let schema = self.plan.node(input).schema.clone();
                let keys = vec![materialize.primary_key.iter().copied().collect()];
                self.add(vec![input], NodeKind::UpsertMaterialize(materialize), schema, changelog, keys)
            }
            None => input,
        };
        let config = self.context.config;
        let drop_null_rows =
            config.get("table.exec.sink.not-null-enforcer").is_some_and(|v| v.eq_ignore_ascii_case("DROP"));
        let overwrite = target.overwrite;
        let table = table_ref(&definition);
        let node = SinkNode { table, columns, changelog, rowtime, not_null, drop_null_rows, overwrite };
        let id = self.add(vec![input], NodeKind::Sink(node), Schema::default(), changelog, vec![]);
        if changelog.update_before {
            self.needs.push(id);
        }
        Ok(())
    }

    /// The one rowtime attribute of the query becomes the time stamp of the record.
    fn rowtime(&self, rel: &Rel, target: &InsertTarget) -> Result<Option<usize>> {
        let attributes: Vec<usize> = (0..rel.schema.len())
            .filter(|&i| rel.schema.fields[i].data_type.kind.attribute() == TimeAttribute::Rowtime)
            .collect();
        let enabled = self.context.config.get("table.exec.sink.rowtime-inserter");
        if enabled.is_some_and(|v| v.eq_ignore_ascii_case("DISABLED")) {
            return Ok(None);
        }
        match attributes.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            several => {
                let names: Vec<&str> = several.iter().map(|&i| rel.schema.fields[i].name.as_str()).collect();
                Err(Error::invalid(format!(
                    "the query has more than one rowtime attribute ({}) for table {}, whose records have one time stamp",
                    names.join(", "),
                    target.path
                ))
                .hint("CAST all but one to TIMESTAMP(3)")
                .at(target.query_span))
            }
        }
    }

    /// The row kinds that reach the sink, and what has to stand before it; or why they must not reach it.
    fn accepted(
        &self,
        input: NodeId,
        rel: &Rel,
        target: &InsertTarget,
        sink: &SinkCapabilities,
    ) -> Result<(ChangelogMode, Option<UpsertMaterialize>)> {
        let produced = self.plan.node(input).changelog;
        let takes = sink.changelog;
        if !produced.is_insert_only() && (!takes.update_after || (produced.delete && !takes.delete)) {
            let what = match (takes.update_after, produced.delete) {
                (false, false) => "update changes",
                (false, true) => "update and delete changes",
                (true, _) => "delete changes",
            };
            return Err(Error::invalid(format!(
                "table {} doesn't support consuming {what}, which {} produces",
                target.path,
                self.changing_node(input)
            ))
            .hint("aggregate in windows, or write to a table that takes updates (with a PRIMARY KEY)")
            .at(target.span));
        }
        let key = self.primary_key(target);
        let appends = takes.is_insert_only() || (produced.is_insert_only() && takes.update_before);
        if target.on_conflict.is_some() && !self.context.config.is_batch() && appends {
            return Err(Error::invalid(format!(
                "ON CONFLICT is only allowed for upsert sinks, and table {} only accepts INSERT (append-only) changes",
                target.path
            ))
            .hint("leave ON CONFLICT out")
            .at(target.span));
        }
        let plain = ChangelogMode { update_before: produced.update_before && takes.update_before, ..produced };
        if key.is_empty() {
            return Ok((plain, None));
        }
        // Batch mode hands over final rows, and Flink asks nothing of their keys.
        if self.context.config.is_batch() {
            return Ok((produced, None));
        }
        let keys = &self.keys[input.0];
        let exact = keys.contains(&key);
        let conflict = match self.upsert_materialize()? {
            Materialize::Never => None,
            Materialize::Always => Some(target.on_conflict),
            Materialize::Auto if appends || keys.iter().any(|k| k.is_subset(&key)) => None,
            Materialize::Auto => {
                self.check_conflicts(target, &key, keys)?;
                // Without retractions the latest row is what a plain upsert leaves.
                let latest = !matches!(target.on_conflict, Some(OnConflict::Nothing | OnConflict::Error));
                (!latest || !produced.is_insert_only()).then_some(target.on_conflict)
            }
        };
        if let Some(on_conflict) = conflict {
            let materialize = self.materialized(on_conflict, target, &key, keys, rel)?;
            let changelog =
                ChangelogMode { update_before: false, update_after: true, delete: !produced.is_insert_only() };
            if changelog.delete && !takes.delete && !takes.is_insert_only() {
                return Err(
                    Error::unsupported("ON CONFLICT over updates into a table that takes no deletions").at(target.span)
                );
            }
            return Ok((changelog, Some(materialize)));
        }
        let upserts = !takes.update_before;
        if takes.is_insert_only() || (produced.is_insert_only() && !upserts) {
            return Ok((produced, None));
        }
        // An upsert sink that is written by another key takes `-U` as a deletion.
        let update_before = produced.update_before && (!exact || !upserts);
        Ok((ChangelogMode { update_before, ..produced }, None))
    }

    fn upsert_materialize(&self) -> Result<Materialize> {
        let set = self.context.config.get("table.exec.sink.upsert-materialize").map(str::to_ascii_uppercase);
        Ok(match set.as_deref() {
            Some("NONE") => Materialize::Never,
            Some("FORCE") => Materialize::Always,
            _ => Materialize::Auto,
        })
    }

    /// What brings the rows in line with the primary key.
    fn materialized(
        &self,
        on_conflict: Option<OnConflict>,
        target: &InsertTarget,
        key: &BTreeSet<usize>,
        keys: &[BTreeSet<usize>],
        rel: &Rel,
    ) -> Result<UpsertMaterialize> {
        if self.context.config.duration("table.exec.state.ttl")?.is_some_and(|ttl| !ttl.is_zero()) {
            return Err(Error::unsupported(
                "'table.exec.state.ttl' together with ON CONFLICT or upsert materialization",
            )
            .at(target.span));
        }
        let conflict = match on_conflict {
            None | Some(OnConflict::Deduplicate) => Conflict::Deduplicate,
            Some(OnConflict::Nothing) => Conflict::Nothing,
            Some(OnConflict::Error) => Conflict::Error,
        };
        if conflict != Conflict::Deduplicate
            && let Some(table) = without_watermark(rel)
        {
            return Err(Error::invalid(format!(
                "ON CONFLICT DO {} needs a watermark in all tables that are read, and {table} has none",
                conflict.name()
            ))
            .hint("declare WATERMARK FOR a time column, or use ON CONFLICT DO DEDUPLICATE")
            .at(target.span));
        }
        // Flink takes the smallest, and of equal ones the first.
        let upsert_key = keys.iter().filter(|k| !k.is_empty()).min_by_key(|k| k.len());
        Ok(UpsertMaterialize {
            primary_key: key.iter().copied().collect(),
            upsert_key: upsert_key.map(|k| k.iter().copied().collect()),
            conflict,
        })
    }

    fn primary_key(&self, target: &InsertTarget) -> BTreeSet<usize> {
        let writable = target.table.writable();
        let position = |name: &String| {
            let column = target.table.index_of(name)?;
            writable.iter().position(|&i| i == column)
        };
        target.table.primary_key.iter().flat_map(|k| &k.columns).filter_map(position).collect()
    }

    /// Rows of different keys may meet at one primary key: what happens then must be said.
    fn check_conflicts(&self, target: &InsertTarget, key: &BTreeSet<usize>, keys: &[BTreeSet<usize>]) -> Result<()> {
        if target.on_conflict.is_some() || !self.context.config.bool("table.exec.sink.require-on-conflict", true)? {
            return Ok(());
        }
        let writable = target.table.writable();
        let names = |columns: &BTreeSet<usize>| {
            let name = |&i: &usize| target.table.columns[writable[i]].name.clone();
            columns.iter().map(name).collect::<Vec<_>>().join(", ")
        };
        let found = match keys.first() {
            Some(found) => format!("[{}]", names(found)),
            None => "none".to_owned(),
        };
        Err(Error::invalid(format!(
            "the query's upsert key differs from the primary key of table {}: primary key [{}], upsert key {found}",
            target.path,
            names(key)
        ))
        .hint("add ON CONFLICT DO DEDUPLICATE (the latest row wins) behind the query, or group by the primary key")
        .at(target.span))
    }
}

/// `table.exec.sink.upsert-materialize`
enum Materialize {
    Never,
    /// Where the query's key is not the table's.
    Auto,
    Always,
}

/// A table that is read and has no watermark.
fn without_watermark(rel: &Rel) -> Option<String> {
    match &rel.op {
        RelOp::Scan(scan) if scan.table.watermark.is_none() => Some(scan.path.to_string()),
        _ => rel.inputs().into_iter().find_map(without_watermark),
    }
}
