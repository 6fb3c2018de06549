//! Options and urls; what reaches a database is tested in `crates/flitz/tests/jobs/jdbc.rs`.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use expect_test::expect;
use flitz_dataflow::connector::{ConnectorFactory, TableDef};
use flitz_dataflow::{ChangelogBatch, Field, RowKind, Schema, TypeKind};

use super::JdbcFactory;
use super::changes::Reducer;
use super::postgres::url::Server;
use super::table::{FlushPolicy, JdbcTable};

fn table(options: &[(&str, &str)], kind: TypeKind) -> TableDef {
    let mut all = vec![("connector", "jdbc"), ("url", "jdbc:postgresql://h/db?user=u"), ("table-name", "t")];
    for (key, value) in options {
        all.retain(|(known, _)| known != key);
        all.push((key, value));
    }
    TableDef {
        name: "t".to_owned(),
        options: all.into_iter().filter(|(_, v)| *v != "-").map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        physical: Schema::new(vec![Field::new("id", TypeKind::Int.not_null()), Field::new("a", kind.nullable())]),
        primary_key: vec!["id".to_owned()],
        partition_keys: vec![],
    }
}

#[test]
fn wrong_options_are_refused() {
    let cases: &[&[(&str, &str)]] = &[
        &[("url", "-")],
        &[("table-name", "-")],
        &[("table-name", " ")],
        &[("tabel-name", "x")],
        &[("username", "u")],
        &[("driver", "com.mysql.cj.jdbc.Driver")],
        &[("driver", "org.postgresql.Driver")],
        &[("compatible-mode", "mysql")],
        &[("sink.max-retries", "-1")],
        &[("sink.buffer-flush.interval", "soon")],
        &[("connection.max-retry-timeout", "500 ms")],
        &[("scan.partition.column", "id")],
        &[("lookup.cache", "SOME")],
        &[("lookup.cache", "PARTIAL"), ("scan.fetch-size", "10")],
        &[("url", "jdbc:mysql://u:p@h/db?password=geheim")],
        &[("url", "jdbc:postgres://u:p@h/db?password=geheim")],
        &[("url", "jdbc:postgresql://u:geheim@h/db")],
        &[("url", "jdbc:postgresql://h:many/db")],
        &[("url", "jdbc:postgresql://h/db?user=u&sslmod=require")],
        &[("url", "jdbc:postgresql://h/db?user=u&sslmode=allow")],
        &[("url", "jdbc:postgresql://h/db?user=u&sslmode=always")],
        &[("url", "jdbc:postgresql://h/db?user=u&targetServerType=secondary")],
        &[("url", "jdbc:postgresql://h/db?user=u&gssEncMode=require")],
        &[("url", "embedded:")],
        &[("url", "embedded:x.db")],
    ];
    let mut text = String::new();
    for options in cases {
        let said = match JdbcFactory.describe(&table(options, TypeKind::Int)) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => error.to_string(),
        };
        text.push_str(&format!("{said}\n"));
    }
    assert!(!text.contains("geheim"));
    expect![[r#"
        option 'url' is required; add 'url' = '…' to WITH
        option 'table-name' is required; add 'table-name' = '…' to WITH
        'table-name' names no table (option 'table-name')
        connector 'jdbc' has no option 'tabel-name' (option 'tabel-name'); did you mean 'table-name'?
        'username' needs 'password' as well (option 'username')
        not supported: JDBC driver 'com.mysql.cj.jdbc.Driver' (option 'driver'); leave 'driver' out: the url says it all
        accepted
        not supported: 'compatible-mode' = 'mysql' (option 'compatible-mode'); PostgreSQL has no compatible modes, for Flink neither
        'sink.max-retries' must not be negative, but is -1 (option 'sink.max-retries')
        'sink.buffer-flush.interval' must be a duration such as '10 s' or '5 min', found 'soon' (option 'sink.buffer-flush.interval')
        'connection.max-retry-timeout' must be in second granularity and not smaller than 1 second, but is 500 ms (option 'connection.max-retry-timeout')
        'scan.partition.column' needs 'scan.partition.num', 'scan.partition.lower-bound', 'scan.partition.upper-bound' as well (option 'scan.partition.column')
        'lookup.cache' must be one of NONE, PARTIAL, FULL, found 'SOME' (option 'lookup.cache')
        accepted
        not supported: connector 'jdbc' with mysql (option 'url'); there are jdbc:postgresql://host:port/database and embedded:PATH.db
        'url' must begin with jdbc:postgresql: or embedded: (option 'url'); write 'jdbc:postgresql://localhost:5432/database' or 'embedded:./data/flitz.db'
        'url' has a user before its host (option 'url'); give 'username' and 'password' as options of the table
        the port in 'url' is no number (option 'url')
        not supported: property 'sslmod' in the url of PostgreSQL (option 'url'); did you mean 'sslmode'?
        not supported: 'sslmode=allow' (option 'url'); take 'prefer' or 'require'
        property 'sslmode' of the url must be disable, prefer, require, verify-ca or verify-full, found 'always' (option 'url')
        not supported: 'targetServerType=secondary' (option 'url')
        not supported: property 'gssEncMode' in the url of PostgreSQL (option 'url'); did you mean 'sslmode'?
        'embedded:' names no file (option 'url'); write 'embedded:./data/flitz.db'
        accepted
    "#]].assert_eq(&text);
}

#[test]
fn types_are_those_that_flink_writes() {
    let array = TypeKind::Array(Box::new(TypeKind::Int.nullable()));
    let row = TypeKind::Row(vec![]);
    let kinds = [TypeKind::timestamp(6), TypeKind::timestamp(0), TypeKind::timestamp(9), TypeKind::timestamp_ltz(3)];
    let more = [TypeKind::BYTES, TypeKind::Varbinary(3), TypeKind::Binary(3), TypeKind::Time(3), array, row];
    let said = kinds.into_iter().chain(more).map(|kind| {
        let name = kind.to_string();
        match JdbcFactory.describe(&table(&[], kind)) {
            Ok(_) => format!("{name}: accepted\n"),
            Err(error) => format!("{name}: {error}\n"),
        }
    });
    expect![[r#"
        TIMESTAMP(6): accepted
        TIMESTAMP(0): the precision of column 'a' is out of the TIMESTAMP precision range [1, 6] supported by the PostgreSQL dialect; declare it TIMESTAMP(3) or TIMESTAMP(6)
        TIMESTAMP(9): the precision of column 'a' is out of the TIMESTAMP precision range [1, 6] supported by the PostgreSQL dialect; declare it TIMESTAMP(3) or TIMESTAMP(6)
        TIMESTAMP_LTZ(3): TIMESTAMP_LTZ, as column 'a' is, can't be written by jdbc tables; declare it TIMESTAMP(3) and CAST
        BYTES: accepted
        VARBINARY(3): the PostgreSQL dialect doesn't support type VARBINARY(3) of column 'a'; declare it BYTES
        BINARY(3): the PostgreSQL dialect doesn't support type BINARY(3) of column 'a'; declare it BYTES
        TIME(3): accepted
        ARRAY<INT>: arrays, as column 'a' is, can't be written by jdbc tables; ARRAY_JOIN makes a STRING of an array of strings
        ROW<>: the PostgreSQL dialect doesn't support type ROW<> of column 'a'
    "#]].assert_eq(&said.collect::<String>());
}

#[test]
fn urls_are_read_as_the_driver_reads_them() {
    let urls = [
        "jdbc:postgresql://db.example:6432/shop",
        "jdbc:postgresql://a,b:2,[::1]:3/x%20y",
        "jdbc:postgresql:shop",
        "jdbc:postgresql://h/?user=%75%26",
        "jdbc:postgresql://h/db?user=other&password=x%3Dy&sslmode=verify-full&sslrootcert=/ca.pem&connectTimeout=3&\
         socketTimeout=7&ApplicationName=me&currentSchema=s&stringtype=unspecified&reWriteBatchedInserts=true",
        "jdbc:postgresql://h/db?sslmode=require&ssl=true",
    ];
    let mut text = String::new();
    for url in urls {
        let server = Server::parse(url, Some(("u", "p")), Duration::from_secs(60)).unwrap();
        let config = &server.config;
        let password = config.get_password().map(String::from_utf8_lossy);
        text.push_str(&format!(
            "{} {:?} {password:?} {:?} {:?} {:?} {:?} {:?} {:?} {}\n",
            server.label,
            config.get_user(),
            config.get_dbname(),
            config.get_ssl_mode(),
            server.trust,
            config.get_connect_timeout(),
            server.answer_timeout,
            server.search_path,
            server.untyped_strings,
        ));
        assert!(!format!("{server:?}").contains("x=y"));
    }
    expect![[r#"
        db.example:6432/shop Some("u") Some("p") Some("shop") Prefer Any Some(10s) None None false
        a:5432,b:2,[::1]:3/x y Some("u") Some("p") Some("x y") Prefer Any Some(10s) None None false
        localhost:5432/shop Some("u") Some("p") Some("shop") Prefer Any Some(10s) None None false
        h:5432/u& Some("u&") Some("p") Some("u&") Prefer Any Some(10s) None None false
        h:5432/db Some("other") Some("x=y") Some("db") Require AuthorityAndName Some(3s) Some(7s) Some("s") true
        h:5432/db Some("u") Some("p") Some("db") Require Any Some(10s) None None false
    "#]]
    .assert_eq(&text);
}

#[test]
fn flushes_are_due_as_options_say() {
    let policy = |options: &[(&str, &str)]| JdbcTable::of(&table(options, TypeKind::Int)).unwrap().flush;
    let second = Some(Duration::from_secs(1));
    let most_rows = 16_384;
    assert_eq!(policy(&[]), FlushPolicy { due_rows: Some(100), most_rows, interval: second });
    let exactly = FlushPolicy { due_rows: Some(7), most_rows: 7, interval: second };
    assert_eq!(policy(&[("sink.buffer-flush.max-rows", "7")]), exactly);
    let never = FlushPolicy { due_rows: None, most_rows, interval: None };
    assert_eq!(policy(&[("sink.buffer-flush.max-rows", "0"), ("sink.buffer-flush.interval", "0")]), never);
}

#[test]
fn the_last_change_of_a_key_counts() {
    use RowKind::{Delete, Insert, UpdateAfter, UpdateBefore};
    let batch = |rows: &[(RowKind, &str, i64)]| {
        let words = StringArray::from_iter_values(rows.iter().map(|r| r.1));
        let numbers = Int64Array::from_iter_values(rows.iter().map(|r| r.2));
        let columns = [("word", Arc::new(words) as _, true), ("n", Arc::new(numbers) as _, true)];
        let kinds = rows.iter().map(|r| r.0).collect();
        ChangelogBatch::new(RecordBatch::try_from_iter_with_nullable(columns).unwrap(), Some(kinds))
    };
    let batches = [
        batch(&[(Insert, "a", 1), (Insert, "b", 1), (Insert, "c", 1), (UpdateBefore, "a", 1)]),
        batch(&[(UpdateAfter, "a", 2), (Delete, "b", 1), (Delete, "c", 1), (Insert, "c", 7)]),
    ];
    let schema = batches[0].rows().schema();
    let changes = Reducer::new(schema.clone(), &[0]).unwrap().reduce(&batches).unwrap();
    let rows = |batch: &RecordBatch| -> Vec<(String, i64)> {
        let (words, numbers) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
        (0..batch.num_rows()).map(|i| (words.value(i).to_owned(), numbers.value(i))).collect()
    };
    assert_eq!(rows(&changes.upserts), [("a".to_owned(), 2), ("c".to_owned(), 7)]);
    assert_eq!(rows(&changes.deletes), [("b".to_owned(), 1)]);
    let added = Reducer::new(schema, &[]).unwrap().reduce(&[batch(&[(Insert, "a", 1), (Insert, "a", 1)])]).unwrap();
    assert_eq!((added.upserts.num_rows(), added.deletes.num_rows()), (2, 0));
}
