//! Expressions.

use super::query::Query;
use super::{DataType, Ident, ObjectName, Span};

#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    Literal(Literal),
    /// `a`, `t.a`, `t.a.b`: columns, qualified columns and row fields look alike until names are resolved.
    Path(Vec<Ident>),
    /// `operand.field` where the operand is not a path: `f(x).a`, `arr[1].a`, `(r).a`.
    Field {
        operand: Box<Expr>,
        field: Ident,
    },
    /// `operand[index]` of an array, map, row or variant.
    Subscript {
        operand: Box<Expr>,
        index: Box<Expr>,
    },
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        left: Box<Expr>,
        op: BinaryOp,
        right: Box<Expr>,
    },
    /// `left op {ANY|SOME|ALL} (query or list)`
    Quantified {
        left: Box<Expr>,
        op: BinaryOp,
        quantifier: Quantifier,
        right: QuantifiedRight,
    },
    /// `operand IS [NOT] {NULL|TRUE|FALSE|UNKNOWN|JSON ..}`
    Is {
        operand: Box<Expr>,
        test: IsTest,
        negated: bool,
    },
    /// `left IS [NOT] DISTINCT FROM right`
    IsDistinctFrom {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
    },
    Between {
        operand: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        symmetric: bool,
        negated: bool,
    },
    Like {
        operand: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
        kind: LikeKind,
        negated: bool,
    },
    InList {
        operand: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    InQuery {
        operand: Box<Expr>,
        query: Box<Query>,
        negated: bool,
    },
    Exists(Box<Query>),
    /// A query used as a value: one row, one column.
    ScalarQuery(Box<Query>),
    Case {
        /// `CASE operand WHEN value ..`; `None` for `CASE WHEN condition ..`.
        operand: Option<Box<Expr>>,
        branches: Vec<CaseBranch>,
        otherwise: Option<Box<Expr>>,
    },
    Cast {
        operand: Box<Expr>,
        data_type: DataType,
        /// TRY_CAST: NULL where CAST fails.
        lenient: bool,
    },
    /// Every function without a grammar of its own; also SUBSTRING, OVERLAY, POSITION, CEIL and FLOOR of numbers,
    /// whose special forms are turned into plain arguments: `OVERLAY(s PLACING r FROM i FOR n)` is
    /// `OVERLAY(s, r, i, n)`, `POSITION(a IN b FROM i)` is `POSITION(a, b, i)`.
    Function(Box<FunctionCall>),
    Extract {
        unit: TimeUnit,
        operand: Box<Expr>,
    },
    /// `FLOOR(operand TO unit)`, `CEIL(operand TO unit)`
    RoundTime {
        direction: RoundDirection,
        operand: Box<Expr>,
        unit: TimeUnit,
    },
    /// `TRIM([side] [characters FROM] operand)`
    Trim {
        side: TrimSide,
        characters: Option<Box<Expr>>,
        operand: Box<Expr>,
    },
    /// `TIMESTAMPADD(unit, count, operand)`
    TimestampAdd {
        unit: TimeUnit,
        count: Box<Expr>,
        operand: Box<Expr>,
    },
    /// `TIMESTAMPDIFF(unit, start, end)`
    TimestampDiff {
        unit: TimeUnit,
        start: Box<Expr>,
        end: Box<Expr>,
    },
    /// `(left - right) DAY TO SECOND`: the distance of two points in time as an interval.
    DatetimeMinus {
        left: Box<Expr>,
        right: Box<Expr>,
        qualifier: IntervalQualifier,
    },
    JsonExists {
        json: Box<Expr>,
        path: Box<Expr>,
        /// One of True, False, Unknown, Error.
        on_error: Option<JsonBehavior>,
    },
    JsonValue {
        json: Box<Expr>,
        path: Box<Expr>,
        returning: Option<DataType>,
        on_empty: Option<JsonBehavior>,
        on_error: Option<JsonBehavior>,
    },
    JsonQuery {
        json: Box<Expr>,
        path: Box<Expr>,
        returning: Option<DataType>,
        wrapper: Option<JsonWrapper>,
        on_empty: Option<JsonBehavior>,
        on_error: Option<JsonBehavior>,
    },
    JsonObject {
        pairs: Vec<JsonPair>,
        /// Default: NULL ON NULL.
        on_null: Option<JsonAbsent>,
    },
    JsonArray {
        elements: Vec<JsonEncoded>,
        /// Default: ABSENT ON NULL.
        on_null: Option<JsonAbsent>,
    },
    /// An aggregate; FILTER may follow.
    JsonObjectAgg {
        pair: Box<JsonPair>,
        on_null: Option<JsonAbsent>,
        filter: Option<Box<Expr>>,
    },
    JsonArrayAgg {
        element: Box<JsonEncoded>,
        order_by: Vec<OrderItem>,
        on_null: Option<JsonAbsent>,
        filter: Option<Box<Expr>>,
    },
    /// `ROW(a, b)`, or `(a, b)` without the keyword.
    Row {
        items: Vec<Expr>,
        keyword: bool,
    },
    /// `ARRAY[a, b]`
    Array(Vec<Expr>),
    /// `ARRAY(query)`
    ArrayQuery(Box<Query>),
    /// `MAP[k, v, ...]`, as pairs.
    Map(Vec<(Expr, Expr)>),
    MapQuery(Box<Query>),
    /// `MULTISET[a, b]`
    Multiset(Vec<Expr>),
    MultisetQuery(Box<Query>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Null,
    Boolean(bool),
    /// The boolean literal UNKNOWN.
    Unknown,
    /// Digits only, as written: INT, or BIGINT if larger.
    Integer(String),
    /// Digits with a point: DECIMAL.
    Decimal(String),
    /// With an exponent: DOUBLE.
    Approximate(String),
    /// Escapes resolved.
    String(String),
    /// `X'AF'`
    Binary(Vec<u8>),
    /// `DATE 'text'`; the text is not checked yet, nor those below.
    Date(String),
    Time(String),
    Timestamp(String),
    /// `TIMESTAMP WITH LOCAL TIME ZONE 'text'`
    TimestampLtz(String),
    /// `INTERVAL [-] 'text' qualifier`. `INTERVAL n DAY` with a number or expression is read as
    /// `n * INTERVAL '1' DAY`.
    Interval {
        negative: bool,
        text: String,
        qualifier: IntervalQualifier,
    },
}

/// `DAY`, `DAY(3)`, `DAY(3) TO SECOND(6)`, `SECOND(2, 6)`
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalQualifier {
    /// Singular: `DAYS` is Day.
    pub start: TimeUnit,
    pub leading_precision: Option<u32>,
    pub end: Option<TimeUnit>,
    pub fractional_precision: Option<u32>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    Nanosecond,
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    /// Sunday = 1
    Dow,
    /// Monday = 1
    IsoDow,
    Doy,
    IsoYear,
    Epoch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Plus,
    Minus,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Or,
    And,
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
    Plus,
    Minus,
    Multiply,
    Divide,
    /// `%`
    Modulo,
    /// `||`
    Concat,
    /// Period predicate; both sides are rows of two.
    Overlaps,
    Contains,
    Equals,
    Precedes,
    Succeeds,
    ImmediatelyPrecedes,
    ImmediatelySucceeds,
    MemberOf,
    SubmultisetOf,
    MultisetUnion {
        all: bool,
    },
    MultisetIntersect {
        all: bool,
    },
    MultisetExcept {
        all: bool,
    },
}

impl BinaryOp {
    pub fn precedence(self) -> u8 {
        use BinaryOp::*;
        match self {
            MultisetUnion { .. } | MultisetExcept { .. } => precedence::MULTISET_UNION,
            MultisetIntersect { .. } => precedence::MULTISET_INTERSECT,
            Or => precedence::OR,
            And => precedence::AND,
            Eq | NotEq | Lt | LtEq | Gt | GtEq => precedence::COMPARISON,
            Overlaps | Contains | Equals | Precedes | Succeeds | ImmediatelyPrecedes | ImmediatelySucceeds => {
                precedence::COMPARISON
            }
            MemberOf | SubmultisetOf => precedence::COMPARISON,
            Plus | Minus => precedence::SUM,
            Multiply | Divide | Modulo | Concat => precedence::PRODUCT,
        }
    }

    pub fn sql(self) -> &'static str {
        use BinaryOp::*;
        match self {
            Or => "OR",
            And => "AND",
            Eq => "=",
            NotEq => "<>",
            Lt => "<",
            LtEq => "<=",
            Gt => ">",
            GtEq => ">=",
            Plus => "+",
            Minus => "-",
            Multiply => "*",
            Divide => "/",
            Modulo => "%",
            Concat => "||",
            Overlaps => "OVERLAPS",
            Contains => "CONTAINS",
            Equals => "EQUALS",
            Precedes => "PRECEDES",
            Succeeds => "SUCCEEDS",
            ImmediatelyPrecedes => "IMMEDIATELY PRECEDES",
            ImmediatelySucceeds => "IMMEDIATELY SUCCEEDS",
            MemberOf => "MEMBER OF",
            SubmultisetOf => "SUBMULTISET OF",
            MultisetUnion { all: true } => "MULTISET UNION ALL",
            MultisetUnion { all: false } => "MULTISET UNION DISTINCT",
            MultisetIntersect { all: true } => "MULTISET INTERSECT ALL",
            MultisetIntersect { all: false } => "MULTISET INTERSECT DISTINCT",
            MultisetExcept { all: true } => "MULTISET EXCEPT ALL",
            MultisetExcept { all: false } => "MULTISET EXCEPT DISTINCT",
        }
    }
}

/// How tightly operators bind: the larger the tighter. The numbers are Calcite's, which differ from other dialects:
/// `||` binds as tightly as `*`, IS NULL more loosely than `=`, and MULTISET UNION more loosely than OR.
pub mod precedence {
    pub const MULTISET_UNION: u8 = 14;
    pub const MULTISET_INTERSECT: u8 = 18;
    pub const OR: u8 = 22;
    pub const AND: u8 = 24;
    pub const NOT: u8 = 26;
    /// IS NULL and its like.
    pub const IS: u8 = 28;
    pub const COMPARISON: u8 = 30;
    /// BETWEEN, IN, LIKE, SIMILAR TO
    pub const MATCHING: u8 = 32;
    pub const SUM: u8 = 40;
    pub const PRODUCT: u8 = 60;
    /// The sign of a number.
    pub const SIGN: u8 = 80;
    /// Whatever needs no parentheses anywhere.
    pub const PRIMARY: u8 = 100;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// ANY and SOME.
    Any,
    All,
}

#[derive(Clone, Debug, PartialEq)]
pub enum QuantifiedRight {
    Query(Box<Query>),
    List(Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsTest {
    Null,
    True,
    False,
    Unknown,
    /// IS JSON [VALUE|OBJECT|ARRAY|SCALAR]
    Json(JsonKind),
    /// IS A SET
    ASet,
    Empty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonKind {
    Value,
    Object,
    Array,
    Scalar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LikeKind {
    Like,
    SimilarTo,
    /// Parses in Flink, then no such function is found.
    ILike,
    RLike,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CaseBranch {
    /// A condition, or with an operand the values it is compared with: `WHEN 1, 2 THEN`.
    pub when: Vec<Expr>,
    pub then: Expr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundDirection {
    Floor,
    Ceil,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrimSide {
    Both,
    Leading,
    Trailing,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FunctionCall {
    /// As written; built-in functions are found whatever the case.
    pub name: ObjectName,
    pub args: Vec<FunctionArg>,
    /// False for `CURRENT_DATE` and its like, which take no parentheses.
    pub parentheses: bool,
    /// `COUNT(DISTINCT x)`
    pub distinct: bool,
    /// `ARRAY_AGG(x ORDER BY y)`
    pub order_by: Vec<OrderItem>,
    /// IGNORE NULLS, RESPECT NULLS.
    pub nulls: Option<NullTreatment>,
    pub within_group: Vec<OrderItem>,
    pub filter: Option<Expr>,
    pub over: Option<WindowRef>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FunctionArg {
    /// `name => value`
    pub name: Option<Ident>,
    pub value: FunctionArgValue,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FunctionArgValue {
    Expr(Expr),
    /// `COUNT(*)`
    Star,
    /// DEFAULT: the optional argument is left out.
    Default,
    /// `TABLE t PARTITION BY .. ORDER BY ..`
    Table(TableArg),
    /// `DESCRIPTOR(a, b)`
    Descriptor(Vec<Ident>),
    /// `MODEL m`
    Model(ObjectName),
}

#[derive(Clone, Debug, PartialEq)]
pub struct TableArg {
    pub source: TableArgSource,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<OrderItem>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TableArgSource {
    Name(ObjectName),
    Query(Box<Query>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullTreatment {
    Ignore,
    Respect,
}

/// `e [ASC|DESC] [NULLS FIRST|LAST]`
#[derive(Clone, Debug, PartialEq)]
pub struct OrderItem {
    pub expr: Expr,
    pub descending: bool,
    /// `None`: NULLs are the smallest values (first ascending, last descending).
    pub nulls_first: Option<bool>,
    pub span: Span,
}

/// What follows OVER.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowRef {
    Name(Ident),
    Spec(WindowSpec),
}

#[derive(Clone, Debug, PartialEq)]
pub struct WindowSpec {
    /// `(w ORDER BY ..)` refines the named window.
    pub base: Option<Ident>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<OrderItem>,
    pub frame: Option<WindowFrame>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct WindowFrame {
    pub unit: FrameUnit,
    pub start: FrameBound,
    /// `None` without BETWEEN: up to the current row.
    pub end: Option<FrameBound>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameUnit {
    Rows,
    Range,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Box<Expr>),
    CurrentRow,
    Following(Box<Expr>),
    UnboundedFollowing,
}

/// What a JSON function does ON EMPTY or ON ERROR.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonBehavior {
    Error,
    Null,
    True,
    False,
    Unknown,
    EmptyArray,
    EmptyObject,
    Default(Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonWrapper {
    Without,
    Conditional,
    Unconditional,
}

/// NULL ON NULL or ABSENT ON NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonAbsent {
    Null,
    Absent,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JsonPair {
    pub key: Expr,
    pub value: JsonEncoded,
}

/// A value that goes into a JSON text; `FORMAT JSON` says that it is JSON already.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonEncoded {
    pub value: Expr,
    pub format_json: bool,
}
