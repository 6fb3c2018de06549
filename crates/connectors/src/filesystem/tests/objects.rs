//! Tables in buckets: in memory, and with `FLITZ_TEST_S3=s3://bucket/prefix` and `FLITZ_TEST_GCS=gs://bucket/prefix`
//! in real ones, with the credentials in the environment.

use flitz_storage::{ObjectUrl, Store, runtime};
use flitz_testkit::FaultyStore;
use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::{ObjectStoreExt, PutPayload};

use super::*;
use crate::filesystem::FileTable;
use crate::filesystem::sink::objects::ObjectStaging;
use crate::filesystem::sink::{FileSink, tag};
use crate::filesystem::source::FileSource;
use crate::filesystem::source::objects::ObjectFiles;

const URL: &str = "s3://bucket/x";

/// A prefix in a store.
#[derive(Clone)]
struct Place {
    store: Store,
    url: ObjectUrl,
}

impl Place {
    fn in_memory() -> Place {
        Place { store: Store::of(InMemory::new()), url: ObjectUrl::parse(URL).unwrap().unwrap() }
    }

    /// One in memory, and those that the environment names.
    fn all() -> Vec<Place> {
        let given = ["FLITZ_TEST_S3", "FLITZ_TEST_GCS"].into_iter().filter_map(|name| std::env::var(name).ok());
        let given = given.map(|prefix| {
            let url = ObjectUrl::parse(&format!("{prefix}/{}", uuid::Uuid::new_v4())).unwrap().unwrap();
            Place { store: Store::open(&url, &Options::default(), None).unwrap(), url }
        });
        std::iter::once(Place::in_memory()).chain(given).collect()
    }

    fn table(&self, partitions: &[&str], set: &[(&str, &str)]) -> TableDef {
        table(Path::new(&self.url.to_string()), &TWO, partitions, set)
    }

    fn put(&self, name: &str, text: &str) {
        let key = self.url.below(name).unwrap();
        let bytes = PutPayload::from(text.as_bytes().to_vec());
        runtime().unwrap().block_on(self.store.objects.put(&key, bytes)).unwrap();
    }

    fn source(&self, table: &TableDef, columns: Vec<TableColumn>) -> (FileSource, Schema) {
        let schema = table.schema_of(&columns);
        let read = FileTable::of(table).unwrap();
        let files = ObjectFiles::in_store(self.store.clone(), self.url.clone(), &read);
        let spec = ScanSpec { table: table.clone(), columns, limit: None };
        (FileSource::over(Arc::new(files), read, &spec).unwrap(), schema)
    }

    /// Parts of uploads have 64 bytes here.
    fn sink(&self, table: &TableDef, overwrites: bool) -> (FileSink, Arc<dyn FollowingSink>) {
        let (context, _) = context();
        let written = FileTable::of(table).unwrap();
        let job = tag(&context.job, &written.name);
        let mut staging =
            ObjectStaging::in_store(self.store.clone(), self.url.clone(), job, &written, &context).unwrap();
        if !self.is_real() {
            staging.part_bytes = 64;
        }
        let spec = SinkSpec {
            table: table.clone(),
            columns: all_columns(table),
            changelog: ChangelogMode::INSERT_ONLY,
            rowtime: None,
        };
        let sink = FileSink::over(Arc::new(staging), written, &spec, &context, overwrites).unwrap();
        let publisher = publisher_of(&sink);
        (sink, publisher)
    }

    /// Real stores take no parts of less than 5 MiB.
    fn is_real(&self) -> bool {
        self.url.to_string() != URL
    }

    /// All objects, their names numbered away; the content of those that are visible.
    fn shown(&self) -> String {
        let objects = runtime().unwrap().block_on(async {
            let listed: Vec<_> = self.store.objects.list(Some(&self.url.key)).try_collect().await.unwrap();
            let mut objects = Vec::new();
            for object in listed {
                let found = match self.store.objects.get(&object.location).await {
                    // Superseded tails go in the background.
                    Err(object_store::Error::NotFound { .. }) => continue,
                    found => found.unwrap(),
                };
                let bytes = found.bytes().await.unwrap();
                objects.push((object.location.to_string(), String::from_utf8(bytes.to_vec()).unwrap()));
            }
            objects
        });
        let mut shown: Vec<String> = objects
            .into_iter()
            .map(|(key, content)| {
                let key = key.strip_prefix(self.url.key.as_ref()).unwrap();
                let (directory, name) = key.rsplit_once('/').unwrap();
                let end = name.rsplit_once('.').map_or("", |(_, end)| end);
                match (directory.contains("/_flitz/"), name.starts_with("part-")) {
                    (true, _) => format!("staged {end}\n"),
                    (_, true) => format!("{directory}/part {}\n", content.replace('\n', " ")),
                    _ => format!("{directory}/{name}\n"),
                }
            })
            .collect();
        shown.sort();
        shown.concat()
    }
}

fn check_read(place: &Place, table: &TableDef, columns: Vec<TableColumn>, expected: &Expect) {
    let (source, schema) = place.source(table, columns);
    let text = match source.discover(&[]) {
        Ok(splits) => read_all(&source, &schema, splits),
        Err(e) => format!("{e}\n"),
    };
    let text = text.replace(&place.url.to_string(), "ROOT").replace(&format!("/{}", place.url.key), "/PREFIX");
    expected.assert_eq(&text);
}

/// As [`read`], but bytes take their time.
fn read_all(source: &dyn Source, schema: &Schema, splits: Vec<Split>) -> String {
    let (woken, sleep) = std::sync::mpsc::channel();
    let wake = Wake(Arc::new(move || {
        let _ = woken.send(());
    }));
    let mut reader = source.reader(0, wake).unwrap();
    let mut left = splits.len();
    reader.add_splits(splits).unwrap();
    let mut text = String::new();
    while left > 0 {
        match reader.poll() {
            Ok(ReadEvent::Rows(rows)) => text += &lines(schema, &rows.rows),
            Ok(ReadEvent::SplitEnd(id)) => {
                text += &format!("end of {id}\n");
                left -= 1;
            }
            Ok(ReadEvent::Pending { .. }) => sleep.recv().unwrap(),
            Ok(ReadEvent::End) => break,
            Err(e) => {
                text += &format!("{e}\n");
                break;
            }
        }
    }
    text
}

#[test]
fn objects_are_read_below_prefixes_but_hidden_ones() {
    for place in Place::all() {
        place.put("t/b.json", "{\"a\":1}\r\n\n{\"a\":2}");
        place.put("t/sub/c.json", "{\"a\":3}\n");
        place.put("t/sub/.hidden", "no");
        place.put("t/_tmp/d.json", "no");
        place.put("t/empty", "");
        place.put("tt/e.json", "{\"a\":4}\n");
        place.put("d/dt=2020%2F01/p=x y/f.json", "{\"a\":5}\n");
        let of = |name: &str| Place { url: place.url.with_key(place.url.below(name).unwrap()), ..place.clone() };

        let t = of("t").table(&[], &[]);
        let metadata = FilesystemFactory.describe(&t).unwrap().metadata;
        let with_metadata: Vec<TableColumn> = std::iter::once(TableColumn::Physical(0))
            .chain(metadata[..3].iter().cloned().map(TableColumn::Metadata))
            .collect();
        check_read(
            &of("t"),
            &t,
            with_metadata,
            &expect![[r#"
            {"a":1,"file.path":"/PREFIX/b.json","file.name":"b.json","file.size":17}
            {"a":2,"file.path":"/PREFIX/b.json","file.name":"b.json","file.size":17}
            end of ROOT/b.json
            {"a":3,"file.path":"/PREFIX/sub/c.json","file.name":"c.json","file.size":8}
            end of ROOT/sub/c.json
        "#]],
        );
        let one = of("t/sub/c.json");
        check_read(
            &one,
            &one.table(&[], &[]),
            vec![TableColumn::Physical(0)],
            &expect![[r#"
            {"a":3}
            end of ROOT
        "#]],
        );
        // As in Flink, a pattern is held against the path without scheme and bucket.
        let pattern = format!("/{}/t/s.*", place.url.key);
        let matching = of("t").table(&[], &[("source.path.regex-pattern", &pattern)]);
        check_read(
            &of("t"),
            &matching,
            vec![TableColumn::Physical(0)],
            &expect![[r#"
            {"a":3}
            end of ROOT/sub/c.json
        "#]],
        );
        let parted = of("d").table(&["p"], &[]);
        check_read(
            &of("d"),
            &parted,
            all_columns(&parted),
            &expect![[r#"
            {"a":5,"p":"x y"}
            end of ROOT/dt=2020%2F01/p=x y/f.json
        "#]],
        );
        let nowhere = of("nowhere");
        check_read(
            &nowhere,
            &nowhere.table(&[], &[]),
            vec![TableColumn::Physical(0)],
            &expect![[r#"
            path ROOT of table t does not exist: nothing lies there
        "#]],
        );
        let watched = nowhere.table(&[], &[("source.monitor-interval", "1 s")]);
        check_read(&nowhere, &watched, vec![TableColumn::Physical(0)], &expect![""]);
    }
}

#[test]
fn reading_an_object_goes_on_where_it_was() {
    for place in Place::all() {
        // Several ranges, with records across their ends.
        let many: String = (0..300_000).map(|i| format!("{{\"a\":{i},\"p\":\"{:040}\"}}\n", i)).collect();
        place.put("f.json", &many);
        let t = place.table(&[], &[("source.monitor-interval", "1 s")]);
        let (source, schema) = place.source(&t, all_columns(&t));
        let splits = source.discover(&[]).unwrap();
        let mut reader = source.reader(0, Wake::none()).unwrap();
        reader.add_splits(splits.clone()).unwrap();
        let mut text = String::new();
        while text.len() < many.len() / 2 {
            match reader.poll().unwrap() {
                ReadEvent::Rows(rows) => text += &lines(&schema, &rows.rows),
                ReadEvent::Pending { .. } => std::thread::yield_now(),
                other => panic!("{other:?}"),
            }
        }
        let snapshot = reader.snapshot().unwrap();
        text += &read_all(&source, &schema, snapshot.clone());
        assert!(text == many + &format!("end of {}/f.json\n", place.url));
        assert!(source.discover(&snapshot).unwrap().is_empty());
        place.put("g.json", "{}");
        assert_eq!(source.discover(&snapshot).unwrap().len(), 1);
        place.put("f.json", "{\"a\":1}\n");
        let said = read_all(&source, &schema, splits);
        assert!(said.contains("f.json has been overwritten since it was found; files that a job reads"), "{said}");
    }
}

fn publish(publisher: &dyn FollowingSink, epoch: u64, sealed: serde_json::Value) -> Vec<serde_json::Value> {
    let settled = publisher.settle(Epoch(epoch), vec![sealed]).unwrap();
    publisher.publish(Epoch(epoch), &settled).unwrap();
    settled
}

#[test]
fn parts_are_uploaded_as_they_grow() {
    for place in Place::all() {
        let t = place.table(&[], &[("sink.rolling-policy.file-size", "110")]);
        let (sink, publisher) = place.sink(&t, false);
        let mut writer = sink.writer(0).unwrap();
        writer.write(&rows(&[(1, "x"), (2, "")])).unwrap();
        publish(&*publisher, 1, writer.seal(Epoch(1)).unwrap());
        expect!["staged tail-0\n"].assert_eq(&place.shown());
        writer.write(&rows(&[(3, "x"), (4, "y")])).unwrap();
        let settled = publish(&*publisher, 2, writer.seal(Epoch(2)).unwrap());
        if !place.is_real() {
            expect!["staged tail-1\nstaged upload\n"].assert_eq(&shown_settled(&place));
        }
        publisher.publish(Epoch(2), &settled).unwrap();
        writer.write(&rows(&[(5, "z"), (6, "y"), (7, "y")])).unwrap();
        writer.write(&rows(&[(8, "z")])).unwrap();
        publish(&*publisher, 3, writer.seal(Epoch(3)).unwrap());
        writer.finish().unwrap();
        expect![[r#"
            /part {"a":1,"p":"x"} {"a":2,"p":null} {"a":3,"p":"x"} {"a":4,"p":"y"} {"a":5,"p":"z"} {"a":6,"p":"y"} {"a":7,"p":"y"} 
            /part {"a":8,"p":"z"} 
        "#]].assert_eq(&shown_settled(&place));
    }
}

/// What is removed in the background takes its time.
fn shown_settled(place: &Place) -> String {
    let mut shown = place.shown();
    for _ in 0..100_000 {
        if shown.matches("staged tail").count() < 2 && !(shown.contains("staged") && shown.contains("/part")) {
            break;
        }
        std::thread::yield_now();
        shown = place.shown();
    }
    shown
}

#[test]
fn new_parts_take_the_place_of_old_ones_and_partitions_are_marked() {
    for place in Place::all() {
        let t = place.table(&["p"], &[("sink.partition-commit.policy.kind", "success-file")]);
        for (overwrites, values) in
            [(false, &[(1, "x/y"), (2, ""), (3, "x/y")][..]), (true, &[(4, "x/y")]), (false, &[(5, "")])]
        {
            let (sink, publisher) = place.sink(&t, overwrites);
            let mut writer = sink.writer(0).unwrap();
            writer.write(&rows(values)).unwrap();
            publish(&*publisher, 1, writer.seal(Epoch(1)).unwrap());
            writer.finish().unwrap();
        }
        expect![[r#"
            /p=__DEFAULT_PARTITION__/_SUCCESS
            /p=__DEFAULT_PARTITION__/part {"a":2} 
            /p=__DEFAULT_PARTITION__/part {"a":5} 
            /p=x%2Fy/_SUCCESS
            /p=x%2Fy/part {"a":4} 
        "#]]
        .assert_eq(&place.shown());
    }
}

#[test]
fn uploads_are_completed_once_and_abandoned_ones_aborted() {
    for place in Place::all() {
        let t = place.table(&[], &[]);
        // Nine eighths of a part of an upload.
        let text = "x".repeat(if place.is_real() { 1 << 20 } else { 8 });
        let many: Vec<(i32, &str)> = (0..9).map(|i| (i, text.as_str())).collect();
        let sealed_by = |sink: &FileSink, publisher: &dyn FollowingSink| {
            let mut writer = sink.writer(0).unwrap();
            writer.write(&rows(&many)).unwrap();
            let settled = publisher.settle(Epoch(1), vec![writer.seal(Epoch(1)).unwrap()]).unwrap();
            (writer, settled)
        };
        let (dead, publisher) = place.sink(&t, false);
        let (mut zombie, settled) = sealed_by(&dead, &*publisher);
        assert_eq!(place.shown(), "staged tail-0\nstaged upload\n");

        let (next, publisher) = place.sink(&t, false);
        publisher.publish(Epoch(1), &settled).unwrap();
        let visible = place.shown();
        assert!(visible.starts_with("/part ") && visible.matches(&text).count() == 9 && visible.lines().count() == 1);
        publisher.publish(Epoch(1), &settled).unwrap();
        assert_eq!(place.shown(), visible);
        // Whoever goes on with the upload is told.
        let sealed = zombie.write(&rows(&many)).and_then(|()| zombie.seal(Epoch(2)));
        let settled = sealed.and_then(|sealed| publisher_of(&dead).settle(Epoch(2), vec![sealed]));
        assert!(settled.unwrap_err().message.starts_with("table t: can't write "));

        let (_writer, settled) = sealed_by(&next, &*publisher);
        let (_, other) = place.sink(&t, false);
        other.sweep(&settled).unwrap();
        assert_eq!(place.shown(), format!("{visible}staged tail-0\nstaged upload\n"));
        // As a rule of the bucket may do it.
        let part = &settled[0]["parts"][0];
        let target = place.url.below(part["target"].as_str().unwrap()).unwrap();
        let id = part["object"]["upload"]["id"].as_str().unwrap().to_owned();
        runtime().unwrap().block_on(place.store.uploads.abort_multipart(&target, &id)).unwrap();
        let said =
            other.publish(Epoch(1), &settled).unwrap_err().to_string().replace(target.filename().unwrap(), "PART");
        if place.is_real() {
            expect!["table t: the upload of PART is gone before it was completed; a rule of the bucket may abort uploads after some days: give it more of them than a job may be down"].assert_eq(&said);
        }
        other.sweep(&[]).unwrap();
        // The last attempt's own parts are left to it.
        assert_eq!(place.shown(), visible);
    }
}

fn publisher_of(sink: &FileSink) -> Arc<dyn FollowingSink> {
    match sink.commit_group() {
        CommitGroup::Following(publisher) => publisher,
        _ => panic!("files follow"),
    }
}

/// Rows 0, 1, 2 … of one attempt, from the row after the last durable epoch; dies with the first error.
fn attempt(place: &Place, durable: &mut (u64, i32, Vec<serde_json::Value>), to: i32) -> flitz_dataflow::Result<()> {
    let t = place.table(&[], &[("sink.rolling-policy.file-size", "150")]);
    let (sink, publisher) = place.sink(&t, false);
    if durable.0 > 0 {
        publisher.publish(Epoch(durable.0), &durable.2)?;
    }
    publisher.sweep(&durable.2)?;
    let mut writer = sink.writer(0)?;
    while durable.1 < to {
        let (epoch, next) = (Epoch(durable.0 + 1), (durable.1 + 3).min(to));
        for row in durable.1..next {
            writer.write(&rows(&[(row, "x")]))?;
        }
        let settled = publisher.settle(epoch, vec![writer.seal(epoch)?])?;
        *durable = (epoch.0, next, settled);
        publisher.publish(epoch, &durable.2)?;
    }
    writer.finish()
}

/// A breakdown at every request of the first attempt, seen and unseen, and one of the next attempt soon after.
#[test]
fn each_row_is_visible_once_whatever_breaks() {
    let expected: String = (0..20).map(|i| format!("{{\"a\":{i},\"p\":\"x\"}} ")).collect();
    for applied in [false, true] {
        for fail_from in 1..200 {
            let memory = Arc::new(InMemory::new());
            let faulty = |from: usize| Place {
                store: Store::of(FaultyStore::new(memory.clone(), from, applied)),
                ..Place::in_memory()
            };
            let mut durable = (0, 0, Vec::new());
            let survived = attempt(&faulty(fail_from), &mut durable, 20).is_ok();
            if !survived {
                let _ = attempt(&faulty(fail_from % 7 + 1), &mut durable, 20);
                attempt(&faulty(usize::MAX), &mut durable, 20).unwrap();
            }
            let place = faulty(usize::MAX);
            // An attempt that ends before its clean-up is through leaves that to the next.
            place.sink(&place.table(&[], &[]), false).1.sweep(&[]).unwrap();
            let shown = place.shown();
            let mut visible: Vec<&str> =
                shown.lines().flat_map(|l| l.strip_prefix("/part ").unwrap().split_inclusive("} ")).collect();
            visible.sort_by_key(|row| row[5..].split(',').next().unwrap().parse::<i32>().unwrap());
            assert_eq!(visible.concat(), expected, "request {fail_from}, applied {applied}");
            if survived {
                break;
            }
            assert!(fail_from < 199, "there are more requests");
        }
    }
}
