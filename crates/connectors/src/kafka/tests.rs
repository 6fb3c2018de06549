//! Against a real broker: at `FLITZ_TEST_KAFKA`, by default 127.0.0.1:9092. Without one each test says that it was
//! skipped; if the variable is set, a broker that is away fails them.

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::util::display::array_value_to_string;
use expect_test::{Expect, expect};
use flitz_dataflow::connector::{
    CommitGroup, ConnectorContext, ConnectorFactory, EpochSink, Marker, ReadEvent, ScanSpec, SinkSpec, SinkWriter,
    Source, Split, TableColumn, TableDef, Wake,
};
use flitz_dataflow::options::Options;
use flitz_dataflow::{
    Attempt, ChangelogBatch, ChangelogMode, Epoch, ErrorKind, Field, RunId, Schema, SystemClock, TypeKind,
};

use super::broker::{InFlight, NewTopic, OffsetQuery, Outgoing, OutgoingRecord, ProducerSpec, TopicPartition};
use super::*;

static SKIPPED: AtomicUsize = AtomicUsize::new(0);

/// The address in `variable`, or `default`, if somebody listens there.
fn address(variable: &str, default: Option<&str>) -> Option<String> {
    let given = std::env::var(variable).ok();
    let address = given.clone().or_else(|| default.map(str::to_owned));
    let listens = |address: &String| {
        let mut sockets = address.to_socket_addrs().into_iter().flatten();
        sockets.any(|socket| TcpStream::connect_timeout(&socket, Duration::from_secs(1)).is_ok())
    };
    match address {
        Some(address) if listens(&address) => Some(address),
        Some(address) if given.is_some() => panic!("{variable} names {address}, where nobody listens"),
        _ => {
            let skipped = SKIPPED.fetch_add(1, Ordering::SeqCst) + 1;
            eprintln!("SKIPPED ({skipped} so far): no Kafka broker; start one and set {variable}");
            None
        }
    }
}

fn kafka() -> Option<String> {
    address("FLITZ_TEST_KAFKA", Some("127.0.0.1:9092"))
}

macro_rules! kafka_or_skip {
    () => {
        match kafka() {
            Some(address) => address,
            None => return,
        }
    };
}

fn unique(name: &str) -> String {
    format!("flitz-test-{name}-{}", uuid::Uuid::new_v4().simple())
}

fn new_topic(bootstrap: &str, name: &str, partitions: i32) -> String {
    let topic = unique(name);
    assert!(ensure_topic(bootstrap, &Options::default(), &NewTopic::new(&topic, partitions)).unwrap());
    topic
}

fn options(pairs: &[(&str, &str)]) -> Options {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// A table `(id BIGINT, name STRING)` over `topic`.
fn table(bootstrap: &str, topic: &str, more: &[(&str, &str)]) -> TableDef {
    let mut all = vec![
        ("connector", "kafka"),
        ("topic", topic),
        ("properties.bootstrap.servers", bootstrap),
        ("format", "json"),
        ("scan.startup.mode", "earliest-offset"),
    ];
    all.retain(|(key, _)| !more.iter().any(|(other, _)| other == key));
    all.extend(more);
    all.retain(|(_, value)| !value.is_empty());
    TableDef {
        name: "t".into(),
        options: options(&all),
        physical: Schema::new(vec![
            Field::new("id", TypeKind::BigInt.nullable()),
            Field::new("name", TypeKind::STRING.nullable()),
        ]),
        primary_key: Vec::new(),
        partition_keys: Vec::new(),
    }
}

fn context() -> ConnectorContext {
    ConnectorContext {
        job: "test".into(),
        clock: Arc::new(SystemClock),
        time_zone: "UTC".into(),
        checkpoints: true,
        parallelism: 1,
        scratch: std::env::temp_dir(),
        settings: Options::default(),
    }
}

fn columns(table: &TableDef, metadata: &[&str]) -> Vec<TableColumn> {
    let capabilities = KafkaFactory::default().describe(table).unwrap();
    let find = |key: &&str| capabilities.metadata.iter().find(|m| m.key == **key).unwrap().clone();
    (0..table.physical.len())
        .map(TableColumn::Physical)
        .chain(metadata.iter().map(|key| TableColumn::Metadata(find(key))))
        .collect()
}

fn source(table: &TableDef, metadata: &[&str]) -> Result<Arc<dyn Source>> {
    let scan = ScanSpec { table: table.clone(), columns: columns(table, metadata), limit: None };
    KafkaFactory::default().source(&scan, &context())
}

fn sink(table: &TableDef, metadata: &[&str]) -> Arc<dyn Sink> {
    let spec = SinkSpec {
        table: table.clone(),
        columns: columns(table, metadata),
        changelog: ChangelogMode::INSERT_ONLY,
        rowtime: None,
    };
    KafkaFactory::default().sink(&spec, &context()).unwrap()
}

fn batch(table: &TableDef, rows: &[(i64, &str)]) -> ChangelogBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.0)));
    let names: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.1)));
    ChangelogBatch::append_only(RecordBatch::try_new(table.physical.to_arrow(), vec![ids, names]).unwrap())
}

fn write(table: &TableDef, rows: &[(i64, &str)]) {
    let mut writer = sink(table, &[]).writer(0).unwrap();
    writer.write(&batch(table, rows)).unwrap();
    writer.seal(Epoch(1)).unwrap();
    writer.finish().unwrap();
}

/// Raw records, past the table layer.
fn write_raw(bootstrap: &str, topic: &str, records: &[(Option<i32>, Option<&str>, Option<&str>)]) {
    let broker = open_broker(bootstrap, &Options::default()).unwrap();
    let spec = ProducerSpec {
        guarantee: DeliveryGuarantee::AtLeastOnce,
        transactional_prefix: None,
        topics: vec![topic.to_owned()],
        properties: Options::default(),
    };
    let producer = broker.producer(&spec).unwrap();
    let topic = producer.topic(topic).unwrap().index;
    let mut outgoing = Outgoing::default();
    for (partition, key, value) in records {
        let record = OutgoingRecord { topic, partition: *partition, timestamp: Some(1_700_000_000_000) };
        outgoing.push(record, key.map(str::as_bytes), value.map(str::as_bytes));
    }
    let writer = Arc::new(InFlight::default());
    assert_eq!(producer.send(&writer, &outgoing, 0).unwrap(), records.len());
    producer.flush(&writer, Duration::from_secs(10)).unwrap();
}

/// One worker's reader with the bell that wakes it.
struct Reader {
    source: Arc<dyn Source>,
    reader: Box<dyn flitz_dataflow::connector::SourceReader>,
    bell: Receiver<()>,
}

impl Reader {
    fn new(source: Arc<dyn Source>, splits: Vec<Split>) -> Reader {
        let (ring, bell) = channel();
        let wake = Wake(Arc::new(move || {
            let _ = ring.send(());
        }));
        let mut reader = source.reader(0, wake).unwrap();
        reader.add_splits(splits).unwrap();
        Reader { source, reader, bell }
    }

    fn first(source: Arc<dyn Source>) -> Reader {
        let splits = source.discover(&[]).unwrap();
        Reader::new(source, splits)
    }

    /// Rows as `split: a, b`, sorted within no order but their own, until `n` rows or the end; sleeps on the bell only.
    fn rows(&mut self, n: usize) -> Result<Vec<String>> {
        let begun = Instant::now();
        let mut rows = Vec::new();
        while rows.len() < n {
            assert!(begun.elapsed() < Duration::from_secs(30), "only {} of {n} rows came", rows.len());
            match self.reader.poll()? {
                ReadEvent::Rows(read) => {
                    let batch = read.rows.rows();
                    for row in 0..batch.num_rows() {
                        let cells = batch.columns().iter().map(|c| array_value_to_string(c, row).unwrap());
                        rows.push(cells.collect::<Vec<_>>().join(", "));
                    }
                }
                ReadEvent::Pending { .. } => {
                    let _ = self.bell.recv_timeout(Duration::from_secs(5));
                }
                ReadEvent::SplitEnd(_) => {}
                ReadEvent::End => break,
            }
        }
        Ok(rows)
    }

    fn all(&mut self) -> Vec<String> {
        let mut rows = self.rows(usize::MAX).unwrap();
        rows.sort();
        rows
    }
}

fn read_all(table: &TableDef, metadata: &[&str]) -> Vec<String> {
    Reader::first(source(table, metadata).unwrap()).all()
}

/// The same once there are so many: a broker answers a commit before its partitions show the rows.
fn read_committed(table: &TableDef, rows: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let read = read_all(table, &[]);
        if read.len() >= rows || begun.elapsed() > Duration::from_secs(20) {
            return read;
        }
        std::thread::yield_now();
    }
}

const BOUNDED: (&str, &str) = ("scan.bounded.mode", "latest-offset");

#[test]
fn what_is_written_is_read_with_its_metadata() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "roundtrip", 1);
    let table = table(&kafka, &topic, &[BOUNDED]);
    write(&table, &[(1, "a"), (2, "b"), (3, "ß")]);
    let rows = read_all(&table, &["partition", "offset", "timestamp-type", "leader-epoch", "headers", "header-list"]);
    expect![[r#"
        1, a, 0, 0, CreateTime, 0, {}, []
        2, b, 0, 1, CreateTime, 0, {}, []
        3, ß, 0, 2, CreateTime, 0, {}, []"#]]
    .assert_eq(&rows.join("\n"));
}

#[test]
fn an_unbounded_reader_is_woken_when_rows_come() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "wake", 3);
    let table = table(&kafka, &topic, &[]);
    let mut reader = Reader::first(source(&table, &[]).unwrap());
    assert!(matches!(reader.reader.poll().unwrap(), ReadEvent::Pending { .. }));
    write_raw(&kafka, &topic, &[(Some(2), None, Some(r#"{"id":7}"#))]);
    assert_eq!(reader.rows(1).unwrap(), ["7, "]);
    write_raw(&kafka, &topic, &[(Some(0), None, Some(r#"{"id":8}"#)), (Some(2), None, Some(r#"{"id":9}"#))]);
    let mut rows = reader.rows(2).unwrap();
    rows.sort();
    assert_eq!(rows, ["8, ", "9, "]);
    assert!(reader.reader.lag().iter().all(|(_, lag)| *lag == 0), "{:?}", reader.reader.lag());
}

#[test]
fn start_and_stop_modes() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "modes", 2);
    let record = |partition, id| (Some(partition), None, Some(id));
    write_raw(
        &kafka,
        &topic,
        &[
            record(0, r#"{"id":0}"#),
            record(0, r#"{"id":1}"#),
            record(0, r#"{"id":2}"#),
            record(1, r#"{"id":10}"#),
            record(1, r#"{"id":11}"#),
        ],
    );
    let group = unique("group");
    let broker = open_broker(&kafka, &Options::default()).unwrap();
    let partition = |partition| TopicPartition { topic: topic.as_str().into(), partition };
    broker.commit_offsets(&group, &[(partition(0), 2)]).unwrap();
    let read = |more: &[(&str, &str)]| {
        let mut all = vec![BOUNDED];
        all.retain(|(key, _)| !more.iter().any(|(other, _)| other == key));
        all.extend(more);
        read_all(&table(&kafka, &topic, &all), &[]).join(" ").replace(',', "")
    };
    let start = |mode, more: &[(&'static str, &str)]| {
        let mut all = vec![("scan.startup.mode", mode)];
        all.extend(more);
        read(&all)
    };
    let group_id = ("properties.group.id", group.as_str());
    let text = [
        start("earliest-offset", &[]),
        start("latest-offset", &[]),
        start("timestamp", &[("scan.startup.timestamp-millis", "1700000000000")]),
        start("timestamp", &[("scan.startup.timestamp-millis", "1700000000001")]),
        start("specific-offsets", &[("scan.startup.specific-offsets", "partition:0,offset:1")]),
        start("specific-offsets", &[("scan.startup.specific-offsets", "partition:1,offset:1"), group_id]),
        start("group-offsets", &[group_id, ("properties.auto.offset.reset", "earliest")]),
        start("group-offsets", &[group_id, ("properties.auto.offset.reset", "latest")]),
        read(&[("scan.bounded.mode", "specific-offsets"), ("scan.bounded.specific-offsets", "partition:0,offset:1")]),
        read(&[("scan.bounded.mode", "timestamp"), ("scan.bounded.timestamp-millis", "1700000000000")]),
        read(&[("scan.bounded.mode", "timestamp"), ("scan.bounded.timestamp-millis", "1700000000001")]),
    ]
    .join("\n");
    expect![[r#"
        0  1  10  11  2 

        0  1  10  11  2 

        1  10  11  2 
        11  2 
        10  11  2 
        2 
        0 

        0  1  10  11  2 "#]]
    .assert_eq(&text);
    let none = table(&kafka, &topic, &[("scan.startup.mode", ""), group_id]);
    let error = source(&none, &[]).unwrap().discover(&[]).unwrap_err();
    assert_eq!(
        error.to_string().replace(&topic, "T").replace(&group, "G"),
        "group 'G' has no committed offset for partition 1 of 'T' (option 'scan.startup.mode'); \
         set 'properties.auto.offset.reset' = 'earliest' or 'latest', or another start mode"
    );
}

#[test]
fn offsets_of_a_checkpoint_are_committed_to_the_group() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "ack", 1);
    let group = unique("group");
    let table = table(&kafka, &topic, &[("properties.group.id", &group)]);
    write(&table, &[(1, "a"), (2, "b")]);
    let mut reader = Reader::first(source(&table, &[]).unwrap());
    reader.rows(2).unwrap();
    let splits = reader.reader.snapshot().unwrap();
    assert_eq!(splits[0].position["offset"], 2);
    reader.source.acknowledge(&splits).unwrap();
    let partition = TopicPartition { topic: topic.as_str().into(), partition: 0 };
    let broker = open_broker(&kafka, &Options::default()).unwrap();
    assert_eq!(broker.offsets(&[partition], &OffsetQuery::Committed(group)).unwrap(), [Some(2)]);
}

#[test]
fn a_reader_goes_on_where_the_snapshot_was_taken() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "resume", 1);
    let table = table(&kafka, &topic, &[]);
    write(&table, &[(1, "a"), (2, "b")]);
    let mut reader = Reader::first(source(&table, &[]).unwrap());
    assert_eq!(reader.rows(2).unwrap(), ["1, a", "2, b"]);
    let splits = reader.reader.snapshot().unwrap();
    drop(reader);
    write(&table, &[(3, "c")]);
    let source = source(&table, &[]).unwrap();
    assert_eq!(source.discover(&splits).unwrap(), [], "nothing new");
    assert_eq!(Reader::new(source, splits).rows(1).unwrap(), ["3, c"]);
}

#[test]
fn an_offset_that_is_gone_is_an_error_and_not_a_jump() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "gone", 1);
    let table = table(&kafka, &topic, &[]);
    write(&table, &[(1, "a")]);
    let source = source(&table, &[]).unwrap();
    let mut splits = source.discover(&[]).unwrap();
    splits[0].position["offset"] = 70.into();
    let error = Reader::new(source, splits).rows(1).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Data);
    assert_eq!(
        error.to_string().replace(&topic, "T"),
        "partition 0 of topic 'T' has no offset 70 any more; available are 0 to 0 (topic T, partition 0, offset 70); \
         retention removed records that were not read yet, or the topic was made anew; --fresh starts over"
    );
}

#[test]
fn a_record_that_cant_be_read_names_its_place() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "bad", 1);
    write_raw(&kafka, &topic, &[(None, None, Some(r#"{"id":1}"#)), (None, None, Some(r#"{"id":"#))]);
    let strict = table(&kafka, &topic, &[BOUNDED]);
    let error = Reader::first(source(&strict, &[]).unwrap()).rows(9).unwrap_err();
    let place = flitz_dataflow::Place::Record { topic: topic.clone(), partition: 0, offset: 1 };
    assert_eq!((error.kind, error.place), (ErrorKind::Data, Some(place)));
    let lenient = table(&kafka, &topic, &[BOUNDED, ("json.ignore-parse-errors", "true")]);
    assert_eq!(read_all(&lenient, &[]), ["1, "]);
}

#[test]
fn keys_are_columns_and_tombstones_are_left_out() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "keys", 1);
    let keyed = [BOUNDED, ("key.format", "raw"), ("key.fields", "name"), ("value.fields-include", "EXCEPT_KEY")];
    let table = table(&kafka, &topic, &keyed);
    write(&table, &[(1, "a"), (2, "b")]);
    write_raw(
        &kafka,
        &topic,
        &[(None, Some("c"), None), (None, None, Some(r#"{"id":4}"#)), (None, Some("e"), Some(r#"{"id":5}"#))],
    );
    let rows = read_all(&table, &["offset"]);
    expect![[r#"
        1, a, 0
        2, b, 1
        4, , 3
        5, e, 4"#]]
    .assert_eq(&rows.join("\n"));
}

#[test]
fn patterns_find_new_topics_later() {
    let kafka = kafka_or_skip!();
    let prefix = unique("pattern");
    let make = |name: &str| {
        let topic = format!("{prefix}-{name}");
        ensure_topic(&kafka, &Options::default(), &NewTopic::new(&topic, 1)).unwrap();
        topic
    };
    let first = make("1");
    make("other");
    let pattern = format!("{prefix}-\\d+");
    let table = table(&kafka, "", &[("topic-pattern", &pattern), ("scan.startup.mode", "latest-offset")]);
    let source = source(&table, &[]).unwrap();
    let known = source.discover(&[]).unwrap();
    assert_eq!(known.iter().map(|s| s.id.clone()).collect::<Vec<_>>(), [format!("{first}-0")]);
    let second = make("22");
    write_raw(&kafka, &second, &[(None, None, Some(r#"{"id":1}"#))]);
    let found = source.discover(&known).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].position["offset"], 0, "a new topic is read from its beginning");
    assert_eq!(source.discovery_interval(), Some(Duration::from_secs(300)));
}

#[test]
fn missing_topics_and_brokers_are_said_clearly() {
    let kafka = kafka_or_skip!();
    let begun = Instant::now();
    let missing = table(&kafka, "flitz-test-nowhere", &[]);
    let error = source(&missing, &[]).unwrap().discover(&[]).unwrap_err();
    let text = error.to_string().replace(&kafka, "BROKER");
    expect!["topic 'flitz-test-nowhere' does not exist on Kafka at BROKER (option 'topic'); create it: kafka-topics.sh --bootstrap-server BROKER --create --topic flitz-test-nowhere"].assert_eq(&text);
    assert!(begun.elapsed() < Duration::from_secs(3));

    let away = table("127.0.0.1:1", "t", &[("properties.default.api.timeout.ms", "1000")]);
    let error = source(&away, &[]).unwrap().discover(&[]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    let text = error.to_string();
    assert!(text.starts_with("Kafka at 127.0.0.1:1 did not answer within 1 s: "), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(6));
}

// ---------------------------------------------------------------------------------------- exactly once

const EXACTLY_ONCE: (&str, &str) = ("sink.delivery-guarantee", "exactly-once");
const READ_COMMITTED: (&str, &str) = ("properties.isolation.level", "read_committed");

fn deciding(sink: &Arc<dyn Sink>) -> Arc<dyn EpochSink> {
    match sink.commit_group() {
        CommitGroup::Deciding(sink) => sink,
        _ => panic!("not a deciding sink"),
    }
}

fn marker(attempt: u64, epoch: u64) -> Marker {
    Marker { job: "test".into(), run: RunId("r1".into()), attempt: Attempt(attempt), epoch: Epoch(epoch) }
}

/// Begins the epoch, writes the rows and seals.
fn epoch(table: &TableDef, decider: &dyn EpochSink, writer: &mut dyn SinkWriter, number: u64, rows: &[(i64, &str)]) {
    decider.begin(Epoch(number)).unwrap();
    writer.write(&batch(table, rows)).unwrap();
    writer.seal(Epoch(number)).unwrap();
    decider.flush(Epoch(number)).unwrap();
}

#[test]
fn an_epoch_becomes_visible_with_its_marker() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "eo", 2);
    let prefix = unique("prefix");
    let table =
        table(&kafka, &topic, &[BOUNDED, READ_COMMITTED, EXACTLY_ONCE, ("sink.transactional-id-prefix", &prefix)]);
    let sink = sink(&table, &[]);
    let decider = deciding(&sink);
    let mut writer = sink.writer(0).unwrap();
    assert_eq!(decider.fence("test", Attempt(1)).unwrap(), None);

    epoch(&table, decider.as_ref(), writer.as_mut(), 1, &[(1, "a")]);
    assert_eq!(read_all(&table, &[]), Vec::<String>::new(), "not committed yet");
    // Rows of the next epoch stay with the writer.
    writer.write(&batch(&table, &[(2, "b")])).unwrap();
    assert!(writer.held_bytes() > 0);
    decider.commit(&marker(1, 1)).unwrap();
    decider.commit(&marker(1, 1)).unwrap();
    assert_eq!(read_committed(&table, 1), ["1, a"]);

    decider.begin(Epoch(2)).unwrap();
    writer.release(Epoch(1)).unwrap();
    assert_eq!(writer.held_bytes(), 0);
    writer.seal(Epoch(2)).unwrap();
    decider.flush(Epoch(2)).unwrap();
    decider.commit(&marker(1, 2)).unwrap();
    assert_eq!(read_committed(&table, 2), ["1, a", "2, b"]);

    // A new attempt finds the marker; what it aborts is never seen.
    writer.release(Epoch(2)).unwrap();
    assert_eq!(decider.fence("test", Attempt(2)).unwrap(), Some(marker(1, 2)));
    epoch(&table, decider.as_ref(), writer.as_mut(), 3, &[(3, "lost")]);
    decider.abort().unwrap();
    assert_eq!(decider.fence("test", Attempt(3)).unwrap(), Some(marker(1, 2)));
    assert_eq!(read_all(&table, &[]), ["1, a", "2, b"]);
}

#[test]
fn the_older_attempt_is_fenced() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "fence", 1);
    let prefix = unique("prefix");
    let table =
        table(&kafka, &topic, &[BOUNDED, READ_COMMITTED, EXACTLY_ONCE, ("sink.transactional-id-prefix", &prefix)]);
    let sink = sink(&table, &[]);
    let old = deciding(&sink);
    old.fence("test", Attempt(1)).unwrap();
    let mut writer = sink.writer(0).unwrap();
    epoch(&table, old.as_ref(), writer.as_mut(), 1, &[(1, "zombie")]);

    // As another process would: a producer that the registry does not know.
    let cluster = cluster::Cluster::new(&kafka, &Options::default()).unwrap();
    let spec = ProducerSpec {
        guarantee: DeliveryGuarantee::ExactlyOnce,
        transactional_prefix: Some(prefix),
        topics: vec![topic.clone()],
        properties: Options::default(),
    };
    let new = producer::ClusterProducer::alone(cluster, &spec).unwrap();
    assert_eq!(new.fence("test", Attempt(2)).unwrap(), None);
    let error = old.commit(&marker(1, 1)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Fenced, "{error}");
    assert_eq!(read_all(&table, &[]), Vec::<String>::new());
}

/// Runs in a process of its own, which `a_killed_process_leaves_nothing_behind` starts.
#[test]
fn child_commits_once_and_dies_in_the_next_epoch() {
    let (Ok(topic), Some(kafka)) = (std::env::var("FLITZ_TEST_CHILD_TOPIC"), kafka()) else { return };
    let table = table(&kafka, &topic, &[EXACTLY_ONCE, ("sink.transactional-id-prefix", &topic)]);
    let sink = sink(&table, &[]);
    let decider = deciding(&sink);
    let mut writer = sink.writer(0).unwrap();
    decider.fence("test", Attempt(1)).unwrap();
    epoch(&table, decider.as_ref(), writer.as_mut(), 1, &[(1, "kept")]);
    decider.commit(&marker(1, 1)).unwrap();
    writer.release(Epoch(1)).unwrap();
    epoch(&table, decider.as_ref(), writer.as_mut(), 2, &[(2, "lost")]);
    std::process::abort();
}

#[test]
fn a_killed_process_leaves_nothing_behind() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "killed", 1);
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kafka::tests::child_commits_once_and_dies_in_the_next_epoch"])
        .env("FLITZ_TEST_CHILD_TOPIC", &topic)
        .output()
        .unwrap();
    assert_eq!(child.status.code(), None, "the child was to die by a signal: {child:?}");

    let table =
        table(&kafka, &topic, &[BOUNDED, READ_COMMITTED, EXACTLY_ONCE, ("sink.transactional-id-prefix", &topic)]);
    let sink = sink(&table, &[]);
    let decider = deciding(&sink);
    let begun = Instant::now();
    assert_eq!(decider.fence("test", Attempt(2)).unwrap(), Some(marker(1, 1)));
    assert!(begun.elapsed() < Duration::from_secs(20), "the open transaction was aborted at once");
    let mut writer = sink.writer(0).unwrap();
    epoch(&table, decider.as_ref(), writer.as_mut(), 2, &[(2, "again")]);
    decider.commit(&marker(2, 2)).unwrap();
    assert_eq!(read_committed(&table, 2), ["1, kept", "2, again"]);
}

#[test]
fn sinks_of_one_prefix_share_one_transaction() {
    let kafka = kafka_or_skip!();
    let (one, two) = (new_topic(&kafka, "share", 1), new_topic(&kafka, "share", 1));
    let prefix = unique("prefix");
    let table_of = |topic: &str, more: &[(&str, &str)]| {
        let mut all = vec![BOUNDED, READ_COMMITTED, EXACTLY_ONCE, ("sink.transactional-id-prefix", prefix.as_str())];
        all.extend(more);
        table(&kafka, topic, &all)
    };
    let (one, two) = (table_of(&one, &[]), table_of(&two, &[]));
    let (first, second) = (sink(&one, &[]), sink(&two, &[]));
    let decider = deciding(&first);
    assert!(Arc::ptr_eq(&decider, &deciding(&second)));
    assert_eq!(decider.fence("test", Attempt(1)).unwrap(), None);
    let (mut w1, mut w2) = (first.writer(0).unwrap(), second.writer(0).unwrap());
    decider.begin(Epoch(1)).unwrap();
    w1.write(&batch(&one, &[(1, "a")])).unwrap();
    w2.write(&batch(&two, &[(2, "b")])).unwrap();
    w1.seal(Epoch(1)).unwrap();
    w2.seal(Epoch(1)).unwrap();
    decider.flush(Epoch(1)).unwrap();
    decider.commit(&marker(1, 1)).unwrap();
    assert_eq!((read_committed(&one, 1), read_committed(&two, 1)), (vec!["1, a".to_owned()], vec!["2, b".to_owned()]));

    let other = table_of("x", &[("properties.linger.ms", "50")]);
    let spec =
        SinkSpec { columns: columns(&other, &[]), table: other, changelog: ChangelogMode::INSERT_ONLY, rowtime: None };
    let error = KafkaFactory::default().sink(&spec, &context()).err().unwrap();
    assert_eq!(
        error.to_string(),
        "two sinks share a transactional id prefix and differ in 'properties.linger.ms' \
         (option 'sink.transactional-id-prefix'); they write in one transaction: give both the same properties, \
         or different prefixes"
    );
}

#[test]
fn a_transaction_longer_than_the_broker_allows_is_refused() {
    let kafka = kafka_or_skip!();
    let topic = new_topic(&kafka, "timeout", 1);
    let more = [
        EXACTLY_ONCE,
        ("sink.transactional-id-prefix", topic.as_str()),
        ("properties.transaction.timeout.ms", "100000000"),
    ];
    let error = deciding(&sink(&table(&kafka, &topic, &more), &[])).fence("test", Attempt(1)).unwrap_err();
    expect!["the broker allows no transaction of 100000 s (option 'properties.transaction.timeout.ms'); lower it, or raise the broker's transaction.max.timeout.ms"].assert_eq(&error.to_string());
}

// ---------------------------------------------------------------------------------------- options

fn describe_error(more: &[(&str, &str)], key: &[&str]) -> String {
    let mut table = table("127.0.0.1:1", "t", more);
    table.primary_key = key.iter().map(|k| (*k).to_owned()).collect();
    KafkaFactory::default().describe(&table).map(|_| String::new()).unwrap_or_else(|e| e.to_string())
}

#[test]
fn options_are_checked_without_a_broker() {
    let check = |expected: Expect, more: &[(&str, &str)]| expected.assert_eq(&describe_error(more, &[]));
    check(expect![""], &[]);
    check(
        expect!["connector 'kafka' has no option 'topik' (option 'topik'); did you mean 'topic'?"],
        &[("topik", "x")],
    );
    check(
        expect!["options 'topic' and 'topic-pattern' exclude each other (option 'topic-pattern')"],
        &[("topic-pattern", "x")],
    );
    check(expect!["option 'topic' or 'topic-pattern' is required; add 'topic' = '…' to WITH"], &[("topic", "")]);
    check(expect!["option 'format' is required; add 'format' = 'json' to WITH"], &[("format", "")]);
    check(
        expect!["option 'properties.bootstrap.servers' is required; add 'properties.bootstrap.servers' = '…' to WITH"],
        &[("properties.bootstrap.servers", "")],
    );
    check(
        expect!["there is no Kafka property 'acs' (option 'properties.acs'); did you mean 'properties.acks'?"],
        &[("properties.acs", "x")],
    );
    check(
        expect![
            "a key format 'key.format' requires one or more key fields in 'key.fields' (option 'key.format'); add 'key.fields' = 'column;column' to WITH"
        ],
        &[("key.format", "raw")],
    );
    check(
        expect!["'nme' in 'key.fields' is no physical column of the table (option 'key.fields'); there are id, name"],
        &[("key.format", "raw"), ("key.fields", "nme")],
    );
    check(
        expect![
            "a key prefix is not allowed when 'value.fields-include' is 'ALL' (option 'key.fields-prefix'); set 'value.fields-include' = 'EXCEPT_KEY'"
        ],
        &[("key.format", "raw"), ("key.fields", "name"), ("key.fields-prefix", "n")],
    );
    check(
        expect![
            "option 'scan.startup.timestamp-millis' is required; add 'scan.startup.timestamp-millis' = '…' to WITH"
        ],
        &[("scan.startup.mode", "timestamp")],
    );
    check(
        expect![
            "'scan.startup.specific-offsets' must look like 'partition:0,offset:42;partition:1,offset:300', found '0:1' (option 'scan.startup.specific-offsets')"
        ],
        &[("scan.startup.mode", "specific-offsets"), ("scan.startup.specific-offsets", "0:1")],
    );
    check(
        expect!["option 'sink.transactional-id-prefix' is required; add 'sink.transactional-id-prefix' = '…' to WITH"],
        &[EXACTLY_ONCE],
    );
    check(
        expect!["partitioner 'round-robin' works only when 'key.fields' is not given (option 'sink.partitioner')"],
        &[("sink.partitioner", "round-robin"), ("key.format", "raw"), ("key.fields", "name")],
    );
    check(
        expect![
            "not supported: partitioner class 'com.acme.P' (option 'sink.partitioner'); there are default, fixed and round-robin"
        ],
        &[("sink.partitioner", "com.acme.P")],
    );
    check(
        expect![
            "option 'sink.semantic' has been removed from Flink (option 'sink.semantic'); use 'sink.delivery-guarantee'"
        ],
        &[("sink.semantic", "x")],
    );
    expect!["the Kafka table 't' with 'json' format doesn't support defining PRIMARY KEY constraint on the table, because it can't guarantee the semantic of primary key; drop PRIMARY KEY, or use connector 'upsert-kafka'"]
        .assert_eq(&describe_error(&[], &["id"]));
    let grouped = table("127.0.0.1:1", "t", &[("scan.startup.mode", "")]);
    expect!["start mode 'group-offsets' needs 'properties.group.id' (option 'properties.group.id'); add 'properties.group.id' = '…', or 'scan.startup.mode' = 'earliest-offset'"]
        .assert_eq(&source(&grouped, &[]).err().unwrap().to_string());
}

// ---------------------------------------------------------------------------------------- TLS and login

/// `FLITZ_TEST_KAFKA_SASL` is a SASL_SSL listener with user `flitz`, password `flitz-secret`; its authority's
/// certificate is the file `FLITZ_TEST_KAFKA_CA`.
fn secured(mechanism: &str, password: &str) -> Option<(String, Vec<(String, String)>)> {
    let address = address("FLITZ_TEST_KAFKA_SASL", None)?;
    let ca = std::env::var("FLITZ_TEST_KAFKA_CA").expect("FLITZ_TEST_KAFKA_CA");
    let module = match mechanism {
        "PLAIN" => "org.apache.kafka.common.security.plain.PlainLoginModule",
        _ => "org.apache.kafka.common.security.scram.ScramLoginModule",
    };
    let pairs = [
        ("security.protocol", "SASL_SSL".to_owned()),
        ("sasl.mechanism", mechanism.to_owned()),
        ("sasl.jaas.config", format!("{module} required username=\"flitz\" password=\"{password}\";")),
        ("ssl.truststore.type", "PEM".to_owned()),
        ("ssl.truststore.location", ca),
    ];
    Some((address, pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()))
}

fn secured_table(address: &str, topic: &str, login: &[(String, String)], more: &[(&str, &str)]) -> TableDef {
    let keys: Vec<(String, &str)> = login.iter().map(|(k, v)| (format!("properties.{k}"), v.as_str())).collect();
    let mut all: Vec<(&str, &str)> = keys.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    all.extend(more);
    table(address, topic, &all)
}

#[test]
fn logins_over_tls() {
    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        let Some((address, login)) = secured(mechanism, "flitz-secret") else { return };
        let topic = unique("sasl");
        let options: Options = login.iter().cloned().collect();
        ensure_topic(&address, &options, &NewTopic::new(&topic, 1)).unwrap();
        let more = [BOUNDED, READ_COMMITTED, EXACTLY_ONCE, ("sink.transactional-id-prefix", topic.as_str())];
        let table = secured_table(&address, &topic, &login, &more);
        let sink = sink(&table, &[]);
        let decider = deciding(&sink);
        decider.fence("test", Attempt(1)).unwrap();
        let mut writer = sink.writer(0).unwrap();
        epoch(&table, decider.as_ref(), writer.as_mut(), 1, &[(1, mechanism)]);
        decider.commit(&marker(1, 1)).unwrap();
        assert_eq!(read_committed(&table, 1), [format!("1, {mechanism}")]);
    }
}

#[test]
fn a_wrong_password_is_said_at_once_and_never_shown() {
    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        let Some((address, login)) = secured(mechanism, "wrong-secret") else { return };
        let begun = Instant::now();
        let error = source(&secured_table(&address, "t", &login, &[]), &[]).unwrap().discover(&[]).unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(5));
        let text = error.to_string();
        assert_eq!(error.kind, ErrorKind::Invalid, "{text}");
        assert!(text.contains("refused the login"), "{text}");
        assert!(!text.contains("wrong-secret"), "{text}");
    }
}

#[test]
fn an_unknown_authority_is_not_trusted() {
    let Some((address, mut login)) = secured("PLAIN", "flitz-secret") else { return };
    login.retain(|(key, _)| !key.starts_with("ssl."));
    let begun = Instant::now();
    let error = source(&secured_table(&address, "t", &login, &[]), &[]).unwrap().discover(&[]).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(error.to_string().contains("is not trusted"), "{error}");
}
