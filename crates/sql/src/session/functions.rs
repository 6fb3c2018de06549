//! Functions that users define, in SQL; those in jars and in Python are refused.

use flitz_dataflow::{Error, Result};

use super::show::info;
use super::{Outcome, Session};
use crate::ast::{
    AlterFunction, CreateFunction, DropObject, FunctionDefinition, FunctionLanguage, Lifetime, ObjectName, SqlFunction,
};
use crate::catalog::{FunctionName, dotted, text};
use crate::resolver::function::resolve_function;

impl Session {
    pub(super) fn create_function(&mut self, create: &CreateFunction) -> Result<()> {
        let name = self.catalogs.function_name(&create.name, create.lifetime)?;
        let definition = in_sql(&create.definition, &create.name)?;
        if let Some(option) = create.options.first() {
            let message = "a function in SQL takes no options";
            return Err(Error::invalid(message).at(option.key.span.to(option.value.span)));
        }
        if self.catalogs.function(&name, create.lifetime).is_some() {
            return match create.if_not_exists {
                true => Ok(()),
                false => Err(Error::invalid(format!("function {name} exists already"))
                    .hint("CREATE FUNCTION IF NOT EXISTS keeps the one there is, ALTER FUNCTION changes it")
                    .at(create.name.span)),
            };
        }
        self.put_function(&name, &create.name, create.lifetime, definition)
    }

    pub(super) fn alter_function(&mut self, alter: &AlterFunction) -> Result<()> {
        let name = self.catalogs.function_name(&alter.name, alter.lifetime)?;
        let definition = in_sql(&alter.definition, &alter.name)?;
        match self.catalogs.function(&name, alter.lifetime) {
            None if alter.if_exists => Ok(()),
            None => Err(self.no_function(&name, &alter.name)),
            Some(_) if alter.lifetime != Lifetime::Catalog => {
                // As in Flink.
                Err(Error::unsupported("ALTER of a temporary function").hint("drop it, create it").at(alter.name.span))
            }
            Some(_) => self.put_function(&name, &alter.name, alter.lifetime, definition),
        }
    }

    fn put_function(
        &mut self,
        name: &FunctionName,
        written: &ObjectName,
        lifetime: Lifetime,
        definition: &SqlFunction,
    ) -> Result<()> {
        let function = resolve_function(self.context(), name, written, lifetime, definition)?;
        self.catalogs.put_function(name, function).map_err(|e| e.or_at(written.span))
    }

    pub(super) fn drop_function(&mut self, drop: &DropObject) -> Result<()> {
        let name = self.catalogs.function_name(&drop.name, drop.lifetime)?;
        match self.catalogs.take_function(&name, drop.lifetime) {
            Ok(false) if !drop.if_exists => Err(self.no_function(&name, &drop.name)),
            Ok(_) => Ok(()),
            Err(e) => Err(e.or_at(drop.name.span)),
        }
    }

    fn no_function(&self, name: &FunctionName, written: &ObjectName) -> Error {
        let error = Error::invalid(format!("there is no function `{}`", dotted(written))).at(written.span);
        let built_in = written.object().value.to_uppercase();
        match self.catalogs.functions().get_key_value(name) {
            Some((_, function)) if function.lifetime == Lifetime::TemporarySystem => {
                error.hint("it is a temporary system function: write TEMPORARY SYSTEM FUNCTION")
            }
            Some(_) => error.hint("there is one of another lifetime: write TEMPORARY FUNCTION, or leave TEMPORARY out"),
            None if flitz_functions::names().contains(&built_in.as_str()) => error.hint("Flink's own functions stay"),
            None => error.hint("SHOW USER FUNCTIONS lists those of the current database"),
        }
    }

    pub(super) fn describe_function(&self, name: &ObjectName, extended: bool) -> Result<Outcome> {
        let upper = name.object().value.to_uppercase();
        let functions = self.catalogs.functions();
        let system = self.catalogs.function_name(name, Lifetime::TemporarySystem)?;
        let found = match functions.get(&system) {
            Some(function) if name.parts.len() == 1 => Some(function),
            _ => functions.get(&self.catalogs.function_name(name, Lifetime::Catalog)?),
        };
        let built_in = flitz_functions::is_aggregate(&upper) || flitz_functions::names().contains(&upper.as_str());
        if found.is_none() && !(built_in && name.parts.len() == 1) {
            return Err(Error::invalid(format!("there is no function `{}`", dotted(name)))
                .hint("SHOW FUNCTIONS lists them")
                .at(name.span));
        }
        if extended {
            return Err(Error::unsupported("DESCRIBE FUNCTION EXTENDED").hint("leave EXTENDED out").at(name.span));
        }
        let truth = |value: bool| value.to_string();
        let rows = match found {
            None => vec![("is system function", truth(true)), ("is temporary", truth(false))],
            Some(function) => vec![
                ("is system function", truth(function.lifetime == Lifetime::TemporarySystem)),
                ("is temporary", truth(function.lifetime != Lifetime::Catalog)),
                ("function language", "SQL".to_owned()),
                ("definition", text::signature(function)),
            ],
        };
        Ok(Outcome::Table(info(rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())))
    }
}

/// The definition in SQL, or why the function can't be.
fn in_sql<'a>(definition: &'a FunctionDefinition, name: &ObjectName) -> Result<&'a SqlFunction> {
    let hint = match definition {
        FunctionDefinition::Sql(function) => return Ok(function),
        FunctionDefinition::Class { language: Some(FunctionLanguage::Python), .. } => {
            "there is no Python in the program; write the expression in SQL"
        }
        FunctionDefinition::Class { language: Some(FunctionLanguage::Sql), .. } => {
            "say what it takes and gives: f(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'"
        }
        FunctionDefinition::Class { .. } => {
            "there is no JVM in the program; write it in SQL: f(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'"
        }
    };
    Err(Error::unsupported("functions of a class").hint(hint).at(name.span))
}
