use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int8Array, Int32Array, Int64Array, StringArray,
};
use arrow::util::display::array_value_to_string;
use flitz_dataflow::{DataType, Result, TypeKind};
use flitz_plan::AggregateCall;

use super::{GroupsAccumulator, accumulator, bind_aggregate};

fn make(name: &str, args: &[DataType], distinct: bool, retractable: bool) -> Result<Box<dyn GroupsAccumulator>> {
    let bound = bind_aggregate(name, args, distinct, true)?;
    let call = AggregateCall {
        function: name.to_owned(),
        args: (0..args.len()).collect(),
        distinct,
        filter: None,
        data_type: bound.data_type,
    };
    accumulator(&call, &bound.args, retractable)
}

fn show(array: &ArrayRef) -> String {
    let text = |row| if array.is_null(row) { "NULL".to_owned() } else { array_value_to_string(array, row).unwrap() };
    (0..array.len()).map(text).collect::<Vec<_>>().join(" ")
}

/// The aggregate of each group: all at once; in two parts whose states are merged, once copied and once
/// drained, into one that holds nothing. All must agree.
fn aggregate(name: &str, args: &[ArrayRef], types: &[DataType], distinct: bool, groups: &[u32]) -> String {
    let bound = bind_aggregate(name, types, distinct, true).unwrap().args;
    let cast = |(arg, to): (&ArrayRef, &DataType)| match to.to_arrow() {
        to if to == *arg.data_type() => arg.clone(),
        to => arrow::compute::cast(arg, &to).unwrap(),
    };
    let args: Vec<ArrayRef> = args.iter().zip(&bound).map(cast).collect();
    let len = groups.iter().max().map_or(0, |g| *g as usize + 1);
    let all: Vec<u32> = (0..len as u32).collect();
    let fresh = || {
        let mut made = make(name, types, distinct, false).unwrap();
        made.resize(len);
        made
    };
    let mut whole = fresh();
    whole.update(groups, &args, None, None).unwrap();
    let expected = show(&whole.evaluate(&all).unwrap());

    let half = groups.len() / 2;
    let parts = [(0, half), (half, groups.len() - half)];
    let mut merged = fresh();
    for (i, (offset, length)) in parts.into_iter().enumerate() {
        let mut part = fresh();
        let slices: Vec<ArrayRef> = args.iter().map(|arg| arg.slice(offset, length)).collect();
        part.update(&groups[offset..offset + length], &slices, None, None).unwrap();
        let state = if i == 0 { part.state(&all).unwrap() } else { part.take_state().unwrap() };
        assert_eq!(state.iter().map(|c| c.data_type().clone()).collect::<Vec<_>>(), whole.state_types());
        merged.merge(&all, &state).unwrap();
    }
    assert_eq!(show(&merged.evaluate(&all).unwrap()), expected, "{name} merged");

    // What was cleared is empty, and may be filled again.
    whole.clear(&all);
    whole.update(groups, &args, None, None).unwrap();
    assert_eq!(show(&whole.evaluate(&all).unwrap()), expected, "{name} after clear");
    expected
}

fn ints(values: &[Option<i32>]) -> ArrayRef {
    Arc::new(Int32Array::from(values.to_vec()))
}

fn check_ints(name: &str, distinct: bool, values: &[Option<i32>], groups: &[u32], expected: &str) {
    let types = [TypeKind::Int.nullable()];
    assert_eq!(aggregate(name, &[ints(values)], &types, distinct, groups), expected, "{name}");
}

#[test]
fn integers() {
    let values = [Some(1), Some(2), None, Some(2), Some(-7), None];
    let groups = [0, 0, 0, 0, 1, 2];
    for (name, distinct, expected) in [
        ("COUNT", false, "3 1 0"),
        ("COUNT", true, "2 1 0"),
        ("SUM", false, "5 -7 NULL"),
        ("SUM", true, "3 -7 NULL"),
        ("$SUM0", false, "5 -7 0"),
        ("AVG", false, "1 -7 NULL"),
        ("AVG", true, "1 -7 NULL"),
        ("MIN", false, "1 -7 NULL"),
        ("MAX", true, "2 -7 NULL"),
        ("FIRST_VALUE", false, "1 -7 NULL"),
        ("LAST_VALUE", false, "2 -7 NULL"),
        ("ARRAY_AGG", false, "[1, 2, , 2] [-7] []"),
        ("ARRAY_AGG", true, "[1, 2, ] [-7] []"),
        ("ARRAY_AGG_IGNORE_NULLS", false, "[1, 2, 2] [-7] NULL"),
        ("COLLECT", false, "{1: 1, 2: 2} {-7: 1} {}"),
        ("JSON_ARRAYAGG", false, "[1,2,2] [-7] []"),
        ("JSON_ARRAYAGG_NULL_ON_NULL", false, "[1,2,null,2] [-7] [null]"),
        ("APPROX_COUNT_DISTINCT", false, "2 1 0"),
        ("STDDEV_POP", false, "0 0 NULL"),
        ("VAR_SAMP", false, "0 NULL NULL"),
    ] {
        check_ints(name, distinct, &values, &groups, expected);
    }
}

#[test]
fn integer_sums_wrap_in_their_type_and_averages_do_not() {
    let values = [Some(i32::MAX), Some(1)];
    check_ints("SUM", false, &values, &[0, 0], "-2147483648");
    check_ints("AVG", false, &values, &[0, 0], "1073741824");
    let tiny: ArrayRef = Arc::new(Int8Array::from(vec![100, 100, 100]));
    let types = [TypeKind::TinyInt.not_null()];
    assert_eq!(aggregate("SUM", &[tiny.clone()], &types, false, &[0, 0, 0]), "44");
    assert_eq!(aggregate("AVG", &[tiny], &types, false, &[0, 0, 0]), "100");
    let large: ArrayRef = Arc::new(Int64Array::from(vec![i64::MAX, 1, 2]));
    assert_eq!(aggregate("AVG", &[large], &[TypeKind::BigInt.not_null()], false, &[0, 0, 1]), "-4611686018427387904 2");
}

#[test]
fn floating_point() {
    let values: ArrayRef = Arc::new(Float64Array::from(vec![1.5, 2.5, 4.0, f64::NAN, -0.0]));
    let types = [TypeKind::Double.not_null()];
    for (name, expected) in [
        ("SUM", "8.0 NaN -0.0"),
        ("AVG", "2.6666666666666665 NaN 0.0"),
        ("MIN", "1.5 NaN -0.0"),
        ("MAX", "4.0 NaN -0.0"),
        ("STDDEV_POP", "1.0274023338281628 NaN 0.0"),
    ] {
        assert_eq!(aggregate(name, &[values.clone()], &types, false, &[0, 0, 0, 1, 2]), expected, "{name}");
    }
    let values: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 3.0, 5.0, 2.0]));
    assert_eq!(aggregate("VAR_SAMP", &[values], &types, false, &[0, 0, 0, 1]), "4.0 NULL");
}

#[test]
fn decimals_round_half_up_and_overflow_to_null() {
    let decimals = |values: Vec<i128>, precision, scale| -> ArrayRef {
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap())
    };
    let money = decimals(vec![110, 220, -100], 10, 2);
    let types = [TypeKind::Decimal { precision: 10, scale: 2 }.not_null()];
    assert_eq!(aggregate("SUM", &[money.clone()], &types, false, &[0, 0, 1]), "3.30 -1.00");
    assert_eq!(aggregate("AVG", &[money.clone()], &types, false, &[0, 0, 0]), "0.766667");
    assert_eq!(aggregate("MAX", &[money.clone()], &types, false, &[0, 0, 1]), "2.20 -1.00");
    assert_eq!(aggregate("VAR_POP", &[money], &types, false, &[0, 0, 1]), "0.302500 0.000000");
    let huge = 90_000_000_000_000_000_000_000_000_000_000_000_000_i128;
    let types = [TypeKind::Decimal { precision: 38, scale: 0 }.not_null()];
    assert_eq!(aggregate("SUM", &[decimals(vec![huge, huge], 38, 0)], &types, false, &[0, 0]), "NULL");
    // Once too large it stays NULL.
    assert_eq!(aggregate("SUM", &[decimals(vec![huge, huge, 5], 38, 0)], &types, false, &[0; 3]), "NULL");
    assert_eq!(aggregate("AVG", &[decimals(vec![huge, huge], 38, 0)], &types, false, &[0, 0]), "NULL");
}

#[test]
fn strings_and_booleans() {
    let values: ArrayRef = Arc::new(StringArray::from(vec![Some("b"), None, Some("a"), Some("b"), Some("")]));
    let types = [TypeKind::STRING.nullable()];
    for (name, distinct, expected) in [
        ("MIN", false, "a|"),
        ("MAX", false, "b|"),
        ("COUNT", true, "2|1"),
        ("LISTAGG", false, "b,a,b|"),
        ("LISTAGG", true, "b,a|"),
        ("FIRST_VALUE", false, "b|"),
        ("APPROX_COUNT_DISTINCT", false, "2|1"),
    ] {
        let found = aggregate(name, &[values.clone()], &types, distinct, &[0, 0, 0, 0, 1]);
        assert_eq!(found.replacen(' ', "|", 1), expected, "{name}");
    }
    let separators: ArrayRef = Arc::new(StringArray::from(vec!["-"; 5]));
    let types = [TypeKind::STRING.nullable(), TypeKind::STRING.not_null()];
    assert_eq!(aggregate("LISTAGG", &[values.clone(), separators], &types, false, &[0; 5]), "b-a-b-");
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0, 1e10, 3.0, 0.5]));
    let keys: ArrayRef = Arc::new(StringArray::from(vec!["z", "y\"", "x", "a", "b"]));
    let types = [TypeKind::STRING.not_null(), TypeKind::Double.nullable()];
    assert_eq!(
        aggregate("JSON_OBJECTAGG", &[keys, numbers], &types, false, &[0, 0, 0, 1, 1]),
        r#"{"x":1.0E+10,"y\"":2.0,"z":1.0} {"a":3.0,"b":0.5}"#
    );
    let booleans: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]));
    assert_eq!(aggregate("MAX", &[booleans], &[TypeKind::Boolean.nullable()], false, &[0, 0, 1]), "true false");
}

#[test]
fn several_distinct_columns_count_where_none_is_null() {
    let a = ints(&[Some(1), Some(1), Some(1), None]);
    let b = ints(&[Some(2), Some(2), Some(3), Some(3)]);
    let types = [TypeKind::Int.nullable(), TypeKind::Int.nullable()];
    assert_eq!(aggregate("COUNT", &[a, b], &types, true, &[0; 4]), "2");
}

#[test]
fn percentiles_interpolate() {
    let values: ArrayRef = Arc::new(Float64Array::from(vec![10.0, 40.0, 20.0, 30.0]));
    let fractions: ArrayRef = Arc::new(Float64Array::from(vec![0.5; 4]));
    let types = [TypeKind::Double.nullable(), TypeKind::Double.not_null()];
    assert_eq!(aggregate("PERCENTILE", &[values, fractions], &types, false, &[0; 4]), "25.0");
}

#[test]
fn retracted_values_leave_no_trace() {
    let values = ints(&[Some(5), Some(9), Some(9), Some(1)]);
    let taken = ints(&[Some(9), Some(1), Some(4)]);
    let out = BooleanArray::from(vec![true; 3]);
    for (name, distinct, expected) in [
        ("COUNT", false, "1"),
        ("COUNT", true, "2"),
        ("SUM", false, "10"),
        ("SUM", true, "14"),
        ("AVG", true, "7"),
        ("MIN", false, "5"),
        ("MAX", false, "9"),
        ("FIRST_VALUE", false, "5"),
        ("LAST_VALUE", false, "9"),
        ("ARRAY_AGG", false, "[5, 9]"),
        ("ARRAY_AGG", true, "[5, 9]"),
        ("COLLECT", false, "{5: 1, 9: 1}"),
    ] {
        let mut state = make(name, &[TypeKind::Int.nullable()], distinct, true).unwrap();
        state.resize(1);
        state.update(&[0; 4], std::slice::from_ref(&values), None, None).unwrap();
        // Through a checkpoint.
        let saved = state.take_state().unwrap();
        state.resize(1);
        state.merge(&[0], &saved).unwrap();
        state.update(&[0; 3], std::slice::from_ref(&taken), None, Some(&out)).unwrap();
        let result = state.evaluate(&[0]).unwrap();
        assert_eq!(show(&result), expected, "{name} {distinct}");
    }
}

#[test]
fn a_filter_that_is_null_is_not_true() {
    let mut sum = make("SUM", &[TypeKind::Int.nullable()], false, false).unwrap();
    sum.resize(1);
    let filter = BooleanArray::from(vec![Some(true), None, Some(false), Some(true)]);
    let values = ints(&[Some(1), Some(2), Some(4), None]);
    sum.update(&[0; 4], &[values], Some(&filter), None).unwrap();
    assert_eq!(show(&sum.evaluate(&[0]).unwrap()), "1");
}

#[test]
fn sketches_estimate_within_two_percent() {
    let mut sketch = make("APPROX_COUNT_DISTINCT", &[TypeKind::BigInt.nullable()], false, false).unwrap();
    sketch.resize(2);
    for part in 0..10 {
        let values: ArrayRef = Arc::new(Int64Array::from_iter_values(part * 10_000..part * 10_000 + 20_000));
        sketch.update(&vec![0; 20_000], &[values], None, None).unwrap();
    }
    let half = sketch.state(&[0, 1]).unwrap();
    sketch.merge(&[1, 0], &half).unwrap();
    for estimate in sketch.evaluate(&[0, 1]).unwrap().as_any().downcast_ref::<Int64Array>().unwrap().values() {
        assert!((estimate - 110_000).abs() < 2_200, "{estimate}");
    }
}

#[test]
fn abandoned_distinct_sets_are_swept_out() {
    let mut count = make("COUNT", &[TypeKind::Int.nullable()], true, false).unwrap();
    count.resize(2);
    for round in 0..5 {
        let values = ints(&(0..1000).map(|v| Some(v + round)).collect::<Vec<_>>());
        count.update(&vec![0; 1000], std::slice::from_ref(&values), None, None).unwrap();
        count.update(&vec![1; 1000], &[values], None, None).unwrap();
        assert_eq!(show(&count.evaluate(&[0]).unwrap()), "1000");
        count.clear(&[0]);
    }
    assert_eq!(show(&count.evaluate(&[0, 1]).unwrap()), "0 1004");
    assert!(count.bytes() < 200_000, "{}", count.bytes());
}

#[test]
fn calls_are_typed_as_in_flink() {
    let bind = |name: &str, kind: TypeKind, grouped| {
        let arg = kind.not_null();
        bind_aggregate(name, &[arg], false, grouped).map_or_else(|e| e.to_string(), |b| b.data_type.to_string())
    };
    let decimal = TypeKind::Decimal { precision: 10, scale: 2 };
    for (found, expected) in [
        (bind("COUNT", TypeKind::STRING, true), "BIGINT NOT NULL"),
        (bind("SUM", TypeKind::Int, true), "INT NOT NULL"),
        (bind("SUM", TypeKind::Int, false), "INT"),
        (bind("SUM", decimal.clone(), true), "DECIMAL(38, 2)"),
        (bind("AVG", decimal, true), "DECIMAL(38, 6)"),
        (bind("AVG", TypeKind::BigInt, true), "BIGINT NOT NULL"),
        (bind("MAX", TypeKind::timestamp(3), false), "TIMESTAMP(3)"),
        (bind("STDDEV_SAMP", TypeKind::Int, true), "INT"),
        (bind("LISTAGG", TypeKind::Char(1), true), "CHAR(1) NOT NULL"),
        (bind("COLLECT", TypeKind::Int, true), "MULTISET<INT NOT NULL> NOT NULL"),
        (bind("SUM", TypeKind::STRING, true), "SUM takes a number, found STRING NOT NULL"),
        (bind("BITMAP_OR_AGG", TypeKind::Int, true), "BITMAP_OR_AGG takes BITMAP, found INT NOT NULL"),
        (bind("LISTAG", TypeKind::STRING, true), "no aggregate function is called LISTAG; did you mean LISTAGG?"),
    ] {
        assert_eq!(found, expected);
    }
}
