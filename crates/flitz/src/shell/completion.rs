//! What Tab offers: names that fit the place of the cursor.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flitz_sql::Session;
use flitz_sql::catalog::{Object, quote};
use flitz_sql::lexer::{Token, TokenKind, tokenize};
use flitz_sql::parser::is_reserved;
use flitz_sql::session::setting_keys;
use reedline::{Completer, CompletionResult, Span, Suggestion};

/// Words of statements that are worth completing, in capitals.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "ADD", "ALL", "ALTER", "AND", "ARRAY", "AS", "ASC", "BEGIN", "BETWEEN", "BIGINT", "BINARY", "BOOLEAN", "BY",
    "BYTES", "CASE", "CAST", "CATALOG", "CATALOGS", "CHANGELOG_MODE", "CHAR", "CLEAR", "COLUMNS", "COMMENT",
    "CONFLICT", "CONSTRAINT", "CREATE", "CROSS", "CUMULATE", "CURRENT", "DATABASE", "DATABASES", "DATE", "DAY",
    "DECIMAL", "DELETE", "DESC", "DESCRIBE", "DESCRIPTOR", "DISTINCT", "DO", "DOUBLE", "DROP", "ELSE", "END",
    "ENFORCED", "EXCEPT", "EXECUTE", "EXISTS", "EXIT", "EXPLAIN", "EXTENDED", "FALSE", "FILTER", "FLOAT", "FOR",
    "FROM", "FULL", "FUNCTIONS", "GROUP", "GROUPING", "HAVING", "HELP", "HOP", "HOUR", "IF", "IN", "INNER", "INSERT",
    "INT", "INTERSECT", "INTERVAL", "INTO", "IS", "JOBS", "JOIN", "KEY", "LEFT", "LIKE", "LIMIT", "MAP",
    "METADATA", "MINUTE", "MODIFY", "MODULES", "MONTH", "MULTISET", "NOT", "NULL", "ON", "OR", "ORDER", "OUTER",
    "OVER", "OVERWRITE", "PARTITION", "PARTITIONED", "PLAN", "PRECEDING", "PRIMARY", "QUIT", "RANGE", "RENAME",
    "RESET", "RIGHT", "ROW", "ROWS", "SECOND", "SELECT", "SESSION", "SET", "SETS", "SHOW", "SMALLINT",
    "STATEMENT", "STOP", "STRING", "TABLE", "TABLES", "TEMPORARY", "THEN", "TIME", "TIMESTAMP", "TIMESTAMP_LTZ",
    "TINYINT", "TO", "TRUE", "TRUNCATE", "TUMBLE", "UNBOUNDED", "UNION", "UPDATE", "USE", "USING", "VALUES",
    "VARBINARY", "VARCHAR", "VIEW", "VIEWS", "VIRTUAL", "WATERMARK", "WHEN", "WHERE", "WINDOW", "WITH", "YEAR",
];

/// Suggestions at once: nobody reads more.
const SUGGESTIONS_MAX: usize = 200;

pub fn is_keyword(word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    KEYWORDS.binary_search(&upper.as_str()).is_ok() || is_reserved(&upper)
}

/// All names that a session knows.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// Catalogs, and databases of the current one.
    places: Vec<String>,
    objects: Vec<Named>,
    functions: Vec<String>,
    settings: Vec<String>,
    connectors: Vec<Connector>,
    formats: Vec<Connector>,
}

#[derive(Clone, Debug)]
struct Named {
    /// With its database, and its catalog, where they are not the current ones.
    path: Vec<String>,
    kind: &'static str,
    /// Names and types.
    columns: Vec<(String, String)>,
}

/// A connector or format with its options and their meaning.
#[derive(Clone, Debug)]
struct Connector {
    name: String,
    options: Vec<(String, String)>,
}

impl Vocabulary {
    fn of(session: &Session) -> Vocabulary {
        let catalogs = session.catalogs();
        let (catalog, database) = (&catalogs.current_catalog, &catalogs.current_database);
        let mut vocabulary = Vocabulary::default();
        for (name, found) in &catalogs.catalogs {
            vocabulary.places.push(name.clone());
            for inner in found.databases.keys() {
                if name == catalog {
                    vocabulary.places.push(inner.clone());
                }
                for (object, definition) in catalogs.objects_in(name, inner) {
                    let mut path = vec![object];
                    if name != catalog || inner != database {
                        path.insert(0, inner.clone());
                    }
                    if name != catalog {
                        path.insert(0, name.clone());
                    }
                    let schema = match &definition {
                        Object::Table(table) => table.schema(),
                        Object::View(view) => view.schema.clone(),
                    };
                    let columns = schema.fields.iter().map(|f| (f.name.clone(), f.data_type.to_string())).collect();
                    vocabulary.objects.push(Named { path, kind: definition.kind(), columns });
                }
            }
        }
        // What needs no prefix comes first.
        vocabulary.objects.sort_by_key(|object| object.path.len());
        vocabulary.functions = flitz_functions::names()
            .into_iter()
            .chain(flitz_functions::aggregate_names())
            .filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains(' '))
            .map(str::to_uppercase)
            .collect();
        vocabulary.settings = setting_keys().map(str::to_owned).collect();
        let option = |prefix: &str, def: &flitz_dataflow::options::OptionDef| {
            (format!("{prefix}{}", def.key), def.meaning.to_owned())
        };
        vocabulary.connectors = session
            .connectors()
            .factories()
            .map(|factory| Connector {
                name: factory.name().to_owned(),
                options: factory.options().iter().map(|def| option("", def)).collect(),
            })
            .collect();
        vocabulary.formats = flitz_connectors::format::formats()
            .iter()
            .map(|format| {
                let prefix = format!("{}.", format.name());
                let options = format.options().iter().map(|def| option(&prefix, def)).collect();
                Connector { name: format.name().to_owned(), options }
            })
            .collect();
        vocabulary
    }

    /// Names for the place at byte `at` of the text, best first, and the bytes that they replace.
    fn complete(&self, text: &str, at: usize) -> (usize, Vec<Candidate>) {
        let before = &text[..at];
        let (start_of_statement, end_of_statement) = statement_around(text, at);
        let statement = &text[start_of_statement..end_of_statement];
        let tokens = tokenize(before).tokens;
        let done: Vec<&Token> = tokens
            .iter()
            .filter(|t| t.start as usize >= start_of_statement && t.end > t.start && (t.end as usize) < at)
            .collect();
        let last = tokens.iter().rfind(|t| t.end > t.start && t.end as usize == at);
        match last.map(|t| (&t.kind, t.start as usize)) {
            Some((TokenKind::Invalid(invalid), start)) if invalid.unfinished => match text[start..].starts_with('\'') {
                true => (start + 1, self.in_string(&done, statement, &before[start + 1..])),
                false => (at, vec![]),
            },
            Some((TokenKind::Word(prefix), start)) => {
                let done: Vec<&Token> = done.into_iter().filter(|t| t.end as usize <= start).collect();
                (start, self.name(&done, statement, prefix))
            }
            Some((TokenKind::Symbol("."), start)) => {
                let mut done = done;
                if let Some(dot) = tokens.iter().find(|t| t.start as usize == start) {
                    done.push(dot);
                }
                (at, self.name(&done, statement, ""))
            }
            Some((TokenKind::String(_) | TokenKind::Integer(_) | TokenKind::Decimal(_), _)) => (at, vec![]),
            _ => (at, self.name(&done, statement, "")),
        }
    }

    /// Keys and values of options and settings.
    fn in_string(&self, done: &[&Token], text: &str, prefix: &str) -> Vec<Candidate> {
        let candidates: Vec<Candidate> = match done {
            [.., key, equals] if equals.kind == TokenKind::Symbol("=") => {
                let TokenKind::String(key) = &key.kind else { return vec![] };
                let known = match key.as_str() {
                    "connector" => &self.connectors,
                    _ if key == "format" || key.ends_with(".format") => &self.formats,
                    _ => return vec![],
                };
                known.iter().map(|c| Candidate::new(&c.name, "")).collect()
            }
            [set, ..] if is_word(set, "SET") || is_word(set, "RESET") => {
                self.settings.iter().map(|key| Candidate::new(key, "")).collect()
            }
            _ if done.iter().any(|t| is_word(t, "WITH") || is_word(t, "SET") || is_word(t, "OPTIONS")) => {
                self.option_keys(text)
            }
            _ => return vec![],
        };
        candidates.into_iter().filter(|c| c.value.starts_with(prefix)).collect()
    }

    /// Options of the connectors and formats that the text names; of all if it names none.
    fn option_keys(&self, text: &str) -> Vec<Candidate> {
        let named = |c: &&Connector| text.contains(&format!("'{}'", c.name));
        let mut connectors: Vec<&Connector> = self.connectors.iter().filter(named).collect();
        if connectors.is_empty() {
            connectors = self.connectors.iter().collect();
        }
        let owners = connectors.into_iter().chain(self.formats.iter().filter(named));
        let mut keys = vec![Candidate::new("connector", "what reads and writes the table")];
        for (key, meaning) in owners.flat_map(|c| &c.options) {
            let key = key.trim_end_matches('*');
            if !keys.iter().any(|k| k.value == key) {
                keys.push(Candidate::new(key, meaning));
            }
        }
        keys.retain(|key| key.value == "connector" || !text.contains(&format!("'{}'", key.value)));
        keys
    }

    fn name(&self, done: &[&Token], text: &str, prefix: &str) -> Vec<Candidate> {
        let fits = |name: &str| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        if let [.., owner, dot] = done
            && dot.kind == TokenKind::Symbol(".")
        {
            return self.after_dot(owner, text).into_iter().filter(|c| fits(&c.value)).collect();
        }
        let after = |words: &[&str]| done.last().is_some_and(|t| words.iter().any(|word| is_word(t, word)));
        let tables = self.objects.iter().map(Named::candidate);
        let places = || self.places.iter().map(|name| Candidate::new(&quoted(name), "catalog or database"));
        if after(&["FROM", "JOIN", "INTO", "TABLE", "DESCRIBE", "DESC", "VIEW", "UPDATE", "EXTENDED", "OVERWRITE"]) {
            let found: Vec<Candidate> = tables.chain(places()).filter(|c| fits(c.unquoted())).collect();
            if !found.is_empty() {
                return found;
            }
        }
        if after(&["USE", "CATALOG", "DATABASE"]) {
            return places().filter(|c| fits(c.unquoted())).collect();
        }
        // Before FROM is written any table may be meant.
        let named: Vec<&Named> = self.objects.iter().filter(|object| mentions(text, object.name())).collect();
        let objects = if named.is_empty() { self.objects.iter().collect() } else { named };
        let columns = objects.into_iter().flat_map(|o| o.columns.iter().map(column));
        let mut found: Vec<Candidate> = vec![];
        let mut add = |candidate: Candidate| {
            if fits(candidate.unquoted()) && !found.iter().any(|c| c.value == candidate.value) {
                found.push(candidate);
            }
        };
        if !done.is_empty() {
            columns.for_each(&mut add);
        }
        if prefix.is_empty() {
            return found;
        }
        // Who types small letters gets small letters.
        let cased = |word: &str| match prefix.starts_with(|c: char| c.is_ascii_lowercase()) {
            true => word.to_lowercase(),
            false => word.to_owned(),
        };
        if !done.is_empty() {
            self.objects.iter().map(Named::candidate).for_each(&mut add);
        }
        KEYWORDS.iter().map(|word| Candidate::new(&cased(word), "")).for_each(&mut add);
        if !done.is_empty() {
            let call = |name: &String| Candidate { value: cased(name), about: "function".to_owned(), space: false };
            self.functions.iter().map(call).for_each(&mut add);
        }
        found
    }

    /// Columns of a table or its alias, tables of a database, databases of a catalog.
    fn after_dot(&self, owner: &Token, text: &str) -> Vec<Candidate> {
        let owner = match &owner.kind {
            TokenKind::Word(word) => (*word).to_owned(),
            TokenKind::QuotedName(name) => name.clone(),
            _ => return vec![],
        };
        let mut found = vec![];
        for object in &self.objects {
            if object.name() == owner || aliases(text, object.name()).contains(&owner) {
                found.extend(object.columns.iter().map(column));
            }
            if let [.., place, name] = object.path.as_slice()
                && *place == owner
            {
                found.push(Candidate::new(&quoted(name), object.kind));
            }
        }
        found
    }
}

impl Named {
    fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    fn candidate(&self) -> Candidate {
        let path: Vec<String> = self.path.iter().map(|part| quoted(part)).collect();
        Candidate::new(&path.join("."), self.kind)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    value: String,
    about: String,
    /// Whether a blank may follow.
    space: bool,
}

impl Candidate {
    fn new(value: &str, about: &str) -> Candidate {
        Candidate { value: value.to_owned(), about: about.to_owned(), space: false }
    }

    fn unquoted(&self) -> &str {
        self.value.strip_prefix('`').unwrap_or(&self.value)
    }
}

fn column((name, data_type): &(String, String)) -> Candidate {
    Candidate::new(&quoted(name), data_type)
}

/// In back-ticks where it must be.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    if plain && !is_reserved(&name.to_uppercase()) { name.to_owned() } else { quote(name) }
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token.kind, TokenKind::Word(w) if w.eq_ignore_ascii_case(word))
}

fn mentions(text: &str, name: &str) -> bool {
    tokenize(text).tokens.iter().any(|t| match &t.kind {
        TokenKind::Word(word) => *word == name,
        TokenKind::QuotedName(quoted) => quoted == name,
        _ => false,
    })
}

/// Names that the text gives to a table: `orders AS o`, `orders o`.
fn aliases(text: &str, table: &str) -> Vec<String> {
    let tokens = tokenize(text).tokens;
    let word = |i: usize| match tokens.get(i).map(|t| &t.kind) {
        Some(TokenKind::Word(word)) => Some(*word),
        _ => None,
    };
    let alias = |i: usize| match word(i)? {
        as_word if as_word.eq_ignore_ascii_case("AS") => word(i + 1),
        name if is_keyword(name) => None,
        name => Some(name),
    };
    (0..tokens.len()).filter(|&i| word(i) == Some(table)).filter_map(|i| alias(i + 1)).map(str::to_owned).collect()
}

/// From behind the last `;` before `at` to the next one.
fn statement_around(text: &str, at: usize) -> (usize, usize) {
    let tokens = tokenize(text).tokens;
    let mut ends = tokens.iter().filter(|t| t.kind == TokenKind::Symbol(";"));
    let start = ends.clone().rfind(|t| t.end as usize <= at).map_or(0, |t| t.end as usize);
    let end = ends.find(|t| t.start as usize >= at).map_or(text.len(), |t| t.start as usize);
    (start, end)
}

/// The vocabulary of the editor, renewed before each prompt.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Vocabulary>>);

impl Shared {
    pub fn renew(&self, session: &Session) {
        *self.lock() = Vocabulary::of(session);
    }

    fn lock(&self) -> MutexGuard<'_, Vocabulary> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Completer for Shared {
    fn complete(&mut self, text: &str, at: usize) -> CompletionResult {
        let (start, mut candidates) = self.lock().complete(text, at);
        candidates.truncate(SUGGESTIONS_MAX);
        let suggestion = |candidate: Candidate| Suggestion {
            value: candidate.value,
            description: (!candidate.about.is_empty()).then_some(candidate.about),
            span: Span::new(start, at),
            append_whitespace: candidate.space,
            ..Suggestion::default()
        };
        CompletionResult::fresh(candidates.into_iter().map(suggestion).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use flitz_sql::Variables;
    use flitz_sql::parser::parse_script;

    use super::*;

    /// What is offered at `|`.
    fn check(text: &str, expected: &str) {
        let mut session = Session::new(flitz_connectors::registry(), Variables::environment());
        let tables = "CREATE TABLE orders (id STRING, amount INT, `order` INT) WITH ('connector' = 'datagen');
            CREATE DATABASE archive; CREATE TABLE archive.past (year_ INT) WITH ('connector' = 'datagen');
            CREATE VIEW totals AS SELECT id, SUM(amount) AS total FROM orders GROUP BY id;";
        for statement in parse_script(0, tables).0 {
            session.execute(&statement).unwrap();
        }
        let at = text.find('|').unwrap();
        let (start, candidates) = Vocabulary::of(&session).complete(&text.replace('|', ""), at);
        let values: Vec<&str> = candidates.iter().map(|c| c.value.as_str()).collect();
        assert_eq!(format!("{}: {}", &text[start..at], values.join(" ")), expected, "{text}");
    }

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn statements_begin_with_keywords() {
        check("se|", "se: second select session set sets");
        check("SELECT 1; CREA|", "CREA: CREATE");
        check("EXPL|", "EXPL: EXPLAIN");
    }

    #[test]
    fn tables_follow_from() {
        check("SELECT * FROM |", ": orders totals archive.past default_catalog archive default_database");
        check("SELECT * FROM o|", "o: orders");
        check("INSERT INTO tot|", "tot: totals");
        check("DESCRIBE archive.|", ": past");
    }

    #[test]
    fn columns_are_those_of_the_tables_named() {
        check(
            "SELECT i| FROM orders",
            "i: id if in inner insert int intersect interval into is ifnull inet_aton inet_ntoa initcap instr is_alpha is_decimal is_digit",
        );
        check("SELECT o.| FROM orders AS o", ": id amount `order`");
        check("SELECT orders.a| FROM orders", "a: amount");
        check("SELECT tota| FROM totals", "tota: total totals");
        check("SELECT tota|", "tota: total totals");
        check("SELECT id FROM orders; |", ": ");
        check("SELECT id FROM orders; SELECT tot| FROM orders", "tot: totals");
    }

    #[test]
    fn options_have_keys_and_values() {
        check("CREATE TABLE t (a INT) WITH ('conn|", "conn: connector connection.max-retry-timeout");
        check("CREATE TABLE t (a INT) WITH ('connector' = 'da|", "da: datagen");
        check("CREATE TABLE t (a INT) WITH ('connector' = 'print', 'st|", "st: standard-error");
        check(
            "CREATE TABLE t (a INT) WITH ('connector'='kafka', 'format' = 'json', 'json.ign|",
            "json.ign: json.ignore-parse-errors",
        );
        check("SET 'table.local|", "table.local: table.local-time-zone");
        check("SELECT 'table.|", "table.: ");
    }
}
