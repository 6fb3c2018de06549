//! Whether the brokers of the partitions being read answer, by librdkafka's statistics.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A broker with nothing new still answers each fetch, within `fetch.max.wait.ms` (default here 100 ms).
const SILENCE_MAX_MICROS: i64 = 3_000_000;

/// The part of a STATISTICS document that is looked at.
#[derive(Deserialize)]
struct Statistics {
    brokers: BTreeMap<String, BrokerState>,
    topics: BTreeMap<String, TopicState>,
}

#[derive(Deserialize)]
struct BrokerState {
    nodeid: i64,
    state: String,
    /// Since the last byte received; -1: none yet on this connection.
    rxidle: i64,
}

#[derive(Deserialize)]
struct TopicState {
    partitions: BTreeMap<String, PartitionState>,
}

#[derive(Deserialize)]
struct PartitionState {
    leader: i64,
    desired: bool,
}

/// Every partition that is wanted has a leader whose connection is up and not silent.
pub fn answers(json: &[u8]) -> serde_json::Result<bool> {
    let statistics: Statistics = serde_json::from_slice(json)?;
    let up = |leader: i64| {
        let is_up =
            |b: &BrokerState| b.nodeid == leader && b.state == "UP" && (0..SILENCE_MAX_MICROS).contains(&b.rxidle);
        statistics.brokers.values().any(is_up)
    };
    let mut wanted = statistics.topics.values().flat_map(|t| t.partitions.values()).filter(|p| p.desired);
    Ok(wanted.all(|p| up(p.leader)))
}

#[cfg(test)]
mod tests {
    use super::answers;

    fn statistics(state: &str, rxidle: i64, leader: i64) -> String {
        format!(
            r#"{{"name": "x", "brokers": {{
                "b:1/1": {{"name": "b:1/1", "nodeid": 1, "state": "{state}", "rxidle": {rxidle}}},
                "boot": {{"nodeid": -1, "state": "DOWN", "rxidle": -1}} }},
             "topics": {{"t": {{"topic": "t", "partitions": {{
                "0": {{"partition": 0, "leader": {leader}, "desired": true}},
                "-1": {{"partition": -1, "leader": -1, "desired": false}} }} }} }} }}"#
        )
    }

    #[test]
    fn a_broker_answers_when_it_is_up_and_was_heard_lately() {
        let table =
            [("UP", 20_000, 1, true), ("DOWN", -1, 1, false), ("UP", 9_000_000, 1, false), ("UP", 10, -1, false)];
        for (state, rxidle, leader, expected) in table {
            assert_eq!(answers(statistics(state, rxidle, leader).as_bytes()).unwrap(), expected, "{state} {rxidle}");
        }
    }
}
