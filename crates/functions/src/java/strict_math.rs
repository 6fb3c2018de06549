//! `java.lang.StrictMath`, which is fdlibm: digit for digit where the system's library rounds otherwise.
//!
//! On x86 `Math` takes sin, cos, tan, exp, log and pow from code of the processor's maker, which the system's library
//! equals but for one in a thousand; those stay with `std`. The others are fdlibm's, and so is `libm`, a port of the
//! same source by way of FreeBSD; its hyperbolic functions come from elsewhere, so they are here, after fdlibm's rules.

pub(crate) use libm::{acos, asin, atan, log10};
use libm::{exp, expm1};

/// From here on exp(|x|) stands for twice the result, up to where it overflows.
const LARGE: f64 = 22.0;
const OVERFLOW: f64 = 709.78;

/// FreeBSD mended the case of a point far up or down and to the left, fdlibm did not.
pub(crate) fn atan2(y: f64, x: f64) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI};
    const PI_LOW: f64 = 1.224_646_799_147_353_2e-16;
    let exponent = |v: f64| (v.to_bits() >> 52 & 0x7ff) as i64;
    let far = x < 0.0 && x.is_finite() && y.is_finite() && y != 0.0 && exponent(y) - exponent(x) > 60;
    match far {
        true if y > 0.0 => PI - (FRAC_PI_2 - PI_LOW),
        true => (FRAC_PI_2 - PI_LOW) - PI,
        false => libm::atan2(y, x),
    }
}

pub(crate) fn cosh(x: f64) -> f64 {
    let x = x.abs();
    if x < 0.5 * std::f64::consts::LN_2 {
        let t = expm1(x);
        let w = 1.0 + t;
        return if x < 2f64.powi(-55) { w } else { 1.0 + (t * t) / (w + w) };
    }
    if x < LARGE {
        let t = exp(x);
        return 0.5 * t + 0.5 / t;
    }
    huge(x, 0.5)
}

pub(crate) fn sinh(x: f64) -> f64 {
    let half = if x < 0.0 { -0.5 } else { 0.5 };
    let a = x.abs();
    if a >= LARGE {
        return huge(a, half);
    }
    if a < 2f64.powi(-28) || x.is_nan() {
        return x;
    }
    let t = expm1(a);
    if a < 1.0 { half * (2.0 * t - t * t / (t + 1.0)) } else { half * (t + t / (t + 1.0)) }
}

pub(crate) fn tanh(x: f64) -> f64 {
    let a = x.abs();
    if x.is_nan() || a < 2f64.powi(-55) {
        return x;
    }
    let z = if a >= LARGE {
        1.0
    } else if a >= 1.0 {
        1.0 - 2.0 / (expm1(2.0 * a) + 2.0)
    } else {
        let t = expm1(-2.0 * a);
        -t / (t + 2.0)
    };
    z.copysign(x)
}

/// half × e^x without overflow before its time.
fn huge(x: f64, half: f64) -> f64 {
    if x < OVERFLOW {
        return half * exp(x);
    }
    let w = exp(0.5 * x);
    (half * w) * w
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_a_jvm_computed_them() {
        let computed = [
            super::cosh(1.0),
            super::cosh(0.2),
            super::cosh(30.0),
            super::sinh(0.7),
            super::sinh(3.3),
            super::tanh(0.3),
            super::asin(0.77),
            super::acos(-0.3),
            super::atan(2.2),
            super::atan2(-1.1, 0.7),
        ];
        let java = [
            1.543080634815244,
            1.020066755619076,
            5.343237290762231E12,
            0.7585837018395334,
            13.537877876628322,
            0.2913126124515909,
            0.8788411516685797,
            1.8754889808102941,
            1.1441688336680205,
            -1.0040671092713904,
        ];
        assert_eq!(computed, java);
        assert!(super::cosh(f64::INFINITY).is_infinite() && super::sinh(f64::NAN).is_nan());
    }
}
