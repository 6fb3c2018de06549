//! Statements that Flink has for what is not here: jars, modules, models, rows changed in place.
//! Each says what to do instead.

use flitz_dataflow::{Error, Result};

use super::Session;
use crate::ast::{Ident, ObjectName, StatementKind};
use crate::catalog::Object;
use crate::lower::table_def;

impl Session {
    pub(super) fn other(&mut self, kind: &StatementKind) -> Result<()> {
        match kind {
            StatementKind::AddJar(path) | StatementKind::RemoveJar(path) => Err(Error::unsupported("jars")
                .hint("connectors and formats are part of the program; leave the statement out")
                .at(path.span)),
            StatementKind::LoadModule { name, .. } if name.value == "core" => {
                Err(Error::invalid("module 'core' is loaded already").at(name.span))
            }
            StatementKind::LoadModule { name, .. } => Err(no_module(name)),
            StatementKind::UnloadModule(name) if name.value == "core" => {
                Err(Error::unsupported("a session without the module 'core'").at(name.span))
            }
            StatementKind::UnloadModule(name) => Err(no_module(name)),
            StatementKind::UseModules(names) => match names.iter().find(|name| name.value != "core") {
                Some(name) => Err(no_module(name)),
                None => Ok(()),
            },
            StatementKind::TruncateTable(table) => self.refuse_change("TRUNCATE TABLE", table),
            StatementKind::Delete { table, .. } => self.refuse_change("DELETE", table),
            StatementKind::Update(update) => self.refuse_change("UPDATE", &update.table),
            StatementKind::AnalyzeTable(analyze) => Err(Error::unsupported("ANALYZE TABLE")
                .hint("plans are made without statistics; leave the statement out")
                .at(analyze.table.span)),
            StatementKind::Call(call) => Err(Error::unsupported("procedures").at(call.name.span)),
            StatementKind::CompilePlan { path, .. }
            | StatementKind::ExecutePlan(path)
            | StatementKind::CompileAndExecutePlan { path, .. } => Err(Error::unsupported("compiled plans")
                .hint("run the INSERT itself: a job resumes by its name, whatever the plan")
                .at(path.span)),
            StatementKind::CreateModel(_) | StatementKind::AlterModel { .. } => Err(Error::unsupported("models")),
            StatementKind::CreateConnection(_) | StatementKind::AlterConnection { .. } => {
                Err(Error::unsupported("connections").hint("write the options into the table"))
            }
            StatementKind::CreateMaterializedTable(_) | StatementKind::AlterMaterializedTable { .. } => {
                Err(Error::unsupported("materialized tables")
                    .hint("CREATE TABLE, and an INSERT that keeps it up to date"))
            }
            _ => Err(Error::internal("a statement that nobody executes")),
        }
    }

    /// Flink has these in batch mode, for connectors that can change rows in place: none of ours can.
    fn refuse_change(&self, what: &str, name: &ObjectName) -> Result<()> {
        let (path, object) = self.catalogs.object(name)?;
        if !self.config.is_batch() {
            return Err(Error::invalid(format!("{what} is not possible in streaming mode"))
                .hint("SET 'execution.runtime-mode' = 'batch', for connectors that can change rows in place")
                .at(name.span));
        }
        let Object::Table(table) = object else {
            return Err(Error::invalid(format!("{path} is a view, which can't be changed")).at(name.span));
        };
        let options = table.options.iter().map(|(k, o)| (k.clone(), o.value.clone())).collect();
        let (definition, _) = table_def(&path, table, &options);
        let connector = self.connectors.of(&definition).map_err(|e| table.locate(e))?.name();
        Err(Error::invalid(format!("{what}: connector '{connector}' can't change rows in place")).at(name.span))
    }
}

fn no_module(name: &Ident) -> Error {
    Error::unsupported(format!("module '{}'", name.value)).hint("there is 'core'").at(name.span)
}
