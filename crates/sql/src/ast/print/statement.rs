//! Statements as SQL.

use std::fmt::{self, Display, Formatter};

use super::query::hints;
use super::{commas, optional, optional_list};
use crate::ast::*;

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Display for StatementKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use StatementKind::*;
        match self {
            Query(query) => query.fmt(f),
            Insert(insert) => insert.fmt(f),
            StatementSet(inserts) => {
                f.write_str("EXECUTE ")?;
                statement_set(f, inserts)
            }
            BeginStatementSet => f.write_str("BEGIN STATEMENT SET"),
            EndStatementSet => f.write_str("END"),
            Explain(explain) => explain.fmt(f),
            CreateTable(create) => create.fmt(f),
            CreateView(create) => create.fmt(f),
            CreateCatalog(create) => create.fmt(f),
            CreateDatabase(create) => create.fmt(f),
            CreateFunction(create) => create.fmt(f),
            CreateModel(create) => create.fmt(f),
            CreateConnection(create) => create.fmt(f),
            CreateMaterializedTable(create) => create.fmt(f),
            AlterTable(alter) => alter.fmt(f),
            AlterView { name, action: AlterViewAction::RenameTo(to) } => write!(f, "ALTER VIEW {name} RENAME TO {to}"),
            AlterView { name, action: AlterViewAction::As(query) } => write!(f, "ALTER VIEW {name} AS {query}"),
            AlterCatalog { name, action } => {
                write!(f, "ALTER CATALOG {name} ")?;
                match action {
                    AlterCatalogAction::Set(options) => write!(f, "SET ({})", commas(options)),
                    AlterCatalogAction::Reset(keys) => write!(f, "RESET ({})", commas(keys)),
                    AlterCatalogAction::Comment(comment) => write!(f, "COMMENT {comment}"),
                }
            }
            AlterDatabase { name, options } => write!(f, "ALTER DATABASE {name} SET ({})", commas(options)),
            AlterFunction(alter) => {
                write!(f, "ALTER {}FUNCTION {}{}", alter.lifetime.sql(), if_exists(alter.if_exists), alter.name)?;
                function_definition(f, &alter.definition)
            }
            AlterModel { name, if_exists: exists, action } => {
                write!(f, "ALTER MODEL {}{name} {action}", if_exists(*exists))
            }
            AlterConnection { name, if_exists: exists, action } => {
                write!(f, "ALTER CONNECTION {}{name} {action}", if_exists(*exists))
            }
            AlterMaterializedTable { name, action } => write!(f, "ALTER MATERIALIZED TABLE {name} {action}"),
            Drop(drop) => {
                let DropObject { kind, lifetime, if_exists: exists, name, cascade } = drop;
                write!(f, "DROP {}{} {}{name}", lifetime.sql(), kind.sql(), if_exists(*exists))?;
                f.write_str(if *cascade { " CASCADE" } else { "" })
            }
            UseCatalog(name) => write!(f, "USE CATALOG {name}"),
            UseDatabase(name) => write!(f, "USE {name}"),
            UseModules(names) => write!(f, "USE MODULES {}", commas(names)),
            LoadModule { name, options } => {
                write!(f, "LOAD MODULE {name}")?;
                optional_list(f, " WITH ", options)
            }
            UnloadModule(name) => write!(f, "UNLOAD MODULE {name}"),
            Show(show) => write!(f, "SHOW {show}"),
            Describe(describe) => write!(f, "DESCRIBE {describe}"),
            Set(option) => write!(f, "SET {option}"),
            SetList => f.write_str("SET"),
            Client(command) => f.write_str(match command {
                ClientCommand::Quit => "QUIT",
                ClientCommand::Help => "HELP",
                ClientCommand::Clear => "CLEAR",
            }),
            Reset(key) => {
                f.write_str("RESET")?;
                optional(f, " ", key.as_ref())
            }
            AddJar(path) => write!(f, "ADD JAR {path}"),
            RemoveJar(path) => write!(f, "REMOVE JAR {path}"),
            StopJob { id, savepoint, drain } => {
                write!(f, "STOP JOB {id}")?;
                f.write_str(if *savepoint { " WITH SAVEPOINT" } else { "" })?;
                f.write_str(if *drain { " WITH DRAIN" } else { "" })
            }
            Update(update) => {
                write!(f, "UPDATE {}", update.table)?;
                optional(f, " AS ", update.alias.as_ref())?;
                for (i, (column, value)) in update.assignments.iter().enumerate() {
                    write!(f, "{}{column} = {value}", if i == 0 { " SET " } else { ", " })?;
                }
                optional(f, " WHERE ", update.filter.as_ref())
            }
            Delete { table, alias, filter } => {
                write!(f, "DELETE FROM {table}")?;
                optional(f, " AS ", alias.as_ref())?;
                optional(f, " WHERE ", filter.as_ref())
            }
            TruncateTable(name) => write!(f, "TRUNCATE TABLE {name}"),
            AnalyzeTable(analyze) => {
                write!(f, "ANALYZE TABLE {}", analyze.table)?;
                optional_list(f, " PARTITION ", &analyze.partition)?;
                f.write_str(" COMPUTE STATISTICS")?;
                match &analyze.columns {
                    AnalyzeColumns::None => Ok(()),
                    AnalyzeColumns::All => f.write_str(" FOR ALL COLUMNS"),
                    AnalyzeColumns::Some(columns) => write!(f, " FOR COLUMNS {}", commas(columns)),
                }
            }
            Call(call) => write!(f, "CALL {}", call.as_table()),
            CompilePlan { path, if_not_exists: not_exists, statement } => {
                write!(f, "COMPILE PLAN {path} {}FOR ", if_not_exists(*not_exists))?;
                planned(f, statement)
            }
            ExecutePlan(path) => write!(f, "EXECUTE PLAN {path}"),
            CompileAndExecutePlan { path, statement } => {
                write!(f, "COMPILE AND EXECUTE PLAN {path} FOR ")?;
                planned(f, statement)
            }
        }
    }
}

fn if_exists(yes: bool) -> &'static str {
    if yes { "IF EXISTS " } else { "" }
}

fn if_not_exists(yes: bool) -> &'static str {
    if yes { "IF NOT EXISTS " } else { "" }
}

fn statement_set(f: &mut Formatter<'_>, inserts: &[Insert]) -> fmt::Result {
    f.write_str("STATEMENT SET BEGIN ")?;
    inserts.iter().try_for_each(|insert| write!(f, "{insert}; "))?;
    f.write_str("END")
}

/// In EXPLAIN and COMPILE PLAN a statement set has no EXECUTE before it.
fn planned(f: &mut Formatter<'_>, statement: &Statement) -> fmt::Result {
    match &statement.kind {
        StatementKind::StatementSet(inserts) => statement_set(f, inserts),
        kind => kind.fmt(f),
    }
}

impl Display for Insert {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "INSERT {} {}", if self.overwrite { "OVERWRITE" } else { "INTO" }, self.table)?;
        hints(f, " ", &self.hints, "")?;
        optional_list(f, " PARTITION ", &self.partition)?;
        optional_list(f, " ", &self.columns)?;
        write!(f, " {}", self.source)?;
        f.write_str(match self.on_conflict {
            None => "",
            Some(OnConflict::Nothing) => " ON CONFLICT DO NOTHING",
            Some(OnConflict::Error) => " ON CONFLICT DO ERROR",
            Some(OnConflict::Deduplicate) => " ON CONFLICT DO DEDUPLICATE",
        })
    }
}

impl Display for PartitionValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.column.fmt(f)?;
        optional(f, " = ", self.value.as_ref())
    }
}

impl Display for Explain {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("EXPLAIN ")?;
        for (i, detail) in self.details.iter().enumerate() {
            f.write_str(if i > 0 { ", " } else { "" })?;
            f.write_str(match detail {
                ExplainDetail::EstimatedCost => "ESTIMATED_COST",
                ExplainDetail::ChangelogMode => "CHANGELOG_MODE",
                ExplainDetail::JsonExecutionPlan => "JSON_EXECUTION_PLAN",
                ExplainDetail::PlanAdvice => "PLAN_ADVICE",
            })?;
        }
        f.write_str(if self.details.is_empty() { "" } else { " " })?;
        planned(f, &self.statement)
    }
}

// ---- CREATE ----

/// What tables and materialized tables share, each with a blank before it.
fn table_clauses(
    f: &mut Formatter<'_>,
    schema: &TableSchema,
    comment: Option<&StringLiteral>,
    distribution: Option<&Distribution>,
    partitioned_by: &[Ident],
    options: &[OptionPair],
) -> fmt::Result {
    if !schema.is_empty() {
        write!(f, " ({schema})")?;
    }
    optional(f, " COMMENT ", comment)?;
    optional(f, " DISTRIBUTED ", distribution)?;
    optional_list(f, " PARTITIONED BY ", partitioned_by)?;
    optional_list(f, " WITH ", options)
}

impl Display for CreateTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.mode {
            CreateTableMode::Create => "CREATE ",
            CreateTableMode::CreateOrReplace => "CREATE OR REPLACE ",
            CreateTableMode::Replace => "REPLACE ",
        })?;
        f.write_str(if self.temporary { "TEMPORARY " } else { "" })?;
        write!(f, "TABLE {}{}", if_not_exists(self.if_not_exists), self.name)?;
        let (comment, distribution) = (self.comment.as_ref(), self.distribution.as_ref());
        table_clauses(f, &self.schema, comment, distribution, &self.partitioned_by, &self.options)?;
        if let Some(like) = &self.like {
            write!(f, " LIKE {}", like.table)?;
            if !like.options.is_empty() {
                write!(f, " ({})", super::List(&like.options, " "))?;
            }
        }
        optional(f, " AS ", self.query.as_ref())
    }
}

impl TableSchema {
    fn is_empty(&self) -> bool {
        self.columns.is_empty()
            && self.column_names.is_empty()
            && self.watermarks.is_empty()
            && self.constraints.is_empty()
    }
}

/// Without the parentheses.
impl Display for TableSchema {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.column_names.iter().map(ToString::to_string).collect();
        parts.extend(self.columns.iter().map(ToString::to_string));
        parts.extend(self.watermarks.iter().map(ToString::to_string));
        parts.extend(self.constraints.iter().map(ToString::to_string));
        f.write_str(&parts.join(", "))
    }
}

impl Display for ColumnDef {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.name)?;
        match &self.kind {
            ColumnKind::Physical(data_type) => data_type.fmt(f)?,
            ColumnKind::Computed(expr) => write!(f, "AS {expr}")?,
            ColumnKind::Metadata { data_type, key, is_virtual } => {
                write!(f, "{data_type} METADATA")?;
                optional(f, " FROM ", key.as_ref())?;
                f.write_str(if *is_virtual { " VIRTUAL" } else { "" })?;
            }
        }
        if let Some(constraint) = &self.constraint {
            f.write_str(" ")?;
            constraint.write(f, false)?;
        }
        optional(f, " COMMENT ", self.comment.as_ref())?;
        match &self.position {
            Some(ColumnPosition::First) => f.write_str(" FIRST"),
            Some(ColumnPosition::After(column)) => write!(f, " AFTER {column}"),
            None => Ok(()),
        }
    }
}

impl Display for Watermark {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "WATERMARK FOR {} AS {}", self.column, self.expr)
    }
}

impl TableConstraint {
    fn write(&self, f: &mut Formatter<'_>, with_columns: bool) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "CONSTRAINT {name} ")?;
        }
        f.write_str(match self.kind {
            ConstraintKind::PrimaryKey => "PRIMARY KEY",
            ConstraintKind::Unique => "UNIQUE",
        })?;
        if with_columns {
            write!(f, " ({})", commas(&self.columns))?;
        }
        f.write_str(match self.enforced {
            Some(true) => " ENFORCED",
            Some(false) => " NOT ENFORCED",
            None => "",
        })
    }
}

impl Display for TableConstraint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write(f, true)
    }
}

/// Without DISTRIBUTED or DISTRIBUTION.
impl Display for Distribution {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut blank = "";
        if !self.columns.is_empty() {
            let kind = match self.kind {
                Some(DistributionKind::Hash) => "HASH ",
                Some(DistributionKind::Range) => "RANGE ",
                None => "",
            };
            write!(f, "BY {kind}({})", commas(&self.columns))?;
            blank = " ";
        }
        match self.buckets {
            Some(buckets) => write!(f, "{blank}INTO {buckets} BUCKETS"),
            None => Ok(()),
        }
    }
}

impl Display for LikeOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.strategy {
            MergeStrategy::Including => "INCLUDING ",
            MergeStrategy::Excluding => "EXCLUDING ",
            MergeStrategy::Overwriting => "OVERWRITING ",
        })?;
        f.write_str(match self.feature {
            LikeFeature::All => "ALL",
            LikeFeature::Constraints => "CONSTRAINTS",
            LikeFeature::Distribution => "DISTRIBUTION",
            LikeFeature::Generated => "GENERATED",
            LikeFeature::Metadata => "METADATA",
            LikeFeature::Options => "OPTIONS",
            LikeFeature::Partitions => "PARTITIONS",
            LikeFeature::Watermarks => "WATERMARKS",
        })
    }
}

impl Display for CreateView {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let replace = if self.or_replace { "OR REPLACE " } else { "" };
        let temporary = if self.temporary { "TEMPORARY " } else { "" };
        write!(f, "CREATE {replace}{temporary}VIEW {}{}", if_not_exists(self.if_not_exists), self.name)?;
        optional_list(f, " ", &self.columns)?;
        optional(f, " COMMENT ", self.comment.as_ref())?;
        write!(f, " AS {}", self.query)
    }
}

impl Display for CreateCatalog {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "CREATE CATALOG {}{}", if_not_exists(self.if_not_exists), self.name)?;
        optional(f, " COMMENT ", self.comment.as_ref())?;
        optional_list(f, " WITH ", &self.options)
    }
}

impl Display for CreateDatabase {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "CREATE DATABASE {}{}", if_not_exists(self.if_not_exists), self.name)?;
        optional(f, " COMMENT ", self.comment.as_ref())?;
        optional_list(f, " WITH ", &self.options)
    }
}

impl Lifetime {
    fn sql(self) -> &'static str {
        match self {
            Lifetime::Catalog => "",
            Lifetime::Temporary => "TEMPORARY ",
            Lifetime::TemporarySystem => "TEMPORARY SYSTEM ",
        }
    }
}

fn function_definition(f: &mut Formatter<'_>, definition: &FunctionDefinition) -> fmt::Result {
    let (class, language) = match definition {
        FunctionDefinition::Class { class, language } => (class, *language),
        FunctionDefinition::Sql(function) => {
            write!(f, "(")?;
            for (i, param) in function.params.iter().enumerate() {
                write!(f, "{}{} {}", if i == 0 { "" } else { ", " }, param.name, param.data_type)?;
            }
            return write!(f, ") RETURNS {} LANGUAGE SQL AS {}", function.returns, function.text);
        }
    };
    write!(f, " AS {class}")?;
    f.write_str(match language {
        None => "",
        Some(FunctionLanguage::Java) => " LANGUAGE JAVA",
        Some(FunctionLanguage::Scala) => " LANGUAGE SCALA",
        Some(FunctionLanguage::Sql) => " LANGUAGE SQL",
        Some(FunctionLanguage::Python) => " LANGUAGE PYTHON",
    })
}

impl Display for CreateFunction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "CREATE {}FUNCTION {}{}", self.lifetime.sql(), if_not_exists(self.if_not_exists), self.name)?;
        function_definition(f, &self.definition)?;
        for (i, resource) in self.resources.iter().enumerate() {
            let kind = match resource.kind {
                ResourceKind::Jar => "JAR",
                ResourceKind::File => "FILE",
                ResourceKind::Artifact => "ARTIFACT",
            };
            write!(f, "{}{kind} {}", if i == 0 { " USING " } else { ", " }, resource.uri)?;
        }
        optional_list(f, " WITH ", &self.options)
    }
}

impl Display for CreateModel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let temporary = if self.temporary { "TEMPORARY " } else { "" };
        write!(f, "CREATE {temporary}MODEL {}{}", if_not_exists(self.if_not_exists), self.name)?;
        optional_list(f, " INPUT ", &self.input)?;
        optional_list(f, " OUTPUT ", &self.output)?;
        optional(f, " COMMENT ", self.comment.as_ref())?;
        optional_list(f, " WITH ", &self.options)?;
        optional(f, " AS ", self.query.as_ref())
    }
}

impl Display for CreateConnection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "CREATE {}CONNECTION {}{}", self.lifetime.sql(), if_not_exists(self.if_not_exists), self.name)?;
        optional(f, " COMMENT ", self.comment.as_ref())?;
        write!(f, " WITH ({})", commas(&self.options))
    }
}

impl Display for CreateMaterializedTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let or_alter = if self.or_alter { "OR ALTER " } else { "" };
        write!(f, "CREATE {or_alter}MATERIALIZED TABLE {}", self.name)?;
        let (comment, distribution) = (self.comment.as_ref(), self.distribution.as_ref());
        table_clauses(f, &self.schema, comment, distribution, &self.partitioned_by, &self.options)?;
        optional(f, " START_MODE = ", self.start_mode.as_ref())?;
        optional(f, " FRESHNESS = ", self.freshness.as_ref())?;
        optional(f, " REFRESH_MODE = ", self.refresh_mode.as_ref())?;
        write!(f, " AS {}", self.query)
    }
}

impl Display for Freshness {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "INTERVAL {} {}", self.text, self.qualifier)
    }
}

impl Display for StartMode {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            StartMode::FromBeginning => f.write_str("FROM_BEGINNING"),
            StartMode::FromNow(None) => f.write_str("FROM_NOW"),
            StartMode::FromNow(Some(interval)) => write!(f, "FROM_NOW({interval})"),
            StartMode::FromTimestamp(literal) => write!(f, "FROM_TIMESTAMP({literal})"),
            StartMode::ResumeOrFromBeginning => f.write_str("RESUME_OR_FROM_BEGINNING"),
            StartMode::ResumeOrFromNow(None) => f.write_str("RESUME_OR_FROM_NOW"),
            StartMode::ResumeOrFromNow(Some(interval)) => write!(f, "RESUME_OR_FROM_NOW({interval})"),
            StartMode::ResumeOrFromTimestamp(literal) => write!(f, "RESUME_OR_FROM_TIMESTAMP({literal})"),
        }
    }
}

impl Display for RefreshMode {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RefreshMode::Continuous => "CONTINUOUS",
            RefreshMode::Full => "FULL",
        })
    }
}

// ---- ALTER ----

impl Display for AlterTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "ALTER TABLE {}{} ", if_exists(self.if_exists), self.name)?;
        match &self.action {
            AlterTableAction::Add(schema) => write!(f, "ADD ({schema})"),
            AlterTableAction::AddDistribution(distribution) => write!(f, "ADD DISTRIBUTION {distribution}"),
            AlterTableAction::AddPartitions { if_not_exists: not_exists, partitions } => {
                write!(f, "ADD {}{}", if_not_exists(*not_exists), super::List(partitions, " "))
            }
            AlterTableAction::Modify(schema) => write!(f, "MODIFY ({schema})"),
            AlterTableAction::ModifyDistribution(distribution) => write!(f, "MODIFY DISTRIBUTION {distribution}"),
            AlterTableAction::DropColumns(columns) => write!(f, "DROP ({})", commas(columns)),
            AlterTableAction::DropPrimaryKey => f.write_str("DROP PRIMARY KEY"),
            AlterTableAction::DropConstraint(name) => write!(f, "DROP CONSTRAINT {name}"),
            AlterTableAction::DropWatermark => f.write_str("DROP WATERMARK"),
            AlterTableAction::DropDistribution => f.write_str("DROP DISTRIBUTION"),
            AlterTableAction::DropPartitions { if_exists: exists, partitions } => {
                write!(f, "DROP {}{}", if_exists(*exists), commas(partitions))
            }
            AlterTableAction::RenameTo(name) => write!(f, "RENAME TO {name}"),
            AlterTableAction::RenameColumn { from, to } => write!(f, "RENAME {from} TO {to}"),
            AlterTableAction::Set(options) => write!(f, "SET ({})", commas(options)),
            AlterTableAction::Reset(keys) => write!(f, "RESET ({})", commas(keys)),
        }
    }
}

impl Display for PartitionSpec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "PARTITION ({})", commas(&self.values))?;
        optional_list(f, " WITH ", &self.options)
    }
}

impl Display for AlterObjectAction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AlterObjectAction::Set(options) => write!(f, "SET ({})", commas(options)),
            AlterObjectAction::Reset(keys) => write!(f, "RESET ({})", commas(keys)),
            AlterObjectAction::RenameTo(name) => write!(f, "RENAME TO {name}"),
        }
    }
}

impl Display for AlterMaterializedTableAction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use AlterMaterializedTableAction::*;
        match self {
            Suspend => f.write_str("SUSPEND"),
            Resume(options) => {
                f.write_str("RESUME")?;
                optional_list(f, " WITH ", options)
            }
            Refresh(partition) => {
                f.write_str("REFRESH")?;
                optional(f, " ", partition.as_ref())
            }
            As(query) => write!(f, "AS {query}"),
            Set(options) => write!(f, "SET ({})", commas(options)),
            Reset(keys) => write!(f, "RESET ({})", commas(keys)),
            SetFreshness(freshness) => write!(f, "SET FRESHNESS = {freshness}"),
            SetRefreshMode(mode) => write!(f, "SET REFRESH_MODE = {mode}"),
            Add(schema) => write!(f, "ADD ({schema})"),
            Modify(schema) => write!(f, "MODIFY ({schema})"),
            AddDistribution(distribution) => write!(f, "ADD DISTRIBUTION {distribution}"),
            ModifyDistribution(distribution) => write!(f, "MODIFY DISTRIBUTION {distribution}"),
            DropDistribution => f.write_str("DROP DISTRIBUTION"),
            DropColumns(columns) => write!(f, "DROP ({})", commas(columns)),
            DropPrimaryKey => f.write_str("DROP PRIMARY KEY"),
            DropConstraint(name) => write!(f, "DROP CONSTRAINT {name}"),
            DropWatermark => f.write_str("DROP WATERMARK"),
        }
    }
}

// ---- SHOW and DESCRIBE ----

impl ObjectKind {
    pub fn sql(self) -> &'static str {
        match self {
            ObjectKind::Catalog => "CATALOG",
            ObjectKind::Database => "DATABASE",
            ObjectKind::Table => "TABLE",
            ObjectKind::MaterializedTable => "MATERIALIZED TABLE",
            ObjectKind::View => "VIEW",
            ObjectKind::Function => "FUNCTION",
            ObjectKind::Model => "MODEL",
            ObjectKind::Connection => "CONNECTION",
        }
    }
}

/// Without SHOW.
impl Display for Show {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut listed = |what: &str, scope: Option<&ShowScope>, like: Option<&ShowLike>| {
            f.write_str(what)?;
            optional(f, " ", scope)?;
            optional(f, " ", like)
        };
        match self {
            Show::Catalogs(like) => listed("CATALOGS", None, like.as_ref()),
            Show::CurrentCatalog => listed("CURRENT CATALOG", None, None),
            Show::CurrentDatabase => listed("CURRENT DATABASE", None, None),
            Show::Databases { scope, like } => listed("DATABASES", scope.as_ref(), like.as_ref()),
            Show::Tables { scope, like } => listed("TABLES", scope.as_ref(), like.as_ref()),
            Show::Views { scope, like } => listed("VIEWS", scope.as_ref(), like.as_ref()),
            Show::MaterializedTables { scope, like } => listed("MATERIALIZED TABLES", scope.as_ref(), like.as_ref()),
            Show::Models { scope, like } => listed("MODELS", scope.as_ref(), like.as_ref()),
            Show::Connections { scope, like } => listed("CONNECTIONS", scope.as_ref(), like.as_ref()),
            Show::Functions { user: true, scope, like } => listed("USER FUNCTIONS", scope.as_ref(), like.as_ref()),
            Show::Functions { user: false, scope, like } => listed("FUNCTIONS", scope.as_ref(), like.as_ref()),
            Show::Procedures { scope, like } => listed("PROCEDURES", scope.as_ref(), like.as_ref()),
            Show::Columns { table, like } => listed("COLUMNS", Some(table), like.as_ref()),
            Show::Partitions { table, partition } => {
                write!(f, "PARTITIONS {table}")?;
                optional(f, " ", partition.as_ref())
            }
            Show::Modules { full: true } => listed("FULL MODULES", None, None),
            Show::Modules { full: false } => listed("MODULES", None, None),
            Show::Jars => listed("JARS", None, None),
            Show::Jobs => listed("JOBS", None, None),
            Show::Create { kind, name } => write!(f, "CREATE {} {name}", kind.sql()),
        }
    }
}

impl Display for ShowScope {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let word = match self.word {
            ScopeWord::From => "FROM",
            ScopeWord::In => "IN",
        };
        write!(f, "{word} {}", self.name)
    }
}

impl Display for ShowLike {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let not = if self.negated { "NOT " } else { "" };
        write!(f, "{not}{} {}", if self.case_insensitive { "ILIKE" } else { "LIKE" }, self.pattern)
    }
}

/// Without DESCRIBE.
impl Display for Describe {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let extended_word = |extended: &bool| if *extended { "EXTENDED " } else { "" };
        match self {
            Describe::Table { extended, name } => write!(f, "{}{name}", extended_word(extended)),
            Describe::Object { kind, extended, name } => write!(f, "{} {}{name}", kind.sql(), extended_word(extended)),
            Describe::Job(id) => write!(f, "JOB {id}"),
        }
    }
}
