//! Partitions that a catalog knows of a table: ALTER TABLE … ADD and DROP PARTITION, SHOW PARTITIONS.
//!
//! As in Flink's catalog in memory they are a list that statements make; connector 'filesystem' finds its partitions
//! by itself, whatever the list says.

use flitz_dataflow::{Error, Result, TypeKind};
use flitz_functions::{bind_cast, fold};
use flitz_plan::{Expr, Literal};

use super::{Outcome, ResultTable, Session};
use crate::ast::{ObjectName, PartitionSpec};
use crate::catalog::{Object, Partition, Table};
use crate::resolver::expr::ExprResolver;
use crate::resolver::scope::Scope;

impl Session {
    pub(super) fn show_partitions(&self, name: &ObjectName, only: Option<&PartitionSpec>) -> Result<Outcome> {
        let (path, object) = self.catalogs.object(name)?;
        let Object::Table(table) = object else {
            return Err(Error::invalid(format!("{path} is a view, which has no partitions")).at(name.span));
        };
        if table.temporary {
            return Err(
                Error::invalid(format!("{path} is temporary, so its catalog knows no partitions of it")).at(name.span)
            );
        }
        partitioned(table, name)?;
        let wanted = only.map(values).transpose()?.unwrap_or_default();
        let mut shown = ResultTable::new(&["partition name"]);
        for partition in &table.partitions {
            if wanted.iter().all(|pair| partition.contains(pair)) {
                let text: Vec<String> = partition.iter().map(|(key, value)| format!("{key}={value}")).collect();
                shown.rows.push(vec![Some(text.join("/"))]);
            }
        }
        Ok(Outcome::Table(shown))
    }

    /// `table` with the partitions.
    pub(super) fn add_partitions(
        &self,
        table: &mut Table,
        name: &ObjectName,
        partitions: &[PartitionSpec],
        if_not_exists: bool,
    ) -> Result<()> {
        self.keeps_partitions(table, name)?;
        for spec in partitions {
            if let Some(option) = spec.options.first() {
                return Err(Error::unsupported("options of a partition").at(option.key.span.to(option.value.span)));
            }
            let partition = partition(table, spec)?;
            match table.partitions.iter().any(|known| same(known, &partition)) {
                true if if_not_exists => {}
                true => return Err(Error::invalid("the partition exists already").at(spec.span)),
                false => table.partitions.push(partition),
            }
        }
        Ok(())
    }

    /// `table` without the partitions.
    pub(super) fn drop_partitions(
        &self,
        table: &mut Table,
        name: &ObjectName,
        partitions: &[PartitionSpec],
        if_exists: bool,
    ) -> Result<()> {
        self.keeps_partitions(table, name)?;
        for spec in partitions {
            let partition = values(spec)?;
            let before = table.partitions.len();
            table.partitions.retain(|known| !same(known, &partition));
            if table.partitions.len() == before && !if_exists {
                return Err(Error::invalid("there is no such partition")
                    .hint("SHOW PARTITIONS lists them")
                    .at(spec.span));
            }
        }
        Ok(())
    }

    fn keeps_partitions(&self, table: &Table, name: &ObjectName) -> Result<()> {
        partitioned(table, name)?;
        let path = self.catalogs.path(name)?;
        match self.catalogs.catalogs.get(&path.catalog).is_some_and(|catalog| catalog.directory.is_some()) {
            true => Err(Error::unsupported("partitions in a catalog that is kept in a folder")
                .hint("connector 'filesystem' finds its partitions by itself")
                .at(name.span)),
            false => Ok(()),
        }
    }
}

fn partitioned(table: &Table, name: &ObjectName) -> Result<()> {
    match table.partition_keys.is_empty() {
        true => Err(Error::invalid("the table is not PARTITIONED BY anything").at(name.span)),
        false => Ok(()),
    }
}

/// A value for each partition key, in the order in which they are written.
fn partition(table: &Table, spec: &PartitionSpec) -> Result<Partition> {
    let given = values(spec)?;
    let complete = table.partition_keys.iter().all(|key| given.iter().any(|(name, _)| name == key));
    if complete && given.len() == table.partition_keys.len() {
        return Ok(given);
    }
    Err(Error::invalid("the partition must have a value for each partition key and for nothing else")
        .hint(format!("the table is partitioned by {}", table.partition_keys.join(", ")))
        .at(spec.span))
}

fn same(a: &Partition, b: &Partition) -> bool {
    a.len() == b.len() && a.iter().all(|pair| b.contains(pair))
}

/// `PARTITION (k = 'v', …)` as written, values as text.
fn values(spec: &PartitionSpec) -> Result<Partition> {
    let mut values = vec![];
    for part in &spec.values {
        let Some(value) = &part.value else {
            let message = format!("partition column `{}` needs a value", part.column.value);
            return Err(Error::invalid(message).at(part.column.span));
        };
        let scope = Scope::default();
        let resolved = ExprResolver::without_aggregates(&scope, "PARTITION").resolve(value)?;
        let to = TypeKind::STRING.nullable().with_nullable(resolved.data_type().nullable);
        let text = match fold(bind_cast(resolved, to, false).map_err(|e| e.or_at(value.span))?) {
            Expr::Literal { value: Literal::String(text), .. } => text,
            _ => return Err(Error::invalid("a partition's value must be a literal").at(value.span)),
        };
        values.push((part.column.value.clone(), text));
    }
    Ok(values)
}
