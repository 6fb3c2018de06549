//! CREATE.

use flitz_dataflow::{Error, Result};

use super::Parser;
use crate::ast::{
    ColumnDef, ColumnKind, ColumnPosition, ConstraintKind, CreateCatalog, CreateConnection, CreateDatabase,
    CreateFunction, CreateMaterializedTable, CreateModel, CreateTable, CreateTableMode, CreateView, Distribution,
    DistributionKind, Expr, Freshness, FunctionDefinition, FunctionLanguage, FunctionParam, FunctionResource, Ident,
    Lifetime, LikeFeature, LikeOption, Literal, MergeStrategy, RefreshMode, ResourceKind, SqlFunction, StartMode,
    StatementKind, StringLiteral, TableConstraint, TableLike, TableSchema, Watermark,
};
use crate::lexer::TokenKind;

impl Parser<'_> {
    /// CREATE of anything, and REPLACE TABLE.
    pub(super) fn create(&mut self) -> Result<StatementKind> {
        if self.eat_word("REPLACE") {
            self.expect_word("TABLE", "after REPLACE")?;
            return self.create_table(CreateTableMode::Replace, false);
        }
        self.expect_word("CREATE", "here")?;
        if self.eat_words(&["OR", "ALTER"]) {
            self.expect_words(&["MATERIALIZED", "TABLE"], "after CREATE OR ALTER")?;
            return self.create_materialized_table(true);
        }
        let or_span = self.span();
        let or_replace = self.eat_words(&["OR", "REPLACE"]);
        let temporary_span = self.span();
        let lifetime = self.lifetime();
        let temporary = lifetime == Lifetime::Temporary;
        let refuse_replace = |kind: &str| match or_replace {
            true => Err(Error::unsupported(format!("CREATE OR REPLACE of {kind}")).at(or_span)),
            false => Ok(()),
        };
        let refuse_temporary = |kind: &str, system_too: bool| match lifetime {
            Lifetime::Catalog => Ok(()),
            Lifetime::Temporary if !system_too => Ok(()),
            _ => Err(Error::invalid(format!("there are no such temporary {kind}")).at(temporary_span)),
        };
        if self.eat_word("TABLE") {
            refuse_temporary("tables", false)?;
            let mode = if or_replace { CreateTableMode::CreateOrReplace } else { CreateTableMode::Create };
            self.create_table(mode, temporary)
        } else if self.eat_word("VIEW") {
            refuse_temporary("views", false)?;
            self.create_view(or_replace, temporary)
        } else if self.eat_words(&["MATERIALIZED", "TABLE"]) {
            refuse_replace("a materialized table")?;
            refuse_temporary("materialized tables", true)?;
            self.create_materialized_table(false)
        } else if self.eat_word("CATALOG") {
            refuse_replace("a catalog")?;
            refuse_temporary("catalogs", true)?;
            self.create_catalog()
        } else if self.eat_word("DATABASE") {
            refuse_replace("a database")?;
            refuse_temporary("databases", true)?;
            self.create_database()
        } else if self.eat_word("FUNCTION") {
            refuse_replace("a function")?;
            self.create_function(lifetime)
        } else if self.eat_word("MODEL") {
            refuse_replace("a model")?;
            refuse_temporary("models", false)?;
            self.create_model(temporary)
        } else if self.eat_word("CONNECTION") {
            refuse_replace("a connection")?;
            self.create_connection(lifetime)
        } else if self.at_word("SCHEMA") {
            Err(self.expected("a kind of object after CREATE").hint("a schema is called DATABASE"))
        } else if self.at_words(&["SYSTEM", "FUNCTION"]) {
            Err(self.error("a system function can only be temporary").hint("write CREATE TEMPORARY SYSTEM FUNCTION"))
        } else {
            Err(self.expected("TABLE, VIEW, DATABASE, CATALOG, FUNCTION or another kind of object after CREATE"))
        }
    }

    fn if_not_exists(&mut self) -> bool {
        self.eat_words(&["IF", "NOT", "EXISTS"])
    }

    pub(super) fn comment(&mut self) -> Result<Option<StringLiteral>> {
        if self.eat_word("COMMENT") { self.string("the comment").map(Some) } else { Ok(None) }
    }

    fn with_options(&mut self) -> Result<Vec<crate::ast::OptionPair>> {
        if self.eat_word("WITH") { self.options() } else { Ok(Vec::new()) }
    }

    // ---- tables ----

    fn create_table(&mut self, mode: CreateTableMode, temporary: bool) -> Result<StatementKind> {
        let if_not_exists = self.if_not_exists();
        let name = self.object_name("the name of the table")?;
        let schema = if self.at("(") { self.table_schema()? } else { TableSchema::default() };
        let comment = self.comment()?;
        let distribution = self.distributed()?;
        let partitioned_by = self.partitioned_by()?;
        let options = self.with_options()?;
        let like = if self.at_word("LIKE") { Some(self.table_like()?) } else { None };
        let mut query = None;
        if like.is_none() && self.eat_word("AS") {
            query = Some(self.query()?);
        }
        if query.is_none() && mode != CreateTableMode::Create {
            return Err(self.expected("AS and a query, which REPLACE TABLE needs"));
        }
        if query.is_none() && !schema.column_names.is_empty() {
            let error = Error::invalid("columns need a type, except in CREATE TABLE … AS query").at(schema.span);
            return Err(error);
        }
        self.refuse_clause_out_of_order()?;
        Ok(StatementKind::CreateTable(CreateTable {
            mode,
            temporary,
            if_not_exists,
            name,
            schema,
            comment,
            distribution,
            partitioned_by,
            options,
            like,
            query,
        }))
    }

    fn refuse_clause_out_of_order(&self) -> Result<()> {
        if self.at_any_word(&["COMMENT", "DISTRIBUTED", "PARTITIONED", "WITH", "LIKE", "AS"]) {
            let error = self.expected("the end of the statement");
            return Err(error.hint(
                "the clauses are, in this order: columns, COMMENT, DISTRIBUTED, PARTITIONED BY, WITH, LIKE or AS",
            ));
        }
        Ok(())
    }

    /// The column list, or a list of bare names.
    pub(super) fn table_schema(&mut self) -> Result<TableSchema> {
        let start = self.span();
        let mut schema = TableSchema::default();
        if self.name_at(1) && (self.symbol_at(2, ",") || self.symbol_at(2, ")")) {
            schema.column_names = self.parenthesized("the column names", |p| p.name("a column name"))?;
        } else {
            self.expect("(", "before the columns")?;
            loop {
                self.table_element(&mut schema)?;
                if !self.eat(",") {
                    break;
                }
                if self.at(")") {
                    return Err(self.expected("a column after `,`").hint("remove the comma before it"));
                }
            }
            if !self.eat(")") {
                return Err(self.after_column());
            }
        }
        schema.span = self.span_since(start);
        Ok(schema)
    }

    fn after_column(&self) -> Error {
        let error = self.expected("`,` or `)` after a column");
        if self.at_word("DEFAULT") {
            return error.hint("columns have no default values");
        }
        if self.at_words(&["NOT", "NULL"]) {
            return error.hint("NOT NULL follows the type immediately");
        }
        error
    }

    /// A column, watermark or constraint.
    fn table_element(&mut self, schema: &mut TableSchema) -> Result<()> {
        if self.at_word("WATERMARK") {
            let watermark = self.watermark()?;
            if !schema.watermarks.is_empty() {
                return Err(Error::invalid("a table can have only one watermark").at(watermark.span));
            }
            schema.watermarks.push(watermark);
        } else if self.at_any_word(&["CONSTRAINT", "PRIMARY", "UNIQUE"]) {
            schema.constraints.push(self.table_constraint()?);
        } else {
            schema.columns.push(self.column()?);
        }
        Ok(())
    }

    pub(super) fn watermark(&mut self) -> Result<Watermark> {
        let start = self.span();
        self.expect_words(&["WATERMARK", "FOR"], "of the watermark")?;
        let column = self.object_name("the time column")?;
        self.expect_word("AS", "after the time column of WATERMARK")?;
        let expr = self.expr()?;
        Ok(Watermark { column, expr, span: self.span_since(start) })
    }

    /// `[CONSTRAINT n] {PRIMARY KEY|UNIQUE} (columns) [[NOT] ENFORCED]`
    pub(super) fn table_constraint(&mut self) -> Result<TableConstraint> {
        let start = self.span();
        let (name, kind) = self.constraint_kind()?;
        let columns = self.parenthesized("the columns of the key", |p| p.name("a column name"))?;
        let enforced = self.enforced();
        Ok(TableConstraint { name, kind, columns, enforced, span: self.span_since(start) })
    }

    fn constraint_kind(&mut self) -> Result<(Option<Ident>, ConstraintKind)> {
        let name = if self.eat_word("CONSTRAINT") { Some(self.name("the name of a constraint")?) } else { None };
        if self.eat_word("UNIQUE") {
            return Ok((name, ConstraintKind::Unique));
        }
        self.expect_words(&["PRIMARY", "KEY"], "of the constraint")?;
        Ok((name, ConstraintKind::PrimaryKey))
    }

    fn enforced(&mut self) -> Option<bool> {
        if self.eat_word("ENFORCED") {
            Some(true)
        } else if self.eat_words(&["NOT", "ENFORCED"]) {
            Some(false)
        } else {
            None
        }
    }

    pub(super) fn column(&mut self) -> Result<ColumnDef> {
        let start = self.span();
        let name = self.name("a column name")?;
        if self.at(".") {
            return Err(Error::unsupported("columns within a column (ALTER TABLE of a nested field)").at(self.span()));
        }
        let mut constraint = None;
        let kind = if self.eat_word("AS") {
            ColumnKind::Computed(self.expr()?)
        } else {
            if !self.at_type() {
                return Err(
                    self.expected(format!("a type, or AS and an expression, after the column `{}`", name.value))
                );
            }
            if self.at_word("INTERVAL") {
                return Err(self.error("a column can't have the type INTERVAL"));
            }
            let data_type = self.data_type()?;
            if self.eat_word("METADATA") {
                let key = if self.eat_word("FROM") { Some(self.string("the key of the metadata")?) } else { None };
                ColumnKind::Metadata { data_type, key, is_virtual: self.eat_word("VIRTUAL") }
            } else {
                if self.at_any_word(&["CONSTRAINT", "PRIMARY", "UNIQUE"]) {
                    let start = self.span();
                    let (constraint_name, kind) = self.constraint_kind()?;
                    let enforced = self.enforced();
                    let columns = vec![name.clone()];
                    let span = self.span_since(start);
                    constraint = Some(TableConstraint { name: constraint_name, kind, columns, enforced, span });
                }
                ColumnKind::Physical(data_type)
            }
        };
        let comment = self.comment()?;
        Ok(ColumnDef { name, kind, constraint, comment, position: None, span: self.span_since(start) })
    }

    /// `[FIRST | AFTER column]`, in ALTER TABLE.
    pub(super) fn column_position(&mut self) -> Result<Option<ColumnPosition>> {
        if self.eat_word("FIRST") {
            Ok(Some(ColumnPosition::First))
        } else if self.eat_word("AFTER") {
            Ok(Some(ColumnPosition::After(self.name("a column name")?)))
        } else {
            Ok(None)
        }
    }

    fn at_type(&self) -> bool {
        matches!(self.token().kind, TokenKind::Word(_) | TokenKind::QuotedName(_))
            && !self.at_any_word(&["COMMENT", "PRIMARY", "CONSTRAINT", "NOT", "NULL", "UNIQUE"])
    }

    fn distributed(&mut self) -> Result<Option<Distribution>> {
        if self.eat_word("DISTRIBUTED") { self.distribution().map(Some) } else { Ok(None) }
    }

    /// `BY [HASH|RANGE] (columns) [INTO n BUCKETS]` or `INTO n BUCKETS`
    pub(super) fn distribution(&mut self) -> Result<Distribution> {
        let start = self.span();
        let (mut kind, mut columns, mut buckets) = (None, Vec::new(), None);
        let by = self.eat_word("BY");
        if by {
            kind = self.one_of(&[("HASH", DistributionKind::Hash), ("RANGE", DistributionKind::Range)]);
            columns = self.parenthesized("the columns of the distribution", |p| p.name("a column name"))?;
        }
        if self.eat_word("INTO") {
            buckets = Some(self.integer("the number of buckets")?);
            self.expect_word("BUCKETS", "after their number")?;
        } else if !by {
            return Err(self.unexpected());
        }
        Ok(Distribution { kind, columns, buckets, span: self.span_since(start) })
    }

    fn partitioned_by(&mut self) -> Result<Vec<Ident>> {
        if !self.eat_word("PARTITIONED") {
            return Ok(Vec::new());
        }
        self.expect_word("BY", "after PARTITIONED")?;
        self.parenthesized("the partition columns", |p| p.name("a column name"))
    }

    fn table_like(&mut self) -> Result<TableLike> {
        let start = self.span();
        self.expect_word("LIKE", "here")?;
        let table = self.object_name("the name of a table")?;
        let mut options = Vec::new();
        if self.eat("(") {
            while options.is_empty() || !self.at(")") {
                options.push(self.like_option()?);
            }
            self.expect(")", "after the options of LIKE")?;
        }
        Ok(TableLike { table, options, span: self.span_since(start) })
    }

    fn like_option(&mut self) -> Result<LikeOption> {
        let start = self.span();
        let strategies = [
            ("INCLUDING", MergeStrategy::Including),
            ("EXCLUDING", MergeStrategy::Excluding),
            ("OVERWRITING", MergeStrategy::Overwriting),
        ];
        let Some(strategy) = self.one_of(&strategies) else {
            let error = self.expected("INCLUDING, EXCLUDING or OVERWRITING");
            return Err(if self.at(",") { error.hint("the options of LIKE are separated by blanks") } else { error });
        };
        let features = [
            ("ALL", LikeFeature::All),
            ("CONSTRAINTS", LikeFeature::Constraints),
            ("DISTRIBUTION", LikeFeature::Distribution),
            ("GENERATED", LikeFeature::Generated),
            ("METADATA", LikeFeature::Metadata),
            ("OPTIONS", LikeFeature::Options),
            ("PARTITIONS", LikeFeature::Partitions),
            ("WATERMARKS", LikeFeature::Watermarks),
        ];
        let feature = self.expect_one_of(&features)?;
        let span = self.span_since(start);
        let overwritable =
            [LikeFeature::Generated, LikeFeature::Metadata, LikeFeature::Options, LikeFeature::Watermarks];
        if strategy == MergeStrategy::Overwriting && !overwritable.contains(&feature) {
            let error = Error::invalid("OVERWRITING works for GENERATED, METADATA, OPTIONS and WATERMARKS").at(span);
            return Err(error);
        }
        Ok(LikeOption { strategy, feature, span })
    }

    fn create_materialized_table(&mut self, or_alter: bool) -> Result<StatementKind> {
        let name = self.object_name("the name of the materialized table")?;
        let schema = if self.at("(") { self.table_schema()? } else { TableSchema::default() };
        let comment = self.comment()?;
        let distribution = self.distributed()?;
        let partitioned_by = self.partitioned_by()?;
        let options = self.with_options()?;
        let start_mode = if self.eat_word("START_MODE") { Some(self.start_mode()?) } else { None };
        let freshness = if self.eat_word("FRESHNESS") {
            self.expect("=", "after FRESHNESS")?;
            Some(self.freshness()?)
        } else {
            None
        };
        let refresh_mode = if self.eat_word("REFRESH_MODE") { Some(self.refresh_mode()?) } else { None };
        if !self.eat_word("AS") {
            return Err(self.unexpected());
        }
        let query = self.query()?;
        Ok(StatementKind::CreateMaterializedTable(CreateMaterializedTable {
            or_alter,
            name,
            schema,
            comment,
            distribution,
            partitioned_by,
            options,
            start_mode,
            freshness,
            refresh_mode,
            query,
        }))
    }

    fn start_mode(&mut self) -> Result<StartMode> {
        self.expect("=", "after START_MODE")?;
        if self.eat_word("FROM_BEGINNING") {
            Ok(StartMode::FromBeginning)
        } else if self.eat_word("FROM_NOW") {
            Ok(StartMode::FromNow(self.start_interval()?))
        } else if self.eat_word("FROM_TIMESTAMP") {
            Ok(StartMode::FromTimestamp(self.start_timestamp()?))
        } else if self.eat_word("RESUME_OR_FROM_BEGINNING") {
            Ok(StartMode::ResumeOrFromBeginning)
        } else if self.eat_word("RESUME_OR_FROM_NOW") {
            Ok(StartMode::ResumeOrFromNow(self.start_interval()?))
        } else if self.eat_word("RESUME_OR_FROM_TIMESTAMP") {
            Ok(StartMode::ResumeOrFromTimestamp(self.start_timestamp()?))
        } else {
            Err(self.unexpected())
        }
    }

    fn start_interval(&mut self) -> Result<Option<Freshness>> {
        if !self.eat("(") {
            return Ok(None);
        }
        let interval = self.freshness()?;
        self.expect(")", "after the interval")?;
        Ok(Some(interval))
    }

    fn start_timestamp(&mut self) -> Result<Box<Literal>> {
        self.expect("(", "before the point in time")?;
        let literal = self.literal()?.and_then(|expr| match expr.kind {
            crate::ast::ExprKind::Literal(literal @ (Literal::Timestamp(_) | Literal::TimestampLtz(_))) => {
                Some(literal)
            }
            _ => None,
        });
        let Some(literal) = literal else { return Err(self.expected("a literal TIMESTAMP '…'")) };
        self.expect(")", "after the point in time")?;
        Ok(Box::new(literal))
    }

    /// `INTERVAL 'n' unit`
    pub(super) fn freshness(&mut self) -> Result<Freshness> {
        let start = self.span();
        self.expect_word("INTERVAL", "'n' and a unit")?;
        let text = self.string("the length")?;
        let qualifier = self.interval_qualifier()?;
        Ok(Freshness { text, qualifier, span: self.span_since(start) })
    }

    pub(super) fn refresh_mode(&mut self) -> Result<RefreshMode> {
        self.expect("=", "after REFRESH_MODE")?;
        self.expect_one_of(&[("CONTINUOUS", RefreshMode::Continuous), ("FULL", RefreshMode::Full)])
    }

    // ---- everything else ----

    fn create_view(&mut self, or_replace: bool, temporary: bool) -> Result<StatementKind> {
        let if_not_exists = self.if_not_exists();
        let name = self.object_name("the name of the view")?;
        let mut columns = Vec::new();
        if self.at("(") {
            columns = self.parenthesized("the column names", |p| p.name("a column name"))?;
        }
        let comment = self.comment()?;
        self.expect_word("AS", "and a query")?;
        let query = self.query()?;
        Ok(StatementKind::CreateView(CreateView {
            or_replace,
            temporary,
            if_not_exists,
            name,
            columns,
            comment,
            query,
        }))
    }

    fn create_catalog(&mut self) -> Result<StatementKind> {
        let if_not_exists = self.if_not_exists();
        let name = self.name("the name of the catalog")?;
        let comment = self.comment()?;
        let options = self.with_options()?;
        Ok(StatementKind::CreateCatalog(CreateCatalog { if_not_exists, name, comment, options }))
    }

    fn create_database(&mut self) -> Result<StatementKind> {
        let if_not_exists = self.if_not_exists();
        let name = self.object_name("the name of the database")?;
        let comment = self.comment()?;
        let options = self.with_options()?;
        Ok(StatementKind::CreateDatabase(CreateDatabase { if_not_exists, name, comment, options }))
    }

    fn create_function(&mut self, lifetime: Lifetime) -> Result<StatementKind> {
        let if_not_exists = self.if_not_exists();
        let name = self.object_name("the name of the function")?;
        if lifetime == Lifetime::TemporarySystem && name.parts.len() > 1 {
            return Err(Error::invalid("a system function belongs to no database").at(name.span));
        }
        let definition = self.function_definition()?;
        let mut resources = Vec::new();
        let using = self.span();
        if self.eat_word("USING") {
            resources = self.comma_separated(|p| {
                let kinds =
                    [("JAR", ResourceKind::Jar), ("FILE", ResourceKind::File), ("ARTIFACT", ResourceKind::Artifact)];
                let kind = p.expect_one_of(&kinds)?;
                Ok(FunctionResource { kind, uri: p.string("the address of the resource")? })
            })?;
            let in_sql = match &definition {
                FunctionDefinition::Class { language, .. } => *language == Some(FunctionLanguage::Sql),
                FunctionDefinition::Sql(_) => true,
            };
            if in_sql {
                return Err(Error::invalid("a function in SQL uses no resources").at(self.span_since(using)));
            }
        }
        let options = self.with_options()?;
        Ok(StatementKind::CreateFunction(CreateFunction {
            lifetime,
            if_not_exists,
            name,
            definition,
            resources,
            options,
        }))
    }

    /// `AS 'class' [LANGUAGE ..]`, or with parameters the SQL that computes it.
    pub(super) fn function_definition(&mut self) -> Result<FunctionDefinition> {
        if self.at("(") {
            return self.sql_function();
        }
        self.expect_word("AS", "and the class of the function")?;
        let class = self.string("the class of the function")?;
        let language = if self.at_word("LANGUAGE") { Some(self.function_language()?) } else { None };
        Ok(FunctionDefinition::Class { class, language })
    }

    fn function_language(&mut self) -> Result<FunctionLanguage> {
        self.expect_word("LANGUAGE", "before the language of the function")?;
        self.expect_one_of(&[
            ("JAVA", FunctionLanguage::Java),
            ("SCALA", FunctionLanguage::Scala),
            ("SQL", FunctionLanguage::Sql),
            ("PYTHON", FunctionLanguage::Python),
        ])
    }

    /// `(name type, ...) RETURNS type LANGUAGE SQL AS 'expression'`; LANGUAGE may stand last, as Flink has it.
    fn sql_function(&mut self) -> Result<FunctionDefinition> {
        self.expect("(", "before the parameters")?;
        let mut params = Vec::new();
        if !self.eat(")") {
            params = self.comma_separated(|p| {
                Ok(FunctionParam { name: p.name("the name of a parameter")?, data_type: p.data_type()? })
            })?;
            self.close_list("the parameters")?;
        }
        self.expect_word("RETURNS", "and the type of the result")?;
        let returns = self.data_type()?;
        let place = self.span();
        let first = if self.at_word("LANGUAGE") { Some(self.function_language()?) } else { None };
        self.expect_word("AS", "and the expression in quotes")?;
        let text = self.string("the expression of the function")?;
        let language = match first {
            Some(language) => language,
            None => self.function_language()?,
        };
        if language != FunctionLanguage::Sql {
            return Err(Error::invalid("parameters with types are for LANGUAGE SQL")
                .hint("write LANGUAGE SQL AS 'expression'")
                .at(self.span_since(place)));
        }
        let body = self.quoted_expression(&text)?;
        Ok(FunctionDefinition::Sql(Box::new(SqlFunction { params, returns, text, body })))
    }

    /// The expression that a literal of this text holds, with places in this text.
    fn quoted_expression(&self, literal: &StringLiteral) -> Result<Expr> {
        let raw = &self.text[literal.span.start as usize..literal.span.end as usize];
        if !raw.starts_with('\'') {
            // With escapes nothing stands where it does in the value: the whole literal is the place.
            return super::parse_expression(self.file, &literal.value).map_err(|e| e.at(literal.span));
        }
        let mut text = " ".repeat(literal.span.start as usize + 1);
        // A quote is written twice. One that opens or closes a string may have a blank beside it in its place.
        let mut inside = false;
        let exact = !["''", "`", "--", "/*"].iter().any(|s| literal.value.contains(s));
        for c in literal.value.chars() {
            match c {
                '\'' if exact => {
                    text.push_str(if inside { "' " } else { " '" });
                    inside = !inside;
                }
                c => text.push(c),
            }
        }
        super::parse_expression(self.file, &text).map_err(|e| match e.place {
            // "found the end of the text" is where the literal ends.
            Some(flitz_dataflow::Place::Sql(span)) if span.end < literal.span.end => e,
            _ => e.at(literal.span),
        })
    }

    fn create_model(&mut self, temporary: bool) -> Result<StatementKind> {
        let if_not_exists = self.if_not_exists();
        let name = self.object_name("the name of the model")?;
        let input =
            if self.eat_word("INPUT") { self.parenthesized("the input columns", Self::column)? } else { vec![] };
        let output =
            if self.eat_word("OUTPUT") { self.parenthesized("the output columns", Self::column)? } else { vec![] };
        let comment = self.comment()?;
        let options = self.with_options()?;
        let query = if self.eat_word("AS") { Some(self.query()?) } else { None };
        Ok(StatementKind::CreateModel(CreateModel {
            temporary,
            if_not_exists,
            name,
            input,
            output,
            comment,
            options,
            query,
        }))
    }

    fn create_connection(&mut self, lifetime: Lifetime) -> Result<StatementKind> {
        let if_not_exists = self.if_not_exists();
        let name = self.object_name("the name of the connection")?;
        let comment = self.comment()?;
        self.expect_word("WITH", "and the options of the connection")?;
        let options = self.options()?;
        Ok(StatementKind::CreateConnection(CreateConnection { lifetime, if_not_exists, name, comment, options }))
    }
}
