//! `java.util.Random`: seeded functions give the numbers that Flink gives.

pub(crate) struct Random(i64);

const MULTIPLIER: i64 = 0x5_DEEC_E66D;
const MASK: i64 = (1 << 48) - 1;

impl Random {
    pub fn new(seed: i64) -> Random {
        Random((seed ^ MULTIPLIER) & MASK)
    }

    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        (self.0 >> (48 - bits)) as i32
    }

    /// In `0..bound`; `bound` is positive.
    pub fn next_int(&mut self, bound: i32) -> i32 {
        let mut r = self.next(31);
        let m = bound - 1;
        if bound & m == 0 {
            return ((i64::from(bound) * i64::from(r)) >> 31) as i32;
        }
        let mut u = r;
        loop {
            r = u % bound;
            if u.wrapping_sub(r).wrapping_add(m) >= 0 {
                return r;
            }
            u = self.next(31);
        }
    }

    pub fn next_double(&mut self) -> f64 {
        let high = i64::from(self.next(26)) << 27;
        (high + i64::from(self.next(27))) as f64 * (1.0 / (1i64 << 53) as f64)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sequence_is_javas() {
        // From `RAND_INTEGER(42, 1000000)`, `RAND_INTEGER(1, 10)` and `RAND(42)` on Flink.
        assert_eq!(super::Random::new(42).next_int(1_000_000), 431_130);
        assert_eq!(super::Random::new(1).next_int(10), 5);
        assert_eq!(super::Random::new(42).next_double(), 0.7275636800328681);
    }
}
