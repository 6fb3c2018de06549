//! A resolved query as text, for EXPLAIN: what it says, before anything is optimized. Columns are `$0`, `$1`, …

use std::fmt::Write;

use flitz_dataflow::{Field, Schema, TypeKind};
use flitz_plan::{AggregateCall, Expr, expr_text, order_text, window_text};

use crate::lower::Output;
use crate::relation::{Rank, Rel, RelOp};

pub(crate) fn syntax_tree(outputs: &[Output]) -> String {
    let mut trees = vec![];
    for output in outputs {
        let mut text = String::new();
        match &output.target {
            None => write_rel(&mut text, &output.rel, 0),
            Some(target) => {
                let fields: Vec<&str> = output.rel.schema.fields.iter().map(|f| f.name.as_str()).collect();
                line(&mut text, 0, &format!("LogicalSink(table=[{}], fields=[{}])", target.path, fields.join(", ")));
                write_rel(&mut text, &output.rel, 1);
            }
        }
        trees.push(text);
    }
    trees.join("\n")
}

fn line(text: &mut String, depth: usize, node: &str) {
    let arrow = if depth == 0 { String::new() } else { format!("{}+- ", "   ".repeat(depth - 1)) };
    let _ = writeln!(text, "{arrow}{node}");
}

fn write_rel(text: &mut String, rel: &Rel, depth: usize) {
    let mut below = depth;
    for node in described(rel) {
        line(text, below, &node);
        below += 1;
    }
    rel.inputs().into_iter().for_each(|input| write_rel(text, input, below));
}

/// The lines of one operator, the last one over its inputs.
fn described(rel: &Rel) -> Vec<String> {
    let inputs = rel.inputs();
    let columns = inputs.iter().map(|input| input.schema.len()).sum();
    let positions: Schema = (0..columns).map(|i| Field::new(format!("${i}"), TypeKind::Int.nullable())).collect();
    let expr = |e: &Expr| expr_text(e, &positions);
    let set = |columns: &[usize]| columns.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let calls = |calls: &[AggregateCall], first: usize| {
        let shown = |(call, field): (&AggregateCall, &Field)| format!(", {}=[{}]", field.name, call_text(call));
        calls.iter().zip(&rel.schema.fields[first..]).map(shown).collect::<String>()
    };
    let rows = |offset: u64, fetch: Option<u64>| {
        let offset = (offset > 0).then(|| format!("offset=[{offset}]"));
        offset.into_iter().chain(fetch.map(|n| format!("fetch=[{n}]"))).collect::<Vec<_>>()
    };
    match &rel.op {
        RelOp::Scan(scan) => {
            let path = &scan.path;
            let table = format!("LogicalTableScan(table=[[{}, {}, {}]])", path.catalog, path.database, path.object);
            let watermark = scan.table.watermark.as_ref().map(|w| {
                let column = &scan.table.columns[w.column].name;
                format!("LogicalWatermarkAssigner(rowtime=[{column}], watermark=[{}])", w.text)
            });
            watermark.into_iter().chain([table]).collect()
        }
        RelOp::Values(rows) => {
            let row = |row: &Vec<Expr>| format!("{{ {} }}", row.iter().map(expr).collect::<Vec<_>>().join(", "));
            vec![format!("LogicalValues(tuples=[[{}]])", rows.iter().map(row).collect::<Vec<_>>().join(", "))]
        }
        RelOp::Calc { filter, projection, input } => {
            let stays = |(i, e): (usize, &Expr)| matches!(e, Expr::Column { index, .. } if *index == i);
            let same = projection.len() == input.schema.len()
                && projection.iter().enumerate().all(stays)
                && rel.schema.fields.iter().zip(&input.schema.fields).all(|(a, b)| a.name == b.name);
            let column = |(e, f): (&Expr, &Field)| format!("{}=[{}]", f.name, expr(e));
            let list = projection.iter().zip(&rel.schema.fields).map(column).collect::<Vec<_>>().join(", ");
            let project = (!same || filter.is_none()).then(|| format!("LogicalProject({list})"));
            let filter = filter.as_ref().map(|e| format!("LogicalFilter(condition=[{}])", expr(e)));
            project.into_iter().chain(filter).collect()
        }
        RelOp::Union(_) => vec!["LogicalUnion(all=[true])".to_owned()],
        RelOp::Unnest { unnest, .. } => {
            let kind = if unnest.keeps_empty { "left" } else { "inner" };
            vec![format!("LogicalCorrelate(uncollect=[${}], joinType=[{kind}])", unnest.collection)]
        }
        RelOp::WindowTable { window, .. } => {
            vec![format!("LogicalTableFunctionScan(invocation=[{}])", window_text(window, &|i| format!("${i}")))]
        }
        RelOp::WindowAggregate { window, keys, aggregates, .. } => vec![format!(
            "LogicalWindowAggregate(group=[{{{}}}]{}, window=[{}])",
            set(keys),
            calls(aggregates, keys.len()),
            window_text(window, &|i| format!("${i}"))
        )],
        RelOp::GroupAggregate { keys, aggregates, .. } => {
            vec![format!("LogicalAggregate(group=[{{{}}}]{})", set(keys), calls(aggregates, keys.len()))]
        }
        RelOp::Rank(Rank { function, partition, order, .. }) => {
            let partition: Vec<String> = partition.iter().map(|i| format!("${i}")).collect();
            vec![format!(
                "LogicalWindow({function}() OVER (PARTITION BY {} ORDER BY {}))",
                partition.join(", "),
                order_text(order, &|i| format!("${i}"))
            )]
        }
        RelOp::WindowRank { rank, .. } => {
            vec![format!("LogicalWindow(ranks=[{} to {}])", rank.first, rank.last)]
        }
        RelOp::Join { kind, condition, .. } => {
            let condition = condition.as_ref().map_or_else(|| "TRUE".to_owned(), expr);
            vec![format!("LogicalJoin(condition=[{condition}], joinType=[{}])", kind.name())]
        }
        RelOp::WindowJoin { join, .. } => vec![format!("LogicalJoin(joinType=[{}])", join.kind.name())],
        RelOp::Limit { offset, fetch, .. } => vec![format!("LogicalSort({})", rows(*offset, *fetch).join(", "))],
        RelOp::TemporalSort { keys, .. } => {
            vec![format!("LogicalSort(sort=[{}])", order_text(keys, &|i| format!("${i}")))]
        }
        RelOp::Sort { keys, offset, fetch, .. } => {
            let order = format!("sort=[{}]", order_text(keys, &|i| format!("${i}")));
            let parts: Vec<String> = [order].into_iter().chain(rows(*offset, *fetch)).collect();
            vec![format!("LogicalSort({})", parts.join(", "))]
        }
    }
}

fn call_text(call: &AggregateCall) -> String {
    let distinct = if call.distinct { "DISTINCT " } else { "" };
    let args: Vec<String> = call.args.iter().map(|i| format!("${i}")).collect();
    let filter = call.filter.map(|i| format!(" FILTER ${i}")).unwrap_or_default();
    format!("{}({distinct}{}){filter}", call.function, args.join(", "))
}
