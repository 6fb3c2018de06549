mod objects;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use expect_test::{Expect, expect};
use flitz_dataflow::connector::{
    CommitGroup, ConnectorContext, ConnectorFactory, FollowingSink, ReadEvent, ScanSpec, Sink, SinkSpec, Source, Split,
    TableColumn, TableDef, Wake,
};
use flitz_dataflow::options::Options;
use flitz_dataflow::{ChangelogBatch, ChangelogMode, DataType, Epoch, Field, ManualClock, Schema, TypeKind};

use super::FilesystemFactory;
use crate::format::{Messages, TableFormat};

const INT: TypeKind = TypeKind::Int;

fn table(path: &Path, columns: &[(&str, TypeKind)], partitions: &[&str], set: &[(&str, &str)]) -> TableDef {
    let mut options: Vec<(String, String)> = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    options.push(("connector".to_owned(), "filesystem".to_owned()));
    options.push(("path".to_owned(), path.display().to_string()));
    if !set.iter().any(|(k, _)| *k == "format") {
        options.push(("format".to_owned(), "json".to_owned()));
    }
    TableDef {
        name: "t".to_owned(),
        options: options.into_iter().collect(),
        physical: columns.iter().map(|(name, kind)| Field::new(*name, kind.clone().nullable())).collect(),
        primary_key: Vec::new(),
        partition_keys: partitions.iter().map(|p| (*p).to_owned()).collect(),
    }
}

fn context() -> (ConnectorContext, ManualClock) {
    let clock = ManualClock::at(0);
    let context = ConnectorContext {
        job: "job".to_owned(),
        clock: Arc::new(clock.clone()),
        time_zone: "UTC".to_owned(),
        checkpoints: true,
        parallelism: 1,
        scratch: std::env::temp_dir(),
        settings: Options::default(),
    };
    (context, clock)
}

fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Rows as JSON lines: types are those of the batch's schema.
fn lines(schema: &Schema, rows: &ChangelogBatch) -> String {
    let json = Options::default();
    let format = TableFormat::of(&[("format".to_owned(), "json".to_owned())].into_iter().collect(), "format");
    let mut encoder = format.unwrap().unwrap().encoder(schema).unwrap();
    assert_eq!(json, Options::default());
    let mut out = Messages::default();
    encoder.encode(rows, &mut out).unwrap();
    out.iter().map(|m| format!("{}\n", String::from_utf8_lossy(m.unwrap()))).collect()
}

fn scan(table: &TableDef, columns: Vec<TableColumn>) -> (Arc<dyn Source>, Schema) {
    let schema = table.schema_of(&columns);
    let spec = ScanSpec { table: table.clone(), columns, limit: None };
    (FilesystemFactory.source(&spec, &context().0).unwrap(), schema)
}

fn all_columns(table: &TableDef) -> Vec<TableColumn> {
    (0..table.physical.len()).map(TableColumn::Physical).collect()
}

/// Everything that the splits hold, with the place of their ends.
fn read(source: &dyn Source, schema: &Schema, splits: Vec<Split>, root: &Path) -> String {
    let mut reader = source.reader(0, Wake::none()).unwrap();
    reader.add_splits(splits).unwrap();
    let mut text = String::new();
    loop {
        match reader.poll() {
            Ok(ReadEvent::Rows(rows)) => text += &lines(schema, &rows.rows),
            Ok(ReadEvent::SplitEnd(id)) => text += &format!("end of {id}\n"),
            Ok(ReadEvent::End | ReadEvent::Pending { .. }) => break,
            Err(e) => {
                text += &format!("{e}\n");
                break;
            }
        }
    }
    text.replace(&root.display().to_string(), "ROOT")
}

fn check_read(table: &TableDef, root: &Path, columns: Vec<TableColumn>, expected: Expect) {
    let (source, schema) = scan(table, columns);
    let text = match source.discover(&[]) {
        Ok(splits) => read(&*source, &schema, splits, root),
        Err(e) => format!("{e}\n").replace(&root.display().to_string(), "ROOT"),
    };
    expected.assert_eq(&text);
}

#[test]
fn files_are_read_below_directories_but_hidden_ones() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("b.json"), "{\"a\":1}\r\n\n{\"a\":2}");
    write(&dir.path().join("sub/c.json"), "{\"a\":3}\n");
    write(&dir.path().join("sub/.hidden"), "no");
    write(&dir.path().join("_tmp/d.json"), "no");
    let columns = [("a", INT)];
    check_read(
        &table(dir.path(), &columns, &[], &[]),
        dir.path(),
        vec![TableColumn::Physical(0)],
        expect![[r#"
        {"a":1}
        {"a":2}
        end of ROOT/b.json
        {"a":3}
        end of ROOT/sub/c.json
    "#]],
    );
    let pattern = format!("{}/sub/.*", dir.path().display());
    let matching = table(dir.path(), &columns, &[], &[("source.path.regex-pattern", &pattern)]);
    check_read(
        &matching,
        dir.path(),
        all_columns(&matching),
        expect![[r#"
        {"a":3}
        end of ROOT/sub/c.json
    "#]],
    );
    let missing = table(&dir.path().join("nowhere"), &columns, &[], &[]);
    check_read(
        &missing,
        dir.path(),
        all_columns(&missing),
        expect![[r#"
        path ROOT/nowhere of table t does not exist or can't be read: No such file or directory (os error 2)
    "#]],
    );
    write(&dir.path().join("e.json"), "{\"a\":1}\n\n{\"a\":\"x\"}");
    let bad = table(&dir.path().join("e.json"), &columns, &[], &[]);
    check_read(
        &bad,
        dir.path(),
        all_columns(&bad),
        expect![[r#"
        {"a":1}
        field a: cannot read "x" as INT (byte 5) (ROOT/e.json:3)
    "#]],
    );
}

#[test]
fn partitions_and_metadata_are_columns() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("dt=2020%2F01/h=1/f.json"), "{\"a\":1,\"dt\":\"not this\"}\n{\"a\":2}\n");
    write(&dir.path().join("dt=x/h=__DEFAULT_PARTITION__/g.json"), "{\"a\":3}\n");
    let t = table(dir.path(), &[("h", INT), ("a", INT), ("dt", TypeKind::STRING)], &["dt", "h"], &[]);
    let metadata = FilesystemFactory.describe(&t).unwrap().metadata;
    let columns = vec![
        TableColumn::Physical(2),
        TableColumn::Metadata(metadata[1].clone()),
        TableColumn::Physical(1),
        TableColumn::Metadata(metadata[2].clone()),
        TableColumn::Physical(0),
    ];
    check_read(
        &t,
        dir.path(),
        columns,
        expect![[r#"
        {"dt":"2020/01","file.name":"f.json","a":1,"file.size":32,"h":1}
        {"dt":"2020/01","file.name":"f.json","a":2,"file.size":32,"h":1}
        end of ROOT/dt=2020%2F01/h=1/f.json
        {"dt":"x","file.name":"g.json","a":3,"file.size":8,"h":null}
        end of ROOT/dt=x/h=__DEFAULT_PARTITION__/g.json
    "#]],
    );
    write(&dir.path().join("loose.json"), "{\"a\":3}\n");
    check_read(
        &t,
        dir.path(),
        all_columns(&t),
        expect![[r#"
        {"h":1,"a":1,"dt":"2020/01"}
        {"h":1,"a":2,"dt":"2020/01"}
        end of ROOT/dt=2020%2F01/h=1/f.json
        {"h":null,"a":3,"dt":"x"}
        end of ROOT/dt=x/h=__DEFAULT_PARTITION__/g.json
        ROOT/loose.json lies in no directory 'dt=…'; the table is partitioned by dt, h
    "#]],
    );
}

#[test]
fn reading_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let many: String = (0..20_000).map(|i| format!("{{\"a\":{i}}}\n")).collect();
    write(&dir.path().join("f.json"), &many);
    let t = table(dir.path(), &[("a", INT)], &[], &[("source.monitor-interval", "1 s")]);
    let (source, schema) = scan(&t, all_columns(&t));
    let splits = source.discover(&[]).unwrap();
    let mut reader = source.reader(0, Wake::none()).unwrap();
    reader.add_splits(splits).unwrap();
    let ReadEvent::Rows(first) = reader.poll().unwrap() else { panic!("rows") };
    let mut text = lines(&schema, &first.rows);
    let snapshot = reader.snapshot().unwrap();
    text += &read(&*source, &schema, snapshot.clone(), dir.path());
    assert_eq!(text, many + "end of ROOT/f.json\n");
    assert!(source.discover(&snapshot).unwrap().is_empty());
    write(&dir.path().join("g.json"), "");
    assert_eq!(source.discover(&snapshot).unwrap().len(), 1);
}

fn rows(values: &[(i32, &str)]) -> ChangelogBatch {
    use arrow::array::{Int32Array, StringArray};
    let a: Int32Array = values.iter().map(|(a, _)| Some(*a)).collect();
    let p: StringArray = values.iter().map(|(_, p)| (!p.is_empty()).then_some(*p)).collect();
    let nullable = |kind: TypeKind| -> DataType { kind.nullable() };
    let schema: Schema =
        [Field::new("a", nullable(INT)), Field::new("p", nullable(TypeKind::STRING))].into_iter().collect();
    ChangelogBatch::append_only(RecordBatch::try_new(schema.to_arrow(), vec![Arc::new(a), Arc::new(p)]).unwrap())
}

fn sink(table: &TableDef) -> (Arc<dyn Sink>, Arc<dyn FollowingSink>, ManualClock) {
    let (context, clock) = context();
    let spec = SinkSpec {
        table: table.clone(),
        columns: all_columns(table),
        changelog: ChangelogMode::INSERT_ONLY,
        rowtime: None,
    };
    let sink = FilesystemFactory.sink(&spec, &context).unwrap();
    let CommitGroup::Following(publisher) = sink.commit_group() else { panic!("files follow") };
    (sink, publisher, clock)
}

/// Visible files and their content, staged ones by count; names are numbered away.
fn files(root: &Path) -> String {
    let mut found = Vec::new();
    collect(root, root, &mut found);
    found.sort();
    found.concat()
}

fn collect(root: &Path, directory: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let kind = if name.starts_with(".part-") {
            "staged"
        } else if name.starts_with("part-") {
            "part"
        } else {
            &name
        };
        let content = if kind == "staged" { String::new() } else { fs::read_to_string(&path).unwrap() };
        let directory = path.parent().unwrap().strip_prefix(root).unwrap().display();
        found.push(format!("{directory}/{kind} {}\n", content.replace('\n', " ")));
    }
}

const TWO: [(&str, TypeKind); 2] = [("a", INT), ("p", TypeKind::STRING)];

#[test]
fn parts_become_visible_when_they_are_full_and_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let t = table(dir.path(), &TWO, &[], &[("sink.rolling-policy.file-size", "40")]);
    let (sink, publisher, _) = sink(&t);
    let mut writer = sink.writer(0).unwrap();
    writer.write(&rows(&[(1, "x"), (2, "")])).unwrap();
    writer.write(&rows(&[(3, "x")])).unwrap();
    let sealed = [writer.seal(Epoch(1)).unwrap()];
    expect![[r#"
        /staged 
    "#]]
    .assert_eq(&files(dir.path()));
    publisher.publish(Epoch(1), &sealed).unwrap();
    publisher.publish(Epoch(1), &sealed).unwrap();
    expect![[r#"
        /part {"a":1,"p":"x"} {"a":2,"p":null} {"a":3,"p":"x"} 
    "#]]
    .assert_eq(&files(dir.path()));
    let sealed = [writer.seal(Epoch(2)).unwrap()];
    publisher.publish(Epoch(2), &sealed).unwrap();
    writer.finish().unwrap();
    expect![[r#"
        /part {"a":1,"p":"x"} {"a":2,"p":null} {"a":3,"p":"x"} 
    "#]]
    .assert_eq(&files(dir.path()));
}

#[test]
fn after_a_crash_exactly_the_sealed_rows_are_visible() {
    let dir = tempfile::tempdir().unwrap();
    let t = table(dir.path(), &TWO, &[], &[]);
    let (first, publisher, _) = sink(&t);
    let mut writer = first.writer(0).unwrap();
    writer.write(&rows(&[(1, "x")])).unwrap();
    publisher.publish(Epoch(1), &[writer.seal(Epoch(1)).unwrap()]).unwrap();
    writer.write(&rows(&[(2, "x")])).unwrap();
    let sealed = [writer.seal(Epoch(2)).unwrap()];
    writer.write(&rows(&[(3, "lost")])).unwrap();
    // Sealed, but its snapshot never became durable.
    writer.seal(Epoch(3)).unwrap();
    drop((writer, first));

    let (second, publisher, _) = sink(&t);
    let mut writer = second.writer(0).unwrap();
    publisher.publish(Epoch(2), &sealed).unwrap();
    publisher.sweep(&sealed).unwrap();
    writer.write(&rows(&[(3, "again")])).unwrap();
    let sealed = [writer.seal(Epoch(3)).unwrap()];
    writer.finish().unwrap();
    expect![[r#"
        /part {"a":1,"p":"x"} {"a":2,"p":"x"} 
        /staged 
    "#]]
    .assert_eq(&files(dir.path()));
    publisher.publish(Epoch(3), &sealed).unwrap();
    expect![[r#"
        /part {"a":1,"p":"x"} {"a":2,"p":"x"} 
        /part {"a":3,"p":"again"} 
    "#]]
    .assert_eq(&files(dir.path()));
}

#[test]
fn abandoned_parts_are_swept_but_not_those_of_others() {
    let dir = tempfile::tempdir().unwrap();
    let t = table(dir.path(), &TWO, &["p"], &[]);
    let (dead, _, _) = sink(&t);
    let mut writer = dead.writer(0).unwrap();
    writer.write(&rows(&[(1, "x")])).unwrap();
    writer.seal(Epoch(1)).unwrap();
    write(&dir.path().join("p=x/.part-1-0-0.inprogress.0000000000000000"), "another job's");
    let (alive, publisher, _) = sink(&t);
    let mut writer = alive.writer(0).unwrap();
    writer.write(&rows(&[(2, "y")])).unwrap();
    writer.seal(Epoch(1)).unwrap();
    publisher.sweep(&[]).unwrap();
    expect![[r#"
        p=x/staged 
        p=y/staged 
    "#]]
    .assert_eq(&files(dir.path()));
}

#[test]
fn partitions_are_directories_and_may_be_marked() {
    let dir = tempfile::tempdir().unwrap();
    let set =
        [("sink.partition-commit.policy.kind", "success-file"), ("sink.rolling-policy.rollover-interval", "1 min")];
    let t = table(dir.path(), &TWO, &["p"], &set);
    let (sink, publisher, clock) = sink(&t);
    let mut writer = sink.writer(0).unwrap();
    writer.write(&rows(&[(1, "x/y"), (2, ""), (3, "x/y")])).unwrap();
    clock.advance(60_000);
    writer.tick().unwrap();
    writer.write(&rows(&[(4, "")])).unwrap();
    let sealed = [writer.seal(Epoch(1)).unwrap()];
    publisher.publish(Epoch(1), &sealed).unwrap();
    expect![[r#"
        p=__DEFAULT_PARTITION__/part {"a":2} 
        p=__DEFAULT_PARTITION__/staged 
        p=x%2Fy/_SUCCESS 
        p=x%2Fy/part {"a":1} {"a":3} 
    "#]]
    .assert_eq(&files(dir.path()));
}

#[test]
fn options_are_checked() {
    let dir = Path::new("/tmp");
    let cases: [&[(&str, &str)]; 7] = [
        &[("format", "parquet")],
        &[("format", "jsn")],
        &[("json.fail-on-missing", "true")],
        &[("json.timestamp-format.standard", "RFC")],
        &[("sink.partition-commit.trigger", "partition-time")],
        &[("auto-compaction", "true")],
        &[("paht", "x")],
    ];
    let mut text = String::new();
    for set in cases {
        text += &format!("{}\n", FilesystemFactory.describe(&table(dir, &TWO, &[], set)).unwrap_err());
    }
    for path in ["hdfs://name/x", "s3:///x", "s3://key:secret@bucket/x"] {
        text += &format!("{}\n", FilesystemFactory.describe(&table(Path::new(path), &TWO, &[], &[])).unwrap_err());
    }
    expect![[r#"
        not supported: format 'parquet' (option 'format'); there are json, csv, raw
        there is no format 'jsn' (option 'format'); did you mean 'json'?
        format 'json' has no option 'fail-on-missing' (option 'json.fail-on-missing'); did you mean 'fail-on-missing-field'?
        'timestamp-format.standard' must be one of SQL, ISO-8601, found 'RFC' (option 'json.timestamp-format.standard')
        not supported: committing partitions by partition-time (option 'sink.partition-commit.trigger'); use 'process-time'
        not supported: 'auto-compaction' = 'true' (option 'auto-compaction')
        connector 'filesystem' has no option 'paht' (option 'paht'); did you mean 'path'?
        not supported: file system 'hdfs://' (option 'path'); use a directory, s3:// or gs://
        's3:///x' names no bucket (option 'path')
        the bucket's name holds more than letters, digits, '-', '.' and '_' (option 'path'); credentials stand in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)
    "#]].assert_eq(&text);
}
