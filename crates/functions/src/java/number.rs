//! `Double.toString` and `Float.toString`: shortest digits, scientific outside 1e-3 … 1e7.

/// Appends `x` as Java prints it: `1.0`, `1.0E7`, `1.0E-4`, `NaN`, `-Infinity`.
pub(crate) fn write_double(x: f64, out: &mut String) {
    if x.is_finite() {
        let mut buffer = ryu::Buffer::new();
        write_shortest(buffer.format_finite(x), x == 0.0 || (1e-3..1e7).contains(&x.abs()), out);
    } else {
        write_special(x.is_nan(), x < 0.0, out);
    }
}

pub(crate) fn write_float(x: f32, out: &mut String) {
    if x.is_finite() {
        let mut buffer = ryu::Buffer::new();
        write_shortest(buffer.format_finite(x), x == 0.0 || (1e-3..1e7).contains(&x.abs()), out);
    } else {
        write_special(x.is_nan(), x < 0.0, out);
    }
}

fn write_special(nan: bool, negative: bool, out: &mut String) {
    out.push_str(match (nan, negative) {
        (true, _) => "NaN",
        (_, true) => "-Infinity",
        _ => "Infinity",
    });
}

/// Ryu prints `1.5`, `1e7`, `1.5e-5`, `12345678.9`: the digits are Java's, the notation is not.
fn write_shortest(text: &str, plain: bool, out: &mut String) {
    let exponent_at = text.find('e');
    if plain && exponent_at.is_none() {
        out.push_str(text);
        return;
    }
    let (mantissa, mut exponent) = match exponent_at {
        Some(i) => (&text[..i], text[i + 1..].parse::<i32>().unwrap_or(0)),
        None => (text, 0),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    exponent += whole.len() as i32 - 1;
    let leading = all.len() - all.trim_start_matches('0').len();
    exponent -= leading as i32;
    let digits = all.trim_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    out.push_str(sign);
    if plain {
        // Only 0.001 … 9999999 come here: pad with zeros on the side that lacks digits.
        if exponent < 0 {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
            out.push_str(digits);
        } else {
            let point = exponent as usize + 1;
            let padded = format!("{digits:0<point$}");
            let (whole, fraction) = padded.split_at(point);
            out.push_str(whole);
            out.push('.');
            out.push_str(if fraction.is_empty() { "0" } else { fraction });
        }
        return;
    }
    let (first, rest) = digits.split_at(1);
    out.push_str(first);
    out.push('.');
    out.push_str(if rest.is_empty() { "0" } else { rest });
    out.push('E');
    let mut buffer = itoa::Buffer::new();
    out.push_str(buffer.format(exponent));
}

#[cfg(test)]
mod tests {
    #[test]
    fn doubles_print_as_in_java() {
        let cases: &[(f64, &str)] = &[
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (1e7, "1.0E7"),
            (9_999_999.0, "9999999.0"),
            (12_345_678.9, "1.23456789E7"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (0.00123, "0.00123"),
            (1e20, "1.0E20"),
            (1.25e-9, "1.25E-9"),
            (f64::MAX, "1.7976931348623157E308"),
            (100.0, "100.0"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (x, expected) in cases {
            let mut text = String::new();
            super::write_double(*x, &mut text);
            assert_eq!(&text, expected);
        }
    }
}
