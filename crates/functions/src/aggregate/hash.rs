//! The one hash of keys and values: rows are routed to workers, grouped and made distinct by it.
//!
//! It is the folded multiply of wyhash: a 64×64→128 bit product whose halves are xored. The seeds are
//! constants, so that all workers agree; nothing durable depends on its values.

const K0: u64 = 0x9e37_79b9_7f4a_7c15;
const K1: u64 = 0xa076_1d64_78bd_642f;
const K2: u64 = 0xe703_7ed1_a0b4_28db;

/// Hash of NULL, whatever the type.
pub const NULL_HASH: u64 = 0x6c62_272e_07bb_0142;

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

#[inline]
pub fn hash_u64(value: u64) -> u64 {
    fold(value ^ K1, K2)
}

/// Hash of a row whose columns so far hash to `seed` and whose next one hashes to `next`.
#[inline]
pub fn combine_hashes(seed: u64, next: u64) -> u64 {
    fold(seed.rotate_left(23) ^ next, K0 | 1) ^ next
}

#[inline]
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    let (a, b, seed) = if len <= 16 {
        let (a, b) = if len >= 8 {
            (read_u64(bytes, 0), read_u64(bytes, len - 8))
        } else if len >= 4 {
            (u64::from(read_u32(bytes, 0)), u64::from(read_u32(bytes, len - 4)))
        } else if len > 0 {
            let ends = u64::from(bytes[0]) << 8 | u64::from(bytes[len - 1]);
            (u64::from(bytes[len / 2]), ends)
        } else {
            (0, 0)
        };
        (a, b, K0)
    } else {
        let mut seed = K0;
        let mut at = 0;
        while at + 16 < len {
            seed = fold(read_u64(bytes, at) ^ K1, read_u64(bytes, at + 8) ^ seed);
            at += 16;
        }
        (read_u64(bytes, len - 16), read_u64(bytes, len - 8), seed)
    };
    fold(fold(a ^ K1, b ^ seed) ^ (len as u64), K2)
}

#[inline]
fn read_u64(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

#[inline]
fn read_u32(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn short_strings_and_small_numbers_hash_apart() {
        let strings: HashSet<u64> = (0..100_000).map(|i| hash_bytes(format!("key{i}").as_bytes())).collect();
        assert_eq!(strings.len(), 100_000);
        let numbers: HashSet<u64> = (0..100_000).map(hash_u64).collect();
        assert_eq!(numbers.len(), 100_000);
        // The bits that choose a hash table's bucket and those that choose a worker are both spread.
        let low: HashSet<u64> = (0..4096).map(|i| hash_u64(i) & 0xffff).collect();
        assert!(low.len() > 3800, "{}", low.len());
    }
}
