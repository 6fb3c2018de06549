//! The Java client's properties, translated to librdkafka's by one table.
//!
//! A user's file comes from Flink, so names, values and meanings here are the Java client's. Each property is
//! in [`PROPERTIES`] with what becomes of it; one that isn't, or a value that can't be kept, is an error. Nothing
//! is passed through unseen, and nothing is left out silently unless it can't change a result.

use std::time::Duration;

use flitz_dataflow::options::Options;
use flitz_dataflow::suggest::nearest;
use flitz_dataflow::{Error, Result};
use rdkafka::ClientConfig;

use super::broker::DeliveryGuarantee;
use super::{login, tls};

/// Who the configuration is for. Java's clients ignore what belongs to the other, and so do we.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Metadata, offsets, topics.
    Control,
    Consumer,
    Producer(DeliveryGuarantee),
}

/// Which client knows a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    All,
    Consumer,
    Producer,
}

#[derive(Clone, Copy, Debug)]
enum Becomes {
    /// The same name and values.
    Same,
    /// Another name, the same values.
    Named(&'static str),
    /// Handled by code of its own: login, TLS, group, start.
    Special,
    /// Can't change a result here: tuning of things that this client has not (or of group membership).
    NoEffect,
    /// Only this value (or the absence of the property) can be kept.
    Only(&'static [&'static str]),
    /// Known to the Java client, impossible here.
    Unsupported(&'static str),
}

use Becomes::*;

/// Java's name, whose it is, what becomes of it.
const PROPERTIES: &[(&str, Of, Becomes)] = &[
    ("bootstrap.servers", Of::All, Special),
    ("client.id", Of::All, Same),
    ("client.id.prefix", Of::All, NoEffect),
    ("client.rack", Of::Consumer, Same),
    ("client.dns.lookup", Of::All, Same),
    ("security.protocol", Of::All, Special),
    ("sasl.mechanism", Of::All, Special),
    ("sasl.jaas.config", Of::All, Special),
    ("sasl.client.callback.handler.class", Of::All, Unsupported("Java classes")),
    ("sasl.login.callback.handler.class", Of::All, Unsupported("Java classes")),
    ("sasl.login.class", Of::All, Unsupported("Java classes")),
    ("sasl.kerberos.service.name", Of::All, Unsupported("Kerberos")),
    ("sasl.oauthbearer.token.endpoint.url", Of::All, Unsupported("OAUTHBEARER with a token endpoint")),
    ("ssl.truststore.type", Of::All, Special),
    ("ssl.truststore.location", Of::All, Special),
    ("ssl.truststore.password", Of::All, Special),
    ("ssl.truststore.certificates", Of::All, Special),
    ("ssl.keystore.type", Of::All, Special),
    ("ssl.keystore.location", Of::All, Special),
    ("ssl.keystore.password", Of::All, Special),
    ("ssl.keystore.key", Of::All, Special),
    ("ssl.keystore.certificate.chain", Of::All, Special),
    ("ssl.key.password", Of::All, Special),
    ("ssl.endpoint.identification.algorithm", Of::All, Special),
    ("ssl.protocol", Of::All, Only(&["TLS", "TLSv1.2", "TLSv1.3"])),
    ("ssl.enabled.protocols", Of::All, Only(&["TLSv1.2,TLSv1.3", "TLSv1.3,TLSv1.2", "TLSv1.2", "TLSv1.3"])),
    ("ssl.cipher.suites", Of::All, Unsupported("a choice of cipher suites")),
    ("ssl.provider", Of::All, Unsupported("Java's TLS providers")),
    ("ssl.engine.factory.class", Of::All, Unsupported("Java classes")),
    ("request.timeout.ms", Of::All, Named("socket.timeout.ms")),
    ("default.api.timeout.ms", Of::All, Special),
    ("connections.max.idle.ms", Of::All, Same),
    ("metadata.max.age.ms", Of::All, Named("topic.metadata.refresh.interval.ms")),
    ("metadata.max.idle.ms", Of::Producer, NoEffect),
    ("metadata.recovery.strategy", Of::All, Same),
    ("metadata.recovery.rebootstrap.trigger.ms", Of::All, Same),
    ("reconnect.backoff.ms", Of::All, Same),
    ("reconnect.backoff.max.ms", Of::All, Same),
    ("retry.backoff.ms", Of::All, Same),
    ("retry.backoff.max.ms", Of::All, Same),
    ("send.buffer.bytes", Of::All, Special),
    ("receive.buffer.bytes", Of::All, Special),
    ("socket.connection.setup.timeout.ms", Of::All, Same),
    ("socket.connection.setup.timeout.max.ms", Of::All, NoEffect),
    ("interceptor.classes", Of::All, Unsupported("Java classes")),
    ("metric.reporters", Of::All, Unsupported("Java classes")),
    ("metrics.num.samples", Of::All, NoEffect),
    ("metrics.sample.window.ms", Of::All, NoEffect),
    ("metrics.recording.level", Of::All, NoEffect),
    ("auto.include.jmx.reporter", Of::All, NoEffect),
    ("enable.metrics.push", Of::All, Same),
    ("register.consumer.metrics", Of::All, NoEffect),
    ("register.producer.metrics", Of::All, NoEffect),
    // Reading
    ("group.id", Of::Consumer, Special),
    ("auto.offset.reset", Of::Consumer, Special),
    ("commit.offsets.on.checkpoint", Of::Consumer, Special),
    ("partition.discovery.interval.ms", Of::Consumer, NoEffect),
    ("isolation.level", Of::Consumer, Same),
    ("fetch.min.bytes", Of::Consumer, Same),
    ("fetch.max.bytes", Of::Consumer, Same),
    ("fetch.max.wait.ms", Of::Consumer, Named("fetch.wait.max.ms")),
    ("max.partition.fetch.bytes", Of::Consumer, Named("fetch.message.max.bytes")),
    ("check.crcs", Of::Consumer, Same),
    ("max.poll.records", Of::Consumer, NoEffect),
    ("max.poll.interval.ms", Of::Consumer, NoEffect),
    ("session.timeout.ms", Of::Consumer, NoEffect),
    ("heartbeat.interval.ms", Of::Consumer, NoEffect),
    ("group.instance.id", Of::Consumer, NoEffect),
    ("group.protocol", Of::Consumer, NoEffect),
    ("group.remote.assignor", Of::Consumer, NoEffect),
    ("partition.assignment.strategy", Of::Consumer, NoEffect),
    ("exclude.internal.topics", Of::Consumer, NoEffect),
    ("allow.auto.create.topics", Of::Consumer, NoEffect),
    ("auto.commit.interval.ms", Of::Consumer, NoEffect),
    ("enable.auto.commit", Of::Consumer, Only(&["false"])),
    // Flink overwrites these itself.
    ("key.deserializer", Of::Consumer, NoEffect),
    ("value.deserializer", Of::Consumer, NoEffect),
    ("key.serializer", Of::Producer, NoEffect),
    ("value.serializer", Of::Producer, NoEffect),
    // Writing
    ("acks", Of::Producer, Same),
    ("enable.idempotence", Of::Producer, Same),
    ("compression.type", Of::Producer, Same),
    ("compression.gzip.level", Of::Producer, Special),
    ("compression.lz4.level", Of::Producer, Special),
    ("compression.zstd.level", Of::Producer, Special),
    ("batch.size", Of::Producer, Special),
    ("linger.ms", Of::Producer, Same),
    ("buffer.memory", Of::Producer, Special),
    ("max.block.ms", Of::Producer, NoEffect),
    ("max.request.size", Of::Producer, Named("message.max.bytes")),
    ("max.in.flight.requests.per.connection", Of::Producer, Same),
    ("retries", Of::Producer, Same),
    ("delivery.timeout.ms", Of::Producer, Same),
    ("transaction.timeout.ms", Of::Producer, Special),
    ("transactional.id", Of::Producer, Unsupported("a transactional.id of one's own")),
    ("transaction.two.phase.commit.enable", Of::Producer, Only(&["false"])),
    ("partitioner.class", Of::Producer, Unsupported("Java classes")),
    ("partitioner.ignore.keys", Of::Producer, Only(&["false"])),
    ("partitioner.adaptive.partitioning.enable", Of::Producer, NoEffect),
    ("partitioner.availability.timeout.ms", Of::Producer, NoEffect),
];

/// librdkafka's own names, for those who know it: what to write instead.
const NATIVE_NAMES: &[(&str, &str)] = &[
    ("sasl.username", "sasl.jaas.config"),
    ("sasl.password", "sasl.jaas.config"),
    ("sasl.mechanisms", "sasl.mechanism"),
    ("ssl.ca.location", "ssl.truststore.location"),
    ("ssl.certificate.location", "ssl.keystore.location"),
    ("ssl.key.location", "ssl.keystore.location"),
    ("metadata.broker.list", "bootstrap.servers"),
    ("queue.buffering.max.ms", "linger.ms"),
    ("queue.buffering.max.kbytes", "buffer.memory"),
    ("compression.codec", "compression.type"),
    ("message.max.bytes", "max.request.size"),
    ("fetch.wait.max.ms", "fetch.max.wait.ms"),
    ("fetch.message.max.bytes", "max.partition.fetch.bytes"),
    ("socket.timeout.ms", "request.timeout.ms"),
];

/// Checks every property of a table (names without `properties.`) as far as that goes without a broker.
pub fn check(properties: &Options) -> Result<()> {
    for (key, value) in properties.iter() {
        let Some((_, _, becomes)) = PROPERTIES.iter().find(|(name, ..)| *name == key) else {
            return Err(unknown(key));
        };
        match becomes {
            Unsupported(what) => {
                let error = Error::unsupported(format!("{what} for Kafka")).option(option_of(key));
                return Err(match key {
                    "transactional.id" => error.hint("use 'sink.transactional-id-prefix'"),
                    "partitioner.class" => error.hint("use 'sink.partitioner'"),
                    _ => error,
                });
            }
            Only(values) if !values.contains(&value.trim()) => {
                let error = Error::unsupported(format!("'{key}' = '{value}' for Kafka")).option(option_of(key));
                return Err(error.hint(format!("leave it out, or use '{}'", values[0])));
            }
            _ => {}
        }
    }
    // Numbers and enumerations are librdkafka's to judge; making a configuration costs nothing and touches no file.
    for role in [Role::Control, Role::Consumer, Role::Producer(DeliveryGuarantee::AtLeastOnce)] {
        plain(properties, role)?;
    }
    start_reset(properties)?;
    login::check(properties)
}

/// The configuration of a client, ready to be made; reads certificate files.
pub fn translate(bootstrap: &str, properties: &Options, role: Role) -> Result<ClientConfig> {
    let mut config = plain(properties, role)?;
    config.set("bootstrap.servers", bootstrap);
    login::configure(properties, &mut config)?;
    tls::configure(properties, &mut config)?;
    Ok(config)
}

/// Everything but login and TLS.
fn plain(properties: &Options, role: Role) -> Result<ClientConfig> {
    let mut config = defaults(role);
    for (key, value) in properties.iter() {
        let Some((_, of, becomes)) = PROPERTIES.iter().find(|(name, ..)| *name == key) else {
            return Err(unknown(key));
        };
        let ours = match (of, role) {
            (Of::All, _) => true,
            // Offsets are looked up with the isolation level of the reader.
            (Of::Consumer, Role::Consumer) => true,
            (Of::Consumer, Role::Control) => key == "isolation.level",
            (Of::Producer, Role::Producer(_)) => true,
            _ => false,
        };
        if !ours {
            continue;
        }
        let value = value.trim();
        match becomes {
            Same => set(&mut config, key, key, value)?,
            Named(native) => set(&mut config, key, native, value)?,
            Special => special(&mut config, key, value)?,
            NoEffect | Only(_) | Unsupported(_) => {}
        }
    }
    if let Role::Producer(guarantee) = role {
        settle_producer(properties, guarantee, &mut config)?;
    }
    Ok(config)
}

fn special(config: &mut ClientConfig, key: &str, value: &str) -> Result<()> {
    let number = || {
        value
            .parse::<i64>()
            .map_err(|_| Error::invalid(format!("'{key}' must be an integer, found '{value}'")).option(option_of(key)))
    };
    match key {
        // -1 is the system's choice there, 0 here.
        "send.buffer.bytes" => set(config, key, "socket.send.buffer.bytes", &number()?.max(0).to_string()),
        "receive.buffer.bytes" => set(config, key, "socket.receive.buffer.bytes", &number()?.max(0).to_string()),
        "buffer.memory" => set(config, key, "queue.buffering.max.kbytes", &(number()? / 1024).max(1).to_string()),
        // 0 means no batching.
        "batch.size" => set(config, key, "batch.size", &number()?.max(1).to_string()),
        "transaction.timeout.ms" | "default.api.timeout.ms" => number().map(|_| ()),
        "compression.gzip.level" | "compression.lz4.level" | "compression.zstd.level" => {
            set(config, key, "compression.level", value)
        }
        // Login, TLS, group and start positions: others read them.
        _ => Ok(()),
    }
}

/// What the Java client would make of acks and idempotence together, and what the guarantee demands.
fn settle_producer(properties: &Options, guarantee: DeliveryGuarantee, config: &mut ClientConfig) -> Result<()> {
    let acks_all = properties.get("acks").is_none_or(|v| matches!(v.trim(), "all" | "-1"));
    let idempotence = properties.get("enable.idempotence").map(|v| v.trim().eq_ignore_ascii_case("true"));
    let conflict = |text: &str, key: &str| Err(Error::invalid(text.to_owned()).option(option_of(key)));
    match (idempotence, acks_all) {
        (Some(true), false) => conflict("'enable.idempotence' needs 'acks' = 'all'", "acks"),
        (Some(false), _) | (_, false) if guarantee == DeliveryGuarantee::ExactlyOnce => {
            let key = if acks_all { "enable.idempotence" } else { "acks" };
            conflict("exactly-once delivery needs 'acks' = 'all' and idempotence", key)
        }
        (Some(on), _) => set(config, "enable.idempotence", "enable.idempotence", &on.to_string()),
        (None, all) => set(config, "enable.idempotence", "enable.idempotence", &all.to_string()),
    }?;
    if guarantee == DeliveryGuarantee::ExactlyOnce {
        let millis = transaction_timeout(properties)?.as_millis();
        set(config, "transaction.timeout.ms", "transaction.timeout.ms", &millis.to_string())?;
        // A record may wait as long as its transaction.
        config.remove("delivery.timeout.ms");
        config.set("message.timeout.ms", millis.to_string());
    }
    Ok(())
}

/// The properties that a producer takes notice of: sinks that share one must agree on these.
pub fn of_producers(properties: &Options) -> Options {
    let is_consumers = |key: &str| PROPERTIES.iter().any(|(name, of, _)| *name == key && *of == Of::Consumer);
    properties.iter().filter(|(key, _)| !is_consumers(key)).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

/// Flink's default is an hour, which brokers refuse as they come; ours is the most that they take.
pub fn transaction_timeout(properties: &Options) -> Result<Duration> {
    let millis =
        properties.integer("transaction.timeout.ms").map_err(|e| e.option(option_of("transaction.timeout.ms")))?;
    Ok(Duration::from_millis(millis.unwrap_or(15 * 60 * 1000).max(1) as u64))
}

/// How long calls that need an answer wait for one.
pub fn api_timeout(properties: &Options) -> Duration {
    let millis = properties.integer("default.api.timeout.ms").ok().flatten();
    Duration::from_millis(millis.unwrap_or(10_000).max(1) as u64)
}

/// Where to start when the group has no committed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    Earliest,
    Latest,
    None,
}

/// `auto.offset.reset`; None if it is not set.
pub fn start_reset(properties: &Options) -> Result<Option<Reset>> {
    let key = "auto.offset.reset";
    match properties.get(key).map(str::trim) {
        None => Ok(None),
        Some("earliest") => Ok(Some(Reset::Earliest)),
        Some("latest") => Ok(Some(Reset::Latest)),
        Some("none") => Ok(Some(Reset::None)),
        Some(other) if other.starts_with("by_duration") => {
            Err(Error::unsupported(format!("'{key}' = '{other}'")).option(option_of(key)))
        }
        Some(other) => {
            let text = format!("'{key}' must be one of earliest, latest, none, found '{other}'");
            Err(Error::invalid(text).option(option_of(key)))
        }
    }
}

/// Ours where the user says nothing. Java's defaults hold where the two differ in what can be observed.
fn defaults(role: Role) -> ClientConfig {
    let mut config = ClientConfig::new();
    let common = [
        ("client.id", "flitz"),
        ("reconnect.backoff.ms", "50"),
        ("reconnect.backoff.max.ms", "1000"),
        ("topic.metadata.refresh.interval.ms", "300000"),
        // A topic that does not exist is said at once; librdkafka's 30 s cover slow propagation, which we wait for ourselves.
        ("topic.metadata.propagation.max.ms", "5000"),
        ("log.connection.close", "false"),
    ];
    let consumer = [
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
        ("enable.partition.eof", "true"),
        ("auto.offset.reset", "error"),
        ("isolation.level", "read_uncommitted"),
        // No pause when the queue was full, else the reader waits for the client; but a queue no deeper than it
        // takes to be never empty: what lies in it is memory, and has left the processor's cache when it is read.
        // All are per partition.
        ("fetch.message.max.bytes", "1048576"),
        ("queued.max.messages.kbytes", "2048"),
        ("queued.min.messages", "5000"),
        ("fetch.queue.backoff.ms", "2"),
        // A fetch that waits for one partition delays the others of the broker by this much.
        ("fetch.wait.max.ms", "100"),
        ("fetch.error.backoff.ms", "100"),
        // Tells whether brokers answer; see native/reach.rs.
        ("statistics.interval.ms", "1000"),
    ];
    let producer = [
        // Records without a key are for the partitioner, too; see native/partitioner.rs.
        ("sticky.partitioning.linger.ms", "0"),
        // Without `linger.ms`, which is for native/linger.rs.
        ("batch.size", "1000000"),
        ("queue.buffering.max.messages", "0"),
        // Half of Java's buffer.memory: counts keys and values only, and a short record takes twice its length besides.
        ("queue.buffering.max.kbytes", "16384"),
        ("message.max.bytes", "1048576"),
        ("delivery.timeout.ms", "300000"),
    ];
    let own: &[(&str, &str)] = match role {
        // Like a reader's, an offset query sees what its isolation level sees.
        Role::Control => &[("isolation.level", "read_uncommitted"), ("allow.auto.create.topics", "false")],
        Role::Consumer => &consumer,
        Role::Producer(_) => &producer,
    };
    for (key, value) in common.iter().chain(own) {
        config.set(*key, *value);
    }
    config
}

/// Sets and lets librdkafka judge the value.
fn set(config: &mut ClientConfig, java: &str, native: &str, value: &str) -> Result<()> {
    let mut alone = ClientConfig::new();
    alone.set(native, value);
    if alone.create_native_config().is_err() {
        return Err(Error::invalid(format!("'{java}' can't be '{value}'")).option(option_of(java)));
    }
    config.set(native, value);
    Ok(())
}

fn unknown(key: &str) -> Error {
    let error = Error::invalid(format!("there is no Kafka property '{key}'")).option(option_of(key));
    if let Some((_, java)) = NATIVE_NAMES.iter().find(|(native, _)| *native == key) {
        return error.hint(format!("the Java client's name is 'properties.{java}'"));
    }
    match nearest(key, PROPERTIES.iter().map(|(name, ..)| *name)) {
        Some(name) => error.hint(format!("did you mean 'properties.{name}'?")),
        None => error.hint("these are the Java client's properties, with its names"),
    }
}

pub fn option_of(key: &str) -> String {
    format!("properties.{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> Options {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn names_are_translated() {
        let consumer = translate(
            "b:1",
            &options(&[("fetch.max.wait.ms", "7"), ("max.partition.fetch.bytes", "99999"), ("acks", "1")]),
            Role::Consumer,
        )
        .unwrap();
        assert_eq!(consumer.get("fetch.wait.max.ms"), Some("7"));
        assert_eq!(consumer.get("fetch.message.max.bytes"), Some("99999"));
        assert_eq!(consumer.get("acks"), None, "belongs to producers");
        let producer = Role::Producer(DeliveryGuarantee::AtLeastOnce);
        let config = translate("b:1", &options(&[("acks", "1"), ("buffer.memory", "2048000")]), producer).unwrap();
        assert_eq!(config.get("enable.idempotence"), Some("false"), "as the Java client does");
        assert_eq!(config.get("queue.buffering.max.kbytes"), Some("2000"));
    }

    #[test]
    fn what_cant_be_kept_is_an_error() {
        let table = [
            ("fetch.min.byte", "1"),
            ("sasl.username", "me"),
            ("partitioner.class", "com.acme.P"),
            ("enable.auto.commit", "true"),
            ("linger.ms", "soon"),
            ("compression.type", "brotli"),
            ("isolation.level", "read_all"),
            ("auto.offset.reset", "middle"),
            ("unheard.of.thing", "1"),
        ];
        let text: Vec<String> =
            table.iter().map(|(k, v)| check(&options(&[(k, v)])).unwrap_err().to_string()).collect();
        expect_test::expect![[r#"
            there is no Kafka property 'fetch.min.byte' (option 'properties.fetch.min.byte'); did you mean 'properties.fetch.min.bytes'?
            there is no Kafka property 'sasl.username' (option 'properties.sasl.username'); the Java client's name is 'properties.sasl.jaas.config'
            not supported: Java classes for Kafka (option 'properties.partitioner.class'); use 'sink.partitioner'
            not supported: 'enable.auto.commit' = 'true' for Kafka (option 'properties.enable.auto.commit'); leave it out, or use 'false'
            'linger.ms' can't be 'soon' (option 'properties.linger.ms')
            'compression.type' can't be 'brotli' (option 'properties.compression.type')
            'isolation.level' can't be 'read_all' (option 'properties.isolation.level')
            'auto.offset.reset' must be one of earliest, latest, none, found 'middle' (option 'properties.auto.offset.reset')
            there is no Kafka property 'unheard.of.thing' (option 'properties.unheard.of.thing'); these are the Java client's properties, with its names"#]]
        .assert_eq(&text.join("\n"));
    }
}
