//! The plan as text, for EXPLAIN: one line per node, sinks first, inputs indented below.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde_json::{Value, json};

use crate::{
    AggregateCall, ColumnRef, Estimate, Expr, Literal, Node, NodeId, NodeKind, SortKey, StreamPlan, Unnest,
    WindowBounds, WindowJoin, WindowRank, WindowShape, WindowSpec,
};
use flitz_dataflow::Schema;

/// A node that several others read is printed in full once and named `(reused)` after that.
impl fmt::Display for StreamPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explained(&Explained { changelog_mode: true, ..Explained::default() }))
    }
}

/// What a printed plan shows beside its nodes.
#[derive(Clone, Debug, Default)]
pub struct Explained {
    /// The row kinds that each node emits.
    pub changelog_mode: bool,
    /// Where rows go to the owner of their key.
    pub exchanges: bool,
    pub cost: Option<Vec<Estimate>>,
    /// Numbers of the pieces of advice about a node.
    pub advice: BTreeMap<usize, Vec<usize>>,
}

impl StreamPlan {
    /// The plan as EXPLAIN JSON_EXECUTION_PLAN shows it: Flink's keys, but no parallelism, which is chosen when the
    /// job starts.
    pub fn to_json(&self) -> String {
        let nodes: Vec<Value> = self.nodes.iter().enumerate().map(|(id, node)| self.node_json(id, node)).collect();
        // Maps of strings can always be printed.
        serde_json::to_string_pretty(&json!({ "nodes": nodes })).unwrap_or_default()
    }

    fn node_json(&self, id: usize, node: &Node) -> Value {
        let contents = self.describe(node);
        let operator = contents.split('(').next().unwrap_or_default();
        let (kind, pact) = match &node.kind {
            NodeKind::Source(source) => (format!("Source: {}", source.table.name), "Data Source"),
            NodeKind::Values { .. } => (format!("Source: {operator}"), "Data Source"),
            NodeKind::Sink(sink) => (format!("Sink: {}", sink.table.name), "Data Sink"),
            NodeKind::Collect(_) => (format!("Sink: {operator}"), "Data Sink"),
            _ => (operator.to_owned(), "Operator"),
        };
        let strategy = |input: usize| match node.exchange(input) {
            Some(columns) if columns.is_empty() => "GLOBAL",
            Some(_) => "HASH",
            None => "FORWARD",
        };
        let predecessor = |(position, input): (usize, &NodeId)| json!({ "id": input.0 + 1, "ship_strategy": strategy(position), "side": "second" });
        let mut shown = json!({ "id": id + 1, "type": kind, "pact": pact, "contents": contents });
        if !node.inputs.is_empty() {
            shown["predecessors"] = node.inputs.iter().enumerate().map(predecessor).collect();
        }
        shown
    }

    pub fn explained(&self, shown: &Explained) -> String {
        let consumers = self.consumers();
        let mut printed = vec![false; self.nodes.len()];
        let mut text = String::new();
        for id in (0..self.nodes.len()).filter(|&id| consumers[id].is_empty()) {
            self.write_node(&mut text, NodeId(id), 0, &mut printed, shown);
        }
        text
    }

    fn write_node(&self, text: &mut String, id: NodeId, depth: usize, printed: &mut [bool], shown: &Explained) {
        let node = self.node(id);
        let arrow = |depth: usize| if depth == 0 { String::new() } else { format!("{}+- ", "   ".repeat(depth - 1)) };
        let reused = std::mem::replace(&mut printed[id.0], true);
        let mut line = self.describe(node);
        if let Some(numbers) = shown.advice.get(&id.0) {
            let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
            line = line.replacen('(', &format!("(advice=[{}], ", numbers.join(", ")), 1);
        }
        if shown.changelog_mode {
            let _ = write!(line, ", changelogMode={}", node.changelog);
        }
        if let Some(estimate) = shown.cost.as_ref().map(|cost| &cost[id.0]) {
            let _ = write!(line, ": {estimate}");
        }
        let mark = if reused { " (reused)" } else { "" };
        let _ = writeln!(text, "{}{line}{mark}", arrow(depth));
        for (position, input) in node.inputs.iter().enumerate().filter(|_| !reused) {
            let mut depth = depth + 1;
            if let Some(columns) = node.exchange(position).filter(|_| shown.exchanges) {
                let names: Vec<&str> =
                    columns.iter().map(|&i| self.node(*input).schema.fields[i].name.as_str()).collect();
                let to = if names.is_empty() { "single".to_owned() } else { format!("hash[{}]", names.join(", ")) };
                let _ = writeln!(text, "{}Exchange(distribution=[{to}])", arrow(depth));
                depth += 1;
            }
            self.write_node(text, *input, depth, printed, shown);
        }
    }

    /// The node in one line, its expressions over the names of its first input.
    pub fn describe(&self, node: &Node) -> String {
        let empty = Schema::default();
        let input = node.inputs.first().map_or(&empty, |i| &self.node(*i).schema);
        let name = |i: usize| input.fields.get(i).map_or_else(|| format!("${i}"), |f| f.name.clone());
        let names = |columns: &[usize]| columns.iter().map(|&i| name(i)).collect::<Vec<_>>().join(", ");
        let own = || node.schema.fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", ");
        match &node.kind {
            NodeKind::Source(s) => format!("TableSourceScan(table=[{}], fields=[{}])", s.table.name, own()),
            NodeKind::Values { rows } => format!("Values(rows={}, fields=[{}])", rows.len(), own()),
            NodeKind::Calc { filter, projection } => {
                let select: Vec<String> = projection
                    .iter()
                    .zip(&node.schema.fields)
                    .map(|(e, f)| {
                        let text = expr_text(e, input);
                        if text == f.name { text } else { format!("{text} AS {}", f.name) }
                    })
                    .collect();
                let filter = filter.as_ref().map(|e| format!(", where=[{}]", expr_text(e, input))).unwrap_or_default();
                format!("Calc(select=[{}]{filter})", select.join(", "))
            }
            NodeKind::Watermark(w) => {
                format!(
                    "WatermarkAssigner(rowtime=[{}], watermark=[{}])",
                    name(w.rowtime),
                    expr_text(&w.watermark, input)
                )
            }
            NodeKind::Union => "Union(all=[true])".to_owned(),
            NodeKind::Unnest(unnest) => unnest_text(unnest, &name, node),
            NodeKind::WindowTableFunction { window } => {
                format!("WindowTableFunction(window=[{}])", window_text(window, &name))
            }
            NodeKind::WindowAggregate(w) => format!(
                "WindowAggregate(groupBy=[{}], window=[{}], select=[{}])",
                names(&w.keys),
                window_text(&w.window, &name),
                w.aggregates.iter().map(|a| aggregate_text(a, &name)).collect::<Vec<_>>().join(", ")
            ),
            NodeKind::WindowRank(rank) => rank_text(rank, &name),
            NodeKind::WindowJoin(join) => {
                let right = node.inputs.get(1).map_or(&empty, |i| &self.node(*i).schema);
                join_text(join, input, right)
            }
            NodeKind::GroupAggregate { keys, aggregates, state_ttl_millis, .. } => format!(
                "GroupAggregate(groupBy=[{}], select=[{}]{})",
                names(keys),
                aggregates.iter().map(|a| aggregate_text(a, &name)).collect::<Vec<_>>().join(", "),
                state_ttl_millis.map(|ttl| format!(", stateTtl=[{ttl} ms]")).unwrap_or_default()
            ),
            NodeKind::UpsertMaterialize(m) => {
                let upsert_key = m.upsert_key.as_deref().map_or_else(|| "all columns".to_owned(), names);
                format!(
                    "SinkUpsertMaterializer(primaryKey=[{}], upsertKey=[{upsert_key}], conflictStrategy=[{}])",
                    names(&m.primary_key),
                    m.conflict.name()
                )
            }
            NodeKind::Limit { offset, fetch } => format!("Limit(offset=[{offset}], fetch=[{}])", fetch_text(*fetch)),
            NodeKind::Sort { keys, offset, fetch } => {
                format!(
                    "Sort(orderBy=[{}], offset=[{offset}], fetch=[{}])",
                    order_text(keys, &name),
                    fetch_text(*fetch)
                )
            }
            NodeKind::TemporalSort { keys } => format!("TemporalSort(orderBy=[{}])", order_text(keys, &name)),
            NodeKind::Sink(s) => {
                let target = |c: &ColumnRef| match c {
                    ColumnRef::Physical(i) => s.table.physical.fields[*i].name.clone(),
                    ColumnRef::Metadata { key, .. } => format!("METADATA '{key}'"),
                };
                let fields: Vec<String> = s.columns.iter().map(target).collect();
                let overwrite = if s.overwrite { ", overwrite=[true]" } else { "" };
                format!("Sink(table=[{}], fields=[{}]{overwrite})", s.table.name, fields.join(", "))
            }
            NodeKind::Collect(_) => "Collect".to_owned(),
        }
    }
}

fn unnest_text(unnest: &Unnest, name: &dyn Fn(usize) -> String, node: &Node) -> String {
    let appended = Schema::new(node.schema.fields[unnest.emits.len()..].to_vec());
    let kind = if unnest.keeps_empty { "LEFT" } else { "INNER" };
    let condition = unnest.condition.as_ref().map(|e| format!(", condition=[{}]", expr_text(e, &appended)));
    let select: Vec<&str> = node.schema.fields.iter().map(|f| f.name.as_str()).collect();
    format!(
        "Correlate(invocation=[UNNEST({})], select=[{}], joinType=[{kind}]{})",
        name(unnest.collection),
        select.join(", "),
        condition.unwrap_or_default()
    )
}

fn fetch_text(fetch: Option<u64>) -> String {
    fetch.map_or_else(|| "unlimited".to_owned(), |n| n.to_string())
}

/// `TUMBLE(ts, size=5000 ms)`
pub fn window_text(window: &WindowSpec, name: &dyn Fn(usize) -> String) -> String {
    let time = name(window.time);
    match &window.shape {
        WindowShape::Tumble { size, offset } => format!("TUMBLE({time}, size={size} ms{})", offset_text(*offset)),
        WindowShape::Hop { slide, size, offset } => {
            format!("HOP({time}, slide={slide} ms, size={size} ms{})", offset_text(*offset))
        }
        WindowShape::Cumulate { step, size, offset } => {
            format!("CUMULATE({time}, step={step} ms, size={size} ms{})", offset_text(*offset))
        }
        WindowShape::Session { gap, .. } => format!("SESSION({time}, gap={gap} ms)"),
        WindowShape::Assigned { start, end, .. } => format!("WINDOW({}, {})", name(*start), name(*end)),
    }
}

pub fn order_text(keys: &[SortKey], name: &dyn Fn(usize) -> String) -> String {
    let direction = |key: &SortKey| if key.descending { "DESC" } else { "ASC" };
    let nulls = |key: &SortKey| match key.nulls_first {
        first if first != key.descending => "",
        true => " NULLS FIRST",
        false => " NULLS LAST",
    };
    let text = |key: &SortKey| format!("{} {}{}", name(key.column), direction(key), nulls(key));
    keys.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn bounds_text(window: &WindowBounds, name: &dyn Fn(usize) -> String) -> String {
    format!("WINDOW({}, {})", name(window.start), name(window.end))
}

fn rank_text(rank: &WindowRank, name: &dyn Fn(usize) -> String) -> String {
    let partition = rank.partition.iter().map(|&i| name(i)).collect::<Vec<_>>().join(", ");
    let ties = if rank.latest_first { ", ties=[latest first]" } else { "" };
    let emits = if rank.emits_rank { ", rank" } else { "" };
    format!(
        "WindowRank(window=[{}], partitionBy=[{partition}], orderBy=[{}]{ties}, ranks=[{} to {}], select=[*{emits}])",
        bounds_text(&rank.window, name),
        order_text(&rank.order, name),
        rank.first,
        rank.last,
    )
}

fn join_text(join: &WindowJoin, left: &Schema, right: &Schema) -> String {
    let both: Schema = left.fields.iter().chain(&right.fields).cloned().collect();
    let name_in = |schema: &Schema, i: usize| schema.fields.get(i).map_or_else(|| format!("${i}"), |f| f.name.clone());
    let (of_left, of_right) = (|i: usize| name_in(left, i), |i: usize| name_in(right, i));
    let operator = |null_safe: bool| if null_safe { "IS NOT DISTINCT FROM" } else { "=" };
    let keys = join.keys.iter().map(|k| format!("{} {} {}", of_left(k.left), operator(k.null_safe), of_right(k.right)));
    let condition: Vec<String> = keys.chain(join.condition.iter().map(|e| expr_text(e, &both))).collect();
    format!(
        "WindowJoin(leftWindow=[{}], rightWindow=[{}], joinType=[{}], where=[{}])",
        bounds_text(&join.left, &of_left),
        bounds_text(&join.right, &of_right),
        join.kind.name(),
        condition.join(" AND ")
    )
}

fn offset_text(offset: i64) -> String {
    if offset == 0 { String::new() } else { format!(", offset={offset} ms") }
}

fn aggregate_text(call: &AggregateCall, name: &dyn Fn(usize) -> String) -> String {
    let mut text = format!("{}(", call.function);
    if call.distinct {
        text.push_str("DISTINCT ");
    }
    match call.args.is_empty() {
        true => text.push('*'),
        false => text.push_str(&call.args.iter().map(|&i| name(i)).collect::<Vec<_>>().join(", ")),
    }
    text.push(')');
    if let Some(filter) = call.filter {
        let _ = write!(text, " FILTER {}", name(filter));
    }
    text
}

/// SQL-like text of an expression over the columns of `input`.
pub fn expr_text(expr: &Expr, input: &Schema) -> String {
    let text = |e: &Expr| expr_text(e, input);
    match expr {
        Expr::Column { index, .. } => input.fields.get(*index).map_or_else(|| format!("${index}"), |f| f.name.clone()),
        Expr::Literal { value, data_type } => match value {
            Literal::Null => "NULL".to_owned(),
            Literal::Boolean(b) => b.to_string().to_uppercase(),
            Literal::Integer(i) if data_type.kind.is_integer() => i.to_string(),
            Literal::Integer(i) => format!("{i}:{}", data_type.kind),
            Literal::Double(d) => format!("{d:?}"),
            Literal::Decimal(d) => format!("{d}:{}", data_type.kind),
            Literal::String(s) => format!("'{}'", s.replace('\'', "''")),
            Literal::Bytes(b) => format!("X'{}'", b.iter().map(|x| format!("{x:02X}")).collect::<String>()),
        },
        Expr::Cast { input: inner, data_type, safe } => {
            format!("{}({} AS {})", if *safe { "TRY_CAST" } else { "CAST" }, text(inner), data_type.kind)
        }
        Expr::Case { branches, otherwise, .. } => {
            let whens: String = branches.iter().map(|(w, t)| format!(" WHEN {} THEN {}", text(w), text(t))).collect();
            format!("CASE{whens} ELSE {} END", text(otherwise))
        }
        Expr::Field { input: inner, index, .. } => format!("{}.${index}", text(inner)),
        Expr::Call { function, args, .. } => {
            let infix =
                !function.chars().next().is_some_and(char::is_alphabetic) || matches!(function.as_str(), "AND" | "OR");
            match args.as_slice() {
                [a, b] if infix => format!("({} {function} {})", text(a), text(b)),
                _ => format!("{function}({})", args.iter().map(text).collect::<Vec<_>>().join(", ")),
            }
        }
    }
}
