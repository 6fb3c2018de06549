//! Columns of text, written one row after the other.
//!
//! Most texts are short, and calling `memcpy` costs more than their few bytes. So a text of up to [`SHORT`] bytes is
//! copied as exactly that many, which is two instructions, and what was too much is cut off again:
//!
//! ```text
//!  source   …applebananacherry…          out   …kiwi
//!                ^^^^^^ wanted                      bananacherry…   copied
//!                                                   banana          kept
//! ```

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, NullBufferBuilder, StringArray};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};
use flitz_dataflow::{Error, Result};

use crate::columnar::Columnar;

const SHORT: usize = 32;

/// More is not asked for in advance, however long the arguments are.
const CAPACITY_MAX: usize = 16 << 20;

/// A column that grows by whole texts.
pub(crate) struct TextColumn {
    /// Texts one behind the other: nothing but whole `str`s is appended, so every offset is a boundary.
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    validity: NullBufferBuilder,
}

impl TextColumn {
    /// For `rows` texts of about so many bytes together.
    pub fn with_capacity(rows: usize, bytes: usize) -> TextColumn {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        let bytes = Vec::with_capacity(bytes.min(CAPACITY_MAX) + SHORT);
        TextColumn { bytes, offsets, validity: NullBufferBuilder::new(rows) }
    }

    /// Part of the next text; [`TextColumn::end`] ends it.
    pub fn append(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// As `append` for a piece of one of the texts of `source`.
    #[inline]
    pub fn append_piece(&mut self, source: &Texts, piece: &str) {
        // Where it lies is found by its address; a piece from elsewhere is out of range and copied as it is.
        let from = (piece.as_ptr() as usize).wrapping_sub(source.data.as_ptr() as usize);
        match source.data.get(from..) {
            Some(rest) if rest.len() >= SHORT && rest.len() >= piece.len() => {
                append(&mut self.bytes, source.data, from..from + piece.len());
            }
            _ => self.append(piece),
        }
    }

    /// As `append` for a whole text of `source`.
    #[inline]
    pub fn append_row(&mut self, source: &Texts, row: usize) {
        append(&mut self.bytes, source.data, source.range(row));
    }

    /// What was appended since the last end is one text.
    #[inline]
    pub fn end(&mut self) -> Result<()> {
        self.validity.append_non_null();
        self.close()
    }

    /// NULL, if nothing was appended since the last end.
    #[inline]
    pub fn end_null(&mut self) -> Result<()> {
        self.validity.append_null();
        self.close()
    }

    #[inline]
    fn close(&mut self) -> Result<()> {
        self.offsets.push(i32::try_from(self.bytes.len()).map_err(|_| too_long())?);
        Ok(())
    }

    /// Rows `rows` of a column at once.
    pub fn extend(&mut self, source: &Texts, rows: Range<usize>) -> Result<()> {
        let offsets = &source.offsets[rows.start..=rows.end];
        let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
        let start = i32::try_from(self.bytes.len()).map_err(|_| too_long())?;
        start.checked_add(last - first).ok_or_else(too_long)?;
        append(&mut self.bytes, source.data, first as usize..last as usize);
        self.offsets.extend(offsets[1..].iter().map(|offset| start + (offset - first)));
        match source.nulls {
            None => self.validity.append_n_non_nulls(rows.len()),
            Some(nulls) => rows.for_each(|row| self.validity.append(nulls.is_valid(row))),
        }
        Ok(())
    }

    pub fn finish(mut self) -> ArrayRef {
        let offsets = OffsetBuffer::new(self.offsets.into());
        let data = Buffer::from_vec(self.bytes);
        // SAFETY: only whole `str`s were appended, and every offset was the length between two of them.
        Arc::new(unsafe { StringArray::new_unchecked(offsets, data, self.validity.finish()) })
    }
}

fn too_long() -> Error {
    Error::data("a batch's text exceeds 2 GB")
}

#[inline]
fn append(out: &mut Vec<u8>, data: &[u8], range: Range<usize>) {
    let end = out.len() + range.len();
    match data.get(range.start..).and_then(|rest| rest.first_chunk::<SHORT>()) {
        Some(wide) if range.len() <= SHORT => {
            out.extend_from_slice(wide);
            out.truncate(end);
        }
        _ => out.extend_from_slice(&data[range]),
    }
}

/// A column of texts, or one text for all rows, to be copied from.
pub(crate) struct Texts<'a> {
    data: &'a [u8],
    offsets: &'a [i32],
    nulls: Option<&'a NullBuffer>,
    step: usize,
}

impl<'a> Texts<'a> {
    pub fn of(column: &'a Columnar) -> Texts<'a> {
        let array = column.array().as_string::<i32>();
        Texts {
            data: array.values(),
            offsets: array.value_offsets(),
            nulls: array.nulls().filter(|n| n.null_count() > 0),
            step: usize::from(!column.is_scalar()),
        }
    }

    #[inline]
    fn range(&self, row: usize) -> Range<usize> {
        let row = row * self.step;
        self.offsets[row] as usize..self.offsets[row + 1] as usize
    }

    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|n| n.is_null(row * self.step))
    }

    /// How long `rows` of them are together.
    pub fn bytes(&self, rows: usize) -> usize {
        match self.step {
            0 => self.range(0).len().saturating_mul(rows),
            _ => self.offsets.last().zip(self.offsets.first()).map_or(0, |(last, first)| (last - first) as usize),
        }
    }
}

/// The same column with room behind its last text, so that it too can be copied as a short one.
pub(crate) fn with_room(column: ArrayRef) -> ArrayRef {
    match column.as_string_opt::<i32>() {
        Some(texts) if texts.values().len() < SHORT => {
            let data = Buffer::from_vec([texts.values().as_slice(), &[0; SHORT]].concat());
            // SAFETY: only what lies behind the last text is new, and it is UTF-8.
            Arc::new(unsafe { StringArray::new_unchecked(texts.offsets().clone(), data, texts.nulls().cloned()) })
        }
        _ => column,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_are_copied_whole() {
        let texts: Vec<Option<String>> =
            (0..200).map(|n| (n % 7 != 3).then(|| "äb😀c".chars().cycle().take(n % 50).collect())).collect();
        let all: ArrayRef = Arc::new(texts.iter().cloned().collect::<StringArray>());
        let column = Columnar::Array(all.slice(3, 190));
        let one = Columnar::Scalar(with_room(Arc::new(StringArray::from(vec!["-"]))));
        let (source, dash) = (Texts::of(&column), Texts::of(&one));

        let mut whole = TextColumn::with_capacity(190, 0);
        whole.extend(&source, 0..100).unwrap();
        whole.extend(&source, 100..100).unwrap();
        whole.extend(&source, 100..190).unwrap();
        assert_eq!(&whole.finish(), column.array());

        let values = column.array().as_string::<i32>();
        let mut pieces = TextColumn::with_capacity(190, 0);
        for row in 0..190 {
            if source.is_null(row) {
                pieces.end_null().unwrap();
                continue;
            }
            let text = values.value(row);
            pieces.append_piece(&source, text.get(2..).unwrap_or_default());
            pieces.append_row(&dash, row);
            pieces.append_row(&source, row);
            pieces.end().unwrap();
        }
        let expected: StringArray =
            values.iter().map(|t| t.map(|t| format!("{}-{t}", t.get(2..).unwrap_or_default()))).collect();
        assert_eq!(pieces.finish().as_string::<i32>(), &expected);
    }
}
