//! What Flitz says over HTTP. Today: Prometheus metrics.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use flitz_dataflow::{Error, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

/// Upper bounds of latency histograms, seconds: from a millisecond in processing to minutes of event time.
const LATENCY_BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

/// Collects metrics from here on and serves them as Prometheus text on `/metrics`, from a thread of its own,
/// until the process ends. Returns the address it listens on (the port may have been 0).
pub fn serve_metrics(address: SocketAddr) -> Result<SocketAddr> {
    let unavailable = |e: &dyn std::fmt::Display| {
        Error::unavailable(format!("cannot serve metrics on {address}: {e}")).hint("choose another --metrics address")
    };
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), LATENCY_BUCKETS)
        .map_err(|e| unavailable(&e))?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|e| unavailable(&e))?;

    let listener = std::net::TcpListener::bind(address).map_err(|e| unavailable(&e))?;
    let bound = listener.local_addr().map_err(|e| unavailable(&e))?;
    listener.set_nonblocking(true).map_err(|e| unavailable(&e))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| unavailable(&e))?;
    let serve = async move {
        let upkeep = handle.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(5)).await;
                upkeep.run_upkeep();
            }
        });
        let text = move || async move {
            set_process_metrics();
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
        };
        let routes = Router::new().route("/metrics", get(text));
        match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => axum::serve(listener, routes).await,
            Err(e) => Err(e),
        }
    };
    thread::Builder::new()
        .name("flitz-metrics".to_owned())
        .spawn(move || {
            if let Err(e) = runtime.block_on(serve) {
                tracing::error!("metrics on {bound} ended: {e}");
            }
        })
        .map_err(|e| unavailable(&e))?;
    Ok(bound)
}

/// Memory as the kernel counts it.
fn set_process_metrics() {
    metrics::describe_gauge!("process_resident_memory_bytes", "Resident memory of the process");
    if let Some(bytes) = resident_memory_bytes() {
        metrics::gauge!("process_resident_memory_bytes").set(bytes as f64);
    }
}

/// Resident memory of this process; None where the system has no /proc.
pub fn resident_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    #[test]
    fn metrics_are_served_as_prometheus_text() {
        let address = super::serve_metrics("127.0.0.1:0".parse().unwrap()).unwrap();
        metrics::counter!("flitz_test_total", "table" => "orders").increment(3);
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.contains("flitz_test_total{table=\"orders\"} 3"), "{text}");
        assert!(text.contains("process_resident_memory_bytes"), "{text}");
    }
}
