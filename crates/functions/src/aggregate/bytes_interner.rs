use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::hash::hash_bytes;

/// Numbers byte strings densely in the order they are first seen: equal bytes, equal number.
///
/// The bytes lie one after the other in one arena; the hash table holds the whole hash beside the number, so
/// that a probe looks at the arena only to confirm a match and growing the table does not look at it at all.
/// About 12 bytes per string beside its own, and 16 to 32 in the table.
#[derive(Debug, Default)]
pub struct BytesInterner {
    table: HashTable<Numbered>,
    arena: Vec<u8>,
    starts: Vec<u64>,
    lengths: Vec<u32>,
    /// Numbers given back by `remove`.
    free: Vec<u32>,
    /// Bytes of the arena that belong to nobody any more.
    garbage: usize,
}

#[derive(Clone, Copy, Debug)]
struct Numbered {
    hash: u64,
    number: u32,
}

impl BytesInterner {
    pub fn with_capacity(strings: usize) -> BytesInterner {
        BytesInterner {
            table: HashTable::with_capacity(strings),
            starts: Vec::with_capacity(strings),
            lengths: Vec::with_capacity(strings),
            ..BytesInterner::default()
        }
    }

    /// Numbers in use lie in `0..len`.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    #[inline]
    pub fn get(&self, number: u32) -> &[u8] {
        let start = self.starts[number as usize] as usize;
        &self.arena[start..start + self.lengths[number as usize] as usize]
    }

    /// The number of `bytes` and whether it is new. `hash` is `hash_bytes(bytes)` or anything else that is a
    /// function of the bytes, always the same one.
    #[inline]
    pub fn intern_hashed(&mut self, hash: u64, bytes: &[u8]) -> (u32, bool) {
        let (arena, starts, lengths) = (&self.arena, &self.starts, &self.lengths);
        let same = |entry: &Numbered| {
            entry.hash == hash && {
                let number = entry.number as usize;
                let start = starts[number] as usize;
                lengths[number] as usize == bytes.len() && arena[start..start + bytes.len()] == *bytes
            }
        };
        match self.table.entry(hash, same, |entry| entry.hash) {
            Entry::Occupied(found) => (found.get().number, false),
            Entry::Vacant(place) => {
                let start = self.arena.len() as u64;
                self.arena.extend_from_slice(bytes);
                let number = match self.free.pop() {
                    Some(number) => {
                        self.starts[number as usize] = start;
                        self.lengths[number as usize] = bytes.len() as u32;
                        number
                    }
                    None => {
                        self.starts.push(start);
                        self.lengths.push(bytes.len() as u32);
                        (self.starts.len() - 1) as u32
                    }
                };
                place.insert(Numbered { hash, number });
                (number, true)
            }
        }
    }

    pub fn intern(&mut self, bytes: &[u8]) -> (u32, bool) {
        self.intern_hashed(hash_bytes(bytes), bytes)
    }

    /// Forgets a number, which may be given to other bytes then. `hash` as it was interned with.
    pub fn remove_hashed(&mut self, hash: u64, number: u32) {
        if let Ok(entry) = self.table.find_entry(hash, |entry| entry.number == number) {
            entry.remove();
            self.garbage += self.lengths[number as usize] as usize;
            self.lengths[number as usize] = 0;
            self.free.push(number);
            if self.garbage > 1 << 20 && self.garbage > self.arena.len() / 2 {
                self.compact();
            }
        }
    }

    pub fn remove(&mut self, number: u32) {
        self.remove_hashed(hash_bytes(self.get(number)), number);
    }

    /// A number that stands for no bytes (for NULL); `intern` never returns it.
    pub fn push_anonymous(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.starts.push(self.arena.len() as u64);
            self.lengths.push(0);
            (self.starts.len() - 1) as u32
        })
    }

    /// Gives back a number from `push_anonymous`.
    pub fn free_anonymous(&mut self, number: u32) {
        self.free.push(number);
    }

    /// All strings in order of their numbers, as offsets and bytes of an Arrow array, without copying the
    /// bytes; the interner is empty afterwards. Only for interners nothing was removed from, and below 2 GiB.
    pub fn take(&mut self) -> (OffsetBuffer<i32>, Buffer) {
        debug_assert!(self.free.is_empty() && self.arena.len() <= i32::MAX as usize);
        let mut offsets: Vec<i32> = Vec::with_capacity(self.starts.len() + 1);
        offsets.extend(self.starts.iter().map(|start| *start as i32));
        offsets.push(self.arena.len() as i32);
        let bytes = Buffer::from_vec(std::mem::take(&mut self.arena));
        let rest = std::mem::take(self);
        let size = rest.bytes();
        super::free(rest, size);
        (OffsetBuffer::new(ScalarBuffer::from(offsets)), bytes)
    }

    /// Whether `take` will soon be impossible for want of 32-bit offsets.
    pub fn is_nearly_full(&self) -> bool {
        self.arena.len() > 1 << 30
    }

    /// Memory held.
    pub fn bytes(&self) -> usize {
        self.arena.capacity()
            + self.starts.capacity() * 8
            + self.lengths.capacity() * 4
            + self.table.capacity() * (size_of::<Numbered>() + 1)
    }

    fn compact(&mut self) {
        let mut arena = Vec::with_capacity(self.arena.len() - self.garbage);
        for number in 0..self.starts.len() {
            let start = self.starts[number] as usize;
            self.starts[number] = arena.len() as u64;
            arena.extend_from_slice(&self.arena[start..start + self.lengths[number] as usize]);
        }
        self.arena = arena;
        self.garbage = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_have_equal_numbers() {
        let mut interner = BytesInterner::default();
        assert_eq!(interner.intern(b"a"), (0, true));
        assert_eq!(interner.intern(b""), (1, true));
        assert_eq!(interner.intern(b"a"), (0, false));
        interner.remove(0);
        assert_eq!(interner.intern(b"long enough"), (0, true));
        assert_eq!(interner.get(0), b"long enough");
        assert_eq!(interner.intern(b"a"), (2, true));
    }

    #[test]
    fn taking_gives_the_strings_in_order() {
        let mut interner = BytesInterner::default();
        for word in ["x", "yy", "", "x"] {
            interner.intern(word.as_bytes());
        }
        let (offsets, bytes) = interner.take();
        assert_eq!(offsets.to_vec(), [0, 1, 3, 3]);
        assert_eq!(bytes.as_slice(), b"xyy");
        assert_eq!(interner.intern(b"x"), (0, true));
    }
}
