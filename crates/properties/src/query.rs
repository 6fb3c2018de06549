//! A query over tables that end.
//!
//! The bytes choose a query (projections, filters, UNION ALL, DISTINCT, group aggregates of tables and of other group
//! aggregates, aggregates, Top-N and joins per window) and the rows of two tables. Then it runs in streaming mode
//! with one worker and one batch, with two workers and small batches in two splits, and both ways in batch mode. The
//! table that each changelog leaves behind must be the same, or each run must fail.
//!
//! Nothing is late, and doubles are multiples of a quarter: no result depends on an order unless the query asks for it
//! (LISTAGG and its like), and then everything runs on one worker.

use std::fmt::Write;
use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use arrow::array::*;
use flitz_dataflow::{ChangelogBatch, ManualClock, Schema};
use flitz_runtime::{CheckpointSettings, JobSpec, start};
use flitz_sql::parser::parse_script;
use flitz_sql::{Outcome, Session, Variables};
use flitz_testkit::{World, fold, row_texts};

use crate::shows;

const COLUMNS: &str = "ts TIMESTAMP(3) NOT NULL, k STRING, g INT, i INT NOT NULL, l BIGINT, x DOUBLE, d DECIMAL(10, 2), \
                       b BOOLEAN, dt DATE";

pub fn check(data: &[u8]) {
    let _ = run(&mut Unstructured::new(data));
}

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    let mut writer = Writer { u, depth: 0, ordered: false, united: false };
    let query = writer.query()?;
    let ordered = writer.ordered;
    let tables = [rows(u)?, rows(u)?];
    if shows() {
        eprintln!("{query}");
        for table in &tables {
            eprintln!("{}", row_texts(table).join("\n"));
        }
    }
    let parallel = if ordered { 1 } else { 2 };
    let mut first: Option<(String, std::result::Result<Vec<String>, String>)> = None;
    for (mode, workers, piece) in
        [("streaming", 1, 100), ("batch", 1, 100), ("streaming", parallel, 2), ("batch", parallel, 3)]
    {
        let Some(result) = execute(&query, &tables, mode, workers, piece) else { return Ok(()) };
        let how = format!("{mode}, {workers} workers, batches of {piece}");
        match &first {
            None => first = Some((how, result)),
            Some((other, expected)) => match (expected, &result) {
                // A total over no rows is one row in batch mode, and nothing that a stream would say.
                (Ok(a), Ok(b)) if a.is_empty() && b.len() == 1 && has_total(&query) => {}
                (Ok(a), Ok(b)) => assert_eq!(a, b, "{other} differs from {how}: {query}"),
                (Err(_), Err(_)) => {}
                (Err(e), Ok(_)) => panic!("{e}: {other}, but not {how}: {query}"),
                (Ok(_), Err(e)) => panic!("{e}: {how}, but not {other}: {query}"),
            },
        }
    }
    Ok(())
}

/// Whether a group of the query is all of its rows.
fn has_total(query: &str) -> bool {
    query.contains("ROLLUP") || !query.contains("GROUP BY")
}

/// The final table, or why the job failed; None if the query is refused.
fn execute(
    query: &str,
    tables: &[ChangelogBatch; 2],
    mode: &str,
    workers: usize,
    piece: usize,
) -> Option<std::result::Result<Vec<String>, String>> {
    let world = World::new();
    for (name, rows) in ["t", "u"].into_iter().zip(tables) {
        let mut splits = vec![vec![]; workers];
        for (n, at) in (0..rows.num_rows()).step_by(piece).enumerate() {
            splits[n % workers].push(rows.slice(at, piece.min(rows.num_rows() - at)));
        }
        let splits: Vec<(&str, Vec<ChangelogBatch>)> = ["a", "b"].into_iter().zip(splits).collect();
        world.source(&format!("default_catalog.default_database.{name}"), &splits);
    }
    let mut script = format!(
        "SET 'execution.runtime-mode' = '{mode}'; SET 'parallelism.default' = '{workers}'; \
         SET 'table.local-time-zone' = 'UTC';"
    );
    for name in ["t", "u"] {
        let _ = write!(
            script,
            "CREATE TABLE {name} ({COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '1' DAY) WITH ('connector' = 'memory');"
        );
    }
    script.push_str(query);
    let (statements, errors) = parse_script(0, &script);
    if let Some(e) = errors.first() {
        panic!("{e}: {query}");
    }
    let mut session = Session::new(world.registry(), Variables::new(|_| None));
    for statement in statements {
        match session.execute(&statement) {
            Ok(Outcome::Job(job)) => {
                let spec = JobSpec {
                    name: "fuzz".to_owned(),
                    time_zone: "UTC".to_owned(),
                    catalog: "default_catalog".to_owned(),
                    database: "default_database".to_owned(),
                    plan: job.plan,
                    config: job.config,
                    connectors: world.registry(),
                    clock: Arc::new(ManualClock::at(1_700_000_000_000)),
                    checkpoints: CheckpointSettings { enabled: false, ..CheckpointSettings::default() },
                    memory_bytes: None,
                    scratch: std::env::temp_dir(),
                };
                return Some(collect(spec));
            }
            Ok(_) => {}
            Err(e) => {
                assert!(e.kind != flitz_dataflow::ErrorKind::Internal, "{e}: {query}");
                if shows() {
                    eprintln!("{e}");
                }
                return None;
            }
        }
    }
    None
}

fn collect(spec: JobSpec) -> std::result::Result<Vec<String>, String> {
    let job = start(spec).map_err(|e| e.to_string())?;
    let rows = job.rows();
    let mut changelog = vec![];
    while let Ok(batch) = rows.recv() {
        changelog.extend(row_texts(&batch));
    }
    match job.wait() {
        Ok(_) => Ok(fold(&changelog).into_iter().map(|(row, count)| format!("{count} {row}")).collect()),
        Err(e) => {
            assert!(e.kind != flitz_dataflow::ErrorKind::Internal, "{e}");
            Err(e.to_string())
        }
    }
}

/// Up to 24 rows within two hours.
fn rows(u: &mut Unstructured<'_>) -> Result<ChangelogBatch> {
    let count = u.int_in_range(0..=24usize)?;
    let (mut ts, mut k, mut g, mut i, mut l) = (vec![], vec![], vec![], vec![], vec![]);
    let (mut x, mut d, mut b, mut dt) = (vec![], vec![], vec![], vec![]);
    for _ in 0..count {
        let small = |u: &mut Unstructured<'_>| u.int_in_range(-3..=3i32);
        let present = |u: &mut Unstructured<'_>| Ok(!u.ratio(1, 6)?);
        ts.push(1_700_000_000_000 + i64::from(u.int_in_range(0..=480u16)?) * 15_000);
        let key: &str = u.choose(&["a", "b", "", "é", "A"])?;
        k.push(present(u)?.then_some(key));
        g.push(if present(u)? { Some(small(u)?) } else { None });
        i.push(if u.ratio(1, 8)? { u.arbitrary()? } else { small(u)? });
        l.push(if present(u)? { Some(i64::from(u.arbitrary::<i16>()?)) } else { None });
        x.push(if present(u)? { Some(f64::from(u.arbitrary::<i8>()?) * 0.25) } else { None });
        d.push(if present(u)? { Some(i128::from(u.arbitrary::<i16>()?)) } else { None });
        b.push(if present(u)? { Some(u.arbitrary::<bool>()?) } else { None });
        dt.push(if present(u)? { Some(19_000 + small(u)?) } else { None });
    }
    let decimals = Decimal128Array::from(d).with_precision_and_scale(10, 2).expect("a precision of Flink's");
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampMillisecondArray::from(ts)),
        Arc::new(StringArray::from(k)),
        Arc::new(Int32Array::from(g)),
        Arc::new(Int32Array::from(i)),
        Arc::new(Int64Array::from(l)),
        Arc::new(Float64Array::from(x)),
        Arc::new(decimals),
        Arc::new(BooleanArray::from(b)),
        Arc::new(Date32Array::from(dt)),
    ];
    let batch = RecordBatch::try_new(schema().to_arrow(), columns).expect("columns as in the schema");
    Ok(ChangelogBatch::append_only(batch))
}

fn schema() -> Schema {
    use flitz_dataflow::{Field, TypeKind};
    let field = |name: &str, kind: TypeKind| Field::new(name, kind.nullable());
    Schema::new(vec![
        Field::new("ts", TypeKind::timestamp(3).not_null()),
        field("k", TypeKind::STRING),
        field("g", TypeKind::Int),
        Field::new("i", TypeKind::Int.not_null()),
        field("l", TypeKind::BigInt),
        field("x", TypeKind::Double),
        field("d", TypeKind::Decimal { precision: 10, scale: 2 }),
        field("b", TypeKind::Boolean),
        field("dt", TypeKind::Date),
    ])
}

struct Writer<'a, 'b> {
    u: &'a mut Unstructured<'b>,
    depth: usize,
    /// The result depends on the order of rows.
    ordered: bool,
    /// Reads two sources as one.
    united: bool,
}

/// Text, number or truth: what an expression is to be.
#[derive(Clone, Copy)]
enum Want {
    Number,
    Text,
    Truth,
    Any,
}

impl Writer<'_, '_> {
    fn pick(&mut self, from: &[&'static str]) -> Result<&'static str> {
        self.u.choose(from).copied()
    }

    fn query(&mut self) -> Result<String> {
        Ok(match self.u.int_in_range(0..=9)? {
            0 => self.projection()?,
            1 => format!("SELECT DISTINCT k, g FROM {} WHERE {}", self.source()?, self.expr(Want::Truth)?),
            2 | 3 => self.group()?,
            4 => self.group_of_group()?,
            5 | 6 => self.window()?,
            7 => self.top()?,
            8 => self.join()?,
            _ => format!("{} UNION ALL {}", self.same_group("t")?, self.same_group("u")?),
        })
    }

    fn projection(&mut self) -> Result<String> {
        let items: Vec<String> = (0..self.u.int_in_range(1..=4)?)
            .map(|n| Ok(format!("{} AS c{n}", self.expr(Want::Any)?)))
            .collect::<Result<_>>()?;
        Ok(format!("SELECT {} FROM {} WHERE {}", items.join(", "), self.source()?, self.expr(Want::Truth)?))
    }

    /// Something with all columns.
    fn source(&mut self) -> Result<String> {
        Ok(match self.u.int_in_range(0..=4)? {
            0 | 1 => "t".to_owned(),
            2 => {
                self.united = true;
                "(SELECT * FROM t UNION ALL SELECT * FROM u)".to_owned()
            }
            3 => format!("(SELECT * FROM t WHERE {})", self.expr(Want::Truth)?),
            _ => {
                let (number, text) = (self.expr(Want::Number)?, self.expr(Want::Text)?);
                format!("(SELECT ts, {text} AS k, g, i, CAST({number} AS BIGINT) AS l, x, d, b, dt FROM u)")
            }
        })
    }

    fn keys(&mut self) -> Result<&'static str> {
        self.pick(&["k", "g", "k, g", "b", "dt", "x", "d", "MOD(i, 3)", "UPPER(k)", "k, b, dt"])
    }

    fn aggregates(&mut self) -> Result<String> {
        let list: Vec<String> = (0..self.u.int_in_range(1..=3)?).map(|_| self.aggregate()).collect::<Result<_>>()?;
        let named: Vec<String> = list.iter().enumerate().map(|(n, a)| format!("{a} AS a{n}")).collect();
        Ok(named.join(", "))
    }

    fn aggregate(&mut self) -> Result<String> {
        let filter = match self.u.ratio(1, 5)? {
            true => format!(" FILTER (WHERE {})", self.expr(Want::Truth)?),
            false => String::new(),
        };
        let distinct = if self.u.ratio(1, 5)? { "DISTINCT " } else { "" };
        let call = match self.u.int_in_range(0..=9)? {
            0 => "COUNT(*)".to_owned(),
            1 => format!("COUNT({distinct}{})", self.pick(&["k", "g", "x", "d", "b", "dt", "l"])?),
            2 => format!("SUM({distinct}{})", self.pick(&["g", "l", "x", "d", "i"])?),
            3 => format!("AVG({distinct}{})", self.pick(&["g", "l", "x", "d", "i"])?),
            4 => format!("MIN({})", self.pick(&["k", "g", "x", "d", "b", "dt", "l", "ts"])?),
            5 => format!("MAX({})", self.pick(&["k", "g", "x", "d", "b", "dt", "l", "ts"])?),
            // Which of two sources comes first is nobody's promise, and the last digit of a DOUBLE depends on it.
            6..=8 if self.united => format!("COUNT({distinct}UPPER(k))"),
            6 => {
                self.ordered = true;
                format!("SUM({distinct}{})", self.expr(Want::Number)?)
            }
            7 => {
                self.ordered = true;
                format!("ROUND(VAR_POP({distinct}{}), 6)", self.pick(&["g", "x"])?)
            }
            8 => {
                self.ordered = true;
                self.pick(&[
                    "LISTAGG(k)",
                    "FIRST_VALUE(l)",
                    "LAST_VALUE(k)",
                    "ARRAY_AGG(g)",
                    "LISTAGG(DISTINCT k, ';')",
                    "COLLECT(g)",
                ])?
                .to_owned()
            }
            _ => format!("APPROX_COUNT_DISTINCT({})", self.pick(&["k", "g", "l"])?),
        };
        // ROUND(…) is no aggregate by itself.
        Ok(if call.starts_with("ROUND") { call } else { call + &filter })
    }

    fn group(&mut self) -> Result<String> {
        let source = self.source()?;
        let aggregates = self.aggregates()?;
        let having = match self.u.ratio(1, 4)? {
            true => " HAVING COUNT(*) > 1",
            false => "",
        };
        Ok(match self.u.int_in_range(0..=5)? {
            0 => format!("SELECT {aggregates} FROM {source}{having}"),
            1 => format!("SELECT k, g, {aggregates} FROM {source} GROUP BY ROLLUP (k, g){having}"),
            _ => {
                let keys = self.keys()?;
                format!("SELECT {keys}, {aggregates} FROM {source} GROUP BY {keys}{having}")
            }
        })
    }

    /// Groups that change, counted and summed again.
    fn group_of_group(&mut self) -> Result<String> {
        let source = self.source()?;
        let inner = self.pick(&["COUNT(*)", "SUM(l)", "MAX(g)", "MIN(i)", "COUNT(DISTINCT k)"])?;
        let outer = self.pick(&[
            "COUNT(*), SUM(n)",
            "MAX(n), MIN(n)",
            "COUNT(DISTINCT n)",
            "AVG(n), COUNT(n)",
            "SUM(DISTINCT n)",
            "MAX(n) FILTER (WHERE n > 0)",
        ])?;
        let by = self.pick(&["g", "b", "n"])?;
        Ok(format!(
            "SELECT {by}, {outer} FROM (SELECT g, b, k, {inner} AS n FROM {source} GROUP BY g, b, k) GROUP BY {by}"
        ))
    }

    fn table_function(&mut self, table: &str) -> Result<String> {
        let window = self.pick(&[
            "TUMBLE(TABLE #, DESCRIPTOR(ts), INTERVAL '10' MINUTE)",
            "HOP(TABLE #, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '15' MINUTE)",
            "CUMULATE(TABLE #, DESCRIPTOR(ts), INTERVAL '10' MINUTE, INTERVAL '30' MINUTE)",
            "TUMBLE(TABLE #, DESCRIPTOR(ts), INTERVAL '7' MINUTE, INTERVAL '2' MINUTE)",
            "SESSION(TABLE # PARTITION BY k, DESCRIPTOR(ts), INTERVAL '3' MINUTE)",
        ])?;
        Ok(window.replace('#', table))
    }

    fn window(&mut self) -> Result<String> {
        let window = self.table_function("t")?;
        let condition = match self.u.ratio(1, 3)? {
            true => format!(" WHERE {}", self.expr(Want::Truth)?),
            false => String::new(),
        };
        let aggregates = self.aggregates()?;
        let keys = if window.starts_with("SESSION") { "k" } else { self.pick(&["k", "g", "k, g", "b", "dt"])? };
        Ok(match self.u.int_in_range(0..=3)? {
            0 if !window.starts_with("SESSION") => format!(
                "SELECT window_start, window_end, {aggregates} FROM TABLE({window}){condition} GROUP BY window_start, window_end"
            ),
            1 => format!("SELECT window_start, window_end, k, i FROM TABLE({window}){condition}"),
            _ => format!(
                "SELECT window_start, window_end, {keys}, {aggregates} FROM TABLE({window}){condition} \
                 GROUP BY window_start, window_end, {keys}"
            ),
        })
    }

    fn top(&mut self) -> Result<String> {
        let window = self.table_function("t")?;
        let order = self.pick(&["ASC", "DESC"])?;
        let n = self.u.int_in_range(1..=3)?;
        // Every column of the result takes part in the order: which of equal rows comes first does not show.
        Ok(format!(
            "SELECT window_start, k, l, i FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, k \
             ORDER BY l {order}, i) AS n FROM TABLE({window})) WHERE n <= {n}"
        ))
    }

    fn join(&mut self) -> Result<String> {
        let window = self.table_function("#")?;
        let window = if window.starts_with("SESSION") {
            "TUMBLE(TABLE #, DESCRIPTOR(ts), INTERVAL '10' MINUTE)".to_owned()
        } else {
            window
        };
        let kind = self.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])?;
        let on = self.pick(&["a.k = z.k", "a.g = z.g AND a.k = z.k", "a.g = z.i", "a.g = z.g AND a.i < z.i"])?;
        let (left, right) = (window.replace('#', "t"), window.replace('#', "u"));
        Ok(format!(
            "SELECT a.window_start, a.k, a.i, z.g, z.l FROM (SELECT * FROM TABLE({left})) a {kind} \
             (SELECT * FROM TABLE({right})) z ON {on} AND a.window_start = z.window_start AND a.window_end = z.window_end"
        ))
    }

    fn same_group(&mut self, table: &str) -> Result<String> {
        Ok(match self.u.arbitrary::<bool>()? {
            true => format!("SELECT k, CAST({} AS BIGINT) AS n FROM {table}", self.expr(Want::Number)?),
            false => format!("SELECT k, SUM(l) AS n FROM {table} GROUP BY k"),
        })
    }

    fn expr(&mut self, want: Want) -> Result<String> {
        self.depth += 1;
        let text = self.expr_within(want);
        self.depth -= 1;
        text
    }

    fn expr_within(&mut self, want: Want) -> Result<String> {
        use Want::*;
        let leaf = self.depth > 4 || self.u.ratio(1, 3)?;
        Ok(match want {
            Any => {
                let want = *self.u.choose(&[Number, Text, Truth])?;
                self.expr(want)?
            }
            Number if leaf => {
                self.pick(&["g", "i", "l", "x", "d", "0", "1", "-2", "2.5", "CAST(NULL AS INT)", "1e3"])?.to_owned()
            }
            Number => match self.u.int_in_range(0..=7)? {
                0 => format!("({} {} {})", self.expr(Number)?, self.pick(&["+", "-", "*"])?, self.expr(Number)?),
                1 => format!("({} / {})", self.expr(Number)?, self.pick(&["2", "4.0", "x", "g"])?),
                2 => format!("ABS({})", self.expr(Number)?),
                3 => self.case(Number)?,
                4 => format!("COALESCE({}, {})", self.expr(Number)?, self.expr(Number)?),
                5 => format!("CHAR_LENGTH({})", self.expr(Text)?),
                6 => format!(
                    "CAST({} AS {})",
                    self.expr(Number)?,
                    self.pick(&["INT", "BIGINT", "DOUBLE", "DECIMAL(12, 3)"])?
                ),
                _ => format!("EXTRACT({} FROM {})", self.pick(&["HOUR", "MINUTE", "DAY"])?, self.pick(&["ts"])?),
            },
            Text if leaf => self.pick(&["k", "''", "'a'", "'é%'", "CAST(NULL AS STRING)"])?.to_owned(),
            Text => match self.u.int_in_range(0..=6)? {
                0 => format!("({} || {})", self.expr(Text)?, self.expr(Text)?),
                1 => format!("UPPER({})", self.expr(Text)?),
                2 => format!("SUBSTRING({} FROM {} FOR 2)", self.expr(Text)?, self.pick(&["1", "2", "g"])?),
                3 => self.case(Text)?,
                4 => format!("CAST({} AS STRING)", self.expr(Any)?),
                5 => "DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm')".to_owned(),
                _ => format!("COALESCE({}, {})", self.expr(Text)?, self.expr(Text)?),
            },
            Truth if leaf => self.pick(&["b", "TRUE", "i > 0", "k = 'a'", "k IS NOT NULL", "g IN (0, 1)"])?.to_owned(),
            Truth => match self.u.int_in_range(0..=6)? {
                0 => format!("({} {} {})", self.expr(Truth)?, self.pick(&["AND", "OR"])?, self.expr(Truth)?),
                1 => format!("NOT {}", self.expr(Truth)?),
                2 => {
                    let op = self.pick(&["=", "<>", "<", ">=", "IS DISTINCT FROM"])?;
                    format!("({} {op} {})", self.expr(Number)?, self.expr(Number)?)
                }
                3 => format!("({} LIKE {})", self.expr(Text)?, self.pick(&["'a%'", "'_'", "k"])?),
                4 => format!("({} IS NULL)", self.expr(Any)?),
                5 => format!("({} BETWEEN {} AND {})", self.expr(Number)?, self.expr(Number)?, self.expr(Number)?),
                _ => format!("({} = {})", self.expr(Text)?, self.expr(Text)?),
            },
        })
    }

    fn case(&mut self, want: Want) -> Result<String> {
        let (when, then, otherwise) = (self.expr(Want::Truth)?, self.expr(want)?, self.expr(want)?);
        Ok(format!("CASE WHEN {when} THEN {then} ELSE {otherwise} END"))
    }
}

#[test]
fn random_ones_hold() {
    crate::with_random_bytes(150, &[287, 731], check);
}
