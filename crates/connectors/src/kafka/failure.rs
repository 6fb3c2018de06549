//! What Kafka's failures mean to the user, and what to do about each.

use std::time::Duration;

use flitz_dataflow::{Error, Place, Result};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode as Code;

use super::broker::TopicPartition;
use super::native::TransactionError;

/// Failures after which trying again is of no use: the cluster doesn't want us, or we don't trust it.
pub fn final_failure(address: &str, code: Code, reason: &str) -> Option<Error> {
    let reason = tidy(reason);
    let error = match code {
        Code::Authentication if reason.contains("not valid in current SASL state") => {
            Error::invalid(format!("Kafka at {address} takes no login at this port: it is no SASL listener"))
                .option("properties.security.protocol")
                .hint("use the address of the SASL listener, or 'properties.security.protocol' = 'PLAINTEXT'")
        }
        Code::Authentication | Code::SaslAuthenticationFailed => {
            Error::invalid(format!("Kafka at {address} refused the login: {reason}"))
                .option("properties.sasl.jaas.config")
                .hint("check user name, password and 'properties.sasl.mechanism'")
        }
        Code::UnsupportedSASLMechanism => {
            Error::invalid(format!("Kafka at {address} does not offer this way to log in: {reason}"))
                .option("properties.sasl.mechanism")
        }
        Code::SSL if reason.contains("certificate") || reason.contains("verify") => {
            Error::invalid(format!("the certificate of Kafka at {address} is not trusted: {reason}"))
                .option("properties.ssl.truststore.location")
                .hint("name the authority's certificate with 'properties.ssl.truststore.type' = 'PEM' and '….location'")
        }
        Code::Fatal => Error::unavailable(format!("the Kafka client gave up: {reason}")),
        _ => return None,
    };
    Some(error)
}

/// A cluster that did not answer in time; `complaint` is the last thing librdkafka said about it.
pub fn unreachable(address: &str, waited: Duration, complaint: Option<&str>) -> Error {
    let why = match complaint {
        Some(text) => format!(": {}", tidy(text)),
        None => String::new(),
    };
    let hint = match complaint {
        Some(text) if text.contains("PLAINTEXT broker listener") => {
            "the address may be a listener without TLS: check 'properties.security.protocol'"
        }
        Some(text) if text.contains("SSL listener") || text.contains("incorrect security.protocol") => {
            "the address may be a TLS or SASL listener: check 'properties.security.protocol'"
        }
        Some(_) => "is the broker running, and 'properties.bootstrap.servers' right?",
        // Somebody takes the connection and says nothing.
        None => "are 'properties.bootstrap.servers' and 'properties.security.protocol' right?",
    };
    Error::unavailable(format!("Kafka at {address} did not answer within {} s{why}", waited.as_secs())).hint(hint)
}

pub fn missing_topic(address: &str, topic: &str) -> Error {
    Error::invalid(format!("topic '{topic}' does not exist on Kafka at {address}"))
        .option("topic")
        .hint(format!("create it: kafka-topics.sh --bootstrap-server {address} --create --topic {topic}"))
}

/// A read position that the broker no longer has, or doesn't have yet.
pub fn offset_gone(partition: &TopicPartition, wanted: i64, available: Option<(i64, i64)>) -> Error {
    let TopicPartition { topic, partition } = partition;
    let available = match available {
        Some((low, high)) if low == high => format!("the partition is empty and goes on at {high}"),
        Some((low, high)) => format!("available are {low} to {}", high - 1),
        None => "what is available is not known".to_owned(),
    };
    Error::data(format!("partition {partition} of topic '{topic}' has no offset {wanted} any more; {available}"))
        .place(Place::Record { topic: topic.to_string(), partition: *partition, offset: wanted })
        .hint("retention removed records that were not read yet, or the topic was made anew; --fresh starts over")
}

/// An error that a partition reports in place of a record. Ok: it passes by itself.
pub fn of_partition(partition: &TopicPartition, position: i64, code: Code, text: &str) -> Result<()> {
    let TopicPartition { topic, partition: number } = partition;
    let text = tidy(text);
    match code {
        Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition => {
            Err(Error::unavailable(format!("partition {number} of topic '{topic}' is gone: {text}")))
        }
        Code::TopicAuthorizationFailed => {
            Err(Error::invalid(format!("reading topic '{topic}' is not allowed: {text}")).option("topic"))
        }
        Code::BadMessage | Code::BadCompression | Code::InvalidMessage => {
            let place = Place::Record { topic: topic.to_string(), partition: *number, offset: position };
            Err(Error::data(format!("a record is damaged: {text}")).place(place))
        }
        // Leader elections, lost connections: librdkafka goes on by itself.
        _ => {
            tracing::debug!(target: "flitz::kafka", topic = &**topic, partition = number, "{text}");
            Ok(())
        }
    }
}

/// A record that the client itself would not take.
pub fn refused_record(topic: Option<&str>, bytes: usize, code: Code, text: &str) -> Error {
    let topic = topic.unwrap_or("?");
    match code {
        Code::MessageSizeTooLarge => {
            Error::data(format!("a record of {bytes} bytes for topic '{topic}' is larger than the producer may send"))
                .hint("raise 'properties.max.request.size' and the topic's max.message.bytes")
        }
        Code::UnknownPartition => Error::data(format!("topic '{topic}' doesn't have this partition: {text}")),
        Code::UnknownTopic => Error::invalid(format!("topic '{topic}' does not exist")).option("topic"),
        _ => Error::unavailable(format!("a record for topic '{topic}' was refused: {}", tidy(text))),
    }
}

/// A record that the broker refused, or that could not be delivered in time.
pub fn undelivered(topic: &str, code: Code, complaint: Option<&str>) -> Error {
    match code {
        Code::MessageTimedOut => {
            let why = complaint.map(|c| format!(": {}", tidy(c))).unwrap_or_default();
            Error::unavailable(format!("records for topic '{topic}' could not be delivered in time{why}"))
        }
        Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition => {
            Error::invalid(format!("topic '{topic}' does not exist and the broker did not create it")).option("topic")
        }
        Code::TopicAuthorizationFailed => {
            Error::invalid(format!("writing to topic '{topic}' is not allowed")).option("topic")
        }
        Code::MessageSizeTooLarge => {
            Error::data(format!("a record for topic '{topic}' is larger than its max.message.bytes"))
        }
        _ => Error::unavailable(format!("a record for topic '{topic}' was not written: {code}")),
    }
}

/// Transactions could not be begun with.
pub fn no_coordinator(address: &str, waited: Duration, complaint: Option<&str>) -> Error {
    let why = complaint.map(|text| format!(": {}", tidy(text))).unwrap_or_default();
    let waited = waited.as_secs();
    Error::unavailable(format!("Kafka at {address} has had no coordinator for transactions for {waited} s{why}")).hint(
        "are all brokers running? fewer than transaction.state.log.replication.factor can't coordinate transactions",
    )
}

/// A transactional call that failed for good. `open_for`: how long the transaction had been open.
pub fn transaction(
    address: &str,
    prefix: &str,
    error: &TransactionError,
    open_for: Option<Duration>,
    timeout: Duration,
) -> Error {
    let text = tidy(&error.message);
    match error.code {
        Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch | Code::InvalidProducerIdMapping => {
            // The broker fences a producer too when it gives up its transaction.
            if open_for.is_some_and(|open| open >= timeout) {
                return Error::unavailable(format!(
                    "the transaction of '{prefix}' was open for longer than transaction.timeout.ms ({} s)",
                    timeout.as_secs()
                ))
                .hint("checkpoint more often, or raise 'properties.transaction.timeout.ms'");
            }
            Error::fenced(format!("a newer producer with transactional id prefix '{prefix}' has taken over"))
                .hint("two jobs, or two runs of one job, write with the same prefix")
        }
        Code::InvalidTransactionTimeout => {
            Error::invalid(format!("the broker allows no transaction of {} s", timeout.as_secs()))
                .option("properties.transaction.timeout.ms")
                .hint("lower it, or raise the broker's transaction.max.timeout.ms")
        }
        Code::TransactionalIdAuthorizationFailed | Code::ClusterAuthorizationFailed => {
            Error::invalid(format!("this login may not use transactional id '{prefix}-flitz': {text}"))
                .option("sink.transactional-id-prefix")
        }
        Code::GroupAuthorizationFailed => {
            Error::invalid(format!("this login may not commit offsets of group '{prefix}-flitz': {text}"))
                .option("sink.transactional-id-prefix")
        }
        _ => Error::unavailable(format!("a transaction on Kafka at {address} failed: {text}")),
    }
}

/// A configuration that librdkafka does not take: our table should have caught it.
pub fn bad_configuration(error: &KafkaError) -> Error {
    match error {
        // The value is not repeated: it may be a password.
        KafkaError::ClientConfig(_, reason, key, _) => Error::invalid(format!("Kafka client: {key}: {}", tidy(reason))),
        other => Error::invalid(format!("Kafka client: {other}")),
    }
}

/// `rd_kafka_new` failed: mostly files of keys and certificates that can't be read.
pub fn bad_client(address: &str, reason: &str) -> Error {
    let reason = tidy(reason);
    let error = Error::invalid(format!("no Kafka client for {address}: {reason}"));
    match reason.contains("ssl.") {
        true => error.hint("check the files and passwords named by 'properties.ssl.…'"),
        false => error,
    }
}

/// librdkafka's sentences without its prefixes, and without the state that its client was in.
fn tidy(text: &str) -> String {
    let text = text.trim();
    let text = match text.rfind("]: ") {
        Some(at) => &text[at + 3..],
        None => text,
    };
    let text = match text.find("/bootstrap: ") {
        Some(at) => &text[at + "/bootstrap: ".len()..],
        None => text,
    };
    let text = match text.rfind(" (after ") {
        Some(at) if text.contains(" in state ") => &text[..at],
        _ => text,
    };
    text.trim_end_matches('.').replace('\n', " ")
}
