//! Turns a [`plan::Expr`](flitz_plan::Expr) into a tree of nodes that evaluate whole columns.
//!
//! Rows whose branch is not taken must not fail: CASE, AND, OR and COALESCE evaluate a branch that
//! [can fail](can_fail) over the rows that reach it only, and put the pieces together; a branch that cannot fail
//! is computed for all rows, which is cheaper than selecting.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{filter, is_not_null};
use flitz_dataflow::{DataType, Error, Result, TypeKind};
use flitz_plan::Expr;

use crate::cast::{self, Caster};
use crate::columnar::{Args, Columnar};
use crate::fold::literal_array;
use crate::mosaic::{Mosaic, Piece};
use crate::scalar::{self, Eval, Kernel, Site, logical};
use crate::sharing::{Memo, Shared, Sharing};
use crate::text_column::with_room;
use crate::{EvalContext, PhysicalExpr};

/// Prepares `expr` for batches whose columns are those it was bound to.
pub fn compile(expr: &Expr, context: &EvalContext) -> Result<Box<dyn PhysicalExpr>> {
    Ok(Box::new(Root::new(expr, &Scope { context, sharing: &Sharing::of([expr]) })?))
}

/// Expressions over the same batches, which compute once what several of them need.
pub struct PhysicalExprs {
    roots: Vec<Root>,
}

impl PhysicalExprs {
    /// Prepares `exprs` for batches whose columns are those they were bound to.
    pub fn compile(exprs: &[Expr], context: &EvalContext) -> Result<PhysicalExprs> {
        let sharing = Sharing::of(exprs);
        let scope = Scope { context, sharing: &sharing };
        Ok(PhysicalExprs { roots: exprs.iter().map(|e| Root::new(e, &scope)).collect::<Result<_>>()? })
    }

    /// One column per expression, each with one value per row of `batch`; errors as of [`PhysicalExpr::evaluate`].
    pub fn evaluate(&mut self, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let input = Input::of(batch);
        self.roots.iter_mut().map(|root| root.evaluate_over(&input)).collect()
    }
}

struct Root {
    node: Box<dyn Node>,
    data_type: DataType,
}

impl Root {
    fn new(expr: &Expr, scope: &Scope) -> Result<Root> {
        Ok(Root { node: node(expr, scope)?, data_type: expr.data_type().clone() })
    }

    fn evaluate_over(&mut self, input: &Input) -> Result<ArrayRef> {
        let values = self.node.evaluate(input)?.into_array(input.rows)?;
        // Flink derives NOT NULL also for what may overflow to NULL, and notices at the sink.
        if !self.data_type.nullable && values.null_count() > 0 {
            return Err(Error::data(format!("an expression of type {} gives NULL", self.data_type))
                .hint("a DECIMAL has too many digits, or text could not be read"));
        }
        Ok(values)
    }
}

impl PhysicalExpr for Root {
    fn evaluate(&mut self, batch: &RecordBatch) -> Result<ArrayRef> {
        self.evaluate_over(&Input::of(batch))
    }
}

/// What the nodes of one list of expressions are compiled with.
pub(crate) struct Scope<'a> {
    context: &'a EvalContext,
    sharing: &'a Sharing,
}

/// The columns of a batch, or of a selection of its rows.
pub(crate) struct Input<'a> {
    pub columns: &'a [ArrayRef],
    pub rows: usize,
    pub memo: Memo,
    /// The rows that were selected from, and which.
    pub selected_from: Option<(&'a Input<'a>, &'a BooleanArray)>,
}

impl<'a> Input<'a> {
    fn of(batch: &'a RecordBatch) -> Input<'a> {
        Input { columns: batch.columns(), rows: batch.num_rows(), memo: Memo::default(), selected_from: None }
    }
}

pub(crate) trait Node: Send {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar>;
}

fn node(expr: &Expr, scope: &Scope) -> Result<Box<dyn Node>> {
    let node = unshared(expr, scope)?;
    Ok(match scope.sharing.slot(expr) {
        Some(slot) => Box::new(Shared { slot, node }),
        None => node,
    })
}

fn unshared(expr: &Expr, scope: &Scope) -> Result<Box<dyn Node>> {
    Ok(match expr {
        Expr::Column { index, .. } => Box::new(Column(*index)),
        Expr::Literal { value, data_type } => Box::new(Constant(with_room(literal_array(value, data_type)?))),
        Expr::Cast { input, data_type, safe } => {
            let caster = cast::caster(input.data_type(), data_type, *safe, scope.context)?;
            Box::new(Cast { input: node(input, scope)?, caster })
        }
        Expr::Field { input, index, .. } => Box::new(Field { input: node(input, scope)?, index: *index }),
        Expr::Case { branches, otherwise, data_type } => {
            let mut compiled = vec![];
            for (when, then) in branches {
                compiled.push((Lazy::new(when, scope)?, Lazy::new(then, scope)?));
            }
            Box::new(Case { branches: compiled, otherwise: Lazy::new(otherwise, scope)?, data_type: data_type.clone() })
        }
        Expr::Call { function, args, data_type } => call(function, args, data_type, scope)?,
    })
}

fn call(name: &str, args: &[Expr], data_type: &DataType, scope: &Scope) -> Result<Box<dyn Node>> {
    let function =
        scalar::find(name).ok_or_else(|| Error::internal(format!("call of {name}, which is not a function")))?;
    match (name, function.eval) {
        ("AND" | "OR", _) => {
            let mut operands = args.iter().map(|a| Lazy::new(a, scope)).collect::<Result<Vec<_>>>()?.into_iter();
            let first = operands.next().ok_or_else(|| Error::internal("AND without operands"))?;
            return Ok(Box::new(logical::Connective::new(name == "AND", first.node, operands.collect())));
        }
        ("COALESCE" | "IFNULL", _) => {
            let operands = args.iter().map(|a| Lazy::new(a, scope)).collect::<Result<_>>()?;
            return Ok(Box::new(Coalesce { operands, data_type: data_type.clone() }));
        }
        (_, Eval::Special) => return Err(Error::internal(format!("{name} was not rewritten when it was bound"))),
        _ => {}
    }
    let site = Site { name, args, data_type, context: scope.context };
    let kernel: Kernel = match function.eval {
        Eval::Rows(rows) => Box::new(rows),
        Eval::Prepared(prepare) => prepare(&site)?,
        Eval::Special => return Err(Error::internal("special form as a call")),
    };
    Ok(Box::new(Call {
        args: args.iter().map(|a| node(a, scope)).collect::<Result<_>>()?,
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
    fn new(expr: &Expr, scope: &Scope) -> Result<Lazy> {
        Ok(Lazy {
            node: node(expr, scope)?,
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
        let selection =
            Input { columns: &columns, rows: selected, memo: Memo::default(), selected_from: Some((input, mask)) };
        Ok(Piece { values: self.node.evaluate(&selection)?, packed: true })
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
        mosaic.assemble(&self.data_type)
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
