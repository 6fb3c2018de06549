//! The hash table under the numbering of strings: it finds a number by the hash of what it stands for.
//!
//! A slot is one word, the low half of the hash and the number, so eight slots share a cache line, a probe
//! looks at what the number stands for only to confirm a match, and growing looks at no key at all. Tables
//! of a million keys lie outside the caches; a caller that has many hashes at once therefore asks for them
//! groups, and calls [`NumberTable::load`] for each before it uses the first.

/// Numbers by the hash of what they stand for: open addressing, linear probing, at most two thirds full;
/// 12 to 24 bytes per number.
#[derive(Debug, Default)]
pub struct NumberTable {
    /// A power of two long, or empty.
    slots: Vec<Slot>,
    len: usize,
}

/// The number plus one in the high half, so that zero is an empty slot, the low half of the hash in the low.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slot(u64);

impl Slot {
    const EMPTY: Slot = Slot(0);

    fn new(hash: u64, number: u32) -> Slot {
        Slot((u64::from(number) + 1) << 32 | hash & 0xffff_ffff)
    }

    #[inline]
    fn has_hash(self, hash: u64) -> bool {
        self.0 as u32 == hash as u32
    }

    #[inline]
    fn number(self) -> u32 {
        ((self.0 >> 32) as u32).wrapping_sub(1)
    }
}

/// Where a number that was not found belongs.
#[derive(Clone, Copy, Debug)]
pub struct Vacancy(usize);

/// Smallest table that does not stay in the second-level cache by itself.
const LARGE: usize = 1 << 15;

/// Rows whose cache lines are asked for together: more than the processor can have under way, few enough to
/// stay in the first-level cache.
pub const GROUP: usize = 64;

impl NumberTable {
    pub fn with_capacity(numbers: usize) -> NumberTable {
        let mut table = NumberTable::default();
        if numbers > 0 {
            table.resize((numbers + numbers / 2 + 1).next_power_of_two());
        }
        table
    }

    /// The number with this hash for which `same` holds, or where to insert it.
    #[inline]
    pub fn find(&mut self, hash: u64, mut same: impl FnMut(u32) -> bool) -> Result<u32, Vacancy> {
        if self.len * 3 >= self.slots.len() * 2 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == Slot::EMPTY {
                return Err(Vacancy(at));
            }
            if slot.has_hash(hash) && same(slot.number()) {
                return Ok(slot.number());
            }
            at = (at + 1) & mask;
        }
    }

    /// `vacancy` as `find` has just given it for this hash.
    #[inline]
    pub fn insert(&mut self, vacancy: Vacancy, hash: u64, number: u32) {
        debug_assert!(self.slots[vacancy.0] == Slot::EMPTY);
        self.slots[vacancy.0] = Slot::new(hash, number);
        self.len += 1;
    }

    /// Forgets a number; whether it was there.
    pub fn remove(&mut self, hash: u64, number: u32) -> bool {
        if self.len == 0 {
            return false;
        }
        let mask = self.slots.len() - 1;
        let wanted = Slot::new(hash, number);
        let mut hole = hash as usize & mask;
        while self.slots[hole] != wanted {
            if self.slots[hole] == Slot::EMPTY {
                return false;
            }
            hole = (hole + 1) & mask;
        }
        // What follows without a gap moves up, unless it would come to lie before its home.
        let mut next = (hole + 1) & mask;
        while self.slots[next] != Slot::EMPTY {
            let home = self.slots[next].0 as usize & mask;
            if (next.wrapping_sub(home) & mask) >= (next.wrapping_sub(hole) & mask) {
                self.slots[hole] = self.slots[next];
                hole = next;
            }
            next = (next + 1) & mask;
        }
        self.slots[hole] = Slot::EMPTY;
        self.len -= 1;
        true
    }

    /// Whether it pays to call `load` before `find`.
    #[inline]
    pub fn is_large(&self) -> bool {
        self.slots.len() >= LARGE
    }

    /// Loads the slots of a group of hashes and, by `touch`, what their likely matches stand for, so that all
    /// are under way at once. `touch` returns anything it has read.
    #[inline]
    pub fn load(&self, hashes: &[u64], touch: impl Fn(u32) -> u64) {
        let mask = self.slots.len() - 1;
        let homes = hashes.iter().map(|hash| self.slots[*hash as usize & mask]);
        std::hint::black_box(homes.fold(0, |all, slot| all ^ slot.0));
        let matches = hashes.iter().map(|hash| {
            let slot = self.slots[*hash as usize & mask];
            if slot.has_hash(*hash) && slot != Slot::EMPTY { touch(slot.number()) } else { 0 }
        });
        std::hint::black_box(matches.fold(0, |all, read| all ^ read));
    }

    pub fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
    }

    #[cold]
    fn grow(&mut self) {
        self.resize((self.slots.len() * 2).max(16));
    }

    fn resize(&mut self, capacity: usize) {
        let old = std::mem::replace(&mut self.slots, vec![Slot::EMPTY; capacity]);
        let mask = capacity - 1;
        for slot in old {
            if slot != Slot::EMPTY {
                let mut at = slot.0 as usize & mask;
                while self.slots[at] != Slot::EMPTY {
                    at = (at + 1) & mask;
                }
                self.slots[at] = slot;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// A model that must agree through many insertions and removals, with hashes that collide often.
    #[test]
    fn agrees_with_a_map() {
        let mut table = NumberTable::default();
        let mut model: HashMap<(u64, u32), ()> = HashMap::new();
        let mut random = 1u64;
        for step in 0..20_000u32 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let hash = (random >> 40) % 61 * 0x0100_0000_1000_0101;
            let number = (random >> 33) as u32 % 8;
            let found = table.find(hash, |n| n == number);
            assert_eq!(found.is_ok(), model.contains_key(&(hash, number)), "step {step}");
            match found {
                Ok(_) if random >> 63 == 0 => {
                    assert!(table.remove(hash, number));
                    model.remove(&(hash, number));
                }
                Ok(_) => {}
                Err(vacancy) => {
                    table.insert(vacancy, hash, number);
                    model.insert((hash, number), ());
                }
            }
            assert_eq!(table.len, model.len());
        }
        for (hash, number) in model.keys() {
            assert!(table.remove(*hash, *number));
            assert!(!table.remove(*hash, *number));
        }
        assert!(table.slots.iter().all(|slot| *slot == Slot::EMPTY));
    }
}
