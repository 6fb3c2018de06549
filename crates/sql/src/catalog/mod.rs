//! What has been declared: catalogs hold databases, databases hold tables, views and functions. Everything lives in the
//! session (Flink's `generic_in_memory`), or in a folder too (`flitz`); temporary objects live in the session alone
//! and hide catalog objects of the same path.

mod directory;
mod function;
mod table;
pub mod text;

pub use directory::{Directory, Lock, StoredDatabase};
pub use function::{Function, FunctionName, Param, broken_key};

pub use table::{Column, ColumnKind, OptionValue, Partition, PrimaryKey, Table, View, WatermarkDecl};

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use flitz_dataflow::{Error, Result, suggest};

use crate::ast::ObjectName;

pub const DEFAULT_CATALOG: &str = "default_catalog";
pub const DEFAULT_DATABASE: &str = "default_database";

/// Full name of a table or view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectPath {
    pub catalog: String,
    pub database: String,
    pub object: String,
}

/// `default_catalog.default_database.orders`, as Flink writes it in messages and plans.
impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.catalog, self.database, self.object)
    }
}

impl ObjectPath {
    pub fn quoted(&self) -> String {
        format!("{}.{}.{}", quote(&self.catalog), quote(&self.database), quote(&self.object))
    }
}

/// A name between back-ticks.
pub fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[derive(Clone, Debug)]
pub enum Object {
    Table(Rc<Table>),
    View(Rc<View>),
}

impl Object {
    pub fn kind(&self) -> &'static str {
        match self {
            Object::Table(_) => "table",
            Object::View(_) => "view",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Database {
    pub comment: Option<String>,
    pub options: BTreeMap<String, String>,
    pub objects: BTreeMap<String, Object>,
    /// By their names in lower case.
    pub functions: BTreeMap<String, Rc<Function>>,
}

#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub comment: Option<String>,
    pub options: BTreeMap<String, String>,
    pub databases: BTreeMap<String, Database>,
    /// Not made by CREATE CATALOG.
    pub builtin: bool,
    /// Where the definitions are kept; None: in this session.
    pub directory: Option<Rc<Directory>>,
    /// Objects kept there that can't be made again, by database and name, and why.
    pub broken: BTreeMap<(String, String), Error>,
}

impl Catalog {
    /// Where unqualified names are looked up after USE CATALOG.
    pub fn default_database(&self) -> &str {
        let declared = self.options.get("default-database").map(String::as_str);
        declared.unwrap_or(if self.builtin { DEFAULT_DATABASE } else { "default" })
    }
}

/// All catalogs of a session and where unqualified names are looked up.
#[derive(Clone, Debug)]
pub struct Catalogs {
    pub current_catalog: String,
    /// Empty while no database of a new catalog was chosen.
    pub current_database: String,
    pub catalogs: BTreeMap<String, Catalog>,
    pub temporary: BTreeMap<ObjectPath, Object>,
    pub temporary_functions: BTreeMap<FunctionName, Rc<Function>>,
}

impl Default for Catalogs {
    fn default() -> Catalogs {
        let database = (DEFAULT_DATABASE.to_owned(), Database::default());
        let options = BTreeMap::from([("type".to_owned(), "generic_in_memory".to_owned())]);
        let catalog = Catalog { options, databases: BTreeMap::from([database]), builtin: true, ..Catalog::default() };
        Catalogs {
            current_catalog: DEFAULT_CATALOG.to_owned(),
            current_database: DEFAULT_DATABASE.to_owned(),
            catalogs: BTreeMap::from([(DEFAULT_CATALOG.to_owned(), catalog)]),
            temporary: BTreeMap::new(),
            temporary_functions: BTreeMap::new(),
        }
    }
}

impl Catalogs {
    /// The full path of a name of one to three parts.
    pub fn path(&self, name: &ObjectName) -> Result<ObjectPath> {
        let part = |i: usize| name.parts[i].value.clone();
        let (catalog, database, object) = match name.parts.len() {
            1 => (self.current_catalog.clone(), self.current_database.clone(), part(0)),
            2 => (self.current_catalog.clone(), part(0), part(1)),
            3 => (part(0), part(1), part(2)),
            _ => {
                return Err(Error::invalid(format!("`{}` has too many parts", dotted(name)))
                    .hint("write [catalog.][database.]object")
                    .at(name.span));
            }
        };
        if database.is_empty() {
            return Err(Error::invalid(format!("catalog '{catalog}' has no current database"))
                .hint("choose one with USE")
                .at(name.span));
        }
        Ok(ObjectPath { catalog, database, object })
    }

    pub fn find(&self, path: &ObjectPath) -> Option<&Object> {
        self.temporary.get(path).or_else(|| self.find_permanent(path))
    }

    pub fn find_permanent(&self, path: &ObjectPath) -> Option<&Object> {
        self.catalogs.get(&path.catalog)?.databases.get(&path.database)?.objects.get(&path.object)
    }

    /// The object of this name, or an error that names the nearest.
    pub fn object(&self, name: &ObjectName) -> Result<(ObjectPath, &Object)> {
        let path = self.path(name)?;
        match self.find(&path) {
            Some(object) => Ok((path, object)),
            None => Err(self.unknown(&path, name)),
        }
    }

    fn unknown(&self, path: &ObjectPath, name: &ObjectName) -> Error {
        if !self.catalogs.contains_key(&path.catalog) {
            return self.unknown_catalog(&path.catalog).at(name.parts[0].span);
        }
        if !self.catalogs[&path.catalog].databases.contains_key(&path.database) {
            let span = name.parts[name.parts.len().saturating_sub(2)].span;
            return self.unknown_database(&path.catalog, &path.database).at(span);
        }
        let place = (path.database.clone(), path.object.clone());
        if let Some(cause) = self.catalogs[&path.catalog].broken.get(&place) {
            let message = format!("{path} can't be made from what its catalog keeps: {}", cause.message);
            return Error { message, ..cause.clone() }.at(name.span);
        }
        let error = Error::invalid(format!("there is no table or view `{}`", dotted(name))).at(name.span);
        let known = self.objects_in(&path.catalog, &path.database);
        match suggest::nearest(&path.object, known.iter().map(|(n, _)| n.as_str())) {
            Some(near) if near.eq_ignore_ascii_case(&path.object) => {
                error.hint(format!("names are case-sensitive: it is `{near}`"))
            }
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => error.hint("nothing has been created yet"),
            None => error
                .hint(format!("there are {}", known.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", "))),
        }
    }

    pub fn unknown_catalog(&self, name: &str) -> Error {
        let error = Error::invalid(format!("there is no catalog '{name}'"));
        match suggest::nearest(name, self.catalogs.keys().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint("CREATE CATALOG makes one"),
        }
    }

    pub fn unknown_database(&self, catalog: &str, name: &str) -> Error {
        let error = Error::invalid(format!("there is no database '{name}' in catalog '{catalog}'"));
        let known = self.catalogs.get(catalog).map(|c| &c.databases);
        match known.and_then(|k| suggest::nearest(name, k.keys().map(String::as_str))) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint("CREATE DATABASE makes one"),
        }
    }

    /// The table of this full name, as plans and messages write it.
    pub fn table(&self, full_name: &str) -> Option<&Table> {
        let permanent = self.catalogs.iter().flat_map(|(catalog, c)| {
            c.databases.iter().flat_map(move |(database, d)| {
                d.objects.iter().map(move |(name, object)| (format!("{catalog}.{database}.{name}"), object))
            })
        });
        let temporary = self.temporary.iter().map(|(path, object)| (path.to_string(), object));
        temporary.chain(permanent).find(|(name, _)| name == full_name).and_then(|(_, object)| match object {
            Object::Table(table) => Some(&**table),
            Object::View(_) => None,
        })
    }

    /// Tables and views of a database by name, temporary ones included and hiding others.
    pub fn objects_in(&self, catalog: &str, database: &str) -> Vec<(String, Object)> {
        let permanent = self.catalogs.get(catalog).and_then(|c| c.databases.get(database));
        let mut found: BTreeMap<String, Object> = permanent.map(|d| d.objects.clone()).unwrap_or_default();
        for (path, object) in &self.temporary {
            if path.catalog == catalog && path.database == database {
                found.insert(path.object.clone(), object.clone());
            }
        }
        found.into_iter().collect()
    }

    pub fn database_mut(&mut self, catalog: &str, database: &str) -> Result<&mut Database> {
        if !self.catalogs.contains_key(catalog) {
            return Err(self.unknown_catalog(catalog));
        }
        if !self.catalogs[catalog].databases.contains_key(database) {
            return Err(self.unknown_database(catalog, database));
        }
        let found = self.catalogs.get_mut(catalog).and_then(|c| c.databases.get_mut(database));
        found.ok_or_else(|| Error::internal("the database was there a moment ago"))
    }

    /// Puts an object in its place. `replace`: an existing one may go.
    pub fn create(&mut self, path: ObjectPath, object: Object, temporary: bool, replace: bool) -> Result<()> {
        let kind = object.kind();
        let taken = |p: &ObjectPath| Err(Error::invalid(format!("{kind} '{p}' exists already")));
        if temporary {
            if !replace && self.temporary.contains_key(&path) {
                return taken(&path);
            }
            self.temporary.insert(path, object);
            return Ok(());
        }
        let directory = self.catalogs.get(&path.catalog).and_then(|c| c.directory.clone());
        let objects = &mut self.database_mut(&path.catalog, &path.database)?.objects;
        if !replace && objects.contains_key(&path.object) {
            return taken(&path);
        }
        if let Some(directory) = directory {
            let text = match &object {
                Object::Table(table) => text::stored_table(&path.object, table),
                Object::View(view) => text::stored_view(&path.catalog, &path.object, view),
            };
            directory.write_object(&path.database, &path.object, &text)?;
        }
        objects.insert(path.object, object);
        Ok(())
    }

    /// Removes the object that the path names now.
    pub fn take(&mut self, path: &ObjectPath) -> Result<()> {
        if self.temporary.remove(path).is_some() {
            return Ok(());
        }
        let Some(catalog) = self.catalogs.get_mut(&path.catalog) else { return Ok(()) };
        if let Some(directory) = &catalog.directory {
            directory.remove_object(&path.database, &path.object)?;
        }
        if let Some(database) = catalog.databases.get_mut(&path.database) {
            database.objects.remove(&path.object);
        }
        Ok(())
    }

    /// Creates the database, or gives it another comment or options.
    pub fn put_database(&mut self, catalog: &str, name: &str, database: Database) -> Result<()> {
        let Some(catalog) = self.catalogs.get_mut(catalog) else { return Err(self.unknown_catalog(catalog)) };
        if let Some(directory) = &catalog.directory {
            directory.write_database(name, &text::stored_database(name, &database))?;
        }
        catalog.databases.insert(name.to_owned(), database);
        Ok(())
    }

    /// With all that is in it.
    pub fn take_database(&mut self, catalog: &str, name: &str) -> Result<()> {
        let Some(catalog) = self.catalogs.get_mut(catalog) else { return Err(self.unknown_catalog(catalog)) };
        if let Some(directory) = &catalog.directory {
            directory.remove_database(name)?;
        }
        catalog.databases.remove(name);
        Ok(())
    }
}

/// A name as written, without back-ticks.
pub fn dotted(name: &ObjectName) -> String {
    name.parts.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(".")
}
