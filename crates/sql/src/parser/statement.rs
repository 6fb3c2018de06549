//! Statements: which one it is, and all that are neither CREATE nor ALTER.

use flitz_dataflow::{Error, Result};

use super::Parser;
use crate::ast::{
    AnalyzeColumns, AnalyzeTable, ClientCommand, Describe, DropObject, Explain, ExplainDetail, ExprKind, Ident, Insert,
    Lifetime, Literal, ObjectKind, ObjectName, OnConflict, PartitionSpec, PartitionValue, ScopeWord, Show, ShowLike,
    ShowScope, Statement, StatementKind, StringLiteral, UnaryOp, Update,
};

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<Statement> {
        let start = self.span();
        let kind = self.nested(Self::statement_kind)?;
        Ok(Statement { kind, span: self.span_since(start) })
    }

    fn statement_kind(&mut self) -> Result<StatementKind> {
        if self.at_query() || self.at("(") {
            return self.query().map(StatementKind::Query);
        }
        if self.at_any_word(&["INSERT", "UPSERT"]) {
            return self.insert().map(StatementKind::Insert);
        }
        if self.at_words(&["REPLACE", "TABLE"]) {
            return self.create();
        }
        // Each arm's parser begins at the keyword itself.
        type Parse<'a> = fn(&mut Parser<'a>) -> Result<StatementKind>;
        let parsers: [(&'static str, Parse<'_>); 30] = [
            ("CREATE", Self::create),
            ("ALTER", Self::alter),
            ("DROP", Self::drop_object),
            ("EXECUTE", Self::execute),
            ("BEGIN", Self::begin),
            ("END", Self::end),
            ("EXPLAIN", Self::explain),
            ("SHOW", Self::show),
            ("DESCRIBE", Self::describe),
            ("DESC", Self::describe),
            ("SET", Self::set),
            ("RESET", Self::reset),
            ("USE", Self::use_object),
            ("LOAD", Self::load_module),
            ("UNLOAD", Self::unload_module),
            ("ADD", Self::add_jar),
            ("REMOVE", Self::remove_jar),
            ("STOP", Self::stop_job),
            ("COMPILE", Self::compile_plan),
            ("UPDATE", Self::update),
            ("DELETE", Self::delete),
            ("TRUNCATE", Self::truncate),
            ("ANALYZE", Self::analyze),
            ("CALL", Self::call),
            ("MERGE", Self::merge),
            ("COMMIT", Self::transaction),
            ("QUIT", Self::client_command),
            ("EXIT", Self::client_command),
            ("HELP", Self::client_command),
            ("CLEAR", Self::client_command),
        ];
        if let Some((_, parse)) = parsers.iter().find(|(keyword, _)| self.at_word(keyword)) {
            return parse(self);
        }
        for (keyword, _) in parsers.iter().take(11) {
            self.take_if(false, keyword);
        }
        for keyword in ["SELECT", "INSERT", "WITH", "VALUES"] {
            self.take_if(false, keyword);
        }
        Err(self.expected("a statement"))
    }

    // ---- INSERT and statement sets ----

    pub(super) fn insert(&mut self) -> Result<Insert> {
        let start = self.span();
        if self.at_word("UPSERT") {
            let error = self.error("there is no UPSERT");
            return Err(error.hint("write INSERT INTO: a sink with a primary key takes upserts"));
        }
        self.expect_word("INSERT", "here")?;
        let overwrite = self.eat_word("OVERWRITE");
        if !overwrite {
            self.expect_word("INTO", "or OVERWRITE after INSERT")?;
        }
        if self.at_word("TABLE") {
            return Err(self.expected("a table").hint("leave the word TABLE out"));
        }
        let table = self.object_name("the table to insert into")?;
        let hints = self.hints()?;
        let mut partition = Vec::new();
        if self.eat_word("PARTITION") {
            partition = self.partition_values(false)?;
        }
        let mut columns = Vec::new();
        if self.at("(") && !self.at_query_after_parentheses() {
            columns = self.parenthesized("the column list", |p| p.object_name("a column name"))?;
        }
        if !self.at_query() && !self.at("(") {
            return Err(self.expected("a query or VALUES"));
        }
        let source = self.query()?;
        let on_conflict = self.on_conflict()?;
        let span = self.span_since(start);
        Ok(Insert { overwrite, table, hints, partition, columns, source, on_conflict, span })
    }

    /// Whether after any number of `(` a query begins.
    fn at_query_after_parentheses(&self) -> bool {
        let depth = (0..).take_while(|n| self.symbol_at(*n, "(")).count();
        ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|word| self.word_at(depth, word))
    }

    fn on_conflict(&mut self) -> Result<Option<OnConflict>> {
        if !self.eat_word("ON") {
            return Ok(None);
        }
        self.expect_word("CONFLICT", "after ON")?;
        if self.at("(") {
            let error = self.error("ON CONFLICT takes no columns");
            return Err(error.hint("the conflict is always on the sink's primary key"));
        }
        self.expect_word("DO", "after ON CONFLICT")?;
        let choices =
            [("NOTHING", OnConflict::Nothing), ("ERROR", OnConflict::Error), ("DEDUPLICATE", OnConflict::Deduplicate)];
        self.expect_one_of(&choices).map(Some)
    }

    /// `(k = 'v', ..)`; `bare` allows `k` without a value.
    pub(super) fn partition_values(&mut self, bare: bool) -> Result<Vec<PartitionValue>> {
        self.parenthesized("the partition", |p| {
            let column = p.name("a partition column")?;
            if bare && !p.at("=") {
                return Ok(PartitionValue { column, value: None });
            }
            p.expect("=", "after a partition column")?;
            let start = p.span();
            let negative = p.eat("-");
            let Some(mut value) = p.literal()? else { return Err(p.expected("a literal")) };
            if negative {
                let ExprKind::Literal(Literal::Integer(_) | Literal::Decimal(_) | Literal::Approximate(_)) = value.kind
                else {
                    return Err(Error::invalid("`-` belongs before a number").at(start));
                };
                let kind = ExprKind::Unary { op: UnaryOp::Minus, operand: Box::new(value) };
                value = crate::ast::Expr { kind, span: p.span_since(start) };
            }
            Ok(PartitionValue { column, value: Some(value) })
        })
    }

    /// `PARTITION (..)`, the keyword being next.
    pub(super) fn partition_spec(&mut self) -> Result<PartitionSpec> {
        let start = self.span();
        self.expect_word("PARTITION", "here")?;
        let values = self.partition_values(false)?;
        Ok(PartitionSpec { values, options: Vec::new(), span: self.span_since(start) })
    }

    /// EXECUTE STATEMENT SET, EXECUTE PLAN, EXECUTE INSERT and EXECUTE SELECT.
    fn execute(&mut self) -> Result<StatementKind> {
        self.advance();
        if self.at_word("INSERT") {
            return self.insert().map(StatementKind::Insert);
        }
        if self.at_query() {
            return self.query().map(StatementKind::Query);
        }
        if self.eat_word("PLAN") {
            return Ok(StatementKind::ExecutePlan(self.string("the path of a plan")?));
        }
        if self.at_word("STATEMENT") {
            return self.statement_set();
        }
        Err(self.expected("STATEMENT SET, PLAN, INSERT or a query after EXECUTE"))
    }

    /// `STATEMENT SET BEGIN insert; ... END`
    fn statement_set(&mut self) -> Result<StatementKind> {
        self.expect_words(&["STATEMENT", "SET", "BEGIN"], "of a statement set")?;
        let mut inserts = Vec::new();
        while !self.at_word("END") {
            if !self.at_any_word(&["INSERT", "UPSERT"]) {
                let what = if inserts.is_empty() {
                    "INSERT in the statement set"
                } else {
                    "INSERT or END of the statement set"
                };
                return Err(self.expected(what));
            }
            inserts.push(self.insert()?);
            if !self.eat(";") {
                return Err(self.expected("`;` after the INSERT"));
            }
        }
        if inserts.is_empty() {
            return Err(self.error("a statement set can't be empty"));
        }
        self.expect_word("END", "of the statement set")?;
        Ok(StatementKind::StatementSet(inserts))
    }

    fn begin(&mut self) -> Result<StatementKind> {
        self.expect_words(&["BEGIN", "STATEMENT", "SET"], "to begin a statement set")?;
        Ok(StatementKind::BeginStatementSet)
    }

    fn end(&mut self) -> Result<StatementKind> {
        self.advance();
        Ok(StatementKind::EndStatementSet)
    }

    // ---- plans ----

    fn explain(&mut self) -> Result<StatementKind> {
        self.advance();
        let mut details = Vec::new();
        if !self.eat_words(&["PLAN", "FOR"]) {
            let choices = [
                ("ESTIMATED_COST", ExplainDetail::EstimatedCost),
                ("CHANGELOG_MODE", ExplainDetail::ChangelogMode),
                ("JSON_EXECUTION_PLAN", ExplainDetail::JsonExecutionPlan),
                ("PLAN_ADVICE", ExplainDetail::PlanAdvice),
            ];
            while let Some(detail) = self.one_of(&choices) {
                if details.contains(&detail) {
                    return Err(self.error("this detail of EXPLAIN is given twice"));
                }
                details.push(detail);
                if !self.eat(",") {
                    break;
                }
            }
        }
        let start = self.span();
        let kind = if self.at_words(&["STATEMENT", "SET"]) {
            self.statement_set()?
        } else if self.at_query()
            || self.at("(")
            || self.at_any_word(&["INSERT", "UPSERT", "EXECUTE", "CREATE"])
            || self.at_words(&["REPLACE", "TABLE"])
        {
            self.statement_kind()?
        } else {
            return Err(self.expected("a query, INSERT, CREATE TABLE … AS or STATEMENT SET after EXPLAIN"));
        };
        let span = self.span_since(start);
        match &kind {
            StatementKind::Query(_) | StatementKind::Insert(_) | StatementKind::StatementSet(_) => {}
            StatementKind::CreateTable(create) if create.query.is_some() => {}
            _ => {
                return Err(
                    Error::invalid("EXPLAIN needs a query, INSERT, CREATE TABLE … AS or STATEMENT SET").at(span)
                );
            }
        }
        Ok(StatementKind::Explain(Explain { details, statement: Box::new(Statement { kind, span }) }))
    }

    fn compile_plan(&mut self) -> Result<StatementKind> {
        self.advance();
        let and_execute = self.eat_words(&["AND", "EXECUTE"]);
        self.expect_word("PLAN", "after COMPILE")?;
        let path = self.string("the path of a plan")?;
        let if_not_exists = !and_execute && self.eat_words(&["IF", "NOT", "EXISTS"]);
        self.expect_word("FOR", "after the path of the plan")?;
        let start = self.span();
        let kind = if self.at_word("STATEMENT") {
            self.statement_set()?
        } else if self.at_word("INSERT") {
            StatementKind::Insert(self.insert()?)
        } else {
            return Err(self.expected("INSERT or STATEMENT SET"));
        };
        let statement = Box::new(Statement { kind, span: self.span_since(start) });
        Ok(if and_execute {
            StatementKind::CompileAndExecutePlan { path, statement }
        } else {
            StatementKind::CompilePlan { path, if_not_exists, statement }
        })
    }

    // ---- the session ----

    fn set(&mut self) -> Result<StatementKind> {
        self.advance();
        if self.at_end() || self.at(";") {
            return Ok(StatementKind::SetList);
        }
        if !self.at_string() {
            let error = self.expected("a key");
            return Err(error.hint("write both in single quotes: SET 'key' = 'value'"));
        }
        let key = self.string("a key")?;
        self.expect("=", "after the key")?;
        if !self.at_string() {
            return Err(self.expected("a value").hint("write it in single quotes"));
        }
        let value = self.string("a value")?;
        Ok(StatementKind::Set(self.note(crate::ast::OptionPair { key, value })))
    }

    fn reset(&mut self) -> Result<StatementKind> {
        self.advance();
        if self.at_end() || self.at(";") {
            return Ok(StatementKind::Reset(None));
        }
        if !self.at_string() {
            return Err(self.expected("a key").hint("write it in single quotes: RESET 'key'"));
        }
        Ok(StatementKind::Reset(Some(self.string("a key")?)))
    }

    fn client_command(&mut self) -> Result<StatementKind> {
        let commands = [
            ("QUIT", ClientCommand::Quit),
            ("EXIT", ClientCommand::Quit),
            ("HELP", ClientCommand::Help),
            ("CLEAR", ClientCommand::Clear),
        ];
        self.expect_one_of(&commands).map(StatementKind::Client)
    }

    fn use_object(&mut self) -> Result<StatementKind> {
        self.advance();
        if self.eat_word("MODULES") {
            let modules = self.comma_separated(|p| p.name("the name of a module"))?;
            return Ok(StatementKind::UseModules(modules));
        }
        if self.at_word("CATALOG") && self.name_at(1) {
            self.advance();
            return Ok(StatementKind::UseCatalog(self.name("the name of a catalog")?));
        }
        if self.at_word("DATABASE") && self.name_at(1) {
            return Err(self.error("USE takes the database without the word DATABASE"));
        }
        Ok(StatementKind::UseDatabase(self.object_name("the name of a database")?))
    }

    fn load_module(&mut self) -> Result<StatementKind> {
        self.advance();
        self.expect_word("MODULE", "after LOAD")?;
        let name = self.name("the name of a module")?;
        let options = if self.eat_word("WITH") { self.options()? } else { Vec::new() };
        Ok(StatementKind::LoadModule { name, options })
    }

    fn unload_module(&mut self) -> Result<StatementKind> {
        self.advance();
        self.expect_word("MODULE", "after UNLOAD")?;
        Ok(StatementKind::UnloadModule(self.name("the name of a module")?))
    }

    fn add_jar(&mut self) -> Result<StatementKind> {
        self.jar().map(StatementKind::AddJar)
    }

    fn remove_jar(&mut self) -> Result<StatementKind> {
        self.jar().map(StatementKind::RemoveJar)
    }

    fn jar(&mut self) -> Result<StringLiteral> {
        self.advance();
        self.expect_word("JAR", "here")?;
        self.string("the path of a jar")
    }

    fn stop_job(&mut self) -> Result<StatementKind> {
        self.advance();
        self.expect_word("JOB", "after STOP")?;
        let id = self.string("the id of a job")?;
        let savepoint = self.eat_words(&["WITH", "SAVEPOINT"]);
        if !savepoint && self.at_words(&["WITH", "DRAIN"]) {
            return Err(self.error("WITH DRAIN needs WITH SAVEPOINT before it"));
        }
        let drain = self.eat_words(&["WITH", "DRAIN"]);
        Ok(StatementKind::StopJob { id, savepoint, drain })
    }

    // ---- rows of a table ----

    fn update(&mut self) -> Result<StatementKind> {
        self.advance();
        let table = self.object_name("the table to update")?;
        let alias = self.row_alias()?;
        self.expect_word("SET", "after the table")?;
        let assignments = self.comma_separated(|p| {
            let column = p.name("a column name")?;
            let span = column.span;
            p.expect("=", "after a column name")?;
            Ok((ObjectName { parts: vec![column], span }, p.expr()?))
        })?;
        let filter = if self.eat_word("WHERE") { Some(self.expr()?) } else { None };
        Ok(StatementKind::Update(Update { table, alias, assignments, filter }))
    }

    fn delete(&mut self) -> Result<StatementKind> {
        self.advance();
        self.expect_word("FROM", "after DELETE")?;
        let table = self.object_name("the table to delete from")?;
        let alias = self.row_alias()?;
        let filter = if self.eat_word("WHERE") { Some(self.expr()?) } else { None };
        Ok(StatementKind::Delete { table, alias, filter })
    }

    fn row_alias(&mut self) -> Result<Option<Ident>> {
        if self.eat_word("AS") || self.at_name() { self.name("an alias").map(Some) } else { Ok(None) }
    }

    fn truncate(&mut self) -> Result<StatementKind> {
        self.advance();
        self.expect_word("TABLE", "after TRUNCATE")?;
        Ok(StatementKind::TruncateTable(self.object_name("the name of a table")?))
    }

    fn analyze(&mut self) -> Result<StatementKind> {
        self.advance();
        self.expect_word("TABLE", "after ANALYZE")?;
        let table = self.object_name("the name of a table")?;
        let partition = if self.eat_word("PARTITION") { self.partition_values(true)? } else { Vec::new() };
        self.expect_words(&["COMPUTE", "STATISTICS"], "after the table")?;
        let mut columns = AnalyzeColumns::None;
        if self.eat_word("FOR") {
            columns = if self.eat_words(&["ALL", "COLUMNS"]) {
                AnalyzeColumns::All
            } else {
                self.expect_word("COLUMNS", "or ALL COLUMNS after FOR")?;
                AnalyzeColumns::Some(self.comma_separated(|p| p.name("a column name"))?)
            };
        }
        Ok(StatementKind::AnalyzeTable(AnalyzeTable { table, partition, columns }))
    }

    fn call(&mut self) -> Result<StatementKind> {
        self.advance();
        let name = self.object_name("the name of a procedure")?;
        if !self.at("(") {
            return Err(self.expected("`(` and the arguments of the procedure"));
        }
        Ok(StatementKind::Call(Box::new(self.function_call(name)?)))
    }

    fn merge(&mut self) -> Result<StatementKind> {
        Err(Error::unsupported("MERGE (Flink can't plan it either)").at(self.span()))
    }

    fn transaction(&mut self) -> Result<StatementKind> {
        Err(self.error("there are no transactions; each INSERT runs as a job"))
    }

    // ---- DROP ----

    fn drop_object(&mut self) -> Result<StatementKind> {
        self.advance();
        let lifetime = self.lifetime();
        let span = self.span();
        let kind = self.object_kind("after DROP")?;
        let allowed = match lifetime {
            Lifetime::Catalog => true,
            Lifetime::Temporary => {
                !matches!(kind, ObjectKind::Catalog | ObjectKind::Database | ObjectKind::MaterializedTable)
            }
            Lifetime::TemporarySystem => matches!(kind, ObjectKind::Function | ObjectKind::Connection),
        };
        if !allowed {
            return Err(Error::invalid("there are no temporary objects of this kind").at(span));
        }
        let if_exists = self.eat_words(&["IF", "EXISTS"]);
        let name = self.object_name("the name of what to drop")?;
        let mut cascade = false;
        if kind == ObjectKind::Database {
            cascade = self.one_of(&[("RESTRICT", false), ("CASCADE", true)]).unwrap_or(false);
        }
        Ok(StatementKind::Drop(DropObject { kind, lifetime, if_exists, name, cascade }))
    }

    /// `[TEMPORARY [SYSTEM]]`
    pub(super) fn lifetime(&mut self) -> Lifetime {
        if !self.eat_word("TEMPORARY") {
            Lifetime::Catalog
        } else if self.eat_word("SYSTEM") {
            Lifetime::TemporarySystem
        } else {
            Lifetime::Temporary
        }
    }

    fn object_kind(&mut self, place: &str) -> Result<ObjectKind> {
        if self.eat_words(&["MATERIALIZED", "TABLE"]) {
            return Ok(ObjectKind::MaterializedTable);
        }
        let kinds = [
            ("TABLE", ObjectKind::Table),
            ("VIEW", ObjectKind::View),
            ("DATABASE", ObjectKind::Database),
            ("CATALOG", ObjectKind::Catalog),
            ("FUNCTION", ObjectKind::Function),
            ("MODEL", ObjectKind::Model),
            ("CONNECTION", ObjectKind::Connection),
        ];
        if self.at_word("SCHEMA") {
            return Err(self.expected(format!("a kind of object {place}")).hint("a schema is called DATABASE"));
        }
        self.one_of(&kinds)
            .ok_or_else(|| self.expected(format!("TABLE, VIEW, DATABASE or another kind of object {place}")))
    }

    // ---- SHOW and DESCRIBE ----

    fn show(&mut self) -> Result<StatementKind> {
        self.advance();
        let show = if self.eat_word("CATALOGS") {
            Show::Catalogs(self.show_like(true)?)
        } else if self.eat_word("CURRENT") {
            if self.eat_word("CATALOG") {
                Show::CurrentCatalog
            } else {
                self.expect_word("DATABASE", "or CATALOG after SHOW CURRENT")?;
                Show::CurrentDatabase
            }
        } else if self.eat_word("DATABASES") {
            let scope = self.show_scope()?;
            if let Some(ShowScope { name, .. }) = &scope
                && name.parts.len() > 1
            {
                return Err(Error::invalid("a catalog's name has one part").at(name.span));
            }
            Show::Databases { scope, like: self.show_like(true)? }
        } else if self.eat_word("TABLES") {
            Show::Tables { scope: self.show_scope()?, like: self.show_like(false)? }
        } else if self.eat_word("VIEWS") {
            Show::Views { scope: self.show_scope()?, like: self.show_like(false)? }
        } else if self.eat_words(&["MATERIALIZED", "TABLES"]) {
            Show::MaterializedTables { scope: self.show_scope()?, like: self.show_like(false)? }
        } else if self.eat_word("MODELS") {
            Show::Models { scope: self.show_scope()?, like: self.show_like(false)? }
        } else if self.eat_word("CONNECTIONS") {
            Show::Connections { scope: self.show_scope()?, like: self.show_like(false)? }
        } else if self.at_words(&["USER", "FUNCTIONS"]) || self.at_word("FUNCTIONS") {
            let user = self.eat_word("USER");
            self.expect_word("FUNCTIONS", "after SHOW USER")?;
            Show::Functions { user, scope: self.show_scope()?, like: self.show_like(true)? }
        } else if self.eat_word("PROCEDURES") {
            Show::Procedures { scope: self.show_scope()?, like: self.show_like(true)? }
        } else if self.eat_word("COLUMNS") {
            let Some(table) = self.show_scope()? else {
                return Err(self.expected("FROM and a table after SHOW COLUMNS"));
            };
            Show::Columns { table, like: self.show_like(false)? }
        } else if self.eat_word("PARTITIONS") {
            let table = self.object_name("the name of a table")?;
            let partition = if self.at_word("PARTITION") { Some(self.partition_spec()?) } else { None };
            Show::Partitions { table, partition }
        } else if self.at_words(&["FULL", "MODULES"]) || self.at_word("MODULES") {
            let full = self.eat_word("FULL");
            self.expect_word("MODULES", "after SHOW FULL")?;
            Show::Modules { full }
        } else if self.eat_word("JARS") {
            Show::Jars
        } else if self.eat_word("JOBS") {
            Show::Jobs
        } else if self.eat_word("CREATE") {
            let span = self.span();
            let kind = self.object_kind("after SHOW CREATE")?;
            if matches!(kind, ObjectKind::Database | ObjectKind::Function) {
                return Err(
                    Error::invalid("SHOW CREATE knows tables, views, models, catalogs and connections").at(span)
                );
            }
            Show::Create { kind, name: self.object_name("a name")? }
        } else {
            return Err(
                self.expected("TABLES, VIEWS, DATABASES, CATALOGS, FUNCTIONS, COLUMNS, CREATE or the like after SHOW")
            );
        };
        Ok(StatementKind::Show(show))
    }

    fn show_scope(&mut self) -> Result<Option<ShowScope>> {
        let Some(word) = self.one_of(&[("FROM", ScopeWord::From), ("IN", ScopeWord::In)]) else { return Ok(None) };
        Ok(Some(ShowScope { word, name: self.object_name("where to look")? }))
    }

    fn show_like(&mut self, ilike: bool) -> Result<Option<ShowLike>> {
        let negated = self.eat_word("NOT");
        let case_insensitive = if self.eat_word("LIKE") {
            false
        } else if self.at_word("ILIKE") {
            if !ilike {
                return Err(self.error("ILIKE can't stand here").hint("write LIKE"));
            }
            self.advance();
            true
        } else if negated {
            return Err(self.unexpected());
        } else {
            return Ok(None);
        };
        Ok(Some(ShowLike { negated, case_insensitive, pattern: self.string("a pattern")? }))
    }

    fn describe(&mut self) -> Result<StatementKind> {
        self.advance();
        if self.at_word("JOB") && matches!(self.token_at(1).kind, crate::lexer::TokenKind::String(_)) {
            self.advance();
            return Ok(StatementKind::Describe(Describe::Job(self.string("the id of a job")?)));
        }
        let kinds = [
            ("CATALOG", ObjectKind::Catalog),
            ("DATABASE", ObjectKind::Database),
            ("FUNCTION", ObjectKind::Function),
            ("MODEL", ObjectKind::Model),
            ("CONNECTION", ObjectKind::Connection),
        ];
        // `DESCRIBE model` alone is a table of that name.
        for (word, kind) in kinds {
            if self.at_word(word) && (self.name_at(1) || self.word_at(1, "EXTENDED")) {
                self.advance();
                let extended = self.eat_word("EXTENDED");
                return Ok(StatementKind::Describe(Describe::Object {
                    kind,
                    extended,
                    name: self.object_name("a name")?,
                }));
            }
        }
        self.eat_word("TABLE");
        let extended = self.eat_word("EXTENDED");
        Ok(StatementKind::Describe(Describe::Table { extended, name: self.object_name("the name of a table")? }))
    }
}
