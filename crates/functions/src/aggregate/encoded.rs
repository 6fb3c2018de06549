use arrow::array::ArrayRef;
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, Rows, SortField};
use flitz_dataflow::{Error, Result};

/// Values of any type as bytes that compare like the values: Arrow's row format. NULL comes first, text
/// compares by its bytes. The bytes live in memory only; state columns hold the values themselves.
#[derive(Debug)]
pub struct Encoding {
    converter: RowConverter,
    types: Vec<DataType>,
}

impl Encoding {
    /// `Unsupported` for types without an order or equality (MAP, MULTISET).
    pub fn new(types: Vec<DataType>, function: &str) -> Result<Encoding> {
        let fields = types.iter().map(|t| SortField::new(t.clone())).collect();
        let converter =
            RowConverter::new(fields).map_err(|_| Error::unsupported(format!("{function} of a MAP or MULTISET")))?;
        Ok(Encoding { converter, types })
    }

    pub fn types(&self) -> &[DataType] {
        &self.types
    }

    pub fn encode(&self, columns: &[ArrayRef]) -> Result<Rows> {
        Ok(self.converter.convert_columns(columns)?)
    }

    pub fn decode<'a>(&self, values: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<ArrayRef>> {
        let parser = self.converter.parser();
        Ok(self.converter.convert_rows(values.into_iter().map(|bytes| parser.parse(bytes)))?)
    }

    /// One row of NULLs.
    pub fn null(&self) -> Result<Vec<u8>> {
        let nulls: Vec<ArrayRef> = self.types.iter().map(|t| arrow::array::new_null_array(t, 1)).collect();
        Ok(self.encode(&nulls)?.row(0).as_ref().to_vec())
    }
}

/// Offsets of lists of these lengths.
pub fn offsets_of(lengths: impl Iterator<Item = usize>) -> OffsetBuffer<i32> {
    let mut end = 0;
    let ends = lengths.map(|length| {
        end += length as i32;
        end
    });
    OffsetBuffer::new(ScalarBuffer::from(std::iter::once(0).chain(ends).collect::<Vec<i32>>()))
}
