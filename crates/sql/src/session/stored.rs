//! Catalogs of type `flitz`: what a folder keeps becomes tables and views of the session, and follows what other
//! processes do to it.

use std::collections::BTreeMap;
use std::rc::Rc;

use flitz_dataflow::{Error, Result};

use super::{Session, Variables};
use crate::ast::{CreateFunction, FunctionDefinition, Lifetime, Statement, StatementKind};
use crate::catalog::{Catalogs, Database, Directory, Function, Lock, Object, StoredDatabase, View, broken_key};
use crate::parser::parse_script;
use crate::resolver::alter::NO_FILE;
use crate::resolver::ddl::{options, resolve_table, view_schema};
use crate::resolver::function::declared_function;
use crate::resolver::{Context, Resolver};

impl Session {
    /// No statement changes anything beyond this session from here on.
    pub fn forbid_changes_outside(&mut self) {
        self.keeps_definitions = false;
    }

    pub(super) fn open_directory(&self, path: &str) -> Result<Rc<Directory>> {
        Directory::open(path, self.keeps_definitions).map(Rc::new)
    }

    /// For as long as the locks are held no other process changes the definitions.
    pub(super) fn lock_catalogs(&self) -> Result<Vec<Lock>> {
        let directories = self.catalogs.catalogs.values().filter_map(|c| c.directory.as_ref());
        // Everybody in the same order, whatever the catalogs are called here.
        let by_place: BTreeMap<_, _> = directories.map(|d| (d.root().to_owned(), d.clone())).collect();
        by_place.values().map(|directory| directory.lock()).collect()
    }

    /// Reads what has changed since the last statement.
    pub(super) fn refresh_catalogs(&mut self) -> Result<()> {
        let mut changed = vec![];
        for (name, catalog) in &self.catalogs.catalogs {
            if let Some(directory) = &catalog.directory
                && let Some(databases) = directory.read_changes()?
            {
                changed.push((name.clone(), databases));
            }
        }
        for (name, databases) in changed {
            self.load(&name, databases)?;
        }
        Ok(())
    }

    fn load(&mut self, catalog: &str, stored: Vec<StoredDatabase>) -> Result<()> {
        let mut loaded = BTreeMap::new();
        let (mut scripts, mut functions) = (vec![], vec![]);
        for database in stored {
            loaded.insert(database.name.clone(), database_of(&database.definition, &self.variables)?);
            let name = database.name;
            let script = |(object, text): (String, String)| Script {
                database: name.clone(),
                object,
                statements: parse_script(NO_FILE, &text),
            };
            scripts.extend(database.objects.into_iter().map(script));
            functions.extend(database.functions.into_iter().map(script));
        }
        let Some(found) = self.catalogs.catalogs.get_mut(catalog) else { return Ok(()) };
        found.databases = loaded;
        found.broken.clear();
        let mut broken = BTreeMap::new();
        // What their bodies call is looked up when they are called: the order does not matter.
        for script in functions {
            match self.made(catalog, &script, function_of) {
                Ok(function) => {
                    let database = self.catalogs.database_mut(catalog, &script.database)?;
                    database.functions.insert(script.object, Rc::new(function));
                }
                Err(cause) => {
                    broken.insert((script.database, broken_key(&script.object)), cause);
                }
            }
        }
        // A view may read another one: go on as long as one more can be made.
        loop {
            let before = scripts.len();
            let mut waiting = vec![];
            let mut causes = vec![];
            for script in scripts {
                match self.made(catalog, &script, |catalogs, statement| self.object_of(catalogs, statement)) {
                    Ok(object) => {
                        let database = self.catalogs.database_mut(catalog, &script.database)?;
                        database.objects.insert(script.object, object);
                    }
                    Err(cause) => {
                        causes.push(((script.database.clone(), script.object.clone()), cause));
                        waiting.push(script);
                    }
                }
            }
            scripts = waiting;
            if scripts.is_empty() || scripts.len() == before {
                if let Some(found) = self.catalogs.catalogs.get_mut(catalog) {
                    found.broken = broken;
                    found.broken.extend(causes);
                }
                return Ok(());
            }
        }
    }

    /// What the script creates.
    fn made<T>(
        &self,
        catalog: &str,
        script: &Script,
        create: impl Fn(&Catalogs, &Statement) -> Result<T>,
    ) -> Result<T> {
        let (statements, errors) = &script.statements;
        if let Some(error) = errors.first() {
            return Err(error.clone());
        }
        // Names are looked up where the script says, not where the session is.
        let mut catalogs = self.catalogs.clone();
        catalogs.current_catalog = catalog.to_owned();
        catalogs.current_database.clone_from(&script.database);
        for statement in statements {
            match &statement.kind {
                StatementKind::UseCatalog(name) => catalogs.current_catalog.clone_from(&name.value),
                StatementKind::UseDatabase(name) => catalogs.current_database.clone_from(&name.object().value),
                _ => return create(&catalogs, statement),
            }
        }
        Err(Error::invalid("it holds no CREATE"))
    }

    fn object_of(&self, catalogs: &Catalogs, statement: &Statement) -> Result<Object> {
        let context = Context { catalogs, ..self.context() };
        match &statement.kind {
            StatementKind::CreateTable(create) if create.query.is_none() => {
                resolve_table(context, create).map(|table| Object::Table(Rc::new(table)))
            }
            StatementKind::CreateView(create) => {
                let rel = Resolver::new(context).query(&create.query)?;
                let path = catalogs.path(&create.name)?;
                let view = View {
                    schema: view_schema(&path, &create.columns, &rel.schema, create.name.span)?,
                    query: create.query.clone(),
                    catalog: catalogs.current_catalog.clone(),
                    database: catalogs.current_database.clone(),
                    comment: create.comment.as_ref().map(|c| c.value.clone()),
                    temporary: false,
                };
                Ok(Object::View(Rc::new(view)))
            }
            _ => Err(Error::invalid("a catalog keeps CREATE TABLE and CREATE VIEW")),
        }
    }
}

fn function_of(catalogs: &Catalogs, statement: &Statement) -> Result<Function> {
    match &statement.kind {
        StatementKind::CreateFunction(CreateFunction { definition: FunctionDefinition::Sql(definition), .. }) => {
            declared_function(catalogs, Lifetime::Catalog, definition)
        }
        _ => Err(Error::invalid("a function of the catalog is not defined by one CREATE FUNCTION in SQL")),
    }
}

struct Script {
    database: String,
    object: String,
    statements: (Vec<Statement>, Vec<Error>),
}

fn database_of(definition: &str, variables: &Variables) -> Result<Database> {
    let (statements, errors) = parse_script(NO_FILE, definition);
    match (statements.as_slice(), errors.as_slice()) {
        ([Statement { kind: StatementKind::CreateDatabase(create), .. }], []) => Ok(Database {
            comment: create.comment.as_ref().map(|c| c.value.clone()),
            options: options(&create.options, variables)?.into_iter().map(|(k, o)| (k, o.value)).collect(),
            ..Database::default()
        }),
        (_, [error, ..]) => Err(error.clone()),
        _ => Err(Error::invalid("a database of the catalog is not defined by one CREATE DATABASE")),
    }
}
