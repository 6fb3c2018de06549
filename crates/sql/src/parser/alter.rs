//! ALTER.

use flitz_dataflow::{Error, Result};

use super::Parser;
use crate::ast::{
    AlterCatalogAction, AlterFunction, AlterMaterializedTableAction, AlterObjectAction, AlterTable, AlterTableAction,
    AlterViewAction, Lifetime, ObjectName, PartitionSpec, StatementKind, StringLiteral, TableSchema,
};

impl Parser<'_> {
    pub(super) fn alter(&mut self) -> Result<StatementKind> {
        self.advance();
        let lifetime = self.lifetime();
        if lifetime != Lifetime::Catalog && !self.at_word("FUNCTION") {
            return Err(self.expected("FUNCTION after ALTER TEMPORARY"));
        }
        if self.eat_word("TABLE") {
            let if_exists = self.if_exists();
            let name = self.object_name("the name of a table")?;
            let action = self.alter_table_action()?;
            return Ok(StatementKind::AlterTable(AlterTable { if_exists, name, action }));
        }
        if self.eat_words(&["MATERIALIZED", "TABLE"]) {
            let name = self.object_name("the name of a materialized table")?;
            return Ok(StatementKind::AlterMaterializedTable { name, action: self.alter_materialized_table_action()? });
        }
        if self.eat_word("VIEW") {
            let name = self.object_name("the name of a view")?;
            let action = if self.eat_word("AS") {
                AlterViewAction::As(self.query()?)
            } else {
                AlterViewAction::RenameTo(self.rename_to("AS or RENAME TO after the view")?)
            };
            return Ok(StatementKind::AlterView { name, action });
        }
        if self.eat_word("DATABASE") {
            let name = self.object_name("the name of a database")?;
            self.expect_word("SET", "after the database")?;
            return Ok(StatementKind::AlterDatabase { name, options: self.options()? });
        }
        if self.eat_word("CATALOG") {
            let name = self.name("the name of a catalog")?;
            let action = if self.eat_word("SET") {
                AlterCatalogAction::Set(self.options()?)
            } else if self.eat_word("RESET") {
                AlterCatalogAction::Reset(self.option_keys()?)
            } else if self.at_word("COMMENT") {
                self.advance();
                AlterCatalogAction::Comment(self.string("the comment")?)
            } else {
                return Err(self.expected("SET, RESET or COMMENT after the catalog"));
            };
            return Ok(StatementKind::AlterCatalog { name, action });
        }
        if self.eat_word("FUNCTION") {
            let if_exists = self.if_exists();
            let name = self.object_name("the name of a function")?;
            let definition = self.function_definition()?;
            return Ok(StatementKind::AlterFunction(AlterFunction { lifetime, if_exists, name, definition }));
        }
        let is_model = self.eat_word("MODEL");
        if is_model || self.eat_word("CONNECTION") {
            let if_exists = self.if_exists();
            let name = self.object_name("a name")?;
            let action = self.alter_object_action()?;
            return Ok(if is_model {
                StatementKind::AlterModel { name, if_exists, action }
            } else {
                StatementKind::AlterConnection { name, if_exists, action }
            });
        }
        Err(self.expected("TABLE, VIEW, DATABASE, CATALOG, FUNCTION or another kind of object after ALTER"))
    }

    fn if_exists(&mut self) -> bool {
        self.eat_words(&["IF", "EXISTS"])
    }

    fn rename_to(&mut self, otherwise: &str) -> Result<ObjectName> {
        if !self.eat_words(&["RENAME", "TO"]) {
            return Err(self.expected(otherwise));
        }
        self.object_name("the new name")
    }

    /// `('key', ...)`
    fn option_keys(&mut self) -> Result<Vec<StringLiteral>> {
        if self.at("(") && self.symbol_at(1, ")") {
            self.advance();
            self.advance();
            return Ok(Vec::new());
        }
        self.parenthesized("the keys", |p| p.string("an option's key"))
    }

    fn alter_object_action(&mut self) -> Result<AlterObjectAction> {
        if self.eat_word("SET") {
            Ok(AlterObjectAction::Set(self.options()?))
        } else if self.eat_word("RESET") {
            Ok(AlterObjectAction::Reset(self.option_keys()?))
        } else {
            Ok(AlterObjectAction::RenameTo(self.rename_to("SET, RESET or RENAME TO")?))
        }
    }

    fn alter_table_action(&mut self) -> Result<AlterTableAction> {
        if self.eat_word("ADD") {
            if self.at_word("PARTITION") || self.at_words(&["IF", "NOT", "EXISTS"]) {
                let if_not_exists = self.eat_words(&["IF", "NOT", "EXISTS"]);
                let mut partitions = vec![self.partition_with_options()?];
                while self.at_word("PARTITION") {
                    partitions.push(self.partition_with_options()?);
                }
                return Ok(AlterTableAction::AddPartitions { if_not_exists, partitions });
            }
            if self.eat_word("DISTRIBUTION") {
                return Ok(AlterTableAction::AddDistribution(self.distribution()?));
            }
            return Ok(AlterTableAction::Add(self.altered_schema()?));
        }
        if self.eat_word("MODIFY") {
            if self.eat_word("DISTRIBUTION") {
                return Ok(AlterTableAction::ModifyDistribution(self.distribution()?));
            }
            return Ok(AlterTableAction::Modify(self.altered_schema()?));
        }
        if self.eat_word("DROP") {
            return self.drop_from_table();
        }
        if self.eat_word("RENAME") {
            if self.eat_word("TO") {
                return Ok(AlterTableAction::RenameTo(self.object_name("the new name")?));
            }
            let from = self.object_name("a column name, or TO")?;
            self.expect_word("TO", "after the column")?;
            return Ok(AlterTableAction::RenameColumn { from, to: self.name("the new name")? });
        }
        if self.eat_word("SET") {
            return Ok(AlterTableAction::Set(self.options()?));
        }
        if self.eat_word("RESET") {
            return Ok(AlterTableAction::Reset(self.option_keys()?));
        }
        Err(self.unexpected())
    }

    /// One element, or several in parentheses.
    fn altered_schema(&mut self) -> Result<TableSchema> {
        let start = self.span();
        let mut schema = TableSchema::default();
        if self.at_word("COLUMN") {
            return Err(self.expected("a column").hint("leave the word COLUMN out"));
        }
        if self.eat("(") {
            loop {
                self.altered_element(&mut schema)?;
                if !self.eat(",") {
                    break;
                }
            }
            self.close_list("the columns")?;
        } else {
            self.altered_element(&mut schema)?;
        }
        schema.span = self.span_since(start);
        Ok(schema)
    }

    fn altered_element(&mut self, schema: &mut TableSchema) -> Result<()> {
        let start = self.span();
        if self.at_word("WATERMARK") {
            let watermark = self.watermark()?;
            if !schema.watermarks.is_empty() {
                return Err(Error::invalid("a table can have only one watermark").at(watermark.span));
            }
            schema.watermarks.push(watermark);
        } else if self.at_any_word(&["CONSTRAINT", "PRIMARY", "UNIQUE"]) {
            schema.constraints.push(self.table_constraint()?);
        } else {
            let mut column = self.column()?;
            column.position = self.column_position()?;
            column.span = self.span_since(start);
            schema.columns.push(column);
        }
        Ok(())
    }

    fn partition_with_options(&mut self) -> Result<PartitionSpec> {
        let mut partition = self.partition_spec()?;
        if self.eat_word("WITH") {
            partition.options = self.options()?;
        }
        Ok(partition)
    }

    fn drop_from_table(&mut self) -> Result<AlterTableAction> {
        if self.at_word("PARTITION") || self.at_words(&["IF", "EXISTS"]) {
            let if_exists = self.if_exists();
            let partitions = self.comma_separated(Self::partition_spec)?;
            return Ok(AlterTableAction::DropPartitions { if_exists, partitions });
        }
        Ok(match self.dropped_part()? {
            Dropped::Columns(columns) => AlterTableAction::DropColumns(columns),
            Dropped::PrimaryKey => AlterTableAction::DropPrimaryKey,
            Dropped::Constraint(name) => AlterTableAction::DropConstraint(name),
            Dropped::Watermark => AlterTableAction::DropWatermark,
            Dropped::Distribution => AlterTableAction::DropDistribution,
        })
    }

    fn dropped_part(&mut self) -> Result<Dropped> {
        if self.eat_words(&["PRIMARY", "KEY"]) {
            Ok(Dropped::PrimaryKey)
        } else if self.eat_word("CONSTRAINT") {
            Ok(Dropped::Constraint(self.name("the name of a constraint")?))
        } else if self.eat_word("WATERMARK") {
            Ok(Dropped::Watermark)
        } else if self.eat_word("DISTRIBUTION") {
            Ok(Dropped::Distribution)
        } else if self.at("(") {
            Ok(Dropped::Columns(self.parenthesized("the columns", |p| p.object_name("a column name"))?))
        } else {
            Ok(Dropped::Columns(vec![self.object_name("what to drop")?]))
        }
    }

    fn alter_materialized_table_action(&mut self) -> Result<AlterMaterializedTableAction> {
        use AlterMaterializedTableAction as Action;
        if self.eat_word("SUSPEND") {
            return Ok(Action::Suspend);
        }
        if self.eat_word("RESUME") {
            return Ok(Action::Resume(if self.eat_word("WITH") { self.options()? } else { Vec::new() }));
        }
        if self.eat_word("REFRESH") {
            let partition = if self.at_word("PARTITION") { Some(self.partition_spec()?) } else { None };
            return Ok(Action::Refresh(partition));
        }
        if self.eat_word("AS") {
            return Ok(Action::As(self.query()?));
        }
        if self.eat_word("SET") {
            if self.eat_word("FRESHNESS") {
                self.expect("=", "after FRESHNESS")?;
                return Ok(Action::SetFreshness(self.freshness()?));
            }
            if self.eat_word("REFRESH_MODE") {
                return Ok(Action::SetRefreshMode(self.refresh_mode()?));
            }
            return Ok(Action::Set(self.options()?));
        }
        if self.eat_word("RESET") {
            return Ok(Action::Reset(self.option_keys()?));
        }
        if self.eat_word("ADD") {
            if self.eat_word("DISTRIBUTION") {
                return Ok(Action::AddDistribution(self.distribution()?));
            }
            return Ok(Action::Add(self.altered_schema()?));
        }
        if self.eat_word("MODIFY") {
            if self.eat_word("DISTRIBUTION") {
                return Ok(Action::ModifyDistribution(self.distribution()?));
            }
            return Ok(Action::Modify(self.altered_schema()?));
        }
        if self.eat_word("DROP") {
            return Ok(match self.dropped_part()? {
                Dropped::Columns(columns) => Action::DropColumns(columns),
                Dropped::PrimaryKey => Action::DropPrimaryKey,
                Dropped::Constraint(name) => Action::DropConstraint(name),
                Dropped::Watermark => Action::DropWatermark,
                Dropped::Distribution => Action::DropDistribution,
            });
        }
        Err(self.expected("SUSPEND, RESUME, REFRESH, AS, SET, RESET, ADD, MODIFY or DROP"))
    }
}

enum Dropped {
    Columns(Vec<ObjectName>),
    PrimaryKey,
    Constraint(crate::ast::Ident),
    Watermark,
    Distribution,
}
