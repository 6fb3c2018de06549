//! Turns a [`plan::Expr`](flitz_plan::Expr) into a tree of nodes that evaluate whole columns.
//!
//! Rows whose branch is not taken must not fail: CASE, AND, OR and COALESCE evaluate a branch that
//! [can fail](can_fail) over the rows that reach it only, and put the pieces together; a branch that cannot fail
//! is computed for all rows, which is cheaper than selecting.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{filter, interleave, is_not_null, kernels::zip::zip};
use flitz_dataflow::{DataType, Error, Result, TypeKind};
use flitz_plan::Expr;

use crate::cast::{self, Caster};
use crate::columnar::{Args, Columnar};
use crate::fold::literal_array;
use crate::scalar::{self, Eval, Kernel, Site, logical};
use crate::{EvalContext, PhysicalExpr};

/// Prepares `expr` for batches whose columns are those it was bound to.
pub fn compile(expr: &Expr, context: &EvalContext) -> Result<Box<dyn PhysicalExpr>> {
    Ok(Box::new(Root { node: node(expr, context)?, data_type: expr.data_type().clone() }))
}

struct Root {
    node: Box<dyn Node>,
    data_type: DataType,
}

impl PhysicalExpr for Root {
    fn evaluate(&mut self, batch: &RecordBatch) -> Result<ArrayRef> {
        let input = Input { columns: batch.columns(), rows: batch.num_rows() };
        let values = self.node.evaluate(&input)?.into_array(input.rows)?;
        // Flink derives NOT NULL also for what may overflow to NULL, and notices at the sink.
        if !self.data_type.nullable && values.null_count() > 0 {
            return Err(Error::data(format!("an expression of type {} gives NULL", self.data_type))
                .hint("a DECIMAL has too many digits, or text could not be read"));
        }
        Ok(values)
    }
}

/// The columns of a batch, or of a selection of its rows.
pub(crate) struct Input<'a> {
    pub columns: &'a [ArrayRef],
    pub rows: usize,
}

pub(crate) trait Node: Send {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar>;
}

pub(crate) fn node(expr: &Expr, context: &EvalContext) -> Result<Box<dyn Node>> {
    Ok(match expr {
        Expr::Column { index, .. } => Box::new(Column(*index)),
        Expr::Literal { value, data_type } => Box::new(Constant(literal_array(value, data_type)?)),
        Expr::Cast { input, data_type, safe } => {
            let caster = cast::caster(input.data_type(), data_type, *safe, context)?;
            Box::new(Cast { input: node(input, context)?, caster })
        }
        Expr::Field { input, index, .. } => Box::new(Field { input: node(input, context)?, index: *index }),
        Expr::Case { branches, otherwise, data_type } => {
            let mut compiled = vec![];
            for (when, then) in branches {
                compiled.push((Lazy::new(when, context)?, Lazy::new(then, context)?));
            }
            Box::new(Case {
                branches: compiled,
                otherwise: Lazy::new(otherwise, context)?,
                data_type: data_type.clone(),
            })
        }
        Expr::Call { function, args, data_type } => call(function, args, data_type, context)?,
    })
}

fn call(name: &str, args: &[Expr], data_type: &DataType, context: &EvalContext) -> Result<Box<dyn Node>> {
    let function =
        scalar::find(name).ok_or_else(|| Error::internal(format!("call of {name}, which is not a function")))?;
    match (name, function.eval) {
        ("AND" | "OR", _) => {
            let mut operands = args.iter().map(|a| Lazy::new(a, context)).collect::<Result<Vec<_>>>()?.into_iter();
            let first = operands.next().ok_or_else(|| Error::internal("AND without operands"))?;
            return Ok(Box::new(logical::Connective::new(name == "AND", first.node, operands.collect())));
        }
        ("COALESCE" | "IFNULL", _) => {
            let operands = args.iter().map(|a| Lazy::new(a, context)).collect::<Result<_>>()?;
            return Ok(Box::new(Coalesce { operands, data_type: data_type.clone() }));
        }
        (_, Eval::Special) => return Err(Error::internal(format!("{name} was not rewritten when it was bound"))),
        _ => {}
    }
    let site = Site { name, args, data_type, context };
    let kernel: Kernel = match function.eval {
        Eval::Rows(rows) => Box::new(rows),
        Eval::Prepared(prepare) => prepare(&site)?,
        Eval::Special => return Err(Error::internal("special form as a call")),
    };
    Ok(Box::new(Call {
        args: args.iter().map(|a| node(a, context)).collect::<Result<_>>()?,
        kernel,
        once: function.deterministic && !args.is_empty(),
    }))
}

/// Whether evaluation may raise an error, or draw from a sequence that unselected rows must not advance.
pub(crate) fn can_fail(expr: &Expr) -> bool {
    let here = match expr {
        Expr::Cast { input, data_type, safe } => !safe && cast::can_fail(&input.data_type().kind, &data_type.kind),
        Expr::Call { function, args, data_type } => match function.as_str() {
            "/" | "%" => !data_type.kind.is_approximate() && !is_nonzero_literal(&args[1]),
            _ => scalar::find(function).is_none_or(|f| f.fallible),
        },
        _ => false,
    };
    here || expr.children().into_iter().any(can_fail)
}

fn is_nonzero_literal(e: &Expr) -> bool {
    use flitz_plan::Literal::*;
    match e {
        Expr::Literal { value, .. } => {
            !matches!(value, Integer(0) | Decimal(0) | Null) && !matches!(value, Double(d) if *d == 0.0)
        }
        Expr::Cast { input, data_type, .. } => data_type.kind.is_numeric() && is_nonzero_literal(input),
        _ => false,
    }
}

struct Column(usize);

impl Node for Column {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar> {
        Ok(Columnar::Array(input.columns[self.0].clone()))
    }
}

struct Constant(ArrayRef);

impl Node for Constant {
    fn evaluate(&mut self, _: &Input) -> Result<Columnar> {
        Ok(Columnar::Scalar(self.0.clone()))
    }
}

struct Cast {
    input: Box<dyn Node>,
    caster: Caster,
}

impl Node for Cast {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar> {
        self.input.evaluate(input)?.try_map(|a| (self.caster)(a))
    }
}

struct Field {
    input: Box<dyn Node>,
    index: usize,
}

impl Node for Field {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar> {
        self.input.evaluate(input)?.try_map(|row| {
            let row = row.as_struct();
            let field = row.column(self.index);
            // A field of a NULL row is NULL, whatever lies in the child array.
            Ok(match row.nulls() {
                Some(nulls) if nulls.null_count() > 0 => {
                    let nulls = arrow::buffer::NullBuffer::union(Some(nulls), field.logical_nulls().as_ref());
                    arrow::array::make_array(field.to_data().into_builder().nulls(nulls).build()?)
                }
                _ => field.clone(),
            })
        })
    }
}

struct Call {
    args: Vec<Box<dyn Node>>,
    kernel: Kernel,
    /// Scalars in, scalar out.
    once: bool,
}

impl Node for Call {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar> {
        let mut columns = Vec::with_capacity(self.args.len());
        for arg in &mut self.args {
            columns.push(arg.evaluate(input)?);
        }
        if self.once && columns.iter().all(Columnar::is_scalar) {
            return Ok(Columnar::Scalar((self.kernel)(&Args { columns: &columns, rows: 1 })?));
        }
        Ok(Columnar::Array((self.kernel)(&Args { columns: &columns, rows: input.rows })?))
    }
}

/// A node that knows whether it may be evaluated for rows that do not reach it.
pub(crate) struct Lazy {
    pub node: Box<dyn Node>,
    can_fail: bool,
    columns: Vec<usize>,
}

impl Lazy {
    pub fn new(expr: &Expr, context: &EvalContext) -> Result<Lazy> {
        Ok(Lazy {
            node: node(expr, context)?,
            can_fail: can_fail(expr) || !crate::is_deterministic(expr),
            columns: expr.columns(),
        })
    }

    /// Values for the rows that `mask` selects (`selected` in number).
    fn evaluate(&mut self, input: &Input, mask: &BooleanArray, selected: usize) -> Result<Piece> {
        if !self.can_fail || selected == input.rows {
            return Ok(Piece { values: self.node.evaluate(input)?, packed: false });
        }
        // Columns that the branch does not read stay as they are: nobody looks at their length.
        let mut columns = input.columns.to_vec();
        for &i in &self.columns {
            columns[i] = filter(&columns[i], mask)?;
        }
        Ok(Piece { values: self.node.evaluate(&Input { columns: &columns, rows: selected })?, packed: true })
    }

    /// As `evaluate`, spread over all rows again; unselected rows hold anything.
    pub fn evaluate_spread(&mut self, input: &Input, mask: &BooleanArray, selected: usize) -> Result<Columnar> {
        let piece = self.evaluate(input, mask, selected)?;
        if !piece.packed || piece.values.is_scalar() {
            return Ok(piece.values);
        }
        let mut next = 0;
        let indices = (0..input.rows).map(|row| {
            let i = next;
            if mask.value(row) {
                next += 1;
            }
            i.min(selected.saturating_sub(1)) as u32
        });
        let indices = arrow::array::UInt32Array::from_iter_values(indices);
        Ok(Columnar::Array(arrow::compute::take(piece.values.array(), &indices, None)?))
    }
}

struct Piece {
    values: Columnar,
    /// Whether row i of `values` is the i-th selected row instead of row i.
    packed: bool,
}

/// Which piece each row comes from, and the assembly of the pieces.
struct Mosaic {
    pieces: Vec<Piece>,
    choice: Vec<u32>,
}

impl Mosaic {
    const UNDECIDED: u32 = u32::MAX;

    fn new(rows: usize) -> Mosaic {
        Mosaic { pieces: vec![], choice: vec![Mosaic::UNDECIDED; rows] }
    }

    fn add(&mut self, mask: &BooleanArray, piece: Piece) {
        let number = self.pieces.len() as u32;
        for row in mask.values().set_indices() {
            self.choice[row] = number;
        }
        self.pieces.push(piece);
    }

    /// `None` where a row chose no piece: such rows are NULL.
    fn assemble(mut self, data_type: &DataType) -> Result<Columnar> {
        if self.choice.contains(&Mosaic::UNDECIDED) {
            let number = self.pieces.len() as u32;
            self.choice.iter_mut().filter(|c| **c == Mosaic::UNDECIDED).for_each(|c| *c = number);
            let values = Columnar::Scalar(crate::columnar::all_null(data_type, 1));
            self.pieces.push(Piece { values, packed: false });
        }
        if self.pieces.len() == 2 && self.pieces.iter().all(|p| !p.packed) {
            let mask = BooleanArray::from_unary_choice(&self.choice);
            return Ok(Columnar::Array(zip(&mask, &self.pieces[0].values, &self.pieces[1].values)?));
        }
        let mut next = vec![0; self.pieces.len()];
        let indices: Vec<(usize, usize)> = self
            .choice
            .iter()
            .enumerate()
            .map(|(row, &choice)| {
                let choice = choice as usize;
                let piece = &self.pieces[choice];
                let index = match (&piece.values, piece.packed) {
                    (Columnar::Scalar(_), _) => 0,
                    (_, false) => row,
                    (_, true) => {
                        next[choice] += 1;
                        next[choice] - 1
                    }
                };
                (choice, index)
            })
            .collect();
        let arrays: Vec<&dyn Array> = self.pieces.iter().map(|p| p.values.array().as_ref()).collect();
        Ok(Columnar::Array(interleave(&arrays, &indices)?))
    }
}

/// The mask of rows that chose piece 0.
trait FromChoice {
    fn from_unary_choice(choice: &[u32]) -> BooleanArray;
}

impl FromChoice for BooleanArray {
    fn from_unary_choice(choice: &[u32]) -> BooleanArray {
        arrow::buffer::BooleanBuffer::collect_bool(choice.len(), |row| choice[row] == 0).into()
    }
}

struct Case {
    branches: Vec<(Lazy, Lazy)>,
    otherwise: Lazy,
    data_type: DataType,
}

impl Node for Case {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar> {
        let mut mosaic = Mosaic::new(input.rows);
        let mut open: BooleanArray = arrow::buffer::BooleanBuffer::new_set(input.rows).into();
        let mut remaining = input.rows;
        for (when, then) in &mut self.branches {
            if remaining == 0 {
                break;
            }
            let condition = when.evaluate_spread(input, &open, remaining)?;
            let taken = match &condition {
                // A constant condition decides for every row that is left.
                Columnar::Scalar(c) => match is_true(c.as_boolean(), 0) {
                    true => open.clone(),
                    false => continue,
                },
                Columnar::Array(c) => and_true(&open, c.as_boolean()),
            };
            let selected = taken.values().count_set_bits();
            if selected == 0 {
                continue;
            }
            mosaic.add(&taken, then.evaluate(input, &taken, selected)?);
            open = BooleanArray::new(open.values() & &!taken.values(), None);
            remaining -= selected;
        }
        if remaining > 0 {
            mosaic.add(&open, self.otherwise.evaluate(input, &open, remaining)?);
        }
        match mosaic.pieces.as_mut_slice() {
            // All rows took one branch.
            [only] => {
                Ok(std::mem::replace(&mut only.values, Columnar::Scalar(crate::columnar::all_null(&self.data_type, 1))))
            }
            _ => mosaic.assemble(&self.data_type),
        }
    }
}

fn is_true(values: &BooleanArray, row: usize) -> bool {
    values.is_valid(row) && values.value(row)
}

/// Rows that are open and where `condition` is TRUE (not UNKNOWN).
fn and_true(open: &BooleanArray, condition: &BooleanArray) -> BooleanArray {
    let mut values = open.values() & condition.values();
    if let Some(nulls) = condition.nulls() {
        values = &values & nulls.inner();
    }
    BooleanArray::new(values, None)
}

/// The first operand that is not NULL.
struct Coalesce {
    operands: Vec<Lazy>,
    data_type: DataType,
}

impl Node for Coalesce {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar> {
        let mut mosaic = Mosaic::new(input.rows);
        let mut open: BooleanArray = arrow::buffer::BooleanBuffer::new_set(input.rows).into();
        let mut remaining = input.rows;
        let last = self.operands.len() - 1;
        for (i, operand) in self.operands.iter_mut().enumerate() {
            if remaining == 0 {
                break;
            }
            let values = operand.evaluate_spread(input, &open, remaining)?;
            let found = match &values {
                v if v.is_null_scalar() && i < last => continue,
                Columnar::Scalar(_) => open.clone(),
                Columnar::Array(_) if i == last => open.clone(),
                Columnar::Array(a) if a.null_count() == 0 => open.clone(),
                Columnar::Array(a) => and_true(&open, &is_not_null(a)?),
            };
            let selected = found.values().count_set_bits();
            if selected == 0 {
                continue;
            }
            if selected == input.rows {
                return Ok(values);
            }
            mosaic.add(&found, Piece { values, packed: false });
            open = BooleanArray::new(open.values() & &!found.values(), None);
            remaining -= selected;
        }
        mosaic.assemble(&self.data_type)
    }
}

/// Whether a type's values can be told apart by Arrow's own comparison kernels with Java's result.
pub(crate) fn is_plain(kind: &TypeKind) -> bool {
    !matches!(
        kind,
        TypeKind::Float
            | TypeKind::Double
            | TypeKind::Array(_)
            | TypeKind::Map(..)
            | TypeKind::Multiset(_)
            | TypeKind::Row(_)
            | TypeKind::Null
    )
}
