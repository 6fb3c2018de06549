//! Functions of text. Positions and lengths count characters (code points), from 1.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType as Arrow, Int32Type};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flitz_dataflow::{DataType, Error, MAX_LENGTH, Result, TypeKind};
use flitz_plan::{Expr, Literal};

use super::Output::{self, Arg, Nullable, Strict};
use super::Simple::{self, Boolean, Int};
use super::{Eval, Function, Kernel, Param, Site, any_nullable, exactly, literal_text, mismatch_of};
use crate::coercion::cast_to;
use crate::columnar::{Args, View};
use crate::java::formatter;
use crate::text_column::{TextColumn, Texts};

/// Padding is written, but need not be there to be read.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const STR: Param = Param::String;
const INT: Param = Param::Int;
const TEXT: super::Output = Strict(Simple::String);
const NULLABLE_TEXT: super::Output = Nullable(Simple::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::custom("||", |_, args| bind_concat_operator(args), Eval::Rows(concat)),
    Function::new("CONCAT", &[STR], TEXT, concat).variadic(),
    Function::custom("CONCAT_WS", |_, args| bind_concat_ws(args), Eval::Rows(concat_ws)),
    Function::new("CHAR_LENGTH", &[STR], Strict(Int), char_length).aliases(&["CHARACTER_LENGTH"]),
    Function::new("UPPER", &[STR], Arg(0), |a| recase(a, true)),
    Function::new("LOWER", &[STR], Arg(0), |a| recase(a, false)),
    Function::new("INITCAP", &[STR], Arg(0), |a| map(a, initcap)),
    Function::new("REVERSE", &[STR], TEXT, |a| map(a, |s, out| out.extend(s.chars().rev()))),
    Function::new("POSITION", &[STR, STR, INT], Strict(Int), |a| position(a, 0, 1)).optional(1),
    Function::new("LOCATE", &[STR, STR, INT], Strict(Int), |a| position(a, 0, 1)).optional(1),
    Function::new("INSTR", &[STR, STR, INT, INT], Strict(Int), instr).optional(2).fallible(),
    Function::custom("TRIM", |_, args| bind_trim(args), Eval::Rows(trim)),
    Function::new("LTRIM", &[STR, STR], Output::Custom(varying), |a| strip(a, true, false)).optional(1),
    Function::new("RTRIM", &[STR, STR], Output::Custom(varying), |a| strip(a, false, true)).optional(1),
    Function::new("BTRIM", &[STR, STR], TEXT, |a| strip(a, true, true)).optional(1),
    Function::new("REPEAT", &[STR, INT], TEXT, repeat).fallible(),
    Function::new("OVERLAY", &[STR, STR, INT, INT], Output::Custom(overlaid), overlay).optional(1),
    Function::new("SUBSTRING", &[STR, INT, INT], Output::Custom(substring_type), substring)
        .optional(1)
        .aliases(&["SUBSTR"]),
    Function::new("LEFT", &[STR, INT], Output::Custom(varying), |a| end_of(a, true)),
    Function::new("RIGHT", &[STR, INT], Output::Custom(varying), |a| end_of(a, false)),
    Function::new("LPAD", &[STR, INT, STR], Output::Custom(padded), |a| pad(a, true)).fallible(),
    Function::new("RPAD", &[STR, INT, STR], Output::Custom(padded), |a| pad(a, false)).fallible(),
    Function::new("REPLACE", &[STR, STR, STR], TEXT, replace).fallible(),
    Function::new("TRANSLATE", &[STR, STR, STR], TEXT, translate).aliases(&["TRANSLATE3"]),
    Function::new("STARTSWITH", &[Param::StringOrBinary, Param::StringOrBinary], Strict(Boolean), |a| affix(a, true)),
    Function::new("ENDSWITH", &[Param::StringOrBinary, Param::StringOrBinary], Strict(Boolean), |a| affix(a, false)),
    Function::custom("SPLIT_INDEX", |_, args| bind_split_index(args), Eval::Rows(split_index)),
    Function::new("ASCII", &[STR], Strict(Int), ascii),
    Function::new("CHR", &[Param::BigInt], NULLABLE_TEXT, chr),
    Function::new("TO_BASE64", &[Param::StringOrBinary], TEXT, to_base64),
    Function::new("FROM_BASE64", &[STR], TEXT, from_base64).fallible(),
    Function::new("ENCODE", &[STR, STR], Strict(Simple::Bytes), encode).fallible(),
    Function::new("DECODE", &[Param::Binary, STR], TEXT, decode).fallible(),
    Function::custom("ELT", |_, args| bind_elt(args), Eval::Rows(elt)),
    Function::custom("PRINTF", |_, args| bind_printf(args), Eval::Prepared(formatter::prepare_printf)).fallible(),
    Function::prepared("LIKE", &[STR, STR, STR], Strict(Boolean), prepare_like).optional(1).fallible(),
];

/// What a text may grow to: far more than any record holds, and little enough for a machine. Flink runs out of memory.
const GROWN_MAX: usize = 64 << 20;

/// An error if `function` would make of its arguments a text of more than [`GROWN_MAX`] bytes.
pub(crate) fn check_growth(function: &str, bytes: usize) -> Result<()> {
    match bytes > GROWN_MAX {
        true => Err(Error::data(format!("{function} would give a text of {} MB, more than 64", bytes >> 20))),
        false => Ok(()),
    }
}

/// A text of each text.
fn map(args: &Args, f: impl Fn(&str, &mut String)) -> Result<ArrayRef> {
    let values = args.strings(0);
    args.build_strings(args.nulls(), |row, out| {
        f(values.get(row), out);
        Ok(true)
    })
}

fn integers(args: &Args, f: impl Fn(usize) -> i32) -> Result<ArrayRef> {
    Ok(Arc::new(args.build::<Int32Type>(args.nulls(), |row| Ok(Some(f(row))))?))
}

fn length_of(kind: &TypeKind) -> u32 {
    match kind {
        TypeKind::Char(n) | TypeKind::Varchar(n) => *n,
        _ => 0,
    }
}

/// Text of at most the first argument's length.
fn varying(args: &[Expr]) -> Result<DataType> {
    Ok(DataType::new(TypeKind::Varchar(length_of(&args[0].data_type().kind)), any_nullable(args)))
}

/// A negative length gives NULL.
fn substring_type(args: &[Expr]) -> Result<DataType> {
    let length_is_safe = args.get(2).is_none_or(|n| super::literal_integer(n).is_some_and(|n| n >= 0));
    let data_type = varying(args)?;
    let nullable = data_type.nullable || !length_is_safe;
    Ok(data_type.with_nullable(nullable))
}

/// A negative length or nothing to pad with gives NULL.
fn padded(args: &[Expr]) -> Result<DataType> {
    let safe = super::literal_integer(&args[1]).is_some_and(|n| n >= 0)
        && literal_text(&args[2]).is_some_and(|pad| !pad.is_empty());
    Ok(DataType::new(TypeKind::STRING, any_nullable(args) || !safe))
}

fn overlaid(args: &[Expr]) -> Result<DataType> {
    let total = length_of(&args[0].data_type().kind).saturating_add(length_of(&args[1].data_type().kind));
    Ok(DataType::new(TypeKind::Varchar(total.min(MAX_LENGTH)), any_nullable(args)))
}

/// Lengths add up; CHAR only if both are.
fn bind_concat_operator(args: Vec<Expr>) -> Result<Expr> {
    let args: [Expr; 2] = exactly("||", args)?;
    let known: Vec<_> = args.iter().map(|a| a.data_type().kind.clone()).filter(|k| *k != TypeKind::Null).collect();
    if known.is_empty() || !known.iter().all(TypeKind::is_string) {
        return Err(mismatch_of("||", &args).hint("use CAST(… AS STRING)"));
    }
    let total = known.iter().map(length_of).fold(0u32, u32::saturating_add).min(MAX_LENGTH);
    let fixed = known.iter().all(|k| matches!(k, TypeKind::Char(_)));
    let kind = if fixed { TypeKind::Char(total) } else { TypeKind::Varchar(total) };
    let data_type = DataType::new(kind, any_nullable(&args));
    let null_as_text =
        |a: Expr| if a.data_type().kind == TypeKind::Null { cast_to(a, &TypeKind::STRING.nullable()) } else { a };
    Ok(Expr::call("||", args.into_iter().map(null_as_text).collect(), data_type))
}

fn concat(args: &Args) -> Result<ArrayRef> {
    let values: Vec<Texts> = args.columns.iter().map(Texts::of).collect();
    let nulls = args.nulls();
    let bytes = values.iter().map(|v| v.bytes(args.rows)).fold(0, usize::saturating_add);
    let mut column = TextColumn::with_capacity(args.rows, bytes);
    for row in 0..args.rows {
        if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            column.end_null()?;
            continue;
        }
        values.iter().for_each(|v| column.append_row(v, row));
        column.end()?;
    }
    Ok(column.finish())
}

fn bind_concat_ws(args: Vec<Expr>) -> Result<Expr> {
    if args.is_empty() {
        return Err(Error::invalid("CONCAT_WS takes at least 1 argument"));
    }
    let args = args
        .into_iter()
        .map(|a| Param::String.accept(a.clone()).ok_or_else(|| mismatch_of("CONCAT_WS", &[a])))
        .collect::<Result<Vec<_>>>()?;
    let nullable = any_nullable(&args);
    Ok(Expr::call("CONCAT_WS", args, TypeKind::STRING.nullable().with_nullable(nullable)))
}

fn concat_ws(args: &Args) -> Result<ArrayRef> {
    let separator = args.strings(0);
    let values: Vec<_> = (1..args.len()).map(|i| args.strings(i)).collect();
    args.build_strings(args.nulls_of([0]), |row, out| {
        let mut first = true;
        for value in values.iter().filter(|v| !v.is_null(row)) {
            if !std::mem::take(&mut first) {
                out.push_str(separator.get(row));
            }
            out.push_str(value.get(row));
        }
        Ok(true)
    })
}

fn char_length(args: &Args) -> Result<ArrayRef> {
    let values = args.strings(0);
    integers(args, |row| count(values.get(row)) as i32)
}

/// Characters: bytes that do not continue one.
pub(crate) fn count(s: &str) -> usize {
    s.bytes().filter(|b| (*b as i8) >= -0x40).count()
}

/// UPPER and LOWER.
fn recase(args: &Args, upper: bool) -> Result<ArrayRef> {
    let text = args.strings(0);
    if text.array.len() != args.rows || !text.is_ascii() {
        return map(args, |s, out| change_case(s, out, upper));
    }
    // Nothing changes its length: all rows at once.
    let offsets = text.array.offsets();
    let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
    let mut bytes = text.array.values()[first as usize..last as usize].to_vec();
    if upper {
        bytes.make_ascii_uppercase()
    } else {
        bytes.make_ascii_lowercase()
    }
    let offsets = match first {
        0 => offsets.clone(),
        _ => OffsetBuffer::new(offsets.iter().map(|offset| offset - first).collect()),
    };
    // SAFETY: the bytes are ASCII, of which every offset is a boundary, and as many as the last offset says.
    Ok(Arc::new(unsafe { StringArray::new_unchecked(offsets, bytes.into(), args.nulls()) }))
}

fn change_case(s: &str, out: &mut String, upper: bool) {
    let start = out.len();
    if s.is_ascii() {
        out.push_str(s);
        let tail = &mut out[start..];
        if upper { tail.make_ascii_uppercase() } else { tail.make_ascii_lowercase() }
    } else if upper {
        out.push_str(&s.to_uppercase());
    } else {
        out.push_str(&s.to_lowercase());
    }
}

/// Words are runs of ASCII letters and digits.
fn initcap(s: &str, out: &mut String) {
    let mut inside = false;
    for c in s.chars() {
        out.push(if inside { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() });
        inside = c.is_ascii_alphanumeric();
    }
}

/// 1-based index of text `needle` in text `hay`, from a start if there is a third argument; 0 if absent.
fn position(args: &Args, needle: usize, hay: usize) -> Result<ArrayRef> {
    let (needle, hay) = (args.strings(needle), args.strings(hay));
    let start = (args.len() == 3).then(|| args.primitives::<Int32Type>(2));
    integers(args, |row| {
        let (needle, hay) = (needle.get(row), hay.get(row));
        let skipped = start.as_ref().map_or(0, |s| s.get(row).wrapping_sub(1));
        index_of(hay, needle, skipped)
    })
}

/// `BinaryStringData.indexOf`, counted from 1: an empty needle stands at the beginning, wherever the search begins.
fn index_of(hay: &str, needle: &str, skipped: i32) -> i32 {
    if needle.is_empty() {
        return 1;
    }
    let Some(from) = byte_index(hay, skipped.max(0) as usize) else { return 0 };
    match memchr::memmem::find(&hay.as_bytes()[from..], needle.as_bytes()) {
        Some(at) => (count(&hay[..from + at]) + 1) as i32,
        None => 0,
    }
}

/// INSTR(text, needle, start, n): a negative start searches from the end, in the text reversed.
fn instr(args: &Args) -> Result<ArrayRef> {
    let (hay, needle) = (args.strings(0), args.strings(1));
    let start = (args.len() > 2).then(|| args.primitives::<Int32Type>(2));
    let nth = (args.len() > 3).then(|| args.primitives::<Int32Type>(3));
    Ok(Arc::new(args.build::<Int32Type>(args.nulls(), |row| {
        let (hay, needle) = (hay.get(row), needle.get(row));
        let start = start.as_ref().map_or(1, |s| s.get(row));
        let nth = nth.as_ref().map_or(1, |n| n.get(row));
        if nth <= 0 {
            return Err(Error::data(format!("INSTR: occurrence {nth} must be positive")));
        }
        if start >= 0 {
            return Ok(Some(nth_index(hay, needle, start, nth)));
        }
        let reversed = |s: &str| s.chars().rev().collect::<String>();
        let found = nth_index(&reversed(hay), &reversed(needle), start.wrapping_neg().max(0), nth);
        Ok(Some(if found == 0 { 0 } else { count(hay) as i32 + 2 - found - count(needle) as i32 }))
    })?))
}

fn nth_index(hay: &str, needle: &str, start: i32, nth: i32) -> i32 {
    if start == 0 {
        return 0;
    }
    let mut found = 0;
    let mut start = start;
    for _ in 0..nth {
        found = index_of(hay, needle, start - 1);
        if found == 0 || needle.is_empty() {
            return found;
        }
        start = found + 1;
    }
    found
}

/// Where character number `n` begins; None behind the end.
fn byte_index(s: &str, n: usize) -> Option<usize> {
    if s.is_ascii() {
        return (n <= s.len()).then_some(n);
    }
    s.char_indices().map(|(i, _)| i).chain([s.len()]).nth(n)
}

/// `TRIM('BOTH', chars, text)`
fn bind_trim(args: Vec<Expr>) -> Result<Expr> {
    if args.len() < 3 {
        // Called as a function: TRIM(text).
        let [text] = exactly::<1>("TRIM", args)?;
        let literal = |s: &str| Expr::literal(Literal::String(s.to_owned()), TypeKind::Char(s.len() as u32).not_null());
        return bind_trim(vec![literal("BOTH"), literal(" "), text]);
    }
    let [mode, chars, text] = exactly("TRIM", args)?;
    if !matches!(literal_text(&mode), Some("BOTH" | "LEADING" | "TRAILING")) {
        return Err(Error::invalid("TRIM takes BOTH, LEADING or TRAILING"));
    }
    let accepted = Param::String.accept(chars.clone()).zip(Param::String.accept(text.clone()));
    let (chars, text) = accepted.ok_or_else(|| mismatch_of("TRIM", &[chars, text]))?;
    let args = vec![mode, chars, text];
    let kind = TypeKind::Varchar(length_of(&args[2].data_type().kind));
    let nullable = any_nullable(&args);
    Ok(Expr::call("TRIM", args, DataType::new(kind, nullable)))
}

fn trim(args: &Args) -> Result<ArrayRef> {
    let mode = args.strings(0).get(0);
    let (leading, trailing) = (mode != "TRAILING", mode != "LEADING");
    let (chars, text) = (args.strings(1), args.strings(2));
    args.build_pieces(args.nulls(), 2, |row| Ok(Some(stripped(text.get(row), chars.get(row), leading, trailing))))
}

fn strip(args: &Args, leading: bool, trailing: bool) -> Result<ArrayRef> {
    let text = args.strings(0);
    let chars = (args.len() == 2).then(|| args.strings(1));
    args.build_pieces(args.nulls(), 0, |row| {
        let chars = chars.as_ref().map_or(" ", |c| c.get(row));
        Ok(Some(stripped(text.get(row), chars, leading, trailing)))
    })
}

fn stripped<'a>(mut s: &'a str, chars: &str, leading: bool, trailing: bool) -> &'a str {
    if leading {
        s = s.trim_start_matches(|c| chars.contains(c));
    }
    if trailing {
        s = s.trim_end_matches(|c| chars.contains(c));
    }
    s
}

fn repeat(args: &Args) -> Result<ArrayRef> {
    let (text, times) = (args.strings(0), args.primitives::<Int32Type>(1));
    args.build_strings(args.nulls(), |row, out| {
        let times = times.get(row).max(0) as usize;
        check_growth("REPEAT", text.get(row).len().saturating_mul(times))?;
        (0..times).for_each(|_| out.push_str(text.get(row)));
        Ok(true)
    })
}

/// Nothing is replaced if the position lies outside the text.
fn overlay(args: &Args) -> Result<ArrayRef> {
    let (text, replacement, start) = (args.strings(0), args.strings(1), args.primitives::<Int32Type>(2));
    let length = (args.len() == 4).then(|| args.primitives::<Int32Type>(3));
    args.build_strings(args.nulls(), |row, out| {
        let (text, replacement) = (text.get(row), replacement.get(row));
        let start = i64::from(start.get(row));
        let length = length.as_ref().map_or(count(replacement) as i64, |l| i64::from(l.get(row)));
        let total = count(text) as i64;
        if start <= 0 || start > total {
            out.push_str(text);
            return Ok(true);
        }
        let index = |n: i64| byte_index(text, n.clamp(0, total) as usize).unwrap_or(text.len());
        out.push_str(&text[..index(start - 1)]);
        out.push_str(replacement);
        // What follows is lost if nothing is replaced.
        if length > 0 && start + length <= total {
            out.push_str(&text[index(start + length - 1)..]);
        }
        Ok(true)
    })
}

/// `from` counts from 1, from the end if negative; 0 is 1.
fn substring(args: &Args) -> Result<ArrayRef> {
    let (text, from) = (args.strings(0), args.primitives::<Int32Type>(1));
    let length = (args.len() == 3).then(|| args.primitives::<Int32Type>(2));
    let ascii = text.is_ascii();
    args.build_pieces(args.nulls(), 0, |row| {
        let text = text.get(row);
        let length = match &length {
            Some(l) if l.get(row) < 0 => return Ok(None),
            Some(l) => l.get(row) as usize,
            None => usize::MAX,
        };
        let from = i64::from(from.get(row));
        let start = match from {
            1.. => from - 1,
            0 => 0,
            _ => count(text) as i64 + from,
        };
        Ok(Some(match usize::try_from(start) {
            Ok(start) if ascii => {
                let start = start.min(text.len());
                &text[start..start.saturating_add(length).min(text.len())]
            }
            Ok(start) => slice(text, start, length),
            Err(_) => "",
        }))
    })
}

fn slice(text: &str, start: usize, length: usize) -> &str {
    let Some(from) = byte_index(text, start) else { return "" };
    let rest = &text[from..];
    if length >= rest.len() {
        return rest;
    }
    byte_index(rest, length).map_or(rest, |to| &rest[..to])
}

fn end_of(args: &Args, left: bool) -> Result<ArrayRef> {
    let (text, n) = (args.strings(0), args.primitives::<Int32Type>(1));
    args.build_pieces(args.nulls(), 0, |row| {
        let (text, n) = (text.get(row), n.get(row).max(0) as usize);
        let start = if left { 0 } else { count(text).saturating_sub(n) };
        Ok(Some(slice(text, start, n)))
    })
}

/// To exactly n characters; a negative n or nothing to pad with gives NULL.
fn pad(args: &Args, left: bool) -> Result<ArrayRef> {
    let (text, n, pad) = (args.strings(0), args.primitives::<Int32Type>(1), args.strings(2));
    args.build_strings(args.nulls(), |row, out| {
        let (text, pad) = (text.get(row), pad.get(row));
        let Ok(n) = usize::try_from(n.get(row)) else { return Ok(false) };
        if pad.is_empty() {
            return Ok(false);
        }
        let missing = n.saturating_sub(text.len());
        check_growth(if left { "LPAD" } else { "RPAD" }, missing)?;
        if !text.is_ascii() || !pad.is_ascii() {
            out.push_str(&pad_utf16(text, n, pad, left));
            return Ok(true);
        }
        if !left {
            out.push_str(slice(text, 0, n));
        }
        out.extend(pad.chars().cycle().take(missing));
        if left {
            out.push_str(slice(text, 0, n));
        }
        Ok(true)
    })
}

/// Java counts UTF-16 units: a character beyond the first plane is two, and half of one is written as `?`.
fn pad_utf16(text: &str, n: usize, pad: &str, left: bool) -> String {
    let (text, pad): (Vec<u16>, Vec<u16>) = (text.encode_utf16().collect(), pad.encode_utf16().collect());
    let kept = &text[..n.min(text.len())];
    let padding = pad.iter().cycle().take(n - kept.len());
    let units: Vec<u16> =
        if left { padding.chain(kept).copied().collect() } else { kept.iter().chain(padding).copied().collect() };
    char::decode_utf16(units).map(|c| c.unwrap_or('?')).collect()
}

fn replace(args: &Args) -> Result<ArrayRef> {
    let (text, from, to) = (args.strings(0), args.strings(1), args.strings(2));
    args.build_strings(args.nulls(), |row, out| {
        let (text, from, to) = (text.get(row), from.get(row), to.get(row));
        let (start, mut last) = (out.len(), 0);
        for (at, _) in text.match_indices(from) {
            out.push_str(&text[last..at]);
            out.push_str(to);
            check_growth("REPLACE", (out.len() - start).saturating_sub(text.len()))?;
            last = at + from.len();
        }
        out.push_str(&text[last..]);
        Ok(true)
    })
}

fn translate(args: &Args) -> Result<ArrayRef> {
    let (text, from, to) = (args.strings(0), args.strings(1), args.strings(2));
    args.build_strings(args.nulls(), |row, out| {
        let from = from.get(row);
        for c in text.get(row).chars() {
            match from.chars().position(|f| f == c) {
                None => out.push(c),
                Some(i) => out.extend(to.get(row).chars().nth(i)),
            }
        }
        Ok(true)
    })
}

fn affix(args: &Args, start: bool) -> Result<ArrayRef> {
    let bytes = |i: usize| match args.columns[i].array().as_string_opt::<i32>() {
        Some(_) => arrow::compute::cast(args.columns[i].array(), &Arrow::Binary),
        None => Ok(args.columns[i].array().clone()),
    };
    let (text, affix) = (bytes(0)?, bytes(1)?);
    let text = View::of(&args.columns[0], text.as_binary::<i32>());
    let affix = View::of(&args.columns[1], affix.as_binary::<i32>());
    args.build_booleans(args.nulls(), |row| {
        let (text, affix) = (text.get(row), affix.get(row));
        Ok(Some(if start { text.starts_with(affix) } else { text.ends_with(affix) }))
    })
}

/// The delimiter is a text, or a number that is the code of a character.
fn bind_split_index(args: Vec<Expr>) -> Result<Expr> {
    let [text, delimiter, index] = exactly("SPLIT_INDEX", args)?;
    let delimiters = match delimiter.data_type().kind.is_integer() {
        true => INT,
        false => STR,
    };
    let accepted = (STR.accept(text.clone()), delimiters.accept(delimiter.clone()), INT.accept(index.clone()));
    let (Some(text), Some(delimiter), Some(index)) = accepted else {
        return Err(mismatch_of("SPLIT_INDEX", &[text, delimiter, index])
            .hint("expected SPLIT_INDEX(string, string or integer, integer)"));
    };
    Ok(Expr::call("SPLIT_INDEX", vec![text, delimiter, index], TypeKind::STRING.nullable()))
}

/// Piece number i, from 0; a number as delimiter is the code of a character.
fn split_index(args: &Args) -> Result<ArrayRef> {
    let (text, index) = (args.strings(0), args.primitives::<Int32Type>(2));
    let delimiters = match args.columns[1].array().data_type() {
        Arrow::Utf8 => args.columns[1].array().clone(),
        _ => {
            let codes = arrow::compute::cast(args.columns[1].array(), &Arrow::Int32)?;
            let codes = codes.as_primitive::<Int32Type>();
            let texts = codes.iter().map(|c| c.and_then(|c| char::from_u32(c as u32)).map(String::from));
            Arc::new(texts.collect::<arrow::array::StringArray>())
        }
    };
    let delimiters = View::of(&args.columns[1], delimiters.as_string::<i32>());
    args.build_pieces(args.nulls(), 0, |row| {
        let (text, delimiter) = (text.get(row), delimiters.get(row));
        let Ok(index) = usize::try_from(index.get(row)) else { return Ok(None) };
        if text.is_empty() {
            return Ok(None);
        }
        Ok(match delimiter.as_bytes() {
            [] => text.split_whitespace().nth(index),
            [byte] => piece_between(text, *byte, index),
            _ => text.split(delimiter).nth(index),
        })
    })
}

/// `text.split(delimiter).nth(index)` for a character of one byte.
fn piece_between(text: &str, delimiter: u8, index: usize) -> Option<&str> {
    let start = match index.checked_sub(1) {
        None => 0,
        Some(before) => nth_position(text.as_bytes(), delimiter, before)? + 1,
    };
    let rest = &text[start..];
    Some(nth_position(rest.as_bytes(), delimiter, 0).map_or(rest, |end| &rest[..end]))
}

/// Where the byte occurs for the `n`-th time, from 0.
///
/// Eight bytes at a time: a byte of `x` is 0 where it is found, adding 0x7F sets the highest bit of every other one.
/// (`memchr` is called anew for every occurrence, which costs more than the few bytes between them.)
fn nth_position(bytes: &[u8], wanted: u8, mut n: usize) -> Option<usize> {
    const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    const ONES: u64 = 0x0101_0101_0101_0101;
    let everywhere = ONES * u64::from(wanted);
    let (words, rest) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let x = u64::from_le_bytes(*word) ^ everywhere;
        let mut found = !(((x & LOW_BITS) + LOW_BITS) | x | LOW_BITS);
        let count = ((found >> 7).wrapping_mul(ONES) >> 56) as usize;
        if n < count {
            (0..n).for_each(|_| found &= found - 1);
            return Some(i * 8 + found.trailing_zeros() as usize / 8);
        }
        n -= count;
    }
    let at = rest.iter().enumerate().filter(|(_, byte)| **byte == wanted).nth(n)?.0;
    Some(words.len() * 8 + at)
}

fn ascii(args: &Args) -> Result<ArrayRef> {
    let text = args.strings(0);
    // Java's byte is signed.
    integers(args, |row| text.get(row).bytes().next().map_or(0, |b| i32::from(b as i8)))
}

fn chr(args: &Args) -> Result<ArrayRef> {
    let code = args.primitives::<arrow::datatypes::Int64Type>(0);
    args.build_strings(args.nulls(), |row, out| {
        let code = code.get(row);
        if code >= 0 {
            out.push(char::from((code & 0xFF) as u8));
        }
        Ok(true)
    })
}

fn to_base64(args: &Args) -> Result<ArrayRef> {
    let bytes = arrow::compute::cast(args.columns[0].array(), &Arrow::Binary)?;
    let bytes = View::of(&args.columns[0], bytes.as_binary::<i32>());
    args.build_strings(args.nulls(), |row, out| {
        BASE64.encode_string(bytes.get(row), out);
        Ok(true)
    })
}

fn from_base64(args: &Args) -> Result<ArrayRef> {
    let text = args.strings(0);
    args.build_strings(args.nulls(), |row, out| match BASE64.decode(text.get(row)) {
        Ok(bytes) => {
            out.push_str(&String::from_utf8_lossy(&bytes));
            Ok(true)
        }
        Err(_) => Err(Error::data(format!("FROM_BASE64: '{}' is not base64", text.get(row)))),
    })
}

#[derive(Clone, Copy)]
enum Charset {
    Ascii,
    Latin1,
    Utf8,
    /// With a byte order mark when written.
    Utf16,
    Utf16Be,
    Utf16Le,
}

fn charset(name: &str) -> Result<Charset> {
    Ok(match name.to_ascii_uppercase().as_str() {
        "US-ASCII" | "ASCII" => Charset::Ascii,
        "ISO-8859-1" | "LATIN1" => Charset::Latin1,
        "UTF-8" | "UTF8" => Charset::Utf8,
        "UTF-16" => Charset::Utf16,
        "UTF-16BE" => Charset::Utf16Be,
        "UTF-16LE" => Charset::Utf16Le,
        _ => return Err(Error::data(format!("unknown character set '{name}'")).hint("use 'UTF-8' or 'ISO-8859-1'")),
    })
}

fn encode(args: &Args) -> Result<ArrayRef> {
    let (text, names) = (args.strings(0), args.strings(1));
    args.build_binaries(args.nulls(), |row, out| {
        let text = text.get(row);
        match charset(names.get(row))? {
            Charset::Ascii => out.extend(text.chars().map(|c| if c.is_ascii() { c as u8 } else { b'?' })),
            Charset::Latin1 => out.extend(text.chars().map(|c| u8::try_from(c).unwrap_or(b'?'))),
            Charset::Utf8 => out.extend_from_slice(text.as_bytes()),
            // Nothing has no byte order mark.
            Charset::Utf16 if text.is_empty() => {}
            Charset::Utf16 => {
                out.extend([0xFE, 0xFF]);
                out.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            }
            Charset::Utf16Be => out.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
            Charset::Utf16Le => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
        }
        Ok(true)
    })
}

fn decode(args: &Args) -> Result<ArrayRef> {
    let (bytes, names) = (args.binaries(0), args.strings(1));
    args.build_strings(args.nulls(), |row, out| {
        let bytes = bytes.get(row);
        let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
            String::from_utf16_lossy(&bytes.chunks_exact(2).map(|b| read([b[0], b[1]])).collect::<Vec<_>>())
        };
        match (charset(names.get(row))?, bytes) {
            (Charset::Ascii, _) => {
                out.extend(
                    bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { char::REPLACEMENT_CHARACTER }),
                );
            }
            (Charset::Latin1, _) => out.extend(bytes.iter().map(|b| char::from(*b))),
            (Charset::Utf8, _) => out.push_str(&String::from_utf8_lossy(bytes)),
            (Charset::Utf16, [0xFF, 0xFE, rest @ ..]) => out.push_str(&wide(rest, u16::from_le_bytes)),
            (Charset::Utf16, [0xFE, 0xFF, rest @ ..]) => out.push_str(&wide(rest, u16::from_be_bytes)),
            (Charset::Utf16 | Charset::Utf16Be, _) => out.push_str(&wide(bytes, u16::from_be_bytes)),
            (Charset::Utf16Le, _) => out.push_str(&wide(bytes, u16::from_le_bytes)),
        }
        Ok(true)
    })
}

fn bind_elt(args: Vec<Expr>) -> Result<Expr> {
    if args.len() < 2 || !args[0].data_type().kind.is_integer() {
        return Err(mismatch_of("ELT", &args).hint("expected ELT(integer, string, …)"));
    }
    let mut rest = args.into_iter();
    let index = rest.next().into_iter().map(|i| cast_to(i, &TypeKind::BigInt.nullable()));
    let mut bound: Vec<Expr> = index.collect();
    for arg in rest {
        bound.push(Param::String.accept(arg.clone()).ok_or_else(|| mismatch_of("ELT", &[arg]))?);
    }
    let rest = bound.split_off(1);
    let (rest, common) = super::to_common_type("ELT", rest)?;
    bound.extend(rest);
    Ok(Expr::call("ELT", bound, common.with_nullable(true)))
}

fn elt(args: &Args) -> Result<ArrayRef> {
    let index = args.primitives::<arrow::datatypes::Int64Type>(0);
    let values: Vec<_> = (1..args.len()).map(|i| args.strings(i)).collect();
    args.build_strings(args.nulls_of([0]), |row, out| {
        let position = index.get(row).checked_sub(1).and_then(|i| usize::try_from(i).ok());
        let picked = position.and_then(|i| values.get(i));
        Ok(match picked.filter(|v| !v.is_null(row)) {
            Some(value) => {
                out.push_str(value.get(row));
                true
            }
            None => false,
        })
    })
}

fn bind_printf(args: Vec<Expr>) -> Result<Expr> {
    match args.first() {
        Some(format) if format.data_type().kind.is_string() => {
            Ok(Expr::call("PRINTF", args, TypeKind::STRING.nullable()))
        }
        _ => Err(mismatch_of("PRINTF", &args).hint("expected PRINTF(format, …)")),
    }
}

/// A pattern of LIKE, as what it asks for.
enum Pattern {
    Exact(String),
    Prefix(String),
    Suffix(String),
    Contains(memchr::memmem::Finder<'static>),
    Wild(Vec<Wild>),
}

#[derive(Clone, Copy, PartialEq)]
enum Wild {
    /// `%`
    Any,
    /// `_`
    One,
    Char(char),
}

fn prepare_like(site: &Site) -> Result<Kernel> {
    let escape_known = site.args.len() == 2 || site.text(2).is_some();
    if let (Some(pattern), true) = (site.text(1), escape_known) {
        let pattern = Pattern::parse(pattern, site.text(2))?;
        return Ok(Box::new(move |args: &Args| {
            let text = args.strings(0);
            Ok(args.build_booleans_infallible(args.nulls(), |row| pattern.matches(text.get(row))))
        }));
    }
    let mut last: Option<((String, Option<String>), Pattern)> = None;
    Ok(Box::new(move |args: &Args| {
        let (text, patterns) = (args.strings(0), args.strings(1));
        let escapes = (args.len() == 3).then(|| args.strings(2));
        args.build_booleans(args.nulls(), |row| {
            let (pattern, escape) = (patterns.get(row), escapes.as_ref().map(|e| e.get(row)));
            let same = last.as_ref().is_some_and(|((p, e), _)| p == pattern && e.as_deref() == escape);
            if !same {
                last = Some(((pattern.to_owned(), escape.map(str::to_owned)), Pattern::parse(pattern, escape)?));
            }
            Ok(last.as_ref().map(|(_, pattern)| pattern.matches(text.get(row))))
        })
    }))
}

impl Pattern {
    fn parse(pattern: &str, escape: Option<&str>) -> Result<Pattern> {
        let escape = match escape {
            None => None,
            Some(text) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => Some(c),
                    _ => return Err(Error::data(format!("invalid escape character '{text}'"))),
                }
            }
        };
        let mut wild = vec![];
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            wild.push(match c {
                c if Some(c) == escape => match chars.next() {
                    Some(next) if matches!(next, '%' | '_') || Some(next) == escape => Wild::Char(next),
                    _ => return Err(Error::data(format!("invalid escape sequence in '{pattern}'"))),
                },
                '%' if wild.last() == Some(&Wild::Any) => continue,
                '%' => Wild::Any,
                '_' => Wild::One,
                c => Wild::Char(c),
            });
        }
        let literal = |wild: &[Wild]| {
            wild.iter().map(|w| if let Wild::Char(c) = w { Some(*c) } else { None }).collect::<Option<String>>()
        };
        Ok(match wild.as_slice() {
            [Wild::Any, middle @ .., Wild::Any] if literal(middle).is_some() => {
                let needle = literal(middle).unwrap_or_default();
                Pattern::Contains(memchr::memmem::Finder::new(needle.as_bytes()).into_owned())
            }
            [Wild::Any, tail @ ..] if literal(tail).is_some() => Pattern::Suffix(literal(tail).unwrap_or_default()),
            [head @ .., Wild::Any] if literal(head).is_some() => Pattern::Prefix(literal(head).unwrap_or_default()),
            all => match literal(all) {
                Some(exact) => Pattern::Exact(exact),
                None => Pattern::Wild(wild),
            },
        })
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Exact(exact) => text == exact,
            Pattern::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Pattern::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Pattern::Contains(needle) => needle.find(text.as_bytes()).is_some(),
            Pattern::Wild(wild) => matches_wild(wild, text),
        }
    }
}

/// Greedy with one point of return: the last `%` takes one more character whenever the rest does not fit.
fn matches_wild(wild: &[Wild], text: &str) -> bool {
    let mut rest = text.chars();
    let mut at = 0;
    let mut retry: Option<(usize, std::str::Chars)> = None;
    loop {
        let here = rest.clone();
        match (wild.get(at), rest.next()) {
            (Some(Wild::Any), _) => {
                retry = Some((at, here.clone()));
                rest = here;
                at += 1;
            }
            (Some(Wild::One), Some(_)) => at += 1,
            (Some(Wild::Char(c)), Some(found)) if *c == found => at += 1,
            (None, None) => return true,
            _ => match &mut retry {
                Some((any, from)) => {
                    if from.next().is_none() {
                        return false;
                    }
                    at = *any + 1;
                    rest = from.clone();
                }
                None => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_those_of_split() {
        let texts =
            ["", "/", "a", "a/b", "//", "https://www.example.com/a/b/c/d/e/f", "ä/ö/ü/ß/😀//é/", "/\u{af}\u{2f}/x/ÿ"];
        for text in texts.iter().flat_map(|t| (0..3).map(|n| t.repeat(n))) {
            for index in 0..=text.len() + 1 {
                assert_eq!(piece_between(&text, b'/', index), text.split('/').nth(index), "{text} {index}");
            }
        }
    }
}
