//! Every function of the list in `docs/functions.tsv` is taken, or refused, as the list says.

use super::harness::outcome;

const LIST: &str = include_str!("../../../../docs/functions.tsv");
const TABLES: &str = "
CREATE TABLE f (
  b BOOLEAN, i INT, l BIGINT, d DOUBLE, de DECIMAL(10, 3), s STRING, byt BYTES, dt DATE, tm TIME, ts TIMESTAMP(3),
  lz TIMESTAMP_LTZ(3), arr ARRAY<INT>, sarr ARRAY<STRING>, m MAP<STRING, INT>, r ROW<a INT, b STRING>, p AS PROCTIME(),
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'kafka', 'topic' = 'f', 'format' = 'json');
CREATE TABLE g (i INT, s STRING) WITH ('connector' = 'kafka', 'topic' = 'g', 'format' = 'json');
";

#[test]
fn the_list_of_functions_is_true() {
    let mut wrong = vec![];
    for line in LIST.lines().skip_while(|line| !line.starts_with("area\t")).skip(1) {
        let [_, name, _, taken, example] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a line of the list has other columns: {line}")
        };
        let is_statement = ["SELECT ", "CREATE "].iter().any(|keyword| example.starts_with(keyword));
        let statement = if is_statement { example.to_owned() } else { format!("SELECT {example} AS v FROM f") };
        let found = match outcome(&format!("{TABLES}{statement}")) {
            Ok(()) => "yes".to_owned(),
            Err(error) if error.to_string().starts_with("not supported: ") => "no".to_owned(),
            Err(error) => format!("never: {error}"),
        };
        if found.split(':').next() != Some(taken) {
            wrong.push(format!("{name}: the list says {taken}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
