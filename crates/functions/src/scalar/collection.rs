//! Arrays, maps and rows.
//!
//! A function over arrays computes *where* each element of its result comes from, an [`Element`] of one of its
//! arguments; the elements are then copied at once. Elements are compared by their row format, so arrays of any
//! type work alike.

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, ListBuilder, MapArray, StringBuilder, StructArray, UInt32Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{self, interleave, take};
use arrow::datatypes::{DataType as Arrow, Field, Int32Type};
use arrow::row::{Row, RowConverter, Rows, SortField};
use flitz_dataflow::{DataType, Error, Result, RowField, TypeKind};
use flitz_plan::{Expr, Literal};

use super::Output::{self, Strict};
use super::{
    Eval, Function, Kernel, Param, Simple, Site, any_nullable, exactly, literal_integer, mismatch_of, to_common_type,
};
use crate::coercion::{cast_to, implicit_cast};
use crate::columnar::{Args, Columnar};
use crate::fold::literal_array;

const STR: Param = Param::String;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::custom("ARRAY", |_, args| bind_array(args), Eval::Prepared(array)),
    Function::custom("MAP", |_, args| bind_map(args), Eval::Prepared(map)).fallible(),
    Function::custom("ROW", |_, args| bind_row(args), Eval::Prepared(row)),
    Function::custom("ITEM", |_, args| bind_item(args), Eval::Prepared(item)),
    Function::new("CARDINALITY", &[Param::Any], Output::Custom(cardinality_type), cardinality),
    Function::custom("ELEMENT", |name, args| of_element(name, args, false), Eval::Rows(element)).fallible(),
    Function::custom("ARRAY_APPEND", bind_with_element, Eval::Prepared(append)),
    Function::custom("ARRAY_PREPEND", bind_with_element, Eval::Prepared(prepend)),
    Function::custom("ARRAY_REMOVE", bind_with_element, Eval::Prepared(remove)),
    Function::custom("ARRAY_CONTAINS", bind_with_element, Eval::Prepared(contains)),
    Function::custom("ARRAY_POSITION", bind_with_element, Eval::Prepared(position)),
    same_array("ARRAY_DISTINCT", distinct),
    same_array("ARRAY_REVERSE", reverse),
    Function::custom("ARRAY_SLICE", |_, args| bind_slice(args), Eval::Prepared(slice)),
    Function::custom("ARRAY_SORT", |_, args| bind_sort(args), Eval::Prepared(sort)),
    Function::custom("ARRAY_UNION", |name, args| bind_arrays(name, args, true), Eval::Prepared(union)),
    Function::custom("ARRAY_EXCEPT", |name, args| bind_arrays(name, args, true), Eval::Prepared(except)),
    Function::custom("ARRAY_INTERSECT", |name, args| bind_arrays(name, args, true), Eval::Prepared(intersect)),
    Function::custom("ARRAY_CONCAT", |name, args| bind_arrays(name, args, false), Eval::Prepared(concat)),
    Function::custom("ARRAY_MAX", |name, args| of_element(name, args, true), Eval::Rows(|a| extreme(a, true))),
    Function::custom("ARRAY_MIN", |name, args| of_element(name, args, true), Eval::Rows(|a| extreme(a, false))),
    Function::new("ARRAY_JOIN", &[Param::Array, STR, STR], Output::Custom(join_type), join).optional(1),
    Function::custom("MAP_KEYS", map_part, Eval::Prepared(|s| map_parts(s, Part::Keys))),
    Function::custom("MAP_VALUES", map_part, Eval::Prepared(|s| map_parts(s, Part::Values))),
    Function::custom("MAP_ENTRIES", map_part, Eval::Prepared(|s| map_parts(s, Part::Entries))),
    Function::custom("MAP_UNION", |_, args| bind_map_union(args), Eval::Prepared(map_union)),
    Function::custom("MAP_FROM_ARRAYS", |_, args| bind_map_from_arrays(args), Eval::Prepared(map_from_arrays))
        .fallible(),
    Function::new("SPLIT", &[STR, STR], Strict(Simple::StringArray), split),
    Function::custom("STR_TO_MAP", |_, args| bind_str_to_map(args), Eval::Prepared(str_to_map)).fallible(),
];

const fn same_array(name: &'static str, prepare: fn(&Site) -> Result<Kernel>) -> Function {
    Function::prepared(name, &[Param::Array], Output::Arg(0), prepare)
}

// ---- Types

fn element_type(e: &Expr) -> Option<&DataType> {
    match &e.data_type().kind {
        TypeKind::Array(element) | TypeKind::Multiset(element) => Some(element),
        _ => None,
    }
}

fn cardinality_type(args: &[Expr]) -> Result<DataType> {
    match &args[0].data_type().kind {
        TypeKind::Array(_) | TypeKind::Map(..) | TypeKind::Multiset(_) => {
            Ok(DataType::new(TypeKind::Int, args[0].data_type().nullable))
        }
        _ => Err(mismatch_of("CARDINALITY", args).hint("expected CARDINALITY(array or map)")),
    }
}

fn join_type(args: &[Expr]) -> Result<DataType> {
    match element_type(&args[0]) {
        Some(element) if element.kind.is_string() => Ok(DataType::new(TypeKind::STRING, any_nullable(args))),
        _ => Err(mismatch_of("ARRAY_JOIN", args).hint("use CAST(… AS ARRAY<STRING>)")),
    }
}

fn array_of(element: DataType, nullable: bool) -> DataType {
    DataType::new(TypeKind::Array(Box::new(element)), nullable)
}

fn bind_array(args: Vec<Expr>) -> Result<Expr> {
    if args.is_empty() {
        return Err(Error::invalid("ARRAY[] needs at least one element").hint("use CAST(NULL AS ARRAY<…>)"));
    }
    let (args, common) = to_common_type("ARRAY", args)?;
    Ok(Expr::call("ARRAY", args, array_of(common, false)))
}

fn bind_map(args: Vec<Expr>) -> Result<Expr> {
    if args.is_empty() || !args.len().is_multiple_of(2) {
        return Err(Error::invalid("MAP[…] takes keys and values in pairs"));
    }
    let (mut keys, mut values) = (vec![], vec![]);
    for (i, arg) in args.into_iter().enumerate() {
        if i % 2 == 0 { keys.push(arg) } else { values.push(arg) }
    }
    let (keys, key) = to_common_type("MAP", keys)?;
    let (values, value) = to_common_type("MAP", values)?;
    let args = keys.into_iter().zip(values).flat_map(|(k, v)| [k, v]).collect();
    Ok(Expr::call("MAP", args, TypeKind::Map(Box::new(key), Box::new(value)).not_null()))
}

fn bind_row(args: Vec<Expr>) -> Result<Expr> {
    let fields = args
        .iter()
        .enumerate()
        .map(|(i, a)| RowField { name: format!("EXPR${i}"), data_type: a.data_type().clone().materialized() })
        .collect();
    Ok(Expr::call("ROW", args, TypeKind::Row(fields).not_null()))
}

fn bind_item(args: Vec<Expr>) -> Result<Expr> {
    let [collection, key] = exactly("ITEM", args)?;
    let (key, data_type) = match &collection.data_type().kind {
        TypeKind::Array(element) if key.data_type().kind.is_integer() => {
            if literal_integer(&key).is_some_and(|i| i < 1) {
                return Err(Error::invalid("array positions begin at 1"));
            }
            (cast_to(key, &TypeKind::Int.nullable()), element.as_ref().clone())
        }
        TypeKind::Map(key_type, value) => {
            let cast = implicit_cast(key.clone(), &key_type.as_ref().clone().with_nullable(true))
                .ok_or_else(|| mismatch_of("[]", &[collection.clone(), key]))?;
            (cast, value.as_ref().clone())
        }
        _ => return Err(mismatch_of("[]", &[collection, key])),
    };
    Ok(Expr::call("ITEM", vec![collection, key], data_type.with_nullable(true)))
}

fn of_element(name: &'static str, args: Vec<Expr>, nullable: bool) -> Result<Expr> {
    let [array] = exactly(name, args)?;
    let Some(element) = element_type(&array).cloned() else { return Err(mismatch_of(name, &[array])) };
    let nullable = nullable || element.nullable || array.data_type().nullable;
    Ok(Expr::call(name, vec![array], element.with_nullable(nullable)))
}

/// `function(array, element)`: the element becomes one of the array's type.
fn bind_with_element(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let [array, needle] = exactly(name, args)?;
    let Some(element) = element_type(&array).cloned() else { return Err(mismatch_of(name, &[array, needle])) };
    let nullable = element.nullable || needle.data_type().nullable || needle.data_type().kind == TypeKind::Null;
    let wanted = element.clone().with_nullable(nullable);
    let needle = implicit_cast(needle.clone(), &wanted).ok_or_else(|| mismatch_of(name, &[array.clone(), needle]))?;
    let outer = array.data_type().nullable;
    let data_type = match name {
        "ARRAY_APPEND" | "ARRAY_PREPEND" => array_of(wanted, outer),
        "ARRAY_REMOVE" => array.data_type().clone(),
        "ARRAY_POSITION" => DataType::new(TypeKind::Int, outer || nullable),
        _ => DataType::new(TypeKind::Boolean, outer),
    };
    Ok(Expr::call(name, vec![array, needle], data_type))
}

fn bind_arrays(name: &'static str, args: Vec<Expr>, two: bool) -> Result<Expr> {
    if args.is_empty() || (two && args.len() != 2) || args.iter().any(|a| element_type(a).is_none()) {
        return Err(mismatch_of(name, &args));
    }
    let (args, common) = to_common_type(name, args)?;
    let nullable = any_nullable(&args);
    Ok(Expr::call(name, args, common.with_nullable(nullable)))
}

fn bind_slice(args: Vec<Expr>) -> Result<Expr> {
    if !matches!(args.len(), 2 | 3) || element_type(&args[0]).is_none() {
        return Err(mismatch_of("ARRAY_SLICE", &args).hint("expected ARRAY_SLICE(array, start[, end])"));
    }
    positions("ARRAY_SLICE", args, Param::Int)
}

fn bind_sort(args: Vec<Expr>) -> Result<Expr> {
    if !matches!(args.len(), 1..=3) || element_type(&args[0]).is_none() {
        return Err(mismatch_of("ARRAY_SORT", &args).hint("expected ARRAY_SORT(array[, ascending[, nulls_first]])"));
    }
    positions("ARRAY_SORT", args, Param::Boolean)
}

fn positions(name: &'static str, args: Vec<Expr>, rest: Param) -> Result<Expr> {
    let data_type = args[0].data_type().clone().with_nullable(any_nullable(&args));
    let args = args
        .into_iter()
        .enumerate()
        .map(|(i, a)| if i == 0 { Some(a) } else { rest.accept(a) })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Error::invalid(format!("cannot apply {name} to these arguments")))?;
    Ok(Expr::call(name, args, data_type))
}

fn map_part(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let [map] = exactly(name, args)?;
    let TypeKind::Map(key, value) = map.data_type().kind.clone() else { return Err(mismatch_of(name, &[map])) };
    let element = match name {
        "MAP_KEYS" => *key,
        "MAP_VALUES" => *value,
        _ => TypeKind::Row(vec![
            RowField { name: "key".to_owned(), data_type: *key },
            RowField { name: "value".to_owned(), data_type: *value },
        ])
        .nullable(),
    };
    let nullable = map.data_type().nullable;
    Ok(Expr::call(name, vec![map], array_of(element, nullable)))
}

fn bind_map_union(args: Vec<Expr>) -> Result<Expr> {
    if args.is_empty() || args.iter().any(|a| !matches!(a.data_type().kind, TypeKind::Map(..))) {
        return Err(mismatch_of("MAP_UNION", &args));
    }
    let (args, common) = to_common_type("MAP_UNION", args)?;
    let nullable = any_nullable(&args);
    Ok(Expr::call("MAP_UNION", args, common.with_nullable(nullable)))
}

fn bind_map_from_arrays(args: Vec<Expr>) -> Result<Expr> {
    let args: [Expr; 2] = exactly("MAP_FROM_ARRAYS", args)?;
    let (Some(key), Some(value)) = (element_type(&args[0]), element_type(&args[1])) else {
        return Err(mismatch_of("MAP_FROM_ARRAYS", &args));
    };
    let kind = TypeKind::Map(Box::new(key.clone()), Box::new(value.clone()));
    let nullable = any_nullable(&args);
    Ok(Expr::call("MAP_FROM_ARRAYS", args.into(), DataType::new(kind, nullable)))
}

fn bind_str_to_map(args: Vec<Expr>) -> Result<Expr> {
    if !matches!(args.len(), 1 | 3) {
        return Err(mismatch_of("STR_TO_MAP", &args).hint("expected STR_TO_MAP(string[, pairs, keys])"));
    }
    let args = args
        .into_iter()
        .map(|a| STR.accept(a.clone()).ok_or_else(|| mismatch_of("STR_TO_MAP", &[a])))
        .collect::<Result<_>>()?;
    let text = || Box::new(TypeKind::STRING.nullable());
    Ok(Expr::call("STR_TO_MAP", args, TypeKind::Map(text(), text()).nullable()))
}

// ---- Elements

/// Element `index` of source `array`.
type Element = (usize, usize);

/// The elements of all array arguments, and of single values, side by side.
struct Sources {
    arrays: Vec<ArrayRef>,
    rows: Vec<Rows>,
}

impl Sources {
    fn new(arrays: Vec<ArrayRef>) -> Result<Sources> {
        let mut rows = vec![];
        if let Some(first) = arrays.first() {
            let converter = RowConverter::new(vec![SortField::new(first.data_type().clone())])
                .map_err(|_| Error::unsupported(format!("comparing values of type {}", first.data_type())))?;
            for array in &arrays {
                rows.push(converter.convert_columns(std::slice::from_ref(array))?);
            }
        }
        Ok(Sources { arrays, rows })
    }

    /// Sources that are only copied, not compared.
    fn copied(arrays: Vec<ArrayRef>) -> Sources {
        Sources { arrays, rows: vec![] }
    }

    fn key(&self, (source, index): Element) -> Row<'_> {
        self.rows[source].row(index)
    }

    fn is_null(&self, (source, index): Element) -> bool {
        self.arrays[source].is_null(index)
    }

    fn copy(&self, elements: &[Element]) -> Result<ArrayRef> {
        let arrays: Vec<&dyn Array> = self.arrays.iter().map(|a| a.as_ref()).collect();
        Ok(interleave(&arrays, elements)?)
    }
}

/// The elements of argument `i` as source `i`.
fn list_values(args: &Args, i: usize) -> ArrayRef {
    args.lists(i).array.values().clone()
}

fn elements(args: &Args, i: usize, row: usize) -> impl DoubleEndedIterator<Item = Element> {
    args.lists(i).range(row).map(move |at| (i, at))
}

/// Lists of `data_type` whose elements `f` names for each row that is not NULL.
fn build_lists(
    args: &Args,
    data_type: &DataType,
    nulls: Option<NullBuffer>,
    sources: &Sources,
    mut f: impl FnMut(usize, &mut Vec<Element>) -> Result<()>,
) -> Result<ArrayRef> {
    let Arrow::List(field) = data_type.to_arrow() else { return Err(Error::internal("a list type")) };
    let mut picked = vec![];
    let mut lengths = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let before = picked.len();
        if nulls.as_ref().is_none_or(|n| n.is_valid(row)) {
            f(row, &mut picked)?;
        }
        lengths.push(picked.len() - before);
    }
    let values = sources.copy(&picked)?;
    check_not_null(&field, &values, None)?;
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), values, nulls)?))
}

/// A CAST that overflows gives NULL whatever its type says. `outer`: the rows or collections that are NULL as a whole.
pub(crate) fn check_not_null(field: &Field, column: &ArrayRef, outer: Option<&NullBuffer>) -> Result<()> {
    let missing = column.nulls().filter(|nulls| nulls.null_count() > 0 && !field.is_nullable());
    if missing.is_some_and(|nulls| !outer.is_some_and(|outer| outer.contains(nulls))) {
        return Err(Error::data("a NULL in a collection or row that can't hold one: a number does not fit its type"));
    }
    Ok(())
}

fn array(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = Sources::copied(args.columns.iter().map(|c| c.array().clone()).collect());
        build_lists(args, &data_type, None, &sources, |row, out| {
            out.extend(args.columns.iter().enumerate().map(|(i, c)| (i, if c.is_scalar() { 0 } else { row })));
            Ok(())
        })
    }))
}

/// Of equal keys the last pair stays.
fn map(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let columns = |offset: usize| args.columns.iter().skip(offset).step_by(2).map(|c| c.array().clone()).collect();
        let keys = Sources::new(columns(0))?;
        let values = Sources::copied(columns(1));
        build_maps(args, &data_type, None, &keys, &values, |row, out| {
            for i in 0..args.len() / 2 {
                let at = |column: &Columnar| if column.is_scalar() { 0 } else { row };
                out.push(((i, at(&args.columns[2 * i])), (i, at(&args.columns[2 * i + 1]))));
            }
            Ok(())
        })
    }))
}

/// Maps whose pairs `f` names; later pairs replace earlier ones of the same key.
fn build_maps(
    args: &Args,
    data_type: &DataType,
    nulls: Option<NullBuffer>,
    keys: &Sources,
    values: &Sources,
    mut f: impl FnMut(usize, &mut Vec<(Element, Element)>) -> Result<()>,
) -> Result<ArrayRef> {
    let (mut key_elements, mut value_elements, mut lengths) = (vec![], vec![], vec![]);
    let mut pairs = vec![];
    for row in 0..args.rows {
        pairs.clear();
        if nulls.as_ref().is_none_or(|n| n.is_valid(row)) {
            f(row, &mut pairs)?;
        }
        let start = key_elements.len();
        let mut seen: AHashMap<Row, usize> = AHashMap::with_capacity(pairs.len());
        for &(key, value) in &pairs {
            if keys.is_null(key) {
                return Err(Error::data("a map cannot have a NULL key"));
            }
            match seen.get(&keys.key(key)) {
                Some(&at) => value_elements[at] = value,
                None => {
                    seen.insert(keys.key(key), key_elements.len());
                    key_elements.push(key);
                    value_elements.push(value);
                }
            }
        }
        lengths.push(key_elements.len() - start);
    }
    map_array(data_type, keys.copy(&key_elements)?, values.copy(&value_elements)?, lengths, nulls)
}

fn map_array(
    data_type: &DataType,
    keys: ArrayRef,
    values: ArrayRef,
    lengths: Vec<usize>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let Arrow::Map(entries, _) = data_type.to_arrow() else { return Err(Error::internal("a map type")) };
    let Arrow::Struct(fields) = entries.data_type().clone() else { return Err(Error::internal("a map's entries")) };
    check_not_null(&fields[0], &keys, None)?;
    check_not_null(&fields[1], &values, None)?;
    let pairs = StructArray::try_new(fields, vec![keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(entries, OffsetBuffer::from_lengths(lengths), pairs, nulls, false)?))
}

fn row(site: &Site) -> Result<Kernel> {
    let Arrow::Struct(fields) = site.data_type.to_arrow() else { return Err(Error::internal("a row type")) };
    Ok(Box::new(move |args: &Args| {
        let columns = args.columns.iter().map(|c| c.clone().into_array(args.rows)).collect::<Result<Vec<_>>>()?;
        fields.iter().zip(&columns).try_for_each(|(field, column)| check_not_null(field, column, None))?;
        Ok(Arc::new(StructArray::try_new_with_length(fields.clone(), columns, None, args.rows)?))
    }))
}

/// A position outside the array, or a key that is not there, gives NULL; where the result is NOT NULL, the type's
/// default value.
fn item(site: &Site) -> Result<Kernel> {
    let default = (!site.data_type.nullable).then(|| default_of(&site.data_type.kind)).transpose()?;
    let found: fn(&Args) -> Result<(ArrayRef, UInt32Array)> = match site.args[0].data_type().kind {
        TypeKind::Array(_) => positions_in_lists,
        _ => positions_in_maps,
    };
    Ok(Box::new(move |args: &Args| {
        let (values, indices) = found(args)?;
        let Some(default) = &default else { return Ok(take(&values, &indices, None)?) };
        let last = values.len() as u32;
        let indices: UInt32Array =
            indices.iter().map(|i| i.filter(|&i| values.is_valid(i as usize)).unwrap_or(last)).collect();
        Ok(take(&compute::concat(&[&values, default])?, &indices, None)?)
    }))
}

fn positions_in_lists(args: &Args) -> Result<(ArrayRef, UInt32Array)> {
    let (lists, positions) = (args.lists(0), args.primitives::<Int32Type>(1));
    let nulls = args.nulls();
    let indices = (0..args.rows)
        .map(|row| {
            let range = lists.range(row);
            let at = usize::try_from(positions.get(row)).ok()?.checked_sub(1)?;
            let valid = nulls.as_ref().is_none_or(|n| n.is_valid(row)) && at < range.len();
            valid.then(|| (range.start + at) as u32)
        })
        .collect();
    Ok((lists.array.values().clone(), indices))
}

fn positions_in_maps(args: &Args) -> Result<(ArrayRef, UInt32Array)> {
    let maps = args.maps(0);
    let sources = Sources::new(vec![maps.array.keys().clone(), args.columns[1].array().clone()])?;
    let nulls = args.nulls();
    let indices = (0..args.rows)
        .map(|row| {
            if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
                return None;
            }
            let wanted = sources.key((1, if args.columns[1].is_scalar() { 0 } else { row }));
            maps.range(row).find(|i| sources.key((0, *i)) == wanted).map(|i| i as u32)
        })
        .collect();
    Ok((maps.array.values().clone(), indices))
}

/// What Flink's generated code leaves in a variable of this type.
fn default_of(kind: &TypeKind) -> Result<ArrayRef> {
    let value = match kind {
        TypeKind::Boolean => Literal::Boolean(false),
        TypeKind::Char(_) | TypeKind::Varchar(_) => Literal::String(String::new()),
        TypeKind::Float | TypeKind::Double => Literal::Double(-1.0),
        kind if kind.is_integer() || *kind == TypeKind::Date => Literal::Integer(-1),
        _ => return Err(Error::internal("an access to a collection that is NOT NULL")),
    };
    literal_array(&value, &kind.clone().not_null())
}

fn cardinality(args: &Args) -> Result<ArrayRef> {
    let nulls = args.nulls();
    Ok(Arc::new(match args.columns[0].array().data_type() {
        Arrow::List(_) => {
            let lists = args.lists(0);
            args.build_infallible::<Int32Type>(nulls, |row| lists.range(row).len() as i32)
        }
        Arrow::Map(..) => {
            let maps = args.maps(0);
            args.build_infallible::<Int32Type>(nulls, |row| maps.range(row).len() as i32)
        }
        other => return Err(Error::internal(format!("CARDINALITY of {other}"))),
    }))
}

fn element(args: &Args) -> Result<ArrayRef> {
    let lists = args.lists(0);
    let nulls = args.nulls();
    let mut indices = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let range = lists.range(row);
        let valid = nulls.as_ref().is_none_or(|n| n.is_valid(row));
        if valid && range.len() > 1 {
            return Err(Error::data(format!("ELEMENT of an array with {} elements", range.len())));
        }
        indices.push((valid && !range.is_empty()).then_some(range.start as u32));
    }
    Ok(take(lists.array.values(), &UInt32Array::from(indices), None)?)
}

/// The array's elements as source 0, the single value as source 1.
fn array_and_value(args: &Args) -> Result<Sources> {
    Sources::new(vec![list_values(args, 0), args.columns[1].array().clone()])
}

fn value_at(args: &Args, row: usize) -> Element {
    (1, if args.columns[1].is_scalar() { 0 } else { row })
}

fn append(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = Sources::copied(vec![list_values(args, 0), args.columns[1].array().clone()]);
        build_lists(args, &data_type, args.nulls_of([0]), &sources, |row, out| {
            out.extend(elements(args, 0, row));
            out.push(value_at(args, row));
            Ok(())
        })
    }))
}

fn prepend(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = Sources::copied(vec![list_values(args, 0), args.columns[1].array().clone()]);
        build_lists(args, &data_type, args.nulls_of([0]), &sources, |row, out| {
            out.push(value_at(args, row));
            out.extend(elements(args, 0, row));
            Ok(())
        })
    }))
}

fn remove(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = array_and_value(args)?;
        build_lists(args, &data_type, args.nulls_of([0]), &sources, |row, out| {
            let needle = sources.key(value_at(args, row));
            out.extend(elements(args, 0, row).filter(|e| sources.key(*e) != needle));
            Ok(())
        })
    }))
}

/// A NULL can be found.
fn contains(_: &Site) -> Result<Kernel> {
    Ok(Box::new(|args: &Args| {
        let sources = array_and_value(args)?;
        args.build_booleans(args.nulls_of([0]), |row| {
            let needle = sources.key(value_at(args, row));
            Ok(Some(elements(args, 0, row).any(|e| sources.key(e) == needle)))
        })
    }))
}

fn position(_: &Site) -> Result<Kernel> {
    Ok(Box::new(|args: &Args| {
        let sources = array_and_value(args)?;
        Ok(Arc::new(args.build::<Int32Type>(args.nulls(), |row| {
            let needle = sources.key(value_at(args, row));
            Ok(Some(elements(args, 0, row).position(|e| sources.key(e) == needle).map_or(0, |i| i as i32 + 1)))
        })?))
    }))
}

fn distinct(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = Sources::new(vec![list_values(args, 0)])?;
        build_lists(args, &data_type, args.nulls(), &sources, |row, out| {
            let mut seen = AHashSet::new();
            out.extend(elements(args, 0, row).filter(|e| seen.insert(sources.key(*e))));
            Ok(())
        })
    }))
}

fn reverse(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = Sources::copied(vec![list_values(args, 0)]);
        build_lists(args, &data_type, args.nulls(), &sources, |row, out| {
            out.extend(elements(args, 0, row).rev());
            Ok(())
        })
    }))
}

/// Both ends inclusive from 1; 0 is the start, negative ends count from the back.
fn slice(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = Sources::copied(vec![list_values(args, 0)]);
        let start = args.primitives::<Int32Type>(1);
        let end = (args.len() == 3).then(|| args.primitives::<Int32Type>(2));
        build_lists(args, &data_type, args.nulls(), &sources, |row, out| {
            let length = args.lists(0).range(row).len() as i64;
            let from_front = |i: i64| if i < 0 { i + length + 1 } else { i };
            let first = from_front(i64::from(start.get(row))).max(1);
            // An end of 0 is taken as 1, as a start of 0 is.
            let last = |e: i64| if e == 0 { 1 } else { from_front(e) };
            let last = end.as_ref().map_or(length, |e| last(i64::from(e.get(row)))).min(length);
            if first <= last {
                let wanted = (last - first + 1) as usize;
                out.extend(elements(args, 0, row).skip(first as usize - 1).take(wanted));
            }
            Ok(())
        })
    }))
}

/// Ascending with NULLs first; descending with NULLs last.
fn sort(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = Sources::new(vec![list_values(args, 0)])?;
        let ascending = (args.len() >= 2).then(|| args.booleans(1));
        let nulls_first = (args.len() == 3).then(|| args.booleans(2));
        build_lists(args, &data_type, args.nulls(), &sources, |row, out| {
            let ascending = ascending.as_ref().is_none_or(|a| a.get(row));
            let nulls_first = nulls_first.as_ref().map_or(ascending, |n| n.get(row));
            let (nulls, mut values): (Vec<_>, Vec<_>) = elements(args, 0, row).partition(|e| sources.is_null(*e));
            values.sort_by(|a, b| sources.key(*a).cmp(&sources.key(*b)));
            if !ascending {
                values.reverse();
            }
            if nulls_first {
                out.extend(nulls);
                out.extend(values);
            } else {
                out.extend(values);
                out.extend(nulls);
            }
            Ok(())
        })
    }))
}

fn all_lists(args: &Args) -> Result<Sources> {
    Sources::new((0..args.len()).map(|i| list_values(args, i)).collect())
}

fn union(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = all_lists(args)?;
        build_lists(args, &data_type, args.nulls(), &sources, |row, out| {
            let mut seen = AHashSet::new();
            let both = elements(args, 0, row).chain(elements(args, 1, row));
            out.extend(both.filter(|e| seen.insert(sources.key(*e))));
            Ok(())
        })
    }))
}

fn except(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = all_lists(args)?;
        build_lists(args, &data_type, args.nulls(), &sources, |row, out| {
            let mut seen: AHashSet<_> = elements(args, 1, row).map(|e| sources.key(e)).collect();
            out.extend(elements(args, 0, row).filter(|e| seen.insert(sources.key(*e))));
            Ok(())
        })
    }))
}

fn intersect(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = all_lists(args)?;
        build_lists(args, &data_type, args.nulls(), &sources, |row, out| {
            let mut wanted: AHashSet<_> = elements(args, 1, row).map(|e| sources.key(e)).collect();
            out.extend(elements(args, 0, row).filter(|e| wanted.remove(&sources.key(*e))));
            Ok(())
        })
    }))
}

fn concat(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let sources = Sources::copied((0..args.len()).map(|i| list_values(args, i)).collect());
        build_lists(args, &data_type, args.nulls(), &sources, |row, out| {
            (0..args.len()).for_each(|i| out.extend(elements(args, i, row)));
            Ok(())
        })
    }))
}

fn extreme(args: &Args, largest: bool) -> Result<ArrayRef> {
    let sources = Sources::new(vec![list_values(args, 0)])?;
    let nulls = args.nulls();
    let indices: UInt32Array = (0..args.rows)
        .map(|row| {
            if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
                return None;
            }
            let values = elements(args, 0, row).filter(|e| !sources.is_null(*e));
            let compare = |a: &Element, b: &Element| sources.key(*a).cmp(&sources.key(*b));
            let best = if largest { values.max_by(compare) } else { values.min_by(compare) };
            best.map(|(_, i)| i as u32)
        })
        .collect();
    Ok(take(&sources.arrays[0], &indices, None)?)
}

/// NULL elements are left out unless there is a text for them.
fn join(args: &Args) -> Result<ArrayRef> {
    let values = list_values(args, 0);
    let Some(values) = values.as_string_opt::<i32>() else {
        return Err(Error::internal("ARRAY_JOIN of other than text"));
    };
    let delimiter = args.strings(1);
    let replacement = (args.len() == 3).then(|| args.strings(2));
    args.build_strings(args.nulls(), |row, out| {
        let mut first = true;
        for (_, i) in elements(args, 0, row) {
            let text = match (values.is_null(i), &replacement) {
                (false, _) => values.value(i),
                (true, Some(replacement)) => replacement.get(row),
                (true, None) => continue,
            };
            if !std::mem::take(&mut first) {
                out.push_str(delimiter.get(row));
            }
            out.push_str(text);
        }
        Ok(true)
    })
}

// ---- Maps

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Keys,
    Values,
    Entries,
}

fn map_parts(site: &Site, part: Part) -> Result<Kernel> {
    let Arrow::List(field) = site.data_type.to_arrow() else { return Err(Error::internal("a list type")) };
    Ok(Box::new(move |args: &Args| {
        let map = args.columns[0].clone().into_array(args.rows)?;
        let map = map.as_map();
        let values: ArrayRef = match (part, field.data_type()) {
            (Part::Keys, _) => map.keys().clone(),
            (Part::Values, _) => map.values().clone(),
            (Part::Entries, Arrow::Struct(fields)) => {
                let columns = vec![map.keys().clone(), map.values().clone()];
                Arc::new(StructArray::try_new(fields.clone(), columns, None)?)
            }
            (Part::Entries, _) => return Err(Error::internal("entries are rows")),
        };
        Ok(Arc::new(ListArray::try_new(field.clone(), map.offsets().clone(), values, map.nulls().cloned())?))
    }))
}

/// The value of the last map that has the key.
fn map_union(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let maps: Vec<_> = (0..args.len()).map(|i| args.maps(i)).collect();
        let keys = Sources::new(maps.iter().map(|m| m.array.keys().clone()).collect())?;
        let values = Sources::copied(maps.iter().map(|m| m.array.values().clone()).collect());
        build_maps(args, &data_type, args.nulls(), &keys, &values, |row, out| {
            for (i, map) in maps.iter().enumerate() {
                out.extend(map.range(row).map(|at| ((i, at), (i, at))));
            }
            Ok(())
        })
    }))
}

/// Pairs are kept as they are, also those of one key.
fn map_from_arrays(site: &Site) -> Result<Kernel> {
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let nulls = args.nulls();
        let (keys, values) = (args.lists(0), args.lists(1));
        let (mut key_indices, mut value_indices, mut lengths) = (vec![], vec![], vec![]);
        for row in 0..args.rows {
            if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
                lengths.push(0);
                continue;
            }
            let (k, v) = (keys.range(row), values.range(row));
            if k.len() != v.len() {
                return Err(Error::data(format!("MAP_FROM_ARRAYS of {} keys and {} values", k.len(), v.len())));
            }
            lengths.push(k.len());
            key_indices.extend(k.map(|i| i as u32));
            value_indices.extend(v.map(|i| i as u32));
        }
        let keys = take(keys.array.values(), &UInt32Array::from(key_indices), None)?;
        if keys.null_count() > 0 {
            return Err(Error::data("a map cannot have a NULL key"));
        }
        let values = take(values.array.values(), &UInt32Array::from(value_indices), None)?;
        map_array(&data_type, keys, values, lengths, nulls)
    }))
}

// ---- Text

/// An empty delimiter splits every character.
fn split(args: &Args) -> Result<ArrayRef> {
    let (texts, delimiters) = (args.strings(0), args.strings(1));
    let nulls = args.nulls();
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in 0..args.rows {
        if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            lists.append(false);
            continue;
        }
        let (text, delimiter) = (texts.get(row), delimiters.get(row));
        if text.is_empty() {
            // No piece at all.
        } else if delimiter.is_empty() {
            text.chars().for_each(|c| lists.values().append_value(c.encode_utf8(&mut [0; 4])));
        } else {
            text.split(delimiter).for_each(|piece| lists.values().append_value(piece));
        }
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}

/// Both delimiters are regular expressions; a piece without a key delimiter has the value NULL.
fn str_to_map(site: &Site) -> Result<Kernel> {
    let mut patterns = [crate::java::pattern::Patterns::new(site, 1)?, crate::java::pattern::Patterns::new(site, 2)?];
    let data_type = site.data_type.clone();
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        let delimiters = (args.len() == 3).then(|| (args.strings(1), args.strings(2)));
        let nulls = args.nulls();
        let (mut keys, mut values, mut lengths) = (StringBuilder::new(), StringBuilder::new(), vec![]);
        for row in 0..args.rows {
            if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
                lengths.push(0);
                continue;
            }
            let (pair, key) = delimiters.as_ref().map_or((",", "="), |(p, k)| (p.get(row), k.get(row)));
            let [pair_patterns, key_patterns] = &mut patterns;
            let wrong = |p: &str| Error::data(format!("STR_TO_MAP: '{p}' is not a regular expression"));
            let pair = pair_patterns.get(pair)?.ok_or_else(|| wrong(pair))?;
            let key = key_patterns.get(key)?.ok_or_else(|| wrong(key))?;
            let mut found: Vec<(&str, Option<&str>)> = vec![];
            let text = texts.get(row);
            let pieces = if text.is_empty() { vec![] } else { java_split(text, pair) };
            for piece in pieces {
                let mut halves = key.splitn(piece, 2);
                let name = halves.next().unwrap_or_default();
                let value = halves.next();
                match found.iter_mut().find(|(n, _)| *n == name) {
                    Some(known) => known.1 = value,
                    None => found.push((name, value)),
                }
            }
            lengths.push(found.len());
            for (name, value) in found {
                keys.append_value(name);
                values.append_option(value);
            }
        }
        map_array(&data_type, Arc::new(keys.finish()), Arc::new(values.finish()), lengths, nulls)
    }))
}

/// `String.split`: empty pieces at the end are dropped, but for the only one.
fn java_split<'a>(text: &'a str, pattern: &regex::Regex) -> Vec<&'a str> {
    let mut pieces: Vec<&str> = pattern.split(text).collect();
    while pieces.len() > 1 && pieces.last() == Some(&"") {
        pieces.pop();
    }
    pieces
}
