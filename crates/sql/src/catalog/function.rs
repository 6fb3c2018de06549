use std::collections::BTreeMap;
use std::rc::Rc;

use flitz_dataflow::{DataType, Result};

use super::{Catalogs, ObjectPath, text};
use crate::ast;
use crate::ast::{Lifetime, ObjectName};

/// A function defined in SQL: an expression over its parameters.
#[derive(Clone, Debug)]
pub struct Function {
    pub params: Vec<Param>,
    pub returns: DataType,
    pub body: ast::Expr,
    /// The body as it was written.
    pub text: String,
    /// Where the unqualified names of functions in it are looked up.
    pub catalog: String,
    pub database: String,
    pub lifetime: Lifetime,
}

#[derive(Clone, Debug)]
pub struct Param {
    pub name: String,
    pub data_type: DataType,
}

/// What a function is known by: names of functions have no case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FunctionName {
    System(String),
    Path(ObjectPath),
}

impl std::fmt::Display for FunctionName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FunctionName::System(name) => f.write_str(name),
            FunctionName::Path(path) => path.fmt(f),
        }
    }
}

impl Catalogs {
    /// What a statement about a function names.
    pub fn function_name(&self, name: &ObjectName, lifetime: Lifetime) -> Result<FunctionName> {
        if lifetime == Lifetime::TemporarySystem {
            return Ok(FunctionName::System(name.object().value.to_lowercase()));
        }
        let path = self.path(name)?;
        Ok(FunctionName::Path(ObjectPath { object: path.object.to_lowercase(), ..path }))
    }

    pub fn function(&self, name: &FunctionName, lifetime: Lifetime) -> Option<&Rc<Function>> {
        match (name, lifetime) {
            (FunctionName::Path(path), Lifetime::Catalog) => {
                self.catalogs.get(&path.catalog)?.databases.get(&path.database)?.functions.get(&path.object)
            }
            _ => self.temporary_functions.get(name),
        }
    }

    /// All that a name can mean, temporary ones in the place of those they hide.
    pub fn functions(&self) -> BTreeMap<FunctionName, Rc<Function>> {
        let mut all = BTreeMap::new();
        for (catalog, found) in &self.catalogs {
            for (database, found) in &found.databases {
                for (object, function) in &found.functions {
                    let (catalog, database, object) = (catalog.clone(), database.clone(), object.clone());
                    all.insert(FunctionName::Path(ObjectPath { catalog, database, object }), function.clone());
                }
            }
        }
        all.extend(self.temporary_functions.iter().map(|(name, function)| (name.clone(), function.clone())));
        all
    }

    /// Those of a database and of the session as a whole, by what they are called there.
    pub fn functions_in(&self, catalog: &str, database: &str) -> Vec<String> {
        let name = |name: FunctionName| match name {
            FunctionName::System(name) => Some(name),
            FunctionName::Path(path) => (path.catalog == catalog && path.database == database).then_some(path.object),
        };
        let mut names: Vec<String> = self.functions().into_keys().filter_map(name).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Puts the function in its place, or in the place of one that is there.
    pub fn put_function(&mut self, name: &FunctionName, function: Function) -> Result<()> {
        match (name, function.lifetime) {
            (FunctionName::Path(path), Lifetime::Catalog) => {
                let directory = self.catalogs.get(&path.catalog).and_then(|c| c.directory.clone());
                let functions = &mut self.database_mut(&path.catalog, &path.database)?.functions;
                if let Some(directory) = directory {
                    let text = text::stored_function(&path.catalog, &path.object, &function);
                    directory.write_function(&path.database, &path.object, &text)?;
                }
                functions.insert(path.object.clone(), Rc::new(function));
            }
            _ => {
                self.temporary_functions.insert(name.clone(), Rc::new(function));
            }
        }
        Ok(())
    }

    /// Whether there was one.
    pub fn take_function(&mut self, name: &FunctionName, lifetime: Lifetime) -> Result<bool> {
        let FunctionName::Path(path) = name else { return Ok(self.temporary_functions.remove(name).is_some()) };
        if lifetime != Lifetime::Catalog {
            return Ok(self.temporary_functions.remove(name).is_some());
        }
        let Some(catalog) = self.catalogs.get_mut(&path.catalog) else {
            return Err(self.unknown_catalog(&path.catalog));
        };
        let broken = catalog.broken.remove(&(path.database.clone(), broken_key(&path.object))).is_some();
        let database = catalog.databases.get_mut(&path.database);
        let found = broken || database.is_some_and(|d| d.functions.remove(&path.object).is_some());
        if let (true, Some(directory)) = (found, &catalog.directory) {
            directory.remove_function(&path.database, &path.object)?;
        }
        Ok(found)
    }
}

/// A function may be called as a table is.
pub fn broken_key(function: &str) -> String {
    format!("{function}()")
}
