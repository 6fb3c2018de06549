//! `Double.toString` and `Float.toString`.

use flitz_dataflow::float_text::Buffer;

/// Appends `x` as Java prints it: `1.0`, `1.0E7`, `1.0E-4`, `NaN`, `-Infinity`.
pub(crate) fn write_double(x: f64, out: &mut String) {
    out.push_str(Buffer::default().double(x));
}

pub(crate) fn write_float(x: f32, out: &mut String) {
    out.push_str(Buffer::default().float(x));
}
