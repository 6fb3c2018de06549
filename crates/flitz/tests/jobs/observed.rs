//! What a running job tells of itself: metrics, and why it is silent.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::harness::{JSON, Place, Running, exactly_once, topic_table};

const FILE: &str = "embedded:x.db";

/// Orders per ten seconds; unreadable records are skipped.
fn windows_job(settings: &str) -> String {
    let columns = "id BIGINT, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts";
    let options = format!("{JSON}, 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'");
    let input = topic_table(FILE, "orders", columns, &options);
    let output = topic_table(FILE, "sums", "orders BIGINT, ids BIGINT", &(JSON.to_owned() + &exactly_once("sums")));
    format!(
        "SET 'pipeline.name' = 'observed';\n{settings}{input}{output}\
         INSERT INTO sums SELECT COUNT(*), SUM(id) FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' \
         SECOND)) GROUP BY window_start, window_end;"
    )
}

fn order(id: u64, second: u64) -> String {
    format!(r#"{{"id":{id},"ts":"2024-01-01T00:00:{second:02}Z"}}"#)
}

fn scrape(running: &Running) -> Option<Metrics> {
    let said = running.stderr();
    let address = said.lines().find_map(|line| line.strip_prefix("metrics on http://")?.strip_suffix("/metrics"))?;
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(Metrics::parse(&text))
}

/// Values by name and labels.
struct Metrics {
    values: BTreeMap<String, Vec<(String, f64)>>,
    text: String,
}

impl Metrics {
    fn parse(text: &str) -> Metrics {
        let mut values: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            if let Ok(value) = value.parse() {
                values.entry(name.to_owned()).or_default().push((labels.trim_end_matches('}').to_owned(), value));
            }
        }
        Metrics { values, text: text.to_owned() }
    }

    /// All series of a name whose labels contain this text.
    fn all(&self, name: &str, label: &str) -> Vec<f64> {
        let series = self.values.get(name).into_iter().flatten();
        series.filter(|(labels, _)| labels.contains(label)).map(|(_, value)| *value).collect()
    }

    fn sum(&self, name: &str, label: &str) -> f64 {
        self.all(name, label).iter().sum()
    }

    #[track_caller]
    fn check(&self, name: &str, label: &str, is_sane: impl Fn(f64) -> bool) {
        let values = self.all(name, label);
        assert!(!values.is_empty(), "there is no {name} with {label}\n{}", self.text);
        assert!(values.iter().all(|value| is_sane(*value)), "{name} with {label}: {values:?}\n{}", self.text);
    }
}

#[test]
fn every_metric_of_a_running_job_is_there_and_sane() {
    let place = Place::new();
    let lines: Vec<String> = (0..9).map(|i| order(i, 1 + i)).chain((0..3).map(|i| order(100 + i, 12 + i))).collect();
    place.send(FILE, "orders", &lines.iter().map(String::as_str).collect::<Vec<_>>());
    let file = place.write("job.sql", &windows_job("SET 'table.exec.source.idle-timeout' = '200 ms';\n"));
    let mut running = place.flitz(["run", "--metrics", "127.0.0.1:0", file.to_str().unwrap()]).start();
    running.until("the first window is out", |r| scrape(r).filter(|m| m.sum("flitz_rows_out_total", "") >= 1.0));
    // One too late, one unreadable.
    place.send(FILE, "orders", &[&order(7, 2), "?"]);
    let metrics = running.until("all is counted", |r| {
        let complete = |m: &Metrics| {
            m.sum("flitz_late_rows_total", "") >= 1.0
                && m.sum("flitz_skipped_records_total", "") >= 1.0
                && m.sum("flitz_checkpoints_total", "") >= 1.0
        };
        scrape(r).filter(complete)
    });

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    const JOB: &str = "job=\"observed\"";
    let orders = "table=\"default_catalog.default_database.orders\"";
    let sums = "table=\"default_catalog.default_database.sums\"";
    let bytes: usize = lines.iter().map(String::len).sum();
    assert_eq!(metrics.sum("flitz_records_in_total", orders), 13.0);
    assert_eq!(metrics.sum("flitz_skipped_records_total", orders), 1.0);
    assert!(metrics.sum("flitz_bytes_in_total", orders) >= bytes as f64, "{}", metrics.text);
    assert_eq!(metrics.sum("flitz_rows_out_total", sums), 1.0);
    assert!(metrics.sum("flitz_bytes_out_total", sums) >= r#"{"orders":9,"ids":36}"#.len() as f64, "{}", metrics.text);
    assert_eq!(metrics.sum("flitz_late_rows_total", JOB), 1.0);
    for split in 0..3 {
        let split = format!("split=\"orders-{split}\"");
        metrics.check("flitz_split_lag_records", &split, |lag| lag == 0.0);
        // 2024-01-01T00:00:12Z to :14Z
        metrics.check("flitz_split_watermark_seconds", &split, |w| (1_704_067_212.0..=1_704_067_214.0).contains(&w));
        let lag = now - 1_704_067_213.0;
        metrics.check("flitz_watermark_lag_seconds", &split, |value| (value - lag).abs() < 60.0);
    }
    for histogram in ["flitz_event_latency_seconds", "flitz_processing_latency_seconds"] {
        metrics.check(&format!("{histogram}_count"), orders, |count| count >= 1.0);
        metrics.check(&format!("{histogram}_sum"), orders, |seconds| seconds > 0.0 && seconds < 600.0);
        metrics.check(&format!("{histogram}_bucket"), "le=\"+Inf\"", |count| count >= 1.0);
    }
    metrics.check("flitz_checkpoint_duration_seconds_sum", JOB, |seconds| seconds > 0.0 && seconds < 60.0);
    metrics.check("flitz_checkpoint_duration_seconds_count", JOB, |count| count >= 1.0);
    metrics.check("flitz_checkpoint_bytes", JOB, |bytes| bytes > 100.0);
    metrics.check("flitz_checkpoint_epoch", JOB, |epoch| epoch >= 1.0);
    metrics.check("flitz_checkpoint_age_seconds", JOB, |age| (0.0..60.0).contains(&age));
    assert!(metrics.sum("flitz_state_rows", JOB) >= 1.0, "{}", metrics.text);
    assert!(metrics.sum("flitz_state_bytes", JOB) > 0.0, "{}", metrics.text);
    metrics.check("flitz_state_bytes", "operator=\"", |bytes| bytes >= 0.0);
    assert!(metrics.sum("flitz_memory_bytes", JOB) > 0.0, "{}", metrics.text);
    metrics.check("process_resident_memory_bytes", "", |bytes| bytes > 5e6 && bytes < 2e9);
    // Each is explained.
    for name in metrics.values.keys().filter(|name| name.starts_with("flitz_")) {
        let name = ["_bucket", "_sum", "_count"].iter().fold(name.as_str(), |n, end| n.strip_suffix(end).unwrap_or(n));
        assert!(metrics.text.contains(&format!("# HELP {name} ")), "{name} is not explained");
    }
    let ended = running.stop().succeeded();
    assert!(ended.stderr.contains("observed: 1 unreadable record was skipped"), "{}", ended.stderr);
    assert!(ended.stderr.contains("observed: 1 row came too late for a window and was dropped"), "{}", ended.stderr);
}

#[test]
fn silence_is_explained() {
    let place = Place::new();
    // All partitions but one are silent, and nothing says that they may be left out.
    place.send(FILE, "orders", &[&order(1, 1)]);
    let file = place.write("job.sql", &windows_job(""));
    let mut running = place.flitz(["run", file.to_str().unwrap()]).start();
    let said =
        running.until("it says why", |r| r.stderr().lines().find(|line| line.contains("no output")).map(str::to_owned));
    let expected = "observed: no output for 10 s: no window has ended: orders-1 of default_catalog.default_database.orders \
                    has shown no row yet and holds the watermark back; SET 'table.exec.source.idle-timeout' = '5 s' leaves \
                    silent partitions out";
    assert_eq!(said.replace("orders-2", "orders-1"), expected);
    running.stop().succeeded();
}

#[test]
fn a_silent_input_is_named() {
    let place = Place::new();
    place.send(FILE, "orders", &[&order(1, 1)]);
    let file = place.write("job.sql", &windows_job("SET 'table.exec.source.idle-timeout' = '100 ms';\n"));
    let mut running = place.flitz(["run", file.to_str().unwrap()]).start();
    let said =
        running.until("it says why", |r| r.stderr().lines().find(|line| line.contains("no output")).map(str::to_owned));
    // Whether the row was seen before its partition fell silent together with the others is a matter of chance.
    let said = said.replace("the watermark stays at 2024-01-01T00:00:01", "there is no watermark");
    assert_eq!(
        said,
        "observed: no output for 10 s: no window has ended: all partitions of default_catalog.default_database.orders are \
         silent, and there is no watermark until more rows come"
    );
    running.stop().succeeded();
}

#[test]
fn an_empty_input_is_named() {
    let place = Place::new();
    let file = place.write("job.sql", &windows_job(""));
    let mut running = place.flitz(["run", file.to_str().unwrap()]).start();
    let said =
        running.until("it says why", |r| r.stderr().lines().find(|line| line.contains("no output")).map(str::to_owned));
    assert_eq!(said, "observed: no output for 10 s: no record has come from default_catalog.default_database.orders");
    running.stop().succeeded();
}
