//! What flows between the nodes of a compiled expression: a column, or one value that stands for all rows.
//!
//! Literals stay scalars until the root, so `price > 10` never materialises a column of tens. A kernel sees
//! its arguments as [`Args`]: typed views whose `get(row)` is the same for columns and scalars.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, BooleanArray, Datum, ListArray, MapArray,
    NullBufferBuilder, PrimitiveArray, StringArray, UInt32Array, new_null_array,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use arrow::compute::take;
use flitz_dataflow::{DataType, Error, Result};

use crate::text_column::{TextColumn, Texts};

#[derive(Clone, Debug)]
pub(crate) enum Columnar {
    Array(ArrayRef),
    /// One row that stands for every row.
    Scalar(ArrayRef),
}

impl Columnar {
    pub fn array(&self) -> &ArrayRef {
        match self {
            Columnar::Array(a) | Columnar::Scalar(a) => a,
        }
    }

    pub fn is_scalar(&self) -> bool {
        matches!(self, Columnar::Scalar(_))
    }

    pub fn is_null_scalar(&self) -> bool {
        matches!(self, Columnar::Scalar(a) if a.is_null(0) || a.data_type() == &arrow::datatypes::DataType::Null)
    }

    /// One value per row.
    pub fn into_array(self, rows: usize) -> Result<ArrayRef> {
        match self {
            Columnar::Array(a) => Ok(a),
            Columnar::Scalar(a) if rows == 1 => Ok(a),
            Columnar::Scalar(a) if a.is_null(0) => Ok(new_null_array(a.data_type(), rows)),
            Columnar::Scalar(a) => Ok(take(&a, &UInt32Array::from_value(0, rows), None)?),
        }
    }

    /// The same shape around other values.
    pub fn try_map(&self, f: impl FnOnce(&ArrayRef) -> Result<ArrayRef>) -> Result<Columnar> {
        Ok(match self {
            Columnar::Array(a) => Columnar::Array(f(a)?),
            Columnar::Scalar(a) => Columnar::Scalar(f(a)?),
        })
    }
}

impl Datum for Columnar {
    fn get(&self) -> (&dyn Array, bool) {
        match self {
            Columnar::Array(a) => (a.as_ref(), false),
            Columnar::Scalar(a) => (a.as_ref(), true),
        }
    }
}

/// The arguments of one call over `rows` rows.
pub(crate) struct Args<'a> {
    pub columns: &'a [Columnar],
    pub rows: usize,
}

/// A typed array read by row; a scalar answers every row with its only value.
pub(crate) struct View<'a, A> {
    pub array: &'a A,
    step: usize,
}

impl<'a, A: Array> View<'a, A> {
    pub fn of(column: &'a Columnar, array: &'a A) -> View<'a, A> {
        View { array, step: usize::from(!column.is_scalar()) }
    }

    pub fn is_null(&self, row: usize) -> bool {
        self.array.is_null(row * self.step)
    }

    pub fn is_scalar(&self) -> bool {
        self.step == 0
    }
}

impl<'a> View<'a, StringArray> {
    pub fn get(&self, row: usize) -> &'a str {
        self.array.value(row * self.step)
    }

    /// Whether every character of every row is one byte.
    pub fn is_ascii(&self) -> bool {
        let offsets = self.array.offsets();
        let used = offsets[0] as usize..offsets[offsets.len() - 1] as usize;
        self.array.values()[used].is_ascii()
    }
}

impl<'a> View<'a, BinaryArray> {
    pub fn get(&self, row: usize) -> &'a [u8] {
        self.array.value(row * self.step)
    }
}

impl View<'_, BooleanArray> {
    pub fn get(&self, row: usize) -> bool {
        self.array.value(row * self.step)
    }
}

impl<T: ArrowPrimitiveType> View<'_, PrimitiveArray<T>> {
    pub fn get(&self, row: usize) -> T::Native {
        self.array.value(row * self.step)
    }
}

impl View<'_, ListArray> {
    /// Start and end of the row's elements in `values()`.
    pub fn range(&self, row: usize) -> std::ops::Range<usize> {
        let offsets = self.array.value_offsets();
        let i = row * self.step;
        offsets[i] as usize..offsets[i + 1] as usize
    }
}

impl View<'_, MapArray> {
    pub fn range(&self, row: usize) -> std::ops::Range<usize> {
        let offsets = self.array.value_offsets();
        let i = row * self.step;
        offsets[i] as usize..offsets[i + 1] as usize
    }
}

impl<'a> Args<'a> {
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn strings(&self, i: usize) -> View<'a, StringArray> {
        View::of(&self.columns[i], self.columns[i].array().as_string())
    }

    pub fn binaries(&self, i: usize) -> View<'a, BinaryArray> {
        View::of(&self.columns[i], self.columns[i].array().as_binary())
    }

    pub fn booleans(&self, i: usize) -> View<'a, BooleanArray> {
        View::of(&self.columns[i], self.columns[i].array().as_boolean())
    }

    pub fn primitives<T: ArrowPrimitiveType>(&self, i: usize) -> View<'a, PrimitiveArray<T>> {
        View::of(&self.columns[i], self.columns[i].array().as_primitive())
    }

    pub fn lists(&self, i: usize) -> View<'a, ListArray> {
        View::of(&self.columns[i], self.columns[i].array().as_list())
    }

    pub fn maps(&self, i: usize) -> View<'a, MapArray> {
        View::of(&self.columns[i], self.columns[i].array().as_map())
    }

    pub fn is_null(&self, i: usize, row: usize) -> bool {
        match &self.columns[i] {
            Columnar::Array(a) => a.is_null(row),
            Columnar::Scalar(a) => a.is_null(0),
        }
    }

    /// Rows where any argument is NULL; None if there are none.
    pub fn nulls(&self) -> Option<NullBuffer> {
        self.nulls_of(0..self.columns.len())
    }

    /// As [`Args::nulls`], looking only at some of the arguments.
    pub fn nulls_of(&self, which: impl IntoIterator<Item = usize>) -> Option<NullBuffer> {
        let mut nulls: Option<NullBuffer> = None;
        for i in which {
            match &self.columns[i] {
                column if column.is_null_scalar() => return Some(NullBuffer::new_null(self.rows)),
                Columnar::Scalar(_) => {}
                Columnar::Array(a) => nulls = NullBuffer::union(nulls.as_ref(), a.logical_nulls().as_ref()),
            }
        }
        nulls.filter(|n| n.null_count() > 0)
    }

    /// One text per row that is not NULL in `nulls`: `f` appends it to its buffer; `false` makes it NULL.
    pub fn build_strings(
        &self,
        nulls: Option<NullBuffer>,
        mut f: impl FnMut(usize, &mut String) -> Result<bool>,
    ) -> Result<ArrayRef> {
        let mut text = Text(String::new());
        let (offsets, nulls) = build_bytes(self.rows, nulls, &mut text, |row, text| f(row, &mut text.0))?;
        let data = Buffer::from_vec(text.0.into_bytes());
        // SAFETY: the data is one String and every offset was its length at some time, hence a boundary.
        Ok(Arc::new(unsafe { StringArray::new_unchecked(offsets, data, nulls) }))
    }

    /// As [`Args::build_strings`] where each text is a piece of the row's text in argument `of`; `None` makes it NULL.
    pub fn build_pieces(
        &self,
        nulls: Option<NullBuffer>,
        of: usize,
        mut f: impl FnMut(usize) -> Result<Option<&'a str>>,
    ) -> Result<ArrayRef> {
        let source = Texts::of(&self.columns[of]);
        let mut column = TextColumn::with_capacity(self.rows, source.bytes(self.rows) / 4);
        for row in 0..self.rows {
            let piece = match &nulls {
                Some(n) if n.is_null(row) => None,
                _ => f(row)?,
            };
            match piece {
                Some(piece) => {
                    column.append_piece(&source, piece);
                    column.end()?;
                }
                None => column.end_null()?,
            }
        }
        Ok(column.finish())
    }

    /// As [`Args::build_strings`] for bytes.
    pub fn build_binaries(
        &self,
        nulls: Option<NullBuffer>,
        f: impl FnMut(usize, &mut Vec<u8>) -> Result<bool>,
    ) -> Result<ArrayRef> {
        let mut bytes = vec![];
        let (offsets, nulls) = build_bytes(self.rows, nulls, &mut bytes, f)?;
        Ok(Arc::new(BinaryArray::new(offsets, Buffer::from_vec(bytes), nulls)))
    }

    /// One number per row that is not NULL in `nulls`; `None` makes it NULL.
    pub fn build<T: ArrowPrimitiveType>(
        &self,
        nulls: Option<NullBuffer>,
        mut f: impl FnMut(usize) -> Result<Option<T::Native>>,
    ) -> Result<PrimitiveArray<T>> {
        let mut values = Vec::with_capacity(self.rows);
        let mut validity = NullBufferBuilder::new(self.rows);
        for row in 0..self.rows {
            let value = match &nulls {
                Some(n) if n.is_null(row) => None,
                _ => f(row)?,
            };
            validity.append(value.is_some());
            values.push(value.unwrap_or_default());
        }
        Ok(PrimitiveArray::new(values.into(), validity.finish()))
    }

    /// As [`Args::build`] where no row fails or becomes NULL: the loop vectorises.
    pub fn build_infallible<T: ArrowPrimitiveType>(
        &self,
        nulls: Option<NullBuffer>,
        f: impl FnMut(usize) -> T::Native,
    ) -> PrimitiveArray<T> {
        // Values below NULL rows are computed as well: `f` must be total.
        PrimitiveArray::new((0..self.rows).map(f).collect::<Vec<_>>().into(), nulls)
    }

    /// As [`Args::build_booleans`] where no row fails or becomes NULL.
    pub fn build_booleans_infallible(&self, nulls: Option<NullBuffer>, mut f: impl FnMut(usize) -> bool) -> ArrayRef {
        // There may be anything below NULL, so it is not looked at.
        let values = match &nulls {
            Some(n) => BooleanBuffer::collect_bool(self.rows, |row| n.is_valid(row) && f(row)),
            None => BooleanBuffer::collect_bool(self.rows, f),
        };
        Arc::new(BooleanArray::new(values, nulls))
    }

    /// As [`Args::build`] where no row fails, but some may become NULL, which is rare: the loop has no branches.
    pub fn build_total<T: ArrowPrimitiveType>(
        &self,
        nulls: Option<NullBuffer>,
        mut f: impl FnMut(usize) -> Option<T::Native>,
    ) -> PrimitiveArray<T> {
        let mut all = true;
        let compute = |row| {
            let value = f(row);
            all &= value.is_some();
            value.unwrap_or_default()
        };
        let values: Vec<T::Native> = (0..self.rows).map(compute).collect();
        let nulls = match all {
            true => nulls,
            // There may be anything below NULL.
            false => {
                let valid = BooleanBuffer::collect_bool(self.rows, |row| f(row).is_some());
                NullBuffer::union(nulls.as_ref(), Some(&NullBuffer::new(valid))).filter(|n| n.null_count() > 0)
            }
        };
        PrimitiveArray::new(values.into(), nulls)
    }

    pub fn build_booleans(
        &self,
        nulls: Option<NullBuffer>,
        mut f: impl FnMut(usize) -> Result<Option<bool>>,
    ) -> Result<ArrayRef> {
        let mut validity = NullBufferBuilder::new(self.rows);
        let mut error = None;
        let values = BooleanBuffer::collect_bool(self.rows, |row| {
            let value = match &nulls {
                Some(n) if n.is_null(row) => None,
                _ if error.is_some() => None,
                _ => f(row).unwrap_or_else(|e| {
                    error = Some(e);
                    None
                }),
            };
            validity.append(value.is_some());
            value.unwrap_or_default()
        });
        match error {
            Some(e) => Err(e),
            None => Ok(Arc::new(BooleanArray::new(values, validity.finish()))),
        }
    }
}

/// `rows` NULLs of a type.
pub(crate) fn all_null(data_type: &DataType, rows: usize) -> ArrayRef {
    new_null_array(&data_type.to_arrow(), rows)
}

/// A growing buffer that can forget its tail.
trait Growing {
    fn len(&self) -> usize;
    fn truncate(&mut self, len: usize);
}

struct Text(String);

impl Growing for Text {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }
}

impl Growing for Vec<u8> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn truncate(&mut self, len: usize) {
        Vec::truncate(self, len);
    }
}

fn build_bytes<B: Growing>(
    rows: usize,
    nulls: Option<NullBuffer>,
    bytes: &mut B,
    mut f: impl FnMut(usize, &mut B) -> Result<bool>,
) -> Result<(OffsetBuffer<i32>, Option<NullBuffer>)> {
    let mut offsets = Vec::with_capacity(rows + 1);
    offsets.push(0);
    let mut validity = NullBufferBuilder::new(rows);
    for row in 0..rows {
        let start = bytes.len();
        let valid = nulls.as_ref().is_none_or(|n| n.is_valid(row)) && f(row, bytes)?;
        if !valid {
            bytes.truncate(start);
        }
        validity.append(valid);
        let end = i32::try_from(bytes.len()).map_err(|_| Error::data("a batch's text exceeds 2 GB"))?;
        offsets.push(end);
    }
    Ok((OffsetBuffer::new(offsets.into()), validity.finish()))
}
