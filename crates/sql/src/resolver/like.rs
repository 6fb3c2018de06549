//! `CREATE TABLE … LIKE base (…)`: what is taken over, and what the new table may say again.
//!
//! | feature | default | INCLUDING | OVERWRITING |
//! |---|---|---|---|
//! | physical columns | always taken over, a duplicate is an error | | |
//! | OPTIONS | OVERWRITING | a duplicate key is an error | the new value counts |
//! | GENERATED, METADATA, WATERMARKS | INCLUDING | a duplicate is an error | the new one counts |
//! | CONSTRAINTS, PARTITIONS, DISTRIBUTION | INCLUDING | a second one is an error | not possible |

use std::rc::Rc;

use flitz_dataflow::{Error, Result};

use super::Context;
use crate::ast::{CreateTable, LikeFeature, MergeStrategy, TableLike};
use crate::catalog::{Column, ColumnKind, Object, Table};

pub(crate) struct Base<'a> {
    table: Rc<Table>,
    like: &'a TableLike,
}

impl<'a> Base<'a> {
    pub fn resolve(context: Context, like: &'a TableLike) -> Result<Base<'a>> {
        let (path, object) = context.catalogs.object(&like.table)?;
        let Object::Table(table) = object else {
            return Err(Error::invalid(format!("LIKE takes a table, but {path} is a view")).at(like.table.span));
        };
        for (i, option) in like.options.iter().enumerate() {
            if like.options[..i].iter().any(|o| o.feature == option.feature) {
                return Err(Error::invalid("each feature of LIKE can be named once").at(option.span));
            }
            let overwritable = matches!(
                option.feature,
                LikeFeature::Generated | LikeFeature::Metadata | LikeFeature::Options | LikeFeature::Watermarks
            );
            if option.strategy == MergeStrategy::Overwriting && !overwritable {
                return Err(Error::invalid("OVERWRITING goes with GENERATED, METADATA, OPTIONS and WATERMARKS only")
                    .at(option.span));
            }
        }
        Ok(Base { table: table.clone(), like })
    }

    fn strategy(&self, feature: LikeFeature) -> MergeStrategy {
        let named = |f: LikeFeature| self.like.options.iter().find(|o| o.feature == f).map(|o| o.strategy);
        let default = match feature {
            LikeFeature::Options => MergeStrategy::Overwriting,
            _ => MergeStrategy::Including,
        };
        named(feature).or(named(LikeFeature::All)).unwrap_or(default)
    }

    fn takes(&self, feature: LikeFeature) -> bool {
        self.strategy(feature) != MergeStrategy::Excluding
    }

    /// Everything but the watermark, which may stand on new columns.
    pub fn inherit(&self, table: &mut Table, create: &CreateTable) -> Result<()> {
        let base = &self.table;
        let wanted = |c: &&Column| match c.kind {
            ColumnKind::Physical => true,
            ColumnKind::Computed { .. } => self.takes(LikeFeature::Generated),
            ColumnKind::Metadata { .. } => self.takes(LikeFeature::Metadata),
        };
        table.columns = base.columns.iter().filter(wanted).cloned().collect();
        self.move_expressions(table)?;
        if self.takes(LikeFeature::Constraints) {
            table.primary_key.clone_from(&base.primary_key);
        }
        if self.takes(LikeFeature::Partitions) && !base.partition_keys.is_empty() {
            if let Some(column) = create.partitioned_by.first() {
                return Err(Error::invalid("the table of LIKE is PARTITIONED BY already")
                    .hint("EXCLUDING PARTITIONS leaves that out")
                    .at(column.span));
            }
            table.partition_keys.clone_from(&base.partition_keys);
        }
        if self.takes(LikeFeature::Distribution) && base.distribution.is_some() {
            if let Some(distribution) = &create.distribution {
                return Err(Error::invalid("the table of LIKE is DISTRIBUTED already")
                    .hint("EXCLUDING DISTRIBUTION leaves that out")
                    .at(distribution.span));
            }
            table.distribution.clone_from(&base.distribution);
        }
        match self.strategy(LikeFeature::Options) {
            MergeStrategy::Excluding => {}
            strategy => {
                for (key, value) in &base.options {
                    match table.options.get(key) {
                        Some(own) if strategy == MergeStrategy::Including => {
                            return Err(Error::invalid(format!("the table of LIKE has the option '{key}' already"))
                                .hint("OVERWRITING OPTIONS or EXCLUDING OPTIONS")
                                .at(own.span));
                        }
                        Some(_) => {}
                        None => drop(table.options.insert(key.clone(), value.clone())),
                    }
                }
            }
        }
        Ok(())
    }

    /// Expressions name columns by position, and columns may have been left out.
    fn move_expressions(&self, table: &mut Table) -> Result<()> {
        let names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
        for column in &mut table.columns {
            if let ColumnKind::Computed { expr, .. } = &mut column.kind {
                *expr = self.moved(expr.clone(), &names)?;
            }
        }
        Ok(())
    }

    fn moved(&self, expr: flitz_plan::Expr, names: &[String]) -> Result<flitz_plan::Expr> {
        let place = |i: usize| names.iter().position(|n| *n == self.table.columns[i].name);
        if let Some(&gone) = expr.columns().iter().find(|&&i| place(i).is_none()) {
            return Err(Error::invalid(format!(
                "an expression of the table of LIKE reads column `{}`, which is left out",
                self.table.columns[gone].name
            ))
            .at(self.like.span));
        }
        Ok(crate::relation::remap(expr, &|i| place(i).unwrap_or(i)))
    }

    pub fn inherit_watermark(&self, table: &mut Table, create: &CreateTable) -> Result<()> {
        let Some(base) = &self.table.watermark else { return Ok(()) };
        match (self.strategy(LikeFeature::Watermarks), create.schema.watermarks.first()) {
            (MergeStrategy::Excluding, _) | (MergeStrategy::Overwriting, Some(_)) => Ok(()),
            (MergeStrategy::Including, Some(own)) => Err(Error::invalid("the table of LIKE has a WATERMARK already")
                .hint("OVERWRITING WATERMARKS or EXCLUDING WATERMARKS")
                .at(own.span)),
            (_, None) => {
                let names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
                let mut watermark = base.clone();
                watermark.expr = self.moved(base.expr.clone(), &names)?;
                let column = &self.table.columns[base.column].name;
                watermark.column = table.index_of(column).ok_or_else(|| {
                    Error::invalid(format!(
                        "the watermark of the table of LIKE is for column `{column}`, which is left out"
                    ))
                    .hint("EXCLUDING WATERMARKS")
                    .at(self.like.span)
                })?;
                table.watermark = Some(watermark);
                Ok(())
            }
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.table.index_of(name).is_some()
    }

    /// Whether `new` may stand where `existing` of the base table stands.
    pub fn may_overwrite(&self, existing: &Column, new: &Column) -> bool {
        let of_base = self.has(&existing.name);
        let feature = match (&existing.kind, &new.kind) {
            (ColumnKind::Computed { .. }, ColumnKind::Computed { .. }) => LikeFeature::Generated,
            (ColumnKind::Metadata { .. }, ColumnKind::Metadata { .. }) => LikeFeature::Metadata,
            _ => return false,
        };
        of_base && self.strategy(feature) == MergeStrategy::Overwriting
    }
}
