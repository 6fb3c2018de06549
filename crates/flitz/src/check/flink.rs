//! What Apache Flink would need to run the same text: jars, values for variables, and changes where Flitz has more.

use std::collections::BTreeMap;
use std::fmt;

use flitz_dataflow::Span;
use flitz_plan::Config;
use flitz_sql::diagnostics::Sources;
use flitz_sql::lexer::{Token, TokenKind, tokenize};
use flitz_sql::variables::substitute;
use serde_json::{Value, json};

/// Connectors and formats that Flink's distribution lacks, and what brings them.
const CONNECTOR_JARS: &[(&str, &str)] = &[
    ("kafka", "flink-sql-connector-kafka 5.0.0-2.2"),
    ("upsert-kafka", "flink-sql-connector-kafka 5.0.0-2.2"),
    ("jdbc", "flink-connector-jdbc-core and -postgres 4.0.0-2.0, and the driver org.postgresql:postgresql"),
    ("mongodb", "flink-sql-connector-mongodb"),
];
const FORMAT_JARS: &[(&str, &str)] = &[
    ("avro", "flink-sql-avro 2.3.0"),
    ("avro-confluent", "flink-sql-avro-confluent-registry 2.3.0"),
    ("debezium-avro-confluent", "flink-sql-avro-confluent-registry 2.3.0"),
    ("parquet", "flink-sql-parquet 2.3.0 and Hadoop's client"),
    ("orc", "flink-sql-orc 2.3.0"),
    ("protobuf", "flink-sql-protobuf 2.3.0"),
];
const FILE_SYSTEM_JARS: &[(&str, &str)] = &[
    ("s3://", "flink-s3-fs-hadoop 2.3.0, as a plugin"),
    ("s3a://", "flink-s3-fs-hadoop 2.3.0, as a plugin"),
    ("s3p://", "flink-s3-fs-presto 2.3.0, as a plugin"),
    ("gs://", "flink-gs-fs-hadoop 2.3.0, as a plugin"),
    ("abfs://", "flink-azure-fs-hadoop 2.3.0, as a plugin"),
];
/// Functions that Flink has in batch mode alone.
const BATCH_FUNCTIONS: &[&str] = &["APPROX_COUNT_DISTINCT"];

#[derive(Debug, Default)]
pub struct Needs {
    /// What, and for what.
    jars: BTreeMap<String, String>,
    /// Variables, where they first stand, and what they are here.
    variables: BTreeMap<String, (String, String)>,
    /// Where, and what.
    changes: Vec<(String, String)>,
}

/// Reads the tokens alone: what does not plan is listed too.
pub fn needs(sources: &Sources, config: &Config, variable: &dyn Fn(&str) -> Option<String>) -> Needs {
    let mut needs = Needs::default();
    let mut file = 0;
    while let Some(text) = sources.text(file) {
        let tokens = tokenize(text).tokens;
        let position = |start: u32| sources.position(Span { file, start, end: start }).unwrap_or_default();
        for (i, token) in tokens.iter().enumerate() {
            match (&token.kind, tokens.get(i + 1).map(|t| &t.kind), tokens.get(i + 2)) {
                (TokenKind::String(key), Some(TokenKind::Symbol("=")), Some(value)) => {
                    if let TokenKind::String(written) = &value.kind {
                        needs.pair(key, written, &position(value.start), variable);
                    }
                }
                (TokenKind::Word(word), ..)
                    if word.eq_ignore_ascii_case("RETURNS") && defines_function(&tokens[..i]) =>
                {
                    let text =
                        "a function of a jar or of Python, or its body in its place: functions in SQL are Flitz's own";
                    needs.changes.push((position(token.start), text.to_owned()));
                }
                (TokenKind::Word(word), Some(TokenKind::Symbol("(")), _) if !config.is_batch() => {
                    let name = word.to_ascii_uppercase();
                    if BATCH_FUNCTIONS.contains(&name.as_str()) {
                        let text = format!("{name} has no streaming form there; COUNT(DISTINCT …) has");
                        needs.changes.push((position(token.start), text));
                    }
                }
                _ => {}
            }
        }
        file += 1;
    }
    needs
}

impl Needs {
    fn pair(&mut self, key: &str, written: &str, place: &str, variable: &dyn Fn(&str) -> Option<String>) {
        let value = substitute(written, Span::default(), &|name| variable(name)).unwrap_or_default();
        for name in variable_names(written) {
            let meaning = match variable(&name) {
                Some(_) => "set here".to_owned(),
                None => "its default".to_owned(),
            };
            self.variables.entry(name).or_insert_with(|| (place.to_owned(), meaning));
        }
        let jar = |jars: &[(&str, &str)], fits: &dyn Fn(&str) -> bool| {
            jars.iter().find(|(name, _)| fits(name)).map(|(_, jar)| (*jar).to_owned())
        };
        let named = |name: &str| name == value;
        let found = match key {
            "connector" => jar(CONNECTOR_JARS, &named).map(|jar| (jar, format!("connector '{value}'"))),
            _ if key == "format" || key.ends_with(".format") => {
                jar(FORMAT_JARS, &named).map(|jar| (jar, format!("format '{value}'")))
            }
            _ => jar(FILE_SYSTEM_JARS, &|prefix| value.starts_with(prefix)).map(|jar| (jar, format!("'{key}'"))),
        };
        self.jars.extend(found);
        if key.starts_with("flitz.") {
            self.change(place, format!("leave '{key}' out: the option is Flitz's own"));
        }
        if key == "type" && value == "flitz" {
            self.change(place, "another type of catalog: 'flitz' is Flitz's own".to_owned());
        }
        if let Some(path) = value.strip_prefix("embedded:") {
            self.change(place, format!("an address of a real system for '{key}': embedded:{path} is a file of Flitz"));
        }
    }

    fn change(&mut self, place: &str, text: String) {
        self.changes.push((place.to_owned(), text));
    }

    pub fn to_json(&self) -> Value {
        let jars = self.jars.iter().map(|(jar, why)| json!({ "jar": jar, "for": why }));
        let variables = self
            .variables
            .iter()
            .map(|(name, (place, value))| json!({ "name": name, "position": place, "value": value }));
        let changes = self.changes.iter().map(|(place, text)| json!({ "position": place, "change": text }));
        json!({
            "jars": jars.collect::<Vec<_>>(),
            "variables": variables.collect::<Vec<_>>(),
            "changes": changes.collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.jars.is_empty() && self.variables.is_empty() && self.changes.is_empty() {
            return write!(f, "Apache Flink 2.3 needs nothing more for it");
        }
        write!(f, "Apache Flink 2.3 would need for it:")?;
        if !self.variables.is_empty() {
            write!(f, " (flitz render writes values into the place of variables)")?;
        }
        for (jar, why) in &self.jars {
            write!(f, "\n  {jar}, for {why}")?;
        }
        for (name, (place, value)) in &self.variables {
            write!(f, "\n  {place}: the value instead of ${{{name}}} ({value})")?;
        }
        for (place, text) in &self.changes {
            write!(f, "\n  {place}: {text}")?;
        }
        Ok(())
    }
}

/// Whether a statement that begins `CREATE … FUNCTION` or `ALTER … FUNCTION` goes on behind these tokens.
fn defines_function(before: &[Token]) -> bool {
    let start = before.iter().rposition(|t| t.kind == TokenKind::Symbol(";")).map_or(0, |at| at + 1);
    let mut words = before[start..].iter().map_while(|t| match t.kind {
        TokenKind::Word(word) => Some(word.to_ascii_uppercase()),
        _ => None,
    });
    let begins = words.next().is_some_and(|w| w == "CREATE" || w == "ALTER");
    begins && words.find(|w| !["TEMPORARY", "SYSTEM"].contains(&w.as_str())).is_some_and(|w| w == "FUNCTION")
}

/// `NAME` of each `${NAME}` and `${NAME:-default}`, those within defaults too.
fn variable_names(text: &str) -> Vec<String> {
    let mut names = vec![];
    for (at, _) in text.match_indices("${") {
        if text[..at].ends_with('$') {
            continue;
        }
        let name: String = text[at + 2..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_flink_lacks_is_listed() {
        let mut sources = Sources::new();
        sources.add(
            "p.sql",
            "CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'value.format' = 'avro',\n\
             'properties.bootstrap.servers' = '${SERVERS:-embedded:./x.db}', 'flitz.x' = '1',\n\
             'note' = '$${NOT}'); -- '${COMMENT}'\n\
             SELECT APPROX_COUNT_DISTINCT(a) FROM t;\n\
             CREATE TABLE f (a INT) WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = 's3://b/${DAY}');",
        );
        let variable = |name: &str| (name == "DAY").then(|| "monday".to_owned());
        let needs = needs(&sources, &Config::default(), &variable);
        expect_test::expect![[r#"
            Apache Flink 2.3 would need for it: (flitz render writes values into the place of variables)
              flink-s3-fs-hadoop 2.3.0, as a plugin, for 'path'
              flink-sql-avro 2.3.0, for format 'avro'
              flink-sql-connector-kafka 5.0.0-2.2, for connector 'kafka'
              p.sql:5:85: the value instead of ${DAY} (set here)
              p.sql:2:34: the value instead of ${SERVERS} (its default)
              p.sql:2:34: an address of a real system for 'properties.bootstrap.servers': embedded:./x.db is a file of Flitz
              p.sql:2:77: leave 'flitz.x' out: the option is Flitz's own
              p.sql:4:8: APPROX_COUNT_DISTINCT has no streaming form there; COUNT(DISTINCT …) has"#]]
        .assert_eq(&needs.to_string());
    }

    #[test]
    fn functions_in_sql_are_not_flinks() {
        let mut sources = Sources::new();
        sources.add(
            "p.sql",
            "CREATE TEMPORARY SYSTEM FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'x'; SELECT returns FROM t;\n\
             alter function f(x INT) returns INT LANGUAGE SQL AS 'x'; CREATE VIEW function AS SELECT returns FROM t",
        );
        let needs = needs(&sources, &Config::default(), &|_| None);
        expect_test::expect![[r#"
            Apache Flink 2.3 would need for it:
              p.sql:1:43: a function of a jar or of Python, or its body in its place: functions in SQL are Flitz's own
              p.sql:2:25: a function of a jar or of Python, or its body in its place: functions in SQL are Flitz's own"#]].assert_eq(&needs.to_string());
    }

    #[test]
    fn plain_text_needs_nothing() {
        let mut sources = Sources::new();
        sources.add("p.sql", "SELECT 1");
        let needs = needs(&sources, &Config::default(), &|_| None);
        assert_eq!(needs.to_string(), "Apache Flink 2.3 needs nothing more for it");
    }
}
