//! SHOW and DESCRIBE.

use flitz_dataflow::{DataType, Error, Result, TimeAttribute};

use super::settings::shown;
use super::{Outcome, ResultTable, Session};
use crate::ast::{Describe, ObjectKind, ObjectName, Show, ShowLike, ShowScope};
use crate::catalog::{ColumnKind, Object, dotted, text};

impl Session {
    pub(super) fn show(&self, show: &Show) -> Result<Outcome> {
        let catalogs = &self.catalogs;
        let names = |column: &str, names: Vec<String>, like: &Option<ShowLike>| {
            let mut table = ResultTable::new(&[column]);
            let kept = names.into_iter().filter(|n| like.as_ref().is_none_or(|l| matches(l, n)));
            table.rows = kept.map(|n| vec![Some(n)]).collect();
            Ok(Outcome::Table(table))
        };
        match show {
            Show::Catalogs(like) => names("catalog name", catalogs.catalogs.keys().cloned().collect(), like),
            Show::CurrentCatalog => names("current catalog name", vec![catalogs.current_catalog.clone()], &None),
            Show::CurrentDatabase => names("current database name", vec![catalogs.current_database.clone()], &None),
            Show::Databases { scope, like } => {
                let name = scope.as_ref().map_or(&catalogs.current_catalog, |s| &s.name.object().value);
                let Some(catalog) = catalogs.catalogs.get(name) else {
                    let span = scope.as_ref().map(|s| s.name.span).unwrap_or_default();
                    return Err(catalogs.unknown_catalog(name).at(span));
                };
                names("database name", catalog.databases.keys().cloned().collect(), like)
            }
            Show::Tables { scope, like } => names("table name", self.object_names(scope, &|_| true)?, like),
            Show::Views { scope, like } => {
                names("view name", self.object_names(scope, &|o| matches!(o, Object::View(_)))?, like)
            }
            Show::Functions { user: true, scope, like } => names("function name", self.user_functions(scope)?, like),
            Show::Functions { user: false, scope, like } => {
                let all = flitz_functions::names().into_iter().chain(flitz_functions::aggregate_names());
                let mut known: Vec<String> = all.map(str::to_lowercase).collect();
                known.extend(self.user_functions(scope)?);
                known.sort();
                known.dedup();
                names("function name", known, like)
            }
            Show::Columns { table, like } => {
                let mut described = self.describe_table(&table.name)?;
                described.rows.retain(|row| {
                    let name = row[0].as_deref().unwrap_or_default();
                    like.as_ref().is_none_or(|l| matches(l, name))
                });
                Ok(Outcome::Table(described))
            }
            Show::Modules { full: false } => names("module name", vec!["core".to_owned()], &None),
            Show::Modules { full: true } => {
                let mut table = ResultTable::new(&["module name", "used"]);
                table.rows.push(["core", "TRUE"].map(|cell| Some(cell.to_owned())).to_vec());
                Ok(Outcome::Table(table))
            }
            Show::Jars => names("jars", vec![], &None),
            Show::Create { kind, name } => self.show_create(*kind, name),
            Show::MaterializedTables { scope, .. } => {
                self.object_names(scope, &|_| false)?;
                names("materialized table", vec![], &None)
            }
            Show::Models { scope, .. } => {
                self.object_names(scope, &|_| false)?;
                names("model name", vec![], &None)
            }
            Show::Connections { .. } => Err(Error::unsupported("connections")),
            // Flink's catalog in memory can't list any either.
            Show::Procedures { .. } => Err(Error::invalid("no catalog has procedures")),
            Show::Partitions { table, partition } => self.show_partitions(table, partition.as_ref()),
            Show::Jobs => Err(Error::internal("SHOW JOBS is asked of the session")),
        }
    }

    fn object_names(&self, scope: &Option<ShowScope>, wanted: &dyn Fn(&Object) -> bool) -> Result<Vec<String>> {
        let (catalog, database) = self.shown_database(scope)?;
        let objects = self.catalogs.objects_in(&catalog, &database);
        Ok(objects.into_iter().filter(|(_, o)| wanted(o)).map(|(name, _)| name).collect())
    }

    fn user_functions(&self, scope: &Option<ShowScope>) -> Result<Vec<String>> {
        let (catalog, database) = self.shown_database(scope)?;
        Ok(self.catalogs.functions_in(&catalog, &database))
    }

    fn shown_database(&self, scope: &Option<ShowScope>) -> Result<(String, String)> {
        Ok(match scope {
            Some(scope) => {
                let path = self.database_path(&scope.name)?;
                if !self.catalogs.catalogs.get(&path.0).is_some_and(|c| c.databases.contains_key(&path.1)) {
                    return Err(self.catalogs.unknown_database(&path.0, &path.1).at(scope.name.span));
                }
                path
            }
            None => (self.catalogs.current_catalog.clone(), self.catalogs.current_database.clone()),
        })
    }

    pub(super) fn describe(&self, describe: &Describe) -> Result<Outcome> {
        match describe {
            // As in Flink EXTENDED says nothing more.
            Describe::Table { name, .. } => Ok(Outcome::Table(self.describe_table(name)?)),
            Describe::Object { kind: ObjectKind::Database, name, .. } => {
                let (catalog, database) = self.database_path(name)?;
                let found = self.catalogs.catalogs.get(&catalog).and_then(|c| c.databases.get(&database));
                let Some(found) = found else {
                    return Err(self.catalogs.unknown_database(&catalog, &database).at(name.span));
                };
                let mut table = ResultTable::new(&["info name", "info value"]);
                let comment = found.comment.clone().unwrap_or_default();
                for (key, value) in [("Name", database), ("Comment", comment)] {
                    table.rows.push(vec![Some(key.to_owned()), Some(value)]);
                }
                Ok(Outcome::Table(table))
            }
            Describe::Object { kind: ObjectKind::Catalog, name, extended } => self.describe_catalog(name, *extended),
            Describe::Object { kind: ObjectKind::Function, name, extended } => self.describe_function(name, *extended),
            Describe::Object { kind: ObjectKind::Model, name, .. } => Err(no_model(name)),
            Describe::Object { .. } => Err(Error::unsupported("DESCRIBE of this kind of object")),
            Describe::Job(_) => Err(Error::internal("DESCRIBE JOB is asked of the session")),
        }
    }

    fn describe_catalog(&self, name: &ObjectName, extended: bool) -> Result<Outcome> {
        let name = name.object();
        let Some(catalog) = self.catalogs.catalogs.get(&name.value) else {
            return Err(self.catalogs.unknown_catalog(&name.value).at(name.span));
        };
        let mut rows = vec![
            ("name".to_owned(), name.value.clone()),
            ("type".to_owned(), catalog.options.get("type").cloned().unwrap_or_default()),
            ("comment".to_owned(), catalog.comment.clone().unwrap_or_default()),
        ];
        if extended {
            let others = catalog.options.iter().filter(|(key, _)| *key != "type");
            rows.extend(others.map(|(key, value)| (format!("option:{key}"), shown(key, value).to_owned())));
        }
        Ok(Outcome::Table(info(rows)))
    }

    fn describe_table(&self, name: &ObjectName) -> Result<ResultTable> {
        let (_, object) = self.catalogs.object(name)?;
        let mut rows: Vec<[Option<String>; 7]> = vec![];
        match object {
            Object::View(view) => {
                for field in &view.schema.fields {
                    rows.push(described(&field.name, &field.data_type));
                }
            }
            Object::Table(table) => {
                for (column, field) in table.columns.iter().zip(table.schema().fields) {
                    let mut row = described(&field.name, &field.data_type);
                    let key = table.primary_key.as_ref().filter(|k| k.columns.contains(&column.name));
                    row[3] = key.map(|k| format!("PRI({})", k.columns.join(", ")));
                    row[4] = match &column.kind {
                        ColumnKind::Physical => None,
                        ColumnKind::Computed { text, .. } => Some(format!("AS {}", text::expression(table, text))),
                        ColumnKind::Metadata { key, is_virtual } => {
                            let from = key.as_ref().map(|k| format!(" FROM '{k}'")).unwrap_or_default();
                            Some(format!("METADATA{from}{}", if *is_virtual { " VIRTUAL" } else { "" }))
                        }
                    };
                    let watermark = table.watermark.as_ref().filter(|w| table.columns[w.column].name == column.name);
                    row[5] = watermark.map(|w| text::expression(table, &w.text));
                    row[6].clone_from(&column.comment);
                    rows.push(row);
                }
            }
        }
        let mut table = ResultTable::new(&["name", "type", "null", "key", "extras", "watermark"]);
        let commented = rows.iter().any(|row| row[6].is_some());
        if commented {
            table.columns.push("comment".to_owned());
        }
        table.rows = rows.into_iter().map(|row| row[..if commented { 7 } else { 6 }].to_vec()).collect();
        Ok(table)
    }

    fn show_create(&self, kind: ObjectKind, name: &ObjectName) -> Result<Outcome> {
        let text = match kind {
            ObjectKind::Catalog => {
                let name = name.object();
                let Some(catalog) = self.catalogs.catalogs.get(&name.value) else {
                    return Err(self.catalogs.unknown_catalog(&name.value).at(name.span));
                };
                let options = catalog.options.iter().map(|(key, value)| (key.clone(), shown(key, value).to_owned()));
                text::create_catalog(&name.value, catalog.comment.as_deref(), options)
            }
            ObjectKind::Table | ObjectKind::View => {
                let (path, object) = self.catalogs.object(name)?;
                match (kind, object) {
                    (ObjectKind::Table, Object::Table(table)) => text::show_create_table(&path, table),
                    (ObjectKind::View, Object::View(view)) => text::show_create_view(&path, view),
                    (_, other) => {
                        return Err(Error::invalid(format!("{path} is a {}", other.kind()))
                            .hint(format!("SHOW CREATE {}", other.kind().to_uppercase()))
                            .at(name.span));
                    }
                }
            }
            ObjectKind::Model => return Err(no_model(name)),
            _ => return Err(Error::unsupported("SHOW CREATE of anything but tables, views and catalogs").at(name.span)),
        };
        Ok(Outcome::Table(ResultTable::text("result", text)))
    }
}

/// Models can't be created here, so there is none.
pub(super) fn no_model(name: &ObjectName) -> Error {
    Error::invalid(format!("there is no model `{}`", dotted(name))).at(name.span)
}

pub(super) fn info(rows: Vec<(String, String)>) -> ResultTable {
    let mut table = ResultTable::new(&["info name", "info value"]);
    table.rows = rows.into_iter().map(|(name, value)| vec![Some(name), Some(value)]).collect();
    table
}

/// Name, type and whether it may be NULL; key, extras, watermark and comment are filled in by the caller.
fn described(name: &str, data_type: &DataType) -> [Option<String>; 7] {
    let attribute = match data_type.kind.attribute() {
        TimeAttribute::None => "",
        TimeAttribute::Rowtime => " *ROWTIME*",
        TimeAttribute::Proctime => " *PROCTIME*",
    };
    let nullable = if data_type.nullable { "TRUE" } else { "FALSE" };
    let cell = |text: String| Some(text);
    [
        cell(name.to_owned()),
        cell(format!("{}{attribute}", data_type.kind)),
        cell(nullable.to_owned()),
        None,
        None,
        None,
        None,
    ]
}

fn matches(like: &ShowLike, name: &str) -> bool {
    let (pattern, name) = match like.case_insensitive {
        true => (like.pattern.value.to_lowercase(), name.to_lowercase()),
        false => (like.pattern.value.clone(), name.to_owned()),
    };
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    like_matches(&pattern, &name) != like.negated
}

/// `%` is any text, `_` any character.
fn like_matches(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|skip| like_matches(rest, &text[skip..])),
        Some(('_', rest)) => !text.is_empty() && like_matches(rest, &text[1..]),
        Some((c, rest)) => text.first() == Some(c) && like_matches(rest, &text[1..]),
    }
}
