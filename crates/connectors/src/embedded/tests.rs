use std::sync::Arc;
use std::time::Duration;

use flitz_dataflow::connector::{Marker, Wake};
use flitz_dataflow::options::Options;
use flitz_dataflow::{Attempt, Epoch, ErrorKind, RunId};

use super::open;
use crate::kafka::broker::{
    Assignment, Broker, DeliveryGuarantee, InFlight, NewTopic, OffsetQuery, Outgoing, OutgoingRecord, Polled,
    ProducerSpec, RecordBuffer, TopicPartition, TopicSelection, Wanted,
};

fn file() -> (tempfile::TempDir, Arc<dyn Broker>) {
    let folder = tempfile::tempdir().unwrap();
    let broker = open(&format!("embedded:{}/sub/flitz.db", folder.path().display())).unwrap();
    (folder, broker)
}

fn spec(prefix: Option<&str>) -> ProducerSpec {
    ProducerSpec {
        guarantee: if prefix.is_some() { DeliveryGuarantee::ExactlyOnce } else { DeliveryGuarantee::AtLeastOnce },
        transactional_prefix: prefix.map(str::to_owned),
        topics: vec!["t".to_owned()],
        properties: Options::default(),
    }
}

fn outgoing(values: &[&str]) -> Outgoing {
    let mut records = Outgoing::default();
    for value in values {
        let record = OutgoingRecord { topic: 0, partition: Some(0), timestamp: Some(1_000) };
        records.push(record, None, Some(value.as_bytes()));
    }
    records
}

/// All values of partition 0 from `start`.
fn read(broker: &dyn Broker, start: i64) -> Vec<String> {
    let partition = TopicPartition { topic: "t".into(), partition: 0 };
    let end = broker.offsets(std::slice::from_ref(&partition), &OffsetQuery::Latest).unwrap()[0];
    let mut consumer = broker.consumer(Wanted::default(), Wake::none()).unwrap();
    consumer.assign(vec![Assignment { partition, start, end }]).unwrap();
    let (mut records, mut values) = (RecordBuffer::default(), vec![]);
    loop {
        match consumer.poll(2, &mut records).unwrap() {
            Polled::Records(0) => {
                for i in 0..records.len() {
                    values.push(String::from_utf8(records.values.get(i).unwrap().to_vec()).unwrap());
                }
            }
            Polled::End(0) => return values,
            other => panic!("{other:?}"),
        }
    }
}

fn marker(attempt: u64, epoch: u64) -> Marker {
    Marker { job: "j".to_owned(), run: RunId("r".to_owned()), attempt: Attempt(attempt), epoch: Epoch(epoch) }
}

#[test]
fn records_are_read_back_in_order_by_offset() {
    let (_folder, broker) = file();
    assert!(broker.create_topic(&NewTopic::new("t", 2)).unwrap());
    assert!(!broker.create_topic(&NewTopic::new("t", 5)).unwrap());
    let names = TopicSelection::Names(vec!["t".to_owned()]);
    assert_eq!(broker.partitions(&names).unwrap().len(), 2);
    let producer = broker.producer(&spec(None)).unwrap();
    producer.topic("t").unwrap();
    let writer = Arc::new(InFlight::default());
    assert_eq!(producer.send(&writer, &outgoing(&["a", "b", "c"]), 1).unwrap(), 2);
    producer.flush(&writer, Duration::from_secs(10)).unwrap();
    assert_eq!(read(&*broker, 0), ["b", "c"]);
    assert_eq!(read(&*broker, 1), ["c"]);
}

#[test]
fn an_epoch_is_invisible_before_its_commit_and_appears_once() {
    let (_folder, broker) = file();
    let producer = broker.producer(&spec(Some("p"))).unwrap();
    producer.topic("t").unwrap();
    let sink = producer.epoch_sink().unwrap();
    let writer = Arc::new(InFlight::default());
    assert_eq!(sink.fence("j", Attempt(1)).unwrap(), None);
    sink.begin(Epoch(1)).unwrap();
    producer.send(&writer, &outgoing(&["a", "b"]), 0).unwrap();
    assert_eq!(read(&*broker, 0), Vec::<String>::new());
    sink.flush(Epoch(1)).unwrap();
    sink.commit(&marker(1, 1)).unwrap();
    sink.commit(&marker(1, 1)).unwrap();
    assert_eq!(read(&*broker, 0), ["a", "b"]);
}

#[test]
fn the_newer_attempt_fences_the_older() {
    let (folder, broker) = file();
    let producer = broker.producer(&spec(Some("p"))).unwrap();
    producer.topic("t").unwrap();
    let old = producer.epoch_sink().unwrap();
    let writer = Arc::new(InFlight::default());
    old.fence("j", Attempt(1)).unwrap();
    producer.send(&writer, &outgoing(&["a"]), 0).unwrap();
    old.commit(&marker(1, 1)).unwrap();
    producer.send(&writer, &outgoing(&["lost"]), 0).unwrap();

    // Another process: the same file by another name, so that nothing is shared with the first.
    let path = format!("embedded:{}/sub/../sub/flitz.db", folder.path().display());
    let other = open(&path).unwrap().producer(&spec(Some("p"))).unwrap();
    other.topic("t").unwrap();
    let new = other.epoch_sink().unwrap();
    assert_eq!(new.fence("j", Attempt(2)).unwrap(), Some(marker(1, 1)));
    assert_eq!(old.commit(&marker(1, 2)).unwrap_err().kind, ErrorKind::Fenced);
    other.send(&writer, &outgoing(&["b"]), 0).unwrap();
    new.commit(&marker(2, 2)).unwrap();
    assert_eq!(read(&*broker, 0), ["a", "b"]);
}

#[test]
fn retention_takes_old_records_and_a_reader_behind_it_is_told() {
    let (_folder, broker) = file();
    let mut topic = NewTopic::new("t", 1);
    topic.config.push(("retention.ms".to_owned(), "86400000".to_owned()));
    broker.create_topic(&topic).unwrap();
    let producer = broker.producer(&spec(None)).unwrap();
    producer.topic("t").unwrap();
    let writer = Arc::new(InFlight::default());
    // Written at 1970: past retention as soon as they are there.
    producer.send(&writer, &outgoing(&["a", "b"]), 0).unwrap();
    producer.flush(&writer, Duration::from_secs(10)).unwrap();
    let partition = TopicPartition { topic: "t".into(), partition: 0 };
    let earliest = broker.offsets(std::slice::from_ref(&partition), &OffsetQuery::Earliest).unwrap();
    assert_eq!(earliest, [Some(2)]);
    let mut consumer = broker.consumer(Wanted::default(), Wake::none()).unwrap();
    let error = consumer.assign(vec![Assignment { partition, start: 1, end: None }]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "partition 0 of topic 't' has no offset 1 any more; the partition is empty and goes on at 2 (topic t, \
         partition 0, offset 1); retention removed records that were not read yet, or the topic was made anew; --fresh \
         starts over"
    );
}

#[test]
fn a_new_file_may_be_made_by_many_at_once() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("topics.db");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                // As another process would: not the instance that this process shares.
                scope.spawn(|| super::file::EmbeddedFile::open_apart("embedded:topics.db", &path).unwrap());
            }
        });
    }
}
