//! Statements.

use super::expr::{Expr, FunctionCall, IntervalQualifier, Literal};
use super::query::{Hint, Query};
use super::{DataType, Ident, ObjectName, OptionPair, Span, StringLiteral};

#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub kind: StatementKind,
    /// Without the `;`.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    Query(Query),
    Insert(Insert),
    /// `EXECUTE STATEMENT SET BEGIN insert; ... END`
    StatementSet(Vec<Insert>),
    /// `BEGIN STATEMENT SET`: the inserts that follow as statements, up to `END`, are one job.
    BeginStatementSet,
    /// `END`
    EndStatementSet,
    Explain(Explain),

    CreateTable(CreateTable),
    CreateView(CreateView),
    CreateCatalog(CreateCatalog),
    CreateDatabase(CreateDatabase),
    CreateFunction(CreateFunction),
    CreateModel(CreateModel),
    CreateConnection(CreateConnection),
    CreateMaterializedTable(CreateMaterializedTable),

    AlterTable(AlterTable),
    AlterView {
        name: ObjectName,
        action: AlterViewAction,
    },
    AlterCatalog {
        name: Ident,
        action: AlterCatalogAction,
    },
    AlterDatabase {
        name: ObjectName,
        options: Vec<OptionPair>,
    },
    AlterFunction(AlterFunction),
    AlterModel {
        name: ObjectName,
        if_exists: bool,
        action: AlterObjectAction,
    },
    AlterConnection {
        name: ObjectName,
        if_exists: bool,
        action: AlterObjectAction,
    },
    AlterMaterializedTable {
        name: ObjectName,
        action: AlterMaterializedTableAction,
    },

    Drop(DropObject),

    UseCatalog(Ident),
    UseDatabase(ObjectName),
    UseModules(Vec<Ident>),
    LoadModule {
        name: Ident,
        options: Vec<OptionPair>,
    },
    UnloadModule(Ident),

    Show(Show),
    Describe(Describe),

    /// `SET 'key' = 'value'`
    Set(OptionPair),
    /// `SET`: list all.
    SetList,
    /// `RESET` or `RESET 'key'`
    Reset(Option<StringLiteral>),
    Client(ClientCommand),
    AddJar(StringLiteral),
    RemoveJar(StringLiteral),
    StopJob {
        id: StringLiteral,
        savepoint: bool,
        drain: bool,
    },

    Update(Update),
    Delete {
        table: ObjectName,
        alias: Option<Ident>,
        filter: Option<Expr>,
    },
    TruncateTable(ObjectName),
    AnalyzeTable(AnalyzeTable),
    /// `CALL procedure(args)`
    Call(Box<FunctionCall>),

    /// `COMPILE PLAN 'path' [IF NOT EXISTS] FOR ..`
    CompilePlan {
        path: StringLiteral,
        if_not_exists: bool,
        statement: Box<Statement>,
    },
    /// `EXECUTE PLAN 'path'`
    ExecutePlan(StringLiteral),
    /// `COMPILE AND EXECUTE PLAN 'path' FOR ..`
    CompileAndExecutePlan {
        path: StringLiteral,
        statement: Box<Statement>,
    },
}

/// `INSERT INTO t [hints] [PARTITION (..)] [(columns)] source [ON CONFLICT ..]`
#[derive(Clone, Debug, PartialEq)]
pub struct Insert {
    pub overwrite: bool,
    pub table: ObjectName,
    pub hints: Vec<Hint>,
    pub partition: Vec<PartitionValue>,
    /// Empty when not given.
    pub columns: Vec<ObjectName>,
    pub source: Query,
    pub on_conflict: Option<OnConflict>,
    pub span: Span,
}

/// `column [= literal]`
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionValue {
    pub column: Ident,
    /// Only ANALYZE TABLE may leave it out.
    pub value: Option<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    Nothing,
    Error,
    Deduplicate,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Explain {
    pub details: Vec<ExplainDetail>,
    pub statement: Box<Statement>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExplainDetail {
    EstimatedCost,
    ChangelogMode,
    JsonExecutionPlan,
    PlanAdvice,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateTable {
    pub mode: CreateTableMode,
    pub temporary: bool,
    pub if_not_exists: bool,
    pub name: ObjectName,
    pub schema: TableSchema,
    pub comment: Option<StringLiteral>,
    pub distribution: Option<Distribution>,
    pub partitioned_by: Vec<Ident>,
    pub options: Vec<OptionPair>,
    pub like: Option<TableLike>,
    /// CREATE TABLE .. AS query
    pub query: Option<Query>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateTableMode {
    Create,
    CreateOrReplace,
    Replace,
}

/// What stands between the parentheses.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TableSchema {
    pub columns: Vec<ColumnDef>,
    /// Bare names, which only reorder the columns of AS query.
    pub column_names: Vec<Ident>,
    pub watermarks: Vec<Watermark>,
    /// Of the table; a column's own one is in [`ColumnDef::constraint`].
    pub constraints: Vec<TableConstraint>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDef {
    pub name: Ident,
    pub kind: ColumnKind,
    /// `col type PRIMARY KEY NOT ENFORCED`, its `columns` holding this column.
    pub constraint: Option<TableConstraint>,
    pub comment: Option<StringLiteral>,
    /// Of ALTER TABLE alone.
    pub position: Option<ColumnPosition>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ColumnKind {
    Physical(DataType),
    /// `col type METADATA [FROM 'key'] [VIRTUAL]`
    Metadata {
        data_type: DataType,
        key: Option<StringLiteral>,
        is_virtual: bool,
    },
    /// `col AS expr`
    Computed(Expr),
}

#[derive(Clone, Debug, PartialEq)]
pub enum ColumnPosition {
    First,
    After(Ident),
}

/// `WATERMARK FOR column AS expr`
#[derive(Clone, Debug, PartialEq)]
pub struct Watermark {
    pub column: ObjectName,
    pub expr: Expr,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TableConstraint {
    pub name: Option<Ident>,
    pub kind: ConstraintKind,
    pub columns: Vec<Ident>,
    /// NOT ENFORCED is Some(false); said nothing is None. Only Some(false) is accepted by Flink's validation.
    pub enforced: Option<bool>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    PrimaryKey,
    /// Parses, Flink rejects it later.
    Unique,
}

/// `DISTRIBUTED BY [HASH|RANGE] (columns) [INTO n BUCKETS]` or `DISTRIBUTED INTO n BUCKETS`
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    pub kind: Option<DistributionKind>,
    pub columns: Vec<Ident>,
    pub buckets: Option<u32>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistributionKind {
    Hash,
    Range,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TableLike {
    pub table: ObjectName,
    pub options: Vec<LikeOption>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LikeOption {
    pub strategy: MergeStrategy,
    pub feature: LikeFeature,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeStrategy {
    Including,
    Excluding,
    Overwriting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LikeFeature {
    All,
    Constraints,
    Distribution,
    Generated,
    Metadata,
    Options,
    Partitions,
    Watermarks,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateView {
    pub or_replace: bool,
    pub temporary: bool,
    pub if_not_exists: bool,
    pub name: ObjectName,
    pub columns: Vec<Ident>,
    pub comment: Option<StringLiteral>,
    pub query: Query,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateCatalog {
    pub if_not_exists: bool,
    pub name: Ident,
    pub comment: Option<StringLiteral>,
    pub options: Vec<OptionPair>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateDatabase {
    pub if_not_exists: bool,
    pub name: ObjectName,
    pub comment: Option<StringLiteral>,
    pub options: Vec<OptionPair>,
}

/// Whether an object lives in a catalog or in the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    Catalog,
    Temporary,
    TemporarySystem,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateFunction {
    pub lifetime: Lifetime,
    pub if_not_exists: bool,
    pub name: ObjectName,
    pub definition: FunctionDefinition,
    pub resources: Vec<FunctionResource>,
    pub options: Vec<OptionPair>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FunctionDefinition {
    /// `AS 'class' [LANGUAGE ..]`, or what other languages have for a class.
    Class { class: StringLiteral, language: Option<FunctionLanguage> },
    /// `(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)'`: Flitz's own.
    Sql(Box<SqlFunction>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct SqlFunction {
    pub params: Vec<FunctionParam>,
    pub returns: DataType,
    pub text: StringLiteral,
    /// What the text says; its spans lie within the literal.
    pub body: Expr,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FunctionParam {
    pub name: Ident,
    pub data_type: DataType,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionLanguage {
    Java,
    Scala,
    Sql,
    Python,
}

/// `USING JAR 'uri'`
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionResource {
    pub kind: ResourceKind,
    pub uri: StringLiteral,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceKind {
    Jar,
    File,
    Artifact,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateModel {
    pub temporary: bool,
    pub if_not_exists: bool,
    pub name: ObjectName,
    pub input: Vec<ColumnDef>,
    pub output: Vec<ColumnDef>,
    pub comment: Option<StringLiteral>,
    pub options: Vec<OptionPair>,
    pub query: Option<Query>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateConnection {
    pub lifetime: Lifetime,
    pub if_not_exists: bool,
    pub name: ObjectName,
    pub comment: Option<StringLiteral>,
    pub options: Vec<OptionPair>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateMaterializedTable {
    pub or_alter: bool,
    pub name: ObjectName,
    pub schema: TableSchema,
    pub comment: Option<StringLiteral>,
    pub distribution: Option<Distribution>,
    pub partitioned_by: Vec<Ident>,
    pub options: Vec<OptionPair>,
    pub start_mode: Option<StartMode>,
    /// An interval literal.
    pub freshness: Option<Freshness>,
    pub refresh_mode: Option<RefreshMode>,
    pub query: Query,
}

/// `INTERVAL 'n' unit`
#[derive(Clone, Debug, PartialEq)]
pub struct Freshness {
    pub text: StringLiteral,
    pub qualifier: IntervalQualifier,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StartMode {
    FromBeginning,
    FromNow(Option<Freshness>),
    FromTimestamp(Box<Literal>),
    ResumeOrFromBeginning,
    ResumeOrFromNow(Option<Freshness>),
    ResumeOrFromTimestamp(Box<Literal>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshMode {
    Continuous,
    Full,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AlterTable {
    pub if_exists: bool,
    pub name: ObjectName,
    pub action: AlterTableAction,
}

#[derive(Clone, Debug, PartialEq)]
pub enum AlterTableAction {
    /// Columns, at most one watermark, at most one constraint.
    Add(TableSchema),
    AddDistribution(Distribution),
    AddPartitions {
        if_not_exists: bool,
        partitions: Vec<PartitionSpec>,
    },
    Modify(TableSchema),
    ModifyDistribution(Distribution),
    DropColumns(Vec<ObjectName>),
    DropPrimaryKey,
    DropConstraint(Ident),
    DropWatermark,
    DropDistribution,
    DropPartitions {
        if_exists: bool,
        partitions: Vec<PartitionSpec>,
    },
    RenameTo(ObjectName),
    RenameColumn {
        from: ObjectName,
        to: Ident,
    },
    Set(Vec<OptionPair>),
    Reset(Vec<StringLiteral>),
}

/// `PARTITION (k = 'v', ..) [WITH (..)]`
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionSpec {
    pub values: Vec<PartitionValue>,
    pub options: Vec<OptionPair>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum AlterViewAction {
    RenameTo(ObjectName),
    As(Query),
}

#[derive(Clone, Debug, PartialEq)]
pub enum AlterCatalogAction {
    Set(Vec<OptionPair>),
    Reset(Vec<StringLiteral>),
    Comment(StringLiteral),
}

/// Of models and connections.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterObjectAction {
    Set(Vec<OptionPair>),
    Reset(Vec<StringLiteral>),
    RenameTo(ObjectName),
}

#[derive(Clone, Debug, PartialEq)]
pub struct AlterFunction {
    pub lifetime: Lifetime,
    pub if_exists: bool,
    pub name: ObjectName,
    pub definition: FunctionDefinition,
}

#[derive(Clone, Debug, PartialEq)]
pub enum AlterMaterializedTableAction {
    Suspend,
    Resume(Vec<OptionPair>),
    Refresh(Option<PartitionSpec>),
    As(Query),
    Set(Vec<OptionPair>),
    Reset(Vec<StringLiteral>),
    SetFreshness(Freshness),
    SetRefreshMode(RefreshMode),
    Add(TableSchema),
    Modify(TableSchema),
    AddDistribution(Distribution),
    ModifyDistribution(Distribution),
    DropDistribution,
    DropColumns(Vec<ObjectName>),
    DropPrimaryKey,
    DropConstraint(Ident),
    DropWatermark,
}

/// `DROP kind [IF EXISTS] name`
#[derive(Clone, Debug, PartialEq)]
pub struct DropObject {
    pub kind: ObjectKind,
    pub lifetime: Lifetime,
    pub if_exists: bool,
    pub name: ObjectName,
    /// Of databases alone.
    pub cascade: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    Catalog,
    Database,
    Table,
    MaterializedTable,
    View,
    Function,
    Model,
    Connection,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Show {
    Catalogs(Option<ShowLike>),
    CurrentCatalog,
    CurrentDatabase,
    Databases { scope: Option<ShowScope>, like: Option<ShowLike> },
    Tables { scope: Option<ShowScope>, like: Option<ShowLike> },
    Views { scope: Option<ShowScope>, like: Option<ShowLike> },
    MaterializedTables { scope: Option<ShowScope>, like: Option<ShowLike> },
    Models { scope: Option<ShowScope>, like: Option<ShowLike> },
    Connections { scope: Option<ShowScope>, like: Option<ShowLike> },
    Functions { user: bool, scope: Option<ShowScope>, like: Option<ShowLike> },
    Procedures { scope: Option<ShowScope>, like: Option<ShowLike> },
    Columns { table: ShowScope, like: Option<ShowLike> },
    Partitions { table: ObjectName, partition: Option<PartitionSpec> },
    Modules { full: bool },
    Jars,
    Jobs,
    Create { kind: ObjectKind, name: ObjectName },
}

/// `{FROM|IN} name`
#[derive(Clone, Debug, PartialEq)]
pub struct ShowScope {
    /// The word matters for printing alone.
    pub word: ScopeWord,
    pub name: ObjectName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeWord {
    From,
    In,
}

/// `[NOT] {LIKE|ILIKE} 'pattern'`
#[derive(Clone, Debug, PartialEq)]
pub struct ShowLike {
    pub negated: bool,
    pub case_insensitive: bool,
    pub pattern: StringLiteral,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Describe {
    /// Tables, views and materialized tables.
    Table {
        extended: bool,
        name: ObjectName,
    },
    Object {
        kind: ObjectKind,
        extended: bool,
        name: ObjectName,
    },
    Job(StringLiteral),
}

/// What a client does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCommand {
    /// `QUIT` or `EXIT`
    Quit,
    /// `HELP`
    Help,
    /// `CLEAR`
    Clear,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    pub table: ObjectName,
    pub alias: Option<Ident>,
    pub assignments: Vec<(ObjectName, Expr)>,
    pub filter: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AnalyzeTable {
    pub table: ObjectName,
    pub partition: Vec<PartitionValue>,
    pub columns: AnalyzeColumns,
}

#[derive(Clone, Debug, PartialEq)]
pub enum AnalyzeColumns {
    None,
    All,
    Some(Vec<Ident>),
}
