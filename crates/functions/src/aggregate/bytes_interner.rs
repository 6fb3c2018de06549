use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};

use super::hash::hash_bytes;
use super::number_table::{GROUP, NumberTable};

/// Numbers byte strings densely in the order they are first seen: equal bytes, equal number.
///
/// The bytes lie one after the other in one arena. About 12 bytes per string beside its own, and 12 to 24 in
/// the table.
#[derive(Debug, Default)]
pub struct BytesInterner {
    table: NumberTable,
    arena: Vec<u8>,
    spans: Vec<Span>,
    /// Numbers given back by `remove`.
    free: Vec<u32>,
    /// Bytes of the arena that belong to nobody any more.
    garbage: usize,
}

/// Where a string lies in the arena.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed(4))]
struct Span {
    start: u64,
    length: u32,
}

impl Span {
    #[inline]
    fn of(self, arena: &[u8]) -> &[u8] {
        let start = self.start as usize;
        &arena[start..start + self.length as usize]
    }
}

impl BytesInterner {
    pub fn with_capacity(strings: usize) -> BytesInterner {
        BytesInterner {
            table: NumberTable::with_capacity(strings),
            spans: Vec::with_capacity(strings),
            ..BytesInterner::default()
        }
    }

    /// Numbers in use lie in `0..len`.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    #[inline]
    pub fn get(&self, number: u32) -> &[u8] {
        self.spans[number as usize].of(&self.arena)
    }

    /// The number of `bytes` and whether it is new. `hash` is `hash_bytes(bytes)` or anything else that is a
    /// function of the bytes, always the same one.
    #[inline]
    pub fn intern_hashed(&mut self, hash: u64, bytes: &[u8]) -> (u32, bool) {
        let (arena, spans) = (&self.arena, &self.spans);
        match self.table.find(hash, |number| spans[number as usize].of(arena) == bytes) {
            Ok(number) => (number, false),
            Err(vacancy) => {
                let span = Span { start: self.arena.len() as u64, length: bytes.len() as u32 };
                self.arena.extend_from_slice(bytes);
                let number = self.add(span);
                self.table.insert(vacancy, hash, number);
                (number, true)
            }
        }
    }

    /// Appends the numbers of many strings, string i being `get(i)` with hash `hashes[i]`. Faster than one by
    /// one once the strings outgrow the caches.
    pub fn intern_all<'a>(&mut self, hashes: &[u64], get: impl Fn(usize) -> &'a [u8], numbers: &mut Vec<u32>) {
        for (group, hashes) in hashes.chunks(GROUP).enumerate() {
            if self.table.is_large() {
                self.table.load(hashes, |number| {
                    let start = self.spans[number as usize].start as usize;
                    u64::from(self.arena.get(start).copied().unwrap_or_default())
                });
            }
            let first = group * GROUP;
            numbers.extend(hashes.iter().enumerate().map(|(i, hash)| self.intern_hashed(*hash, get(first + i)).0));
        }
    }

    fn add(&mut self, span: Span) -> u32 {
        match self.free.pop() {
            Some(number) => {
                self.spans[number as usize] = span;
                number
            }
            None => {
                self.spans.push(span);
                (self.spans.len() - 1) as u32
            }
        }
    }

    pub fn intern(&mut self, bytes: &[u8]) -> (u32, bool) {
        self.intern_hashed(hash_bytes(bytes), bytes)
    }

    /// Forgets a number, which may be given to other bytes then. `hash` as it was interned with.
    pub fn remove_hashed(&mut self, hash: u64, number: u32) {
        if self.table.remove(hash, number) {
            let span = &mut self.spans[number as usize];
            self.garbage += span.length as usize;
            span.length = 0;
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
        self.add(Span { start: self.arena.len() as u64, length: 0 })
    }

    /// Gives back a number from `push_anonymous`.
    pub fn free_anonymous(&mut self, number: u32) {
        self.free.push(number);
    }

    /// All strings in order of their numbers, as offsets and bytes of an Arrow array, without copying the
    /// bytes; the interner is empty afterwards. Only for interners nothing was removed from, and below 2 GiB.
    pub fn take(&mut self) -> (OffsetBuffer<i32>, Buffer) {
        debug_assert!(self.free.is_empty() && self.arena.len() <= i32::MAX as usize);
        let mut offsets: Vec<i32> = Vec::with_capacity(self.spans.len() + 1);
        offsets.extend(self.spans.iter().map(|span| span.start as i32));
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
        self.arena.capacity() + self.spans.capacity() * size_of::<Span>() + self.table.bytes()
    }

    fn compact(&mut self) {
        let mut arena = Vec::with_capacity(self.arena.len() - self.garbage);
        for span in &mut self.spans {
            let start = arena.len() as u64;
            arena.extend_from_slice(span.of(&self.arena));
            span.start = start;
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
