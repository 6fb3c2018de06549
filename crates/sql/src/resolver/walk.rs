//! The expressions within an expression as written.

use crate::ast::{Expr, ExprKind, FunctionArgValue, JsonBehavior};

/// The direct parts of `expr`, those of sub-queries not included.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    let mut parts: Vec<&Expr> = vec![];
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Path(_) => {}
        ExprKind::Exists(_)
        | ExprKind::ScalarQuery(_)
        | ExprKind::ArrayQuery(_)
        | ExprKind::MapQuery(_)
        | ExprKind::MultisetQuery(_) => {}
        ExprKind::Field { operand, .. }
        | ExprKind::Unary { operand, .. }
        | ExprKind::Is { operand, .. }
        | ExprKind::Cast { operand, .. }
        | ExprKind::Extract { operand, .. }
        | ExprKind::RoundTime { operand, .. }
        | ExprKind::InQuery { operand, .. } => parts.push(operand),
        ExprKind::Quantified { left, .. } => parts.push(left),
        ExprKind::Subscript { operand, index } => parts.extend([&**operand, index]),
        ExprKind::Binary { left, right, .. }
        | ExprKind::IsDistinctFrom { left, right, .. }
        | ExprKind::DatetimeMinus { left, right, .. } => parts.extend([&**left, right]),
        ExprKind::Between { operand, low, high, .. } => parts.extend([&**operand, low, high]),
        ExprKind::Like { operand, pattern, escape, .. } => {
            parts.extend([&**operand, pattern]);
            parts.extend(escape.as_deref());
        }
        ExprKind::InList { operand, list, .. } => {
            parts.push(operand);
            parts.extend(list);
        }
        ExprKind::Case { operand, branches, otherwise } => {
            parts.extend(operand.as_deref());
            for branch in branches {
                parts.extend(&branch.when);
                parts.push(&branch.then);
            }
            parts.extend(otherwise.as_deref());
        }
        ExprKind::Function(call) => {
            for arg in &call.args {
                if let FunctionArgValue::Expr(e) = &arg.value {
                    parts.push(e);
                }
            }
            parts.extend(&call.filter);
        }
        ExprKind::Trim { characters, operand, .. } => {
            parts.extend(characters.as_deref());
            parts.push(operand);
        }
        ExprKind::TimestampAdd { count, operand, .. } => parts.extend([&**count, operand]),
        ExprKind::TimestampDiff { start, end, .. } => parts.extend([&**start, end]),
        ExprKind::JsonExists { json, path, .. } => parts.extend([&**json, path]),
        ExprKind::JsonValue { json, path, on_empty, on_error, .. }
        | ExprKind::JsonQuery { json, path, on_empty, on_error, .. } => {
            parts.extend([&**json, path]);
            for behavior in [on_empty, on_error] {
                if let Some(JsonBehavior::Default(value)) = behavior {
                    parts.push(value);
                }
            }
        }
        ExprKind::JsonObject { pairs, .. } => parts.extend(pairs.iter().flat_map(|p| [&p.key, &p.value.value])),
        ExprKind::JsonArray { elements, .. } => parts.extend(elements.iter().map(|e| &e.value)),
        ExprKind::JsonObjectAgg { pair, filter, .. } => {
            parts.extend([&pair.key, &pair.value.value]);
            parts.extend(filter.as_deref());
        }
        ExprKind::JsonArrayAgg { element, filter, .. } => {
            parts.push(&element.value);
            parts.extend(filter.as_deref());
        }
        ExprKind::Row { items, .. } | ExprKind::Array(items) | ExprKind::Multiset(items) => parts.extend(items),
        ExprKind::Map(pairs) => parts.extend(pairs.iter().flat_map(|(k, v)| [k, v])),
    }
    parts
}

/// The first part of `expr`, itself included, for which `wanted` holds.
pub(crate) fn find<'a>(expr: &'a Expr, wanted: &dyn Fn(&Expr) -> bool) -> Option<&'a Expr> {
    if wanted(expr) {
        return Some(expr);
    }
    children(expr).into_iter().find_map(|part| find(part, wanted))
}
