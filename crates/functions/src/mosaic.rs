//! A column put together from pieces: each row takes its value from one branch of a CASE, one operand of a COALESCE.

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::compute::{interleave, kernels::zip::zip};
use arrow::datatypes::DataType as Arrow;
use flitz_dataflow::{DataType, Result};

use crate::columnar::{Columnar, all_null};
use crate::text_column::{TextColumn, Texts};

pub(crate) struct Piece {
    pub values: Columnar,
    /// Whether row i of `values` is the i-th selected row instead of row i.
    pub packed: bool,
}

/// Which piece each row comes from, and the assembly of the pieces.
pub(crate) struct Mosaic {
    pieces: Vec<Piece>,
    choice: Vec<u32>,
}

impl Mosaic {
    const UNDECIDED: u32 = u32::MAX;

    pub fn new(rows: usize) -> Mosaic {
        Mosaic { pieces: vec![], choice: vec![Mosaic::UNDECIDED; rows] }
    }

    /// The rows in `mask` take their value from `piece`.
    pub fn add(&mut self, mask: &BooleanArray, piece: Piece) {
        let number = self.pieces.len() as u32;
        for row in mask.values().set_indices() {
            self.choice[row] = number;
        }
        self.pieces.push(piece);
    }

    /// Rows that chose no piece are NULL.
    pub fn assemble(mut self, data_type: &DataType) -> Result<Columnar> {
        if self.choice.is_empty() {
            return Ok(Columnar::Array(all_null(data_type, 0)));
        }
        if self.choice.contains(&Mosaic::UNDECIDED) {
            let number = self.pieces.len() as u32;
            self.choice.iter_mut().filter(|c| **c == Mosaic::UNDECIDED).for_each(|c| *c = number);
            self.pieces.push(Piece { values: Columnar::Scalar(all_null(data_type, 1)), packed: false });
        } else if self.pieces.len() == 1 {
            // All rows took one branch.
            return Ok(self.pieces.remove(0).values);
        }
        if self.pieces.iter().all(|p| *p.values.array().data_type() == Arrow::Utf8) {
            return Ok(Columnar::Array(self.texts()?));
        }
        if self.pieces.len() == 2 && self.pieces.iter().all(|p| !p.packed) {
            let first = arrow::buffer::BooleanBuffer::collect_bool(self.choice.len(), |row| self.choice[row] == 0);
            return Ok(Columnar::Array(zip(&first.into(), &self.pieces[0].values, &self.pieces[1].values)?));
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

    /// Text, of which neighbours from one piece are copied at once.
    fn texts(&self) -> Result<ArrayRef> {
        let rows = self.choice.len();
        let sources: Vec<Texts> = self.pieces.iter().map(|p| Texts::of(&p.values)).collect();
        let bytes = sources.iter().map(|s| s.bytes(rows)).max().unwrap_or_default();
        let mut column = TextColumn::with_capacity(rows, bytes);
        let mut next = vec![0; sources.len()];
        let mut row = 0;
        while row < rows {
            let number = self.choice[row] as usize;
            let (piece, source) = (&self.pieces[number], &sources[number]);
            if piece.values.is_scalar() {
                match source.is_null(0) {
                    true => column.end_null()?,
                    false => {
                        column.append_row(source, 0);
                        column.end()?;
                    }
                }
                row += 1;
                continue;
            }
            let run = self.choice[row..].iter().take_while(|choice| **choice as usize == number).count();
            let from = if piece.packed { next[number] } else { row };
            column.extend(source, from..from + run)?;
            next[number] += run;
            row += run;
        }
        Ok(column.finish())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, StringArray};
    use flitz_dataflow::TypeKind;

    use super::*;

    #[test]
    fn texts_come_from_where_each_row_chose() {
        let piece = |texts: &[Option<&str>], packed| {
            let array: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
            Piece { values: if texts.len() == 1 { Columnar::Scalar(array) } else { Columnar::Array(array) }, packed }
        };
        let long = "a text that is longer than what is copied at once";
        let mut mosaic = Mosaic::new(8);
        let mask = |rows: &[usize]| BooleanArray::from((0..8).map(|row| rows.contains(&row)).collect::<Vec<_>>());
        let all = [Some("a"), Some("b"), Some(long), None, Some("e"), Some("ü"), Some("g"), Some("h")];
        mosaic.add(&mask(&[1, 2, 3]), piece(&all, false));
        mosaic.add(&mask(&[0, 5]), piece(&[Some("x")], false));
        mosaic.add(&mask(&[4, 6]), piece(&[Some("first"), None], true));
        let assembled = mosaic.assemble(&TypeKind::STRING.nullable()).unwrap();
        let expected = [Some("x"), Some("b"), Some(long), None, Some("first"), Some("x"), None, None];
        assert_eq!(assembled.array().as_string::<i32>(), &StringArray::from(expected.to_vec()));
    }
}
