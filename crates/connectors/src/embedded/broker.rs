use std::path::Path;
use std::sync::Arc;

use flitz_dataflow::connector::Wake;
use flitz_dataflow::{Error, Result};
use rusqlite::{OptionalExtension, params};

use super::PREFIX;
use super::consumer::EmbeddedConsumer;
use super::file::{EmbeddedFile, bounds, find_topic};
use super::producer;
use crate::kafka::broker::{
    Broker, Consumer, NewTopic, OffsetQuery, Producer, ProducerSpec, TopicPartition, TopicSelection, Wanted,
};

/// The broker behind an address that begins with `embedded:`.
pub fn open(address: &str) -> Result<Arc<dyn Broker>> {
    let path = address.strip_prefix(PREFIX).filter(|path| !path.is_empty()).ok_or_else(|| {
        Error::invalid(format!("'{address}' names no file"))
            .option("properties.bootstrap.servers")
            .hint("write 'embedded:./data/flitz.db'")
    })?;
    Ok(Arc::new(EmbeddedBroker { file: EmbeddedFile::open(address, Path::new(path))? }))
}

struct EmbeddedBroker {
    file: Arc<EmbeddedFile>,
}

impl EmbeddedBroker {
    fn missing(&self, topic: &str) -> Error {
        Error::invalid(format!("there is no topic '{topic}' in {}", self.file.address)).option("topic")
    }
}

impl Broker for EmbeddedBroker {
    fn address(&self) -> &str {
        &self.file.address
    }

    fn partitions(&self, topics: &TopicSelection) -> Result<Vec<TopicPartition>> {
        let connection = self.file.reader()?;
        let query = || -> rusqlite::Result<Vec<(String, i32)>> {
            let mut statement = connection.prepare("SELECT name, partitions FROM topic ORDER BY name")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let found = query().map_err(|e| self.file.error(&e))?;
        if let TopicSelection::Names(names) = topics
            && let Some(missing) = names.iter().find(|name| !found.iter().any(|(topic, _)| topic == *name))
        {
            return Err(self.missing(missing));
        }
        let chosen = found.into_iter().filter(|(topic, _)| topics.contains(topic));
        Ok(chosen
            .flat_map(|(topic, partitions)| {
                let topic: Arc<str> = topic.into();
                (0..partitions).map(move |partition| TopicPartition { topic: topic.clone(), partition })
            })
            .collect())
    }

    fn offsets(&self, partitions: &[TopicPartition], at: &OffsetQuery) -> Result<Vec<Option<i64>>> {
        let connection = self.file.reader()?;
        let one = |p: &TopicPartition| -> rusqlite::Result<Option<Option<i64>>> {
            let Some(topic) = find_topic(&connection, &p.topic)? else { return Ok(None) };
            let (first, end) = bounds(&connection, topic.id, p.partition)?;
            Ok(Some(match at {
                OffsetQuery::Earliest => Some(first),
                OffsetQuery::Latest => Some(end),
                OffsetQuery::Timestamp(millis) => connection
                    .prepare_cached(
                        "SELECT min(\"offset\") FROM record WHERE topic = ?1 AND partition = ?2 AND time >= ?3",
                    )?
                    .query_row(params![topic.id, p.partition, millis], |row| row.get(0))?,
                OffsetQuery::Committed(group) => connection
                    .prepare_cached(
                        "SELECT next_offset FROM consumer_offset
                         WHERE consumer_group = ?1 AND topic = ?2 AND partition = ?3",
                    )?
                    .query_row(params![group, topic.id, p.partition], |row| row.get(0))
                    .optional()?,
            }))
        };
        let find = |p: &TopicPartition| one(p).map_err(|e| self.file.error(&e))?.ok_or_else(|| self.missing(&p.topic));
        partitions.iter().map(find).collect()
    }

    fn create_topic(&self, topic: &NewTopic) -> Result<bool> {
        let retention = topic.config.iter().find(|(key, _)| key == "retention.ms");
        let retention: Option<i64> = retention.and_then(|(_, value)| value.parse().ok()).filter(|ms| *ms >= 0);
        self.file.transaction(|connection| {
            connection
                .execute(
                    "INSERT INTO topic (name, partitions, retention_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    params![topic.name, topic.partitions, retention],
                )
                .map(|rows| rows > 0)
                .map_err(|e| self.file.error(&e))
        })
    }

    fn commit_offsets(&self, group: &str, positions: &[(TopicPartition, i64)]) -> Result<()> {
        self.file.transaction(|connection| {
            for (p, offset) in positions {
                let topic = find_topic(connection, &p.topic).map_err(|e| self.file.error(&e))?;
                let topic = topic.ok_or_else(|| self.missing(&p.topic))?;
                connection
                    .prepare_cached("INSERT OR REPLACE INTO consumer_offset VALUES (?1, ?2, ?3, ?4)")
                    .and_then(|mut s| s.execute(params![group, topic.id, p.partition, offset]))
                    .map_err(|e| self.file.error(&e))?;
            }
            Ok(())
        })
    }

    fn consumer(&self, wanted: Wanted, wake: Wake) -> Result<Box<dyn Consumer>> {
        self.file.listen(wake);
        Ok(Box::new(EmbeddedConsumer::new(self.file.clone(), wanted)?))
    }

    fn producer(&self, spec: &ProducerSpec) -> Result<Arc<dyn Producer>> {
        producer::open(self.file.clone(), spec)
    }
}
