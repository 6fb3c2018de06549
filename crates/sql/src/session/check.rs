//! Statements planned for their errors alone.

use flitz_dataflow::Error;

use super::Session;
use crate::ast::{Insert, Statement, StatementKind};
use crate::catalog::Object;
use crate::lower::table_def;
use crate::resolver::alter::place_within;

impl Session {
    /// As `execute`, but what comes of it is not wanted, and each INSERT of a statement set is looked at by itself.
    pub fn check(&mut self, statement: &Statement) -> Vec<Error> {
        let inserts: Vec<Insert> = match &statement.kind {
            StatementKind::StatementSet(inserts) => inserts.clone(),
            StatementKind::EndStatementSet => self.statement_set.clone().unwrap_or_default(),
            _ => vec![],
        };
        let planned_alone = |insert: &Insert| self.plan_inserts(std::slice::from_ref(insert)).err();
        let errors: Vec<Error> = inserts
            .iter()
            .filter_map(planned_alone)
            .map(|e| place_within(self.locate(e), statement.span).or_at(statement.span))
            .collect();
        if errors.is_empty() {
            return self.execute(statement).err().into_iter().collect();
        }
        if matches!(statement.kind, StatementKind::EndStatementSet) {
            self.statement_set = None;
        }
        errors
    }

    /// What is wrong with the options of declared tables, whether a statement uses them or not.
    pub fn check_tables(&self) -> Vec<Error> {
        let mut errors = vec![];
        let catalogs = &self.catalogs;
        for (catalog, found) in &catalogs.catalogs {
            for database in found.databases.keys() {
                for (name, object) in catalogs.objects_in(catalog, database) {
                    let Object::Table(table) = object else { continue };
                    let path = crate::catalog::ObjectPath {
                        catalog: catalog.clone(),
                        database: database.clone(),
                        object: name,
                    };
                    let options = table.options.iter().map(|(k, o)| (k.clone(), o.value.clone())).collect();
                    let (definition, _) = table_def(&path, &table, &options);
                    let described = self.connectors.of(&definition).and_then(|factory| factory.describe(&definition));
                    errors.extend(described.err().map(|e| table.locate(e)));
                }
            }
        }
        errors
    }
}
