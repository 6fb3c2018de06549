//! Expressions as SQL.

use std::fmt::{self, Display, Formatter};

use super::{commas, optional, quoted};
use crate::ast::precedence::{AND, COMPARISON, IS, MATCHING, NOT, PRIMARY, SIGN, SUM};
use crate::ast::{
    CaseBranch, Expr, ExprKind, FrameBound, FrameUnit, FunctionArg, FunctionArgValue, FunctionCall, IsTest, JsonAbsent,
    JsonBehavior, JsonEncoded, JsonKind, JsonPair, JsonWrapper, LikeKind, Literal, NullTreatment, OrderItem,
    QuantifiedRight, Quantifier, RoundDirection, TableArg, TableArgSource, TimeUnit, TrimSide, UnaryOp, WindowFrame,
    WindowRef, WindowSpec,
};
use crate::parser::keywords;

impl Expr {
    /// How tightly the outermost operator binds.
    fn precedence(&self) -> u8 {
        match &self.kind {
            ExprKind::Unary { op: UnaryOp::Not, .. } => NOT,
            ExprKind::Unary { .. } => SIGN,
            ExprKind::Binary { op, .. } | ExprKind::Quantified { op, .. } => op.precedence(),
            ExprKind::Is { .. } | ExprKind::IsDistinctFrom { .. } => IS,
            ExprKind::Between { .. } | ExprKind::Like { .. } | ExprKind::InList { .. } | ExprKind::InQuery { .. } => {
                MATCHING
            }
            _ => PRIMARY,
        }
    }

    /// In a place where only operators of this precedence and above may stand without parentheses.
    fn above(&self, min: u8) -> Above<'_> {
        Above(self, min)
    }

    /// In front of `.field` or `[index]`.
    fn before_postfix(&self, subscript: bool) -> Above<'_> {
        let plain = match &self.kind {
            ExprKind::Subscript { .. } | ExprKind::Field { .. } | ExprKind::Array(_) | ExprKind::Map(_) => true,
            ExprKind::Function(call) => call.parentheses && call.over.is_none(),
            // `a` and `.b` would become the one path `a.b`.
            ExprKind::Path(_) => subscript,
            _ => false,
        };
        Above(self, if plain { 0 } else { u8::MAX })
    }
}

struct Above<'a>(&'a Expr, u8);

impl Display for Above<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.precedence() >= self.1 { self.0.fmt(f) } else { write!(f, "({})", self.0) }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Literal(literal) => literal.fmt(f),
            ExprKind::Path(parts) => super::List(parts, ".").fmt(f),
            ExprKind::Field { operand, field } => write!(f, "{}.{field}", operand.before_postfix(false)),
            ExprKind::Subscript { operand, index } => write!(f, "{}[{index}]", operand.before_postfix(true)),
            ExprKind::Unary { op, operand } => unary(f, *op, operand),
            ExprKind::Binary { left, op, right } => {
                let precedence = op.precedence();
                write!(f, "{} {} {}", left.above(precedence), op.sql(), right.above(precedence + 1))
            }
            ExprKind::Quantified { left, op, quantifier, right } => {
                let quantifier = match quantifier {
                    Quantifier::Any => "ANY",
                    Quantifier::All => "ALL",
                };
                write!(f, "{} {} {quantifier} ", left.above(op.precedence()), op.sql())?;
                match right {
                    QuantifiedRight::Query(query) => write!(f, "({query})"),
                    QuantifiedRight::List(list) => write!(f, "({})", commas(list)),
                }
            }
            ExprKind::Is { operand, test, negated } => {
                write!(f, "{} IS {}{}", operand.above(IS), not(*negated), test.sql())
            }
            ExprKind::IsDistinctFrom { left, right, negated } => {
                write!(f, "{} IS {}DISTINCT FROM {}", left.above(IS), not(*negated), right.above(COMPARISON + 1))
            }
            ExprKind::Between { operand, low, high, symmetric, negated } => {
                let symmetric = if *symmetric { "SYMMETRIC " } else { "" };
                let operand = operand.above(MATCHING);
                let (low, high) = (low.above(AND + 1), high.above(MATCHING + 1));
                write!(f, "{operand} {}BETWEEN {symmetric}{low} AND {high}", not(*negated))
            }
            ExprKind::Like { operand, pattern, escape, kind, negated } => {
                let operator = match kind {
                    LikeKind::Like => "LIKE",
                    LikeKind::SimilarTo => "SIMILAR TO",
                    LikeKind::ILike => "ILIKE",
                    LikeKind::RLike => "RLIKE",
                };
                let (operand, pattern) = (operand.above(MATCHING), pattern.above(MATCHING + 1));
                write!(f, "{operand} {}{operator} {pattern}", not(*negated))?;
                optional(f, " ESCAPE ", escape.as_ref().map(|escape| escape.above(MATCHING + 1)).as_ref())
            }
            ExprKind::InList { operand, list, negated } => {
                write!(f, "{} {}IN ({})", operand.above(MATCHING), not(*negated), commas(list))
            }
            ExprKind::InQuery { operand, query, negated } => {
                write!(f, "{} {}IN ({query})", operand.above(MATCHING), not(*negated))
            }
            ExprKind::Exists(query) => write!(f, "EXISTS ({query})"),
            ExprKind::ScalarQuery(query) => write!(f, "({query})"),
            ExprKind::Case { operand, branches, otherwise } => {
                case(f, operand.as_deref(), branches, otherwise.as_deref())
            }
            ExprKind::Cast { operand, data_type, lenient } => {
                let function = if *lenient { "TRY_CAST" } else { "CAST" };
                write!(f, "{function}({operand} AS {data_type})")
            }
            ExprKind::Function(call) => call.fmt(f),
            ExprKind::Extract { unit, operand } => write!(f, "EXTRACT({unit} FROM {operand})"),
            ExprKind::RoundTime { direction, operand, unit } => {
                let function = match direction {
                    RoundDirection::Floor => "FLOOR",
                    RoundDirection::Ceil => "CEIL",
                };
                // An interval at the end of the operand would take the TO for its own.
                let interval = matches!(operand.kind, ExprKind::Literal(Literal::Interval { .. }));
                let min = if interval { u8::MAX } else { PRIMARY };
                write!(f, "{function}({} TO {unit})", operand.above(min))
            }
            ExprKind::Trim { side, characters, operand } => {
                let side = match side {
                    TrimSide::Both => "BOTH",
                    TrimSide::Leading => "LEADING",
                    TrimSide::Trailing => "TRAILING",
                };
                write!(f, "TRIM({side}")?;
                optional(f, " ", characters.as_ref())?;
                write!(f, " FROM {operand})")
            }
            ExprKind::TimestampAdd { unit, count, operand } => write!(f, "TIMESTAMPADD({unit}, {count}, {operand})"),
            ExprKind::TimestampDiff { unit, start, end } => write!(f, "TIMESTAMPDIFF({unit}, {start}, {end})"),
            ExprKind::DatetimeMinus { left, right, qualifier } => {
                write!(f, "({} - {}) {qualifier}", left.above(SUM), right.above(SUM + 1))
            }
            ExprKind::Row { items, keyword } => {
                write!(f, "{}({})", if *keyword { "ROW" } else { "" }, commas(items))
            }
            ExprKind::Array(items) => write!(f, "ARRAY[{}]", commas(items)),
            ExprKind::ArrayQuery(query) => write!(f, "ARRAY({query})"),
            ExprKind::Map(pairs) => {
                f.write_str("MAP[")?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key}, {value}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            ExprKind::MapQuery(query) => write!(f, "MAP({query})"),
            ExprKind::Multiset(items) => write!(f, "MULTISET[{}]", commas(items)),
            ExprKind::MultisetQuery(query) => write!(f, "MULTISET({query})"),
            _ => json(f, &self.kind),
        }
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn unary(f: &mut Formatter<'_>, op: UnaryOp, operand: &Expr) -> fmt::Result {
    let (sign, min) = match op {
        UnaryOp::Not => return write!(f, "NOT {}", operand.above(NOT)),
        UnaryOp::Minus => ("-", SIGN),
        UnaryOp::Plus => ("+", SIGN),
    };
    // Two signs without a blank would begin a comment.
    let blank = if matches!(operand.kind, ExprKind::Unary { .. }) { " " } else { "" };
    write!(f, "{sign}{blank}{}", operand.above(min))
}

fn case(
    f: &mut Formatter<'_>,
    operand: Option<&Expr>,
    branches: &[CaseBranch],
    otherwise: Option<&Expr>,
) -> fmt::Result {
    f.write_str("CASE")?;
    optional(f, " ", operand.as_ref())?;
    for branch in branches {
        write!(f, " WHEN {} THEN {}", commas(&branch.when), branch.then)?;
    }
    optional(f, " ELSE ", otherwise.as_ref())?;
    f.write_str(" END")
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let tagged = |f: &mut Formatter<'_>, tag: &str, text: &str| {
            write!(f, "{tag} ")?;
            quoted(f, text, '\'')
        };
        match self {
            Literal::Null => f.write_str("NULL"),
            Literal::Boolean(true) => f.write_str("TRUE"),
            Literal::Boolean(false) => f.write_str("FALSE"),
            Literal::Unknown => f.write_str("UNKNOWN"),
            Literal::Integer(text) | Literal::Decimal(text) | Literal::Approximate(text) => f.write_str(text),
            Literal::String(text) => quoted(f, text, '\''),
            Literal::Binary(bytes) => {
                f.write_str("X'")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02X}"))?;
                f.write_str("'")
            }
            Literal::Date(text) => tagged(f, "DATE", text),
            Literal::Time(text) => tagged(f, "TIME", text),
            Literal::Timestamp(text) => tagged(f, "TIMESTAMP", text),
            Literal::TimestampLtz(text) => tagged(f, "TIMESTAMP WITH LOCAL TIME ZONE", text),
            Literal::Interval { negative, text, qualifier } => {
                tagged(f, if *negative { "INTERVAL -" } else { "INTERVAL" }, text)?;
                write!(f, " {qualifier}")
            }
        }
    }
}

impl Display for TimeUnit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimeUnit::Nanosecond => "NANOSECOND",
            TimeUnit::Microsecond => "MICROSECOND",
            TimeUnit::Millisecond => "MILLISECOND",
            TimeUnit::Second => "SECOND",
            TimeUnit::Minute => "MINUTE",
            TimeUnit::Hour => "HOUR",
            TimeUnit::Day => "DAY",
            TimeUnit::Week => "WEEK",
            TimeUnit::Month => "MONTH",
            TimeUnit::Quarter => "QUARTER",
            TimeUnit::Year => "YEAR",
            TimeUnit::Decade => "DECADE",
            TimeUnit::Century => "CENTURY",
            TimeUnit::Millennium => "MILLENNIUM",
            TimeUnit::Dow => "DOW",
            TimeUnit::IsoDow => "ISODOW",
            TimeUnit::Doy => "DOY",
            TimeUnit::IsoYear => "ISOYEAR",
            TimeUnit::Epoch => "EPOCH",
        })
    }
}

impl IsTest {
    fn sql(self) -> &'static str {
        match self {
            IsTest::Null => "NULL",
            IsTest::True => "TRUE",
            IsTest::False => "FALSE",
            IsTest::Unknown => "UNKNOWN",
            IsTest::Json(JsonKind::Value) => "JSON VALUE",
            IsTest::Json(JsonKind::Object) => "JSON OBJECT",
            IsTest::Json(JsonKind::Array) => "JSON ARRAY",
            IsTest::Json(JsonKind::Scalar) => "JSON SCALAR",
            IsTest::ASet => "A SET",
            IsTest::Empty => "EMPTY",
        }
    }
}

// ---- functions ----

impl Display for FunctionCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.special_form(f)? {
            return Ok(());
        }
        match &self.name.parts[..] {
            [name] if keywords::is_plain_function(&name.value, self.args.len()) => f.write_str(&name.value)?,
            _ => self.name.fmt(f)?,
        }
        if self.parentheses {
            self.arguments(f)?;
        }
        self.after_arguments(f)
    }
}

impl FunctionCall {
    /// As a table function, where reserved words need back-ticks although they are names of functions.
    pub(super) fn as_table(&self) -> impl Display + '_ {
        struct AsTable<'a>(&'a FunctionCall);
        impl Display for AsTable<'_> {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                self.0.name.fmt(f)?;
                self.0.arguments(f)?;
                self.0.after_arguments(f)
            }
        }
        AsTable(self)
    }

    fn arguments(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "({}{}", if self.distinct { "DISTINCT " } else { "" }, commas(&self.args))?;
        if !self.order_by.is_empty() {
            write!(f, " ORDER BY {}", commas(&self.order_by))?;
        }
        f.write_str(")")
    }

    fn after_arguments(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.nulls {
            Some(NullTreatment::Ignore) => f.write_str(" IGNORE NULLS")?,
            Some(NullTreatment::Respect) => f.write_str(" RESPECT NULLS")?,
            None => {}
        }
        if !self.within_group.is_empty() {
            write!(f, " WITHIN GROUP (ORDER BY {})", commas(&self.within_group))?;
        }
        if let Some(filter) = &self.filter {
            write!(f, " FILTER (WHERE {filter})")?;
        }
        optional(f, " OVER ", self.over.as_ref())
    }

    /// `POSITION(a IN b)` and `OVERLAY(a PLACING b FROM c)` parse in no other way.
    fn special_form(&self, f: &mut Formatter<'_>) -> Result<bool, fmt::Error> {
        let [name] = &self.name.parts[..] else { return Ok(false) };
        let mut args = Vec::new();
        for arg in &self.args {
            match arg {
                FunctionArg { name: None, value: FunctionArgValue::Expr(expr), .. } => args.push(expr),
                _ => return Ok(false),
            }
        }
        let suffix = self.distinct
            || !self.order_by.is_empty()
            || self.nulls.is_some()
            || !self.within_group.is_empty()
            || self.filter.is_some()
            || self.over.is_some();
        if suffix {
            return Ok(false);
        }
        if name.value.eq_ignore_ascii_case("POSITION") && matches!(args.len(), 2 | 3) {
            write!(f, "POSITION({} IN {}", args[0].above(MATCHING + 1), args[1])?;
            optional(f, " FROM ", args.get(2))?;
        } else if name.value.eq_ignore_ascii_case("OVERLAY") && matches!(args.len(), 3 | 4) {
            write!(f, "OVERLAY({} PLACING {} FROM {}", args[0], args[1], args[2])?;
            optional(f, " FOR ", args.get(3))?;
        } else {
            return Ok(false);
        }
        f.write_str(")")?;
        Ok(true)
    }
}

impl Display for FunctionArg {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name} => ")?;
        }
        match &self.value {
            FunctionArgValue::Expr(expr) => expr.fmt(f),
            FunctionArgValue::Star => f.write_str("*"),
            FunctionArgValue::Default => f.write_str("DEFAULT"),
            FunctionArgValue::Table(table) => table.fmt(f),
            FunctionArgValue::Descriptor(columns) => write!(f, "DESCRIPTOR({})", commas(columns)),
            FunctionArgValue::Model(name) => write!(f, "MODEL {name}"),
        }
    }
}

impl Display for TableArg {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.source {
            TableArgSource::Name(name) => write!(f, "TABLE {name}")?,
            TableArgSource::Query(query) => write!(f, "({query})")?,
        }
        if !self.partition_by.is_empty() {
            write!(f, " PARTITION BY ({})", commas(&self.partition_by))?;
        }
        if !self.order_by.is_empty() {
            write!(f, " ORDER BY ({})", commas(&self.order_by))?;
        }
        Ok(())
    }
}

impl Display for OrderItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.expr, if self.descending { " DESC" } else { "" })?;
        match self.nulls_first {
            Some(true) => f.write_str(" NULLS FIRST"),
            Some(false) => f.write_str(" NULLS LAST"),
            None => Ok(()),
        }
    }
}

impl Display for WindowRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            WindowRef::Name(name) => name.fmt(f),
            WindowRef::Spec(spec) => spec.fmt(f),
        }
    }
}

impl Display for WindowSpec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.base.as_ref().map(|base| base.to_string()));
        if !self.partition_by.is_empty() {
            parts.push(format!("PARTITION BY {}", commas(&self.partition_by)));
        }
        if !self.order_by.is_empty() {
            parts.push(format!("ORDER BY {}", commas(&self.order_by)));
        }
        parts.extend(self.frame.as_ref().map(|frame| frame.to_string()));
        write!(f, "({})", parts.join(" "))
    }
}

impl Display for WindowFrame {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            FrameUnit::Rows => "ROWS",
            FrameUnit::Range => "RANGE",
        };
        match &self.end {
            Some(end) => write!(f, "{unit} BETWEEN {} AND {end}", self.start),
            None => write!(f, "{unit} {}", self.start),
        }
    }
}

impl Display for FrameBound {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            FrameBound::UnboundedPreceding => f.write_str("UNBOUNDED PRECEDING"),
            FrameBound::Preceding(distance) => write!(f, "{} PRECEDING", distance.above(SUM)),
            FrameBound::CurrentRow => f.write_str("CURRENT ROW"),
            FrameBound::Following(distance) => write!(f, "{} FOLLOWING", distance.above(SUM)),
            FrameBound::UnboundedFollowing => f.write_str("UNBOUNDED FOLLOWING"),
        }
    }
}

// ---- JSON ----

fn json(f: &mut Formatter<'_>, kind: &ExprKind) -> fmt::Result {
    match kind {
        ExprKind::JsonExists { json, path, on_error } => {
            write!(f, "JSON_EXISTS({json}, {path}")?;
            behaviors(f, None, on_error.as_ref())?;
            f.write_str(")")
        }
        ExprKind::JsonValue { json, path, returning, on_empty, on_error } => {
            write!(f, "JSON_VALUE({json}, {path}")?;
            optional(f, " RETURNING ", returning.as_ref())?;
            behaviors(f, on_empty.as_ref(), on_error.as_ref())?;
            f.write_str(")")
        }
        ExprKind::JsonQuery { json, path, returning, wrapper, on_empty, on_error } => {
            write!(f, "JSON_QUERY({json}, {path}")?;
            optional(f, " RETURNING ", returning.as_ref())?;
            f.write_str(match wrapper {
                Some(JsonWrapper::Without) => " WITHOUT ARRAY WRAPPER",
                Some(JsonWrapper::Conditional) => " WITH CONDITIONAL ARRAY WRAPPER",
                Some(JsonWrapper::Unconditional) => " WITH UNCONDITIONAL ARRAY WRAPPER",
                None => "",
            })?;
            behaviors(f, on_empty.as_ref(), on_error.as_ref())?;
            f.write_str(")")
        }
        ExprKind::JsonObject { pairs, on_null } => {
            write!(f, "JSON_OBJECT({}{})", commas(pairs), absent(*on_null, pairs.is_empty()))
        }
        ExprKind::JsonArray { elements, on_null } => {
            write!(f, "JSON_ARRAY({}{})", commas(elements), absent(*on_null, elements.is_empty()))
        }
        ExprKind::JsonObjectAgg { pair, on_null, filter } => {
            write!(f, "JSON_OBJECTAGG({pair}{})", absent(*on_null, false))?;
            json_filter(f, filter.as_deref())
        }
        ExprKind::JsonArrayAgg { element, order_by, on_null, filter } => {
            write!(f, "JSON_ARRAYAGG({element}")?;
            if !order_by.is_empty() {
                write!(f, " ORDER BY {}", commas(order_by))?;
            }
            write!(f, "{})", absent(*on_null, false))?;
            json_filter(f, filter.as_deref())
        }
        // All other kinds are printed by the caller.
        _ => Ok(()),
    }
}

fn json_filter(f: &mut Formatter<'_>, filter: Option<&Expr>) -> fmt::Result {
    match filter {
        Some(filter) => write!(f, " FILTER (WHERE {filter})"),
        None => Ok(()),
    }
}

fn behaviors(f: &mut Formatter<'_>, on_empty: Option<&JsonBehavior>, on_error: Option<&JsonBehavior>) -> fmt::Result {
    if let Some(behavior) = on_empty {
        write!(f, " {behavior} ON EMPTY")?;
    }
    if let Some(behavior) = on_error {
        write!(f, " {behavior} ON ERROR")?;
    }
    Ok(())
}

impl Display for JsonBehavior {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            JsonBehavior::Error => f.write_str("ERROR"),
            JsonBehavior::Null => f.write_str("NULL"),
            JsonBehavior::True => f.write_str("TRUE"),
            JsonBehavior::False => f.write_str("FALSE"),
            JsonBehavior::Unknown => f.write_str("UNKNOWN"),
            JsonBehavior::EmptyArray => f.write_str("EMPTY ARRAY"),
            JsonBehavior::EmptyObject => f.write_str("EMPTY OBJECT"),
            JsonBehavior::Default(value) => write!(f, "DEFAULT {value}"),
        }
    }
}

fn absent(on_null: Option<JsonAbsent>, first: bool) -> &'static str {
    match (on_null, first) {
        (None, _) => "",
        (Some(JsonAbsent::Null), true) => "NULL ON NULL",
        (Some(JsonAbsent::Null), false) => " NULL ON NULL",
        (Some(JsonAbsent::Absent), true) => "ABSENT ON NULL",
        (Some(JsonAbsent::Absent), false) => " ABSENT ON NULL",
    }
}

impl Display for JsonPair {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "KEY {} VALUE {}", self.key, self.value)
    }
}

impl Display for JsonEncoded {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, if self.format_json { " FORMAT JSON" } else { "" })
    }
}
