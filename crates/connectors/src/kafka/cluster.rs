//! A Kafka cluster behind the [`Broker`] interface: questions about topics and offsets, and who makes the clients.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use flitz_dataflow::connector::Wake;
use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic as NativeTopic, TopicReplication};
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::metadata::Metadata;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::{RDKafkaErrorCode as Code, RDKafkaRespErr};

use super::broker::{
    Broker, Consumer, NewTopic, OffsetQuery, Producer, ProducerSpec, TopicPartition, TopicSelection, Wanted,
};
use super::failure;
use super::native::{ClientEvents, NativeConsumer};
use super::producer::ClusterProducer;
use super::properties::{self, Role, api_timeout, translate};

pub struct Cluster {
    bootstrap: String,
    properties: Options,
    events: Arc<ClientEvents>,
    control: OnceLock<ControlClient>,
    /// Clients that ask for and commit the offsets of a group, kept because connecting takes longer than asking.
    groups: Mutex<HashMap<String, Arc<ControlClient>>>,
    timeout: Duration,
}

type ControlClient = BaseConsumer<ControlContext>;

impl Cluster {
    /// Checks the properties; connects when first asked something.
    pub fn new(bootstrap: &str, properties: &Options) -> Result<Arc<Cluster>> {
        properties::check(properties)?;
        Ok(Arc::new(Cluster {
            bootstrap: bootstrap.to_owned(),
            properties: properties.clone(),
            events: ClientEvents::new(bootstrap),
            control: OnceLock::new(),
            groups: Mutex::default(),
            timeout: api_timeout(properties),
        }))
    }

    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    fn client(&self, extra: &[(&str, &str)]) -> Result<ControlClient> {
        let mut config = translate(&self.bootstrap, &self.properties, Role::Control)?;
        for (key, value) in extra {
            config.set(*key, *value);
        }
        config.set_log_level(RDKafkaLogLevel::Critical);
        let context = ControlContext { events: self.events.clone(), committing: AtomicBool::new(false) };
        config.create_with_context(context).map_err(|e| match e {
            KafkaError::ClientCreation(reason) => failure::bad_client(&self.bootstrap, &reason),
            other => failure::bad_configuration(&other),
        })
    }

    fn control(&self) -> Result<&ControlClient> {
        if self.control.get().is_none() {
            let client = self.client(&[])?;
            let _ = self.control.set(client);
        }
        self.control.get().ok_or_else(|| Error::internal("the control client was not kept"))
    }

    fn group(&self, group: &str) -> Result<Arc<ControlClient>> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = groups.get(group) {
            return Ok(client.clone());
        }
        // Offsets that a transaction may yet change are waited for.
        let extra = [("group.id", group), ("enable.auto.commit", "false"), ("isolation.level", "read_committed")];
        let client = Arc::new(self.client(&extra)?);
        groups.insert(group.to_owned(), client.clone());
        Ok(client)
    }

    /// Asks in slices, because errors of the connection are only heard between calls: a wrong password is
    /// said at once and not when the time is up.
    fn ask<T>(&self, client: &ControlClient, call: impl Fn(Duration) -> KafkaResult<T>) -> Result<T> {
        let begun = Instant::now();
        let mut slice = Duration::from_millis(250);
        loop {
            let left = self.timeout.saturating_sub(begun.elapsed());
            let outcome = call(slice.min(left).max(Duration::from_millis(1)));
            let error = match outcome {
                Ok(answer) => return Ok(answer),
                Err(e) => e,
            };
            // Served here, the error callback may have something final to say.
            let _ = client.poll(Duration::ZERO);
            self.events.check()?;
            if !may_pass(&error) {
                return Err(self.refused(&error));
            }
            if begun.elapsed() >= self.timeout {
                return Err(failure::unreachable(&self.bootstrap, self.timeout, self.events.complaint().as_deref()));
            }
            if error.rdkafka_error_code() != Some(Code::OperationTimedOut) {
                std::thread::sleep(Duration::from_millis(50).min(left));
            }
            slice *= 2;
        }
    }

    fn refused(&self, error: &KafkaError) -> Error {
        match error.rdkafka_error_code() {
            Some(code) => failure::final_failure(&self.bootstrap, code, &error.to_string())
                .unwrap_or_else(|| Error::unavailable(format!("Kafka at {}: {code}", self.bootstrap))),
            None => Error::unavailable(format!("Kafka at {}: {error}", self.bootstrap)),
        }
    }

    /// Number of partitions; None: there is no such topic.
    fn partition_count(&self, client: &ControlClient, topic: &str) -> Result<Option<i32>> {
        let begun = Instant::now();
        loop {
            let metadata = self.ask(client, |slice| client.fetch_metadata(Some(topic), slice))?;
            match found(&metadata, topic) {
                Found::Partitions(n) => return Ok(Some(n)),
                Found::NotAllowed => {
                    return Err(
                        Error::invalid(format!("topic '{topic}' may not be used with this login")).option("topic")
                    );
                }
                Found::Invalid => {
                    return Err(Error::invalid(format!("'{topic}' can't be the name of a topic")).option("topic"));
                }
                // Just created: brokers hear of it one after another.
                Found::Electing if begun.elapsed() < self.timeout => {}
                Found::Missing if begun.elapsed() < Duration::from_millis(500) => {}
                Found::Electing => return Err(Error::unavailable(format!("topic '{topic}' has no leader"))),
                Found::Missing => return Ok(None),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn find_topic(&self, topic: &str) -> Result<Option<i32>> {
        self.partition_count(self.control()?, topic)
    }

    /// Number of partitions; like the Java producer, asks the broker to create a topic that is missing
    /// (`auto.create.topics.enable`).
    pub fn topic_to_write(&self, topic: &str) -> Result<i32> {
        if let Some(n) = self.find_topic(topic)? {
            return Ok(n);
        }
        let creating = self.client(&[("allow.auto.create.topics", "true")])?;
        for _ in 0..20 {
            if let Some(n) = self.partition_count(&creating, topic)? {
                return Ok(n);
            }
        }
        Err(failure::missing_topic(&self.bootstrap, topic))
    }

    /// What `group` has committed for partition 0 of each topic, with the metadata strings. Waits for
    /// transactions of unknown outcome.
    pub fn stable_commits(&self, group: &str, topics: &[Arc<str>]) -> Result<Vec<(i64, String)>> {
        let client = self.group(group)?;
        let mut list = TopicPartitionList::new();
        for topic in topics {
            list.add_partition(topic, 0);
        }
        let committed = self.ask(&client, |slice| client.committed_offsets(list.clone(), slice))?;
        let mut found = Vec::new();
        for element in committed.elements() {
            element.error().map_err(|e| self.refused(&e))?;
            if let Offset::Offset(offset) = element.offset() {
                found.push((offset, element.metadata().to_owned()));
            }
        }
        Ok(found)
    }
}

/// Errors of a connection that librdkafka itself will try again.
fn may_pass(error: &KafkaError) -> bool {
    use Code::*;
    matches!(
        error.rdkafka_error_code(),
        Some(
            OperationTimedOut
                | BrokerTransportFailure
                | AllBrokersDown
                | Resolve
                | WaitingForCoordinator
                | WaitCache
                | TimedOutQueue
                | RequestTimedOut
                | CoordinatorLoadInProgress
                | CoordinatorNotAvailable
                | NotCoordinator
                | LeaderNotAvailable
                | NotLeaderForPartition
                | UnstableOffsetCommit
                | NetworkException
                | InProgress
                | PreviousInProgress
        )
    )
}

enum Found {
    Partitions(i32),
    /// There, but a leader is missing.
    Electing,
    Missing,
    NotAllowed,
    Invalid,
}

fn found(metadata: &Metadata, topic: &str) -> Found {
    let Some(topic) = metadata.topics().iter().find(|t| t.name() == topic) else { return Found::Missing };
    match topic.error() {
        Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) => Found::Electing,
        Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) => Found::NotAllowed,
        Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION) => Found::Invalid,
        Some(_) => Found::Missing,
        None if topic.partitions().is_empty() => Found::Electing,
        None => Found::Partitions(topic.partitions().len() as i32),
    }
}

fn partitions_of(topic: &str, count: i32) -> impl Iterator<Item = TopicPartition> {
    let topic: Arc<str> = topic.into();
    (0..count).map(move |partition| TopicPartition { topic: topic.clone(), partition })
}

impl Broker for Cluster {
    fn address(&self) -> &str {
        &self.bootstrap
    }

    fn partitions(&self, topics: &TopicSelection) -> Result<Vec<TopicPartition>> {
        let control = self.control()?;
        let mut partitions = Vec::new();
        match topics {
            TopicSelection::Names(names) => {
                for name in names {
                    let count = self.partition_count(control, name)?;
                    let count = count.ok_or_else(|| failure::missing_topic(&self.bootstrap, name))?;
                    partitions.extend(partitions_of(name, count));
                }
            }
            TopicSelection::Pattern(regex) => {
                let metadata = self.ask(control, |slice| control.fetch_metadata(None, slice))?;
                for topic in metadata.topics() {
                    if !INTERNAL_TOPICS.contains(&topic.name()) && regex.is_match(topic.name()) {
                        partitions.extend(partitions_of(topic.name(), topic.partitions().len() as i32));
                    }
                }
            }
        }
        partitions.sort();
        partitions.dedup();
        Ok(partitions)
    }

    fn offsets(&self, partitions: &[TopicPartition], at: &OffsetQuery) -> Result<Vec<Option<i64>>> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        // Times of -2 and -1 ask for the ends, as in the protocol itself.
        let time = match at {
            OffsetQuery::Earliest => Offset::Beginning,
            OffsetQuery::Latest => Offset::End,
            OffsetQuery::Timestamp(millis) => Offset::Offset(*millis),
            OffsetQuery::Committed(_) => Offset::Invalid,
        };
        for TopicPartition { topic, partition } in partitions {
            list.add_partition_offset(topic, *partition, time).map_err(|e| Error::internal(e.to_string()))?;
        }
        let answer = match at {
            OffsetQuery::Committed(group) => {
                let client = self.group(group)?;
                self.ask(&client, |slice| client.committed_offsets(list.clone(), slice))?
            }
            _ => {
                let client = self.control()?;
                self.ask(client, |slice| client.offsets_for_times(list.clone(), slice))?
            }
        };
        let mut offsets = Vec::with_capacity(partitions.len());
        for TopicPartition { topic, partition } in partitions {
            let element = answer
                .find_partition(topic, *partition)
                .ok_or_else(|| Error::internal(format!("no offset for partition {partition} of '{topic}'")))?;
            element.error().map_err(|e| self.refused(&e))?;
            offsets.push(match element.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            });
        }
        Ok(offsets)
    }

    fn create_topic(&self, topic: &NewTopic) -> Result<bool> {
        // Finds out first whether the cluster can be talked to: the admin client knows time-outs only.
        if self.find_topic(&topic.name)?.is_some() {
            return Ok(false);
        }
        let config = translate(&self.bootstrap, &self.properties, Role::Control)?;
        let admin: AdminClient<AdminContext> = config
            .create_with_context(AdminContext(self.events.clone()))
            .map_err(|e| failure::bad_configuration(&e))?;
        let mut new = NativeTopic::new(
            &topic.name,
            topic.partitions,
            TopicReplication::Fixed(i32::from(topic.replication_factor)),
        );
        for (key, value) in &topic.config {
            new = new.set(key, value);
        }
        let options =
            AdminOptions::new().request_timeout(Some(self.timeout)).operation_timeout(Some(Duration::from_secs(5)));
        let results = futures::executor::block_on(admin.create_topics([&new], &options));
        let refused = |code: Code| match code {
            Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed => {
                Error::invalid(format!("this login may not create topic '{}'", topic.name))
            }
            code => Error::unavailable(format!("topic '{}' could not be created: {code}", topic.name)),
        };
        match results.map_err(|e| self.refused(&e))?.into_iter().next() {
            Some(Ok(_)) => {}
            Some(Err((_, Code::TopicAlreadyExists))) => return Ok(false),
            Some(Err((_, code))) => return Err(refused(code)),
            None => return Err(Error::internal("no answer for a topic that was to be created")),
        }
        let begun = Instant::now();
        while self.find_topic(&topic.name)?.is_none() {
            if begun.elapsed() > self.timeout {
                return Err(Error::unavailable(format!("topic '{}' was created and does not appear", topic.name)));
            }
        }
        Ok(true)
    }

    fn commit_offsets(&self, group: &str, positions: &[(TopicPartition, i64)]) -> Result<()> {
        if positions.is_empty() {
            return Ok(());
        }
        let client = self.group(group)?;
        let mut list = TopicPartitionList::with_capacity(positions.len());
        for (TopicPartition { topic, partition }, offset) in positions {
            list.add_partition_offset(topic, *partition, Offset::Offset(*offset))
                .map_err(|e| Error::internal(e.to_string()))?;
        }
        // librdkafka's call waits for ever for a coordinator that is away, so it gets a thread, and only one.
        if client.context().committing.swap(true, Ordering::AcqRel) {
            return Err(Error::unavailable(format!("an earlier commit for group '{group}' still waits for Kafka")));
        }
        let (done, outcome) = std::sync::mpsc::channel();
        let committer = client.clone();
        std::thread::spawn(move || {
            let result = committer.commit(&list, CommitMode::Sync);
            committer.context().committing.store(false, Ordering::Release);
            // Nobody may be waiting any more.
            let _ = done.send(result);
        });
        match outcome.recv_timeout(self.timeout) {
            Ok(result) => result.map_err(|e| self.refused(&e)),
            Err(_) => Err(failure::unreachable(&self.bootstrap, self.timeout, self.events.complaint().as_deref())),
        }
    }

    fn consumer(&self, wanted: Wanted, wake: Wake) -> Result<Box<dyn Consumer>> {
        let mut config = translate(&self.bootstrap, &self.properties, Role::Consumer)?;
        // Without one librdkafka has no consumer queue. The group is never joined and nothing is committed to it.
        config.set("group.id", self.properties.get("group.id").unwrap_or("flitz"));
        let events = ClientEvents::new(&self.bootstrap);
        Ok(Box::new(NativeConsumer::new(&config, events, wanted, wake)?))
    }

    fn producer(&self, spec: &ProducerSpec) -> Result<Arc<dyn Producer>> {
        let cluster = Cluster::new(&self.bootstrap, &spec.properties)?;
        Ok(ClusterProducer::shared(cluster, spec)?)
    }
}

/// Not listed for patterns, as in the Java admin client.
const INTERNAL_TOPICS: &[&str] = &["__consumer_offsets", "__transaction_state", "__share_group_state"];

struct ControlContext {
    events: Arc<ClientEvents>,
    /// A commit of group offsets is under way.
    committing: AtomicBool,
}

impl ClientContext for ControlContext {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(target: "flitz::kafka", "{facility}: {message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if let Some(code) = error.rdkafka_error_code() {
            self.events.error(code, reason);
        }
    }
}

impl ConsumerContext for ControlContext {}

struct AdminContext(Arc<ClientEvents>);

impl ClientContext for AdminContext {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(target: "flitz::kafka", "{facility}: {message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if let Some(code) = error.rdkafka_error_code() {
            self.0.error(code, reason);
        }
    }
}
