//! The least that any program over librdkafka must do: a plain `poll` loop, and a loop that also produces.

use std::time::Duration;

use anyhow::Result;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

use crate::cluster;

/// Reads every record of `topic` once.
pub fn poll(bootstrap: &str, topic: &str) -> Result<()> {
    let mut bytes = 0usize;
    let records = each(bootstrap, topic, |payload| {
        bytes += payload.len();
        Ok(())
    })?;
    eprintln!("{records} records, {bytes} bytes");
    Ok(())
}

/// Reads every record of `topic` once and sends it to `to`, idempotently but without transactions.
pub fn copy(bootstrap: &str, topic: &str, to: &str) -> Result<()> {
    let producer: ThreadedProducer<DefaultProducerContext> = cluster::config(bootstrap)
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("linger.ms", "20")
        .set("batch.size", "1000000")
        .set("queue.buffering.max.messages", "500000")
        .create()?;
    let records = each(bootstrap, topic, |payload| {
        let mut record = BaseRecord::<(), [u8]>::to(to).payload(payload);
        loop {
            match producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err((e, _)) => return Err(e.into()),
            }
        }
    })?;
    producer.flush(Duration::from_secs(120))?;
    eprintln!("{records} records copied");
    Ok(())
}

fn each(bootstrap: &str, topic: &str, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<u64> {
    let consumer: BaseConsumer = cluster::config(bootstrap)
        .set("group.id", "xtask-baseline")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .create()?;
    let mut list = TopicPartitionList::new();
    let partitions = cluster::partitions(&consumer, topic)?;
    for partition in &partitions {
        list.add_partition_offset(topic, *partition, Offset::Beginning)?;
    }
    consumer.assign(&list)?;
    let (mut records, mut open) = (0, partitions.len());
    while open > 0 {
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                records += 1;
                each(message.payload().unwrap_or_default())?;
            }
            Some(Err(KafkaError::PartitionEOF(_))) => open -= 1,
            Some(Err(e)) => return Err(e.into()),
            None => {}
        }
    }
    Ok(records)
}
