//! DECIMAL arithmetic on unscaled 128-bit integers, with 256 bits where an intermediate needs them.
//!
//! Every operation takes its result type and gives None when the result has more digits than that: Flink's
//! `DecimalData.fromBigDecimal`, which rounds half up to the scale and then checks the precision.

use arrow::datatypes::i256;

const POWERS: [i128; 39] = {
    let mut powers = [1i128; 39];
    let mut i = 1;
    while i < 39 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// 10 to the power `exponent`, at most 38.
pub(crate) fn power_of_ten(exponent: u8) -> i128 {
    POWERS[usize::from(exponent.min(38))]
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    /// Half away from zero.
    HalfUp,
    /// Towards zero.
    Down,
    Floor,
    Ceil,
}

/// `value / divisor` (divisor positive), rounded.
pub(crate) fn divide_rounded(value: i128, divisor: i128, mode: Mode) -> i128 {
    let quotient = value / divisor;
    let rest = value % divisor;
    match mode {
        Mode::Down => quotient,
        Mode::Floor => quotient - i128::from(rest < 0),
        Mode::Ceil => quotient + i128::from(rest > 0),
        // rest * 2 could overflow, divisor - rest cannot.
        Mode::HalfUp if rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs() => {
            quotient + if value < 0 { -1 } else { 1 }
        }
        Mode::HalfUp => quotient,
    }
}

/// `value` if it has at most `precision` digits.
pub(crate) fn fit(value: i128, precision: u8) -> Option<i128> {
    (value.unsigned_abs() < power_of_ten(precision).unsigned_abs()).then_some(value)
}

/// `value` at another scale and precision.
pub(crate) fn rescale(value: i128, from: u8, precision: u8, scale: u8) -> Option<i128> {
    let scaled = match scale >= from {
        true => value.checked_mul(power_of_ten(scale - from))?,
        false => divide_rounded(value, power_of_ten(from - scale), Mode::HalfUp),
    };
    fit(scaled, precision)
}

pub(crate) fn add(a: i128, s1: u8, b: i128, s2: u8, precision: u8, scale: u8) -> Option<i128> {
    let common = s1.max(s2);
    let fast = a
        .checked_mul(power_of_ten(common - s1))
        .zip(b.checked_mul(power_of_ten(common - s2)))
        .and_then(|(a, b)| a.checked_add(b));
    match fast {
        Some(sum) => rescale(sum, common, precision, scale),
        None => rescale_wide(widen(a, common - s1)? + widen(b, common - s2)?, common, precision, scale),
    }
}

pub(crate) fn multiply(a: i128, s1: u8, b: i128, s2: u8, precision: u8, scale: u8) -> Option<i128> {
    match a.checked_mul(b) {
        Some(product) if s1 + s2 <= scale + 38 => rescale(product, s1 + s2, precision, scale),
        _ => rescale_wide(i256::from_i128(a).checked_mul(i256::from_i128(b))?, s1 + s2, precision, scale),
    }
}

/// `b` is not zero.
pub(crate) fn divide(a: i128, s1: u8, b: i128, s2: u8, precision: u8, scale: u8) -> Option<i128> {
    // The quotient a / b has scale s1 - s2: shift one side so that it comes out at `scale`.
    let shift = i32::from(scale) + i32::from(s2) - i32::from(s1);
    let sign = if (a < 0) == (b < 0) { 1 } else { -1 };
    let (a, b) = (a.checked_abs()?, b.checked_abs()?);
    let fast = (0..=38).contains(&shift).then(|| a.checked_mul(power_of_ten(shift as u8))).flatten();
    let quotient = match fast {
        Some(numerator) => divide_rounded(numerator, b, Mode::HalfUp),
        None => {
            let (up, down) = if shift >= 0 { (shift as u8, 0) } else { (0, (-shift) as u8) };
            divide_wide(widen(a, up)?, widen(b, down)?)?.to_i128()?
        }
    };
    fit(sign * quotient, precision)
}

/// `b` is not zero. The sign is that of `a`.
pub(crate) fn remainder(a: i128, s1: u8, b: i128, s2: u8, precision: u8, scale: u8) -> Option<i128> {
    let common = s1.max(s2);
    let rest = widen(a, common - s1)?.checked_rem(widen(b, common - s2)?)?;
    rescale_wide(rest, common, precision, scale)
}

fn widen(value: i128, shift: u8) -> Option<i256> {
    let mut wide = i256::from_i128(value);
    let mut shift = shift;
    while shift > 0 {
        let step = shift.min(38);
        wide = wide.checked_mul(i256::from_i128(power_of_ten(step)))?;
        shift -= step;
    }
    Some(wide)
}

fn rescale_wide(value: i256, from: u8, precision: u8, scale: u8) -> Option<i128> {
    let scaled = match scale >= from {
        true => value.checked_mul(i256::from_i128(power_of_ten(scale - from)))?,
        false => {
            let quotient = divide_wide(value.wrapping_abs(), widen(1, from - scale)?)?;
            if value < i256::ZERO { quotient.wrapping_neg() } else { quotient }
        }
    };
    fit(scaled.to_i128()?, precision)
}

/// Half up, both positive.
fn divide_wide(a: i256, b: i256) -> Option<i256> {
    let quotient = a.checked_div(b)?;
    let rest = a.checked_rem(b)?;
    let up = rest >= b.checked_sub(rest)?;
    quotient.checked_add(if up { i256::ONE } else { i256::ZERO })
}

/// Plain digits with the point, as BigDecimal.toPlainString.
pub(crate) fn write(value: i128, scale: u8, out: &mut String) {
    use std::fmt::Write;
    if value < 0 {
        out.push('-');
    }
    let magnitude = value.unsigned_abs();
    let unit = power_of_ten(scale).unsigned_abs();
    // Writing to a String does not fail.
    let _ = match u64::try_from(magnitude) {
        Ok(small) if scale <= 19 => {
            let unit = unit as u64;
            let mut digits = itoa::Buffer::new();
            out.push_str(digits.format(small / unit));
            if scale == 0 { Ok(()) } else { write!(out, ".{:0width$}", small % unit, width = usize::from(scale)) }
        }
        _ if scale == 0 => write!(out, "{magnitude}"),
        _ => write!(out, "{}.{:0width$}", magnitude / unit, magnitude % unit, width = usize::from(scale)),
    };
}

/// The nearest DOUBLE, as BigDecimal.doubleValue.
pub(crate) fn to_f64(value: i128, scale: u8) -> f64 {
    const EXACT: u128 = 1 << 53;
    if scale <= 22 && value.unsigned_abs() <= EXACT {
        // Both sides are exact, so one division rounds once.
        return value as f64 / 10f64.powi(i32::from(scale));
    }
    let mut text = String::new();
    write(value, scale, &mut text);
    text.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_rounded_half_up_and_checked() {
        assert_eq!(rescale(1567, 3, 4, 1), Some(16));
        assert_eq!(rescale(-1567, 3, 4, 1), Some(-16));
        assert_eq!(rescale(99999, 0, 4, 0), None);
        assert_eq!(add(1, 38, 10i128.pow(37), 0, 38, 6), None);
        assert_eq!(divide(50, 1, 2, 0, 13, 12), Some(2_500_000_000_000));
        assert_eq!(divide(-1, 0, 3, 0, 38, 6), Some(-333_333));
        assert_eq!(multiply(10i128.pow(30), 20, 10i128.pow(30), 20, 38, 6), Some(10i128.pow(26)));
        assert_eq!(remainder(-55, 1, 2, 0, 2, 1), Some(-15));
        let mut text = String::new();
        write(-5, 3, &mut text);
        assert_eq!(text, "-0.005");
    }
}
