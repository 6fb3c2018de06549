//! ALTER TABLE, VIEW, DATABASE and CATALOG. As in Flink temporary objects can't be altered.

use std::rc::Rc;

use flitz_dataflow::{Error, Result};

use super::Session;
use crate::ast::{AlterCatalogAction, AlterTable, AlterTableAction, AlterViewAction, Ident, ObjectName, OptionPair};
use crate::catalog::{Object, ObjectPath, Table, View};
use crate::resolver::Resolver;
use crate::resolver::alter::alter_table;
use crate::resolver::ddl::{options, view_schema};

impl Session {
    pub(super) fn alter_table(&mut self, alter: &AlterTable) -> Result<()> {
        let path = self.catalogs.path(&alter.name)?;
        let table = match self.catalogs.object(&alter.name) {
            Ok((_, Object::Table(table))) => table.clone(),
            Ok((_, Object::View(_))) => {
                return Err(Error::invalid(format!("{path} is a view")).hint("ALTER VIEW").at(alter.name.span));
            }
            Err(_) if alter.if_exists => return Ok(()),
            Err(e) => return Err(e),
        };
        self.permanent(&path, &alter.name)?;
        let mut changed: Table = (*table).clone();
        match &alter.action {
            AlterTableAction::Set(pairs) => changed.options.extend(options(pairs, &self.variables)?),
            AlterTableAction::Reset(keys) => {
                if keys.is_empty() {
                    return Err(Error::invalid("RESET names no option").at(alter.name.span));
                }
                for key in keys {
                    if key.value == "connector" {
                        return Err(Error::invalid("'connector' can't be reset").at(key.span));
                    }
                    changed.options.remove(&key.value);
                }
            }
            AlterTableAction::RenameTo(name) => return self.rename(&path, name, Object::Table(table)),
            AlterTableAction::AddPartitions { if_not_exists, partitions } => {
                self.add_partitions(&mut changed, &alter.name, partitions, *if_not_exists)?;
            }
            AlterTableAction::DropPartitions { if_exists, partitions } => {
                self.drop_partitions(&mut changed, &alter.name, partitions, *if_exists)?;
            }
            action => changed = alter_table(self.context(), &table, action)?,
        }
        self.catalogs.create(path, Object::Table(Rc::new(changed)), false, true)
    }

    fn permanent(&self, path: &ObjectPath, name: &ObjectName) -> Result<()> {
        match self.catalogs.temporary.get(path) {
            None => Ok(()),
            Some(object) => {
                Err(Error::invalid(format!("{path} is a temporary {}, which can't be altered", object.kind()))
                    .hint("drop it and create it anew")
                    .at(name.span))
            }
        }
    }

    fn rename(&mut self, path: &ObjectPath, to: &ObjectName, object: Object) -> Result<()> {
        // The new name stays in the database of the old one.
        let renamed = ObjectPath { object: to.object().value.clone(), ..path.clone() };
        self.catalogs.create(renamed, object, false, false).map_err(|e| e.at(to.span))?;
        self.catalogs.take(path)
    }

    pub(super) fn alter_view(&mut self, name: &ObjectName, action: &AlterViewAction) -> Result<()> {
        let (path, object) = self.catalogs.object(name)?;
        let Object::View(view) = object.clone() else {
            return Err(Error::invalid(format!("{path} is a table")).hint("ALTER TABLE").at(name.span));
        };
        self.permanent(&path, name)?;
        match action {
            AlterViewAction::RenameTo(to) => self.rename(&path, to, Object::View(view)),
            AlterViewAction::As(query) => {
                let rel = Resolver::new(self.context()).query(query)?;
                let changed = View {
                    schema: view_schema(&path, &[], &rel.schema, name.span)?,
                    query: query.clone(),
                    catalog: self.catalogs.current_catalog.clone(),
                    database: self.catalogs.current_database.clone(),
                    ..(*view).clone()
                };
                self.catalogs.create(path, Object::View(Rc::new(changed)), false, true)
            }
        }
    }

    pub(super) fn alter_database(&mut self, name: &ObjectName, pairs: &[OptionPair]) -> Result<()> {
        let (catalog, database) = self.database_path(name)?;
        let values = options(pairs, &self.variables)?;
        let mut changed = self.catalogs.database_mut(&catalog, &database).map_err(|e| e.at(name.span))?.clone();
        changed.options.extend(values.into_iter().map(|(k, o)| (k, o.value)));
        self.catalogs.put_database(&catalog, &database, changed)
    }

    pub(super) fn alter_catalog(&mut self, name: &Ident, action: &AlterCatalogAction) -> Result<()> {
        let Some(catalog) = self.catalogs.catalogs.get_mut(&name.value) else {
            return Err(self.catalogs.unknown_catalog(&name.value).at(name.span));
        };
        // Flink opens the catalog anew, and what an in-memory catalog held is gone.
        let holds_objects = catalog.directory.is_none() && catalog.databases.values().any(|d| !d.objects.is_empty());
        if holds_objects && !matches!(action, AlterCatalogAction::Comment(_)) {
            return Err(Error::invalid(format!("catalog '{}' would lose its tables", name.value))
                .hint("other options make it a new catalog: drop the tables before")
                .at(name.span));
        }
        match action {
            AlterCatalogAction::Comment(comment) => catalog.comment = Some(comment.value.clone()),
            AlterCatalogAction::Set(pairs) => {
                let values = options(pairs, &self.variables)?;
                let kind = catalog.options.get("type").cloned().unwrap_or_default();
                for (key, option) in &values {
                    if !matches!(key.as_str(), "default-database" | "property-version") {
                        let message = format!("catalog type '{kind}' has no option '{key}' that can be changed");
                        return Err(Error::invalid(message).at(option.span));
                    }
                }
                let old = catalog.default_database().to_owned();
                catalog.options.extend(values.into_iter().map(|(k, o)| (k, o.value)));
                let new = catalog.default_database().to_owned();
                if catalog.directory.is_none()
                    && old != new
                    && let Some(database) = catalog.databases.remove(&old)
                {
                    catalog.databases.entry(new).or_insert(database);
                }
            }
            AlterCatalogAction::Reset(keys) => {
                for key in keys {
                    if key.value == "type" || key.value == "path" {
                        return Err(Error::invalid(format!("'{}' can't be reset", key.value)).at(key.span));
                    }
                }
                for key in keys {
                    catalog.options.remove(&key.value);
                }
            }
        }
        Ok(())
    }
}
