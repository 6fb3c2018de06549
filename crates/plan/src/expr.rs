use flitz_dataflow::{DataType, TypeKind};
use serde::{Deserialize, Serialize};

/// A scalar expression over the columns of one input, all types decided.
///
/// Operators are calls too: `+ - * / % = <> < <= > >= AND OR NOT IS NULL LIKE || IN BETWEEN …`, named as in
/// SQL, upper case. Argument types are exactly those the function was bound to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    Column {
        index: usize,
        data_type: DataType,
    },
    Literal {
        value: Literal,
        data_type: DataType,
    },
    /// Flink's CAST; with `safe` TRY_CAST. Implicit casts are written as CAST.
    Cast {
        input: Box<Expr>,
        data_type: DataType,
        safe: bool,
    },
    /// CASE WHEN condition THEN value … ELSE otherwise END. A branch is evaluated only for rows that reach it.
    Case {
        branches: Vec<(Expr, Expr)>,
        otherwise: Box<Expr>,
        data_type: DataType,
    },
    Call {
        function: String,
        args: Vec<Expr>,
        data_type: DataType,
    },
    /// Field `index` of a ROW.
    Field {
        input: Box<Expr>,
        index: usize,
        data_type: DataType,
    },
}

/// A constant in its type's unit, as in the Arrow mapping of `TypeKind`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Literal {
    Null,
    Boolean(bool),
    /// TINYINT to BIGINT; DATE in days; TIME in ms; TIMESTAMP in the unit of its precision; intervals in months or ms.
    Integer(i64),
    /// FLOAT and DOUBLE.
    Double(f64),
    /// Unscaled, at the scale of its type.
    Decimal(i128),
    String(String),
    Bytes(Vec<u8>),
}

impl Expr {
    pub fn column(index: usize, data_type: DataType) -> Expr {
        Expr::Column { index, data_type }
    }

    pub fn literal(value: Literal, data_type: DataType) -> Expr {
        Expr::Literal { value, data_type }
    }

    pub fn boolean(value: bool) -> Expr {
        Expr::literal(Literal::Boolean(value), TypeKind::Boolean.not_null())
    }

    pub fn call(function: impl Into<String>, args: Vec<Expr>, data_type: DataType) -> Expr {
        Expr::Call { function: function.into(), args, data_type }
    }

    pub fn cast(self, data_type: DataType) -> Expr {
        Expr::Cast { input: Box::new(self), data_type, safe: false }
    }

    pub fn data_type(&self) -> &DataType {
        match self {
            Expr::Column { data_type, .. }
            | Expr::Literal { data_type, .. }
            | Expr::Cast { data_type, .. }
            | Expr::Case { data_type, .. }
            | Expr::Call { data_type, .. }
            | Expr::Field { data_type, .. } => data_type,
        }
    }

    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Expr::Column { .. } | Expr::Literal { .. } => vec![],
            Expr::Cast { input, .. } | Expr::Field { input, .. } => vec![input],
            Expr::Case { branches, otherwise, .. } => {
                branches.iter().flat_map(|(when, then)| [when, then]).chain([otherwise.as_ref()]).collect()
            }
            Expr::Call { args, .. } => args.iter().collect(),
        }
    }

    /// The expression with every node replaced by what `rewrite` makes of it, children first.
    pub fn transform(self, rewrite: &mut impl FnMut(Expr) -> Expr) -> Expr {
        let rebuilt = self.map_children(&mut |e| e.transform(rewrite));
        rewrite(rebuilt)
    }

    /// The same expression over rewritten children.
    pub fn map_children(self, rewrite: &mut impl FnMut(Expr) -> Expr) -> Expr {
        let mut walk = |e: Box<Expr>| Box::new(rewrite(*e));
        match self {
            leaf @ (Expr::Column { .. } | Expr::Literal { .. }) => leaf,
            Expr::Cast { input, data_type, safe } => Expr::Cast { input: walk(input), data_type, safe },
            Expr::Field { input, index, data_type } => Expr::Field { input: walk(input), index, data_type },
            Expr::Case { branches, otherwise, data_type } => Expr::Case {
                branches: branches.into_iter().map(|(w, t)| (*walk(Box::new(w)), *walk(Box::new(t)))).collect(),
                otherwise: walk(otherwise),
                data_type,
            },
            Expr::Call { function, args, data_type } => {
                Expr::Call { function, args: args.into_iter().map(|a| *walk(Box::new(a))).collect(), data_type }
            }
        }
    }

    /// Positions of the input columns it reads, ascending, once each.
    pub fn columns(&self) -> Vec<usize> {
        let mut found = vec![];
        let mut stack = vec![self];
        while let Some(e) = stack.pop() {
            match e {
                Expr::Column { index, .. } => found.push(*index),
                other => stack.extend(other.children()),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// One aggregate over pre-computed columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AggregateCall {
    /// `COUNT`, `SUM`, `AVG`, `MIN`, `MAX`, `APPROX_COUNT_DISTINCT`, `FIRST_VALUE`, `LISTAGG`, …, upper case.
    /// `COUNT(*)` is COUNT without arguments.
    pub function: String,
    pub args: Vec<usize>,
    pub distinct: bool,
    /// A BOOLEAN column; rows where it is not TRUE are skipped.
    pub filter: Option<usize>,
    pub data_type: DataType,
}
