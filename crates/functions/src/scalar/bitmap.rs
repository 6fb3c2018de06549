//! Sets of integers, type BITMAP; see [`flitz_dataflow::bitmap`] for their bytes.

use std::ops::{BitAnd, BitOr, BitXor, Sub};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Builder, ListBuilder};
use arrow::datatypes::{Field, Int32Type, Int64Type};
use flitz_dataflow::bitmap::{RoaringBitmap, read_bitmap, write_bitmap, write_bitmap_text};
use flitz_dataflow::{DataType, Result, TypeKind};
use flitz_plan::Expr;

use super::Output::Custom;
use super::{Eval, Function, Param, any_nullable, mismatch_of};
use crate::coercion::cast_to;
use crate::columnar::Args;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::custom("BITMAP_BUILD", bind_build, Eval::Rows(build)),
    Function::new("BITMAP_FROM_BYTES", &[Param::Binary], Custom(bitmap), from_bytes).fallible(),
    Function::custom("BITMAP_TO_BYTES", bind, Eval::Rows(to_bytes)),
    Function::custom("BITMAP_TO_ARRAY", bind, Eval::Rows(to_array)),
    Function::custom("BITMAP_TO_STRING", bind, Eval::Rows(to_string)),
    Function::custom("BITMAP_CARDINALITY", bind, Eval::Rows(cardinality)),
    Function::custom("BITMAP_AND", bind, Eval::Rows(|args| combine(args, BitAnd::bitand))),
    Function::custom("BITMAP_OR", bind, Eval::Rows(|args| combine(args, BitOr::bitor))),
    Function::custom("BITMAP_XOR", bind, Eval::Rows(|args| combine(args, BitXor::bitxor))),
    Function::custom("BITMAP_ANDNOT", bind, Eval::Rows(|args| combine(args, Sub::sub))),
];

fn bitmap(args: &[Expr]) -> Result<DataType> {
    Ok(DataType::new(TypeKind::Bitmap, any_nullable(args)))
}

/// Of an ARRAY of INT, or of what becomes INT by itself.
fn bind_build(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let narrow = [TypeKind::Int, TypeKind::SmallInt, TypeKind::TinyInt];
    let fits = |arg: &Expr| matches!(&arg.data_type().kind, TypeKind::Array(e) if narrow.contains(&e.kind));
    match args.as_slice() {
        [array] if fits(array) => {
            let data_type = bitmap(&args)?;
            let ints = TypeKind::Array(Box::new(TypeKind::Int.nullable())).nullable();
            let args = args.into_iter().map(|array| cast_to(array, &ints)).collect();
            Ok(Expr::call(name, args, data_type))
        }
        _ => Err(mismatch_of(name, &args).hint("it takes an ARRAY<INT>")),
    }
}

fn bind(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let (count, kind) = match name {
        "BITMAP_TO_BYTES" => (1, TypeKind::BYTES),
        "BITMAP_TO_ARRAY" => (1, TypeKind::Array(Box::new(TypeKind::Int.nullable()))),
        "BITMAP_TO_STRING" => (1, TypeKind::STRING),
        "BITMAP_CARDINALITY" => (1, TypeKind::BigInt),
        _ => (2, TypeKind::Bitmap),
    };
    if args.len() != count || args.iter().any(|arg| arg.data_type().kind != TypeKind::Bitmap) {
        return Err(mismatch_of(name, &args));
    }
    let data_type = DataType::new(kind, any_nullable(&args));
    Ok(Expr::call(name, args, data_type))
}

fn build(args: &Args) -> Result<ArrayRef> {
    let lists = args.lists(0);
    let values = lists.array.values().as_primitive::<Int32Type>();
    args.build_binaries(args.nulls(), |row, out| {
        // Negative numbers are the upper half of the unsigned ones.
        let set = |i: usize| values.is_valid(i).then(|| values.value(i) as u32);
        write_bitmap(&lists.range(row).filter_map(set).collect(), out)?;
        Ok(true)
    })
}

fn from_bytes(args: &Args) -> Result<ArrayRef> {
    let bytes = args.binaries(0);
    args.build_binaries(args.nulls(), |row, out| {
        write_bitmap(&read_bitmap(bytes.get(row))?, out)?;
        Ok(true)
    })
}

fn to_bytes(args: &Args) -> Result<ArrayRef> {
    let bitmaps = args.binaries(0);
    args.build_binaries(args.nulls(), |row, out| {
        out.extend_from_slice(bitmaps.get(row));
        Ok(true)
    })
}

fn to_array(args: &Args) -> Result<ArrayRef> {
    let bitmaps = args.binaries(0);
    let nulls = args.nulls();
    let mut lists = ListBuilder::new(Int32Builder::new()).with_field(Arc::new(Field::new(
        "item",
        arrow::datatypes::DataType::Int32,
        true,
    )));
    for row in 0..args.rows {
        let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        if valid {
            read_bitmap(bitmaps.get(row))?.iter().for_each(|value| lists.values().append_value(value as i32));
        }
        lists.append(valid);
    }
    Ok(Arc::new(lists.finish()))
}

fn to_string(args: &Args) -> Result<ArrayRef> {
    let bitmaps = args.binaries(0);
    args.build_strings(args.nulls(), |row, out| write_bitmap_text(bitmaps.get(row), out).map(|()| true))
}

fn cardinality(args: &Args) -> Result<ArrayRef> {
    let bitmaps = args.binaries(0);
    Ok(Arc::new(args.build::<Int64Type>(args.nulls(), |row| Ok(Some(read_bitmap(bitmaps.get(row))?.len() as i64)))?))
}

fn combine(args: &Args, operation: fn(RoaringBitmap, RoaringBitmap) -> RoaringBitmap) -> Result<ArrayRef> {
    let (left, right) = (args.binaries(0), args.binaries(1));
    args.build_binaries(args.nulls(), |row, out| {
        write_bitmap(&operation(read_bitmap(left.get(row))?, read_bitmap(right.get(row))?), out)?;
        Ok(true)
    })
}
