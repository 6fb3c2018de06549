//! CREATE, ALTER, DROP and USE.

use std::rc::Rc;

use flitz_dataflow::{Error, Result};

use super::{Outcome, Session};
use crate::ast::{
    CreateCatalog, CreateDatabase, CreateTable, CreateTableMode, CreateView, DropObject, Lifetime, ObjectKind,
    ObjectName, Statement, StatementKind,
};
use crate::catalog::{Catalog, Database, Directory, Object, ObjectPath, View};
use crate::resolver::Resolver;
use crate::resolver::ddl::{options, resolve_table, view_schema};

impl Session {
    pub(super) fn define(&mut self, statement: &Statement) -> Result<Outcome> {
        match &statement.kind {
            StatementKind::CreateTable(create) => return self.create_table(create),
            StatementKind::CreateView(create) => self.create_view(create)?,
            StatementKind::CreateCatalog(create) => self.create_catalog(create)?,
            StatementKind::CreateDatabase(create) => self.create_database(create)?,
            StatementKind::AlterTable(alter) => self.alter_table(alter)?,
            StatementKind::AlterView { name, action } => self.alter_view(name, action)?,
            StatementKind::AlterDatabase { name, options } => self.alter_database(name, options)?,
            StatementKind::AlterCatalog { name, action } => self.alter_catalog(name, action)?,
            StatementKind::CreateFunction(create) => self.create_function(create)?,
            StatementKind::AlterFunction(alter) => self.alter_function(alter)?,
            StatementKind::Drop(drop) => self.drop(drop)?,
            StatementKind::UseCatalog(name) => {
                let Some(catalog) = self.catalogs.catalogs.get(&name.value) else {
                    return Err(self.catalogs.unknown_catalog(&name.value).at(name.span));
                };
                let default = Some(catalog.default_database().to_owned());
                let default = default.filter(|name| catalog.databases.contains_key(name)).unwrap_or_default();
                self.catalogs.current_catalog.clone_from(&name.value);
                self.catalogs.current_database = default;
            }
            StatementKind::UseDatabase(name) => {
                let (catalog, database) = self.database_path(name)?;
                self.catalogs.database_mut(&catalog, &database).map_err(|e| e.at(name.span))?;
                self.catalogs.current_catalog = catalog;
                self.catalogs.current_database = database;
            }
            other => self.other(other)?,
        }
        Ok(Outcome::Done)
    }

    pub(super) fn create_table(&mut self, create: &CreateTable) -> Result<Outcome> {
        let path = self.catalogs.path(&create.name)?;
        if create.mode != CreateTableMode::Create {
            return self.replace_table(create, path);
        }
        if create.if_not_exists && self.exists(&path, create.temporary) {
            return Ok(Outcome::Done);
        }
        if let Some(query) = &create.query {
            return self.create_table_as(create, path, query);
        }
        let table = resolve_table(self.context(), create)?;
        self.create(path, Object::Table(Rc::new(table)), create.temporary, create)?;
        Ok(Outcome::Done)
    }

    fn exists(&self, path: &ObjectPath, temporary: bool) -> bool {
        match temporary {
            true => self.catalogs.temporary.contains_key(path),
            false => self.catalogs.find_permanent(path).is_some(),
        }
    }

    pub(super) fn create(
        &mut self,
        path: ObjectPath,
        object: Object,
        temporary: bool,
        create: &CreateTable,
    ) -> Result<()> {
        self.catalogs.create(path, object, temporary, false).map_err(|e| match e.hint {
            Some(_) => e.at(create.name.span),
            None => e.hint("CREATE TABLE IF NOT EXISTS keeps the one there is").at(create.name.span),
        })
    }

    fn create_view(&mut self, create: &CreateView) -> Result<()> {
        let path = self.catalogs.path(&create.name)?;
        if create.if_not_exists && self.exists(&path, create.temporary) {
            return Ok(());
        }
        if create.or_replace
            && let Some(Object::Table(_)) = self.catalogs.find(&path)
        {
            return Err(Error::invalid(format!("{path} is a table, not a view")).at(create.name.span));
        }
        let rel = Resolver::new(self.context()).query(&create.query)?;
        let view = View {
            schema: view_schema(&path, &create.columns, &rel.schema, create.name.span)?,
            query: create.query.clone(),
            catalog: self.catalogs.current_catalog.clone(),
            database: self.catalogs.current_database.clone(),
            comment: create.comment.as_ref().map(|c| c.value.clone()),
            temporary: create.temporary,
        };
        let object = Object::View(Rc::new(view));
        self.catalogs.create(path, object, create.temporary, create.or_replace).map_err(|e| e.at(create.name.span))
    }

    fn create_catalog(&mut self, create: &CreateCatalog) -> Result<()> {
        let name = &create.name.value;
        if self.catalogs.catalogs.contains_key(name) {
            return match create.if_not_exists {
                true => Ok(()),
                false => Err(Error::invalid(format!("catalog '{name}' exists already")).at(create.name.span)),
            };
        }
        let values = options(&create.options, &self.variables)?;
        let kind = match values.get("type").map(|o| (o.value.as_str(), o.span)) {
            Some((kind @ ("generic_in_memory" | "flitz"), _)) => kind,
            Some((other, span)) => {
                return Err(Error::unsupported(format!("catalogs of type '{other}'"))
                    .hint("there are 'generic_in_memory', and 'flitz', which keeps definitions in a folder")
                    .at(span));
            }
            None => {
                return Err(Error::invalid("a catalog needs a 'type'")
                    .hint("WITH ('type' = 'generic_in_memory')")
                    .at(create.name.span));
            }
        };
        let known = |key: &str| match key {
            "type" | "default-database" => true,
            "property-version" => kind == "generic_in_memory",
            "path" => kind == "flitz",
            _ => false,
        };
        if let Some((key, option)) = values.iter().find(|(key, _)| !known(key)) {
            return Err(Error::invalid(format!("catalog type '{kind}' has no option '{key}'")).at(option.span));
        }
        let directory = match values.get("path") {
            Some(path) => Some(self.open_directory(&path.value).map_err(|e| e.or_at(path.span))?),
            None if kind == "flitz" => {
                return Err(Error::invalid("catalog type 'flitz' needs a 'path'")
                    .hint("WITH ('type' = 'flitz', 'path' = './catalog')")
                    .at(create.name.span));
            }
            None => None,
        };
        let catalog = Catalog {
            comment: create.comment.as_ref().map(|c| c.value.clone()),
            options: values.into_iter().map(|(k, o)| (k, o.value)).collect(),
            directory: directory.clone(),
            ..Catalog::default()
        };
        let default = catalog.default_database().to_owned();
        self.catalogs.catalogs.insert(name.clone(), catalog);
        let ready = self.prepare_catalog(name, &default, directory.as_deref());
        if ready.is_err() {
            self.catalogs.catalogs.remove(name);
        }
        ready
    }

    /// Reads what is kept; the default database is always there.
    fn prepare_catalog(&mut self, name: &str, default: &str, directory: Option<&Directory>) -> Result<()> {
        let _lock = directory.map(Directory::lock).transpose()?;
        self.refresh_catalogs()?;
        match self.catalogs.catalogs.get(name).is_some_and(|c| c.databases.contains_key(default)) {
            true => Ok(()),
            false => self.catalogs.put_database(name, default, Database::default()),
        }
    }

    fn create_database(&mut self, create: &CreateDatabase) -> Result<()> {
        let (catalog, database) = self.database_path(&create.name)?;
        let values = options(&create.options, &self.variables)?;
        let comment = create.comment.as_ref().map(|c| c.value.clone());
        let Some(found) = self.catalogs.catalogs.get(&catalog) else {
            return Err(self.catalogs.unknown_catalog(&catalog).at(create.name.span));
        };
        if found.databases.contains_key(&database) {
            return match create.if_not_exists {
                true => Ok(()),
                false => Err(Error::invalid(format!("database '{database}' exists already")).at(create.name.span)),
            };
        }
        let options = values.into_iter().map(|(k, o)| (k, o.value)).collect();
        self.catalogs.put_database(&catalog, &database, Database { comment, options, ..Database::default() })
    }

    /// `[catalog.]database`
    pub(super) fn database_path(&self, name: &ObjectName) -> Result<(String, String)> {
        match name.parts.as_slice() {
            [database] => Ok((self.catalogs.current_catalog.clone(), database.value.clone())),
            [catalog, database] => Ok((catalog.value.clone(), database.value.clone())),
            _ => Err(Error::invalid("a database is named [catalog.]database").at(name.span)),
        }
    }

    fn drop(&mut self, drop: &DropObject) -> Result<()> {
        match drop.kind {
            ObjectKind::Table | ObjectKind::View => self.drop_object(drop),
            ObjectKind::Database => self.drop_database(drop),
            ObjectKind::Catalog => {
                let name = &drop.name.object().value;
                if *name == self.catalogs.current_catalog {
                    return Err(Error::invalid("the current catalog can't be dropped")
                        .hint("USE CATALOG another")
                        .at(drop.name.span));
                }
                match self.catalogs.catalogs.remove(name) {
                    None if !drop.if_exists => Err(self.catalogs.unknown_catalog(name).at(drop.name.span)),
                    _ => Ok(()),
                }
            }
            ObjectKind::Function => self.drop_function(drop),
            ObjectKind::MaterializedTable | ObjectKind::Model if drop.if_exists => Ok(()),
            ObjectKind::MaterializedTable => {
                let name = crate::catalog::dotted(&drop.name);
                Err(Error::invalid(format!("there is no materialized table `{name}`")).at(drop.name.span))
            }
            ObjectKind::Model => Err(super::show::no_model(&drop.name)),
            ObjectKind::Connection => Err(Error::unsupported("connections")),
        }
    }

    fn drop_object(&mut self, drop: &DropObject) -> Result<()> {
        let path = self.catalogs.path(&drop.name)?;
        let temporary = drop.lifetime != Lifetime::Catalog;
        if !temporary && self.drop_broken(&path)? {
            return Ok(());
        }
        let found = match temporary {
            true => self.catalogs.temporary.get(&path),
            false => self.catalogs.find_permanent(&path),
        };
        let wanted = if drop.kind == ObjectKind::View { "view" } else { "table" };
        match found {
            None if drop.if_exists => return Ok(()),
            None if !temporary && self.catalogs.temporary.contains_key(&path) => {
                return Err(Error::invalid(format!("{path} is a temporary {wanted}"))
                    .hint(format!("DROP TEMPORARY {}", wanted.to_uppercase()))
                    .at(drop.name.span));
            }
            None => {
                return Err(self
                    .catalogs
                    .object(&drop.name)
                    .err()
                    .unwrap_or_else(|| Error::invalid(format!("there is no {wanted} {path}")).at(drop.name.span)));
            }
            Some(object) if object.kind() != wanted => {
                let kind = object.kind();
                return Err(Error::invalid(format!("{path} is a {kind}, not a {wanted}"))
                    .hint(format!("DROP {}", kind.to_uppercase()))
                    .at(drop.name.span));
            }
            Some(_) if !temporary && self.catalogs.temporary.contains_key(&path) => {
                return Err(Error::invalid(format!("a temporary object hides {wanted} {path}"))
                    .hint("drop the temporary one first")
                    .at(drop.name.span));
            }
            Some(_) => {}
        }
        self.catalogs.take(&path)
    }

    /// Whether the path named something that its catalog keeps and nobody can make any more; it is gone now.
    fn drop_broken(&mut self, path: &ObjectPath) -> Result<bool> {
        let Some(catalog) = self.catalogs.catalogs.get_mut(&path.catalog) else { return Ok(false) };
        let broken = catalog.broken.remove(&(path.database.clone(), path.object.clone())).is_some();
        if let (true, Some(directory)) = (broken, &catalog.directory) {
            directory.remove_object(&path.database, &path.object)?;
        }
        Ok(broken)
    }

    fn drop_database(&mut self, drop: &DropObject) -> Result<()> {
        let (catalog, database) = self.database_path(&drop.name)?;
        let Some(found) = self.catalogs.catalogs.get(&catalog).and_then(|c| c.databases.get(&database)) else {
            return match drop.if_exists {
                true => Ok(()),
                false => Err(self.catalogs.unknown_database(&catalog, &database).at(drop.name.span)),
            };
        };
        if catalog == self.catalogs.current_catalog && database == self.catalogs.current_database {
            return Err(Error::invalid("the current database can't be dropped").hint("USE another").at(drop.name.span));
        }
        let is_empty = found.objects.is_empty() && found.functions.is_empty();
        if !is_empty && !drop.cascade {
            return Err(Error::invalid(format!("database '{database}' is not empty"))
                .hint("DROP DATABASE … CASCADE")
                .at(drop.name.span));
        }
        self.catalogs.take_database(&catalog, &database)
    }
}
