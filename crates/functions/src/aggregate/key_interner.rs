//! Keys of rows: their hash, and their dense numbering.
//!
//! NULL is a key like any other. Floating point keys are equal when their bits are, as in Flink's binary rows.

use std::sync::Arc;

use arrow::array::{Array, ArrayData, ArrayRef, AsArray, BooleanArray, make_array};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, SortField};
use flitz_dataflow::{Error, Result};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::bytes_interner::BytesInterner;
use super::hash::{NULL_HASH, combine_hashes, hash_bytes, hash_u64};

/// Hash of each of `rows` keys that `columns` hold. Without columns all rows have the same key.
pub fn hash_columns(columns: &[ArrayRef], rows: usize) -> Result<Vec<u64>> {
    let mut columns = columns.iter();
    let Some(first) = columns.next() else { return Ok(vec![0; rows]) };
    let mut hashes = hash_column(first)?;
    for column in columns {
        for (hash, next) in hashes.iter_mut().zip(hash_column(column)?) {
            *hash = combine_hashes(*hash, next);
        }
    }
    Ok(hashes)
}

fn hash_column(column: &ArrayRef) -> Result<Vec<u64>> {
    let mut hashes: Vec<u64> = if let Some(words) = fixed_words(column)? {
        words.iter().map(|word| hash_u64(*word)).collect()
    } else if let Some(bytes) = byte_strings(column) {
        (0..column.len()).map(|row| hash_bytes(bytes.get(row))).collect()
    } else if column.data_type() == &DataType::Null {
        vec![NULL_HASH; column.len()]
    } else {
        let rows = row_converter(&[column.data_type().clone()])?.convert_columns(std::slice::from_ref(column))?;
        rows.iter().map(|row| hash_bytes(row.as_ref())).collect()
    };
    if let Some(nulls) = column.nulls().filter(|n| n.null_count() > 0) {
        for (hash, valid) in hashes.iter_mut().zip(nulls) {
            if !valid {
                *hash = NULL_HASH;
            }
        }
    }
    Ok(hashes)
}

fn row_converter(types: &[DataType]) -> Result<RowConverter> {
    let fields = types.iter().map(|t| SortField::new(t.clone())).collect();
    RowConverter::new(fields).map_err(|_| Error::unsupported(format!("a key of type {types:?}")))
}

/// The bits of a column of fixed width up to 8 bytes, one word per row; None for other types. What stands
/// where the column is NULL is arbitrary.
fn fixed_words(column: &ArrayRef) -> Result<Option<ScalarBuffer<u64>>> {
    if let DataType::Boolean = column.data_type() {
        return Ok(Some(column.as_boolean().values().iter().map(u64::from).collect()));
    }
    let Some(width) = fixed_width(column.data_type()) else { return Ok(None) };
    let data = column.to_data();
    let (offset, len) = (data.offset(), data.len());
    let buffer = &data.buffers()[0];
    Ok(Some(match width {
        8 => ScalarBuffer::new(buffer.clone(), offset, len),
        4 => ScalarBuffer::<u32>::new(buffer.clone(), offset, len).iter().map(|v| u64::from(*v)).collect(),
        2 => ScalarBuffer::<u16>::new(buffer.clone(), offset, len).iter().map(|v| u64::from(*v)).collect(),
        1 => buffer.as_slice()[offset..offset + len].iter().map(|v| u64::from(*v)).collect(),
        _ => return Ok(None),
    }))
}

fn fixed_width(data_type: &DataType) -> Option<usize> {
    match data_type {
        DataType::Boolean => Some(0),
        other => other.primitive_width().filter(|width| *width <= 8),
    }
}

/// The inverse of `fixed_words`.
fn from_words(data_type: &DataType, words: Vec<u64>, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
    let buffer = match fixed_width(data_type) {
        Some(0) => {
            let values: BooleanBuffer = words.iter().map(|w| *w != 0).collect();
            return Ok(Arc::new(BooleanArray::new(values, nulls)));
        }
        Some(8) => return fixed_array(data_type, words.len(), Buffer::from_vec(words), nulls),
        Some(4) => words.iter().map(|w| *w as u32).collect::<Vec<u32>>().into(),
        Some(2) => words.iter().map(|w| *w as u16).collect::<Vec<u16>>().into(),
        Some(1) => words.iter().map(|w| *w as u8).collect::<Vec<u8>>().into(),
        _ => return Err(Error::internal(format!("{data_type} is not a type of fixed width"))),
    };
    fixed_array(data_type, words.len(), buffer, nulls)
}

fn fixed_array(data_type: &DataType, len: usize, buffer: Buffer, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
    let data = ArrayData::builder(data_type.clone()).len(len).add_buffer(buffer).nulls(nulls).build()?;
    Ok(make_array(data))
}

/// A column of strings or byte strings.
struct ByteStrings<'a> {
    offsets: &'a [i32],
    bytes: &'a [u8],
}

impl<'a> ByteStrings<'a> {
    #[inline]
    fn get(&self, row: usize) -> &'a [u8] {
        &self.bytes[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }
}

fn byte_strings(column: &ArrayRef) -> Option<ByteStrings<'_>> {
    match column.data_type() {
        DataType::Utf8 => {
            let strings = column.as_string::<i32>();
            Some(ByteStrings { offsets: strings.value_offsets(), bytes: strings.value_data() })
        }
        DataType::Binary => {
            let strings = column.as_binary::<i32>();
            Some(ByteStrings { offsets: strings.value_offsets(), bytes: strings.value_data() })
        }
        _ => None,
    }
}

/// Numbers keys densely from 0 in the order they are first seen. Works on whole batches: hashes all rows,
/// then probes for all.
///
/// | Key | Kept as | Bytes per key |
/// |---|---|---|
/// | none | one group | 0 |
/// | one column up to 8 bytes wide | a word in the table itself | 8 + 16 to 32 |
/// | two such columns | two words | 24 + 24 to 48 |
/// | one string | [`BytesInterner`] | its own + 24 to 36 |
/// | anything else | Arrow's row format in a [`BytesInterner`] | the row + 24 to 36 |
#[derive(Debug)]
pub struct KeyInterner {
    types: Vec<DataType>,
    keys: Keys,
}

#[derive(Debug)]
enum Keys {
    None { seen: bool },
    Word(Words<u64>),
    Pair(Words<Pair>),
    Bytes { strings: BytesInterner, null: Option<u32> },
    Rows { converter: RowConverter, strings: BytesInterner },
}

/// Two words and which of them are NULL (bits 0 and 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
struct Pair {
    first: u64,
    second: u64,
    nulls: u64,
}

trait FixedKey: Copy + Eq + Default + Send + 'static {
    fn hash(&self) -> u64;
}

impl FixedKey for u64 {
    #[inline]
    fn hash(&self) -> u64 {
        hash_u64(*self)
    }
}

impl FixedKey for Pair {
    #[inline]
    fn hash(&self) -> u64 {
        combine_hashes(hash_u64(self.first), hash_u64(self.second) ^ self.nulls)
    }
}

/// Numbering of keys of fixed width. The key stands beside its number in the table, so a probe costs one
/// cache miss.
#[derive(Debug)]
struct Words<K> {
    table: HashTable<(K, u32)>,
    by_number: Vec<K>,
    /// The number of the single-column key NULL.
    null: Option<u32>,
    free: Vec<u32>,
}

impl<K: FixedKey> Words<K> {
    fn with_capacity(keys: usize) -> Words<K> {
        Words { table: HashTable::with_capacity(keys), by_number: Vec::with_capacity(keys), null: None, free: vec![] }
    }

    #[inline]
    fn intern(&mut self, key: K) -> u32 {
        match self.table.entry(key.hash(), |entry| entry.0 == key, |entry| entry.0.hash()) {
            Entry::Occupied(found) => found.get().1,
            Entry::Vacant(place) => {
                let number = match self.free.pop() {
                    Some(number) => {
                        self.by_number[number as usize] = key;
                        number
                    }
                    None => {
                        self.by_number.push(key);
                        (self.by_number.len() - 1) as u32
                    }
                };
                place.insert((key, number));
                number
            }
        }
    }

    fn intern_null(&mut self) -> u32 {
        if let Some(number) = self.null {
            return number;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.by_number.push(K::default());
            (self.by_number.len() - 1) as u32
        });
        self.null = Some(number);
        number
    }

    fn remove(&mut self, number: u32) {
        if self.null == Some(number) {
            self.null = None;
            self.free.push(number);
            return;
        }
        let key = self.by_number[number as usize];
        if let Ok(entry) = self.table.find_entry(key.hash(), |entry| entry.1 == number) {
            entry.remove();
            self.free.push(number);
        }
    }

    fn free_table(&mut self) {
        let rest = std::mem::replace(self, Words::with_capacity(0));
        let size = rest.bytes();
        super::free(rest, size);
    }

    fn bytes(&self) -> usize {
        self.table.capacity() * (size_of::<(K, u32)>() + 1) + self.by_number.capacity() * size_of::<K>()
    }
}

impl KeyInterner {
    /// `Unsupported` if keys of these types can't be compared.
    pub fn new(types: Vec<DataType>) -> Result<KeyInterner> {
        KeyInterner::with_capacity(types, 0)
    }

    pub fn with_capacity(types: Vec<DataType>, capacity: usize) -> Result<KeyInterner> {
        let keys = match types.as_slice() {
            [] => Keys::None { seen: false },
            [one] if fixed_width(one).is_some() => Keys::Word(Words::with_capacity(capacity)),
            [DataType::Utf8 | DataType::Binary] => {
                Keys::Bytes { strings: BytesInterner::with_capacity(capacity), null: None }
            }
            [a, b] if fixed_width(a).is_some() && fixed_width(b).is_some() => {
                Keys::Pair(Words::with_capacity(capacity))
            }
            _ => Keys::Rows { converter: row_converter(&types)?, strings: BytesInterner::with_capacity(capacity) },
        };
        Ok(KeyInterner { types, keys })
    }

    /// Numbers in use lie in `0..len`.
    pub fn len(&self) -> usize {
        match &self.keys {
            Keys::None { seen } => usize::from(*seen),
            Keys::Word(words) => words.by_number.len(),
            Keys::Pair(pairs) => pairs.by_number.len(),
            Keys::Bytes { strings, .. } | Keys::Rows { strings, .. } => strings.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the number of each of `rows` keys to `numbers`.
    pub fn intern(&mut self, columns: &[ArrayRef], rows: usize, numbers: &mut Vec<u32>) -> Result<()> {
        numbers.clear();
        numbers.reserve(rows);
        match &mut self.keys {
            Keys::None { seen } => {
                *seen |= rows > 0;
                numbers.resize(rows, 0);
            }
            Keys::Word(words) => {
                let values = fixed_words(&columns[0])?.ok_or_else(|| wrong_type(&columns[0]))?;
                match columns[0].nulls().filter(|n| n.null_count() > 0) {
                    None => numbers.extend(values.iter().map(|value| words.intern(*value))),
                    Some(nulls) => numbers.extend(
                        values
                            .iter()
                            .zip(nulls)
                            .map(|(value, valid)| if valid { words.intern(*value) } else { words.intern_null() }),
                    ),
                }
            }
            Keys::Pair(pairs) => {
                let first = fixed_words(&columns[0])?.ok_or_else(|| wrong_type(&columns[0]))?;
                let second = fixed_words(&columns[1])?.ok_or_else(|| wrong_type(&columns[1]))?;
                for row in 0..rows {
                    let mut pair = Pair { first: first[row], second: second[row], nulls: 0 };
                    if columns[0].is_null(row) {
                        (pair.first, pair.nulls) = (0, 1);
                    }
                    if columns[1].is_null(row) {
                        (pair.second, pair.nulls) = (0, pair.nulls | 2);
                    }
                    numbers.push(pairs.intern(pair));
                }
            }
            Keys::Bytes { strings, null } => {
                let values = byte_strings(&columns[0]).ok_or_else(|| wrong_type(&columns[0]))?;
                match columns[0].nulls().filter(|n| n.null_count() > 0) {
                    None => {
                        // All hashes first: their loads are sequential and their multiplications overlap.
                        let hashes: Vec<u64> = (0..rows).map(|row| hash_bytes(values.get(row))).collect();
                        strings.intern_all(&hashes, |row| values.get(row), numbers);
                    }
                    Some(nulls) => {
                        for (row, valid) in nulls.iter().enumerate() {
                            numbers.push(if valid {
                                strings.intern(values.get(row)).0
                            } else {
                                match *null {
                                    Some(number) => number,
                                    None => {
                                        let number = strings.push_anonymous();
                                        *null = Some(number);
                                        number
                                    }
                                }
                            });
                        }
                    }
                }
            }
            Keys::Rows { converter, strings } => {
                let encoded = converter.convert_columns(columns)?;
                let hashes: Vec<u64> = encoded.iter().map(|row| hash_bytes(row.as_ref())).collect();
                strings.intern_all(&hashes, |row| encoded.row(row).data(), numbers);
            }
        }
        Ok(())
    }

    /// The keys of these numbers, as columns.
    pub fn keys(&self, numbers: &[u32]) -> Result<Vec<ArrayRef>> {
        Ok(match &self.keys {
            Keys::None { .. } => vec![],
            Keys::Word(words) => {
                let values = numbers.iter().map(|n| words.by_number[*n as usize]).collect();
                let nulls = words.null.map(|null| numbers.iter().map(|n| *n != null).collect::<NullBuffer>());
                vec![from_words(&self.types[0], values, nulls)?]
            }
            Keys::Pair(pairs) => pair_columns(&self.types, numbers.iter().map(|n| pairs.by_number[*n as usize]))?,
            Keys::Bytes { strings, null } => {
                let nulls = null.map(|null| numbers.iter().map(|n| *n != null).collect::<NullBuffer>());
                let mut offsets: Vec<i32> = Vec::with_capacity(numbers.len() + 1);
                let mut bytes = Vec::new();
                offsets.push(0);
                for number in numbers {
                    bytes.extend_from_slice(strings.get(*number));
                    offsets.push(i32::try_from(bytes.len()).map_err(|_| too_large())?);
                }
                vec![string_array(&self.types[0], ScalarBuffer::from(offsets), bytes.into(), nulls)?]
            }
            Keys::Rows { converter, strings } => {
                let parser = converter.parser();
                converter.convert_rows(numbers.iter().map(|n| parser.parse(strings.get(*n))))?
            }
        })
    }

    /// All keys in the order of their numbers, without copying where the form allows; the interner is empty
    /// afterwards. Only if nothing was removed.
    pub fn take(&mut self) -> Result<Vec<ArrayRef>> {
        match &mut self.keys {
            Keys::None { seen } => *seen = false,
            Keys::Word(words) => {
                let len = words.by_number.len();
                let nulls = words.null.map(|null| (0..len).map(|n| n != null as usize).collect::<NullBuffer>());
                let values = std::mem::take(&mut words.by_number);
                words.free_table();
                return Ok(vec![from_words(&self.types[0], values, nulls)?]);
            }
            Keys::Pair(pairs) => {
                let values = std::mem::take(&mut pairs.by_number);
                pairs.free_table();
                return pair_columns(&self.types, values.into_iter());
            }
            Keys::Bytes { strings, null } => {
                let len = strings.len();
                let nulls = null.take().map(|null| (0..len).map(|n| n != null as usize).collect::<NullBuffer>());
                let (offsets, bytes) = strings.take();
                return Ok(vec![string_array(&self.types[0], offsets.into_inner(), bytes, nulls)?]);
            }
            Keys::Rows { .. } => {
                let numbers: Vec<u32> = (0..self.len() as u32).collect();
                let columns = self.keys(&numbers)?;
                if let Keys::Rows { strings, .. } = &mut self.keys {
                    *strings = BytesInterner::default();
                }
                return Ok(columns);
            }
        }
        Ok(vec![])
    }

    /// Forgets keys; their numbers may be given to others.
    pub fn remove(&mut self, numbers: &[u32]) {
        for &number in numbers {
            match &mut self.keys {
                Keys::None { seen } => *seen = false,
                Keys::Word(words) => words.remove(number),
                Keys::Pair(pairs) => pairs.remove(number),
                Keys::Bytes { strings, null } => {
                    if *null == Some(number) {
                        *null = None;
                        strings.free_anonymous(number);
                    } else {
                        strings.remove(number);
                    }
                }
                Keys::Rows { strings, .. } => strings.remove(number),
            }
        }
    }

    /// Whether `take` will soon be impossible for want of 32-bit offsets.
    pub fn is_nearly_full(&self) -> bool {
        match &self.keys {
            Keys::Bytes { strings, .. } | Keys::Rows { strings, .. } => strings.is_nearly_full(),
            Keys::None { .. } | Keys::Word(_) | Keys::Pair(_) => false,
        }
    }

    /// Memory held, approximately.
    pub fn bytes(&self) -> usize {
        match &self.keys {
            Keys::None { .. } => 0,
            Keys::Word(words) => words.bytes(),
            Keys::Pair(pairs) => pairs.bytes(),
            Keys::Bytes { strings, .. } | Keys::Rows { strings, .. } => strings.bytes(),
        }
    }
}

fn pair_columns(types: &[DataType], pairs: impl ExactSizeIterator<Item = Pair>) -> Result<Vec<ArrayRef>> {
    let (mut first, mut second) = (Vec::with_capacity(pairs.len()), Vec::with_capacity(pairs.len()));
    let (mut first_valid, mut second_valid) = (Vec::with_capacity(pairs.len()), Vec::with_capacity(pairs.len()));
    for pair in pairs {
        first.push(pair.first);
        second.push(pair.second);
        first_valid.push(pair.nulls & 1 == 0);
        second_valid.push(pair.nulls & 2 == 0);
    }
    Ok(vec![
        from_words(&types[0], first, Some(NullBuffer::from(first_valid)))?,
        from_words(&types[1], second, Some(NullBuffer::from(second_valid)))?,
    ])
}

fn string_array(
    data_type: &DataType,
    offsets: ScalarBuffer<i32>,
    bytes: Buffer,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let builder = ArrayData::builder(data_type.clone())
        .len(offsets.len() - 1)
        .add_buffer(offsets.into_inner())
        .add_buffer(bytes)
        .nulls(nulls);
    // SAFETY: offsets ascend within `bytes`, and each string was copied whole from an array of the same type,
    // so text is valid UTF-8.
    let data = unsafe { builder.build_unchecked() };
    Ok(make_array(data))
}

fn wrong_type(column: &ArrayRef) -> Error {
    Error::internal(format!("a key column became {}", column.data_type()))
}

fn too_large() -> Error {
    Error::internal("more than 2 GiB of key text in one batch")
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int32Array, Int64Array, StringArray};

    use super::*;

    fn check(columns: Vec<ArrayRef>, expected: &[u32]) {
        let types: Vec<DataType> = columns.iter().map(|c| c.data_type().clone()).collect();
        let rows = columns[0].len();
        let mut interner = KeyInterner::new(types).unwrap();
        let mut numbers = vec![];
        interner.intern(&columns, rows, &mut numbers).unwrap();
        assert_eq!(numbers, expected);
        // The keys of all rows are the columns again.
        let back = interner.keys(&numbers).unwrap();
        for (column, original) in back.iter().zip(&columns) {
            assert_eq!(column.as_ref(), original.as_ref());
        }
        let distinct: Vec<u32> = (0..interner.len() as u32).collect();
        let by_number = interner.keys(&distinct).unwrap();
        for (taken, expected) in interner.take().unwrap().iter().zip(&by_number) {
            assert_eq!(taken.as_ref(), expected.as_ref());
        }
        assert!(interner.is_empty());
    }

    #[test]
    fn keys_of_every_form_are_numbered_and_given_back() {
        let ints: ArrayRef = Arc::new(Int32Array::from(vec![Some(7), None, Some(-1), Some(7), None]));
        let longs: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 1, 1, 2]));
        let strings: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some(""), Some("a"), None]));
        let booleans: ArrayRef = Arc::new(BooleanArray::from(vec![true, false, true, true, false]));
        check(vec![ints.clone()], &[0, 1, 2, 0, 1]);
        check(vec![longs.clone()], &[0, 1, 0, 0, 1]);
        check(vec![strings.clone()], &[0, 1, 2, 0, 1]);
        check(vec![booleans.clone()], &[0, 1, 0, 0, 1]);
        check(vec![ints.clone(), longs.clone()], &[0, 1, 2, 0, 1]);
        check(vec![strings, ints, longs], &[0, 1, 2, 0, 1]);
    }

    #[test]
    fn slices_of_columns_hash_as_the_whole() {
        let whole = StringArray::from(vec!["a", "bb", "ccc", "dddddddddddddddddddd"]);
        let all = hash_column(&(Arc::new(whole.clone()) as ArrayRef)).unwrap();
        assert_eq!(hash_column(&(Arc::new(whole.slice(1, 3)) as ArrayRef)).unwrap(), all[1..]);
        let ints = Int32Array::from(vec![1, 2, 3]);
        let all = hash_column(&(Arc::new(ints.clone()) as ArrayRef)).unwrap();
        assert_eq!(hash_column(&(Arc::new(ints.slice(1, 2)) as ArrayRef)).unwrap(), all[1..]);
    }

    #[test]
    fn removed_numbers_are_used_again() {
        let strings: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("b")]));
        let mut interner = KeyInterner::new(vec![DataType::Utf8]).unwrap();
        let mut numbers = vec![];
        interner.intern(&[strings.clone()], 3, &mut numbers).unwrap();
        interner.remove(&[1, 0]);
        interner.intern(&[strings.clone()], 3, &mut numbers).unwrap();
        assert_eq!(numbers, [0, 1, 2]);
        assert_eq!(interner.keys(&numbers).unwrap()[0].as_ref(), strings.as_ref());
    }
}
