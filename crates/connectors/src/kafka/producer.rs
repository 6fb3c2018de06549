//! Producers of a process, and the transaction that decides an exactly-once epoch.
//!
//! **One producer per cluster and prefix.** Workers share it, whatever their number: its `transactional.id` is
//! `PREFIX-flitz`, so a new attempt fences all of an old one with one call, and no transaction is ever left to
//! be resumed.
//!
//! **The marker.** With the rows of an epoch the transaction commits an offset of group `PREFIX-flitz` for
//! partition 0 of every sink topic. Its metadata string says job, run, attempt and epoch; its number counts
//! commits, so the newest is found even if topics were added or taken away. Nobody reads at these offsets.
//!
//! ```text
//!  fence    new producer, init_transactions   the older attempt can't commit any more
//!           read the marker, stable only      what the cluster holds, for certain
//!  begin    begin_transaction
//!  flush    everything delivered, or an error
//!  commit   send_offsets(marker), commit_transaction; asked again until the outcome is known
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use flitz_dataflow::connector::{EpochSink, Marker};
use flitz_dataflow::options::Options;
use flitz_dataflow::{Attempt, Epoch, Error, Result, failpoint};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode as Code;

use super::broker::{
    Broker, DeliveryGuarantee, InFlight, Outgoing, OutgoingRecord, Producer, ProducerSpec, TopicHandle,
};
use super::cluster::Cluster;
use super::failure;
use super::native::{ClientEvents, Message, NativeProducer, Produced, TransactionError};
use super::properties::{Role, of_producers, transaction_timeout, translate};

pub struct ClusterProducer {
    cluster: Arc<Cluster>,
    guarantee: DeliveryGuarantee,
    prefix: Option<String>,
    properties: Options,
    topics: RwLock<Vec<(Arc<str>, i32)>>,
    /// Replaced by every `fence`; without transactions made with `self`.
    native: RwLock<Option<Arc<NativeProducer>>>,
    transaction: Mutex<Transaction>,
    this: Weak<ClusterProducer>,
}

#[derive(Debug, Default)]
struct Transaction {
    /// Whose transactions these are, from `fence` to `abort`.
    job: Option<String>,
    open: Option<(Epoch, Instant)>,
    committed: Option<Epoch>,
    /// Offset number of the last marker.
    sequence: i64,
}

impl ClusterProducer {
    /// The producer of this cluster, prefix and (without prefix) properties.
    pub fn shared(cluster: Arc<Cluster>, spec: &ProducerSpec) -> Result<Arc<ClusterProducer>> {
        type Registry = Mutex<HashMap<(String, String), Weak<ClusterProducer>>>;
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        let properties = of_producers(&spec.properties);
        let identity = match &spec.transactional_prefix {
            Some(prefix) => format!("prefix {prefix}"),
            None => format!("{:?} {properties:?}", spec.guarantee),
        };
        let key = (cluster.bootstrap().to_owned(), identity);
        let mut registry = REGISTRY.get_or_init(Registry::default).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(producer) = registry.get(&key).and_then(Weak::upgrade)
            && producer.usable()
        {
            if producer.properties != properties {
                return Err(conflict(&producer.properties, &properties));
            }
            producer.expect_topics(&spec.topics);
            return Ok(producer);
        }
        let producer = ClusterProducer::new(cluster, spec)?;
        producer.expect_topics(&spec.topics);
        registry.retain(|_, producer| producer.strong_count() > 0);
        registry.insert(key, Arc::downgrade(&producer));
        Ok(producer)
    }

    /// One that `shared` does not give to others, as if it were in another process.
    #[cfg(test)]
    pub fn alone(cluster: Arc<Cluster>, spec: &ProducerSpec) -> Result<Arc<ClusterProducer>> {
        let producer = ClusterProducer::new(cluster, spec)?;
        producer.expect_topics(&spec.topics);
        Ok(producer)
    }

    fn new(cluster: Arc<Cluster>, spec: &ProducerSpec) -> Result<Arc<ClusterProducer>> {
        // Files and values are checked now, even if the client is made by `fence`.
        translate(cluster.bootstrap(), &spec.properties, Role::Producer(spec.guarantee))?;
        let producer = Arc::new_cyclic(|this| ClusterProducer {
            cluster,
            guarantee: spec.guarantee,
            prefix: spec.transactional_prefix.clone(),
            properties: of_producers(&spec.properties),
            topics: RwLock::default(),
            native: RwLock::default(),
            transaction: Mutex::default(),
            this: this.clone(),
        });
        Ok(producer)
    }

    /// A producer that has failed is replaced, not repaired; one with a prefix is replaced by `fence`.
    fn usable(&self) -> bool {
        self.prefix.is_some() || self.native().is_none_or(|native| native.check().is_ok())
    }

    /// Topics that will be written; they are looked for when the first writer or `fence` needs them.
    fn expect_topics(&self, names: &[String]) {
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            if !topics.iter().any(|(known, _)| **known == **name) {
                topics.push((name.as_str().into(), UNKNOWN));
            }
        }
    }

    fn native(&self) -> Option<Arc<NativeProducer>> {
        self.native.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn make_native(&self) -> Result<Arc<NativeProducer>> {
        let mut config = translate(self.cluster.bootstrap(), &self.properties, Role::Producer(self.guarantee))?;
        if let Some(prefix) = &self.prefix {
            config.set("transactional.id", transactional_id(prefix));
        }
        let native = NativeProducer::new(&config, ClientEvents::new(self.cluster.bootstrap()))?;
        for (index, (name, partitions)) in self.topics.read().unwrap_or_else(PoisonError::into_inner).iter().enumerate()
        {
            if *partitions != UNKNOWN {
                native.add_topic(index as u32, name)?;
            }
        }
        native.learn_leaders();
        Ok(Arc::new(native))
    }

    /// The client without transactions, made when first needed.
    fn plain_native(&self) -> Result<Arc<NativeProducer>> {
        let mut slot = self.native.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(native) = &*slot {
            return Ok(native.clone());
        }
        Ok(slot.insert(self.make_native()?).clone())
    }

    fn state(&self) -> MutexGuard<'_, Transaction> {
        self.transaction.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn prefix(&self) -> Result<&str> {
        self.prefix.as_deref().ok_or_else(|| Error::internal("a producer without prefix has no transactions"))
    }

    fn fenced_native(&self) -> Result<Arc<NativeProducer>> {
        self.native().ok_or_else(|| Error::internal("a transaction was begun before the sink was fenced"))
    }

    /// Makes every topic known, and is done only when all exist.
    fn find_topics(&self) -> Result<Vec<Arc<str>>> {
        let names: Vec<Arc<str>> = {
            let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
            topics.iter().map(|(name, _)| name.clone()).collect()
        };
        for name in &names {
            self.topic(name)?;
        }
        Ok(names)
    }

    /// The newest marker and its number.
    fn read_marker(&self, prefix: &str, topics: &[Arc<str>]) -> Result<Option<(i64, Marker)>> {
        let group = transactional_id(prefix);
        let commits = self.cluster.stable_commits(&group, topics)?;
        let Some((sequence, text)) = commits.into_iter().max_by_key(|(offset, _)| *offset) else { return Ok(None) };
        let marker = serde_json::from_str(&text).map_err(|_| {
            Error::invalid(format!("group '{group}' holds offsets that are not a Flitz marker: {text:?}"))
                .option("sink.transactional-id-prefix")
                .hint("choose another prefix")
        })?;
        Ok(Some((sequence, marker)))
    }

    /// The meaning of a transactional error; `open_since` tells a transaction that took too long from a newer attempt.
    fn explain(&self, native: &NativeProducer, error: &TransactionError, open_since: Option<Instant>) -> Error {
        if let Err(error) = native.check() {
            return error;
        }
        let prefix = self.prefix.as_deref().unwrap_or("");
        let timeout = transaction_timeout(&self.properties).unwrap_or(Duration::MAX);
        failure::transaction(self.cluster.bootstrap(), prefix, error, open_since.map(|t| t.elapsed()), timeout)
    }

    /// Makes a call again while its outcome is unknown. `limit`: None for ever.
    fn insist(
        &self,
        native: &NativeProducer,
        limit: Option<Duration>,
        what: &str,
        call: impl Fn(Duration) -> Result<(), TransactionError>,
    ) -> Result<(), TransactionError> {
        let begun = Instant::now();
        let mut said = begun;
        loop {
            let error = match call(Duration::from_secs(1)) {
                Ok(()) => return Ok(()),
                Err(e) => e,
            };
            let over = limit.is_some_and(|limit| begun.elapsed() > limit);
            if !error.retriable || error.fatal || error.requires_abort || over || native.check().is_err() {
                return Err(error);
            }
            if said.elapsed() > Duration::from_secs(10) {
                said = Instant::now();
                tracing::warn!("Kafka at {}: still waiting for {what}: {}", self.cluster.bootstrap(), error.message);
            }
            if error.code != Code::OperationTimedOut {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

/// Number of partitions of a topic that has not been looked for.
const UNKNOWN: i32 = -1;

fn transactional_id(prefix: &str) -> String {
    format!("{prefix}-flitz")
}

fn conflict(one: &Options, other: &Options) -> Error {
    let keys = one.iter().chain(other.iter()).map(|(key, _)| key);
    let key = keys.into_iter().find(|key| one.get(key) != other.get(key)).unwrap_or_default().to_owned();
    Error::invalid(format!("two sinks share a transactional id prefix and differ in 'properties.{key}'"))
        .option("sink.transactional-id-prefix")
        .hint("they write in one transaction: give both the same properties, or different prefixes")
}

impl Producer for ClusterProducer {
    fn topic(&self, name: &str) -> Result<TopicHandle> {
        let known = {
            let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
            topics.iter().position(|(n, _)| **n == *name).map(|i| (i, topics[i].1))
        };
        if let Some((index, partitions)) = known
            && partitions != UNKNOWN
        {
            return Ok(TopicHandle { index: index as u32, partitions });
        }
        let partitions = self.cluster.topic_to_write(name)?;
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        let index = match topics.iter().position(|(n, _)| **n == *name) {
            Some(index) => index,
            None => {
                topics.push((name.into(), UNKNOWN));
                topics.len() - 1
            }
        };
        topics[index].1 = partitions;
        drop(topics);
        match self.native() {
            Some(native) => {
                native.add_topic(index as u32, name)?;
                native.learn_leaders();
            }
            // One with transactions is made by `fence`.
            None if self.prefix.is_some() => {}
            None => drop(self.plain_native()?),
        }
        Ok(TopicHandle { index: index as u32, partitions })
    }

    fn send(&self, writer: &Arc<InFlight>, records: &Outgoing, from: usize) -> Result<usize> {
        let native = match self.native() {
            Some(native) => native,
            None if self.prefix.is_some() => {
                return Err(Error::internal("rows were written before the sink was fenced"));
            }
            None => self.plain_native()?,
        };
        native.check()?;
        native.keep(writer);
        let mut session = native.session(writer);
        let message = |i: usize| Message {
            partition: records.records[i].partition,
            key: if records.keys.is_empty() { None } else { records.keys.get(i) },
            value: records.values.get(i),
        };
        let headers = |i: usize| records.headers.get(i).filter(|headers| !headers.is_empty());
        let mut next = from;
        while next < records.len() {
            let OutgoingRecord { topic, timestamp, .. } = records.records[next];
            if timestamp.is_some() || headers(next).is_some() {
                match session.produce(topic, message(next), timestamp, headers(next))? {
                    Produced::Queued => next += 1,
                    Produced::Full => break,
                }
                continue;
            }
            let alike = |i: &usize| {
                let record = &records.records[*i];
                record.topic == topic && record.timestamp.is_none() && headers(*i).is_none()
            };
            match session.produce_batch(topic, (next..records.len()).take_while(alike).map(message))? {
                0 => break,
                taken => next += taken,
            }
        }
        Ok(next - from)
    }

    fn flush(&self, writer: &Arc<InFlight>, timeout: Duration) -> Result<()> {
        let Some(native) = self.native() else { return Ok(()) };
        let begun = Instant::now();
        loop {
            native.check()?;
            if writer.0.load(std::sync::atomic::Ordering::Acquire) == 0 {
                return Ok(());
            }
            if begun.elapsed() > timeout {
                let complaint = native.complaint();
                return Err(failure::unreachable(self.cluster.bootstrap(), timeout, complaint.as_deref()));
            }
            // Others may go on sending meanwhile, so the whole producer need never be empty.
            native.push_out();
        }
    }

    fn epoch_sink(&self) -> Option<Arc<dyn EpochSink>> {
        self.prefix.as_ref()?;
        self.this.upgrade().map(|this| this as Arc<dyn EpochSink>)
    }
}

impl EpochSink for ClusterProducer {
    fn id(&self) -> String {
        format!("kafka {} {}", self.cluster.address(), self.prefix.as_deref().unwrap_or(""))
    }

    fn fence(&self, job: &str, _attempt: Attempt) -> Result<Option<Marker>> {
        let prefix = self.prefix()?;
        let mut state = self.state();
        if let Some(other) = state.job.as_deref().filter(|other| *other != job) {
            return Err(Error::invalid(format!("transactional id prefix '{prefix}' is in use by job '{other}'"))
                .option("sink.transactional-id-prefix")
                .hint("give each job its own prefix"));
        }
        // An older producer of this process is fenced by the new one like any other.
        *self.native.write().unwrap_or_else(PoisonError::into_inner) = None;
        let topics = self.find_topics()?;
        let native = self.make_native()?;
        let limit = Duration::from_secs(60);
        self.insist(&native, Some(limit), "the transaction coordinator", |slice| native.init_transactions(slice))
            .map_err(|e| match e.code {
                Code::OperationTimedOut if native.check().is_ok() => {
                    failure::no_coordinator(self.cluster.bootstrap(), limit, native.complaint().as_deref())
                }
                _ => self.explain(&native, &e, None),
            })?;
        let found = self.read_marker(prefix, &topics)?;
        *state = Transaction { job: Some(job.to_owned()), ..Transaction::default() };
        state.sequence = found.as_ref().map_or(0, |(sequence, _)| *sequence);
        *self.native.write().unwrap_or_else(PoisonError::into_inner) = Some(native);
        Ok(found.map(|(_, marker)| marker))
    }

    fn begin(&self, epoch: Epoch) -> Result<()> {
        let native = self.fenced_native()?;
        let mut state = self.state();
        if let Some((open, _)) = state.open {
            return Err(Error::internal(format!("epoch {epoch} was begun while {open} is open")));
        }
        native.begin_transaction().map_err(|e| self.explain(&native, &e, None))?;
        state.open = Some((epoch, Instant::now()));
        Ok(())
    }

    fn flush(&self, _epoch: Epoch) -> Result<()> {
        let native = self.fenced_native()?;
        // Ends by itself: records that can't be delivered within the transaction's time are refused.
        while !native.push_out() {
            native.check()?;
        }
        native.check()
    }

    fn commit(&self, marker: &Marker) -> Result<()> {
        let prefix = self.prefix()?;
        let mut state = self.state();
        if state.open.is_none() && state.committed == Some(marker.epoch) {
            return Ok(());
        }
        let since = match state.open {
            // Epochs without rows have left the transaction open.
            Some((epoch, since)) if epoch <= marker.epoch => since,
            other => {
                return Err(Error::internal(format!("epoch {} was to be committed, open is {other:?}", marker.epoch)));
            }
        };
        let native = self.fenced_native()?;
        let group = transactional_id(prefix);
        let metadata = serde_json::to_string(marker).map_err(|e| Error::internal(e.to_string()))?;
        let offsets = self.marker_offsets(state.sequence + 1, &metadata)?;
        let explain = |e: TransactionError| self.explain(&native, &e, Some(since));
        // In one piece: librdkafka asks a coordinator that is not ready yet again for as long as the call may take, and
        // fails the transaction then. It takes no longer than the transaction may.
        self.insist(&native, None, "the group coordinator", |_| native.send_offsets(&offsets, &group, Duration::MAX))
            .map_err(explain)?;
        failpoint::hit("offsets-sent");
        std::thread::scope(|scope| {
            die_while_committing(scope);
            self.insist(&native, None, "the commit", |slice| native.commit_transaction(slice))
        })
        .map_err(explain)?;
        failpoint::hit("commit-confirmed");
        state.sequence += 1;
        state.open = None;
        state.committed = Some(marker.epoch);
        Ok(())
    }

    fn transaction_timeout(&self) -> Option<Duration> {
        transaction_timeout(&self.properties).ok()
    }

    fn abort(&self) -> Result<()> {
        let mut state = self.state();
        state.job = None;
        if state.open.take().is_none() {
            return Ok(());
        }
        let Some(native) = self.native.write().unwrap_or_else(PoisonError::into_inner).take() else { return Ok(()) };
        native.purge();
        let limit = Duration::from_secs(10);
        match self.insist(&native, Some(limit), "the abort", |slice| native.abort_transaction(slice)) {
            Ok(()) => Ok(()),
            // A producer that can't speak any more leaves the transaction to the next fence or to its time-out.
            Err(e) if e.fatal || native.check().is_err() => Ok(()),
            Err(e) => Err(self.explain(&native, &e, None)),
        }
    }
}

impl ClusterProducer {
    fn marker_offsets(&self, sequence: i64, metadata: &str) -> Result<TopicPartitionList> {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        let mut offsets = TopicPartitionList::with_capacity(topics.len());
        for (topic, _) in topics.iter().filter(|(_, partitions)| *partitions != UNKNOWN) {
            let mut element = offsets.add_partition(topic, 0);
            element.set_offset(Offset::Offset(sequence)).map_err(|e| Error::internal(e.to_string()))?;
            element.set_metadata(metadata);
        }
        Ok(offsets)
    }
}

/// The failpoint `commit-sent` lies within librdkafka's call: a test dies some milliseconds after it began.
fn die_while_committing<'s>(scope: &'s std::thread::Scope<'s, '_>) {
    if std::env::var("FLITZ_FAILPOINT").is_ok_and(|name| name.starts_with("commit-sent")) {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(2));
            failpoint::hit("commit-sent");
        });
    }
}
