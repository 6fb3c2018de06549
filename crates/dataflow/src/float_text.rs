//! `Double.toString` and `Float.toString` as the JVM of Flink's images writes them, Java 17.
//!
//! Java printed the shortest digits that read back as the same number only from version 19 on (JDK-4511638).
//! Before, it generated digits after Steele and White with some habits of its own, which are here since every
//! printed FLOAT and DOUBLE shows them: `-2.14748365E9` where `-2.1474836E9` would do, `2.0E-3` never.
//!
//! 1. A number whose fraction is short enough is an integer in disguise: its decimal digits are written out, but
//!    those that a power of two beyond the precision makes up are rounded away.
//! 2. Else the value is `b / s`, and `m / s` is half the distance to its neighbours. Each step takes the next digit,
//!    `b = 10 (b mod s)`, `m = 10 m`, until what is left is nearer than `m` to the digits below or above.
//! 3. A number in scientific notation has at least two digits, so the first step may not be the last.
//!
//! The notation: plain from 1e-3 up to 1e7, else one digit before the point and `E`.

use std::cmp::Ordering;

use num_bigint::BigUint;

/// Bits of a double's fraction, without the hidden one.
const FRACTION: u32 = 52;

/// Room for a sign, seventeen digits and more, a point and an exponent.
pub struct Buffer {
    bytes: [u8; 40],
    length: usize,
}

impl Default for Buffer {
    fn default() -> Buffer {
        Buffer { bytes: [0; 40], length: 0 }
    }
}

impl Buffer {
    /// `Double.toString`: `1.0`, `0.001`, `1.0E-4`, `1.0E7`, `NaN`, `-Infinity`.
    pub fn double(&mut self, x: f64) -> &str {
        if let Some(millionths) = millionths(x) {
            return self.decimal(x.is_sign_negative(), millionths);
        }
        self.any_double(x)
    }

    fn any_double(&mut self, x: f64) -> &str {
        let bits = x.to_bits();
        let exponent = (bits >> FRACTION) as i32 & 0x7ff;
        let fraction = bits & ((1 << FRACTION) - 1);
        self.number(x, || match exponent {
            0 => {
                let shift = fraction.leading_zeros() - (63 - FRACTION);
                Binary {
                    fraction: fraction << shift,
                    exponent: 1 - shift as i32 - 1023,
                    precision: 64 - fraction.leading_zeros(),
                }
            }
            _ => Binary { fraction: fraction | 1 << FRACTION, exponent: exponent - 1023, precision: FRACTION + 1 },
        })
    }

    /// `Float.toString`.
    pub fn float(&mut self, x: f32) -> &str {
        let bits = x.to_bits();
        let exponent = (bits >> 23) as i32 & 0xff;
        let fraction = bits & ((1 << 23) - 1);
        self.number(f64::from(x), || {
            let (fraction, exponent, precision) = match exponent {
                0 => {
                    let shift = fraction.leading_zeros() - (31 - 23);
                    (fraction << shift, 1 - shift as i32 - 127, 32 - fraction.leading_zeros())
                }
                _ => (fraction | 1 << 23, exponent - 127, 24),
            };
            Binary { fraction: u64::from(fraction) << (FRACTION - 23), exponent, precision }
        })
    }

    fn decimal(&mut self, negative: bool, millionths: u64) -> &str {
        self.length = 0;
        if negative {
            self.push(b"-");
        }
        let (whole, fraction) = (millionths / 1_000_000, millionths % 1_000_000);
        let whole = Digits::of(whole);
        self.push(if whole.count == 0 { b"0" } else { whole.all() });
        let mut text = *b".000000";
        let mut rest = fraction;
        for digit in text[1..].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let length = text.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1).max(2);
        self.push(&text[..length]);
        self.text()
    }

    fn number(&mut self, x: f64, binary: impl FnOnce() -> Binary) -> &str {
        self.length = 0;
        if x.is_nan() {
            self.push(b"NaN");
            return self.text();
        }
        if x.is_sign_negative() {
            self.push(b"-");
        }
        if x.is_infinite() {
            self.push(b"Infinity");
        } else if x == 0.0 {
            self.push(b"0.0");
        } else {
            let digits = binary().digits();
            self.notation(&digits);
        }
        self.text()
    }

    fn notation(&mut self, digits: &Digits) {
        let (all, point) = (digits.all(), digits.point);
        if (1..8).contains(&point) {
            let point = point as usize;
            let whole = all.len().min(point);
            self.push(&all[..whole]);
            self.zeros(point - whole);
            self.push(b".");
            self.push(if whole < all.len() { &all[whole..] } else { b"0" });
        } else if (-2..=0).contains(&point) {
            self.push(b"0.");
            self.zeros(-point as usize);
            self.push(all);
        } else {
            self.push(&all[..1]);
            self.push(b".");
            self.push(if all.len() > 1 { &all[1..] } else { b"0" });
            self.push(b"E");
            let exponent = point - 1;
            if exponent < 0 {
                self.push(b"-");
            }
            let exponent = Digits::of(u64::from(exponent.unsigned_abs()));
            self.push(if exponent.count == 0 { b"0" } else { exponent.all() });
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    fn zeros(&mut self, count: usize) {
        (0..count).for_each(|_| self.push(b"0"));
    }

    fn text(&self) -> &str {
        // Only ASCII was pushed.
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// A number that is written plain and has at most six decimals, in millionths. At most thirteen digits stand for one
/// double each, so no shorter ones read back as `x`; that Java 17 prints just these is tested.
fn millionths(x: f64) -> Option<u64> {
    let size = x.abs();
    if !(1e-3..1e7).contains(&size) {
        return None;
    }
    // Rounded by adding and taking away what leaves no room for a fraction.
    const ROUND: f64 = (1u64 << FRACTION) as f64;
    let scaled = (size * 1e6 + ROUND) - ROUND;
    (scaled / 1e6 == size).then_some(scaled as u64)
}

/// `fraction × 2^(exponent - 52)`, the fraction's highest bit at 52.
struct Binary {
    fraction: u64,
    exponent: i32,
    /// How many bits of the fraction the format has; fewer for subnormal numbers.
    precision: u32,
}

/// `0.DIGITS × 10^point`.
struct Digits {
    ascii: [u8; 24],
    count: usize,
    point: i32,
}

impl Digits {
    fn of(mut integer: u64) -> Digits {
        let mut digits = Digits { ascii: [0; 24], count: 0, point: 0 };
        while integer > 0 {
            digits.push((integer % 10) as u8);
            integer /= 10;
        }
        digits.ascii[..digits.count].reverse();
        digits.point = digits.count as i32;
        digits
    }

    fn all(&self) -> &[u8] {
        &self.ascii[..self.count]
    }

    fn push(&mut self, digit: u8) {
        self.ascii[self.count] = b'0' + digit;
        self.count += 1;
    }

    fn without_trailing_zeros(mut self) -> Digits {
        while self.count > 1 && self.ascii[self.count - 1] == b'0' {
            self.count -= 1;
        }
        self
    }

    /// Adds one to the last digit. Zeros that carrying leaves behind stay.
    fn round_up(&mut self) {
        for digit in self.ascii[..self.count].iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        self.ascii[0] = b'1';
        self.point += 1;
    }
}

impl Binary {
    fn digits(&self) -> Digits {
        let zeros = self.fraction.trailing_zeros();
        let significant = (FRACTION + 1 - zeros) as i32;
        // Bits behind the binary point.
        let tiny = (significant - self.exponent - 1).max(0);
        if tiny == 0 && significant < 64 && (-21..=62).contains(&self.exponent) {
            return self.integer();
        }
        self.generate(significant, tiny, self.fraction >> zeros)
    }

    /// Step 1.
    fn integer(&self) -> Digits {
        let shift = self.exponent - FRACTION as i32;
        let mut value = if shift >= 0 { self.fraction << shift } else { self.fraction >> -shift };
        let beyond = self.exponent - self.precision as i32;
        // Decimal digits that 2^(beyond - 1) has beside its first one.
        let made_up = if beyond > 0 { (f64::from(beyond - 1) * std::f64::consts::LOG10_2) as u32 } else { 0 };
        if made_up > 0 {
            let unit = 10u64.pow(made_up);
            let rest = value % unit;
            value /= unit;
            value += u64::from(rest >= unit >> 1);
        }
        let mut digits = Digits::of(value);
        digits.point += made_up as i32;
        digits.without_trailing_zeros()
    }

    /// Step 2: sets up `b`, `s` and `m` as `fraction × 5^b5 × 2^b2`, `5^s5 × 2^s2`, `5^b5 × 2^m2`.
    fn generate(&self, significant: i32, tiny: i32, fraction: u64) -> Digits {
        let exponent = self.estimated_exponent();
        let b5 = (-exponent).max(0);
        let s5 = exponent.max(0);
        let mut b2 = b5 + tiny + self.exponent;
        let mut s2 = s5 + tiny;
        let mut m2 = b2 - self.precision as i32;
        b2 -= significant - 1;
        let common = b2.min(s2);
        b2 -= common;
        s2 -= common;
        m2 -= common;
        if significant == 1 {
            // Below a power of two the neighbour is half as far.
            m2 -= 1;
        }
        if m2 < 0 {
            b2 -= m2;
            s2 -= m2;
            m2 = 0;
        }
        let b_bits = significant + b2 + bits_of_power(b5);
        let s_bits = s2 + 1 + bits_of_power(s5 + 1);
        if b_bits < 64 && s_bits < 64 {
            let power = |n: i32| 5i64.pow(n as u32);
            let (b, s, m) = (((fraction as i64) * power(b5)) << b2, power(s5) << s2, power(b5) << m2);
            let narrow = b_bits < 32 && s_bits < 32;
            return steps(Machine { b, s, m, tens: s * 10, narrow }, exponent);
        }
        let power = |n: i32| BigUint::from(5u8).pow(n as u32);
        let (b, s, m) = ((BigUint::from(fraction) * power(b5)) << b2, power(s5) << s2, power(b5) << m2);
        let tens = &s * 10u8;
        steps(Big { b, s, m, tens }, exponent)
    }

    /// The decimal exponent from the first terms of the logarithm; at most one too high.
    #[expect(clippy::approx_constant, reason = "the logarithm of 2 with as many digits as Java's")]
    fn estimated_exponent(&self) -> i32 {
        let one_to_two = f64::from_bits(1023 << FRACTION | self.fraction & ((1 << FRACTION) - 1));
        let estimate = (one_to_two - 1.5) * 0.289529654 + 0.176091259 + f64::from(self.exponent) * 0.301029995663981;
        estimate.floor() as i32
    }
}

/// Bits of 5^n; Java counts none for n = 0, and roughly three for each five beyond its table.
fn bits_of_power(n: i32) -> i32 {
    match n {
        0 => 0,
        1..27 => 64 - 5u64.pow(n as u32).leading_zeros() as i32,
        _ => 3 * n,
    }
}

/// What step 2 computes with: `b`, `s`, `m` and `tens = 10 s`.
trait Arithmetic {
    /// The next digit; `b = 10 (b mod s)`, `m = 10 m`.
    fn step(&mut self) -> u8;
    /// What is left is nearer than `m` to the digits so far, or to those with the last one raised.
    fn near(&self) -> (bool, bool);
    /// How what is left compares with half a unit of the last digit.
    fn half(&self) -> Ordering;
}

/// Java's int or long, which overflow.
struct Machine {
    b: i64,
    s: i64,
    m: i64,
    tens: i64,
    narrow: bool,
}

impl Machine {
    fn wrap(&self, value: i64) -> i64 {
        if self.narrow { i64::from(value as i32) } else { value }
    }
}

impl Arithmetic for Machine {
    fn step(&mut self) -> u8 {
        let digit = self.b / self.s;
        self.b = self.wrap((self.b % self.s).wrapping_mul(10));
        self.m = self.wrap(self.m.wrapping_mul(10));
        digit as u8
    }

    fn near(&self) -> (bool, bool) {
        if self.m <= 0 {
            // It has grown beyond everything.
            return (true, true);
        }
        (self.b < self.m, self.wrap(self.b.wrapping_add(self.m)) > self.tens)
    }

    fn half(&self) -> Ordering {
        self.wrap(self.wrap(self.b.wrapping_mul(2)).wrapping_sub(self.tens)).cmp(&0)
    }
}

/// Java's big integers, with which a tie is near too.
struct Big {
    b: BigUint,
    s: BigUint,
    m: BigUint,
    tens: BigUint,
}

impl Arithmetic for Big {
    fn step(&mut self) -> u8 {
        let digit = &self.b / &self.s;
        self.b = (&self.b % &self.s) * 10u8;
        self.m *= 10u8;
        digit.try_into().unwrap_or(9)
    }

    fn near(&self) -> (bool, bool) {
        (self.b < self.m, &self.b + &self.m >= self.tens)
    }

    fn half(&self) -> Ordering {
        (&self.b * 2u8).cmp(&self.tens)
    }
}

/// Steps 2 and 3; `exponent` is that of the first digit, which may turn out to be zero.
fn steps(mut value: impl Arithmetic, mut exponent: i32) -> Digits {
    let mut digits = Digits { ascii: [0; 24], count: 0, point: 0 };
    let first = value.step();
    let (mut low, mut high) = value.near();
    if first == 0 && !high {
        exponent -= 1;
    } else {
        digits.push(first);
    }
    if !(-3..8).contains(&exponent) {
        (low, high) = (false, false);
    }
    while !low && !high {
        digits.push(value.step());
        (low, high) = value.near();
    }
    digits.point = exponent + 1;
    let odd = digits.all().last().is_some_and(|digit| digit & 1 == 1);
    let up = match value.half() {
        _ if !low => true,
        Ordering::Equal => odd,
        half => half == Ordering::Greater,
    };
    if high && up {
        digits.round_up();
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: usize = 300_000;

    /// Compares the short way with the long one over numbers of up to six decimals.
    #[test]
    fn short_decimals_print_as_any_other() {
        let mut seed = 7u64;
        let mut random = |limit: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 20) % limit
        };
        let (mut one, mut other) = (Buffer::default(), Buffer::default());
        for round in 0..CASES {
            let scale = 10u64.pow(random(7) as u32);
            let limit = 10u64.pow(1 + random(7) as u32) * scale;
            let mut x = random(limit) as f64 / scale as f64;
            if round % 8 == 0 {
                // A neighbour, which mostly has more decimals.
                x = f64::from_bits(x.to_bits() + random(5));
            }
            let x = if round % 3 == 0 { -x } else { x };
            assert_eq!(one.double(x), other.any_double(x), "{:x}", x.to_bits());
        }
    }

    #[test]
    fn as_java_17_prints() {
        let doubles: &[(f64, &str)] = &[
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (100.0, "100.0"),
            (0.001, "0.001"),
            (2e-3, "0.002"),
            (0.0001, "1.0E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (1e10, "1.0E10"),
            (1e16, "1.0E16"),
            (1e23, "9.999999999999999E22"),
            (2f64.powi(62), "4.6116860184273879E18"),
            (-1.0 / 2_147_483_648.0, "-4.6566128730773926E-10"),
            (4.9e-324, "4.9E-324"),
            (-2e-323, "-2.0E-323"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (x, expected) in doubles {
            assert_eq!(Buffer::default().double(*x), *expected);
        }
        let floats: &[(f32, &str)] = &[
            (0.1, "0.1"),
            (-2_147_483_648.0, "-2.14748365E9"),
            (1.17549435e-38, "1.17549435E-38"),
            (f32::from_bits(1), "1.4E-45"),
            (3.4e38, "3.4E38"),
            (16_777_216.0, "1.6777216E7"),
        ];
        for (x, expected) in floats {
            assert_eq!(Buffer::default().float(*x), *expected);
        }
    }
}
