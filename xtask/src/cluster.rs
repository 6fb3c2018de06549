//! What xtask itself does with a Kafka cluster: make topics, fill them, read them to the end.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

pub fn config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    config
}

/// Makes a topic; one that is there already is left alone. Returns whether it was made.
pub fn create_topic(bootstrap: &str, name: &str, partitions: i32) -> Result<bool> {
    let admin: AdminClient<DefaultClientContext> = config(bootstrap).create()?;
    let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(30)));
    let results = block_on(admin.create_topics([&topic], &options))?;
    match results.into_iter().next().context("no answer to CreateTopics")? {
        Ok(_) => {
            await_topic(bootstrap, name)?;
            Ok(true)
        }
        Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => Ok(false),
        Err((_, code)) => bail!("cannot create topic {name}: {code}"),
    }
}

/// A new topic is not known to every part of the broker at once.
fn await_topic(bootstrap: &str, name: &str) -> Result<()> {
    let consumer: BaseConsumer = config(bootstrap).create()?;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let metadata = consumer.fetch_metadata(Some(name), Duration::from_secs(10))?;
        if metadata.topics().iter().any(|t| t.error().is_none() && t.partitions().iter().all(|p| p.leader() >= 0)) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("topic {name} has no leaders after 30 s");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    use std::task::{Context, Poll, Wake, Waker};
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(std::sync::Arc::new(Unpark(std::thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park_timeout(Duration::from_millis(20)),
        }
    }
}

/// Sends `count` values made by `value`, spread over `partitions`.
pub fn fill(
    bootstrap: &str,
    topic: &str,
    partitions: i32,
    count: u64,
    mut value: impl FnMut(u64, &mut Vec<u8>),
) -> Result<()> {
    let producer: ThreadedProducer<rdkafka::producer::DefaultProducerContext> = config(bootstrap)
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("linger.ms", "20")
        .set("batch.size", "1000000")
        .set("queue.buffering.max.messages", "500000")
        .set("queue.buffering.max.kbytes", "262144")
        .create()?;
    let mut bytes = Vec::new();
    for i in 0..count {
        bytes.clear();
        value(i, &mut bytes);
        let partition = (i % partitions as u64) as i32;
        let mut record = BaseRecord::<(), [u8]>::to(topic).payload(&bytes).partition(partition);
        loop {
            match producer.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err((e, _)) => return Err(e.into()),
            }
        }
    }
    producer.flush(Duration::from_secs(120))?;
    Ok(())
}

/// Number of records between the first and the last offset, over all partitions (markers included).
pub fn record_count(bootstrap: &str, topic: &str) -> Result<i64> {
    let consumer: BaseConsumer = config(bootstrap).create()?;
    let mut sum = 0;
    for partition in partitions(&consumer, topic)? {
        let (low, high) = consumer.fetch_watermarks(topic, partition, Duration::from_secs(20))?;
        sum += high - low;
    }
    Ok(sum)
}

pub fn partitions(consumer: &BaseConsumer, topic: &str) -> Result<Vec<i32>> {
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(20))?;
    let topic = metadata.topics().first().context("no metadata")?;
    Ok(topic.partitions().iter().map(|p| p.id()).collect())
}

/// Calls `each` with every committed value of a topic, to its present end.
pub fn read_committed(bootstrap: &str, topic: &str, mut each: impl FnMut(&[u8])) -> Result<u64> {
    let consumer: BaseConsumer = config(bootstrap)
        .set("group.id", "xtask-reader")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("isolation.level", "read_committed")
        .create()?;
    let mut list = TopicPartitionList::new();
    let mut open = 0;
    for partition in partitions(&consumer, topic)? {
        list.add_partition_offset(topic, partition, Offset::Beginning)?;
        open += 1;
    }
    consumer.assign(&list)?;
    let mut count = 0;
    let mut last = Instant::now();
    while open > 0 {
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                last = Instant::now();
                count += 1;
                each(message.payload().unwrap_or_default());
            }
            Some(Err(KafkaError::PartitionEOF(_))) => open -= 1,
            Some(Err(e)) => return Err(e.into()),
            None if last.elapsed() > Duration::from_secs(60) => {
                bail!("{topic} has not come to its end in 60 s: a transaction was left open")
            }
            None => {}
        }
    }
    Ok(count)
}
